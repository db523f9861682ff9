// Package cli is the command line: the root of all commands, and those that need no
// room of their own.
package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/credential"
	"github.com/gatehold/gatehold/internal/cli/demo"
	"github.com/gatehold/gatehold/internal/cli/doctor"
	"github.com/gatehold/gatehold/internal/cli/require"
	"github.com/gatehold/gatehold/internal/cli/rules"
)

// Run runs the command line in args and returns the exit code.
func Run(ctx context.Context, args []string, std command.IO) int {
	return command.Execute(ctx, rootCommand(std), args, std)
}

// The groups of commands in the help.
const (
	groupService = "service"
	groupPeople  = "people"
	groupLocal   = "local"
)

func rootCommand(std command.IO) *cobra.Command {
	root := command.Group("gatehold", "gatehold holds what AI agents do on GitHub until an entitled human says yes.")
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.Version = versionText()
	root.AddGroup(&cobra.Group{ID: groupLocal, Title: "Without a server:"},
		&cobra.Group{ID: groupPeople, Title: "Answer what is held:"},
		&cobra.Group{ID: groupService, Title: "Run the App:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupLocal, demo.Command(std), scoreCommand(std), judgeCommand(std), rules.Command(std))
	add(groupPeople, holdsCommand(std), approveCommand(std), denyCommand(std), overrideCommand(std), reviewCommand(std))
	add(groupService, serveCommand(std), configCommand(std), doctor.Command(std), require.Command(std), ledgerCommand(std),
		peopleCommand(std), credential.Command(std), credential.ProbeCommand(std))
	root.AddCommand(versionCommand(std))
	return root
}
