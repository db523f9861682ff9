// Package cli holds the commands and all wiring: it is the only room that
// knows every other.
package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

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
