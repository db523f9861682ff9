package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// trunk is the default branch as GitHub tells it.
type trunk struct {
	mu     sync.Mutex
	branch string
	tip    string
	rules  string
	err    error // GitHub does not tell the rules
}

func (d *trunk) DefaultBranch(context.Context, gate.Repo) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.branch, nil
}

func (d *trunk) Trunk(context.Context, gate.Repo) (change.Facts, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return change.Facts{}, d.err
	}
	rules := change.RulesFile{State: change.RulesFound, Name: "acme/shop/.github/gatehold.yml@1", Text: []byte(d.rules)}
	at := change.Branch{Name: d.branch, Tip: d.tip, Rules: rules}
	return change.Facts{Default: at, Org: change.RulesFile{State: change.RulesAbsent}, Rules: change.RulesPlace{Ref: at.Name}}, nil
}

func (d *trunk) set(branch, rules string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.branch, d.rules = branch, rules
}

const noLane = " gatehold: no lane"

// laneHouse is compared with GitHub and knows the default branch.
func laneHouse(t *testing.T, tell func(h *house, d *trunk)) {
	story(t, func(h *house) {
		d := &trunk{branch: "main", rules: rulesText}
		h.close()
		h.trunk = d
		h.guarded(nil)
		tell(h, d)
	})
}

func into(base string) func(*change.Facts) {
	return func(f *change.Facts) { f.Change.BaseRef = base }
}

// Lanes that come and go take the gates with them: what is green in the one is
// nothing in the other.
func TestGatesGoToTheLaneThatTheRulesName(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, into("release/1"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1"+noLane, report.Success, "counts nowhere")

		d.set("main", rulesText+"branches: [\"release/**\"]\n")
		h.hub.mu.Lock()
		h.hub.lanes = `"release/**"`
		h.hub.mu.Unlock()
		h.tell(shop, gate.RulesChanged, "main")
		h.settle(10 * time.Second)
		h.expect("aaa1 gatehold: release/**", report.Success, "Passed")

		d.set("main", rulesText)
		h.hub.mu.Lock()
		h.hub.lanes = ""
		h.hub.mu.Unlock()
		h.tell(shop, gate.RulesChanged, "main")
		h.settle(10 * time.Second)
		h.expect("aaa1 gatehold: release/**", report.ActionRequired, "nothing that is open in this lane has this commit")
		if _, runs := h.hub.deciding("aaa1"); runs != 0 {
			t.Error("main's check says something of it")
		}
	})
}

// A rules file that is broken takes no lane away.
func TestBrokenRulesKeepTheirLanes(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.lanes = "release"
		d.set("main", rulesText+"branches: [release]\n")
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, into("release"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1 gatehold: release", report.Success, "Passed")
		d.set("main", "version: 1\nsurprise: true\n")
		h.tell(shop, gate.RulesChanged, "main")
		h.settle(10 * time.Second)
		h.expect("aaa1 gatehold: release", report.Success, "Passed")
	})
}

// Another default branch: known from any event, what was green for the one before
// is taken back, of closed pull requests too.
func TestTheDefaultBranchIsSwitched(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(2, pull("bbb1", "README.md"))
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.hub.set(2, func(f *change.Facts) { f.Open = false })
		h.deliver(2, "closed")
		h.settle(time.Second)
		h.expect("bbb1", report.Success, "Passed")

		d.set("trunk", rulesText)
		for n := range 2 {
			h.hub.set(n+1, func(f *change.Facts) {
				f.Default = change.Branch{Name: "trunk", Tip: "t2", Rules: rulesFile}
			})
		}
		seen := gate.Seen{Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}, Event: "pull_request", Action: "labeled",
			Head: "aaa1", BaseRef: "main", Default: "trunk"}
		if _, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: "1:switch", Seen: &seen}); err != nil {
			t.Fatal(err)
		}
		h.settle(20 * time.Second)
		h.expect("aaa1", report.ActionRequired, "nothing that is open in this lane")
		h.expect("bbb1", report.ActionRequired, "nothing that is open in this lane")
		h.expect("aaa1"+noLane, report.Success, "counts nowhere")
	})
}

