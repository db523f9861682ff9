// Package command is what the commands share: how they are declared, what they may
// touch, how they print, and how they end.
package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// runner is a command whose flags and arguments are set.
type runner interface {
	Run(ctx context.Context, std IO) error
}

// New is a command that runs r: use is its name and what its arguments are
// called, short what it does, and more what its help says beside that. It takes
// no arguments until it is given some.
func New(std IO, r runner, use, short, more string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: strings.TrimSpace(short + "\n\n" + more),
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := r.Run(cmd.Context(), std); err != nil {
				return ended{err}
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	return cmd
}

// Group is a command of which only its own commands can be run. A word that is none
// of them is an error: a script that has one mistyped does not go on.
func Group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, SuggestionsMinimumDistance: 2,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			names := make([]string, 0, len(cmd.Commands()))
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return fmt.Errorf("%s is followed by one of: %s", cmd.CommandPath(), strings.Join(names, ", "))
		},
	}
	cmd.AddCommand(commands...)
	return cmd
}

func unknownCommand(cmd *cobra.Command, word string) error {
	meant := ""
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		meant = fmt.Sprintf(", did you mean %s?", strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q of %s%s", word, cmd.CommandPath(), meant)
}

func noArguments(cmd *cobra.Command, args []string) error { return atMost(cmd, args, 0) }

// Argument is the one argument of a command, which has to be given.
func Argument(to *string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			_, name, _ := strings.Cut(cmd.Use, " ")
			return fmt.Errorf("%s wants its argument %s", cmd.CommandPath(), name)
		}
		*to = args[0]
		return atMost(cmd, args, 1)
	}
}

// Optional is the one argument of a command, which keeps its value if it is left out.
func Optional(to *string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			*to = args[0]
		}
		return atMost(cmd, args, 1)
	}
}

func atMost(cmd *cobra.Command, args []string, n int) error {
	if len(args) > n {
		return fmt.Errorf("unexpected argument %q of %s", args[n], cmd.CommandPath())
	}
	return nil
}
