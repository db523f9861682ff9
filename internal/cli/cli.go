// Package cli holds the commands and all wiring: it is the only room that
// knows every other.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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

// held is returned by a command that ended well and found something to hold.
var errHeld = errors.New("the change would be held")

// errBroken is returned by a command that read a ledger which is not whole.
var errBroken = errors.New("the ledger is broken")

// reported is an error that the command has printed already.
var errReported = errors.New("already reported")

// Run runs the command line in args and returns the exit code.
func Run(ctx context.Context, args []string, std IO) int {
	root := rootCommand(std)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var ran ended
	if err == nil || errors.As(err, &ran) {
		return finish(ran.error, std)
	}
	fmt.Fprintf(std.Err, "gatehold: %s\nTry gatehold --help.\n", err)
	return exitUsage
}

// The groups of commands in the help.
const (
	groupService = "service"
	groupPeople  = "people"
	groupLocal   = "local"
)

func rootCommand(std IO) *cobra.Command {
	root := group("gatehold", "gatehold holds what AI agents do on GitHub until an entitled human says yes.")
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.Version = versionText()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	root.AddGroup(&cobra.Group{ID: groupLocal, Title: "Without a server:"},
		&cobra.Group{ID: groupPeople, Title: "Answer what is held:"},
		&cobra.Group{ID: groupService, Title: "Run the App:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupLocal, demoCommand(std), scoreCommand(std), judgeCommand(std), rulesCommand(std))
	add(groupPeople, holdsCommand(std), approveCommand(std), denyCommand(std), overrideCommand(std), reviewCommand(std))
	add(groupService, serveCommand(std), configCommand(std), doctorCommand(std), requireCommand(std), ledgerCommand(std))
	root.AddCommand(versionCommand(std))
	return root
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
