package deploys

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// replicas hold deployments on one ledger, each with a handle of its own, as
// processes have it.
func replicas(t *testing.T, n int) []*Deploys {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	out := make([]*Deploys, n)
	for i := range out {
		store, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		e := engine.New(engine.Config{Log: store, Now: time.Now, Holder: fmt.Sprint(i)})
		out[i] = New(Config{Book: book.New(e, "")})
	}
	return out
}

// released is a deployment that may go, of a run of its own, of the one commit.
func released(run int64, environment string, most int) gate.State {
	return gate.State{
		Subject: gate.Subject{Kind: gate.Deployment, Repo: gate.Repo{ID: 7}, Run: run, DeploymentID: 100 + run, Environment: environment},
		Verdict: &gate.Verdict{Head: fmt.Sprintf("%040d", 1), Deploy: &gate.Deploy{Attempt: 1, Concurrent: most}},
	}
}

// What was judged when nothing else was under way does not go over another commit:
// it is looked at again, and goes where it was judged from that too.
func TestNothingGoesOverWhatItWasNotJudgedFrom(t *testing.T) {
	k := replicas(t, 1)[0]
	first, next := released(1, "production", 0), released(2, "production", 0)
	next.Verdict.Head = fmt.Sprintf("%040d", 2)
	goes := func(s gate.State, want bool) {
		t.Helper()
		if room, err := k.depart(t.Context(), s); err != nil || room != want {
			t.Errorf("it goes: %v, %v, want %v", room, err, want)
		}
	}
	goes(first, true)
	goes(next, false)
	judged := next
	deploy := *next.Verdict.Deploy
	deploy.Over = []string{first.Verdict.Head}
	judged.Verdict = &gate.Verdict{Head: next.Verdict.Head, Deploy: &deploy}
	goes(judged, true)
	glass := released(3, "production", 0)
	glass.Verdict.Head = fmt.Sprintf("%040d", 3)
	goes(glass, false)
	glass.Choices = []gate.Choice{{Counted: gate.Counted{Answer: gate.Override}}}
	goes(glass, true)
}

// However many replicas let go at the same moment, no more deployments are under
// way than the rules allow, and each that was refused can go once there is room.
func TestReplicasLetGoNoMoreThanTheRulesAllow(t *testing.T) {
	for _, most := range []int{1, 3} {
		ks := replicas(t, 3)
		const gates = 12
		var gone atomic.Int32
		var rooms [gates]bool
		var work sync.WaitGroup
		for i := range gates {
			work.Go(func() {
				room, err := ks[i%len(ks)].depart(t.Context(), released(int64(i+1), []string{"production", "Production"}[i%2], most))
				if err != nil {
					t.Error(err)
				}
				if rooms[i] = room; room {
					gone.Add(1)
				}
			})
		}
		work.Wait()
		if int(gone.Load()) != most {
			t.Fatalf("%d of %d deployments were let go at once, want %d", gone.Load(), gates, most)
		}
		var left, refused gate.State
		for i, room := range rooms {
			if s := released(int64(i+1), "production", most); room {
				left = s
			} else {
				refused = s
			}
		}
		if room, err := ks[0].depart(t.Context(), left); err != nil || !room {
			t.Errorf("a departure that is on record is asked for again: %v, %v", room, err)
		}
		if room, err := ks[1].depart(t.Context(), refused); err != nil || room {
			t.Errorf("there was room for one more: %v", err)
		}
		if err := ks[2].giveBack(t.Context(), left.Subject); err != nil {
			t.Fatal(err)
		}
		if room, err := ks[1].depart(t.Context(), refused); err != nil || !room {
			t.Errorf("there was no room once one had ended: %v", err)
		}
	}
}

// A deployment that arrived, or failed, makes room by that alone.
func TestArrivalsMakeRoom(t *testing.T) {
	k := replicas(t, 1)[0]
	first, second := released(1, "production", 1), released(2, "production", 1)
	for _, failed := range []bool{false, true} {
		if room, err := k.depart(t.Context(), first); err != nil || !room {
			t.Fatalf("no room: %v", err)
		}
		if room, err := k.depart(t.Context(), second); err != nil || room {
			t.Fatalf("room for two: %v", err)
		}
		arrival := gate.Arrival{DeploymentID: first.Subject.DeploymentID, SHA: first.Verdict.Head, Run: 1, Failed: failed}
		if _, err := k.Book.Environments.Record(t.Context(), environmentOf(first.Subject).Stream(),
			engine.Draft{Event: gate.Landed{Arrivals: []gate.Arrival{arrival}}}); err != nil {
			t.Fatal(err)
		}
		if room, err := k.depart(t.Context(), second); err != nil || !room {
			t.Fatalf("no room after the arrival: %v", err)
		}
		first, second = second, released(3, "production", 1)
	}
}

// What one replica is letting go has its room, whatever another one makes of what
// it read before: that it is not released yet, or that it was to be answered by
// itself.
func TestAReplicaThatIsBehindGivesNoRoomAway(t *testing.T) {
	ks := replicas(t, 2)
	s := released(1, "production", 1)
	stream := s.Subject.Stream()
	write := func(k *Deploys, e gate.Event) book.Gate {
		t.Helper()
		f, err := k.Book.Gates.Record(t.Context(), stream, engine.Draft{Event: e})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	write(ks[0], gate.Seen{Subject: s.Subject, Event: "deployment_protection_rule", Action: "requested", Head: s.Verdict.Head})
	judged := gate.Judged{Covers: 1, Head: s.Verdict.Head, Digest: "1", Verdict: s.Verdict}
	held := *s.Verdict
	held.Held = true
	behind := write(ks[0], gate.Judged{Covers: 1, Head: s.Verdict.Head, Digest: "2", Verdict: &held})
	goes := write(ks[1], judged)
	if !goes.State.Released(time.Now()) || behind.State.Released(time.Now()) {
		t.Fatal("the one is released, and the other is not")
	}
	under := func(want bool) {
		t.Helper()
		if room, err := ks[1].depart(t.Context(), released(2, "production", 1)); err != nil || room == want {
			t.Fatalf("room for another: %v, %v", room, err)
		}
	}
	if room, err := ks[1].depart(t.Context(), goes.State); err != nil || !room {
		t.Fatalf("no room: %v", err)
	}
	if err := ks[0].giveBack(t.Context(), behind.State.Subject); err != nil {
		t.Fatal(err)
	}
	under(true)
	write(ks[1], gate.Replying{Reply: gate.Approved, Attempt: 1})
	if err := ks[0].answer(t.Context(), goes, gate.Approved, 1, ""); !errors.Is(err, ledger.ErrMoved) {
		t.Fatalf("it was answered twice: %v", err)
	}
	under(true)
	write(ks[1], gate.Judged{Covers: 1, Head: s.Verdict.Head, Digest: "2", Verdict: &held}) // nobody knows whether GitHub has heard it
	if err := ks[0].giveBack(t.Context(), s.Subject); err != nil {
		t.Fatal(err)
	}
	under(true)
	write(ks[1], gate.Closed{Covers: 9, Why: "The run has ended."})
	if err := ks[0].giveBack(t.Context(), s.Subject); err != nil {
		t.Fatal(err)
	}
	under(false)
}