// A push tells of it as well as anything, and what is in no lane is judged by the
// rules of the default branch that there is.
func TestAPushTellsOfAnotherDefaultBranch(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(2, pull("bbb1", "db/1.sql"))
		h.hub.set(2, into("sandbox"))
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.expect("aaa1", report.Success, "Passed")
		h.expect("bbb1"+noLane, report.ActionRequired, "Held")

		lax := strings.Replace(rulesText, "risk: 60", "risk: 1", 1)
		d.set("trunk", lax)
		for n := range 2 {
			h.hub.set(n+1, func(f *change.Facts) {
				f.Default = change.Branch{Name: "trunk", Tip: "t2",
					Rules: change.RulesFile{State: change.RulesFound, Name: "trunk's", Text: []byte(lax)}}
			})
		}
		pushed := gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: shop}, Event: "push", Action: gate.RulesChanged,
			BaseRef: "elsewhere", Default: "trunk"}
		if _, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: "1:pushed", Event: "push", Seen: &pushed}); err != nil {
			t.Fatal(err)
		}
		h.settle(20 * time.Second)
		h.expect("aaa1", report.ActionRequired, "nothing that is open in this lane")
		h.expect("aaa1"+noLane, report.Success, "counts nowhere")
		h.expect("bbb1"+noLane, report.Success, "counts nowhere")
	})
}

// What GitHub guards is a lane, and brings its own rules only where GitHub
// requires its very check.
func TestAGuardedBranchIsALane(t *testing.T) {
	story(t, func(h *house) {
		w := &watchman{open: map[string]bool{"develop": true}, guarded: true}
		h.close()
		h.trunk = &trunk{branch: "main", rules: rulesText}
		h.guarded(w)
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.hub.set(1, into("develop"))
		h.hub.set(1, func(f *change.Facts) {
			f.Repo = change.RulesFile{State: change.RulesFound, Name: "lax", Text: []byte(laxRules)}
			f.Default = change.Branch{Name: "main", Tip: "t1", Rules: rulesFile}
		})
		h.deliver(1, "opened")
		h.settle(20 * time.Second)
		h.expect("aaa1 gatehold: develop", report.ActionRequired, "Held: needs 1 approval")
		w.set(func(w *watchman) { w.open["develop"] = false })
		h.settle(11 * time.Minute)
		h.expect("aaa1 gatehold: develop", report.Success, "Passed")
		w.set(func(w *watchman) { w.open["develop"] = true })
		h.settle(11 * time.Minute)
		h.expect("aaa1 gatehold: develop", report.ActionRequired, "Held: needs 1 approval")
	})
}

// A pull request that is opened again is held until it is judged, and one that
// only has another label is not touched.
func TestWhatIsOpenedAgainIsHeldAtOnce(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.hub.set(1, func(f *change.Facts) { f.Open = false })
		h.deliver(1, "closed")
		h.settle(time.Second)
		h.expect("aaa1", report.Success, "Passed")
		var slow sync.Once
		h.hub.fault = func(call string) (err error, lost bool) {
			if call == "facts" {
				slow.Do(func() { err = &gate.Error{Code: "rate_limited", Text: "Used up.", Until: time.Now().Add(time.Hour)} })
			}
			return err, false
		}
		h.hub.set(1, func(f *change.Facts) { f.Open = true })
		h.deliver(1, "reopened")
		h.settle(5 * time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		h.settle(2 * time.Hour)
		h.expect("aaa1", report.Success, "Passed")
		puts := h.hub.count("put")
		h.deliver(1, "labeled")
		h.settle(time.Second)
		if n := h.hub.count("put") - puts; n != 0 {
			t.Errorf("painted %d times for a label", n)
		}
	})
}

// What an earlier release wrote knows no lanes: each check was main's. The gates
// of branches of no lane go to their own check, and main's is taken back, of the
// closed as well; what was said for main stays.
func TestGatesOfAnEarlierReleaseGoToTheirLane(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		log, err := sqlite.Open(h.path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		h.log = log
		for n, was := range []struct{ sha, base, gone string }{{"aaa1", "stage", ""}, {"bbb1", "stage", "closed"},
			{"ccc1", "main", "closed"}, {"ddd1", "main", ""}} {
			earlier(h, n+1, was.sha, was.base, was.gone)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		h.trunk = &trunk{branch: "main", rules: rulesText}
		h.guarded(nil)
		h.settle(time.Minute)
		h.expect("aaa1", report.ActionRequired, "nothing that is open in this lane")
		h.expect("aaa1"+noLane, report.Success, "counts nowhere")
		h.expect("bbb1", report.ActionRequired, "nothing that is open in this lane")
		for _, sha := range []string{"ccc1", "ddd1"} {
			if check, _ := h.hub.deciding(sha); check.Conclusion != report.Success {
				t.Errorf("%s was judged for main, and is %s: %q", sha, check.Conclusion, check.Title)
			}
		}
	})
}

