package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

func rulesCommand(std IO) *cobra.Command {
	return group("rules", "Check and explain rules files.", rulesCheckCommand(std), rulesExplainCommand(std), rulesInitCommand(std),
		rulesTestCommand(std), rulesSuggestCommand(std), rulesPreviewCommand(std))
}

// orgHelp is the help of --org, wherever rules are read from files.
const orgHelp = "`FILE` with the organisation's rules, which are the floor."

type rulesCheckCmd struct {
	File string
	Org  string
	JSON bool
}

func rulesCheckCommand(std IO) *cobra.Command {
	c := &rulesCheckCmd{}
	cmd := command(std, c, "check FILE", "Say what is wrong in a rules file, with line and column.",
		"FILE is .github/gatehold.yml of a repository.")
	cmd.Args = argument(&c.File)
	cmd.Flags().StringVar(&c.Org, "org", "", orgHelp)
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print the problems as JSON.")
	return cmd
}

func (c *rulesCheckCmd) Run(_ context.Context, std IO) error {
	_, err := loadRules(c.Org, c.File)
	var problems rulesfile.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if c.JSON {
		if problems == nil {
			problems = rulesfile.Problems{}
		}
		if err := writeJSON(std.Out, problems); err != nil {
			return err
		}
	} else if len(problems) == 0 {
		fmt.Fprintf(std.Out, "%s: no problem found\n", c.File)
	}
	if len(problems) == 0 {
		return nil
	}
	if !c.JSON {
		for _, p := range problems {
			fmt.Fprintln(std.Err, p)
		}
	}
	return errReported
}

type rulesExplainCmd struct {
	File string
	Org  string
	JSON bool
}

func rulesExplainCommand(std IO) *cobra.Command {
	c := &rulesExplainCmd{}
	cmd := command(std, c, "explain [FILE]", "Say what is in force, from which file, and what was overruled.",
		"Without a FILE the built-in default is explained.")
	cmd.Args = optional(&c.File)
	cmd.Flags().StringVar(&c.Org, "org", "", orgHelp)
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

func (c *rulesExplainCmd) Run(_ context.Context, std IO) error {
	rules, err := loadRules(c.Org, c.File)
	if err != nil {
		return err
	}
	explanation := rules.Explain()
	if c.JSON {
		return writeJSON(std.Out, explanation)
	}
	_, err = fmt.Fprint(std.Out, explanation.Text())
	return err
}

// loadRules compiles rules from files on disk; an empty name is no file.
func loadRules(org, repo string) (*policy.Rules, error) {
	orgFile, orgErr := parseFile(org)
	repoFile, repoErr := parseFile(repo)
	if orgErr != nil || repoErr != nil {
		return nil, joinProblems(orgErr, repoErr)
	}
	return policy.Compile(orgFile, repoFile)
}

func parseFile(name string) (*rulesfile.File, error) {
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
