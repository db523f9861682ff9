package book_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// recorded holds a ledger of every version that was in use, see its README.txt.
const recorded = "../../../testdata/ledger"

// TestRecordedLedgersAreRead: what an earlier version wrote is verified and
// folded, and every stream comes to what it came to then.
func TestRecordedLedgersAreRead(t *testing.T) {
	dirs, err := filepath.Glob(recorded + "/v*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no ledgers in %s: %v", recorded, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			log := openRecorded(t, dir)
			at, b := recordedAt(t, dir), bookOn(log)
			var lines []string
			for _, stream := range streamsOf(t, log) {
				records, err := log.Read(t.Context(), stream, 0)
				if err != nil {
					t.Fatal(err)
				}
				if err := ledger.Verify(records); err != nil {
					t.Error(err)
				}
				lines = append(lines, comesTo(t, b, stream, at))
			}
			want := standings(t, dir, lines)
			for i := range max(len(lines), len(want)) {
				got, want := at0(lines, i), at0(want, i)
				if got != want {
					t.Errorf("line %d:\n  is  %s\n  was %s", i+1, got, want)
				}
			}
		})
	}
}

// at0 is a line, empty past the end.
func at0(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// openRecorded opens a copy of a recorded SQLite file.
func openRecorded(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "ledger.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func recordedAt(t *testing.T, dir string) time.Time {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "at.txt"))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// standings are the lines that the version which wrote a ledger gave for it.
// With RECORD_LEDGER that version writes them, once.
func standings(t *testing.T, dir string, lines []string) []string {
	t.Helper()
	path := filepath.Join(dir, "standings.txt")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("RECORD_LEDGER") == filepath.Base(dir) {
		text = []byte(strings.Join(lines, "\n") + "\n")
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func streamsOf(t *testing.T, log ledger.Log) []string {
	t.Helper()
	seen := map[string]bool{}
	var streams []string
	for shard := range ledger.Shards {
		var cursor ledger.Cursor
		for {
			records, next, err := log.Tail(t.Context(), shard, cursor, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if !seen[r.Stream] {
					seen[r.Stream] = true
					streams = append(streams, r.Stream)
				}
			}
			if cursor = next; len(records) == 0 {
				break
			}
		}
	}
	slices.Sort(streams)
	return streams
}

// comesTo is a line: the stream, where it ends, and what it comes to.
func comesTo(t *testing.T, b *book.Book, stream string, at time.Time) string {
	t.Helper()
	switch gate.StreamKind(stream) {
	case gate.Check:
		f := load(t, b.Checks, stream)
		c := f.State
		return lineOf(f.Name, f.Head) + fmt.Sprintf("%s name=%q run=%d outcome=%q over=%v shows=%d pressed=%d", c.Subject, c.Subject.Name,
			c.Run, c.Outcome, c.Over, len(c.Members), len(c.Pressed))
	case gate.Repository:
		f := load(t, b.Repositories, stream)
		enforced := 0
		for _, e := range f.State.Enforcement {
			if e.Enforced {
				enforced++
			}
		}
		return lineOf(f.Name, f.Head) + fmt.Sprintf("%s enforcement=%d/%d paths=%d waiting=%d", f.State.Subject, enforced,
			len(f.State.Enforcement), len(f.State.Paths), len(f.State.Waiting))
	case gate.Environment:
		f := load(t, b.Environments, stream)
		last := f.State.Last()
		if last == nil {
			last = &gate.Arrival{}
		}
		return lineOf(f.Name, f.Head) + fmt.Sprintf("%s last=%.7s gate=%q approved=%v arrivals=%d bypassed=%d", f.State.Subject, last.SHA,
			last.Gate, last.Approved, len(f.State.Arrivals), len(f.State.Bypassed()))
	case gate.Branch:
		f := load(t, b.Branches, stream)
		return lineOf(f.Name, f.Head) + gate.Subject{}.String() + " " + gateComesTo(gate.State{}, gate.State{}, at)
	}
	f := load(t, b.Gates, stream)
	pull := gate.State{}
	if f.State.Subject.Kind == gate.MergeGroup {
		pull = load(t, b.Gates, f.State.Subject.Pull().Stream()).State
	}
	return lineOf(f.Name, f.Head) + f.State.Subject.String() + " " + gateComesTo(f.State, pull, at)
}

func lineOf(stream string, head ledger.Head) string {
	return fmt.Sprintf("%s %d %.12s ", stream, head.Version, head.Hash)
}

func load[S any](t *testing.T, kept *engine.Streams[S], stream string) engine.Stream[S] {
	t.Helper()
	f, err := kept.Load(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// gateComesTo says what a gate comes to at a moment, and by whom.
func gateComesTo(s, pull gate.State, at time.Time) string {
	var people []string
	for _, c := range s.Choices {
		people = append(people, fmt.Sprintf("%s:%s:%s", c.By.Login, c.Answer, c.Via))
	}
	for _, o := range s.Overrides {
		reviewed := "unreviewed"
		if o.Review != nil {
			reviewed = "reviewed by " + o.Review.By.Login
		}
		people = append(people, fmt.Sprintf("%s:%s:%s", o.By.Login, o.Answer, reviewed))
	}
	out := standingOf(s, pull, at)
	if v := s.Verdict; v != nil {
		out += fmt.Sprintf(" %s score=%d findings=%d held=%v", v.Level, v.Score, len(v.Findings)+v.Hidden, v.Held)
	}
	return out + fmt.Sprintf(" head=%.7s pusher=%q people=%v offers=%d refused=%d voided=%d", s.Head(), s.Pull.Pusher.Login,
		people, len(s.Offers), len(s.Refusals), len(s.Voided))
}

func standingOf(s, pull gate.State, at time.Time) string {
	switch answered := s.Answered(); {
	case answered != "":
		return "answered:" + string(answered)
	case s.Done:
		return "closed"
	case s.Verdict == nil || s.Wanted > s.Covered:
		return "judging"
	case s.Subject.Kind == gate.MergeGroup && s.Queueing(pull, at).Passes:
		return "queue:passes"
	case s.Subject.Kind == gate.MergeGroup:
		return "queue:held"
	case s.Denied() != nil:
		return "denied"
	case s.Overridden() != nil:
		return "overridden"
	case s.Released(at) && s.Verdict.Held:
		return "released"
	case s.Released(at):
		return "passed"
	}
	return "held"
}
