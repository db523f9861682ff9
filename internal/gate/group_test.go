package gate

import (
	"strings"
	"testing"
	"time"
)

func finding(rule, path string) Finding {
	kind := "sql/drop-table"
	return Finding{Rule: rule, Pack: "migrations", Observation: &kind, Path: path, Line: 3}
}

// judgedGate is a gate whose verdict stands.
func judgedGate(kind Kind, head string, held bool, findings ...Finding) State {
	s := State{Subject: Subject{Kind: kind, Number: 12, SHA: head}}
	s = s.After(Entry{Version: 1, At: noon, Event: Seen{Subject: s.Subject, Head: head, BaseRef: "main"}})
	v := &Verdict{Head: head, Held: held, Findings: findings, Digest: head + "-digest", Rules: RulesRef{Digest: "rules"},
		FindingsDigest: "of " + head}
	if held {
		v.Needs = &Need{Approvals: 1, From: []string{"@acme/sre"}}
	}
	return s.After(Entry{Version: 2, At: noon,
		Event: Judged{Covers: 1, Head: head, BaseRef: "main", Digest: v.Digest, Verdict: v, PullHead: "pull"}})
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func approved(s State) State {
	return s.After(Entry{Version: 3, At: noon,
		Event: Counted{By: Actor{ID: 7, Login: "ana", Type: "User"}, Answer: Approve, Via: ViaButton, For: s.For(),
			Groups: []string{"@acme/sre"}}})
}

func TestAGroupPassesOnlyWithItsPullRequest(t *testing.T) {
	drop := finding("drop", "db/1.sql")
	pull := judgedGate(PullRequest, "pull", true, drop)
	group := judgedGate(MergeGroup, "group", true, drop)
	otherRules, otherHead, unjudged, closed := approved(pull), judgedGate(PullRequest, "later", false), pull, approved(pull)
	otherRules.Verdict = &Verdict{}
	*otherRules.Verdict = *pull.Verdict
	otherRules.Verdict.Rules.Digest = "others"
	unjudged.Wanted = 9
	closed.Done, closed.ClosedWhy = true, "closed"
	wentIn, heldThenIn, closing, closingHeld := closed, pull, approved(pull), pull
	wentIn.Merged = true
	heldThenIn.Done, heldThenIn.ClosedWhy, heldThenIn.Merged = true, "closed", true
	closing.Wanted, closing.Seen.Closed = 9, true
	closingHeld.Wanted, closingHeld.Seen.Closed = 9, true
	for name, c := range map[string]struct {
		group, pull State
		passes      bool
		pending     bool
		why         string
	}{
		"released":                           {group, approved(pull), true, false, "released for exactly this"},
		"held":                               {group, pull, false, false, "is held"},
		"nothing held":                       {judgedGate(MergeGroup, "group", false), judgedGate(PullRequest, "pull", false), true, false, "released"},
		"other head":                         {group, otherHead, false, false, "another head"},
		"other rules":                        {group, otherRules, false, false, "other rules"},
		"not judged":                         {group, unjudged, false, true, "being judged"},
		"never seen":                         {group, State{}, false, true, "being judged"},
		"closed":                             {group, closed, false, false, "closed"},
		"went in":                            {group, wentIn, true, false, "released for exactly this"},
		"held, and went in by another way":   {group, heldThenIn, false, false, "is held"},
		"closed, and not looked at yet":      {group, closing, true, false, "released for exactly this"},
		"held, closed and not looked at yet": {group, closingHeld, false, false, "is held"},
		"a new finding": {judgedGate(MergeGroup, "group", true, drop, finding("drop", "db/2.sql")), approved(pull),
			false, false, "drop in db/2.sql"},
		"the same finding twice": {judgedGate(MergeGroup, "group", true, drop, drop), approved(pull), false, false, "drop in db/1.sql"},
		"fewer findings":         {judgedGate(MergeGroup, "group", false), approved(pull), true, false, "released"},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.group.Queueing(c.pull, noon)
			if q.Passes != c.passes || q.Pending != c.pending || !strings.Contains(q.Why, c.why) {
				t.Errorf("%+v, want passes %v, pending %v, %q", q, c.passes, c.pending, c.why)
			}
		})
	}
}

func TestADestroyedGroupStaysDestroyed(t *testing.T) {
	s := State{Subject: Subject{Kind: MergeGroup, Number: 12, SHA: "group"}}
	gone := Seen{Subject: s.Subject, Event: "merge_group", Action: "destroyed", Head: "group", Closed: true}
	asked := Seen{Subject: s.Subject, Event: "merge_group", Action: "checks_requested", Head: "group"}
	s = s.After(Entry{Version: 1, At: noon, Event: gone}).After(Entry{Version: 2, At: noon, Event: asked})
	if !s.Seen.Closed {
		t.Error("a late checks_requested brings a destroyed group back")
	}
}

func TestNobodyAnswersOnAGroup(t *testing.T) {
	s := judgedGate(MergeGroup, "group", true, finding("drop", "db/1.sql"))
	offer := Offer{Offered: Offered{By: Actor{ID: 7, Login: "ana", Type: "User"}, Answer: Approve, Via: ViaButton, For: s.For(),
		Saw: Sight{Painting: 1}}, Version: 3, At: noon}
	got := s.Count(offer, Person{Actor: offer.By, Groups: []string{"@acme/sre"}})
	if r, ok := got.(Refused); !ok || r.Code != "queue" {
		t.Errorf("%#v", got)
	}
}