// earlier writes what a release without lanes had on record of a pull request
// that passes.
func earlier(h *house, number int, sha, base, gone string) {
	h.t.Helper()
	h.hub.set(number, pull(sha, "README.md"))
	h.hub.set(number, func(f *change.Facts) { f.Change.BaseRef, f.Open = base, gone == "" })
	s := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number}
	check := gate.Subject{Kind: gate.Check, Repo: shop, SHA: sha}
	id, err := h.hub.PutCheck(context.Background(), shop, 0,
		report.Check{Name: gate.CheckName, HeadSHA: sha, Conclusion: report.Success, Title: "Passed"})
	if err != nil {
		h.t.Fatal(err)
	}
	verdict := &gate.Verdict{Head: sha, Digest: strings.Repeat("d", 8), Mode: "enforce", Level: gate.Low}
	events := []gate.Event{
		gate.Seen{Subject: s, Event: "pull_request", Action: "opened", Head: sha, BaseRef: base},
		gate.Judged{Covers: 1, Head: sha, BaseRef: base, Digest: verdict.Digest, Verdict: verdict},
		gate.Told{Covers: 2, Checks: []string{sha}},
	}
	if gone != "" {
		events = append(events, gate.Closed{Covers: 1, Why: "The pull request is closed."}, gate.Told{Covers: 4})
	}
	write(h, s.Stream(), events...)
	write(h, check.Stream(), gate.News{Check: check, Gate: s, Version: 2}, gate.Creating{},
		gate.Published{Covers: 1, Run: id, Digest: "p", Outcome: "success"})
}

func write(h *house, stream string, events ...gate.Event) {
	h.t.Helper()
	var drafts []ledger.Draft
	for _, e := range events {
		body, err := gate.Encode(e)
		if err != nil {
			h.t.Fatal(err)
		}
		drafts = append(drafts, ledger.Draft{Kind: e.Kind(), Body: body})
	}
	batch := ledger.Batch{Stream: stream, Live: true, Records: ledger.Seal(stream, ledger.Head{}, time.Now(), drafts...)}
	if err := h.log.Append(context.Background(), batch); err != nil {
		h.t.Fatal(err)
	}
}

// An edit that changes nothing that is judged leaves a gate in its lane, without
// asking GitHub.
func TestASparedEditKeepsTheLane(t *testing.T) {
	story(t, func(h *house) {
		h.hub.lanes = "release"
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, into("release"))
		h.edit(1, "opened", func(*change.Change) {})
		h.settle(time.Second)
		h.expect("aaa1 gatehold: release", report.Success, "Passed")
		facts := h.hub.count("facts")
		h.edit(1, "labeled", func(c *change.Change) { c.Labels = []string{"x"} })
		h.settle(time.Second)
		h.expect("aaa1 gatehold: release", report.Success, "Passed")
		if n := h.hub.count("facts") - facts; n != 0 {
			t.Errorf("GitHub was asked %d times", n)
		}
	})
}

// Lanes that are read from before the push that changed them are not believed.
func TestLanesOfAnOldAnswerAreNotBelieved(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		d.set("main", rulesText+"branches: [release]\n")
		h.hub.lanes = "release"
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, into("release"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1 gatehold: release", report.Success, "Passed")

		d.set("main", rulesText) // as it was before the release branches were named
		d.mu.Lock()
		d.tip = strings.Repeat("1", 40)
		d.mu.Unlock()
		seen := gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: shop}, Event: "push", Action: gate.RulesChanged,
			BaseRef: "main",
			Tip:     &gate.Tip{SHA: strings.Repeat("2", 40), Before: strings.Repeat("1", 40), At: time.Now()}}
		if _, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: "1:push", Event: "push", Seen: &seen}); err != nil {
			t.Fatal(err)
		}
		h.settle(30 * time.Second)
		if check, runs := h.hub.deciding("aaa1" + noLane); runs != 0 {
			t.Fatalf("an old answer took the lane away: %q", check.Title)
		}
	})
}

// A survey that GitHub's trouble cuts off again and again has moved the gates once
// already when the lanes become others once more.
func TestLanesThatChangeDuringTroubleTakeTheGatesAlong(t *testing.T) {
	story(t, func(h *house) {
		w, d := &watchman{}, &trunk{branch: "main", rules: rulesText}
		h.close()
		h.trunk = d
		h.guarded(w)
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Minute)
		h.expect("aaa1", report.Success, "Passed")

		w.set(func(w *watchman) { w.err = errors.New("no answer") })
		h.tell(shop, gate.Installed, "") // asks for the lanes, and for what enforces them
		h.settle(10 * time.Second)
		for _, branch := range []string{"trunk", "main"} {
			d.set(branch, rulesText)
			h.hub.set(1, func(f *change.Facts) { f.Default = change.Branch{Name: branch, Tip: "t2", Rules: rulesFile} })
			h.switched(branch)
			h.settle(10 * time.Minute)
		}
		w.set(func(w *watchman) { w.err = nil })
		h.settle(10 * time.Minute)
		h.expect("aaa1", report.Success, "Passed")
	})
}

