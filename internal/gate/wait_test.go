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
