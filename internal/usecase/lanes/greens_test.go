package lanes

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/ledger"
)

// TestWhatIsGreenIsListed: whatever comes in whatever order, an outcome of long ago
// that is recorded late as well, a check that is green by its record is among those
// that are looked at when lanes change.
func TestWhatIsGreenIsListed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sha := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 1}, SHA: "abc"}
		g := greens{streams: map[int64][]string{}, listed: map[string]uint64{}}
		var s check.State
		var painted []uint64
		outcome := rapid.SampledFrom([]string{"success", "action_required", "neutral", ""})
		for version := range uint64(rapid.IntRange(1, 12).Draw(t, "events")) {
			version++
			var event gate.Event = gate.Painting{Run: 7, Outcome: outcome.Draw(t, "painting")}
			if n := len(painted); n > 0 && rapid.Bool().Draw(t, "ends") {
				i := rapid.IntRange(0, n-1).Draw(t, "which")
				event = gate.Published{Run: 7, Outcome: outcome.Draw(t, "published"), Painting: painted[i]}
				if rapid.Bool().Draw(t, "names none") {
					event = gate.Published{Run: 7, Outcome: s.Outcome, Over: true} // it says what it said
				} else {
					painted = slices.Delete(painted, i, i+1)
				}
			} else {
				painted = append(painted, version)
			}
			body, err := gate.Encode(event)
			if err != nil {
				t.Fatal(err)
			}
			s = s.After(gate.Entry{Version: version, At: time.Unix(int64(version), 0), Event: event})
			if err := g.note(ledger.Record{Stream: sha.Stream(), Version: version, Kind: event.Kind(), Body: body}); err != nil {
				t.Fatal(err)
			}
			if !gate.Blocks(s.Outcome) && !slices.Contains(g.streams[1], sha.Stream()) {
				t.Fatalf("it is %q by its record, and not listed after %+v", s.Outcome, event)
			}
		}
	})
}
