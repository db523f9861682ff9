package gate_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// extraordinary holds an override or a review that was counted to the rules,
// and the list of overrides to its promise: nothing leaves it, and only somebody
// else's review marks it.
func extraordinary(t *rapid.T, before, after gate.State, c gate.Counted) {
	glass := before.Verdict.BreakGlass
	switch c.Answer {
	case gate.Override:
		switch {
		case glass == nil, !slices.Contains(c.Groups, "@acme/incident"), glass.Reason && c.Reason == "",
			len(glass.Via) > 0 && !slices.Contains(glass.Via, c.Via):
			t.Fatalf("an override by %+v was counted against %+v", c, glass)
		case len(after.Overrides) != len(before.Overrides)+1:
			t.Fatal("an override is not on the list")
		}
	case gate.Review:
		if !slices.ContainsFunc(before.Unreviewed(), func(o gate.OverrideRecord) bool { return o.By.ID != c.By.ID }) {
			t.Fatalf("%s reviewed what was nobody else's", c.By.Login)
		}
		if !reflect.DeepEqual(before.Choices, after.Choices) {
			t.Fatal("a review changed what people said")
		}
	default:
		if len(after.Overrides) != len(before.Overrides) {
			t.Fatalf("%s changed the list of overrides", c.Answer)
		}
	}
	for i, o := range before.Overrides {
		now := after.Overrides[i]
		switch {
		case now.Version != o.Version, o.Review != nil && now.Review != o.Review:
			t.Fatalf("what is on record changed from %+v to %+v", o, now)
		case now.Review != nil && now.Review.By.ID == now.By.ID:
			t.Fatalf("%s reviewed their own override", now.By.Login)
		}
	}
}

// glassed is a held gate of which @acme/incident may release at once, for a
// reason, and @acme/platform owns the agent.
func glassed(t *testing.T) *stream {
	s := &stream{t: t, at: start}
	s.add(seen("a1", "main"))
	s.add(verdictAt(s.state, "a1", &gate.Need{Approvals: 1, From: []string{"@acme/incident"}, Reason: true}))
	return s
}

func verdictAt(s gate.State, head string, glass *gate.Need) gate.Judged {
	return gate.Judged{Covers: s.Version, Head: head, BaseRef: "main", Digest: head, Verdict: &gate.Verdict{
		Head: head, Held: true, Digest: head, Needs: &gate.Need{Approvals: 1, From: []string{"@acme/sre"}}, BreakGlass: glass,
		Contributors: contributors, Excluded: []gate.Exclusion{{Group: "@acme/platform", Role: "owns the agent fixer"}},
	}}
}

var (
	fay    = gate.Person{Actor: gate.Actor{Login: "fay", ID: 9, Type: "User"}, Groups: []string{"@acme/incident"}}
	author = gate.Person{Actor: gate.Actor{Login: "author", ID: 5, Type: "User"}, Groups: []string{"@acme/incident", "@acme/sre"}}
	owner  = gate.Person{Actor: gate.Actor{Login: "owner", ID: 10, Type: "User"},
		Groups: []string{"@acme/incident", "@acme/sre", "@acme/platform"}}
	perhaps = gate.Person{Actor: gate.Actor{Login: "perhaps", ID: 11, Type: "User"}, Groups: []string{"@acme/sre"},
		Untold: []string{"@acme/platform"}}
	hidden = gate.Person{Actor: gate.Actor{Login: "hidden", ID: 12, Type: "User"}, Untold: []string{"@acme/incident"}}
)

// saw is what a person sees of the gate as it stands.
func (s *stream) saw() gate.Sight {
	return gate.Sight{Version: s.state.Version, Check: "check/42/a1", Painting: s.state.Version}
}

// answers offers a choice about what stands now, has it counted, and returns
// the code of its refusal.
func (s *stream) answers(who gate.Person, answer gate.Answer, reason string) string {
	s.add(gate.Offered{By: who.Actor, Answer: answer, Via: "button", Reason: reason, For: s.state.For(), Saw: s.saw()})
	event := s.state.Count(s.state.Offers[0], who)
	s.add(event)
	if refused, ok := event.(gate.Refused); ok {
		return refused.Code
	}
	return ""
}

func TestWhoMayReleaseAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		who    gate.Person
		reason string
		want   string
	}{
		"attack: override by a contributor":     {author, "it is urgent", "contributor"},
		"attack: override by the agent's owner": {owner, "it is urgent", "excluded"},
		"attack: override without a reason":     {fay, " \t", "reason"},
		"somebody who may approve only":         {people[0], "it is urgent", "not_entitled"},
		"GitHub does not tell":                  {hidden, "it is urgent", "untold"},
		"a bot":                                 {people[6], "it is urgent", "not_human"},
		"of the team, with a reason":            {fay, "it is urgent", ""},
	} {
		s := glassed(t)
		if got := s.answers(c.who, gate.Override, c.reason); got != c.want {
			t.Errorf("%s: refused as %q, want %q", name, got, c.want)
		}
		if s.state.Released(s.at) != (c.want == "") || len(s.state.Unreviewed()) != len(s.state.Overrides) {
			t.Errorf("%s: released %v, %d on the list", name, s.state.Released(s.at), len(s.state.Overrides))
		}
	}
	s := &stream{t: t, at: start}
	s.add(seen("a1", "main"))
	s.add(verdictAt(s.state, "a1", nil))
	if got := s.answers(fay, gate.Override, "it is urgent"); got != "no_break_glass" {
		t.Errorf("nobody may, and it was %q", got)
	}
}

func TestAttackApprovalByTheOwnerOfTheAgent(t *testing.T) {
	s := glassed(t)
	for who, want := range map[*gate.Person]string{&owner: "excluded", &perhaps: "untold"} {
		if got := s.answers(*who, gate.Approve, ""); got != want || s.state.Released(s.at) {
			t.Errorf("@%s: refused as %q, want %q", who.Actor.Login, got, want)
		}
	}
	if text := s.state.Refusals[0].Text; !strings.Contains(text, "@acme/platform") {
		t.Errorf("the refusal does not say of what: %s", text)
	}
	if got := s.answers(people[0], gate.Approve, ""); got != "" || !s.state.Released(s.at) {
		t.Errorf("somebody else is refused as %q", got)
	}
}

func TestAnOverrideIsReviewedBySomebodyElse(t *testing.T) {
	s := glassed(t)
	if got := s.answers(people[0], gate.Review, ""); got != "nothing_to_review" {
		t.Errorf("a review of nothing is %q", got)
	}
	s.answers(fay, gate.Override, "it is urgent")
	s.add(gate.Told{Covers: s.state.Changed, Checks: []string{"a1"}})
	if got := s.answers(fay, gate.Review, ""); got != "own_override" {
		t.Errorf("attack: the reviewer of her own override is %q", got)
	}
	for who, want := range map[*gate.Person]string{&author: "contributor", &owner: "excluded", &people[2]: "not_entitled"} {
		if got := s.answers(*who, gate.Review, ""); got != want || len(s.state.Unreviewed()) != 1 {
			t.Errorf("a review by @%s is %q, want %q", who.Actor.Login, got, want)
		}
	}
	// It stays on the list whatever comes: a push that voids it, and the end.
	s.add(seen("b2", "main"))
	s.add(verdictAt(s.state, "b2", nil))
	if s.state.Released(s.at) || s.state.Overridden() != nil || len(s.state.Unreviewed()) != 1 {
		t.Fatalf("after a push: released %v, to review %d", s.state.Released(s.at), len(s.state.Unreviewed()))
	}
	s.add(seen("b2", "main"))
	s.add(gate.Closed{Covers: s.state.Version, Merged: true})
	s.add(gate.Told{Covers: s.state.Changed})
	if got := s.answers(people[0], gate.Review, "looked at it"); got != "" || len(s.state.Unreviewed()) != 0 {
		t.Fatalf("a review after the end is %q, %d to review", got, len(s.state.Unreviewed()))
	}
	if r := s.state.Overrides[0].Review; r == nil || r.By.Login != "ana" || r.Reason != "looked at it" {
		t.Errorf("the review is on record as %+v", r)
	}
	if step, _ := s.state.Due(); step != gate.NotifyChecks || !slices.Contains(s.state.Checks(), "b2") {
		t.Errorf("the check does not hear of it: %s for %v", step, s.state.Checks())
	}
	if s.state.Released(s.at) {
		t.Error("a review released something")
	}
}

func TestADenialStandsOverAnOverride(t *testing.T) {
	s := glassed(t)
	s.answers(fay, gate.Override, "it is urgent")
	if got := s.answers(people[0], gate.Deny, ""); got != "" || s.state.Released(s.at) {
		t.Errorf("the denial is %q, released %v", got, s.state.Released(s.at))
	}
	if !slices.Equal(s.state.Verdict.Asks(), []string{"@acme/sre", "@acme/incident", "@acme/platform"}) {
		t.Errorf("asked of people: %v", s.state.Verdict.Asks())
	}
}
