package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// listing is an inventory of one repository that works.
type listing struct{ *github }

func (l listing) Repositories(context.Context) ([]gate.Repo, error) { return []gate.Repo{shop}, nil }

func (l listing) OpenPulls(ctx context.Context, repo gate.Repo) ([]gate.Look, error) {
	l.mu.Lock()
	_, err := l.begin("list")
	l.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return inventory(l).OpenPulls(ctx, repo)
}

// watchman is what enforces the gates of the repository.
type watchman struct {
	mu    sync.Mutex
	open  map[string]bool // branches that do not require the check
	err   error
	bound int // branches that a look tells of; 0: all
	asked [][]string
	// guarded: GitHub guards each branch in some way.
	guarded bool
}

func (w *watchman) Enforcement(_ context.Context, _ gate.Repo, lanes *gate.Lanes, branches []string) (out []gate.Enforcement, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, slices.Clone(branches))
	if w.err != nil {
		return nil, w.err
	}
	for _, b := range append([]string{"main"}, branches...) {
		if w.bound > 0 && len(out) == w.bound || slices.ContainsFunc(out, func(e gate.Enforcement) bool { return e.Branch == b }) {
			continue
		}
		e := gate.Enforcement{Branch: b, Lane: lanes.Of(b), Enforced: !w.open[b], Guarded: w.guarded}
		if w.open[b] {
			e.Missing = []string{"The check gatehold is not required."}
		}
		out = append(out, e)
	}
	return out, nil
}

func (w *watchman) set(edit func(*watchman)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	edit(w)
}

// guarded starts a house that compares itself with GitHub and knows what
// enforces its gates.
func (h *house) guarded(w *watchman) {
	h.t.Helper()
	log, err := sqlite.Open(h.path, sqlite.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.log = log
	config := keeper.Config{Log: log, Hub: h.hub, Now: time.Now, Holder: "test", Inventory: listing{h.hub}}
	if w != nil {
		config.Guard = w
	}
	if h.trunk != nil {
		config.Trunks = h.trunk
	}
	if h.flows != nil {
		config.Workflows = h.flows
	}
	h.keeper = keeper.New(keepertest.Whole(config))
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.done = cancel, make(chan error, 1)
	go func() { h.done <- h.keeper.Run(ctx) }()
}

// notifyChecks takes in an event of the repository.
func (h *house) tell(repo gate.Repo, action, branch string) {
	h.t.Helper()
	h.sent++
	_, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Event: "push", Seen: &gate.Seen{
		Subject: gate.Subject{Kind: gate.Repository, Repo: repo}, Event: "push", Action: action, BaseRef: branch,
	}})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) rules(text string) {
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	for _, f := range h.hub.pulls {
		f.Repo = change.RulesFile{State: change.RulesFound, Name: "acme/shop/.github/gatehold.yml", Text: []byte(text)}
	}
}

const laxRules = "version: 1\nextends: []\nmode: enforce\n"

// TestChangedRulesAreJudgedByAtOnce: on their branch, and on no other.
func TestChangedRulesAreJudgedByAtOnce(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.guarded(nil)
		h.hub.lanes = "release"
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.hub.set(2, pull("bbb1", "db/drop.sql"))
		h.hub.set(2, func(f *change.Facts) { f.Change.BaseRef = "release" })
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(20 * time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		h.expect("bbb1 gatehold: release", report.ActionRequired, "Held")
		lists, facts := h.hub.count("list"), h.hub.count("facts")

		h.rules(laxRules)
		h.tell(shop, gate.RulesChanged, "feature") // a branch that nothing is merged into
		h.settle(5 * time.Second)
		if h.hub.count("list") != lists || h.hub.count("facts") != facts {
			t.Error("GitHub was asked although no gate is concerned")
		}
		h.tell(shop, gate.RulesChanged, "main")
		h.settle(5 * time.Second)
		h.expect("aaa1", report.Success, "Passed")
		h.expect("bbb1 gatehold: release", report.ActionRequired, "Held")
		if n := h.hub.count("facts") - facts; n != 1 {
			t.Errorf("%d pull requests were judged again, want 1", n)
		}
	})
}

// TestTheOrganisationsRulesReachItsRepositories.
func TestTheOrganisationsRulesReachItsRepositories(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.guarded(nil)
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.deliver(1, "opened")
		h.settle(20 * time.Second)
		h.rules(laxRules)
		home := gate.Repo{Installation: 7, ID: 50, Owner: "ACME", Name: ".github"}
		h.tell(home, gate.OrgRulesChanged, "main")
		h.settle(5 * time.Second)
		h.expect("aaa1", report.Success, "Passed")
	})
}

// TestASurveyThatFailsIsDoneAgain: each gate is looked at once, however often
// the survey is cut off.
func TestASurveyThatFailsIsDoneAgain(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.guarded(nil)
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.deliver(1, "opened")
		h.settle(20 * time.Second)
		facts, failures := h.hub.count("facts"), 3
		h.hub.mu.Lock()
		h.hub.fault = func(call string) (error, bool) {
			if call == "list" && failures > 0 {
				failures--
				return &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."}, false
			}
			return nil, false
		}
		h.hub.mu.Unlock()
		h.rules(laxRules)
		h.tell(shop, gate.RulesChanged, "main")
		h.settle(200 * time.Millisecond)
		h.close()
		h.guarded(nil)
		h.settle(time.Minute)
		h.expect("aaa1", report.Success, "Passed")
		if n := h.hub.count("facts") - facts; n != 1 || failures != 0 {
			t.Errorf("judged %d times, want once; %d failures are left", n, failures)
		}
	})
}

