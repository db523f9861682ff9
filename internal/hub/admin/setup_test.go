package admin_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

func placedIn(w *hubtest.World, r *fakehub.Repo) gate.Repo {
	return gate.Repo{Installation: w.Installation.ID, ID: r.ID, Owner: "acme", Name: r.Name}
}

func TestHowTheAppIsRegistered(t *testing.T) {
	w := hubtest.NewWorld(t)
	app, ahead, err := w.Hub.App(t.Context())
	if err != nil || app.ID != w.App.ID || app.Slug != "gatehold" || app.Permissions["checks"] != "write" ||
		len(app.Events) != len(inbox.Events()) || ahead > 2*time.Second || ahead < -2*time.Second {
		t.Errorf("%v %+v, ahead by %v", err, app, ahead)
	}
	hook, err := w.Hub.Hook(t.Context())
	if err != nil || !strings.HasPrefix(hook.URL, "http://127.0.0.1:") || hook.ContentType != "json" || !hook.Secret || hook.Insecure {
		t.Errorf("%v %+v", err, hook)
	}
	w.Installation.Select(w.Shop)
	w.Installation.Grant(map[string]string{"metadata": "read", "checks": "read"})
	in, err := w.Hub.Installations(t.Context())
	if err != nil || len(in) != 1 || in[0].Account != "acme" || in[0].All || in[0].Suspended ||
		in[0].Permissions["checks"] != "read" || in[0].ID != w.Installation.ID {
		t.Errorf("%v %+v", err, in)
	}
	w.Installation.Suspend(true)
	if in, err := w.Hub.Installations(t.Context()); err != nil || !in[0].Suspended {
		t.Errorf("%v %+v", err, in)
	}
}

// A clock that is wrong is found even where GitHub refuses the signature for it.
func TestAClockThatIsWrongIsFound(t *testing.T) {
	w := hubtest.NewWorld(t)
	rest, _ := url.Parse(w.Fake.URL())
	graph, _ := url.Parse(w.Fake.URL() + "/graphql")
	other, err := w.Fake.CreateApp(fakehub.NewApp{Slug: "other"})
	if err != nil {
		t.Fatal(err)
	}
	for key, known := range map[string]bool{string(w.App.PrivateKeyPEM()): true, string(other.PrivateKeyPEM()): false} {
		late, err := hub.New(api.Config{API: rest, GraphQL: graph, AppID: w.App.ID, PrivateKey: []byte(key),
			Now: func() time.Time { return time.Now().Add(5 * time.Minute) }})
		if err != nil {
			t.Fatal(err)
		}
		_, ahead, err := late.App(t.Context())
		if (err == nil) != known || ahead < 4*time.Minute+50*time.Second || ahead > 5*time.Minute+10*time.Second {
			t.Errorf("known %v: %v, ahead by %v", known, err, ahead)
		}
		if err != nil && (gate.AsError(err).Code != "no_permission" || bytes.Contains([]byte(err.Error()), []byte("PRIVATE"))) {
			t.Errorf("%v", err)
		}
	}
}

func TestQuotasAreRead(t *testing.T) {
	w := hubtest.NewWorld(t)
	q, err := w.Hub.Quotas(t.Context(), w.Installation.ID)
	if err != nil || len(q) != 2 || q[0].Name != "core" || q[0].Limit != 5000 || q[0].Left > 5000 || q[0].Left < 4990 ||
		time.Until(q[0].Reset) > time.Hour+time.Minute {
		t.Errorf("%v %+v", err, q)
	}
	w.Fake.Inject(faults.Fault{Route: "GET /rate_limit", Kind: faults.Status, Code: 404,
		Body: `{"message":"Rate limiting is not enabled."}`})
	if q, err := w.Hub.Quotas(t.Context(), w.Installation.ID); err != nil || len(q) != 0 {
		t.Errorf("%v %+v", err, q)
	}
}

