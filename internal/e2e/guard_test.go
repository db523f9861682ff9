//go:build services

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// byPull is the rule that changes come by pull request.
const byPull = `{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,` +
	`"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}`

// TestDriftIsSaid: what requires the check is there, is taken away, and is there
// again.
func TestDriftIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{})
	ruleset, err := w.shop.AddRuleset(fmt.Sprintf(`{"name":"gatehold","enforcement":"active","conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},
		"rules":[{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"gatehold","integration_id":%d}],"strict_required_status_checks_policy":false}},`+byPull+`]}`, w.app.ID))
	if err != nil {
		t.Fatal(err)
	}
	w.hub.CreateEnvironment(w.shop, "production")
	s := newServer(t, w, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
	pull := w.open(1, true)
	run := func() fakehub.CheckRun {
		for _, r := range w.shop.CheckRuns(pull.HeadSHA()) {
			if r.AppID == w.app.ID {
				return r
			}
		}
		return fakehub.CheckRun{}
	}
	until(t, 20*time.Second, "the pull request is not held, as one that is enforced", func() bool { // before anybody looked it is unknown
		return strings.HasPrefix(run().Title, "Held: needs") && !strings.Contains(run().Title+run().Summary, "nforced") &&
			s.repositories()[0].Guarded == "enforced"
	})
	if got := s.repositories(); len(got) != 1 || got[0].Guarded != "enforced" ||
		!strings.Contains(got[0].String(), "It does not ask gatehold before deployments") ||
		!strings.Contains(got[0].String(), "does not show the App who can bypass") {
		t.Errorf("%+v", got)
	}
	if err := w.shop.DropRuleset(ruleset); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s.start() // an inventory begins at start, and every ten minutes
	until(t, 20*time.Second, "the check does not say that it is not enforced", func() bool {
		return strings.HasSuffix(run().Title, " - not enforced") && strings.Contains(run().Summary, "**Not enforced** on the branch `main`")
	})
	if !strings.Contains(run().Summary, "Last compared with GitHub: ") {
		t.Errorf("it does not say when it was compared:\n%s", run().Summary)
	}
	if page, metrics := s.read("/repositories"), s.read("/metrics"); !strings.Contains(page, "not enforced") ||
		!strings.Contains(page, "Run gatehold require") ||
		!strings.Contains(metrics, `gatehold_repositories{enforcement="not_enforced"} 1`) {
		t.Errorf("the page says\n%s", page)
	}
	if err := w.shop.Require("gatehold", w.app.ID); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s.start()
	until(t, 20*time.Second, "the check does not say that a green commit can be pushed", func() bool {
		return strings.HasSuffix(run().Title, " - not enforced") &&
			strings.Contains(run().Summary, "a commit on which it is green can be pushed")
	})
	_, err = w.shop.AddRuleset(`{"name":"Pulls","enforcement":"active",` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[` + byPull + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	s.kill()
	s.start()
	until(t, 20*time.Second, "the check still says that it is not enforced", func() bool {
		return strings.HasPrefix(run().Title, "Held: needs") && !strings.Contains(run().Title+run().Summary, "nforced")
	})
	for _, v := range w.hub.Violations() {
		t.Error("against GitHub's description: ", v)
	}
}

// TestRequestsOfAnInventory measures what comparing costs where nothing changed.
func TestRequestsOfAnInventory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{})
	if err := w.shop.Require("gatehold", w.app.ID); err != nil {
		t.Fatal(err)
	}
	w.hub.CreateEnvironment(w.shop, "production").Protect(w.app, true)
	const repos = 10
	for i := 1; i < repos; i++ {
		r := w.acme.CreateRepo(fmt.Sprintf("r%d", i), fakehub.Files{"README.md": "# x\n"})
		if err := r.Require("gatehold", w.app.ID); err != nil {
			t.Fatal(err)
		}
		w.hub.CreateEnvironment(r, "production").Protect(w.app, true)
	}
	s := newServer(t, w, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
	until(t, 30*time.Second, "the repositories are not known", func() bool { return len(s.repositories()) == repos })
	settled(t, w)
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
	until(t, 90*time.Second, "nothing was compared", func() bool { n, _ := inventory(); return n >= all+4*repos })
	settled(t, w)
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

func (s *server) repositories() (out []guardedRepo) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.ask("/repositories", "application/json")), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *server) read(path string) string { return s.ask(path, "text/html") }

func (s *server) ask(path, accept string) string {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+s.addr+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s answers %d, %v: %s", path, resp.StatusCode, err, text)
	}
	return string(text)
}
