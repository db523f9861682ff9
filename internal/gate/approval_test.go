package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/proptest"
)

// people is everybody who could press a button: humans in groups, the ones who
// had a part in the change, a bot, and somebody with a look-alike name.
var people = []gate.Person{
	{Actor: gate.Actor{Login: "ana", ID: 1, Type: "User"}, Groups: []string{"@acme/sre"}},
	{Actor: gate.Actor{Login: "bo", ID: 2, Type: "User"}, Groups: []string{"@acme/sre", "@acme/security"}},
	{Actor: gate.Actor{Login: "cy", ID: 3, Type: "User"}, Groups: []string{"@acme/security"}},
	{Actor: gate.Actor{Login: "dee", ID: 4, Type: "User"}},
	{Actor: gate.Actor{Login: "author", ID: 5, Type: "User"}, Groups: []string{"@acme/sre", "@acme/security"}},
	{Actor: gate.Actor{Login: "Instigator", ID: 6, Type: "User"}, Groups: []string{"@acme/sre", "@acme/security"}},
	{Actor: gate.Actor{Login: "helper[bot]", ID: 7, Type: "Bot"}, Groups: []string{"@acme/sre", "@acme/security"}},
	{Actor: gate.Actor{Login: "ana\u0430", ID: 8, Type: "User"}, Untold: []string{"@acme/sre"}},
	{Actor: gate.Actor{Login: "fay", ID: 9, Type: "User"}, Groups: []string{"@acme/incident"}},
	{Actor: gate.Actor{Login: "owner", ID: 10, Type: "User"}, Groups: []string{"@acme/sre", "@acme/incident", "@acme/platform"}},
	{Actor: gate.Actor{Login: "perhaps", ID: 11, Type: "User"}, Groups: []string{"@acme/sre", "@acme/incident"},
		Untold: []string{"@acme/platform"}},
}

var contributors = []gate.Contributor{{ID: 5, Role: "opened it"}, {Login: "instigator", Role: "asked for it"}}

var needs = []gate.Need{
	{Approvals: 1, From: []string{"@acme/sre"}},
	{Approvals: 2, From: []string{"@acme/sre"}, Expires: "1h"},
	{All: []gate.Need{{Approvals: 1, From: []string{"@acme/sre"}}, {Approvals: 1, From: []string{"@acme/security"}}}},
	{Any: []gate.Need{{Approvals: 2, From: []string{"@acme/sre"}},
		{Approvals: 1, From: []string{"@acme/security"}, Via: []string{"passkey"}}}},
	{Approvals: 1, From: []string{"@acme/security"}, Keep: "same_findings"},
	{Approvals: 1, Reason: true, From: []string{"@acme/sre"}},
}

// TestOnlyEntitledPeopleReleaseWhatTheySaw drives a gate with pushes, new
// verdicts, clicks by all kinds of people about all kinds of states, and time.
func TestOnlyEntitledPeopleReleaseWhatTheySaw(t *testing.T) {
	proptest.Check(t, func(t *rapid.T, came func(string)) {
		s := &stream{t: t, at: start}
		s.add(seen("a1", "main"))
		s.add(heldVerdict(t, s.state))
		shown := []gate.For{s.state.For()}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				s.add(seen(rapid.SampledFrom([]string{"a1", "b2"}).Draw(t, "head"),
					rapid.SampledFrom([]string{"main", "release"}).Draw(t, "base")))
			case 1:
				s.add(heldVerdict(t, s.state))
				shown = append(shown, s.state.For())
			case 2:
				s.at = s.at.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "minutes")) * time.Minute)
			case 3:
				if step, when := s.state.Due(); step == gate.Lapse && !s.at.Before(when) {
					s.add(gate.Lapsed{})
				}
			default:
				click(t, s, shown)
			}
			if s.state.Released(s.at) {
				came("released")
				justified(t, s)
			}
		}
	}, "released")
}

