package keeper_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

// listener is a channel that takes what it is told, or answers to nothing.
type listener struct {
	mu    sync.Mutex
	mute  bool
	told  []notify.Delivery
	asked int
}

func (l *listener) Check(context.Context) error { return nil }

func (l *listener) Send(ctx context.Context, d notify.Delivery) (string, error) {
	l.mu.Lock()
	l.asked++
	mute := l.mute
	if !mute {
		l.told = append(l.told, d)
	}
	l.mu.Unlock()
	if mute {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return "", nil
}

// startTelling begins anew, with channels that are told of whatever is held.
func (h *house) startTelling(channels ...telling.Channel) {
	h.close()
	log, err := sqlite.Open(h.path, sqlite.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.log = log
	h.keeper = keeper.New(keepertest.Whole(keeper.Config{
		Log: log, Hub: h.hub, Now: time.Now, Holder: "test", Poll: time.Second, Channels: channels, GitHubURL: "https://github.com",
	}))
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.done = cancel, make(chan error, 1)
	go func() { h.done <- h.keeper.Run(ctx) }()
}

// However many messages to a channel hang that answers to nothing, checks are painted as
// if there were none; and what hangs in one channel is told by another.
func TestAMuteChannelDelaysNoCheck(t *testing.T) {
	const pulls = 40
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		defer func() { h.close() }()
		mute, heard := &listener{mute: true}, &listener{}
		h.startTelling(telling.Channel{Name: "mute", Default: true, To: mute}, telling.Channel{Name: "ops", Default: true, To: heard})
		for n := 1; n <= pulls; n++ {
			h.hub.set(n, pull(headOf(n), "db/drop.sql"))
			h.deliver(n, "opened")
		}
		h.settle(2 * time.Second)
		for n := 1; n <= pulls; n++ {
			h.expect(headOf(n), report.ActionRequired, "Held: needs 1 approval from @acme/sre")
		}
		h.hub.set(99, pull("harmless", "README.md"))
		h.deliver(99, "opened")
		h.settle(2 * time.Second)
		h.expect("harmless", report.Success, "Passed")

		h.settle(3 * time.Minute)
		heard.mu.Lock()
		if len(heard.told) != pulls {
			t.Errorf("after three minutes %d messages went by the channel that answers", len(heard.told))
		}
		heard.mu.Unlock()
		h.settle(3 * time.Hour)
		heard.mu.Lock()
		defer heard.mu.Unlock()
		about := map[string]int{}
		for _, d := range heard.told {
			about[d.Subject]++
		}
		if len(about) != pulls || len(heard.told) != pulls {
			t.Errorf("%d messages about %d pull requests", len(heard.told), len(about))
		}
		d := heard.told[0]
		if d.State != notify.Held || d.Level != gate.High && d.Level != gate.Critical || d.GitHub == "" || len(d.Findings) == 0 || d.Who == "" {
			t.Errorf("it says %+v", d.Message)
		}
		if mute.asked < pulls {
			t.Errorf("the mute channel was tried %d times", mute.asked)
		}
		told, err := h.keeper.Book.Told(context.Background(), gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}.Stream())
		if box := told.Box("mute"); err != nil || box.Failed == nil || box.Failed.Code == "" {
			t.Errorf("of the mute channel %+v is on record: %v", box, err)
		}
		if oldest, _ := h.board().Untold(); time.Since(oldest) < 2*time.Hour || oldest.IsZero() {
			t.Errorf("the oldest message waits since %s", oldest)
		}
	})
}
