// Package cli holds the commands and all wiring: it is the only room that
// knows every other.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
)

// Exit codes.
const (
	exitOK    = 0 // done, and nothing to hold
	exitError = 1 // it did not work: the error says why
	exitUsage = 2 // the command line is wrong
	exitHeld  = 3 // done, and the change would be held, or the ledger is broken
)

// IO is what a command may touch of the process it runs in.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Color    bool // Out is a terminal that shows colours
	Terminal bool // In is a terminal, where somebody can be asked
}

type commands struct {
	Serve    serveCmd    `cmd:"" help:"Run the GitHub App: take webhooks, judge, publish the check."`
	Score    scoreCmd    `cmd:"" help:"Judge a range of a local git repository. Needs no token and no network."`
	Judge    judgeCmd    `cmd:"" help:"Judge changes given as JSON lines, a verdict per line."`
	Rules    rulesCmd    `cmd:"" help:"Check and explain rules files."`
	Doctor   doctorCmd   `cmd:"" help:"Check the whole installation: key, permissions, webhook, ledger, rules files, required checks."`
	Require  requireCmd  `cmd:"" help:"Make GitHub require the check, pinned to the App, with an administrator's own token."`
	Holds    holdsCmd    `cmd:"" help:"List what waits for people."`
	Approve  approveCmd  `cmd:"" help:"Approve what a gate holds, signed in at GitHub."`
	Deny     denyCmd     `cmd:"" help:"Deny what a gate holds, signed in at GitHub."`
	Override overrideCmd `cmd:"" help:"Release at once, where the rules let you break the glass."`
	Review   reviewCmd   `cmd:"" help:"Say that you have looked at somebody else's override."`
	Ledger   ledgerCmd   `cmd:"" help:"Verify and export the record of everything."`
	Demo     demoCmd     `cmd:"" help:"Play a story on this machine, with a GitHub of its own."`
	Config   configCmd   `cmd:"" help:"Print the configuration that serve would use, secrets redacted."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// held is returned by a command that ended well and found something to hold.
var errHeld = errors.New("the change would be held")

// errBroken is returned by a command that read a ledger which is not whole.
var errBroken = errors.New("the ledger is broken")

// reported is an error that the command has printed already.
var errReported = errors.New("already reported")

// Run runs the command line in args and returns the exit code.
func Run(ctx context.Context, args []string, std IO) int {
	var c commands
	exited, code := false, exitOK
	parser, err := kong.New(&c,
		kong.Name("gatehold"),
		kong.Description("gatehold holds what AI agents do on GitHub until an entitled human says yes."),
		kong.Vars(config.Help), kong.Vars(help),
		kong.Writers(std.Out, std.Err),
		kong.Exit(func(status int) { exited, code = true, status }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(std.Err, "gatehold:", err)
		return exitError
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited { // --help was answered
		return code
	}
	if err != nil {
		fmt.Fprintf(std.Err, "gatehold: %s\nTry gatehold --help.\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return finish(parsed.Run(std), std)
}

// finish says what went wrong, in a sentence, and picks the exit code.
func finish(err error, std IO) int {
	var known *gate.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errHeld), errors.Is(err, errBroken):
		return exitHeld
	case errors.Is(err, errReported):
		return exitError
	case errors.As(err, &known):
		fmt.Fprintf(std.Err, "gatehold: %s (%s)\n", known.Text, known.Code)
		if known.Code == "usage" {
			return exitUsage
		}
	default:
		fmt.Fprintf(std.Err, "gatehold: %s\n", err)
	}
	return exitError
}

func usage(format string, args ...any) error {
	return &gate.Error{Code: "usage", Text: fmt.Sprintf(format, args...)}
}