// Rules of every level and type come as GitHub sends them.
func TestTheRulesOfABranchAreReadWhole(t *testing.T) {
	w := hubtest.NewWorld(t)
	if err := w.Shop.Require("gatehold", w.App.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Acme.AddRuleset(`{"name":"org","enforcement":"active","conditions":{"ref_name":{"include":["refs/heads/release/**"],"exclude":[]},"repository_name":{"include":["~ALL"],"exclude":[]}},
		"rules":[{"type":"max_file_size","parameters":{"max_file_size":50}},{"type":"required_linear_history"}]}`); err != nil {
		t.Fatal(err)
	}
	rules, err := w.Hub.BranchRules(t.Context(), placedIn(w, w.Shop), "main")
	if err != nil || len(rules) != 1 || !strings.Contains(string(rules[0]), `"integration_id":`) {
		t.Errorf("%v %s", err, rules)
	}
	rules, err = w.Hub.BranchRules(t.Context(), placedIn(w, w.Shop), "release/1.x")
	if err != nil || len(rules) != 2 || !strings.Contains(string(rules[0]), "max_file_size") ||
		!strings.Contains(string(rules[1]), `"ruleset_source":"acme"`) {
		t.Errorf("%v %s", err, rules)
	}
}

func TestEnvironmentsAndWhetherTheyAskTheApp(t *testing.T) {
	w := hubtest.NewWorld(t)
	w.Fake.CreateEnvironment(w.Shop, "prod/eu: west").Protect(w.App, true)
	w.Fake.CreateEnvironment(w.Shop, "staging").Protect(w.App, false)
	w.Fake.CreateEnvironment(w.Shop, "third")
	found, total, err := w.Hub.Environments(t.Context(), placedIn(w, w.Shop), 2)
	if err != nil || total != 3 || len(found) != 2 || found[0].Name != "prod/eu: west" || !found[0].Protected ||
		found[0].Bypass == nil || !*found[0].Bypass || found[1].Name != "staging" || found[1].Protected {
		t.Errorf("%v %d %+v", err, total, found)
	}
	w.Installation.Grant(map[string]string{"metadata": "read"})
	private := w.Acme.CreateRepo("private", nil)
	private.SetPrivate(true)
	if _, _, err := w.Hub.Environments(t.Context(), placedIn(w, private), 2); gate.AsError(err).Code != "no_permission" ||
		!strings.Contains(gate.AsError(err).Text, "actions=read") {
		t.Errorf("%v", err)
	}
}

func TestTheRulesOfTheDefaultBranch(t *testing.T) {
	w := hubtest.NewWorld(t)
	branch, file, err := w.Hub.DefaultRules(t.Context(), placedIn(w, w.Shop))
	if err != nil || branch != "main" || file.State != change.RulesFound || string(file.Text) != "version: 1\n" ||
		file.Name != hubtest.RuleName("acme/shop", "version: 1\n") {
		t.Errorf("%v %q %+v", err, branch, file)
	}
	linked := w.Acme.CreateRepo("linked", fakehub.Files{wire.RulesPath: fakehub.Symlink("../x")})
	if _, file, err := w.Hub.DefaultRules(t.Context(), placedIn(w, linked)); err != nil || file.State != change.RulesRefused {
		t.Errorf("%v %+v", err, file)
	}
	bare := w.Acme.CreateRepo("bare", fakehub.Files{"README.md": "x\n"})
	if branch, file, err := w.Hub.DefaultRules(t.Context(), placedIn(w, bare)); err != nil || branch != "main" ||
		file.State != change.RulesAbsent {
		t.Errorf("%v %q %+v", err, branch, file)
	}
	gone := placedIn(w, bare)
	gone.ID += 1000 // the name is another repository's by now
	if _, _, err := w.Hub.DefaultRules(t.Context(), gone); err == nil {
		t.Error("the rules of another repository were taken")
	}
	if repos, err := w.Hub.RepositoriesOf(t.Context(), w.Installation.ID); err != nil || len(repos) != 3 {
		t.Errorf("%v %+v", err, repos)
	}
}
