package gate

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawn is a gate of any kind, with any of what decides how it stands.
func drawn(t *rapid.T, now time.Time) State {
	head := rapid.SampledFrom([]string{"aaa1", "bbb2"}).Draw(t, "head")
	s := State{
		Subject: Subject{Kind: rapid.SampledFrom([]Kind{PullRequest, MergeGroup, Deployment, WorkflowRun}).Draw(t, "kind")},
		Seen:    Seen{Head: "aaa1", BaseRef: rapid.SampledFrom([]string{"", "main", "dev"}).Draw(t, "base")},
		Wanted:  rapid.Uint64Range(1, 3).Draw(t, "wanted"), Covered: rapid.Uint64Range(0, 3).Draw(t, "covered"),
		BaseRef: "main", Done: rapid.Bool().Draw(t, "done"),
	}
	if rapid.Bool().Draw(t, "judged") {
		v := &Verdict{Head: head, Digest: "d", Held: rapid.Bool().Draw(t, "held"), WouldHold: rapid.Bool().Draw(t, "would")}
		if rapid.Bool().Draw(t, "released by people") {
			v.Needs = &Need{Approvals: 1, From: []string{"@a"}, Expires: "1h"}
		}
		if rapid.Bool().Draw(t, "problem") {
			v.Problems = []Problem{{Code: "x"}}
		}
		if s.Subject.Kind == Deployment || s.Subject.Kind == WorkflowRun {
			v.Deploy = &Deploy{Attempt: 1}
			if rapid.Bool().Draw(t, "waits") {
				v.Deploy.Waits = []Wait{{Code: "wait", Until: now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "until")) * time.Hour)}}
			}
		}
		s.Verdict = v
	}
	for id, answer := range rapid.SliceOfN(rapid.SampledFrom([]Answer{Approve, Deny, Override}), 0, 2).Draw(t, "answers") {
		at := now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "ago")) * 30 * time.Minute)
		s.Choices = append(s.Choices, Choice{At: at, Counted: Counted{By: Actor{ID: int64(id + 1)}, Answer: answer,
			Via: ViaButton, Groups: []string{"@a"}}})
	}
	if step := rapid.SampledFrom([]Step{Nothing, Assess, Count, Respond}).Draw(t, "failed"); step != Nothing {
		s.Failure = &Failed{Step: string(step)}
	}
	if reply := rapid.SampledFrom([]Reply{"", Approved, Rejected}).Draw(t, "replied"); reply != "" {
		s.Deployment.Replied = []Replied{{Reply: reply, Attempt: 1}}
	}
	return s
}

// What a gate is shown as never passes where it is not released, but for what was
// judged and is looked at again without a new head or base; and what is released
// never shows as held.
func TestStandingIsOneTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		s := drawn(t, now)
		standing, released := s.Standing(now), s.Released(now)
		covered := s
		covered.Wanted = min(s.Wanted, s.Covered)
		answered := s.Answered() != ""
		switch {
		case answered || s.Done:
		case standing.Passes() && !covered.Released(now):
			t.Fatalf("it is shown as %s and is not released", standing)
		case standing.Passes() && s.Verdict.Head != s.Head():
			t.Fatalf("it is shown as %s by a verdict on another head", standing)
		case released && !standing.Passes() && standing != IsQueued:
			t.Fatalf("it is released and shown as %s", standing)
		}
		if s.Done != (standing == IsClosed) {
			t.Fatalf("done is %v, and it is shown as %s", s.Done, standing)
		}
		if standing == IsHeld && !s.Done && !answered && s.Failure == nil && s.Verdict == nil {
			t.Fatal("it is held without a verdict")
		}
	})
}

func TestStandingAfterAnApproval(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := State{Subject: Subject{Kind: PullRequest}, Wanted: 1, Covered: 1, BaseRef: "main",
		Verdict: &Verdict{Head: "a", Held: true, Needs: &Need{Approvals: 1, From: []string{"@a"}, Expires: "1h"}}}
	if got := s.Standing(now); got != IsHeld {
		t.Errorf("before: %s", got)
	}
	s.Choices = []Choice{{At: now, Counted: Counted{Answer: Approve, Via: ViaButton, Groups: []string{"@a"}}}}
	if got := s.Standing(now); got != IsPassed {
		t.Errorf("after: %s", got)
	}
	if got := s.Standing(now.Add(time.Hour)); got != IsHeld {
		t.Errorf("an hour later: %s", got)
	}
}
