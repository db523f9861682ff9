package gate

import "slices"

// toldOf is a head and a base that a gate had while its checks had to be told of
// it, or that an event gave it: a check holds for it at the event's word. Telling is
// cut off where a process dies, with some of them told and nothing of that on record:
// until it is on record, any of them may show the gate.
type toldOf struct {
	head, base string
	version    uint64
}

func withTold(all []toldOf, now toldOf) []toldOf {
	known := func(o toldOf) bool { return o.head == now.head && o.base == now.base }
	if now.head == "" || slices.ContainsFunc(all, known) {
		return all
	}
	return append(slices.Clone(all), now)
}

// toldAfter are those that came after what the checks have been told of.
func toldAfter(all []toldOf, covers uint64) []toldOf {
	return slices.DeleteFunc(slices.Clone(all), func(o toldOf) bool { return o.version <= covers })
}

// EachMayShow calls f with each commit whose check may show the gate although that
// is not on record, and with the base branch that it had then.
func (s State) EachMayShow(f func(sha, base string)) {
	for _, o := range s.telling {
		f(o.head, o.base)
	}
}
