package gitrange_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gitrange"
)

// checkout is a real repository in a temporary directory.
type checkout struct {
	t   *testing.T
	dir string
}

func newCheckout(t *testing.T) *checkout {
	c := &checkout{t: t, dir: t.TempDir()}
	c.git("init", "-q", "-b", "main")
	return c
}

func (c *checkout) git(args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", c.dir,
		"-c", "user.name=Ana", "-c", "user.email=ana@acme.example", "-c", "commit.gpgsign=false"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *checkout) write(path, text string) {
	c.t.Helper()
	full := filepath.Join(c.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *checkout) commit(message string) string {
	c.t.Helper()
	c.git("add", "-A")
	c.git("commit", "-q", "--allow-empty", "-m", message)
	return c.git("rev-parse", "HEAD")
}

func (c *checkout) open(ask gitrange.Ask) *gitrange.Range {
	c.t.Helper()
	ask.Dir = c.dir
	r, err := gitrange.Open(context.Background(), ask)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := r.Texts(context.Background(), func(*change.File) bool { return true }); err != nil {
		c.t.Fatal(err)
	}
	return r
}

func file(t *testing.T, r *gitrange.Range, path string) change.File {
	t.Helper()
	for _, f := range r.Change.Files {
		if f.Path == path {
			return f
		}
	}
	t.Fatalf("%s is not in the change", path)
	return change.File{}
}

func TestARangeIsReadWhole(t *testing.T) {
	c := newCheckout(t)
	c.write("keep.txt", "same\n")
	c.write("edit.txt", "one\ntwo\n")
	c.write("gone.txt", "bye\n")
	c.write("old name.txt", strings.Repeat("a long enough text to be recognised\n", 20))
	c.write("run.sh", "#!/bin/sh\n")
	base := c.commit("Begin")
	c.git("switch", "-q", "-c", "feature")
	c.write("edit.txt", "one\nthree\n")
	c.write("ünïcode\tand tab.txt", "new\n")
	c.write("image.bin", "\x00\x01")
	c.write("latin1.txt", "caf\xe9\n")
	c.git("rm", "-q", "gone.txt")
	c.git("mv", "old name.txt", "new name.txt")
	if err := os.Chmod(filepath.Join(c.dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(c.dir, "link")); err != nil {
		t.Fatal(err)
	}
	head := c.commit("Change\n\nCo-authored-by: Claude <noreply@anthropic.com>")
	c.git("switch", "-q", "main")
	c.write("later.txt", "on main\n")
	c.commit("Go on")

	r := c.open(gitrange.Ask{Base: "main", Head: "feature", Author: "fixer[bot]"})
	if r.Change.Base != base || r.Change.Head != head {
		t.Errorf("the range is %s..%s, want %s..%s", r.Change.Base, r.Change.Head, base, head)
	}
	if r.Change.Author.Type != change.Bot || r.Change.HeadRef != "feature" || r.Change.Title != "Change" {
		t.Errorf("author %+v, head ref %q, title %q", r.Change.Author, r.Change.HeadRef, r.Change.Title)
	}
	if n := len(r.Change.Commits); n != 1 || !strings.Contains(r.Change.Commits[0].Message, "Co-authored-by: Claude") {
		t.Errorf("commits: %+v", r.Change.Commits)
	}
	if n := len(r.Change.Files); n != 8 {
		t.Errorf("%d files, want 8: %+v", n, r.Change.Files)
	}
	f := file(t, r, "edit.txt")
	if f.Status != change.Modified || f.Before.Body != "one\ntwo\n" || f.After.Body != "one\nthree\n" {
		t.Errorf("edit.txt: %+v", f)
	}
	if f := file(t, r, "gone.txt"); f.Status != change.Removed || f.After.State != change.Absent || f.Before.Body != "bye\n" {
		t.Errorf("gone.txt: %+v", f)
	}
	if f := file(t, r, "new name.txt"); f.Status != change.Renamed || f.PreviousPath != "old name.txt" {
		t.Errorf("new name.txt: %+v", f)
	}
	if f := file(t, r, "run.sh"); f.Status != change.Changed || f.Mode != change.ModeExecutable || f.PreviousMode != change.ModeFile {
		t.Errorf("run.sh: %+v", f)
	}
	if f := file(t, r, "link"); f.Mode != change.ModeSymlink || f.After.Body != "/etc/passwd" {
		t.Errorf("link: %+v", f)
	}
	if f := file(t, r, "image.bin"); f.After.State != change.Unreadable || f.After.Reason != "binary" {
		t.Errorf("image.bin: %+v", f)
	}
	if f := file(t, r, "latin1.txt"); f.After.State != change.Unreadable || f.After.Reason != "not UTF-8" {
		t.Errorf("latin1.txt: %+v", f)
	}
	if f := file(t, r, "ünïcode\tand tab.txt"); f.Status != change.Added || f.After.Body != "new\n" {
		t.Errorf("unicode path: %+v", f)
	}
}

func TestDefaults(t *testing.T) {
	c := newCheckout(t)
	c.write("a", "1\n")
	first := c.commit("First")
	if r := c.open(gitrange.Ask{}); len(r.Change.Files) != 1 || r.Change.Files[0].Status != change.Added {
		t.Errorf("the first commit of all is read as %+v", r.Change.Files)
	}
	c.write("a", "2\n")
	second := c.commit("Second")
	if r := c.open(gitrange.Ask{}); r.Change.Base != first || r.Change.Head != second {
		t.Errorf("on the default branch the range is %s..%s, want the last commit", r.Change.Base, r.Change.Head)
	}
	c.git("switch", "-q", "-c", "work")
	c.write("b", "1\n")
	c.commit("Third")
	c.write("b", "2\n")
	c.commit("Fourth")
	if r := c.open(gitrange.Ask{}); r.Change.Base != second || len(r.Change.Commits) != 2 {
		t.Errorf("on a branch the base is %s with %d commits", r.Change.Base, len(r.Change.Commits))
	}
}

func TestRulesComeAsRegularFilesOnly(t *testing.T) {
	c := newCheckout(t)
	c.write("rules.yml", "version: 1\n")
	if err := os.Symlink("rules.yml", filepath.Join(c.dir, "link.yml")); err != nil {
		t.Fatal(err)
	}
	head := c.commit("Rules")
	r := c.open(gitrange.Ask{})
	text, ok, err := r.File(context.Background(), head, "rules.yml")
	if err != nil || !ok || text != "version: 1\n" {
		t.Errorf("rules.yml: %q, %v, %v", text, ok, err)
	}
	for _, path := range []string{"link.yml", "none.yml"} {
		if _, ok, err := r.File(context.Background(), head, path); ok || err != nil {
			t.Errorf("%s: %v, %v", path, ok, err)
		}
	}
}

// TestAHostileRepositoryRunsNothing sets every hook into configuration that a
// repository can bring, and sees that none of it runs.
func TestAHostileRepositoryRunsNothing(t *testing.T) {
	c := newCheckout(t)
	c.write("a.txt", "1\n")
	c.commit("First")
	trap := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "trap.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+trap+"\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.smudge",
		"filter.x.clean", "core.pager"} {
		c.git("config", key, script)
	}
	c.write(".gitattributes", "*.txt diff=x filter=x\n")
	c.write("a.txt", "2\n")
	c.commit("Second")
	if err := os.Remove(trap); err != nil && !errors.Is(err, os.ErrNotExist) { // adding files may have run the filter
		t.Fatal(err)
	}
	c.open(gitrange.Ask{})
	if _, err := os.Stat(trap); err == nil {
		t.Error("reading the range ran a command of the repository")
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	c := newCheckout(t)
	c.write("a", "1\n")
	c.commit("First")
	c.git("switch", "-q", "--orphan", "other")
	c.commit("Unrelated")
	for name, test := range map[string]struct {
		ask  gitrange.Ask
		code string
	}{
		"no repository":  {gitrange.Ask{Dir: t.TempDir()}, "not_a_repository"},
		"no such commit": {gitrange.Ask{Dir: c.dir, Head: "nonsense"}, "revision_unknown"},
		"an option":      {gitrange.Ask{Dir: c.dir, Head: "--output=/tmp/x"}, "revision_unknown"},
		"unrelated":      {gitrange.Ask{Dir: c.dir, Base: "main", Head: "other"}, "unrelated_history"},
	} {
		_, err := gitrange.Open(context.Background(), test.ask)
		if got := gate.AsError(err).Code; got != test.code {
			t.Errorf("%s: code %q, want %q (%v)", name, got, test.code, err)
		}
	}
}
