package keeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// again presses "Re-run" on a check.
func (h *house) again(sha string) {
	h.t.Helper()
	h.sent++
	check := gate.Subject{Kind: gate.Check, Repo: shop, SHA: sha}
	_, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Seen: &gate.Seen{Subject: check, Event: "check_run", Action: "rerequested"}})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestFloodsCostLittle: a hundred of whatever somebody can send at will, each
// after the one before was dealt with, cost a bounded number of looks; the check
// tells; and what comes at the end is judged in the end.
func TestFloodsCostLittle(t *testing.T) {
	for name, test := range map[string]struct {
		send       func(h *house)
		conclusion report.Conclusion // while it waits
		title      string
	}{
		"labels":      {func(h *house) { h.deliver(1, "labeled") }, report.ActionRequired, "too often"},
		"titles":      {func(h *house) { h.deliver(1, "edited") }, report.ActionRequired, "too often"},
		"re-requests": {func(h *house) { h.again("aaa1") }, report.Success, "Passed"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(h *house) {
				h.hub.set(1, pull("aaa1", "README.md"))
				h.deliver(1, "opened")
				h.settle(time.Second)
				h.expect("aaa1", report.Success, "Passed")
				facts, puts := h.hub.count("facts"), h.hub.count("put")
				for range 100 {
					test.send(h)
					h.settle(5 * time.Second)
				}
				looks := h.hub.count("facts") - facts
				if paints := h.hub.count("put") - puts; looks > 14 || paints > 8 {
					t.Errorf("100 %s: %d looks, %d paintings", name, looks, paints)
				}
				t.Logf("100 %s: %d looks, %d paintings", name, looks, h.hub.count("put")-puts)
				h.expect("aaa1", test.conclusion, test.title)

				h.hub.set(1, pull("aaa1", "db/drop.sql"))
				test.send(h)
				h.settle(11 * time.Minute)
				h.expect("aaa1", report.ActionRequired, "Held: ")
			})
		})
	}
}

// TestAFloodKeepsNobodyWaiting: what people say while a look waits for its pace
// counts at once, and lapses when it should.
func TestAFloodKeepsNobodyWaiting(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		for range 40 {
			h.again("aaa1")
			h.settle(15 * time.Second)
		}
		facts := h.hub.count("facts")
		h.again("aaa1")
		h.settle(time.Second)
		h.sent++
		stream := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}.Stream()
		f, err := h.keeper.Book.Gate(context.Background(), stream)
		if err != nil {
			t.Fatal(err)
		}
		offered := gate.Offered{By: gate.Actor{Login: "eve", ID: 66, Type: "User"}, Answer: gate.Approve, Via: gate.ViaCLI, For: f.For()}
		if _, err := h.keeper.Answers.Offer(context.Background(), stream, "cli:1", offered); err != nil {
			t.Fatal(err)
		}
		h.settle(time.Second)
		f, err = h.keeper.Book.Gate(context.Background(), stream)
		if err != nil || len(f.Offers) != 0 || len(f.Refusals) != 1 || f.Refusals[0].Code == "not_judged" || h.hub.count("facts") != facts {
			t.Errorf("offers %v, refused %+v, looked %d times meanwhile, %v", f.Offers, f.Refusals, h.hub.count("facts")-facts, err)
		}
	})
}

// TestAFloodDelaysNothingNew: the first judgement of a head or of a base comes at
// once, however often a gate was asked to look before.
func TestAFloodDelaysNothingNew(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		flood := func() {
			for range 40 {
				h.deliver(1, "labeled")
				h.settle(20 * time.Second)
			}
		}
		flood()
		h.hub.set(1, pull("aaa2", "db/drop.sql"))
		h.deliver(1, "synchronize")
		h.settle(time.Second)
		h.expect("aaa2", report.ActionRequired, "Held: ")
		flood()
		h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "release" })
		facts := h.hub.count("facts")
		h.deliver(1, "edited")
		h.settle(time.Second)
		if n := h.hub.count("facts") - facts; n != 1 {
			t.Errorf("the new base was looked at %d times", n)
		}
		flood()
		facts = h.hub.count("facts")
		rules := gate.Seen{Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}, Event: "gatehold",
			Action: gate.RulesChanged}
		if _, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: "1:rules", Seen: &rules}); err != nil {
			t.Fatal(err)
		}
		h.settle(time.Second)
		if n := h.hub.count("facts") - facts; n != 1 {
			t.Errorf("after a change of the rules it was looked at %d times", n)
		}
	})
}

// TestAFloodIsForgotten: who asks now and then never waits.
func TestAFloodIsForgotten(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		for n := range 12 {
			facts := h.hub.count("facts")
			h.deliver(1, "labeled")
			h.settle(time.Second)
			if h.hub.count("facts") != facts+1 {
				t.Fatalf("the look number %d came late", n+2)
			}
			h.settle(6 * time.Minute)
		}
		h.expect("aaa1", report.Success, "Passed")
	})
}
