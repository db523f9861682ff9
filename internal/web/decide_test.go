package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
)

// What a page seals for an answer is what it shows: where something else was judged
// between reading the gate and asking who may answer, nothing is sealed.
func TestAPageSealsWhatItShows(t *testing.T) {
	d := newDesk(t)
	sealer, err := NewSealer([][]byte{keyA}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	form := &decide{sessions: &sessions{sealer: sealer, now: d.now}, answers: d}
	shown := gate.State{Version: 7, Verdict: &gate.Verdict{Head: "aaaaaaaaaa", Held: true, Digest: "v"}}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("GET", "/gates/pr/42/1", nil)
	who := viewer{session: accounts.Session{Account: 11, Secret: "s"}}

	d.look.For, d.look.Version = shown.For(), 9 // something was put on record that changes nothing of it
	got := form.form(c, who, "pr/42/1", board.Detail{State: shown})
	var saw sight
	if err := sealer.open(sealedSight, got.Ticket, 0, &saw); err != nil || saw.Version != 7 || saw.For != shown.For() {
		t.Errorf("sealed is %+v: %v", saw, err)
	}
	for change, says := range map[string]string{"head": "There are new commits", "rules": "The rules have changed", "verdict": "something else was found"} {
		d.look.For = shown.For()
		switch change {
		case "head":
			d.look.For.Head = "bbbbbbbbbb"
		case "rules":
			d.look.For.Rules = "r2"
		default:
			d.look.For.Verdict = "v2"
		}
		if got := form.form(c, who, "pr/42/1", board.Detail{State: shown}); got.Ticket != "" || !strings.Contains(got.Cannot, says) {
			t.Errorf("%s moved, and it can be answered: %q", change, got.Cannot)
		}
	}
}