func heldVerdict(t *rapid.T, s gate.State) gate.Judged {
	need := rapid.SampledFrom(needs).Draw(t, "need")
	rules := rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "rules")
	findings := rapid.SampledFrom([]string{"f1", "f2", ""}).Draw(t, "findings")
	glass := rapid.SampledFrom(glasses).Draw(t, "break glass")
	var excluded []gate.Exclusion
	if rapid.Bool().Draw(t, "owners excluded") {
		excluded = []gate.Exclusion{{Group: "@acme/platform", Role: "owns the agent fixer"}}
	}
	digest := fmt.Sprint(s.Seen.Head, s.Seen.BaseRef, need, rules, findings, glass, excluded)
	return gate.Judged{Covers: s.Version, Head: s.Seen.Head, BaseRef: s.Seen.BaseRef, Digest: digest, Verdict: &gate.Verdict{
		Head: s.Seen.Head, Held: true, Needs: &need, Digest: digest, Rules: gate.RulesRef{Digest: rules},
		Contributors: contributors, FindingsDigest: findings, BreakGlass: glass, Excluded: excluded,
	}}
}

// glasses is who may release at once.
var glasses = []*gate.Need{
	nil,
	{Approvals: 1, From: []string{"@acme/incident"}},
	{Approvals: 1, From: []string{"@acme/incident"}, Via: []string{"passkey"}, Reason: true},
}

// offer has somebody answer about something that was shown at some time.
func offer(t *rapid.T, s *stream, shown []gate.For) (gate.Person, gate.Offered) {
	who := rapid.SampledFrom(people).Draw(t, "who")
	offered := gate.Offered{
		By: who.Actor, Via: rapid.SampledFrom([]string{"button", "passkey"}).Draw(t, "via"),
		Answer: rapid.SampledFrom([]gate.Answer{gate.Approve, gate.Approve, gate.Approve, gate.Deny, gate.Override,
			gate.Review}).Draw(t, "answer"),
		For:        rapid.SampledFrom(shown).Draw(t, "about"),
		Saw:        gate.Sight{Version: s.state.Version, Check: "check/42/a1", Painting: uint64(rapid.IntRange(0, 9).Draw(t, "painting"))},
		Superseded: rapid.IntRange(0, 9).Draw(t, "old run") == 0,
		Reason:     rapid.SampledFrom([]string{"", "looked at it"}).Draw(t, "reason"),
	}
	if offered.Via == gate.ViaPasskey {
		offered.Proof = signed(s, offered)
		switch rapid.IntRange(0, 9).Draw(t, "what was signed") {
		case 0:
			offered.Proof = nil
		case 1:
			offered.Reason += "!"
		case 2:
			offered.Saw.Version++
		}
	}
	s.add(offered)
	return who, offered
}

// signed is the proof of an offer by the key that its maker has.
func signed(s *stream, o gate.Offered) *gate.Proof {
	return &gate.Proof{Key: "key of " + o.By.Login, Statement: gate.Statement{
		V: 1, Act: gate.ActAnswer, By: o.By.ID, Stream: s.state.Subject.Stream(), Version: o.Saw.Version, Answer: o.Answer,
		Reason: o.Reason, For: o.For,
	}.Text()}
}

// click offers a choice and has it counted at once.
func click(t *rapid.T, s *stream, shown []gate.For) {
	who, offered := offer(t, s, shown)
	said := who
	if rapid.IntRange(0, 9).Draw(t, "renamed") == 0 {
		said.Actor.ID = 99 // the login is somebody else's now
	}
	entitled := len(said.Groups)
	holds := rapid.IntRange(0, 9).Draw(t, "key revoked") != 0
	if holds {
		said.Groups = append(slices.Clone(said.Groups), gate.KeyGroup("key of "+who.Actor.Login))
	}
	before := s.state
	event := s.state.Count(s.state.Offers[0], said)
	s.add(event)
	if len(s.state.Offers) != 0 {
		t.Fatal("an offer was looked at and is still there")
	}
	if counted, ok := event.(gate.Counted); ok {
		switch {
		case offered.Via == gate.ViaButton && offered.Saw.Painting == 0:
			t.Fatalf("counted a press that names no painting: %+v", counted)
		case said.Actor.ID != who.Actor.ID, said.Actor.Type != "User", offered.Superseded && offered.Answer != gate.Review:
			t.Fatalf("counted: %+v", counted)
		case offered.For != before.For() && offered.Answer != gate.Review:
			t.Fatalf("counted a choice about %+v at %+v", offered.For, before.For())
		case said.Actor.ID == 5 || said.Actor.ID == 6:
			t.Fatalf("somebody who had a part in it was counted: %+v", counted)
		case offered.Via == gate.ViaPasskey && (!holds || !offered.Proof.Says(s.state.Subject.Stream(), offered)):
			t.Fatalf("counted what no key signed: %+v", counted)
		case (offered.Via == gate.ViaPasskey) != (counted.Key != ""):
			t.Fatalf("it is not on record by which key: %+v", counted)
		case entitled == 0:
			t.Fatalf("somebody without a right was counted: %+v", counted)
		case len(before.Verdict.Excluded) > 0 && said.Actor.ID >= 10:
			t.Fatalf("the agent's owner, or somebody who may be, was counted: %+v", counted)
		}
		extraordinary(t, before, s.state, counted)
	} else if refused := event.(gate.Refused); !strings.Contains(refused.Text, who.Actor.Login) || refused.Code == "" {
		t.Fatalf("a refusal does not say who and why: %+v", refused)
	}
}

