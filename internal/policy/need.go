package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// A need is stricter than another where whatever meets it meets the other too.
// covers decides that soundly: it says yes only where it is certain. Where
// neither of two needs covers the other, both must be met: strictest joins
// them with `all`, in which one person never fills two places. What comes out
// meets each of the needs that went in; it may ask for a person more than the
// two would apart.

// Covers reports whether whatever meets a also meets b.
func Covers(a, b gate.Need) bool { return coversAt(a, b, 0) }

func coversAt(a, b gate.Need, depth int) bool {
	if depth > 2*rulesfile.MaxNesting {
		return false
	}
	if len(a.Any) > 0 { // whichever way a is met
		for _, way := range a.Any {
			if !coversAt(way, b, depth+1) {
				return false
			}
		}
		return true
	}
	if len(b.Any) > 0 {
		for _, way := range b.Any {
			if coversAt(a, way, depth+1) {
				return true
			}
		}
	}
	return fills(parts(a), parts(b), depth)
}

// parts are the members of an `all`, flattened.
func parts(n gate.Need) []gate.Need {
	if len(n.All) == 0 {
		return []gate.Need{n}
	}
	var out []gate.Need
	for _, m := range n.All {
		out = append(out, parts(m)...)
	}
	return out
}

// fills reports whether each part of b finds a part of a that covers it, where
// an approval of a is used once: `all` asks for different people.
func fills(a, b []gate.Need, depth int) bool {
	if len(a) > 16 || len(b) > 16 {
		return false
	}
	room := make([]int, len(a))
	for i := range a {
		room[i] = max(a[i].Approvals, 1)
	}
	steps := 0
	var place func(i int) bool
	place = func(i int) bool {
		if i == len(b) {
			return true
		}
		for j := range a {
			if steps++; steps > 10_000 {
				return false
			}
			cost, ok := partCovers(a[j], b[i], depth)
			if !ok || room[j] < cost {
				continue
			}
			room[j] -= cost
			if place(i + 1) {
				return true
			}
			room[j] += cost
		}
		return false
	}
	return place(0)
}

// partCovers compares two needs without `all`, and says how many of a's
// approvals b takes.
func partCovers(a, b gate.Need, depth int) (cost int, ok bool) {
	if len(a.Any) > 0 || len(b.Any) > 0 {
		// All of a is used up: what remains of alternatives is not known.
		return max(a.Approvals, 1), coversAt(a, b, depth+1)
	}
	if slices.Contains(b.From, rulesfile.Owners) && !slices.Contains(a.From, rulesfile.Owners) {
		return 0, false // it becomes a part for each set of owners: how many is not known
	}
	ok = a.Approvals >= b.Approvals && narrower(a.From, b.From, writers) && fewerChannels(a.Via, b.Via) &&
		sooner(a.Expires, b.Expires) && (a.Reason || !b.Reason) && (a.Keep == "" || a.Keep == b.Keep)
	return b.Approvals, ok
}

// narrower reports whether every way that a leaves open is open in b. An empty
// list leaves everything open, or what implied says.
func narrower(a, b []string, implied func(string) bool) bool {
	if len(b) == 0 {
		if len(a) == 0 || implied == nil {
			return true
		}
		return !slices.ContainsFunc(a, func(s string) bool { return !implied(s) })
	}
	if len(a) == 0 {
		return false
	}
	for _, s := range a {
		if !slices.Contains(b, s) && !(implied != nil && roleIn(s, b)) {
			return false
		}
	}
	return true
}

var roles = []string{"role:write", "role:maintain", "role:admin"}

// fewerChannels reports whether b takes every channel that a takes. A need that
// names none takes any but the command line and Slack: those have to be named.
func fewerChannels(a, b []string) bool {
	if len(b) == 0 {
		return !slices.ContainsFunc(a, named)
	}
	rest := a
	if slices.Contains(b, string(rulesfile.Slack)) { // where that is enough, a passkey is
		rest = slices.DeleteFunc(slices.Clone(a), func(via string) bool { return via == string(rulesfile.Passkey) })
		if len(a) > 0 && len(rest) == 0 {
			return true
		}
	}
	return narrower(rest, b, nil)
}

// named reports whether a channel is taken only where it is named.
func named(via string) bool { return via == string(rulesfile.CLI) || via == string(rulesfile.Slack) }

// writers are approvers who certainly can write: an empty `from` means anyone
// who can, and a named team may hold people who cannot.
func writers(s string) bool { return slices.Contains(roles, s) }

// roleIn reports whether the role s is at or above one in list.
func roleIn(s string, list []string) bool {
	at := slices.Index(roles, s)
	for _, other := range list {
		if i := slices.Index(roles, other); i >= 0 && i <= at {
			return true
		}
	}
	return false
}

func sooner(a, b string) bool {
	if b == "" {
		return true
	}
	da, errA := time.ParseDuration(a)
	db, errB := time.ParseDuration(b)
	return errA == nil && errB == nil && da <= db
}

// Strictest joins needs into the one that is met only where each of them is.
// The result does not depend on their order. It is nil for none.
func Strictest(needs ...*gate.Need) *gate.Need {
	var all []gate.Need
	for _, n := range needs {
		if n != nil {
			all = append(all, *n)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, compareNeeds)
	all = slices.CompactFunc(all, func(a, b gate.Need) bool { return compareNeeds(a, b) == 0 })
	var kept []gate.Need
	for i, n := range all {
		if !slices.ContainsFunc(kept, func(k gate.Need) bool { return Covers(k, n) }) && !coveredLater(all[i+1:], n) {
			kept = append(kept, n)
		}
	}
	if len(kept) == 1 {
		return &kept[0]
	}
	joined := gate.Need{}
	for _, n := range kept {
		joined.All = append(joined.All, parts(n)...)
	}
	slices.SortFunc(joined.All, compareNeeds)
	return &joined
}

func coveredLater(rest []gate.Need, n gate.Need) bool {
	return slices.ContainsFunc(rest, func(k gate.Need) bool { return Covers(k, n) })
}

// compareNeeds is an order of needs that has no meaning but is always the same.
func compareNeeds(a, b gate.Need) int {
	if c := cmp.Compare(b.Approvals, a.Approvals); c != 0 {
		return c
	}
	return bytes.Compare(encodeNeed(a), encodeNeed(b))
}

func encodeNeed(n gate.Need) []byte {
	out, err := json.Marshal(n)
	if err != nil {
		return nil // a Need holds texts and numbers only, which always encode
	}
	return out
}
