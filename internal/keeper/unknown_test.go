package keeper_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
)

// foreign puts a record on a stream that only another version of gatehold knows.
func (h *house) foreign(stream, kind, body string) {
	h.t.Helper()
	records := h.on(stream)
	head := ledger.Head{}
	if n := len(records); n > 0 {
		head = ledger.Head{Version: records[n-1].Version, Hash: records[n-1].Hash}
	}
	at := time.Now()
	batch := ledger.Batch{Stream: stream, After: head.Version, Due: at, Live: true,
		Records: ledger.Seal(stream, head, at, ledger.Draft{Kind: kind, Body: []byte(body)})}
	if err := h.log.Append(context.Background(), batch); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) on(stream string) []ledger.Record {
	h.t.Helper()
	records, err := h.log.Read(context.Background(), stream, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return records
}

func pullStream(number int) string {
	return gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number}.Stream()
}

// counting is a ledger that counts how often a stream is read.
type counting struct {
	ledger.Store
	reads func(stream string)
}

func (c counting) Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error) {
	c.reads(stream)
	return c.Store.Read(ctx, stream, after)
}

// TestWhatANewerVersionWroteHoldsAndRests: after going back to an older version
// a stream can hold what that does not know. Nothing of it is decided, nothing is
// added to it, nobody's time goes into it, and every other gate goes on. Once it
// can be read again, so does this one.
func TestWhatANewerVersionWroteHoldsAndRests(t *testing.T) {
	for name, record := range map[string][2]string{
		"a kind of record": {"vetoed", `{}`},
		"an answer": {"counted",
			`{"offer":1,"by":{"login":"bo","id":3,"type":"User"},"answer":"escalate","via":"button","for":{}}`},
		"a level": {"judged",
			`{"covers":1,"head":"aaa","digest":"d","verdict":{"level":"catastrophic","digest":"d","held":false}}`},
		"a need": {"judged",
			`{"covers":1,"head":"aaa","digest":"d","verdict":{"level":"low","digest":"d","held":true,"needs":{"quorum":3}}}`},
		"a kind of subject":  {"seen", `{"subject":{"kind":"package"},"event":"package"}`},
		"an answer's answer": {"replied", `{"reply":"postponed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, t.TempDir())
				defer func() { h.close() }()
				h.hub.set(1, pull("aaa", "README.md"))
				h.deliver(1, "opened")
				h.settle(time.Second)
				h.expect("aaa", report.Success, "Passed")
				h.close()
				h.start()
				h.foreign(pullStream(1), record[0], record[1])
				written := len(h.on(pullStream(1)))
				h.hub.set(2, pull("bbb", "db/x.sql"))
				h.deliver(2, "opened")
				h.settle(time.Hour)
				h.expect("bbb", report.ActionRequired, "Held")
				if now := len(h.on(pullStream(1))); now != written {
					t.Errorf("%d records were added to a stream that cannot be read", now-written)
				}
				_, err := h.keeper.Deliveries.Take(t.Context(), gate.Delivery{Key: "9:9", Event: "pull_request", Action: "labeled", Seen: &gate.Seen{
					Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}, Event: "pull_request",
					Action: "labeled", Head: "aaa", BaseRef: "main",
				}})
				if gate.Unknown(err) == nil && gate.AsError(err).Code != "store_unavailable" {
					t.Errorf("an event about it was taken: %v", err)
				}
				// A check that shows it is held as soon as it is looked at.
				check := gate.Subject{Kind: gate.Check, Repo: shop, SHA: "aaa"}
				again, err := gate.Encode(gate.News{Check: check,
					Gate: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}, Version: 99})
				if err != nil {
					t.Fatal(err)
				}
				h.foreign(check.Stream(), "news", string(again))
				h.settle(time.Hour)
				h.expect("aaa", report.ActionRequired, "does not know")
				if n := len(h.on(check.Stream())); n > 60 {
					t.Errorf("%d records on the check of a gate that cannot be read", n)
				}
				line, found := h.gateLine(pullStream(1))
				if !found || line != gate.IsFailing {
					t.Errorf("the list shows the gate that cannot be read as %q (%v)", line, found)
				}
			})
		})
	}
}

func (h *house) gateLine(stream string) (gate.Standing, bool) {
	for _, g := range h.board().Gates() {
		if g.Stream == stream {
			return g.Standing, true
		}
	}
	return "", false
}

// TestAStreamOfAnUnknownKindHoldsNobodyUp: it is left alone.
func TestAStreamOfAnUnknownKindHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, t.TempDir())
		defer func() { h.close() }()
		var reads atomic.Int64
		for i := range 100 {
			h.foreign("package/42/"+strings.Repeat("x", i+1), "seen", `{"subject":{"kind":"package"}}`)
		}
		h.keeper.Book.Log = counting{h.log, func(stream string) {
			if strings.HasPrefix(stream, "package/") {
				reads.Add(1)
			}
		}}
		h.hub.set(1, pull("aaa", "README.md"))
		h.deliver(1, "opened")
		h.settle(10 * time.Minute)
		h.expect("aaa", report.Success, "Passed")
		if n := reads.Load(); n > 100*10 {
			t.Errorf("streams that cannot be read were read %d times in ten minutes", n)
		}
	})
}
