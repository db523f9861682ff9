// Package branch is a branch as its pushes tell of it: who moved it, and by whom the
// commits of a change came to it. A State is the fold of the branch's stream; the
// events stand in package gate, by which all streams are read.
package branch

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Merged is a Merge with the time at which it was heard of.
type Merged struct {
	gate.Merge
	Heard time.Time
}

// keptPushes bounds how many pushes a branch remembers. What is older is a gap,
// and GitHub is asked.
const keptPushes = 1000

// State is who moved a branch: the fold of its stream.
type State struct {
	Subject gate.Subject
	Version uint64
	Merges  []Merged    // the last ones that were heard of
	Pushes  []gate.Push // in the order in which they were heard of, each once

	AskedFor string // the head for which GitHub was asked last
	AskedAt  time.Time
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	ev, ok := e.Event.(gate.Pushed)
	if !ok {
		return s
	}
	s.Subject = ev.Branch
	if ev.AskedFor != "" {
		s.AskedFor, s.AskedAt = ev.AskedFor, e.At
	}
	s.Pushes = slices.Clone(s.Pushes)
	for _, p := range ev.Pushes {
		if p.At.IsZero() {
			p.At = e.At
		}
		if ev.Branch.Name == "" && !p.Untold { // of a branch that is gone: another may have ended at the same commit
			s.Pushes = append(s.Pushes, p)
			continue
		}
		s.Pushes = withPush(s.Pushes, p)
	}
	s.Pushes = s.Pushes[max(0, len(s.Pushes)-keptPushes):]
	if len(ev.Merged) > 0 {
		s.Merges = slices.Clone(s.Merges[max(0, len(s.Merges)-keptPushes):])
	}
	for _, m := range ev.Merged {
		s.Merges = append(s.Merges, Merged{m, e.At})
	}
	if ev.Branch.Name == "" {
		s.Pushes = bounded(s.Pushes)
	}
	return s
}

// MergedAs is the pull request that became a commit of the branch; false where
// none is known.
func (s State) MergedAs(sha string) (Merged, bool) {
	i := slices.IndexFunc(s.Merges, func(m Merged) bool { return m.SHA == sha })
	if i < 0 {
		return Merged{}, false
	}
	return s.Merges[i], true
}

// withPush adds a push, or what is heard of one again: events tell of the same
// move with more or with less. What names an account is believed before what
// names none, and what names commits before what does not.
func withPush(all []gate.Push, p gate.Push) []gate.Push {
	i := slices.IndexFunc(all, func(o gate.Push) bool { return o.Before == p.Before && o.After == p.After && o.By.ID == p.By.ID })
	if i < 0 {
		return append(all, p)
	}
	if all[i].Untold && !p.Untold {
		p.At = all[i].At
		all[i] = p
	}
	return all
}

// Pushers is who pushed what a change consists of.
type Pushers struct {
	By    []gate.Actor // each once, those who pushed last first
	Whole bool         // it is known of every commit
	Known bool         // it is of every move of the branch
	// Borrowed are commits of the change that were in the repository before;
	// Untold those of which it is not known whether they were.
	Borrowed, Untold []string
}

// Lent adds who brought the commits of the change to the repository, wherever
// they did. It is not whole where nobody is known to have brought a borrowed one.
func (o *Pushers) Lent(commits []string, brought map[string][]gate.Actor) {
	for _, sha := range commits {
		for _, a := range brought[sha] {
			o.name(a)
		}
	}
	for _, sha := range o.Borrowed {
		o.Known = o.Known && len(brought[sha]) > 0
	}
	o.Whole = o.Known
}

// Pushers follows a branch back from a head until what a change consists of ends,
// and tells who pushed any of it, what was pushed over since included.
//
// Behind a forced push the change no longer says where it began, nor does one that
// does not have the head: there the branch is followed to where it was made. It is not whole where the record begins later,
// where a move names no account, or where a commit was in the repository before by
// somebody else's push.
func (s State) Pushers(head string, commits []string) Pushers {
	type place struct {
		commit string
		forced bool // it was pushed over
	}
	out := Pushers{Known: true}
	brought, untold := map[string]bool{}, false
	followed := map[place]bool{}
	for todo := []place{{commit: head, forced: !slices.Contains(commits, head)}}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if followed[at] {
			continue
		}
		followed[at] = true
		known := false
		for _, p := range s.Pushes {
			if p.After != at.commit {
				continue
			}
			known = true
			out.Known = out.Known && p.By.ID != 0
			out.name(p.By)
			untold = untold || p.Untold
			for _, sha := range p.Commits {
				brought[sha] = true
			}
			next := place{commit: p.Before, forced: at.forced || p.Forced}
			if p.Before != "" && (next.forced || slices.Contains(commits, p.Before)) {
				todo = append(todo, next)
			}
		}
		out.Known = out.Known && known
	}
	for _, sha := range commits {
		switch {
		case !out.Known || brought[sha]:
		case untold:
			out.Untold = append(out.Untold, sha)
		default:
			out.Borrowed = append(out.Borrowed, sha)
		}
	}
	out.Whole = out.Known && len(out.Borrowed) == 0
	return out
}

// Tells reports whether it is on record that a push left the branch at a commit.
func (s State) Tells(head string) bool {
	return slices.ContainsFunc(s.Pushes, func(p gate.Push) bool { return p.After == head })
}

func (o *Pushers) name(by gate.Actor) {
	if !slices.ContainsFunc(o.By, func(a gate.Actor) bool { return a.ID == by.ID && a.Login == by.Login }) {
		o.By = append(o.By, by)
	}
}
