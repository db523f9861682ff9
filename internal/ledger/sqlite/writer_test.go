package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	driver "modernc.org/sqlite"

	"github.com/gatehold/gatehold/internal/ledger"
)

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "ledger.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func batch(stream, key string) ledger.Batch {
	return ledger.Batch{Stream: stream, Records: ledger.Seal(stream, ledger.Head{}, time.Unix(1, 0), ledger.Draft{Kind: "test", Key: key})}
}

// hold keeps the writer busy until the test lets go, so that what is put in
// line meanwhile becomes one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, gate := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.do(context.Background(), func(*turn) error {
			close(entered)
			<-gate
			return nil
		})
	}()
	<-entered
	return func() {
		close(gate)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// inLine starts an append and returns when it waits in line.
func inLine(s *Store, ctx context.Context, work func(context.Context) error) <-chan error {
	before, done := len(s.writer.line), make(chan error, 1)
	go func() { done <- work(ctx) }()
	for len(s.writer.line) == before {
		runtime.Gosched()
	}
	return done
}

// commits counts the transactions that a store commits.
func commits(t *testing.T, s *Store, veto func(n int64) bool) *atomic.Int64 {
	t.Helper()
	n := new(atomic.Int64)
	err := s.writer.turn.conn.Raw(func(c any) error {
		c.(driver.HookRegisterer).RegisterCommitHook(func() int32 {
			if veto(n.Add(1)) {
				return 1
			}
			return 0
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAppendsInLineShareOneCommit(t *testing.T) {
	s := openTest(t)
	n := commits(t, s, func(int64) bool { return false })
	release := hold(t, s)
	var answers []<-chan error
	for i := range 20 {
		answers = append(answers, inLine(s, t.Context(), func(ctx context.Context) error {
			return s.Append(ctx, batch(fmt.Sprintf("s%d", i/2), "same key"))
		}))
	}
	release()
	for i, answer := range answers {
		want := []error{nil, ledger.ErrSeen}[i%2]
		if err := <-answer; !errors.Is(err, want) {
			t.Errorf("append %d = %v, want %v", i, err, want)
		}
	}
	if got := n.Load(); got != 2 {
		t.Errorf("%d commits, want one for what held the writer and one for the group", got)
	}
}

// A refusal inside a group that does not reach the disk is no refusal: the
// record that it was refused for is not there.
func TestFailedCommitFailsTheWholeGroup(t *testing.T) {
	s := openTest(t)
	commits(t, s, func(n int64) bool { return n == 2 })
	release := hold(t, s)
	first := inLine(s, t.Context(), func(ctx context.Context) error { return s.Append(ctx, batch("s", "a")) })
	second := inLine(s, t.Context(), func(ctx context.Context) error { return s.Append(ctx, batch("s", "a")) })
	release()
	for i, answer := range []<-chan error{first, second} {
		err := <-answer
		if err == nil || errors.Is(err, ledger.ErrSeen) || errors.Is(err, ledger.ErrMoved) {
			t.Errorf("append %d = %v, want what befell the commit", i, err)
		}
	}
	if err := s.Append(t.Context(), batch("s", "a")); err != nil {
		t.Errorf("append after the trouble is over: %v", err)
	}
}

func TestTroubleOfOneLeavesTheOthersAlone(t *testing.T) {
	s := openTest(t)
	release := hold(t, s)
	good := inLine(s, t.Context(), func(ctx context.Context) error { return s.Append(ctx, batch("good", "a")) })
	bad := inLine(s, t.Context(), func(ctx context.Context) error {
		return s.do(ctx, func(t *turn) error {
			_, err := t.conn.ExecContext(t.ctx, "INSERT INTO record (shard) VALUES ('half done')")
			return err
		})
	})
	later := inLine(s, t.Context(), func(ctx context.Context) error { return s.Append(ctx, batch("later", "a")) })
	release()
	if err := <-bad; err == nil || !strings.Contains(err.Error(), "could not write") {
		t.Errorf("the bad one = %v", err)
	}
	for name, answer := range map[string]<-chan error{"good": good, "later": later} {
		if err := <-answer; err != nil {
			t.Errorf("append to %s = %v", name, err)
		}
		if records, err := s.Read(t.Context(), name, 0); err != nil || len(records) != 1 {
			t.Errorf("%s has %d records, %v", name, len(records), err)
		}
	}
}

func TestCancelledInLineIsNeverWritten(t *testing.T) {
	s := openTest(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	answer := inLine(s, ctx, func(ctx context.Context) error { return s.Append(ctx, batch("s", "a")) })
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("append = %v, want context.Canceled", err)
	}
	release()
	if err := s.Append(t.Context(), batch("s", "a")); err != nil {
		t.Errorf("the same append once more = %v, so the cancelled one was written", err)
	}
}

func TestCloseFinishesWhatIsInLine(t *testing.T) {
	s := openTest(t)
	release := hold(t, s)
	var answers []<-chan error
	for i := range 5 {
		answers = append(answers, inLine(s, t.Context(), func(ctx context.Context) error {
			return s.Append(ctx, batch(fmt.Sprint(i), "a"))
		}))
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	for s.open() == nil {
		runtime.Gosched()
	}
	for range 10_000 {
		select {
		case err := <-closed:
			t.Fatalf("close returned %v while appends are in line", err)
		default:
			runtime.Gosched()
		}
	}
	release()
	if err := <-closed; err != nil {
		t.Errorf("close = %v", err)
	}
	for i, answer := range answers {
		if err := <-answer; err != nil {
			t.Errorf("append %d was in line before Close, and got %v", i, err)
		}
	}
}

func TestCheck(t *testing.T) {
	s := openTest(t)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), batch("s", "a")); err != nil {
		t.Errorf("append after a check: %v", err)
	}
	if _, err := s.writer.turn.conn.ExecContext(t.Context(), "PRAGMA synchronous=OFF"); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "not durable") {
		t.Errorf("check with synchronous off = %v", err)
	}
}

// Another process that keeps the write lock makes appends fail after the busy
// time, with nothing written; readers go on.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := Open(path, Options{Busy: 30 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	release := hold(t, one)
	if err := two.Append(t.Context(), batch("s", "a")); err == nil || !isBusy(err) {
		t.Errorf("append while another writes = %v, want that it is busy", err)
	}
	if records, err := two.Read(t.Context(), "s", 0); err != nil || len(records) != 0 {
		t.Errorf("read while another writes: %d records, %v", len(records), err)
	}
	release()
	if err := two.Append(t.Context(), batch("s", "a")); err != nil {
		t.Errorf("append afterwards: %v", err)
	}
}
