package branch

import (
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
)

// Gone is what stays on record of the pushes to a branch that is deleted: what
// was pushed to it can come back under another name, or under its own by somebody
// else. What one account brought is one push.
func (s State) Gone() []gate.Push {
	var out []gate.Push
	for _, p := range s.Pushes {
		i := slices.IndexFunc(out, func(o gate.Push) bool { return !o.Untold && o.By == p.By })
		switch {
		case p.After == "":
		case p.Untold:
			out = append(out, p)
		case len(p.Commits) == 0:
		case i < 0:
			out = append(out, gate.Push{After: p.After, By: p.By, At: p.At, Commits: slices.Clone(p.Commits)})
		case len(out[i].Commits) < keptCommits:
			out[i].Commits = append(out[i].Commits, p.Commits...)
		}
	}
	return out
}

// Bounds in commits: keptCommits on what is kept of one account's pushes to a
// branch that is gone, of which GitHub lists 250 in a pull request; keptGone on
// what is kept of all such branches of a repository.
const (
	keptCommits = 5000
	keptGone    = 50_000
)

// bounded are the newest pushes that are within keptGone.
func bounded(pushes []gate.Push) []gate.Push {
	n := 0
	for i := len(pushes) - 1; i >= 0; i-- {
		if n += len(pushes[i].Commits); n > keptGone {
			return pushes[i+1:]
		}
	}
	return pushes
}

// Brought tells of commits, by the records of several branches, who pushed each
// when it was new to the repository: several where it went and came again. Where no
// push tells of a commit, it is whoever moved a branch to it first.
func Brought(commits []string, records ...State) map[string][]gate.Actor {
	told, first := map[string]*Pushers{}, map[string]gate.Push{}
	for _, sha := range commits {
		told[sha] = &Pushers{}
	}
	for _, s := range records {
		for _, p := range s.Pushes {
			for _, sha := range p.Commits {
				if by := told[sha]; by != nil {
					by.name(p.By)
				}
			}
			if had, is := first[p.After]; p.Untold && told[p.After] != nil && (!is || p.At.Before(had.At)) {
				first[p.After] = p
			}
		}
	}
	out := map[string][]gate.Actor{}
	for sha, by := range told {
		if p, is := first[sha]; is && len(by.By) == 0 {
			by.name(p.By)
		}
		if len(by.By) > 0 {
			out[sha] = by.By
		}
	}
	return out
}

// MovedTo are those who moved the branch to a commit.
func (s State) MovedTo(sha string) []gate.Actor {
	var out Pushers
	for _, p := range s.Pushes {
		if p.After == sha {
			out.name(p.By)
		}
	}
	return out.By
}

// Untold are those who moved the branch to any of a change and may have brought
// any commit of it: what they brought is not known, or was in the repository before.
func (s State) Untold(head string, commits []string) []gate.Actor {
	var out Pushers
	for _, p := range s.Pushes {
		if (p.Untold || len(p.Commits) == 0) && (p.After == head || slices.Contains(commits, p.After)) {
			out.name(p.By)
		}
	}
	return out.By
}
