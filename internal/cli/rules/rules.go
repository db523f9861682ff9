// Package rules holds the commands about rules files.
package rules

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Command is what the command line has of this package.
func Command(std command.IO) *cobra.Command {
	return command.Group("rules", "Check and explain rules files.", checkCommand(std), explainCommand(std), initCommand(std),
		testCommand(std), suggestCommand(std), previewCommand(std))
}

// OrgHelp is the help of --org, wherever rules are read from files.
const OrgHelp = "`FILE` with the organisation's rules, which are the floor."

type checkCmd struct {
	File string
	Org  string
	JSON bool
}

func checkCommand(std command.IO) *cobra.Command {
	c := &checkCmd{}
	cmd := command.New(std, c, "check FILE", "Say what is wrong in a rules file, with line and column.",
		"FILE is .github/gatehold.yml of a repository.")
	cmd.Args = command.Argument(&c.File)
	cmd.Flags().StringVar(&c.Org, "org", "", OrgHelp)
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print the problems as JSON.")
	return cmd
}

func (c *checkCmd) Run(_ context.Context, std command.IO) error {
	rules, err := Load(c.Org, c.File)
	var problems rulesfile.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if c.JSON {
		if problems == nil {
			problems = rulesfile.Problems{}
		}
		if err := command.WriteJSON(std.Out, problems); err != nil {
			return err
		}
	} else if len(problems) == 0 {
		fmt.Fprintf(std.Out, "%s: no problem found\n", c.File)
	}
	if rules != nil {
		for _, unmet := range rules.Unmet() {
			fmt.Fprintf(std.Err, "%s: warning: %s\n", c.File, unmet)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	if !c.JSON {
		for _, p := range problems {
			fmt.Fprintln(std.Err, p)
		}
	}
	return command.ErrReported
}

type explainCmd struct {
	File string
	Org  string
	JSON bool
}

func explainCommand(std command.IO) *cobra.Command {
	c := &explainCmd{}
	cmd := command.New(std, c, "explain [FILE]", "Say what is in force, from which file, and what was overruled.",
		"Without a FILE the built-in default is explained.")
	cmd.Args = command.Optional(&c.File)
	cmd.Flags().StringVar(&c.Org, "org", "", OrgHelp)
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

func (c *explainCmd) Run(_ context.Context, std command.IO) error {
	rules, err := Load(c.Org, c.File)
	if err != nil {
		return err
	}
	explanation := rules.Explain()
	if c.JSON {
		return command.WriteJSON(std.Out, explanation)
	}
	_, err = fmt.Fprint(std.Out, explanation.Text())
	return err
}

// Load compiles rules from files on disk; an empty name is no file.
func Load(org, repo string) (*policy.Rules, error) {
	orgFile, orgErr := ParseFile(org)
	repoFile, repoErr := ParseFile(repo)
	if orgErr != nil || repoErr != nil {
		return nil, joinProblems(orgErr, repoErr)
	}
	return policy.Compile(orgFile, repoFile)
}

// ParseFile parses a rules file on disk; an empty name is no file, and nil.
func ParseFile(name string) (*rulesfile.File, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &gate.Error{Code: "rules_unreadable", Text: err.Error(), Err: err}
	}
	return rulesfile.Parse(rulesfile.Source{Name: name, Text: text})
}

// joinProblems keeps the problems of two files together, so that both are
// shown at once.
func joinProblems(errs ...error) error {
	var all rulesfile.Problems
	for _, err := range errs {
		var problems rulesfile.Problems
		switch {
		case err == nil:
		case errors.As(err, &problems):
			all = append(all, problems...)
		default:
			return err
		}
	}
	return all
}
