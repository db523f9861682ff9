package deploys

import (
	"cmp"
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/ranges"
)

// finish puts together what was read side by side: who wrote the commits, and
// which pull requests brought them.
func (o *outgoing) finish() {
	o.Change.Repository, o.Change.BaseRef = o.now.FullName(), o.Default
	commits := make(map[string]*ranges.Told, len(o.known))
	for sha, node := range o.known {
		commits[sha] = &node.Told
	}
	ranges.Attribute(o.client.GitHub.Host(), &o.Change, commits)
	o.pulls()
}

// pulls sorts the commits by the pull requests that brought them.
func (o *outgoing) pulls() {
	at := map[int]int{} // index of a pull request, by its number
	for _, commit := range o.Change.Commits {
		node := o.known[commit.SHA]
		var by *pullNode
		if node != nil {
			by = o.broughtBy(node.Pulls.Nodes)
		}
		if by == nil {
			o.Direct = append(o.Direct, commit)
			continue
		}
		i, ok := at[by.Number]
		if !ok {
			i = len(o.Pulls)
			at[by.Number] = i
			o.Pulls = append(o.Pulls, by.pull())
		}
		o.Pulls[i].Commits = append(o.Pulls[i].Commits, commit.SHA)
	}
	slices.SortStableFunc(o.Pulls, func(a, b change.Pull) int {
		return cmp.Or(b.MergedAt.Compare(a.MergedAt), cmp.Compare(b.Number, a.Number))
	})
}

// broughtBy picks the pull request that brought a commit: merged into this
// repository, into its default branch rather than another (a pull request into
// the branch of another one is a part of that one), and before the others.
func (o *outgoing) broughtBy(pulls []*pullNode) *pullNode {
	var best *pullNode
	for _, p := range pulls {
		if p == nil || p.Number <= 0 || p.MergedAt == nil || p.BaseRepository == nil || p.BaseRepository.DatabaseID != o.repo.ID {
			continue
		}
		if best == nil || o.before(p, best) {
			best = p
		}
	}
	return best
}

func (o *outgoing) before(a, b *pullNode) bool {
	if into := a.BaseRefName == o.Default; into != (b.BaseRefName == o.Default) {
		return into
	}
	return cmp.Or(a.MergedAt.Compare(*b.MergedAt), cmp.Compare(a.Number, b.Number)) < 0
}

func (p *pullNode) pull() change.Pull {
	out := change.Pull{
		Number: p.Number, Title: p.Title, Head: p.HeadRefOid, HeadRef: p.HeadRefName, BaseRef: p.BaseRefName,
		Author: p.Author.ChangeActor(), MergedBy: p.MergedBy.ChangeActor(), MergedAt: *p.MergedAt,
	}
	if p.MergeCommit != nil {
		out.MergeCommit = p.MergeCommit.Oid
	}
	if p.HeadRepository != nil {
		out.HeadRepository, out.HeadRepositoryID = p.HeadRepository.NameWithOwner, p.HeadRepository.DatabaseID
	}
	return out
}
