package people_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

const standingLife = 30 * time.Second

func actorOf(a *fakehub.Account) gate.Actor {
	return gate.Actor{Login: a.Login, ID: a.ID, Type: a.Type}
}

// standingOf says of which of the groups somebody is, and of which GitHub does not tell.
func standingOf(w *hubtest.World, who gate.Actor, groups ...string) (yes, untold string) {
	w.T.Helper()
	p, err := w.Hub.Person(w.T.Context(), w.Repo(), who, groups)
	if err != nil {
		w.T.Fatal(err)
	}
	return strings.Join(p.Groups, " "), strings.Join(p.Untold, " ")
}

func expectPerson(w *hubtest.World, who gate.Actor, groups []string, yes, untold string) {
	w.T.Helper()
	if gotYes, gotUntold := standingOf(w, who, groups...); gotYes != yes || gotUntold != untold {
		w.T.Errorf("@%s is of %q, untold %q; want %q, untold %q", who.Login, gotYes, gotUntold, yes, untold)
	}
}

func TestWhoAPersonIs(t *testing.T) {
	w := hubtest.NewWorld(t)
	ana, ben := w.Fake.CreateUser("ana"), w.Fake.CreateUser("Ben")
	parent := w.Acme.CreateTeam("sre", nil)
	child := w.Acme.CreateTeam("sre-night", parent)
	other := w.Acme.CreateTeam("dev", nil)
	child.Add(ana, "member")
	parent.Invite(ben)
	w.Acme.AddMember(ben, "member")
	other.Add(w.Alice, "member")
	all := []string{"@ana", "@BEN", "@acme/sre", "@ACME/SRE-Night", "@acme/dev", "owner", "role:owner"}
	expectPerson(w, actorOf(ana), all, "@ana @acme/sre @ACME/SRE-Night", "")
	expectPerson(w, actorOf(ben), all, "@BEN", "") // the membership is pending
	expectPerson(w, actorOf(w.Alice), all, "@acme/dev owner role:owner", "")
	expectPerson(w, actorOf(ana), []string{"@acme/none", "@other/sre", "codeowners", "sre", "@", "@acme/", "@acme/sre/x", "role:king",
		"role:", "role:none", ""},
		"", "@other/sre codeowners sre @ @acme/ @acme/sre/x role:king role: role:none ")

	// One request for the account and one for each thing asked about.
	w.Asked()
	fresh := w.Fake.CreateUser("cleo")
	expectPerson(w, actorOf(fresh), []string{"@cleo", "role:read", "role:admin", "owner", "role:owner", "@acme/sre", "@acme/SRE",
		"@other/x", "nonsense"}, "@cleo", "@other/x nonsense")
	if sent := w.Asked(); len(sent) != 4 {
		t.Errorf("sent %v", sent)
	}
	expectPerson(w, actorOf(fresh), []string{"@cleo", "role:write", "@acme/sre"}, "@cleo", "")
	if sent := w.Asked(); len(sent) != 0 {
		t.Errorf("what is known was asked again: %v", sent)
	}
}

func TestRolesInARepository(t *testing.T) {
	w := hubtest.NewWorld(t)
	all := []string{"role:read", "role:triage", "role:write", "role:maintain", "role:admin"}
	for n, role := range []string{"read", "triage", "write", "maintain", "admin"} {
		who := w.Fake.CreateUser("user-" + role)
		w.Shop.Collaborate(who, role)
		expectPerson(w, actorOf(who), all, strings.Join(all[:n+1], " "), "")
	}
	expectPerson(w, actorOf(w.Alice), all, strings.Join(all, " "), "") // who owns the organisation
	w.Shop.SetPrivate(true)
	expectPerson(w, actorOf(w.Fake.CreateUser("stranger")), all, "", "")
	team := w.Acme.CreateTeam("dev", nil)
	dev := w.Fake.CreateUser("dev")
	team.Add(dev, "member")
	w.Shop.CollaborateTeam(team, "write")
	expectPerson(w, actorOf(dev), all, "role:read role:triage role:write", "")
}

// The login that somebody had belongs to somebody else now: it is the id that
// is entitled, and the present login that is asked about.
func TestARenamedPerson(t *testing.T) {
	w := hubtest.NewWorld(t)
	ana := w.Fake.CreateUser("ana")
	w.Acme.CreateTeam("sre", nil).Add(ana, "member")
	w.Shop.Collaborate(ana, "maintain")
	old := actorOf(ana)
	if err := ana.Rename("ana-lima"); err != nil {
		t.Fatal(err)
	}
	thief := w.Fake.CreateUser("ana")
	groups := []string{"@ana", "@ana-lima", "@acme/sre", "role:maintain"}
	expectPerson(w, old, groups, "@ana-lima @acme/sre role:maintain", "")
	expectPerson(w, actorOf(thief), groups, "@ana", "") // who has the login now, as the rule says
	if p, err := w.Hub.Person(t.Context(), w.Repo(), old, nil); err != nil || p.Actor != actorOf(ana) || p.Actor.Login != "ana-lima" {
		t.Errorf("%+v, %v", p, err)
	}
	forged := actorOf(thief)
	forged.Login = "ana-lima" // what the event said is not believed
	expectPerson(w, forged, groups, "@ana", "")
}

