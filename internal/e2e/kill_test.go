//go:build services

package e2e

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
	"github.com/gatehold/gatehold/internal/testworld"
)

// TestKilledAtRandomMoments opens pull requests while the server is killed and
// started again. GitHub does not deliver again by itself; in the end each pull
// request has exactly one check run all the same, and it is right.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killed(t, ledgerIn(t))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		killed(t, redisserver.Start(t, "appendonly yes", "appendfsync always").URL())
	})
}

func killed(t *testing.T, store string) {
	w := newWorld(t, fakehub.Options{Latency: 5 * time.Millisecond}, testworld.Options{})
	s := newServer(t, w, store)
	random := rand.New(rand.NewPCG(7, 11))
	const rounds, each = 8, 12
	var pulls []*fakehub.Pull
	held := func(n int) bool { return n%3 == 0 }
	for range rounds {
		kill := time.NewTimer(time.Duration(random.IntN(250)) * time.Millisecond)
		for range each {
			n := len(pulls)
			pulls = append(pulls, w.change(n, held(n)))
		}
		<-kill.C
		s.kill()
		s.start()
	}
	var wrong string
	defer func() {
		if t.Failed() {
			t.Log(wrong)
		}
	}()
	until(t, 3*time.Minute, "not every pull request has its check", func() bool {
		for n, pull := range pulls {
			if wrong = w.Judged(pull, held(n)); wrong != "" {
				return false
			}
		}
		return true
	})
	quiet(t, w, 1500*time.Millisecond) // nothing is painted again
	for n, pull := range pulls {
		if wrong := w.Judged(pull, held(n)); wrong != "" {
			t.Error(wrong)
		}
	}
	if v := w.Hub.Violations(); len(v) > 0 {
		t.Errorf("requests that GitHub's description forbids:\n%s", strings.Join(v, "\n"))
	}
}

// quiet waits until the hub hears no request for a while.
func quiet(t *testing.T, w *world, d time.Duration) {
	t.Helper()
	last, since := w.Hub.Total(), time.Now()
	until(t, time.Minute, "requests do not end", func() bool {
		if n := w.Hub.Total(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > d
	})
}
