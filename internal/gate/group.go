package gate

import (
	"fmt"
	"time"
)

// GroupState is what only the gate of a merge group knows.
type GroupState struct {
	PullHead string // the head of the pull request that was merged into it
}

// Queueing is what a merge group comes to, given the gate of the pull request
// that it merges.
type Queueing struct {
	Passes  bool
	Pending bool   // something is still being judged: the queue should wait
	Why     string // a sentence
}

// Queueing says whether a merge group may pass: only if its pull request's gate
// is released for the head that it merges, under the same rules, and merging it
// brings no finding that the pull request did not show. Of a pull request that went
// in that is asked as it was then: its group is the tip of the branch by now.
func (s State) Queueing(pull State, now time.Time) Queueing {
	name := fmt.Sprintf("#%d", s.Subject.Number)
	switch {
	case s.Done:
		return Queueing{Why: "The merge group is gone."}
	case s.Verdict == nil || s.Wanted > s.Covered:
		return Queueing{Pending: true, Why: "The merge group is being judged."}
	case len(s.Verdict.Problems) > 0:
		return Queueing{Why: s.Verdict.Problems[0].Text}
	case pull.Done && pull.ClosedWhy != "" && !pull.Merged:
		return Queueing{Why: fmt.Sprintf("%s is closed.", name)}
	case pull.Verdict == nil || pull.Wanted > pull.Covered && !pull.Seen.Closed:
		return Queueing{Pending: true, Why: fmt.Sprintf("%s is being judged.", name)}
	case pull.Verdict.Head != s.Group.PullHead:
		return Queueing{Why: fmt.Sprintf("%s has another head than the one that is merged here.", name)}
	case !pull.Verdict.Rules.Same(s.Verdict.Rules):
		return Queueing{Why: fmt.Sprintf("%s was judged under other rules than are in force now.", name)}
	case !pull.beforeItClosed().Released(now):
		return Queueing{Why: fmt.Sprintf("%s is held: whoever releases it there lets it into the queue again.", name)}
	}
	if f := newFinding(pull.Verdict, s.Verdict); f != "" {
		return Queueing{Why: fmt.Sprintf("Merged with what goes before it, %s brings something that it did not show: %s. "+
			"Bring the branch up to date and have it judged again.", name, f)}
	}
	return Queueing{Passes: true, Why: fmt.Sprintf("%s is released for exactly this, and merging it brings nothing new.", name)}
}

// beforeItClosed is the gate of a pull request as it was when it went in, or when an
// event said that it is closed: whether it went in is not known until that is looked
// at, and nothing but that group could have merged it meanwhile.
func (s State) beforeItClosed() State {
	if s.Done && s.Merged || s.Seen.Closed {
		s.Done, s.Covered = false, max(s.Covered, s.Wanted)
	}
	return s
}

// newFinding names a finding of group that pull does not have, empty where
// there is none. Lines are left out: they move with what is merged before.
func newFinding(pull, group *Verdict) string {
	if group.FindingsDigest != "" && group.FindingsDigest == pull.FindingsDigest {
		return ""
	}
	if group.Hidden > 0 || pull.Hidden > 0 {
		return "more findings than are kept, which are not the same"
	}
	type key struct{ rule, pack, observation, path, object string }
	of := func(f Finding) key {
		k := key{f.Rule, f.Pack, "", f.Path, f.Object}
		if f.Observation != nil {
			k.observation = *f.Observation
		}
		return k
	}
	known := map[key]int{}
	for _, f := range pull.Findings {
		known[of(f)]++
	}
	for _, f := range group.Findings {
		if known[of(f)]--; known[of(f)] < 0 {
			return f.Rule + " in " + orWhole(f.Path)
		}
	}
	return ""
}

func orWhole(path string) string {
	if path == "" {
		return "the change as a whole"
	}
	return path
}
