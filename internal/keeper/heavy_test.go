package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// large is a pull request with more text than whoever is to be quick reads.
func large(head string) func(*change.Facts) {
	return func(f *change.Facts) {
		pull(head, "docs/large.md")(f)
		f.Change.Files[0].After = change.TextOf(strings.Repeat("a line of it\n", 50_000))
	}
}

// slow stands in the way of whoever reads a large change whole, until it is let go.
type slow struct {
	mu      sync.Mutex
	letGo   chan struct{}
	reading []int // pull requests, in the order in which they were begun
	atOnce  int   // at the same time, at most
	now     int
}

func (s *slow) read(ctx context.Context, subject gate.Subject) error {
	s.mu.Lock()
	s.reading = append(s.reading, subject.Number)
	s.now++
	s.atOnce = max(s.atOnce, s.now)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}()
	select {
	case <-s.letGo:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slow) begun() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reading)
}

func headOf(n int) string { return fmt.Sprintf("head%02d", n) }

// However many pull requests take long to judge, one that does not is judged
// while every one of them is still being read.
func TestHeavyPullRequestsHoldUpNobody(t *testing.T) {
	const heavies = 70
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		defer h.close()
		s := &slow{letGo: make(chan struct{})}
		h.hub.whole = s.read
		for n := 1; n <= heavies; n++ {
			h.hub.set(n, large(headOf(n)))
			h.deliver(n, "opened")
		}
		h.settle(10 * time.Second) // who reads may take two minutes for it
		h.hub.set(99, pull("harmless", "README.md"))
		h.deliver(99, "opened")
		h.settle(10 * time.Second)

		h.expect("harmless", report.Success, "Passed")
		if got := s.begun(); len(got) != 2 {
			t.Errorf("%d heavy pull requests are being read at once: %v", len(got), got)
		}
		for n := 1; n <= heavies; n++ {
			if check, _ := h.hub.deciding(headOf(n)); check.Conclusion == report.Success {
				t.Fatalf("pull request %d passed, and nobody has read it", n)
			}
		}
		close(s.letGo)
		h.settle(time.Minute)
		for n := 1; n <= heavies; n++ {
			h.expect(headOf(n), report.Success, "Passed")
		}
		if got := s.begun(); len(got) != heavies || s.atOnce != 2 {
			t.Errorf("%d heavy pull requests were read whole, %d at once at most", len(got), s.atOnce)
		}
	})
}

// A heavy gate is known as such: its next look does not begin among the quick,
// and one that has become light goes back to them.
func TestHeavyIsRemembered(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		defer h.close()
		s := &slow{letGo: make(chan struct{})}
		close(s.letGo)
		h.hub.whole = s.read
		looks := func(edit func(*change.Facts), head string) (texts, whole int) {
			h.hub.set(1, edit)
			before, read := h.hub.count("texts"), len(s.begun())
			h.deliver(1, "synchronize")
			h.settle(time.Minute)
			h.expect(head, report.Success, "Passed")
			return h.hub.count("texts") - before, len(s.begun()) - read
		}
		for i, want := range []struct{ texts, whole int }{{2, 1}, {1, 1}, {1, 1}} {
			head := fmt.Sprint("heavy", i)
			if texts, whole := looks(large(head), head); texts != want.texts || whole != want.whole {
				t.Errorf("look %d read texts %d times, %d of them whole", i, texts, whole)
			}
		}
		for i, want := range []struct{ texts, whole int }{{1, 1}, {1, 0}} {
			head := fmt.Sprint("light", i)
			if texts, whole := looks(pull(head, "README.md"), head); texts != want.texts || whole != want.whole {
				t.Errorf("light look %d read texts %d times, %d of them whole", i, texts, whole)
			}
		}
	})
}

// A slow worker whose judgement panics or fails is free for the next, and what
// failed is tried again by the slow. A keeper that is stopped while heavy ones
// wait goes on with them after its restart.
func TestHeavyThroughTrouble(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		defer func() { h.close() }()
		var mu sync.Mutex
		tries := map[int]int{}
		h.hub.whole = func(_ context.Context, s gate.Subject) error {
			mu.Lock()
			defer mu.Unlock()
			tries[s.Number]++
			switch {
			case tries[s.Number] > 1:
				return nil
			case s.Number%2 == 0:
				panic("the reader gave out")
			}
			return errors.New("no answer")
		}
		for n := 1; n <= 6; n++ {
			h.hub.set(n, large(headOf(n)))
			h.deliver(n, "opened")
		}
		h.settle(time.Minute)
		for n := 1; n <= 6; n++ {
			h.expect(headOf(n), report.Success, "Passed")
			if tries[n] != 2 {
				t.Errorf("pull request %d was read whole %d times", n, tries[n])
			}
		}

		s := &slow{letGo: make(chan struct{})}
		h.hub.whole = s.read
		for n := 11; n <= 20; n++ {
			h.hub.set(n, large(headOf(n)))
			h.deliver(n, "opened")
		}
		h.settle(10 * time.Second)
		close(s.letGo)
		h.restart()
		h.settle(time.Minute)
		for n := 11; n <= 20; n++ {
			h.expect(headOf(n), report.Success, "Passed")
		}
	})
}
