package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/rules"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gitrange"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

type scoreCmd struct {
	Repo   string
	Base   string
	Head   string
	Rules  string
	Org    string
	Author string
	JSON   bool
}

func scoreCommand(std command.IO) *cobra.Command {
	c := &scoreCmd{}
	cmd := command.New(std, c, "score", "Judge a range of a local git repository. Needs no token and no network.", "")
	f := cmd.Flags()
	f.StringVar(&c.Repo, "repo", ".", "The repository is in `DIR`.")
	f.StringVar(&c.Base, "base", "", "Merge it into `REV`; by default into the default branch.")
	f.StringVar(&c.Head, "head", "", "The change ends at `REV`; by default at what is checked out.")
	f.StringVar(&c.Rules, "rules", "", "Judge by this rules `FILE`; by default by .github/gatehold.yml at the base, or the built-in default.")
	f.StringVar(&c.Org, "org", "", rules.OrgHelp)
	f.StringVar(&c.Author, "author", "", "`LOGIN` of whoever proposes the change. Without it the change is judged as an agent's.")
	f.BoolVar(&c.JSON, "json", false, "Print the verdict as JSON.")
	return cmd
}

func (c *scoreCmd) Run(ctx context.Context, std command.IO) error {
	r, err := gitrange.Open(ctx, gitrange.Ask{Dir: c.Repo, Base: c.Base, Head: c.Head, Author: c.Author})
	if err != nil {
		return err
	}
	rules, err := c.rules(ctx, r)
	if err != nil {
		return err
	}
	if c.Author == "" { // nobody vouches for a local commit
		rules = rules.AsAgents()
	}
	if err := r.Texts(ctx, rules.Wants); err != nil {
		return err
	}
	if judge.UsesOwners(rules) {
		if r.Change.Owners, err = r.FirstFile(ctx, judge.OwnersPlaces()); err != nil {
			return err
		}
	}
	verdict := judge.Change(rules, &r.Change)
	if c.JSON {
		err = command.WriteJSON(std.Out, verdict)
	} else {
		_, err = fmt.Fprint(std.Out, report.Terminal(verdict, std.Color))
	}
	if err != nil {
		return err
	}
	if verdict.Held || verdict.WouldHold {
		return command.ErrHeld
	}
	return nil
}

// rules are those of the command line, or else those of the base: never of
// the head that they judge. Without any, the built-in default is applied as
// if it were enforced, because a question on the command line blocks nobody.
func (c *scoreCmd) rules(ctx context.Context, r *gitrange.Range) (*policy.Rules, error) {
	if c.Rules != "" {
		return rules.Load(c.Org, c.Rules)
	}
	org, err := rules.ParseFile(c.Org)
	if err != nil {
		return nil, err
	}
	text, ok, err := r.File(ctx, r.Change.Base, policy.FileName)
	if err != nil {
		return nil, &gate.Error{Code: "rules_unreadable", Text: "The rules file at the base cannot be read: " + err.Error(), Err: err}
	}
	if !ok {
		if org == nil {
			return policy.EnforcedDefault(), nil
		}
		return policy.Compile(org, nil)
	}
	repo, err := rulesfile.Parse(rulesfile.Source{Name: policy.FileName + "@" + words.Short(r.Change.Base), Text: []byte(text)})
	if err != nil {
		return nil, err
	}
	return policy.Compile(org, repo)
}