// A team is asked about under the login of that moment, although the account
// was known a moment ago under another.
func TestALoginThatChangedHandsAMomentAgo(t *testing.T) {
	w := hubtest.NewWorld(t)
	w.Acme.CreateTeam("sre", nil).Add(w.Alice, "member")
	mallory := w.Fake.CreateUser("mallory")
	expectPerson(w, actorOf(mallory), []string{"@mallory"}, "@mallory", "")
	who := actorOf(mallory)
	if err := mallory.Rename("m"); err != nil {
		t.Fatal(err)
	}
	if err := w.Alice.Rename("mallory"); err != nil {
		t.Fatal(err)
	}
	expectPerson(w, who, []string{"@acme/sre", "owner", "@mallory", "@m"}, "@m", "")
}

func TestLookAlikeLogins(t *testing.T) {
	w := hubtest.NewWorld(t)
	kim := w.Fake.CreateUser("kim")
	w.Acme.CreateTeam("sre", nil).Add(kim, "member")
	// Kelvin sign, Cyrillic, long s, full width, zero-width joiner, path tricks.
	groups := []string{"@\u212aim", "@k\u0456m", "@acme/\u017fre", "@\uff41cme/sre", "@kim\u200d", "@kim ", " @kim",
		"@acme/../kim", "@kim/", "role:\u212aing", "@acme/sre?x", "@acme/.."}
	expectPerson(w, actorOf(kim), groups, "", strings.Join(groups, " "))
	expectPerson(w, actorOf(kim), []string{"@KIM", "@acme/sre"}, "@KIM @acme/sre", "")
}

func TestWhoWasRemovedDoesNotCountForLong(t *testing.T) {
	w := hubtest.NewWorld(t)
	ana := w.Fake.CreateUser("ana")
	sre := w.Acme.CreateTeam("sre", nil)
	sre.Add(ana, "member")
	w.Shop.Collaborate(ana, "write")
	groups := []string{"@acme/sre", "role:write", "owner"}
	expectPerson(w, actorOf(ana), groups, "@acme/sre role:write", "")
	w.Acme.RemoveMember(ana)
	w.Skip(standingLife - 5*time.Second)
	expectPerson(w, actorOf(ana), groups, "@acme/sre role:write", "")
	w.Skip(5 * time.Second)
	expectPerson(w, actorOf(ana), groups, "role:write", "")
	w.Acme.AddMember(ana, "admin")
	expectPerson(w, actorOf(ana), groups, "role:write", "") // a no is used again as well
	w.Skip(standingLife)
	expectPerson(w, actorOf(ana), groups, "role:write owner", "")
	w.Skip(-time.Hour) // a clock that was set back makes nothing last longer
	w.Acme.RemoveMember(ana)
	expectPerson(w, actorOf(ana), groups, "role:write", "")
}

func TestAccountsThatAreNoPeople(t *testing.T) {
	w := hubtest.NewWorld(t)
	groups := []string{"@copilot-swe-agent", "role:read", "owner"}
	w.Shop.Collaborate(w.Agent, "admin")
	for _, who := range []*fakehub.Account{w.Agent, w.Acme.Account} {
		said := gate.Actor{Login: who.Login, ID: who.ID, Type: "User"} // an event may say so
		p, err := w.Hub.Person(t.Context(), w.Repo(), said, groups)
		if err != nil || p.Actor != actorOf(who) || len(p.Groups)+len(p.Untold) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	}
	gone := gate.Actor{Login: "gone", ID: 999_999_999, Type: "User"}
	p, err := w.Hub.Person(t.Context(), w.Repo(), gone, groups)
	if err != nil || p.Actor.ID != 0 || len(p.Groups) != 0 || !slices.Equal(p.Untold, groups) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := w.Hub.Person(t.Context(), w.Repo(), gate.Actor{Login: "alice"}, groups); gate.AsError(err).Code != "invalid_request" {
		t.Errorf("without an id: %v", err)
	}
	// A machine user cannot be told from a human by GitHub: its id can be named
	// in the rules.
	machine := w.Fake.CreateUser("acme-ci")
	expectPerson(w, actorOf(machine), []string{"@acme-ci", "role:read", "role:write"}, "@acme-ci", "")
}

// What GitHub refuses to tell is not a yes and not a no.
func TestPeopleWithoutThePermissionToSeeThem(t *testing.T) {
	w := hubtest.NewWorld(t)
	w.Acme.CreateTeam("sre", nil).Add(w.Alice, "member")
	w.Installation.Grant(map[string]string{"metadata": "read", "contents": "read", "pull_requests": "read", "checks": "write"})
	expectPerson(w, actorOf(w.Alice), []string{"@alice", "@acme/sre", "owner", "role:admin"}, "@alice role:admin", "@acme/sre owner")
	w.Installation.Suspend(true)
	w.Skip(standingLife)
	expectPerson(w, actorOf(w.Alice), []string{"@acme/sre", "role:admin"}, "", "@acme/sre role:admin")
}

func TestPeopleWhileGitHubIsInTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		fault faults.Fault
		code  string
	}{
		"502":             {faults.Fault{Kind: faults.Status}, "github_unavailable"},
		"secondary limit": {faults.Fault{Kind: faults.SecondaryLimit, RetryAfter: time.Second}, "rate_limited"},
		"half of it":      {faults.Fault{Kind: faults.Malformed}, "github_unavailable"},
	} {
		for _, route := range []string{"GET /user/*", "*/teams/*", "GET /orgs/{org}/memberships/*", "*/permission"} {
			t.Run(name+" "+strings.Trim(route, "*"), func(t *testing.T) {
				w := hubtest.NewWorld(t)
				w.Acme.CreateTeam("sre", nil).Add(w.Alice, "member")
				test.fault.Route, test.fault.Times = route, 1
				injected := w.Fake.Inject(test.fault)
				groups := []string{"@acme/sre", "owner", "role:admin"}
				p, err := w.Hub.Person(t.Context(), w.Repo(), actorOf(w.Alice), groups)
				if e := gate.AsError(err); injected.Hits() != 1 || err == nil || e.Code != test.code || e.Final || len(p.Groups) != 0 {
					t.Fatalf("%d faults, %+v, %v", injected.Hits(), p, err)
				}
				if test.code == "rate_limited" {
					return // go-github refuses on its own until then
				}
				expectPerson(w, actorOf(w.Alice), groups, "@acme/sre owner role:admin", "")
			})
		}
	}
}

func TestReconciliation(t *testing.T) {
	w := hubtest.NewWorld(t)
	first, _ := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	closed, _ := w.Open(fakehub.NewPull{Files: fakehub.Files{"b.txt": "b\n"}})
	closed.Close(w.Alice)
	mallory := w.Fake.CreateUser("mallory")
	third, _ := w.Open(fakehub.NewPull{Author: mallory, From: w.Shop.Fork(mallory), Files: fakehub.Files{"c.txt": "c\n"}})
	pulls, err := w.Hub.OpenPulls(t.Context(), w.Repo())
	want := func(p *fakehub.Pull, at int) gate.Look {
		said := gate.Said{Head: p.HeadSHA(), BaseRef: "main"}
		if at < len(pulls) && pulls[at].Said != nil {
			said.At, said.Text = pulls[at].Said.At, pulls[at].Said.Text
		}
		return gate.Look{Subject: gate.Subject{Kind: gate.PullRequest, Repo: w.Repo(), Number: p.Number}, Why: gate.Reconciled,
			Head: p.HeadSHA(), Base: w.Shop.Tip("main"), BaseRef: "main", Said: &said}
	}
	if err != nil || !reflect.DeepEqual(pulls, []gate.Look{want(first, 0), want(third, 1)}) || pulls[0].Said.At.IsZero() {
		t.Errorf("%+v, %v", pulls, err)
	}
	stray := w.Repo()
	stray.ID++
	if pulls, err := w.Hub.OpenPulls(t.Context(), stray); len(pulls) != 0 || gate.AsError(err).Code != "not_found" {
		t.Errorf("of another repository: %+v, %v", pulls, err)
	}
	docs := w.Acme.CreateRepo("docs", nil)
	beta := w.Fake.CreateOrg("beta")
	site := beta.CreateRepo("site", nil)
	also := w.App.Install(beta)
	ids := func() (ids []int64, err error) {
		repos, err := w.Hub.Repositories(t.Context())
		for _, r := range repos {
			if id := map[string]int64{"acme": w.Installation.ID, "beta": also.ID}[r.Owner]; r.Installation != id {
				t.Errorf("%+v", r)
			}
			ids = append(ids, r.ID)
		}
		return ids, err
	}
	if got, err := ids(); err != nil || !slices.Equal(got, []int64{docs.ID, w.Shop.ID, site.ID}) {
		t.Errorf("%v, %v", got, err)
	}
	w.Installation.Suspend(true)
	if got, err := ids(); err != nil || !slices.Equal(got, []int64{site.ID}) {
		t.Errorf("with one suspended: %v, %v", got, err)
	}
	w.Installation.Suspend(false)
	w.Fake.Inject(faults.Fault{Kind: faults.Status, Route: "GET /installation/repositories", Times: 1})
	if got, err := ids(); gate.AsError(err).Code != "github_unavailable" || !slices.Equal(got, []int64{site.ID}) {
		t.Errorf("with one out of reach: %v, %v", got, err)
	}
}

func TestReconciliationOfManyPages(t *testing.T) {
	w := hubtest.NewWorld(t)
	for range 101 {
		if _, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "P", Files: fakehub.Files{"a.txt": "a\n"}}); err != nil {
			t.Fatal(err)
		}
	}
	pulls, err := w.Hub.OpenPulls(t.Context(), w.Repo())
	if err != nil || len(pulls) != 101 || pulls[100].Subject.Number == pulls[0].Subject.Number {
		t.Errorf("%d pulls, %v", len(pulls), err)
	}
}
