package check_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
)

// A check forgets gates that it does not show any more, but for one that had
// news while it was painted.
func TestACheckForgetsWhatIsGone(t *testing.T) {
	on := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 1}, SHA: "a1", Name: gate.RunCheck}
	run := func(n int64) gate.Subject {
		return gate.Subject{Kind: gate.WorkflowRun, Repo: gate.Repo{ID: 1}, Run: n}
	}
	var s check.State
	add := func(e gate.Event) {
		s = s.After(gate.Entry{Version: s.Version + 1, At: time.Unix(int64(s.Version), 0), Event: e})
	}
	for n := range int64(4) {
		add(gate.News{Check: on, Gate: run(n)})
	}
	covers, before := s.Version, s
	add(gate.News{Check: on, Gate: run(1)}) // it begins again
	add(gate.Published{Covers: covers, Gone: []string{run(0).Stream(), run(1).Stream()}})
	if len(s.Members) != 3 || s.Members[0].Run != 2 || s.Members[2].Run != 1 {
		t.Errorf("it knows of %+v, want runs 2, 3 and 1", s.Members)
	}
	if len(before.Members) != 4 {
		t.Errorf("an earlier state was changed: %+v", before.Members)
	}
	if step, _ := s.Due(); step != gate.Publish {
		t.Errorf("its news are %q", step)
	}
	add(gate.News{Check: on, Gate: run(0)})
	if len(s.Members) != 4 || s.Members[3].Run != 0 {
		t.Errorf("one that is back is not known: %+v", s.Members)
	}
}

// What became of a painting says nothing of a newer one: whoever sent it stood still
// meanwhile, and another has painted since.
func TestAFailureOfAnOlderPaintingDelaysNothing(t *testing.T) {
	on := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 1}, SHA: "a1"}
	pull := func(n int) gate.Subject {
		return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 1}, Number: n}
	}
	var s check.State
	at := time.Unix(1_900_000_000, 0)
	add := func(e gate.Event) uint64 {
		at = at.Add(time.Hour)
		s = s.After(gate.Entry{Version: s.Version + 1, At: at, Event: e})
		return s.Version
	}
	add(gate.News{Check: on, Gate: pull(1)})
	older := add(gate.Painting{Covers: 1, Run: 7, Outcome: "action_required"})
	newer := add(gate.Painting{Covers: 1, Run: 7, Outcome: "success"})
	add(gate.Published{Covers: 1, Painting: newer, Run: 7, Outcome: "success"})
	late := gate.Failed{Step: string(gate.Publish), Code: "github_unavailable", Attempt: 1, Painting: older}
	late.Next = at.Add(10 * time.Hour)
	add(late)
	add(gate.News{Check: on, Gate: pull(2), Unjudged: true})
	if step, when := s.Due(); step != gate.Publish || when.After(at) {
		t.Errorf("due is %q at %s, and it is %s", step, when, at)
	}
	own := add(gate.Painting{Covers: s.Version, Run: 7, Outcome: "action_required"})
	late.Painting, late.Next = own, at.Add(10*time.Hour)
	add(late)
	if _, when := s.Due(); !when.Equal(late.Next) {
		t.Errorf("what failed is tried again at %s, want %s", when, late.Next)
	}
}

// A gate that joins is known from then on, whoever paints the check at that moment: as
// long as no painting was made from what knows of it, the check passes for nobody, or
// is to be painted at once.
func TestNothingPassesWithoutAGateThatJoined(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 1}, SHA: "a1"}
		pull := func() gate.Subject {
			return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 1}, Number: rapid.IntRange(1, 3).Draw(t, "number")}
		}
		var s check.State
		joined, passes := map[string]uint64{}, false // versions, and whether the run at GitHub is green
		type painting struct {
			number, covers uint64
			outcome        string
		}
		var sent []painting
		add := func(e gate.Event) uint64 {
			s = s.After(gate.Entry{Version: s.Version + 1, At: time.Unix(int64(s.Version), 0), Event: e})
			return s.Version
		}
		announce := func(outcome string) {
			covers := s.Version
			number := add(gate.Painting{Covers: covers, Run: s.Run, Outcome: outcome})
			sent = append(sent, painting{number, covers, outcome})
		}
		t.Repeat(map[string]func(*rapid.T){
			"news":          func(*rapid.T) { add(gate.News{Check: on, Gate: pull()}) },
			"joins":         func(*rapid.T) { p := pull(); joined[p.Stream()] = add(gate.News{Check: on, Gate: p, Unjudged: true}) },
			"painted green": func(*rapid.T) { announce("success") },
			"painted held":  func(*rapid.T) { announce("action_required") },
			"it was taken": func(t *rapid.T) {
				if len(sent) == 0 {
					return
				}
				i := rapid.IntRange(0, len(sent)-1).Draw(t, "which")
				p := sent[i]
				sent, passes = slices.Delete(sent, i, i+1), !gate.Blocks(p.outcome)
				gone := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return pull().Stream() }), 0, 2).Draw(t, "gone")
				add(gate.Published{Covers: p.covers, Painting: p.number, Run: 1, Outcome: p.outcome, Gone: gone})
				for _, stream := range gone { // whoever painted it saw that it left
					if joined[stream] <= p.covers {
						delete(joined, stream)
					}
				}
			},
			"": func(t *rapid.T) {
				for stream, at := range joined {
					if !slices.ContainsFunc(s.Members, func(m gate.Subject) bool { return m.Stream() == stream }) {
						t.Fatalf("%s is not known", stream)
					}
					if step, _ := s.Due(); passes && s.Painted < at && step != gate.Publish {
						t.Fatalf("the run passes without %s, and nothing is due", stream)
					}
				}
			},
		})
	})
}
