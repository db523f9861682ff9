package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
	"github.com/gatehold/gatehold/internal/usecase/repos"
)

// rulesText holds what an agent does under db/ and nothing else.
const rulesText = `version: 1
extends: []
mode: enforce
rules:
  - { id: database, title: Database, paths: ["db/**"], risk: 60 }
needs:
  high: { approvals: 1, from: ["@acme/sre"] }
`

var rulesFile = change.RulesFile{State: change.RulesFound, Name: "acme/shop/.github/gatehold.yml@ba5e", Text: []byte(rulesText)}

var shop = gate.Repo{Installation: 7, ID: 42, Owner: "acme", Name: "shop"}

// house is a keeper on a real SQLite file, in virtual time.
type house struct {
	t      testing.TB
	path   string
	log    ledger.Store
	hub    *github
	keeper *keeper.Keeper
	stop   context.CancelFunc
	done   chan error
	sent   int
	flows  repos.Workflows // nil: nobody looks at how the repository deploys
	trunk  lanes.Trunks    // nil: lanes are known from what is judged
}

func newHouse(t testing.TB, dir string) *house {
	h := &house{t: t, path: filepath.Join(dir, "ledger.db"), hub: newGitHub()}
	h.start()
	return h
}

func (h *house) start() { h.startWith(nil) }

func (h *house) startWith(c repos.Inventory) {
	log, err := sqlite.Open(h.path, sqlite.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.log = log
	h.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: log, Hub: h.hub, Now: time.Now, Holder: "test", Inventory: c, Poll: time.Second}))
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.done = cancel, make(chan error, 1)
	go func() { h.done <- h.keeper.Run(ctx) }()
}

// board lists what the ledger holds now.
func (h *house) board() *board.Board {
	h.t.Helper()
	b := board.New(board.Config{Tail: h.log, Streams: h.keeper.Book, Comparison: h.keeper.Repos, Now: time.Now})
	if err := b.Read(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return b
}

func (h *house) close() {
	h.stop()
	if err := <-h.done; err != nil {
		h.t.Errorf("the runner ended with %v", err)
	}
	if err := h.log.Close(); err != nil {
		h.t.Errorf("closing the ledger: %v", err)
	}
}

func (h *house) restart() { h.close(); h.start() }

// deliver takes in an event on a pull request, as GitHub would tell of it.
func (h *house) deliver(number int, action string) {
	h.t.Helper()
	h.sent++
	h.take(fmt.Sprintf("1:%d", h.sent), number, action)
}

func (h *house) take(key string, number int, action string) bool {
	h.t.Helper()
	h.hub.mu.Lock()
	c := h.hub.pulls[number].Change
	h.hub.mu.Unlock()
	fresh, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: key, Event: "pull_request", Action: action, Seen: &gate.Seen{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number},
		Event:   "pull_request", Action: action, Head: c.Head, Base: c.Base, BaseRef: c.BaseRef,
		ChangedFiles: len(c.Files), Sender: gate.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: "Bot"},
	}})
	if err != nil {
		h.t.Fatalf("taking %s: %v", action, err)
	}
	return fresh
}

// settle lets virtual time pass until everything due within it is done.
func (h *house) settle(d time.Duration) {
	<-time.After(d) // virtual time
	synctest.Wait()
}

func (h *house) expect(sha string, conclusion report.Conclusion, title string) {
	h.t.Helper()
	check, runs := h.hub.deciding(sha)
	if runs != 1 {
		h.t.Fatalf("%d check runs on %s, want 1", runs, sha)
	}
	if check.Conclusion != conclusion || !strings.Contains(check.Title, title) {
		h.t.Fatalf("the check on %s is %s, %q; want %s with %q", sha, check.Conclusion, check.Title, conclusion, title)
	}
}

// sets the head and what it touches.
func pull(head string, paths ...string) func(*change.Facts) {
	return func(f *change.Facts) {
		f.Repo = rulesFile
		f.Change.Head = head
		f.Change.Commits = []change.Commit{{SHA: head, Message: "Work"}}
		f.Change.Files = nil
		for _, p := range paths {
			f.Change.Files = append(f.Change.Files, change.File{Path: p, Status: change.Added, Mode: change.ModeFile,
				Before: change.NoText()})
		}
	}
}

