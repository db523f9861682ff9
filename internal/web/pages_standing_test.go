package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// one is a board with one gate.
type one struct {
	shown
	state gate.State
}

func (o one) Detail(context.Context, string) (board.Detail, error) {
	return board.Detail{State: o.state}, nil
}

// TestThePageOfAGateSaysItsStanding, whatever it was judged to be: what the check,
// the lists and the metrics say.
func TestThePageOfAGateSaysItsStanding(t *testing.T) {
	need := &gate.Need{Approvals: 1, From: []string{"@a"}}
	yes := []gate.Choice{{Counted: gate.Counted{By: gate.Actor{Login: "bo", ID: 2}, Answer: gate.Approve, Via: gate.ViaButton,
		Groups: []string{"@a"}}, At: noon}}
	deploy := &gate.Deploy{Attempt: 1}
	for name, c := range map[string]struct {
		s    gate.State
		want gate.Standing
	}{
		"passed, and pushed to": {gate.State{Wanted: 2, Covered: 1, Seen: gate.Seen{Head: "b"},
			Verdict: &gate.Verdict{Head: "a"}}, gate.IsJudging},
		"passed, and retargeted": {gate.State{Wanted: 2, Covered: 1, BaseRef: "stage", Seen: gate.Seen{Head: "a", BaseRef: "main"},
			Verdict: &gate.Verdict{Head: "a"}}, gate.IsJudging},
		"nothing held, and not read whole": {gate.State{Wanted: 1, Covered: 1,
			Verdict: &gate.Verdict{Head: "a", Problems: []gate.Problem{{Code: "x", Text: "x"}}}}, gate.IsHeld},
		"approved, and labelled": {gate.State{Wanted: 2, Covered: 1, Seen: gate.Seen{Head: "a"},
			Verdict: &gate.Verdict{Head: "a", Held: true, Needs: need}, Approvals: gate.Approvals{Choices: yes}}, gate.IsPassed},
		"approved, and not passed on": {gate.State{Subject: gate.Subject{Kind: gate.Deployment}, Wanted: 1, Covered: 1,
			Verdict: &gate.Verdict{Head: "a", Held: true, Needs: need, Deploy: deploy}, Approvals: gate.Approvals{Choices: yes},
			Failure: &gate.Failed{Step: string(gate.Respond), Text: "no answer", Attempt: 2}}, gate.IsPassed},
		"in the queue": {gate.State{Subject: gate.Subject{Kind: gate.MergeGroup, Number: 1}, Wanted: 1, Covered: 1,
			Verdict: &gate.Verdict{Head: "a"}}, gate.IsQueued},
		"failing": {gate.State{Wanted: 1, Failure: &gate.Failed{Step: string(gate.Assess), Text: "no answer", Attempt: 2}}, gate.IsFailing},
		"closed":  {gate.State{Wanted: 1, Covered: 1, Done: true, ClosedWhy: "gone"}, gate.IsClosed},
	} {
		h := New(Deps{Board: one{state: c.s}, Metrics: NewMetrics(), Pages: true, Now: func() time.Time { return noon },
			Ready: func(context.Context) error { return nil }})
		code, body := read(t, h, "/gates/pr/42/1", "text/html")
		if code != http.StatusOK || strings.Count(body, `<span class="badge">`) != 1 ||
			!strings.Contains(body, `<span class="badge">`+string(c.want)+`</span>`) {
			t.Errorf("%s is shown otherwise than %s: %d\n%.900s", name, c.want, code, body[max(0, strings.Index(body, "<h1")):])
		}
		_, text := read(t, h, "/gates/pr/42/1", "application/json")
		var facts struct {
			Gate struct {
				Standing gate.Standing
				Released bool
			}
		}
		if err := json.Unmarshal([]byte(text), &facts); err != nil || facts.Gate.Standing != c.want || facts.Gate.Released != c.want.Passes() {
			t.Errorf("%s as JSON: %v %+v", name, err, facts)
		}
	}
}
