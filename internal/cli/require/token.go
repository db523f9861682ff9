package require

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
)

// maxTokenFile is more than any token has.
const maxTokenFile = 64 << 10

// ghTime is how long gh may take; it reads a file or asks a keyring.
const ghTime = 10 * time.Second

// adminToken finds an administrator's own token. It is not stored, and no error
// repeats it.
func adminToken(ctx context.Context, file, github string, std command.IO) (string, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		switch {
		case err != nil:
			return "", &gate.Error{Code: "token", Text: fmt.Sprintf("The token's file cannot be read: %v.", err)}
		case len(text) > maxTokenFile || len(bytes.TrimSpace(text)) == 0:
			return "", &gate.Error{Code: "token", Text: fmt.Sprintf("The file %s holds no token.", file)}
		}
		return string(bytes.TrimSpace(text)), nil
	}
	if token := command.FirstOf(std.Getenv("GATEHOLD_ADMIN_TOKEN"), std.Getenv("GITHUB_TOKEN")); token != "" {
		return token, nil
	}
	missing := command.Usage("An administrator's own token is needed: --token-file FILE, GATEHOLD_ADMIN_TOKEN, GITHUB_TOKEN, or be " +
		"signed in with gh.")
	gh, err := exec.LookPath("gh")
	if err != nil {
		return "", missing
	}
	ctx, cancel := context.WithTimeout(ctx, ghTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, gh, "auth", "token", "--hostname", ghHost(github))
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	token := string(bytes.TrimSpace(out))
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) || err == nil && token == "":
		return "",
			command.Usage("gh has no token for %s: run gh auth login, or give one by --token-file, GATEHOLD_ADMIN_TOKEN or "+
				"GITHUB_TOKEN.", ghHost(github))
	case err != nil || len(token) > maxTokenFile:
		return "", missing
	}
	return token, nil
}

// ghHost is the host that gh knows a GitHub by: the one that people use.
func ghHost(github string) string {
	web := config.Config{GitHubURL: github}.WebURL()
	_, host, _ := strings.Cut(web, "://")
	return host
}