func story(t *testing.T, tell func(h *house)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		defer h.close()
		tell(h)
	})
}

func TestAHeldChangeAndAHarmlessOne(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.hub.set(2, pull("bbb2", "README.md"))
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.expect("aaa1", report.ActionRequired, "Held: needs 1 approval from @acme/sre")
		h.expect("bbb2", report.Success, "Passed")
		if n := h.hub.count("find"); n != 0 {
			t.Errorf("%d look-ups of check runs where none can exist", n)
		}
		standings := h.board().Standings()
		if standings[gate.IsHeld] != 1 || standings[gate.IsPassed] != 1 {
			t.Errorf("standings: %v", standings)
		}
	})
}

func TestADuplicateDeliveryIsOne(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "README.md"))
		if !h.take("1:x", 1, "opened") {
			t.Error("the first delivery is not fresh")
		}
		h.settle(time.Second)
		facts := h.hub.count("facts")
		if h.take("1:x", 1, "opened") {
			t.Error("the second delivery of the same event is fresh")
		}
		h.settle(time.Second)
		if h.hub.count("facts") != facts {
			t.Error("a duplicate was judged again")
		}
	})
}

func TestANewHeadIsANewCheck(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.hub.set(1, pull("aaa2", "README.md"))
		h.deliver(1, "synchronize")
		h.settle(time.Second)
		h.expect("aaa1", report.ActionRequired, "Held") // what it said last stands
		h.expect("aaa2", report.Success, "Passed")
	})
}

// TestTheWorstOfAllPullRequestsWithAHead: a check belongs to a commit, and the
// same commit may be harmless for one base and held for another.
func TestTheWorstOfAllPullRequestsWithAHead(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("same", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("same", report.Success, "Passed")

		h.hub.set(2, pull("same", "README.md", "db/drop.sql"))
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.expect("same", report.ActionRequired, "Held")

		h.hub.set(2, func(f *change.Facts) { f.Open = false })
		h.deliver(2, "closed")
		h.settle(time.Second)
		h.expect("same", report.Success, "Passed")
	})
}

