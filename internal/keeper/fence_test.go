package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// replica is one of several processes on one ledger, which can be stopped in the
// middle of painting a check, go on later, or die there.
type replica struct {
	h      *house
	name   string
	log    ledger.Store
	keeper *keeper.Keeper
	stop   context.CancelFunc
	done   chan error

	mu     sync.Mutex
	armed  string        // where the next painting stops: "before", "after"; empty: nowhere
	frozen chan struct{} // closed once it stands still; nil: it runs
	thaw   chan struct{}
	dead   bool
}

var errDead = errors.New("the process is gone")

func (h *house) replica(name string) *replica {
	r := &replica{h: h, name: name}
	r.start()
	return r
}

func (r *replica) start() {
	log, err := sqlite.Open(r.h.path, sqlite.Options{})
	if err != nil {
		r.h.t.Fatal(err)
	}
	r.mu.Lock() // what the process before left running may still look
	r.log, r.dead, r.armed, r.thaw, r.frozen = log, false, "", make(chan struct{}), nil
	r.mu.Unlock()
	r.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: &ledgerOf{log, r}, Hub: &hubOf{r.h.hub, r}, Now: time.Now, Holder: r.name, Poll: time.Second}))
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.done = cancel, make(chan error, 1)
	go func() { r.done <- r.keeper.Run(ctx) }()
}

func (r *replica) close() {
	r.goOn()
	r.stop()
	<-r.done
	if err := r.log.Close(); err != nil {
		r.h.t.Errorf("closing the ledger: %v", err)
	}
}

// freeze has it stand still at its next painting, before or after GitHub has it.
func (r *replica) freeze(where string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.frozen == nil {
		r.armed, r.thaw = where, make(chan struct{})
	}
}

func (r *replica) stands() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.frozen != nil
}

func (r *replica) goOn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.armed = ""
	if r.frozen != nil {
		r.frozen = nil
		close(r.thaw)
	}
}

// kill lets it go on just long enough to send what it was about to send.
func (r *replica) kill() {
	r.mu.Lock()
	r.dead = true
	r.mu.Unlock()
	r.goOn()
}

// still waits while the process stands still, and tells whether it is gone.
func (r *replica) still(ctx context.Context) error {
	r.mu.Lock()
	frozen, thaw, dead := r.frozen != nil, r.thaw, r.dead
	r.mu.Unlock()
	if frozen {
		select {
		case <-thaw:
		case <-ctx.Done():
			return ctx.Err()
		}
		return r.still(ctx)
	}
	if dead {
		return errDead
	}
	return nil
}

func (r *replica) pause(ctx context.Context, where string) error {
	r.mu.Lock()
	if r.armed != where {
		dead := r.dead
		r.mu.Unlock()
		if dead && where == "before" {
			return errDead
		}
		return ctx.Err()
	}
	r.armed, r.frozen = "", make(chan struct{})
	thaw := r.thaw
	r.mu.Unlock()
	<-thaw
	return ctx.Err() // what the time limit of the step is for
}

type hubOf struct {
	*github
	r *replica
}

func (h *hubOf) PutCheck(ctx context.Context, repo gate.Repo, id int64, c report.Check) (int64, error) {
	if err := h.r.pause(ctx, "before"); err != nil {
		return 0, err
	}
	id, err := h.github.PutCheck(ctx, repo, id, c)
	if late := h.r.pause(ctx, "after"); late != nil && err == nil {
		return id, late
	}
	return id, err
}

type ledgerOf struct {
	ledger.Store
	r *replica
}

func (l *ledgerOf) Append(ctx context.Context, b ledger.Batch) error {
	if err := l.r.still(ctx); err != nil {
		return err
	}
	return l.Store.Append(ctx, b)
}

func (l *ledgerOf) Lease(ctx context.Context, name, holder string, d time.Duration) (bool, error) {
	if err := l.r.still(ctx); err != nil {
		return false, err
	}
	return l.Store.Lease(ctx, name, holder, d)
}

func (l *ledgerOf) Live(ctx context.Context, prefix string) ([]string, error) {
	if err := l.r.still(ctx); err != nil {
		return nil, err
	}
	return l.Store.Live(ctx, prefix)
}

func (l *ledgerOf) Due(ctx context.Context, shards []int, now time.Time, most int) ([]string, error) {
	if err := l.r.still(ctx); err != nil {
		return nil, err
	}
	return l.Store.Due(ctx, shards, now, most)
}

// TestAPausedReplicaPaintsNothingOlderForGood stops a replica around its painting
// of a success, has another one paint that the change is held again, and lets the
// first go on, or send its painting and die.
func TestAPausedReplicaPaintsNothingOlderForGood(t *testing.T) {
	for _, where := range []string{"before", "after"} {
		for _, then := range []string{"goes on", "dies"} {
			for _, first := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, creating %v", where, then, first), func(t *testing.T) {
					dir := t.TempDir()
					synctest.Test(t, func(t *testing.T) { paused(t, dir, where, then == "dies", first) })
				})
			}
		}
	}
}

