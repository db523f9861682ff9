package deploys

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Outgoing reads what a deployment of head brings to an environment that runs
// base, as one change from base to head, with the pull requests that brought
// its commits and the rules at the tip of the default branch.
//
//   - With no base, it is the whole of head: every file counts as added, and no
//     commits, pulls or direct commits are listed.
//   - Where head is an ancestor of base, Backwards: files are those of going
//     from base to head; commits, pulls and direct commits those taken back.
//   - Where the two do not follow from each other, or base is gone, Unrelated
//     says so. Files are those in which the two differ (all of head, and no
//     Base, where base is gone); commits are those since the two parted, none
//     where they never met.
//
// A pull request brought a commit where GitHub associates the two and it was
// merged into a branch of this repository; of several, the one merged first.
// Of each commit three pull requests are looked at. BaseRef of the change is
// the default branch, whose rules they are. Author stays empty.
//
// It takes two requests for up to 100 commits and 300 files; then one more for
// each 100 commits, two trees for more files, and with 250 commits or more one
// for each 100 of them. Beyond 2,000 commits, or trees that GitHub cuts short,
// the change has Gaps.
func (ds *Deploys) Outgoing(ctx context.Context, s gate.Subject, base, head string) (change.Outgoing, error) {
	if !wire.IsSHA(head) || base != "" && !wire.IsSHA(base) {
		return change.Outgoing{}, api.Invalid("What goes out is read between full SHAs.")
	}
	c, err := ds.gh.Of(ctx, s.Repo)
	if err != nil {
		return change.Outgoing{}, err
	}
	o := &outgoing{client: c, repo: s.Repo, now: s.Repo, base: base, head: head, known: map[string]*commitNode{}}
	o.Change = change.Change{Base: base, Head: head, RepositoryID: s.Repo.ID}
	switch base {
	case "":
		err = o.whole(ctx)
	case head:
		err = o.ask(ctx)
	default:
		err = o.between(ctx)
	}
	if err != nil {
		return change.Outgoing{}, err
	}
	o.finish()
	return o.Outgoing, nil
}

// outgoing is one call of Outgoing.
type outgoing struct {
	change.Outgoing
	client     *api.Client
	repo       gate.Repo
	base, head string

	now   gate.Repo // as it is named now
	mu    sync.Mutex
	known map[string]*commitNode // the range's commits, by SHA
}

// whole takes all files of head; the rules are asked for beside them.
func (o *outgoing) whole(ctx context.Context) error {
	return both(ctx, o.ask, o.everyFile)
}