// TestARetargetTakesASuccessAway: the head stays and its green check with it,
// unless it is taken away even while the new base cannot be read.
func TestARetargetTakesASuccessAway(t *testing.T) {
	story(t, func(h *house) {
		h.hub.lanes = `"env/*"`
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "env/staging" })
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1 gatehold: env/*", report.Success, "Passed")

		h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "env/production" })
		broken := true
		h.hub.fault = func(call string) (error, bool) {
			if call == "facts" && broken {
				return &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."}, false
			}
			return nil, false
		}
		h.deliver(1, "edited")
		h.settle(10 * time.Second)
		h.expect("aaa1 gatehold: env/*", report.ActionRequired, "GitHub answered 502")

		h.hub.mu.Lock()
		broken = false
		h.hub.mu.Unlock()
		h.settle(time.Minute)
		h.expect("aaa1 gatehold: env/*", report.Success, "Passed")
	})
}

func TestWhatFailsIsShownAndTriedAgain(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "README.md"))
		until := time.Now().Add(40 * time.Minute)
		h.hub.fault = func(call string) (error, bool) {
			if call == "facts" && time.Now().Before(until) {
				return &gate.Error{Code: "rate_limited", Text: "GitHub's hourly limit is used up.", Until: until}, false
			}
			return nil, false
		}
		h.deliver(1, "opened")
		h.settle(time.Minute)
		h.expect("aaa1", report.ActionRequired, "hourly limit")
		if n := h.hub.count("facts"); n != 1 {
			t.Errorf("%d requests within a limit that was announced", n)
		}
		h.settle(40 * time.Minute)
		h.expect("aaa1", report.Success, "Passed")
	})
}

// TestALostAnswerMakesNoSecondRun: GitHub created the run, we never heard.
func TestALostAnswerMakesNoSecondRun(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		lost := 0
		h.hub.fault = func(call string) (error, bool) {
			if call == "put" && lost < 3 {
				lost++
				return errLost, true
			}
			return nil, false
		}
		h.deliver(1, "opened")
		h.settle(5 * time.Minute)
		h.expect("aaa1", report.ActionRequired, "Held")
	})
}

func TestBrokenRulesHold(t *testing.T) {
	for name, file := range map[string]change.RulesFile{
		"does not parse": {State: change.RulesFound, Name: "r@1", Text: []byte("version: 1\nsurprise: true\n")},
		"a symlink":      {State: change.RulesRefused, Name: "r@1", Reason: "it is a symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(h *house) {
				h.hub.set(1, pull("aaa1", "README.md"))
				h.hub.set(1, func(f *change.Facts) { f.Repo = file })
				h.deliver(1, "opened")
				h.settle(time.Second)
				h.expect("aaa1", report.ActionRequired, "rules")
			})
		})
	}
	t.Run("cannot be told", func(t *testing.T) {
		story(t, func(h *house) {
			h.hub.set(1, pull("aaa1", "README.md"))
			h.hub.set(1, func(f *change.Facts) { f.Org = change.RulesFile{Reason: "GitHub answered 403"} })
			h.deliver(1, "opened")
			h.settle(10 * time.Second)
			h.expect("aaa1", report.ActionRequired, "rules")
			h.hub.set(1, func(f *change.Facts) { f.Org = change.RulesFile{State: change.RulesAbsent} })
			h.settle(time.Hour)
			h.expect("aaa1", report.Success, "Passed")
		})
	})
}

func TestWithoutARulesFileNobodyIsBlocked(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/migrations/1.sql"))
		h.hub.set(1, func(f *change.Facts) { f.Repo = change.RulesFile{State: change.RulesAbsent} })
		h.deliver(1, "opened")
		h.settle(time.Second)
		check, _ := h.hub.deciding("aaa1")
		if check.Conclusion != report.Success || !strings.Contains(check.Summary, "only watches") {
			t.Errorf("%s: %s\n%s", check.Conclusion, check.Title, check.Summary)
		}
	})
}

// TestARerequestJudgesAgain: the button "Re-run" can be pressed by a machine,
// and does nothing but look again.
func TestARerequestJudgesAgain(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		before := h.hub.count("facts")
		check := gate.Subject{Kind: gate.Check, Repo: shop, SHA: "aaa1"}
		_, err := h.keeper.Deliveries.Take(context.Background(),
			gate.Delivery{Key: "1:again", Seen: &gate.Seen{Subject: check, Event: "check_run", Action: "rerequested"}})
		if err != nil {
			t.Fatal(err)
		}
		h.settle(time.Second)
		if h.hub.count("facts") != before+1 {
			t.Errorf("judged %d times more, want once", h.hub.count("facts")-before)
		}
		h.expect("aaa1", report.ActionRequired, "Held")
	})
}

// atMost bounds the scripts of a test, unless more than usual are asked for: under
// the race detector, where each takes ten times as long, to a quarter.
func atMost(t *testing.T, scripts int) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if before != checks.DefValue {
		return
	}
	if raced {
		scripts /= 4
	}
	if err := checks.Value.Set(strconv.Itoa(scripts)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(before) })
}

// TestWhateverHappensEachHeadEndsWithOneRightCheck plays random pushes,
// retargets, faults, lost answers, duplicates and restarts, lets all faults
// end, and compares every head with what its pull requests deserve.
func TestWhateverHappensEachHeadEndsWithOneRightCheck(t *testing.T) {
	atMost(t, 40)
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		path := filepath.Join(dir, fmt.Sprint(round))
		seed := rapid.SliceOfN(rapid.IntRange(0, 11), 4, 24).Draw(rt, "steps")
		faults := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 40).Draw(rt, "faults")
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = play(t, path, seed, slices.Clone(faults)) })
		if len(wrong) > 0 {
			rt.Fatalf("steps %v, faults %v:\n%s", seed, faults, strings.Join(wrong, "\n"))
		}
	})
}

func play(t *testing.T, dir string, steps, faults []int) []string {
	if err := mkdir(dir); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, dir)
	defer h.close()
	h.hub.lanes = `"base*"`
	h.hub.fault = func(string) (error, bool) { // called with the lock held
		if len(faults) == 0 {
			return nil, false
		}
		f := faults[0]
		faults = faults[1:]
		switch {
		case f < 2:
			return &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."}, false
		case f == 2:
			return &gate.Error{Code: "rate_limited", Text: "Slow down.", Until: time.Now().Add(time.Minute)}, false
		case f == 3:
			return errLost, true
		}
		return nil, false
	}
	heads := map[int]string{}
	for i, step := range steps {
		number := 1 + step%3
		paths := []string{"README.md"}
		if step%2 == 0 {
			paths = append(paths, "db/x.sql")
		}
		switch {
		case heads[number] == "" || step < 6:
			heads[number] = fmt.Sprintf("head%d", step) // now and then the same for two
			h.hub.set(number, pull(heads[number], paths...))
			h.hub.set(number, func(f *change.Facts) { f.Open = true })
			h.deliver(number, "synchronize")
		case step == 6:
			h.hub.set(number, func(f *change.Facts) { f.Open = false })
			h.deliver(number, "closed")
		case step == 7:
			h.take("1:1", number, "opened")
		case step == 8:
			h.hub.set(number, func(f *change.Facts) { f.Change.BaseRef = fmt.Sprintf("base%d", i) })
			h.deliver(number, "edited")
		case step == 9:
			h.restart()
		default:
			h.settle(time.Duration(step) * 100 * time.Millisecond)
		}
	}
	for range 600 { // 40 faults in a row wait ten minutes each in the end
		h.settle(time.Minute)
		if len(h.due()) == 0 {
			break
		}
	}
	return h.wrong()
}

// wrong compares every head that an open pull request has with its check, and
// every stream with its chain.
func (h *house) wrong() (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	want := map[string]report.Conclusion{}
	for _, f := range h.hub.pulls {
		if !f.Open {
			continue
		}
		sha := f.Change.Head
		if f.Change.BaseRef != "main" {
			sha += " gatehold: base*"
		}
		if want[sha] == "" {
			want[sha] = report.Success
		}
		for _, file := range f.Change.Files {
			if strings.HasPrefix(file.Path, "db/") {
				want[sha] = report.ActionRequired
			}
		}
	}
	for sha, conclusion := range want {
		check, runs := h.hub.deciding(sha)
		if runs != 1 || check.Conclusion != conclusion {
			say("%s: %d runs, the newest says %s %q; want 1 that says %s", sha, runs, check.Conclusion, check.Title, conclusion)
		}
	}
	for key, runs := range h.hub.runs {
		if green := runs[len(runs)-1].check.Conclusion == report.Success; green && want[key] == "" && strings.Contains(key, " ") {
			say("%s: green for nobody, in a lane of several branches", key)
		}
	}
	for stream := range h.streams() {
		records, err := h.log.Read(context.Background(), stream, 0)
		if err != nil {
			h.t.Fatal(err)
		}
		if err := ledger.Verify(records); err != nil {
			say("stream %s: %v", stream, err)
		}
	}
	if due := h.due(); len(due) > 0 {
		say("still due after everything was done: %v", due)
	}
	return wrong
}

// due is what anything is still wanted of, within a day.
func (h *house) due() []string {
	var shards []int
	for shard := range ledger.Shards {
		shards = append(shards, shard)
	}
	due, err := h.log.Due(context.Background(), shards, time.Now().Add(24*time.Hour), 10)
	if err != nil {
		h.t.Fatal(err)
	}
	return due
}

func (h *house) streams() map[string]bool {
	all := map[string]bool{}
	for shard := range ledger.Shards {
		var cursor ledger.Cursor
		for {
			records, next, err := h.log.Tail(context.Background(), shard, cursor, 100)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, r := range records {
				all[r.Stream] = true
			}
			if len(records) == 0 {
				break
			}
			cursor = next
		}
	}
	return all
}
