package pulls

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Facts reads what a pull request is now: its state, commits and files without
// their texts, and the rules files that apply to it. The hint lets the range be
// asked for beside the state; where GitHub shows another head or base, it is
// asked for again.
//
// A range that cannot be read whole is told by the change's Gaps. A closed pull
// request is returned with its state only.
func (ps *Pulls) Facts(ctx context.Context, s gate.Subject, hint change.Hint) (change.Facts, error) {
	if err := api.CheckRepo(s.Repo); err != nil {
		return change.Facts{}, err
	}
	if s.Kind != gate.MergeGroup && (s.Kind != gate.PullRequest || s.Number <= 0) {
		return change.Facts{}, api.Invalid("Facts are read of pull requests and merge groups.")
	}
	c, err := ps.gh.Of(ctx, s.Repo)
	if err != nil {
		return change.Facts{}, err
	}
	if s.Kind == gate.MergeGroup {
		return groupFacts(ctx, c, s, hint)
	}
	ctx, cancel := context.WithCancel(ctx)
	g := guess(ctx, c, s.Repo, hint)
	defer g.drop(cancel)
	p, err := readPresent(ctx, c, s)
	if err != nil {
		return change.Facts{}, err
	}
	f := change.Facts{Change: p.change(s), Open: p.open(), Merged: p.State == "MERGED", Tip: p.tip, Org: p.orgRules, Repo: p.repoRules,
		UpdatedAt: p.UpdatedAt.Time, Rules: p.place, Default: p.trunk}
	if !f.Open {
		f.Change.Gaps = []string{"The pull request is closed; its files were not read."}
		return f, nil
	}
	r, err := settle(ctx, c, p, g)
	if err != nil {
		return change.Facts{}, err
	}
	f.Change.Base = r.MergeBase
	return f, fill(ctx, c, p, r, &f.Change)
}

// guessed is a range asked for before it is known to be the right one.
type guessed struct {
	head string
	done chan struct{} // closed when the two below are set
	span *ranges.Span
	err  error
}

// guess returns nil where the hint is not enough to ask.
func guess(ctx context.Context, c *api.Client, repo gate.Repo, hint change.Hint) *guessed {
	base := hint.BaseRef
	if base == "" || strings.Contains(base, "..") || strings.Contains(base, ":") {
		base = hint.Base // the name would be read as something else than a branch
	}
	if base == "" || strings.Contains(base, "..") || !wire.IsSHA(hint.Head) {
		return nil
	}
	g := &guessed{head: hint.Head, done: make(chan struct{})}
	go func() {
		defer close(g.done)
		g.span, g.err = ranges.Compare(ctx, c, repo, base, hint.Head)
	}()
	return g
}

// drop ends a guess that nobody waits for any more, and returns when it has
// ended: no request goes on behind the back of a caller that was answered.
func (g *guessed) drop(cancel context.CancelFunc) {
	cancel()
	if g != nil {
		<-g.done
	}
}

// settle returns the range of the pull request as it is: the guessed one where
// it was compared with the very commit that is the base branch's tip.
func settle(ctx context.Context, c *api.Client, p *present, g *guessed) (*ranges.Span, error) {
	tip := p.tip
	if tip == "" {
		tip = p.BaseRefOid
	}
	if !wire.IsSHA(tip) {
		return nil, api.Malformed("it does not say where the base branch is")
	}
	if g != nil && g.head == p.HeadRefOid {
		<-g.done
		r, err := g.span, g.err
		if err == nil && r.Base == tip {
			return r, nil
		}
		if err != nil && gate.AsError(err).Code == "rate_limited" {
			return nil, err
		}
	}
	r, err := ranges.Compare(ctx, c, p.repo, tip, p.HeadRefOid)
	if err == nil && r.Base != tip {
		return nil, api.Malformed("the comparison is with another commit than was asked for")
	}
	return r, err
}

// fill adds commits and files to the change, and says what is missing.
func fill(ctx context.Context, c *api.Client, p *present, r *ranges.Span, to *change.Change) error {
	var (
		wg                   sync.WaitGroup
		commitsErr, filesErr error
		gap                  string
	)
	wg.Go(func() { commitsErr = fillCommits(ctx, c, p, r, to) })
	whole := len(r.Files) == p.ChangedFiles && len(r.Files) <= ranges.MaxFiles
	to.Files = r.Files
	if !whole {
		wg.Go(func() { to.Files, gap, filesErr = allFiles(ctx, c, p, r) })
	}
	wg.Wait()
	if commitsErr != nil {
		return commitsErr
	}
	if filesErr != nil {
		return filesErr
	}
	if gap != "" {
		to.Gaps = append(to.Gaps, gap)
	}
	return nil
}

// fillCommits adds the commits of a pull request to the change.
func fillCommits(ctx context.Context, c *api.Client, p *present, r *ranges.Span, to *change.Change) error {
	if r.Total > len(r.Commits) {
		if err := ranges.MoreCommits(ctx, c, p.repo, r, p.HeadRefOid); err != nil {
			return err
		}
	}
	to.Commits = r.Commits
	ranges.Attribute(c.GitHub.Host(), to, p.told())
	if r.Total > len(r.Commits) {
		to.Gaps = append(to.Gaps, fmt.Sprintf("Only %d of the %d commits could be read.", len(r.Commits), r.Total))
	}
	return nil
}
