package rules

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gitrange"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

type previewCmd struct {
	File string
	Repo string
	Last int
	Org  string
	JSON bool
}

func previewCommand(std command.IO) *cobra.Command {
	c := &previewCmd{}
	cmd := command.New(std, c, "preview FILE",
		"Say what a new rules file would change, and which of the last commits it would judge otherwise.",
		"FILE is the rules file as it is to become.")
	cmd.Args = command.Argument(&c.File)
	f := cmd.Flags()
	f.StringVar(&c.Repo, "repo", ".", "The repository is in `DIR`.")
	f.IntVar(&c.Last, "last", 10, "Try the last `N` commits along first parents; at most 1000.")
	f.StringVar(&c.Org, "org", "", OrgHelp)
	f.BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

func (c *previewCmd) Run(ctx context.Context, std command.IO) error {
	if c.Last < 0 || c.Last > 1000 {
		return command.Usage("--last must be a number from 0 to 1000.")
	}
	tree, err := gitrange.OpenTree(ctx, c.Repo, "")
	if err != nil {
		return err
	}
	current, err := c.inForce(ctx, tree)
	if err != nil {
		return err
	}
	proposal, err := c.propose(ctx, tree, current)
	if err != nil {
		return err
	}
	if c.JSON {
		err = command.WriteJSON(std.Out, proposal)
	} else if proposal.Valid {
		_, err = fmt.Fprint(std.Out, report.Preview(*proposal, std.Color))
	} else {
		for _, p := range proposal.Problems {
			fmt.Fprintln(std.Err, p)
		}
	}
	if err == nil && !proposal.Valid {
		err = command.ErrReported
	}
	return err
}

// inForce are the rules at HEAD, as the gate would load them there.
func (c *previewCmd) inForce(ctx context.Context, tree *gitrange.Tree) (*policy.Rules, error) {
	org, err := ParseFile(c.Org)
	if err != nil {
		return nil, err
	}
	entries, err := tree.Paths(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Path != policy.FileName {
			continue
		}
		texts, err := tree.Texts(ctx, []gitrange.Entry{e})
		if err != nil {
			return nil, err
		}
		if texts[0].State != change.Loaded {
			return nil, &gate.Error{Code: "rules_unreadable", Text: "The rules file at HEAD cannot be read: " + texts[0].Reason + "."}
		}
		repo, err := rulesfile.Parse(rulesfile.Source{Name: policy.FileName + "@" + words.Short(tree.Commit), Text: []byte(texts[0].Body)})
		if err != nil {
			return nil, err
		}
		return policy.Compile(org, repo)
	}
	return policy.Compile(org, nil)
}

// propose lays the file over the organisation's and tries it on the past.
func (c *previewCmd) propose(ctx context.Context, tree *gitrange.Tree, current *policy.Rules) (*gate.Proposal, error) {
	file, err := ParseFile(c.File)
	var problems rulesfile.Problems
	if errors.As(err, &problems) {
		out := &gate.Proposal{}
		for _, p := range problems {
			out.Problems = append(out.Problems, p.String())
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	proposal, proposed := judge.ProposeFile(current, file)
	if proposed == nil {
		return proposal, nil
	}
	// Nobody vouches for a local commit: each is judged as an agent's.
	current, proposed = current.AsAgents(), proposed.AsAgents()
	commits, err := tree.Last(ctx, c.Last)
	if err != nil {
		return nil, err
	}
	all := make([]tried, len(commits))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, commit := range commits {
		group.Go(func() (err error) {
			all[i], err = try(ctx, tree, commit, current, proposed)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, t := range all {
		proposal.Judged += t.judged
		proposal.Different = append(proposal.Different, t.different...)
	}
	if left := len(commits) - proposal.Judged; left > 0 {
		proposal.Note = fmt.Sprintf("Not counted: %d that could not be read whole.", left)
	}
	return proposal, nil
}

// tried is what came of one commit under both rules.
type tried struct {
	judged    int // 0 where it could not be read whole
	different []gate.Difference
}

func try(ctx context.Context, tree *gitrange.Tree, commit string, current, proposed *policy.Rules) (tried, error) {
	r, err := tree.Range(ctx, commit)
	if err != nil {
		return tried{}, err
	}
	want := func(f *change.File) bool { return current.Wants(f) || proposed.Wants(f) }
	if err := r.Texts(ctx, want); err != nil {
		return tried{}, err
	}
	if judge.UsesOwners(current) || judge.UsesOwners(proposed) {
		if r.Change.Owners, err = r.FirstFile(ctx, judge.OwnersPlaces()); err != nil {
			return tried{}, err
		}
	}
	judged, different := judge.Compare(current, proposed, []change.Change{r.Change})
	return tried{judged, different}, nil
}
