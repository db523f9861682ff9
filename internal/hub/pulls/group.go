package pulls

import (
	"context"
	"fmt"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// groupFacts reads a merge group: whose change it is, and under which rules, is
// told by the pull request that it merges; which files it changes, by the range
// from the group's parent to its head. A squashed commit says less of who wrote
// it than those that it was made from, so the commits are the pull request's.
func groupFacts(ctx context.Context, c *api.Client, s gate.Subject, hint change.Hint) (change.Facts, error) {
	if s.Number == 0 {
		return change.Facts{}, &gate.Error{Code: "queue_unreadable", Final: true,
			Text: "The merge group's branch does not name its pull request, so nobody knows whose approval it would need. " +
				"Take the pull request out of the queue and add it again."}
	}
	if !wire.IsSHA(hint.Base) || hint.Head != s.SHA {
		return change.Facts{}, &gate.Error{Code: "queue_unreadable", Final: true,
			Text: "The merge group does not say on which commit it stands. Take the pull request out of the queue and add it again."}
	}
	ctx, cancel := context.WithCancel(ctx)
	g := guess(ctx, c, s.Repo, change.Hint{Head: hint.Head, Base: hint.Base})
	defer g.drop(cancel)
	p, err := readPresent(ctx, c, s.Pull())
	if err != nil {
		return change.Facts{}, err
	}
	f := change.Facts{Change: p.change(s.Pull()), Open: p.open(), Tip: p.tip, Org: p.orgRules, Repo: p.repoRules, PullHead: p.HeadRefOid,
		UpdatedAt: p.UpdatedAt.Time, Rules: p.place, Default: p.trunk}
	f.Change.Head = s.SHA
	if !f.Open {
		return f, nil
	}
	own, err := settle(ctx, c, p, nil)
	if err != nil {
		return change.Facts{}, err
	}
	if err := fillCommits(ctx, c, p, own, &f.Change); err != nil {
		return change.Facts{}, err
	}
	<-g.done
	if g.err != nil {
		return change.Facts{}, g.err
	}
	f.Change.Base = g.span.MergeBase
	if g.span.MergeBase != hint.Base {
		f.Change.Gaps = append(f.Change.Gaps, fmt.Sprintf("The merge group does not stand on %s, as GitHub said it does.",
			wire.ShortSHA(hint.Base)))
	}
	return f, fillGroup(ctx, c, p, g.span, &f.Change)
}

// fillGroup adds the group's files. A comparison that shows as many files as it
// can may have left some out.
func fillGroup(ctx context.Context, c *api.Client, p *present, r *ranges.Span, to *change.Change) error {
	to.Files = r.Files
	if len(r.Files) < ranges.MaxFiles {
		return nil
	}
	files, whole, err := ranges.Diff(ctx, c, p.repo, to.Head, r)
	if err != nil {
		return err
	}
	if !whole {
		to.Gaps = append(to.Gaps, "The merge group changes more files than GitHub shows of it.")
		return nil
	}
	to.Files = ranges.WithLines(files, r.Files)
	return nil
}
