package gate

import (
	"testing"
	"time"
)

// A freeze that is to come holds nothing until it begins, and then holds what
// was approved meanwhile too, but for those who may break it.
func TestWaitsToCome(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 27, hour, 0, 0, 0, time.UTC) }
	s := State{Subject: Subject{Kind: Deployment}, Verdict: &Verdict{Deploy: &Deploy{Waits: []Wait{
		{Code: "freeze", From: at(16), Until: at(20), Except: []string{"@acme/incident"}},
	}}}}
	for hour, released := range map[int]bool{15: true, 16: false, 19: false, 20: true} {
		if got := s.Released(at(hour)); got != released {
			t.Errorf("at %d o'clock: released %v", hour, got)
		}
	}
	s.Choices = []Choice{{Counted: Counted{Answer: Approve, Groups: []string{"@acme/incident"}}}}
	if !s.Released(at(17)) {
		t.Error("who may break the freeze has, and it stands")
	}
	later := &Verdict{Deploy: &Deploy{}}
	if otherWaits(s.Verdict, later) {
		t.Error("what has not begun is told as a change of what is waited for")
	}
	later.Deploy.Waits = []Wait{{Code: "freeze", Until: at(20)}}
	if !otherWaits(s.Verdict, later) {
		t.Error("a freeze that has begun is not told")
	}
}

// What has to be found to be over is not over because time has passed, as while
// GitHub does not say who it is that answered.
func TestAWaitThatIsLookedAtStandsUntilThen(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 27, hour, 0, 0, 0, time.UTC) }
	waits := []Wait{{Code: "after", Until: at(16), Look: true}}
	s := State{}
	add := func(hour int, e Event) { s = s.After(Entry{Version: s.Version + 1, At: at(hour), Event: e}) }
	add(10, Seen{Subject: Subject{Kind: Deployment, Run: 9, Environment: "production"}, Event: "deployment_protection_rule", Head: "a1"})
	verdict := &Verdict{Head: "a1", Digest: "d", Held: true, Needs: &Need{Approvals: 1}, Deploy: &Deploy{Attempt: 1, Waits: waits}}
	add(10, Judged{Covers: 1, Head: "a1", Digest: "d", Verdict: verdict})
	add(10, Replied{Covers: s.Version, Reply: Commented, Attempt: 1})
	add(15, Offered{By: Actor{ID: 1}, Answer: Approve, Via: ViaButton, For: s.For()})
	add(17, Counted{Offer: s.Version, By: Actor{ID: 1}, Answer: Approve, Via: ViaButton, For: s.For(), Groups: []string{WriteAccess}})
	if s.Going.Open || s.Released(at(17)) || s.Reply(at(17)) == Approved {
		t.Error("it is let go although nobody has found that it may be")
	}
	add(17, Told{Covers: s.Changed, Checks: []string{"a1"}})
	add(17, Replied{Covers: s.Version, Reply: Commented, Attempt: 1})
	if step, when := s.Due(); step != Assess || when.After(at(17)) {
		t.Errorf("due is %q at %v, want another look", step, when)
	}
}

// A look that fails is tried again as a look; an answer that has lapsed before
// GitHub took it is not tried without end.
func TestFailuresOfADeploymentThatWaits(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 27, hour, 0, 0, 0, time.UTC) }
	s := State{}
	add := func(hour int, e Event) { s = s.After(Entry{Version: s.Version + 1, At: at(hour), Event: e}) }
	add(10, Seen{Subject: Subject{Kind: Deployment, Run: 9, Environment: "production"}, Event: "deployment_protection_rule", Head: "a1"})
	verdict := &Verdict{Head: "a1", Digest: "d", Held: true, Needs: &Need{Approvals: 1, Expires: "1h"},
		Deploy: &Deploy{Attempt: 1, Waits: []Wait{{Code: "after", Until: at(16), Look: true}}}}
	add(10, Judged{Covers: 1, Head: "a1", Digest: "d", Verdict: verdict})
	add(10, Told{Covers: s.Changed, Checks: []string{"a1"}})
	for range maxComments { // GitHub takes no more
		add(10, Replied{Covers: s.Version, Reply: Commented, Attempt: 1})
	}
	judged := s
	add(16, Failed{Step: string(Assess), Code: "github_unavailable", Attempt: 3, Next: at(17)})
	if step, when := s.Due(); step != Assess || !when.Equal(at(17)) {
		t.Errorf("after a look that failed, due is %q at %v", step, when)
	}
	add(17, Failed{Step: string(Assess), Code: "no_permission", Attempt: 3})
	if step, when := s.Due(); step != Respond || !when.Equal(s.Deadline()) {
		t.Errorf("after a look that cannot succeed, due is %q at %v, want an answer at %v", step, when, s.Deadline())
	}
	s = judged
	add(11, Failed{Step: string(Respond), Code: "github_unavailable", Attempt: 3, Next: at(12)})
	if reply := s.Reply(at(12)); reply != "" {
		t.Fatalf("there is something to say: %q", reply)
	}
	add(12, Lapsed{})
	add(12, Told{Covers: s.Changed, Checks: []string{"a1"}})
	if step, when := s.Due(); step != Assess || !when.Equal(at(16)) {
		t.Errorf("after what lapsed, due is %q at %v, want the look at %v", step, when, at(16))
	}
}
