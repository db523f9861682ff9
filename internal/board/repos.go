package board

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
)

// RepoSummary is one repository with what makes GitHub wait for its gates.
type RepoSummary struct {
	Repo        gate.Repo          `json:"repository"`
	Guarded     Guarded            `json:"guarded"`
	Enforcement []gate.Enforcement `json:"enforcement"`
	ChangedAt   time.Time          `json:"changed_at"`        // of what is known
	ComparedAt  time.Time          `json:"compared_at"`       // by this process; zero: not yet
	Failure     string             `json:"failure,omitempty"` // what keeps it from being looked at
	// Paths are the ways in which its workflows can deploy, those that nothing
	// holds first; nil: nobody has looked yet.
	Paths   []gate.Job `json:"deploy_paths"`
	PathsAt time.Time  `json:"deploy_paths_since,omitzero"`
	Stream  string     `json:"stream"`
	// Archived: GitHub takes nothing there, and its gates wait.
	Archived bool `json:"archived,omitempty"`
}

const archivedText = "The repository is archived, and GitHub takes nothing there: gatehold stops until it is unarchived."

// Guarded is how the branches of a repository stand, in a word.
type Guarded string

// What a repository's branches come to: the worst of them.
const (
	Enforced    Guarded = "enforced"
	NotEnforced Guarded = "not_enforced"
	Unknown     Guarded = "unknown"
)

// guarded leaves environments out: which of them have to ask is for the rules to
// say.
func guarded(list []gate.Enforcement) Guarded {
	out := Unknown
	for _, e := range list {
		switch {
		case e.Branch == "" || e.Lane == gate.NoLane:
		case e.Unknown != "":
			return Unknown
		case !e.Enforced:
			out = NotEnforced
		case out == Unknown:
			out = Enforced
		}
	}
	return out
}

// Repositories lists the repositories that are looked at, by name.
func (b *Board) Repositories() []RepoSummary {
	b.mu.RLock()
	out := make([]RepoSummary, 0, len(b.repos))
	for _, s := range b.repos {
		out = append(out, s)
	}
	b.mu.RUnlock()
	out = slices.DeleteFunc(out, func(s RepoSummary) bool { return b.left(s.Repo.ID) && !s.Archived })
	for i := range out {
		out[i].Guarded = guarded(out[i].Enforcement)
		if b.Comparison != nil {
			out[i].ComparedAt = b.Comparison.Compared(out[i].Repo.ID)
		}
	}
	slices.SortFunc(out, func(a, b RepoSummary) int { return strings.Compare(a.Repo.FullName(), b.Repo.FullName()) })
	return out
}

// Guards counts the repositories by how their branches stand.
func (b *Board) Guards() map[Guarded]int {
	n := map[Guarded]int{}
	for _, s := range b.Repositories() {
		n[s.Guarded]++
	}
	return n
}

func (b *Board) showRepository(stream string, s repo.State, at time.Time) {
	if s.Wanted == 0 && s.Enforcement == nil && s.Paths == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	line := b.repos[stream]
	line.Stream, line.Repo, line.Failure = stream, s.Subject.Repo, ""
	if line.Archived = !s.Archived.IsZero(); line.Archived {
		line.Failure = archivedText
	} else if s.Failure != nil {
		line.Failure = s.Failure.Text
	}
	line.Enforcement, line.ChangedAt = s.Enforcement, s.EnforcementAt
	line.Paths, line.PathsAt = s.Paths, s.PathsAt
	b.repos[stream] = line
}