func paused(t *testing.T, dir, where string, dies, first bool) {
	h := &house{t: t, path: filepath.Join(dir, "ledger.db"), hub: newGitHub()}
	a := h.replica("A")
	h.keeper, h.log = a.keeper, a.log
	h.settle(time.Second)
	b := h.replica("B")
	defer b.close()
	defer a.close()
	if !first {
		h.hub.set(1, pull("aaa1", "db/x.sql"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1", report.ActionRequired, "")
	}
	a.freeze(where)
	h.hub.set(1, pull("aaa1", "README.md"))
	h.deliver(1, "edited")
	h.settle(time.Second)
	if !a.stands() {
		t.Fatal("it does not come to its painting")
	}
	h.keeper = b.keeper
	h.hub.set(1, pull("aaa1", "db/x.sql"))
	h.deliver(1, "edited")
	h.settle(40 * time.Second)
	if check, _ := h.hub.deciding("aaa1"); check.Conclusion != report.ActionRequired {
		t.Fatalf("the other replica paints %s %q", check.Conclusion, check.Title)
	}
	within := 5 * time.Second
	if dies {
		a.kill()
		within = gate.StepTime
	} else {
		a.goOn()
	}
	h.settle(within)
	if check, _ := h.hub.deciding("aaa1"); check.Conclusion != report.ActionRequired {
		t.Errorf("%s later the check of the held change says %s %q", within, check.Conclusion, check.Title)
	}
	if due := h.due(); len(due) > 0 {
		t.Errorf("still due: %v", due)
	}
}

// TestTwoReplicasEndWithWhatIsRight plays random changes, told to either of two
// replicas, which stand still around their paintings, go on, die and begin anew.
func TestTwoReplicasEndWithWhatIsRight(t *testing.T) {
	atMost(t, 15)
	dir, round := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		steps := rapid.SliceOfN(rapid.IntRange(0, 15), 4, 30).Draw(rt, "steps")
		path := filepath.Join(dir, fmt.Sprint(round))
		if err := mkdir(path); err != nil {
			t.Fatal(err)
		}
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = playTwo(t, path, steps) })
		if len(wrong) > 0 {
			rt.Fatalf("steps %v:\n%s", steps, strings.Join(wrong, "\n"))
		}
	})
}

func playTwo(t *testing.T, dir string, steps []int) (wrong []string) {
	h := &house{t: t, path: filepath.Join(dir, "ledger.db"), hub: newGitHub()}
	both := []*replica{h.replica("A"), h.replica("B")}
	for i, step := range steps {
		r := both[step%2]
		switch step / 2 {
		case 0, 1, 2: // something changes
			paths := []string{"README.md", "db/x.sql"}[i%2:]
			if r.stands() { // GitHub tells the other one
				r = both[1-step%2]
			}
			if r.stands() { // nothing happens of which nobody is told
				continue
			}
			h.hub.set(1, pull(fmt.Sprint("head", step/4), paths...))
			h.hub.set(1, func(f *change.Facts) { f.Open = step < 5 })
			if _, err := r.keeper.Deliveries.Take(context.Background(),
				gate.Delivery{Key: fmt.Sprint("1:", i), Event: "pull_request", Action: "edited", Seen: &gate.Seen{
					Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}, Event: "pull_request", Action: "edited",
					BaseRef: "main", Head: fmt.Sprint("head", step/4),
				}}); err != nil {
				t.Fatal(err)
			}
		case 3:
			r.freeze("before")
		case 4:
			r.freeze("after")
		case 5:
			r.goOn()
		case 6:
			r.kill()
			r.close()
			r.start()
		case 7:
			h.settle(time.Duration(1+i%5) * 9 * time.Second)
		}
		synctest.Wait()
	}
	for _, r := range both {
		r.goOn()
	}
	h.log = both[0].log
	for range 20 {
		if h.settle(time.Minute); len(h.due()) == 0 {
			break
		}
	}
	if facts := h.hub.pulls[1]; facts != nil && facts.Open {
		want := report.Success
		for _, f := range facts.Change.Files {
			if strings.HasPrefix(f.Path, "db/") {
				want = report.ActionRequired
			}
		}
		if check, runs := h.hub.deciding(facts.Change.Head); runs == 0 || check.Conclusion != want {
			wrong = append(wrong, fmt.Sprintf("%s: the newest of %d runs says %s %q, want %s", facts.Change.Head, runs,
				check.Conclusion, check.Title, want))
		}
	}
	if due := h.due(); len(due) > 0 {
		wrong = append(wrong, fmt.Sprintf("still due: %v", due))
	}
	for _, r := range both {
		r.close()
	}
	return wrong
}