// both does two things side by side and returns the first error; the other is
// then given up.
func both(ctx context.Context, one, other func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, do := range []func(context.Context) error{one, other} {
		wg.Go(func() {
			if err := do(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return gate.AsError(err)
	}
	return nil
}

func (o *outgoing) everyFile(ctx context.Context) error {
	files, whole, err := ranges.All(ctx, o.client, o.repo, o.head)
	o.Change.Files = files
	if err == nil && !whole {
		o.Change.Gaps = append(o.Change.Gaps, cutTree(o.repo))
	}
	return err
}

func cutTree(repo gate.Repo) string {
	return fmt.Sprintf("The files of %s are more than GitHub lists at once; not all that go out were read.", repo.FullName())
}

// between follows the range from base to head.
func (o *outgoing) between(ctx context.Context) error {
	r, err := ranges.Compare(ctx, o.client, o.repo, o.base, o.head)
	switch {
	case api.StatusOf(err) == http.StatusNotFound:
		return o.apart(ctx)
	case err != nil:
		return err
	case r.Base != o.base:
		return api.Malformed("the comparison is with another commit than was asked for")
	}
	switch r.MergeBase {
	case o.base:
		return o.forward(ctx, r)
	case o.head:
		return o.backwards(ctx)
	}
	o.Unrelated = fmt.Sprintf("%s does not follow from %s, which it is to replace: the two parted at %s, by a forced push or "+
		"on another branch.",
		wire.ShortSHA(o.head), wire.ShortSHA(o.base), wire.ShortSHA(r.MergeBase))
	return o.fill(ctx, r, o.head, o.fromTrees)
}

// forward is the usual way: head has all that base has, and more.
func (o *outgoing) forward(ctx context.Context, r *ranges.Span) error {
	return o.fill(ctx, r, o.head, func(ctx context.Context) error {
		if len(r.Files) < ranges.MaxFiles {
			o.Change.Files = r.Files
			return nil
		}
		return o.fromTrees(ctx)
	})
}

// backwards reads the range that is taken back. GitHub shows what it brought
// once; taking it back is the same, turned round.
func (o *outgoing) backwards(ctx context.Context) error {
	r, err := ranges.Compare(ctx, o.client, o.repo, o.head, o.base)
	if err != nil {
		return err
	}
	if r.MergeBase != o.head {
		return api.Malformed("the comparison says two things about one range")
	}
	o.Backwards = true
	return o.fill(ctx, r, o.base, func(ctx context.Context) error {
		if len(r.Files) < ranges.MaxFiles {
			o.Change.Files = turnedRound(r.Files)
			return nil
		}
		return o.fromTrees(ctx)
	})
}

// apart is for a base and a head that GitHub cannot compare: base is gone, or
// they have no history in common. Nothing of either is proof of the other.
func (o *outgoing) apart(ctx context.Context) error {
	o.Unrelated = fmt.Sprintf("%s has no history in common with %s, which it is to replace.", wire.ShortSHA(o.head), wire.ShortSHA(o.base))
	return both(ctx, o.ask, func(ctx context.Context) error {
		err := o.fromTrees(ctx)
		if api.StatusOf(err) != http.StatusNotFound {
			return err
		}
		o.Unrelated = fmt.Sprintf("%s, which it is to replace, is no commit of %s any more.", wire.ShortSHA(o.base), o.repo.FullName())
		o.Change.Base = ""
		return o.everyFile(ctx)
	})
}

// fill adds the range's commits to the change, and then, side by side, its
// files and what GraphQL knows of the commits.
func (o *outgoing) fill(ctx context.Context, r *ranges.Span, tip string, files func(context.Context) error) error {
	if r.Total > len(r.Commits) {
		if err := ranges.MoreCommits(ctx, o.client, o.repo, r, tip); err != nil {
			return err
		}
	}
	if r.Total > len(r.Commits) {
		o.Change.Gaps = append(o.Change.Gaps, fmt.Sprintf("Only %d of the %d commits could be read.", len(r.Commits), r.Total))
	}
	o.Change.Commits = r.Commits
	return both(ctx, o.ask, files)
}

// fromTrees compares the trees of base and head themselves.
func (o *outgoing) fromTrees(ctx context.Context) error {
	files, whole, err := ranges.Diff(ctx, o.client, o.repo, o.head, &ranges.Span{MergeBase: o.base})
	o.Change.Files = files
	if err == nil && !whole {
		o.Change.Gaps = append(o.Change.Gaps, cutTree(o.repo))
	}
	return err
}

// turnedRound are the files of the same range, gone the other way.
func turnedRound(files []change.File) []change.File {
	out := make([]change.File, 0, len(files))
	for _, f := range files {
		t := change.File{
			Path: f.Path, Status: f.Status, Mode: f.PreviousMode, PreviousMode: f.Mode,
			Additions: f.Deletions, Deletions: f.Additions, Before: f.After, After: f.Before,
		}
		switch f.Status {
		case change.Added, change.Copied:
			t.Status = change.Removed
		case change.Removed:
			t.Status = change.Added
		case change.Renamed:
			t.Path, t.PreviousPath = f.PreviousPath, f.Path
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b change.File) int { return cmp.Compare(a.Path, b.Path) })
	return out
}