// justified proves by other means that the gate may be open.
func justified(t *rapid.T, s *stream) {
	st := s.state
	need := *st.Verdict.Needs
	var valid []gate.Choice
	if o := st.Overridden(); o != nil && st.Denied() == nil {
		if o.For != st.For() || st.Verdict.BreakGlass == nil {
			t.Fatalf("an override of %+v releases %+v", o.For, st.For())
		}
		return
	}
	for _, c := range st.Choices {
		if c.Answer == gate.Deny {
			t.Fatalf("released over a denial by %s", c.By.Login)
		}
		same := c.For == st.For()
		kept := need.Keeps() && c.For.Findings != "" && c.For.Findings == st.For().Findings &&
			c.For.Rules == st.For().Rules && c.For.BaseRef == st.For().BaseRef
		if !same && !kept {
			t.Fatalf("a choice about %+v stands at %+v", c.For, st.For())
		}
		valid = append(valid, c)
	}
	if !meets(need, valid, s.at) {
		t.Fatalf("released although %+v is not met by %+v", need, valid)
	}
}

// meets tries every way to give people to the parts of a need.
func meets(n gate.Need, choices []gate.Choice, now time.Time) bool {
	return slices.ContainsFunc(ways(n, choices, now), func([]int64) bool { return true })
}

// ways are the sets of people, each once, that meet a need.
func ways(n gate.Need, choices []gate.Choice, now time.Time) (out [][]int64) {
	switch {
	case len(n.Any) > 0:
		for _, part := range n.Any {
			out = append(out, ways(part, choices, now)...)
		}
		return out
	case len(n.All) > 0:
		out = [][]int64{nil}
		for _, part := range n.All {
			var longer [][]int64
			for _, begun := range out {
				for _, more := range ways(part, choices, now) {
					if !slices.ContainsFunc(more, func(id int64) bool { return slices.Contains(begun, id) }) {
						longer = append(longer, slices.Concat(begun, more))
					}
				}
			}
			out = longer
		}
		return out
	}
	var able []int64
	for _, c := range choices {
		in := slices.ContainsFunc(n.From, func(g string) bool { return slices.Contains(c.Groups, g) })
		via := len(n.Via) == 0 || slices.Contains(n.Via, c.Via)
		fresh := true
		if d, err := time.ParseDuration(n.Expires); err == nil {
			fresh = now.Before(c.At.Add(d))
		}
		if c.Answer == gate.Approve && in && via && fresh && (!n.Reason || c.Reason != "") {
			able = append(able, c.By.ID)
		}
	}
	return subsets(able, max(n.Approvals, 1))
}

func subsets(ids []int64, k int) [][]int64 {
	if k == 0 {
		return [][]int64{nil}
	}
	var out [][]int64
	for i, id := range ids {
		for _, rest := range subsets(ids[i+1:], k-1) {
			out = append(out, append([]int64{id}, rest...))
		}
	}
	return out
}