// switched tells of another default branch.
func (h *house) switched(branch string) {
	h.t.Helper()
	h.sent++
	seen := gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: shop}, Event: "repository", Action: gate.LanesChanged,
		Default: branch}
	if _, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Event: "repository", Seen: &seen}); err != nil {
		h.t.Fatal(err)
	}
}

// An event that comes late names a default branch of before, and while GitHub
// cannot be asked that is believed. Once it is known otherwise, what was green for
// the default branch is so again.
func TestADefaultBranchOfBeforeIsBelievedForAWhile(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		for n, head := range []string{"aaa1", "bbb1"} {
			h.hub.set(n+1, pull(head, "README.md"))
			h.deliver(n+1, "opened")
		}
		h.settle(time.Minute)
		h.expect("aaa1", report.Success, "Passed")
		h.expect("bbb1", report.Success, "Passed")

		fail := func(err error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.err = err
		}
		fail(errors.New("no answer"))
		h.switched("trunk")
		h.settle(10 * time.Second)
		h.hub.set(1, pull("aaa2", "README.md"))
		h.deliver(1, "synchronize")
		h.settle(time.Minute)
		fail(nil)
		h.settle(2 * time.Minute)
		h.expect("aaa2", report.Success, "Passed")
		h.expect("bbb1", report.Success, "Passed")
	})
}

// The default branch is another one for a while and the former one again, while a
// second pull request with the same commit comes and goes in the other. GitHub tells of both
// and cannot be asked, so that nothing but the events says so.
func TestADefaultBranchGoesThereAndBack(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Minute)
		h.expect("aaa1", report.Success, "Passed")

		d.mu.Lock()
		d.err = errors.New("no answer")
		d.mu.Unlock()
		h.named("trunk", time.Time{})
		h.hub.set(2, pull("aaa1", "db/1.sql"))
		h.hub.set(2, into("trunk"))
		h.hub.set(2, func(f *change.Facts) { f.Default = change.Branch{Name: "trunk", Tip: "t2", Rules: rulesFile} })
		h.deliver(2, "opened")
		h.settle(10 * time.Second)
		h.hub.set(2, func(f *change.Facts) { f.Open = false })
		h.deliver(2, "closed")
		h.settle(10 * time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		h.named("main", time.Time{})
		h.settle(10 * time.Second)
		d.mu.Lock()
		d.err = nil
		d.mu.Unlock()
		h.settle(2 * time.Minute)
		h.expect("aaa1", report.Success, "Passed")
	})
}

// An event from before the switch that comes after it says nothing of the default
// branch, also while GitHub cannot be asked.
func TestALateEventNamesADefaultBranchOfBefore(t *testing.T) {
	laneHouse(t, func(h *house, d *trunk) {
		h.hub.set(1, pull("aaa1", "README.md"))
		h.hub.set(1, into("trunk"))
		h.deliver(1, "opened")
		h.settle(time.Minute)
		h.expect("aaa1"+noLane, report.Success, "counts nowhere")

		at := time.Now().Truncate(time.Second)
		d.set("trunk", rulesText)
		h.hub.set(1, func(f *change.Facts) { f.Default = change.Branch{Name: "trunk", Tip: "t2", Rules: rulesFile} })
		h.named("trunk", at)
		h.settle(time.Minute)
		h.expect("aaa1", report.Success, "Passed")
		d.mu.Lock()
		d.err = errors.New("no answer")
		d.mu.Unlock()
		h.named("main", at.Add(-time.Second))
		h.hub.set(1, pull("aaa2", "README.md"))
		h.hub.set(1, into("trunk"))
		h.hub.set(1, func(f *change.Facts) { f.Default = change.Branch{Name: "trunk", Tip: "t2", Rules: rulesFile} })
		h.deliver(1, "synchronize")
		h.settle(time.Minute)
		h.expect("aaa2", report.Success, "Passed")
	})
}

// named tells of something that happened to the repository, which had a default
// branch then.
func (h *house) named(branch string, at time.Time) {
	h.t.Helper()
	h.sent++
	seen := gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: shop}, Event: "push", Action: gate.RulesChanged,
		BaseRef: "elsewhere", Default: branch, RepoAt: at}
	if _, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Event: "push", Seen: &seen}); err != nil {
		h.t.Fatal(err)
	}
}
