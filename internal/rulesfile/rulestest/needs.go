package rulestest

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// MeetsBoth checks "whatever meets a meets b" by trying approvals, apart from
// the code that compares needs: each way of meeting a is tried on b.
func MeetsBoth(a, b gate.Need) bool {
	for _, way := range ways(a) {
		if !met(b, way) {
			return false
		}
	}
	return true
}

// approval is one person's yes with the least that it must have.
type approval struct {
	from    []string // the approver is in one of these groups, which one is not known
	via     []string
	expires string
	reason  bool
	keep    string
}

// ways are the least sets of approvals that meet a need.
func ways(n gate.Need) [][]approval {
	switch {
	case len(n.Any) > 0:
		var out [][]approval
		for _, m := range n.Any {
			out = append(out, ways(m)...)
		}
		return out
	case len(n.All) > 0:
		out := [][]approval{nil}
		for _, m := range n.All {
			var next [][]approval
			for _, head := range out {
				for _, tail := range ways(m) {
					next = append(next, append(slices.Clone(head), tail...))
				}
			}
			out = next
		}
		return out
	}
	var one []approval
	for range n.Approvals {
		one = append(one, approval{n.From, n.Via, n.Expires, n.Reason, n.Keep})
	}
	return [][]approval{one}
}

// met reports whether approvals, each of a different person, meet n: whether
// in one of its ways each approval that it asks for finds one that was given.
func met(n gate.Need, given []approval) bool {
	return slices.ContainsFunc(ways(n), func(asked []approval) bool { return matched(asked, given) })
}

// matched finds a partner for each of asked, by augmenting paths.
func matched(asked, given []approval) bool {
	partner := make([]int, len(given)) // of given: 1 + the one of asked that has it
	var place func(i int, tried []bool) bool
	place = func(i int, tried []bool) bool {
		for k, g := range given {
			if tried[k] || !serves(g, asked[i]) {
				continue
			}
			tried[k] = true
			if partner[k] == 0 || place(partner[k]-1, tried) {
				partner[k] = i + 1
				return true
			}
		}
		return false
	}
	for i := range asked {
		if !place(i, make([]bool, len(given))) {
			return false
		}
	}
	return true
}

// serves reports whether whoever gives the approval g gives one that is asked,
// whatever else is so.
func serves(g, asked approval) bool {
	return people(g.from, asked.from) && channels(g.via, asked.via) && lasts(g.expires, asked.expires) &&
		(g.reason || !asked.reason) && (g.keep == "" || g.keep == asked.keep)
}

// people: whom a allows are among those that b allows. Nobody named is whoever
// can write, and in a team may be some who cannot.
func people(a, b []string) bool {
	rank := map[string]int{"role:write": 1, "role:maintain": 2, "role:admin": 3}
	if len(a) == 0 {
		return len(b) == 0
	}
	for _, who := range a {
		ok := len(b) == 0 && rank[who] > 0
		for _, other := range b {
			ok = ok || who == other || rank[other] > 0 && rank[who] >= rank[other]
		}
		if !ok {
			return false
		}
	}
	return true
}

// channels: none named are all but the command line.
func channels(a, b []string) bool {
	if len(a) == 0 {
		a = []string{"button", "passkey"}
		if len(b) > 0 {
			return false // others may come
		}
	}
	if len(b) == 0 {
		return !slices.Contains(a, "cli")
	}
	return !slices.ContainsFunc(a, func(via string) bool { return !slices.Contains(b, via) })
}

func lasts(a, b string) bool {
	if a == "" || b == "" {
		return b == ""
	}
	x, errX := time.ParseDuration(a)
	y, errY := time.ParseDuration(b)
	return errX == nil && errY == nil && x <= y
}