// TestProgressFindsAWayIfThereIsOne compares the matching with trying all ways.
func TestProgressFindsAWayIfThereIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := []string{"a", "b", "c"}
		var need func(depth int) gate.Need
		need = func(depth int) gate.Need {
			kind := 0
			if depth > 0 {
				kind = rapid.IntRange(0, 2).Draw(t, "kind")
			}
			if kind == 0 {
				return gate.Need{Approvals: rapid.IntRange(1, 2).Draw(t, "n"),
					From: rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 1, 2, rapid.ID).Draw(t, "from")}
			}
			var parts []gate.Need
			for range rapid.IntRange(1, 3).Draw(t, "parts") {
				parts = append(parts, need(depth-1))
			}
			if kind == 1 {
				return gate.Need{All: parts}
			}
			return gate.Need{Any: parts}
		}
		n := need(2)
		var choices []gate.Choice
		for id := range rapid.Int64Range(0, 5).Draw(t, "people") {
			choices = append(choices, gate.Choice{At: start, Counted: gate.Counted{
				By: gate.Actor{ID: id + 1}, Answer: gate.Approve,
				Groups: rapid.SliceOfDistinct(rapid.SampledFrom(groups), rapid.ID).Draw(t, "groups"),
			}})
		}
		if got, want := n.Progress(choices, start).Met, meets(n, choices, start); got != want {
			t.Fatalf("met is %v, want %v: %+v by %+v", got, want, n, choices)
		}
	})
}

func TestVoidedVisibly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &stream{t: rt, at: start}
		s.add(seen("aaaaaaaaaa", "main"))
		s.add(heldVerdict(rt, s.state))
		offered := gate.Offered{By: people[1].Actor, Answer: gate.Approve, Via: gate.ViaPasskey, Reason: "looked", For: s.state.For()}
		offered.Proof = signed(s, offered)
		s.add(offered)
		with := people[1]
		with.Groups = append(slices.Clone(with.Groups), gate.KeyGroup(offered.Proof.Key))
		s.add(s.state.Count(s.state.Offers[0], with))
		if len(s.state.Choices) != 1 {
			rt.Fatalf("the approval does not count: %+v", s.state.Refusals)
		}
		s.add(seen("3f2a91cdef", "main"))
		s.add(judged(s.state, "3f2a91cdef", true))
		if len(s.state.Choices) != 0 || len(s.state.Voided) != 1 || !strings.HasPrefix(s.state.Voided[0].Why, "voided by ") {
			rt.Fatalf("choices %+v, voided %+v", s.state.Choices, s.state.Voided)
		}
	})
}

// Whoever approved and then has a part in it, as who pushes to it after that,
// has approved their own: though what was found is the same.
func TestWhoJoinsInAfterApprovingHasNotApproved(t *testing.T) {
	need := gate.Need{Approvals: 1, From: []string{"@acme/security"}, Keep: "same_findings"}
	judged := func(s *stream, head string, by ...gate.Contributor) {
		v := &gate.Verdict{Head: head, Held: true, Needs: &need, Contributors: append(by, contributors...),
			Rules: gate.RulesRef{Digest: "r1"}, FindingsDigest: "f", Digest: head}
		s.add(gate.Judged{Covers: s.state.Version, Head: head, BaseRef: "main", Digest: head, Verdict: v})
	}
	for name, c := range map[string]struct {
		by    []gate.Contributor
		stays bool
	}{
		"the agent pushed":    {nil, true},
		"the approver pushed": {[]gate.Contributor{{Login: "Cy", ID: 3, Role: "pushed the head"}}, false},
		"another name":        {[]gate.Contributor{{ID: 3, Role: "pushed the head"}}, false},
		"who had their login": {[]gate.Contributor{{Login: "cy", ID: 33, Role: "pushed the head"}}, true},
		"a login alone":       {[]gate.Contributor{{Login: "CY", Role: "had an agent make it"}}, false},
	} {
		s := &stream{t: t, at: start}
		s.add(seen("a1", "main"))
		judged(s, "a1")
		s.add(gate.Offered{By: people[2].Actor, Answer: gate.Approve, Via: gate.ViaButton, For: s.state.For(),
			Saw: gate.Sight{Painting: 1}})
		s.add(s.state.Count(s.state.Offers[0], people[2]))
		if !s.state.Released(s.at) {
			t.Fatal("it was not released at all")
		}
		s.add(seen("b2", "main"))
		judged(s, "b2", c.by...)
		if got := s.state.Released(s.at); got != c.stays {
			t.Errorf("%s: released %v, voided %+v", name, got, s.state.Voided)
		}
	}
}
