package gate

import (
	"slices"
	"time"
)

// Slot is one part of a need with the people who fill it.
type Slot struct {
	Need    Need // a leaf: approvals from somebody, by some channel
	By      []Choice
	Missing int
}

// Progress is how far a need is met.
type Progress struct {
	Met   bool
	Slots []Slot // of the alternative that lacks the least
}

// maxAlternatives bounds the ways in which nested `any` can be met. The rules'
// parser allows far fewer.
const maxAlternatives = 256

// Progress says which parts of a need are met by choices at a moment. One
// person fills one place only, and people are placed so that as many places
// as possible are filled.
func (n Need) Progress(choices []Choice, now time.Time) Progress {
	best := Progress{}
	lacks := -1
	for _, leaves := range n.alternatives() {
		slots, missing := place(leaves, choices, now)
		if lacks < 0 || missing < lacks {
			best, lacks = Progress{Met: missing == 0, Slots: slots}, missing
		}
	}
	return best
}

// alternatives are the sets of leaves any one of which meets the need.
func (n Need) alternatives() [][]Need {
	switch {
	case len(n.Any) > 0:
		var out [][]Need
		for _, part := range n.Any {
			out = append(out, part.alternatives()...)
		}
		return out[:min(len(out), maxAlternatives)]
	case len(n.All) > 0:
		out := [][]Need{nil}
		for _, part := range n.All {
			var longer [][]Need
			for _, begun := range out {
				for _, more := range part.alternatives() {
					longer = append(longer, slices.Concat(begun, more))
				}
			}
			out = longer[:min(len(longer), maxAlternatives)]
		}
		return out
	}
	return [][]Need{{n}}
}

// place fills the places of the leaves with distinct people: a maximum
// matching by augmenting paths.
func place(leaves []Need, choices []Choice, now time.Time) (slots []Slot, missing int) {
	var places []int // the leaf of each place
	for i, leaf := range leaves {
		for range max(leaf.Approvals, 1) {
			places = append(places, i)
		}
	}
	holder := make([]int, len(places)) // index into choices, or -1
	for p := range holder {
		holder[p] = -1
	}
	var seat func(c int, tried []bool) bool
	seat = func(c int, tried []bool) bool {
		for p, leaf := range places {
			if tried[p] || !leaves[leaf].fits(choices[c], now) {
				continue
			}
			tried[p] = true
			if holder[p] < 0 || seat(holder[p], tried) {
				holder[p] = c
				return true
			}
		}
		return false
	}
	for c := range choices {
		seat(c, make([]bool, len(places)))
	}
	slots = make([]Slot, len(leaves))
	for i, leaf := range leaves {
		slots[i].Need = leaf
	}
	for p, leaf := range places {
		if holder[p] < 0 {
			slots[leaf].Missing++
			missing++
			continue
		}
		slots[leaf].By = append(slots[leaf].By, choices[holder[p]])
	}
	return slots, missing
}

// lapse is the next moment at which time alone takes something away from the
// choices, or zero.
func (n Need) lapse(choices []Choice, after time.Time) time.Time {
	var next time.Time
	for _, leaf := range n.leaves() {
		for _, c := range choices {
			end, ends := leaf.end(c)
			if ends && end.After(after) && (next.IsZero() || end.Before(next)) {
				next = end
			}
		}
	}
	return next
}

// sinceOf is since when GitHub waits for an answer, as an event says.
func sinceOf(e Event) time.Time {
	switch ev := e.(type) {
	case Seen:
		return ev.Since
	case Look:
		return ev.Since
	}
	return time.Time{}
}

// worthShowing thins out repeated failures: the check says so at attempts 2, 4,
// 8 and so on, not at each one, and at the first where nothing is tried again
// soon. A first failure is most often gone before anybody could read of it.
func worthShowing(f Failed, at time.Time) bool {
	if f.Next.IsZero() || f.Next.Sub(at) > 20*time.Second {
		return f.Attempt&(f.Attempt-1) == 0
	}
	return f.Attempt >= 2 && f.Attempt&(f.Attempt-1) == 0
}
