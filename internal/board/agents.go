package board

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Agent is what one agent did, as far as the board remembers.
type Agent struct {
	Name     string        `json:"name"`
	Strength gate.Strength `json:"strength"`        // the best evidence of it
	Owner    string        `json:"owner,omitempty"` // who answers for it, as the rules said last
	Asked    []string      `json:"asked_by"`        // for whom it works, the most frequent first
	Repos    []string      `json:"repositories"`
	Changes  int           `json:"changes"` // pull requests
	Deploys  int           `json:"deploys"` // deployments and runs it had a part in
	Held     int           `json:"held"`    // that were held, or are
	Waiting  int           `json:"waiting"` // of them, now
	Denied   int           `json:"denied"`
	Reverted int           `json:"reverted"` // merged, and taken back by another pull request
	Last     time.Time     `json:"last"`
}

// The most that is listed of an agent.
const maxOfAgent = 5

// Agents are those that did something in repositories that may be seen, the busiest
// first. sees is asked while nothing else is: it must not wait.
func (b *Board) Agents(sees func(gate.Repo) bool) []Agent {
	type pull struct {
		repo   int64
		number int
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	reverted := map[pull]bool{}
	for i := range b.index {
		if s := b.index[i].gate; len(s.reverts) > 0 && s.Merged {
			for _, n := range s.reverts {
				reverted[pull{s.Subject.Repo.ID, n}] = true
			}
		}
	}
	type tally struct {
		Agent
		asked map[string]int
		repos map[int64]int
	}
	names := map[int64]gate.Repo{}
	found := map[string]*tally{}
	for i := range b.index {
		e := &b.index[i]
		s := e.gate
		if e.kind == gate.MergeGroup || !sees(s.Subject.Repo) { // of a group its pull request is there
			continue
		}
		for _, name := range s.Agents {
			a := found[name]
			if a == nil {
				a = &tally{Agent{Name: name}, map[string]int{}, map[int64]int{}}
				found[name] = a
			}
			a.count(s)
			if s.Merged && reverted[pull{s.Subject.Repo.ID, s.Subject.Number}] && e.kind == gate.PullRequest {
				a.Reverted++
			}
			for _, who := range s.Asked {
				a.asked[who]++
			}
			if a.repos[s.Subject.Repo.ID]++; a.repos[s.Subject.Repo.ID] == 1 {
				names[s.Subject.Repo.ID] = s.Subject.Repo
			}
		}
	}
	out := make([]Agent, 0, len(found))
	for _, a := range found {
		a.Asked = most(a.asked)
		for _, id := range most(a.repos) {
			a.Repos = append(a.Repos, names[id].FullName())
		}
		out = append(out, a.Agent)
	}
	slices.SortFunc(out, func(a, b Agent) int {
		return cmp.Or(cmp.Compare(b.Changes+b.Deploys, a.Changes+a.Deploys), strings.Compare(a.Name, b.Name))
	})
	return out
}

func (a *Agent) count(s *Summary) {
	if s.Subject.Kind == gate.PullRequest {
		a.Changes++
	} else {
		a.Deploys++
	}
	if s.WasHeld {
		a.Held++
	}
	if s.Standing == gate.IsHeld || s.Standing == gate.IsFailing {
		a.Waiting++
	}
	if s.Denied || s.Standing == gate.IsRejected {
		a.Denied++
	}
	if s.Strength.Rank() > a.Strength.Rank() {
		a.Strength = s.Strength
	}
	if !s.ChangedAt.After(a.Last) {
		return
	}
	a.Last = s.ChangedAt
	for _, o := range s.owners {
		if o.Agent == a.Name {
			a.Owner = o.Owner
		}
	}
}

// most are the most frequent.
func most[T cmp.Ordered](counts map[T]int) []T {
	out := slices.SortedFunc(maps.Keys(counts), func(a, b T) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), maxOfAgent)]
}

// InForce are the rules that a repository was judged by last.
type InForce struct {
	Repo   gate.Repo     `json:"repository"`
	Rules  gate.RulesRef `json:"rules"`
	Tip    string        `json:"tip,omitempty"` // the commit that they were read at
	Ref    string        `json:"ref,omitempty"`
	OrgTip string        `json:"org_tip,omitempty"`
	Mode   string        `json:"mode"`
	At     time.Time     `json:"judged_at"`
	Stream string        `json:"gate"` // that was judged so
}

// RulesInForce are those of each repository, by name.
func (b *Board) RulesInForce() []InForce {
	b.mu.RLock()
	out := slices.Collect(maps.Values(b.inForce))
	b.mu.RUnlock()
	out = slices.DeleteFunc(out, func(r InForce) bool { return b.left(r.Repo.ID) })
	slices.SortFunc(out, func(a, b InForce) int { return strings.Compare(a.Repo.FullName(), b.Repo.FullName()) })
	return out
}

// nowInForce notes the rules of a judgement. The caller locks.
func (b *Board) nowInForce(s gate.State) {
	repo := s.Subject.Repo
	if s.Verdict == nil || !s.JudgedAt.After(b.inForce[repo.ID].At) {
		return
	}
	b.inForce[repo.ID] = InForce{Repo: repo, Rules: s.Verdict.Rules, Tip: s.RulesAt.Tip, Ref: s.RulesAt.Ref, OrgTip: s.RulesAt.OrgTip,
		Mode: s.Verdict.Mode, At: s.JudgedAt, Stream: s.Subject.Stream()}
}
