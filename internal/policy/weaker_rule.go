package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// rules compares the rules in force by their ids: another file may adjust one by
// its id. What only observes holds nothing.
func (w *weaker) rules() {
	now := map[string]*ActiveRule{}
	for _, rule := range w.to.Active {
		now[rule.FullID] = rule
	}
	packs := map[string]bool{}
	for _, old := range w.from.Active {
		is := now[old.FullID]
		brought := strings.HasPrefix(old.FullID, old.Pack+"/")
		switch {
		case old.Observe:
		case is == nil && !brought:
			w.say("the rule is gone", "rules", old.FullID)
		case is == nil && !packs[old.Pack]:
			packs[old.Pack] = true
			w.say("the pack "+old.Pack+" is no longer in force", "extends", old.Pack)
		case is == nil:
		case brought:
			w.rule(old, is, "adjust", old.FullID)
		default:
			w.rule(old, is, "rules", old.FullID)
		}
	}
}

func (w *weaker) rule(old, now *ActiveRule, at ...string) {
	say := func(key, format string, args ...any) {
		w.say(fmt.Sprintf(format, args...), append(slices.Clip(at), key)...)
	}
	if now.Observe {
		say("mode", "it only observes")
	}
	if old.Everyone && !now.Everyone {
		say("for", "everyone to agents")
	}
	if a, b := w.riskOf(old), w.riskOf(now); !b.atLeast(a) && !(asSeen(old, now) && now.Floor >= old.Floor) {
		say("risk", "risk %s to %s", a, b)
	}
	if now.Level.Rank() < old.Level.Rank() {
		say("level", "%s to %s", orNone(string(old.Level)), orNone(string(now.Level)))
	}
	needOf := func(r *Rules, rule *ActiveRule) *gate.Need {
		if rule.NeedOf == "" {
			return rule.Need
		}
		return Strictest(rule.Need, r.Needs[rule.NeedOf.Rank()])
	}
	w.need(needOf(w.from, old), needOf(w.to, now), append(slices.Clip(at), "need")...)
	w.scope(old, now, say)
	// Texts aside, whatever else two rules differ in is not known here.
	if a, b := unknownOf(old), unknownOf(now); a != b {
		say("", "%s to %s, which cannot be told to hold as much", a, b)
	}
}

// scope looks for a rule that may match less.
func (w *weaker) scope(old, now *ActiveRule, say func(key, format string, args ...any)) {
	was, is := old.inForce(), now.inForce()
	if (was.Detect == nil) != (is.Detect == nil) {
		say("detect", "%s to %s: it looks at something else", orNone(words.List(was.Detect, "and")), orNone(words.List(is.Detect, "and")))
	}
	for _, f := range []struct {
		key      string
		old, now []string
		within   func(narrow, wide string) bool
	}{
		{"paths", was.Paths, is.Paths, pathWithin}, {"status", was.Status, is.Status, nil},
		{"actors", was.Actors, is.Actors, nameWithin}, {"labels", was.Labels, is.Labels, nameWithin},
		{"branches", was.Branches, is.Branches, pathWithin}, {"detect", was.Detect, is.Detect, nameWithin},
	} {
		if !widens(f.now, f.old, f.within) {
			say(f.key, "%s to %s", Ticked(f.old), Ticked(f.now))
		}
	}
	if is.When != "" && is.When != was.When {
		say("when", "another condition: what it lets pass cannot be told")
	}
}

// unknownOf is what a rule in force has beyond what is compared, and beyond its
// texts.
func unknownOf(rule *ActiveRule) string {
	r := rule.inForce()
	r.ID, r.From, r.Title, r.Message, r.Why, r.Controls = "", "", "", "", "", nil
	r.Paths, r.Status, r.Actors, r.Branches, r.Labels, r.Detect, r.When = nil, nil, nil, nil, nil, nil, ""
	r.For, r.Risk, r.Floor, r.Level, r.Mode, r.Need, r.NeedOf = "", 0, 0, "", "", nil, ""
	return asText(r)
}

// risks are the least and the most that matches of a rule can count.
type risks struct{ least, most int }

func (r risks) atLeast(other risks) bool { return r.least >= other.most }

func (r risks) String() string {
	if r.least == r.most {
		return fmt.Sprint(r.least)
	}
	return fmt.Sprintf("%d to %d as seen", r.least, r.most)
}

// asSeen reports whether each observation counts by itself, before and after.
func asSeen(old, now *ActiveRule) bool { return old.Risk == 0 && now.Risk == 0 }

// riskOf knows what each observation counts by itself.
func (w *weaker) riskOf(rule *ActiveRule) risks {
	if rule.Risk > 0 {
		return risks{max(rule.Risk, rule.Floor), max(rule.Risk, rule.Floor)}
	}
	out := risks{100, 1}
	for _, k := range w.to.Registry.Kinds {
		if rule.Detect.Match(k.ID) {
			out.least, out.most = min(out.least, k.Risk), max(out.most, k.Risk)
		}
	}
	return risks{max(min(out.least, out.most), rule.Floor), max(out.most, rule.Floor)}
}

// widens reports whether a list of patterns matches, for certain, all that
// another does. In a list the last pattern that matches decides, and `!` takes
// out; no list matches everything. within says whether one pattern matches all
// that another does; nil: only if they are the same.
func widens(now, old []string, within func(narrow, wide string) bool) bool {
	switch {
	case len(now) == 0 || slices.Equal(now, old):
		return true
	case len(old) == 0:
		return false
	}
	if !slices.ContainsFunc(now, negative) {
		for _, p := range old {
			same := func(wide string) bool { return p == wide || within != nil && within(p, wide) }
			if !negative(p) && !slices.ContainsFunc(now, same) {
				return false
			}
		}
		return true
	}
	return grownFrom(now, old)
}

func negative(pattern string) bool { return strings.HasPrefix(pattern, "!") }

// grownFrom reports whether a list comes of another by putting patterns in that
// match more, and by leaving out some that take out: neither can take anything
// from what it matches.
func grownFrom(now, old []string) bool {
	// can[j]: the patterns of now so far come of the first j of old.
	can := make([]bool, len(old)+1)
	can[0] = true
	skip := func(can []bool) {
		for j, p := range old {
			can[j+1] = can[j+1] || can[j] && negative(p)
		}
	}
	skip(can)
	for _, p := range now {
		next := make([]bool, len(old)+1)
		for j := range can {
			next[j] = next[j] || can[j] && !negative(p)
			if j < len(old) && old[j] == p {
				next[j+1] = next[j+1] || can[j]
			}
		}
		skip(next)
		can = next
	}
	return can[len(old)]
}

// pathWithin reports whether a path pattern matches, for certain, nothing that a
// wider one does not.
func pathWithin(narrow, wide string) bool {
	if wide == "**" {
		return true
	}
	folder, ok := strings.CutSuffix(wide, "/**")
	return ok && !strings.ContainsAny(folder, `*?[]{}\`) && strings.HasPrefix(narrow, folder+"/")
}

// nameWithin is pathWithin for names, in which `*` alone stands for others.
func nameWithin(narrow, wide string) bool {
	beginning, ok := strings.CutSuffix(strings.ToLower(strings.TrimPrefix(wide, "@")), "*")
	return ok && !strings.Contains(beginning, "*") && strings.HasPrefix(strings.ToLower(strings.TrimPrefix(narrow, "@")), beginning)
}
