package gate

import (
	"fmt"
	"slices"
	"strings"
)

// OverrideRecord is an override that was counted. It stays on the list until
// somebody else has reviewed it, whatever becomes of the gate.
type OverrideRecord struct {
	Choice
	Review *Choice // nil: nobody has looked at it yet
}

// Unreviewed are the overrides that nobody else has looked at yet.
func (s State) Unreviewed() []OverrideRecord {
	var out []OverrideRecord
	for _, o := range s.Overrides {
		if o.Review == nil {
			out = append(out, o)
		}
	}
	return out
}

// mayOverride asks whether the rules let this person release at once.
func (s State) mayOverride(o Offer, p Person, who string) (code, text string) {
	glass := s.Verdict.BreakGlass
	if glass == nil {
		return "no_break_glass", fmt.Sprintf("%s asked for a release at once, which the rules let nobody do.", who)
	}
	switch {
	case !inAny(p.Groups, glass.from()) && inAny(p.Untold, glass.from()):
		return "untold",
			fmt.Sprintf("GitHub does not tell gatehold whether %s is of %s. That is not a yes: grant the App the permission "+
				"to see it.", who, strings.Join(p.Untold, ", "))
	case !inAny(p.Groups, glass.from()):
		return "not_entitled", fmt.Sprintf("%s is not of %s, who may release at once.", who, strings.Join(glass.from(), ", "))
	case !glass.takes(o.Via):
		return "channel", fmt.Sprintf("%s asked for a release at once by %s, which the rules do not take for it.", who, o.Via)
	case glass.Reason && strings.TrimSpace(o.Reason) == "":
		return "reason", fmt.Sprintf("%s gave no reason, which the rules ask for.", who)
	}
	return "", ""
}

// staleReview refuses a review where there is nothing to review. An override
// is reviewed after the fact: the gate may be closed or about another head.
func (s State) staleReview(o Offer, who string) (code, text string) {
	if s.Verdict == nil || !slices.ContainsFunc(s.Unreviewed(), o.saw) {
		return "nothing_to_review", fmt.Sprintf("%s reviewed, and no override waits for it.", who)
	}
	return "", ""
}

// saw reports whether an override was there to be seen by whoever answered: a
// review is for no other.
func (o Offer) saw(r OverrideRecord) bool { return o.Saw.Version == 0 || r.Version <= o.Saw.Version }

// mayReview asks whether this person may look at what was overridden: somebody
// else than whoever did it, of those who could have approved or overridden it.
func (s State) mayReview(o Offer, p Person, who string) (code, text string) {
	var groups []string
	for _, n := range []*Need{s.Verdict.Needs, s.Verdict.BreakGlass} {
		if n != nil {
			groups = append(groups, n.Groups()...)
		}
	}
	others := slices.ContainsFunc(s.Unreviewed(), func(r OverrideRecord) bool { return r.By.ID != o.By.ID && o.saw(r) })
	switch {
	case !others:
		return "own_override", fmt.Sprintf("%s cannot review their own override. Somebody else has to.", who)
	case inAny(p.Groups, groups):
		return "", ""
	case inAny(p.Untold, groups):
		return "untold",
			fmt.Sprintf("GitHub does not tell gatehold whether %s is of %s. That is not a yes: grant the App the permission "+
				"to see it.", who, strings.Join(p.Untold, ", "))
	}
	return "not_entitled", fmt.Sprintf("%s is not of %s, who may review it.", who, strings.Join(groups, ", "))
}

// reviewed marks the overrides of others than the reviewer that were there when
// they looked.
func reviewed(overrides []OverrideRecord, review Choice) []OverrideRecord {
	out := slices.Clone(overrides)
	looked := Offer{Offered: Offered{Saw: review.Saw}}
	for i := range out {
		if out[i].Review == nil && out[i].By.ID != review.By.ID && looked.saw(out[i]) {
			out[i].Review = &review
		}
	}
	return out
}

// Asks lists the groups that a choice about this verdict has to be held
// against: what is to be asked about a person.
func (v *Verdict) Asks() []string {
	var all []string
	add := func(groups ...string) {
		for _, g := range groups {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	if v.Needs != nil {
		add(v.Needs.Groups()...)
	}
	if v.BreakGlass != nil {
		add(v.BreakGlass.Groups()...)
	}
	for _, x := range v.Excluded {
		add(x.Group)
	}
	if v.Deploy != nil {
		for _, w := range v.Deploy.Waits {
			add(w.Except...)
		}
	}
	return all
}

func inAny(have, want []string) bool {
	return slices.ContainsFunc(have, func(g string) bool { return slices.Contains(want, g) })
}
