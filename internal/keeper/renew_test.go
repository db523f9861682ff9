package keeper_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// asBefore writes the ledger into another file as it was written before paintings
// were on record: a creation was announced without what it shows, and what the run
// shows stood beside what it says.
func (h *house) asBefore(path string) {
	before, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer before.Close()
	for stream := range h.streams() {
		records, err := h.log.Read(context.Background(), stream, 0)
		if err != nil {
			h.t.Fatal(err)
		}
		var drafts []ledger.Draft
		shows := map[string]gate.For{}
		for _, r := range records {
			d := ledger.Draft{Kind: r.Kind, Key: r.Key, Body: r.Body}
			decoded, err := gate.Decode(r.Kind, r.Body)
			if err != nil {
				h.t.Fatal(err)
			}
			switch ev := decoded.(type) {
			case gate.Painting:
				if ev.Run != 0 {
					h.t.Fatal("this ledger holds a repainting, which had no record of its own")
				}
				for _, s := range ev.Shows {
					shows[s.Gate.Stream()] = s.For
				}
				d.Kind, d.Body = "creating", []byte("{}")
			case gate.Published:
				ev.Painting, ev.Shows = 0, shows
				if d.Body, err = json.Marshal(ev); err != nil {
					h.t.Fatal(err)
				}
			}
			drafts = append(drafts, d)
		}
		batch := ledger.Batch{Stream: stream, Records: ledger.Seal(stream, ledger.Head{}, time.Now(), drafts...),
			Live: gate.StreamKind(stream).Gates()}
		if err := before.Append(context.Background(), batch); err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestOldButtonsAreReplacedOnceAndCountForNothing: checks that were painted before
// buttons named their painting are painted again, if people can answer there.
func TestOldButtonsAreReplacedOnceAndCountForNothing(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := keeper.Config{People: pressers()}
		h := (&house{t: t, path: filepath.Join(dir, "new.db"), hub: newGitHub()}).with(c)
		h.hub.set(1, withRules(glassRules, pull("aaa1", "db/1.sql")))
		h.hub.set(2, pull("bbb2", "README.md"))
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.asBefore(filepath.Join(dir, "old.db"))
		h.close()

		h.path = filepath.Join(dir, "old.db")
		painted := h.hub.count("put")
		h.with(c)
		old, _ := h.hub.deciding("aaa1")
		old.Actions = []report.Action{{Label: "Approve", Description: "Release", Identifier: "approve"}}
		h.pressOn(old, "approve", gil)
		h.settle(5 * time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		now, _ := h.hub.deciding("aaa1")
		if !strings.Contains(now.Summary, "Press the buttons that the check has now") {
			t.Errorf("the press is not refused in words:\n%s", now.Summary)
		}
		if n := h.hub.count("put") - painted; n < 1 || n > 2 { // anew, and to say what was refused
			t.Errorf("%d paintings", n)
		}
		h.close()
		painted = h.hub.count("put")
		h.with(c)
		defer h.close()
		h.settle(time.Minute)
		if n := h.hub.count("put") - painted; n != 0 {
			t.Errorf("%d paintings after another start", n)
		}
		h.pressOn(now, "approve", gil)
		h.settle(5 * time.Second)
		h.expect("aaa1", report.Success, "Released: approved by @gil")
	})
}
