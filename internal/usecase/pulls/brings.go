package pulls

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

// without judges a change without what it brings along that was released before. A
// merge group has commits of its own, by which nothing is proven: of it is left out
// what was of its pull request.
func (u *Pulls) without(ctx context.Context, s gate.State, facts *change.Facts, rules *policy.Rules) (gate.Verdict, error) {
	if s.Subject.Kind != gate.MergeGroup {
		brought, err := u.Brought.Of(ctx, s.Subject.Repo, facts)
		if err != nil {
			return gate.Verdict{}, err
		}
		return judge.Bring(rules, &facts.Change, brought), nil
	}
	pull, err := u.Book.Gate(ctx, s.Subject.Pull().Stream())
	if err != nil {
		return gate.Verdict{}, err
	}
	if v := pull.Verdict; v != nil && v.Head == facts.PullHead && v.Rules.Same(rules.Ref()) {
		return judge.InQueue(rules, &facts.Change, v.Brings), nil
	}
	return judge.Change(rules, &facts.Change), nil
}

// What of a pull request's files is kept on record: of more, nobody can tell later
// what it brought.
const (
	maxPaths     = 1000
	maxPathBytes = 64 << 10
)

// listed puts on record which files were judged, and from which branch they come,
// where that is not there yet.
func listed(judged *gate.Judged, s gate.State, c *change.Change, v *gate.Verdict) {
	if s.Subject.Kind != gate.PullRequest {
		return
	}
	if c.HeadRepositoryID == c.RepositoryID && c.HeadRef != s.Pull.HeadRef {
		judged.HeadRef = c.HeadRef
	}
	if s.Pull.PathsOf == v.Read || len(c.Gaps) > 0 || len(c.Files) > maxPaths {
		return
	}
	paths, size := []string{}, 0
	for i := range c.Files {
		for _, path := range []string{c.Files[i].Path, c.Files[i].PreviousPath} {
			if path != "" {
				paths, size = append(paths, path), size+len(path)
			}
		}
	}
	if size > maxPathBytes {
		return
	}
	slices.Sort(paths)
	judged.Paths = slices.Compact(paths)
}

// wentIn has pull requests looked at again that come from the branch which one went
// into: they bring it along, and what released it is settled only now.
func (u *Pulls) wentIn(ctx context.Context, s gate.State) error {
	if s.BaseRef == "" {
		return nil
	}
	open, err := u.Book.OpenGates(ctx, s.Subject.Repo.ID, gate.PullRequest)
	if err != nil {
		return err
	}
	for _, g := range open {
		if g.State.Pull.HeadRef != s.BaseRef {
			continue
		}
		look := gate.Look{Subject: g.State.Subject, Why: gate.Brought}
		if err := u.Book.Gates.Once(ctx, g.Name, fmt.Sprintf("brought@%d@%d", s.Subject.Number, s.Version), look); err != nil {
			return err
		}
	}
	return nil
}
