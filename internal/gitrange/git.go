// Package gitrange reads a change from a local git repository: real objects,
// by the git command, without a token and without the network.
//
// The repository may be hostile. Only plumbing commands run, that start no
// hook, no filter, no external diff and no pager, and that fetch nothing.
package gitrange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// repo is a directory with a git repository.
type repo struct {
	dir string
}

// maxOutput bounds what one git command may print.
const maxOutput = 256 << 20

func (r repo) command(ctx context.Context, args ...string) *exec.Cmd {
	safe := []string{
		"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
		"-c", "protocol.allow=never", "-c", "core.pager=cat", "--no-replace-objects",
		"-C", r.dir,
	}
	cmd := exec.CommandContext(ctx, "git", append(safe, args...)...)
	cmd.Env = append(environment(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1", "LC_ALL=C")
	return cmd
}

// environment is ours without what would point git at another repository.
func environment() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_EXTERNAL_DIFF":
			continue
		}
		env = append(env, kv)
	}
	return env
}

// run returns what a git command prints.
func (r repo) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, &gate.Error{Code: "git_missing", Text: "The git command was not found. Install git and try again.", Err: err}
		}
		return nil, err
	}
	text, rerr := io.ReadAll(io.LimitReader(out, maxOutput+1))
	if len(text) > maxOutput {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, &gate.Error{Code: "range_too_large", Text: "The range is too large to be read."}
	}
	if err := errors.Join(rerr, cmd.Wait()); err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return text, nil
}

// line returns the first line that a git command prints.
func (r repo) line(ctx context.Context, args ...string) (string, error) {
	out, err := r.run(ctx, args...)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return first, nil
}

// commit resolves a revision to a commit.
func (r repo) commit(ctx context.Context, rev string) (string, error) {
	sha, err := r.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil || sha == "" {
		var known *gate.Error
		if errors.As(err, &known) {
			return "", err
		}
		return "", &gate.Error{Code: "revision_unknown", Text: fmt.Sprintf("%q is not a commit of this repository.", rev), Err: err}
	}
	return sha, nil
}