// TestAnInstallationIsJudgedAtOnce: what was open before nobody told of.
func TestAnInstallationIsJudgedAtOnce(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.guarded(nil)
		h.settle(20 * time.Second)
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.tell(shop, gate.Installed, "")
		h.settle(5 * time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		h.hub.set(2, pull("bbb1", "db/drop.sql"))
		if _, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: "1:all", Event: "installation", Compare: true}); err != nil {
			t.Fatal(err)
		}
		h.settle(61 * time.Second)
		h.expect("bbb1", report.ActionRequired, "Held")
	})
}

// TestTheCheckSaysWhereGitHubDoesNotWait: and stops saying so, within an inventory;
// a failed look changes nothing, and three in a row are said.
func TestTheCheckSaysWhereGitHubDoesNotWait(t *testing.T) {
	story(t, func(h *house) {
		w := &watchman{open: map[string]bool{}}
		h.close()
		h.guarded(w)
		h.hub.lanes = "release"
		h.settle(time.Second)
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.hub.set(2, pull("bbb1", "db/drop.sql"))
		h.hub.set(2, func(f *change.Facts) { f.Change.BaseRef = "release" })
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(10 * time.Second)
		says := func(sha, title, summary string, yes bool) {
			t.Helper()
			check, runs := h.hub.deciding(sha)
			if runs != 1 || strings.Contains(check.Title, title) != yes || strings.Contains(check.Summary, summary) != yes {
				t.Fatalf("the check on %s is %q:\n%s", sha, check.Title, check.Summary)
			}
		}
		says("aaa1", "not enforced", "Not enforced", false)
		says("bbb1 gatehold: release", "not enforced", "unknown", false) // the branch was looked at when it was first seen
		puts := h.hub.count("put")

		w.set(func(w *watchman) { w.open["main"] = true })
		h.settle(11 * time.Minute)
		says("aaa1", " - not enforced", "**Not enforced** on the branch `main`", true)
		says("aaa1", "Held", "Last compared with GitHub: 2000-01-01", true)
		says("bbb1 gatehold: release", "not enforced", "Not enforced", false)
		if n := h.hub.count("put") - puts; n != 1 {
			t.Errorf("%d checks were painted, want the one that has changed", n)
		}
		if got := h.board().Guards(); got[board.NotEnforced] != 1 || len(got) != 1 {
			t.Errorf("%v", got)
		}

		w.set(func(w *watchman) { w.err = &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."} })
		h.settle(15 * time.Minute)
		says("aaa1", " - not enforced", "**Not enforced**", true)
		h.settle(20 * time.Minute)
		says("aaa1", "Held", "Whether the branch `main` requires this check is not known", true)
		if got := h.board().Repositories(); len(got) != 1 || got[0].Guarded != board.Unknown || got[0].ComparedAt.IsZero() {
			t.Errorf("%+v", got)
		}

		w.set(func(w *watchman) { w.err, w.open = nil, map[string]bool{} })
		h.settle(11 * time.Minute)
		says("aaa1", "not enforced", "requires this check is not known", false)
		puts, before := h.hub.count("put"), h.records()
		h.settle(2 * time.Hour)
		if n := h.hub.count("put") - puts; n != 0 {
			t.Errorf("%d checks were painted although nothing has changed", n)
		}
		if n := h.records() - before; n != 0 {
			t.Errorf("%d records were made although nothing has changed", n)
		}
	})
}

// records counts what is in the repository's stream.
func (h *house) records() int {
	h.t.Helper()
	records, err := h.log.Read(context.Background(), gate.Subject{Kind: gate.Repository, Repo: shop}.Stream(), 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(records)
}

// TestABranchPastTheBoundIsAskedAboutNowAndThen: a look that leaves a branch out
// is not repeated with every painting of its checks.
func TestABranchPastTheBoundIsAskedAboutNowAndThen(t *testing.T) {
	story(t, func(h *house) {
		w := &watchman{bound: 1}
		h.close()
		h.guarded(w)
		h.settle(30 * time.Second)
		h.hub.set(1, pull("aaa0", "README.md"))
		h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "release" })
		h.deliver(1, "opened")
		h.settle(time.Second)
		looks := 0
		w.set(func(w *watchman) { looks = len(w.asked) })
		for n := range 20 {
			h.hub.set(1, pull(fmt.Sprintf("aaa%d", n+1), "README.md"))
			h.deliver(1, "synchronize")
			h.settle(5 * time.Second)
		}
		w.set(func(w *watchman) { looks = len(w.asked) - looks })
		if looks > 2 {
			t.Errorf("20 pushes cost %d looks at what enforces the gates", looks)
		}
	})
}
