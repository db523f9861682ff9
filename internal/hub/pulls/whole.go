package pulls

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// allFiles reads a range of any size whole: from the two recursive trees, or
// where GitHub cuts those short, from the pages of the pull request's files.
// The second result is a gap, where neither was whole.
func allFiles(ctx context.Context, c *api.Client, p *present, r *ranges.Span) ([]change.File, string, error) {
	head := p.headTree
	if !wire.IsSHA(head) {
		head = p.HeadRefOid
	}
	files, whole, err := ranges.Diff(ctx, c, p.repo, head, r)
	if err != nil {
		return nil, "", err
	}
	if whole {
		return ranges.WithLines(files, r.Files), "", nil
	}
	return pagedFiles(ctx, c, p)
}
