package rulesfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// maxBranches bounds `branches`: each entry is a lane with a check of its own.
const maxBranches = 50

// branches reads the patterns that name lanes beside the default branch's.
func (p *fileParser) branches(n *yaml.Node) {
	p.items(n, "branches", func(item *yaml.Node) {
		pattern := p.text(item, "an entry of branches", 255)
		same := func(other string) bool { return strings.EqualFold(other, pattern) }
		earlier := &gate.Lanes{Default: " ", Named: p.file.Branches}
		switch {
		case pattern == "": // said already
		case !gate.IsLanePattern(pattern):
			p.fail(item, "bad_glob",
				"%q names no branches: write a name as in develop, or a pattern of *, ? and ** as in release/**", words.Clip(pattern))
		case slices.ContainsFunc(p.file.Branches, same):
			p.fail(item, "duplicate_key",
				"the branches %q are named twice, and GitHub does not tell checks apart by letter case: keep one", words.Clip(pattern))
		case !strings.ContainsAny(pattern, "*?") && earlier.Of(pattern) != gate.NoLane:
			p.fail(item, "unreachable", "the branch %q belongs to %q, which stands before it: put it first", words.Clip(pattern),
				earlier.Of(pattern))
		case len(p.file.Branches) == maxBranches:
			p.fail(item, "too_many", "there may be at most %d entries of branches", maxBranches)
		default:
			p.file.Branches = append(p.file.Branches, pattern)
		}
	})
}
