package policy

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"pgregory.net/rapid"
)

// meetsBoth checks "whatever meets a meets b" by trying approvals, apart from
// the code that compares needs: each way of meeting a is tried on b.
func meetsBoth(a, b gate.Need) bool {
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

func serves(g, asked approval) bool {
	return narrower(g.from, asked.from, writers) && narrower(g.via, asked.via, nil) &&
		(len(asked.via) > 0 || !slices.Contains(g.via, "cli")) &&
		sooner(g.expires, asked.expires) && (g.reason || !asked.reason) && (g.keep == "" || g.keep == asked.keep)
}

// strictest asks for all of its needs, and covers never says yes wrongly.
func TestNeedsAgainstApprovals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := mustParse(t, "needs", "version: 1\nneeds:\n  medium: "+drawNeed(t, 1)+"\n  high: "+drawNeed(t, 1)+"\n")
		a, b := f.Needs[gate.Medium].Need, f.Needs[gate.High].Need
		if covers(*a, *b) && !meetsBoth(*a, *b) {
			t.Fatalf("%s is said to be stricter than %s", sayNeed(a), sayNeed(b))
		}
		both := strictest(a, b)
		if !meetsBoth(*both, *a) || !meetsBoth(*both, *b) {
			t.Fatalf("%s and %s make %s, which is less", sayNeed(a), sayNeed(b), sayNeed(both))
		}
		if turned := strictest(b, a); string(encodeNeed(*turned)) != string(encodeNeed(*both)) {
			t.Fatalf("the order matters: %s, %s", sayNeed(both), sayNeed(turned))
		}
	})
}

func TestSayNeed(t *testing.T) {
	for text, want := range map[string]string{
		"{ approvals: 1 }": "1 approval",
		"{ approvals: 2, from: [\"@b/x\", \"@a\"], via: [passkey, button], expires: 90m, reason: required }": "2 approvals from @a or @b/x by button or passkey with a reason, valid for 1h30m",
		"{ any: [{ approvals: 1, from: [\"@a\"] }, { all: [{ approvals: 1 }, { approvals: 2 }] }] }":         "1 approval from @a or (1 approval and 2 approvals)",
		"{ all: [{ approvals: 1 }, { approvals: 1, from: [\"@a\"] }], expires: 24h }":                        "1 approval, valid for 24h and 1 approval from @a, valid for 24h",
	} {
		f := mustParse(t, "need", "version: 1\nneeds: { high: "+text+" }\n")
		if got := sayNeed(f.Needs[gate.High].Need); got != want {
			t.Errorf("%s is said as %q, want %q", text, got, want)
		}
	}
}
