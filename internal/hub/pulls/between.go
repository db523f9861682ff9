package pulls

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Between lists the files that differ between head and where it and base parted,
// by one comparison: at its bound there may be more.
func (ps *Pulls) Between(ctx context.Context, repo gate.Repo, base, head string) (change.Between, error) {
	if err := api.CheckRepo(repo); err != nil {
		return change.Between{}, err
	}
	if !wire.IsSHA(base) || !wire.IsSHA(head) {
		return change.Between{}, api.Invalid("Commits are compared by their full SHAs.")
	}
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return change.Between{}, err
	}
	r, err := ranges.Compare(ctx, c, repo, base, head)
	if err != nil {
		return change.Between{}, err
	}
	if r.Base != base {
		return change.Between{}, api.Malformed("the comparison is with another commit than was asked for")
	}
	return change.Between{Base: r.MergeBase, Files: r.Files, Whole: len(r.Files) < ranges.MaxFiles}, nil
}
