//go:build services

package stories

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// byPull is the rule that changes come by pull request.
const byPull = `{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,` +
	`"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}`

// guarded is a world in which all is asked of GitHub that serve asks.
func guarded(t *testing.T) *world {
	w := newWorld(t, testworld.Options{})
	w.guard, w.paths, w.doors = true, true, true
	return w
}

// TestDriftIsSaid: what requires the check is there, is taken away, and is there
// again.
func TestDriftIsSaid(t *testing.T) {
	t.Parallel()
	w := guarded(t)
	ruleset, err := w.Shop.AddRuleset(fmt.Sprintf(`{"name":"gatehold","enforcement":"active",
		"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[{"type":"required_status_checks",
		"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":%d}],
		"strict_required_status_checks_policy":false}},`+byPull+`]}`, w.app.ID))
	w.must(err)
	w.hub.CreateEnvironment(w.Shop, "production")
	w.start()
	pull, err := w.Open(fakehub.NewPull{Files: testworld.Change(1, true)})
	w.must(err)
	run := func() fakehub.CheckRun { return w.Check(pull.HeadSHA(), "") }
	w.await(func() bool { // before anybody looked it is unknown
		return strings.HasPrefix(run().Title, "Held: needs") && !strings.Contains(run().Title+run().Summary, "nforced") &&
			w.repositories()[0].Guarded == "enforced"
	})
	if got := w.repositories(); len(got) != 1 || got[0].Guarded != "enforced" ||
		!strings.Contains(got[0].String(), "It does not ask gatehold before deployments") ||
		!strings.Contains(got[0].String(), "does not show the App who can bypass") {
		t.Errorf("%+v", got)
	}
	w.must(w.Shop.DropRuleset(ruleset))
	w.restart() // an inventory begins at start, and every ten minutes
	w.await(func() bool {
		return strings.HasSuffix(run().Title, " - not enforced") && strings.Contains(run().Summary, "**Not enforced** on the branch `main`") &&
			strings.Contains(run().Summary, "Last compared with GitHub: ")
	})
	w.serves("/repositories", "not enforced", "Run gatehold require")
	w.serves("/metrics", `gatehold_repositories{enforcement="not_enforced"} 1`)
	w.must(w.Shop.Require("gatehold", w.app.ID))
	w.restart()
	w.await(func() bool {
		return strings.HasSuffix(run().Title, " - not enforced") &&
			strings.Contains(run().Summary, "a commit on which it is green can be pushed")
	})
	_, err = w.Shop.AddRuleset(`{"name":"Pulls","enforcement":"active",` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[` + byPull + `]}`)
	w.must(err)
	w.restart()
	w.await(func() bool {
		return strings.HasPrefix(run().Title, "Held: needs") && !strings.Contains(run().Title+run().Summary, "nforced")
	})
}

// TestRequestsOfAnInventory measures what comparing costs where nothing changed.
func TestRequestsOfAnInventory(t *testing.T) {
	t.Parallel()
	w := guarded(t)
	w.rest = time.Second
	const repos = 10
	var ids []int64
	for i := range repos {
		r := w.Shop
		if i > 0 {
			r = w.Acme.CreateRepo(fmt.Sprintf("r%d", i), fakehub.Files{"README.md": "# x\n"})
		}
		w.must(r.Require("gatehold", w.app.ID))
		w.hub.CreateEnvironment(r, "production").Protect(w.app, true)
		ids = append(ids, r.ID)
	}
	w.start()
	w.await(func() bool {
		unknown := func(id int64) bool { return w.keeper.Repos.Compared(id).IsZero() }
		return len(w.repositories()) == repos && !slices.ContainsFunc(ids, unknown)
	})
	w.settle()
	inventory := func() (all, full int) {
		for route, n := range w.hub.Counts() {
			if !strings.HasSuffix(route.Route, "/access_tokens") && !strings.Contains(route.Route, "/app/") {
				all += n
				if route.Status != http.StatusNotModified {
					full += n
				}
			}
		}
		return all, full
	}
	all, full := inventory()
	t.Logf("the first inventory of %d repositories: %d requests, %d of them whole", repos, all, full)
	w.app.Install(w.hub.CreateOrg("empty")) // an event that has everything compared
	w.await(func() bool { n, _ := inventory(); return n >= all+4*repos })
	w.settle()
	againAll, againFull := inventory()
	t.Logf("the next: %d requests, %d of them whole", againAll-all, againFull-full)
	if n := againFull - full; n > 2 {
		t.Errorf("%d requests of the second inventory cost quota: %v", n, w.hub.Counts())
	}
	if n := againAll - all; n > 7*repos+3 {
		t.Errorf("%d requests for %d repositories", n, repos)
	}
}

type guardedRepo struct {
	Guarded     string            `json:"guarded"`
	Enforcement []json.RawMessage `json:"enforcement"`
}

func (r guardedRepo) String() string { return fmt.Sprintf("%s %s", r.Guarded, r.Enforcement) }

func (w *world) repositories() (out []guardedRepo) {
	w.Helper()
	w.must(json.Unmarshal([]byte(w.read("/repositories", "application/json")), &out))
	return out
}
