package hub_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

const standingLife = 30 * time.Second

func (w *world) repo() gate.Repo {
	return gate.Repo{Installation: w.inst.ID, ID: w.shop.ID, Owner: "acme", Name: "shop"}
}

func actorOf(a *fakehub.Account) gate.Actor {
	return gate.Actor{Login: a.Login, ID: a.ID, Type: a.Type}
}

// is says of which of the groups somebody is, and of which GitHub does not tell.
func (w *world) is(who gate.Actor, groups ...string) (yes, untold string) {
	w.t.Helper()
	p, err := w.hub.Person(w.t.Context(), w.repo(), who, groups)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(p.Groups, " "), strings.Join(p.Untold, " ")
}

func (w *world) expect(who gate.Actor, groups []string, yes, untold string) {
	w.t.Helper()
	if gotYes, gotUntold := w.is(who, groups...); gotYes != yes || gotUntold != untold {
		w.t.Errorf("@%s is of %q, untold %q; want %q, untold %q", who.Login, gotYes, gotUntold, yes, untold)
	}
}

func TestWhoAPersonIs(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.gh.CreateUser("ana"), w.gh.CreateUser("Ben")
	parent := w.acme.CreateTeam("sre", nil)
	child := w.acme.CreateTeam("sre-night", parent)
	other := w.acme.CreateTeam("dev", nil)
	child.Add(ana, "member")
	parent.Invite(ben)
	w.acme.AddMember(ben, "member")
	other.Add(w.alice, "member")
	all := []string{"@ana", "@BEN", "@acme/sre", "@ACME/SRE-Night", "@acme/dev", "owner", "role:owner"}
	w.expect(actorOf(ana), all, "@ana @acme/sre @ACME/SRE-Night", "")
	w.expect(actorOf(ben), all, "@BEN", "") // the membership is pending
	w.expect(actorOf(w.alice), all, "@acme/dev owner role:owner", "")
	w.expect(actorOf(ana), []string{"@acme/none", "@other/sre", "codeowners", "sre", "@", "@acme/", "@acme/sre/x", "role:king",
		"role:", "role:none", ""},
		"", "@other/sre codeowners sre @ @acme/ @acme/sre/x role:king role: role:none ")

	// One request for the account and one for each thing asked about.
	w.asked()
	fresh := w.gh.CreateUser("cleo")
	w.expect(actorOf(fresh), []string{"@cleo", "role:read", "role:admin", "owner", "role:owner", "@acme/sre", "@acme/SRE",
		"@other/x", "nonsense"}, "@cleo", "@other/x nonsense")
	if sent := w.asked(); len(sent) != 4 {
		t.Errorf("sent %v", sent)
	}
	w.expect(actorOf(fresh), []string{"@cleo", "role:write", "@acme/sre"}, "@cleo", "")
	if sent := w.asked(); len(sent) != 0 {
		t.Errorf("what is known was asked again: %v", sent)
	}
}

func TestRolesInARepository(t *testing.T) {
	w := newWorld(t)
	all := []string{"role:read", "role:triage", "role:write", "role:maintain", "role:admin"}
	for n, role := range []string{"read", "triage", "write", "maintain", "admin"} {
		who := w.gh.CreateUser("user-" + role)
		w.shop.Collaborate(who, role)
		w.expect(actorOf(who), all, strings.Join(all[:n+1], " "), "")
	}
	w.expect(actorOf(w.alice), all, strings.Join(all, " "), "") // who owns the organisation
	w.shop.SetPrivate(true)
	w.expect(actorOf(w.gh.CreateUser("stranger")), all, "", "")
	team := w.acme.CreateTeam("dev", nil)
	dev := w.gh.CreateUser("dev")
	team.Add(dev, "member")
	w.shop.CollaborateTeam(team, "write")
	w.expect(actorOf(dev), all, "role:read role:triage role:write", "")
}

// The login that somebody had belongs to somebody else now: it is the id that
// is entitled, and the present login that is asked about.
func TestARenamedPerson(t *testing.T) {
	w := newWorld(t)
	ana := w.gh.CreateUser("ana")
	w.acme.CreateTeam("sre", nil).Add(ana, "member")
	w.shop.Collaborate(ana, "maintain")
	old := actorOf(ana)
	if err := ana.Rename("ana-lima"); err != nil {
		t.Fatal(err)
	}
	thief := w.gh.CreateUser("ana")
	groups := []string{"@ana", "@ana-lima", "@acme/sre", "role:maintain"}
	w.expect(old, groups, "@ana-lima @acme/sre role:maintain", "")
	w.expect(actorOf(thief), groups, "@ana", "") // who has the login now, as the rule says
	if p, err := w.hub.Person(t.Context(), w.repo(), old, nil); err != nil || p.Actor != actorOf(ana) || p.Actor.Login != "ana-lima" {
		t.Errorf("%+v, %v", p, err)
	}
	forged := actorOf(thief)
	forged.Login = "ana-lima" // what the event said is not believed
	w.expect(forged, groups, "@ana", "")
}

// A team is asked about under the login of that moment, although the account
// was known a moment ago under another.
func TestALoginThatChangedHandsAMomentAgo(t *testing.T) {
	w := newWorld(t)
	w.acme.CreateTeam("sre", nil).Add(w.alice, "member")
	mallory := w.gh.CreateUser("mallory")
	w.expect(actorOf(mallory), []string{"@mallory"}, "@mallory", "")
	who := actorOf(mallory)
	if err := mallory.Rename("m"); err != nil {
		t.Fatal(err)
	}
	if err := w.alice.Rename("mallory"); err != nil {
		t.Fatal(err)
	}
	w.expect(who, []string{"@acme/sre", "owner", "@mallory", "@m"}, "@m", "")
}

func TestLookAlikeLogins(t *testing.T) {
	w := newWorld(t)
	kim := w.gh.CreateUser("kim")
	w.acme.CreateTeam("sre", nil).Add(kim, "member")
	// Kelvin sign, Cyrillic, long s, full width, zero-width joiner, path tricks.
	groups := []string{"@\u212aim", "@k\u0456m", "@acme/\u017fre", "@\uff41cme/sre", "@kim\u200d", "@kim ", " @kim",
		"@acme/../kim", "@kim/", "role:\u212aing", "@acme/sre?x", "@acme/.."}
	w.expect(actorOf(kim), groups, "", strings.Join(groups, " "))
	w.expect(actorOf(kim), []string{"@KIM", "@acme/sre"}, "@KIM @acme/sre", "")
}

func TestWhoWasRemovedDoesNotCountForLong(t *testing.T) {
	w := newWorld(t)
	ana := w.gh.CreateUser("ana")
	sre := w.acme.CreateTeam("sre", nil)
	sre.Add(ana, "member")
	w.shop.Collaborate(ana, "write")
	groups := []string{"@acme/sre", "role:write", "owner"}
	w.expect(actorOf(ana), groups, "@acme/sre role:write", "")
	w.acme.RemoveMember(ana)
	w.skip(standingLife - 5*time.Second)
	w.expect(actorOf(ana), groups, "@acme/sre role:write", "")
	w.skip(5 * time.Second)
	w.expect(actorOf(ana), groups, "role:write", "")
	w.acme.AddMember(ana, "admin")
	w.expect(actorOf(ana), groups, "role:write", "") // a no is used again as well
	w.skip(standingLife)
	w.expect(actorOf(ana), groups, "role:write owner", "")
	w.skip(-time.Hour) // a clock that was set back makes nothing last longer
	w.acme.RemoveMember(ana)
	w.expect(actorOf(ana), groups, "role:write", "")
}

func TestAccountsThatAreNoPeople(t *testing.T) {
	w := newWorld(t)
	groups := []string{"@copilot-swe-agent", "role:read", "owner"}
	w.shop.Collaborate(w.agent, "admin")
	for _, who := range []*fakehub.Account{w.agent, w.acme.Account} {
		said := gate.Actor{Login: who.Login, ID: who.ID, Type: "User"} // an event may say so
		p, err := w.hub.Person(t.Context(), w.repo(), said, groups)
		if err != nil || p.Actor != actorOf(who) || len(p.Groups)+len(p.Untold) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	}
	gone := gate.Actor{Login: "gone", ID: 999_999_999, Type: "User"}
	p, err := w.hub.Person(t.Context(), w.repo(), gone, groups)
	if err != nil || p.Actor.ID != 0 || len(p.Groups) != 0 || !slices.Equal(p.Untold, groups) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := w.hub.Person(t.Context(), w.repo(), gate.Actor{Login: "alice"}, groups); gate.AsError(err).Code != "invalid_request" {
		t.Errorf("without an id: %v", err)
	}
	// A machine user cannot be told from a human by GitHub: its id can be named
	// in the rules.
	machine := w.gh.CreateUser("acme-ci")
	w.expect(actorOf(machine), []string{"@acme-ci", "role:read", "role:write"}, "@acme-ci", "")
}

// What GitHub refuses to tell is not a yes and not a no.
func TestPeopleWithoutThePermissionToSeeThem(t *testing.T) {
	w := newWorld(t)
	w.acme.CreateTeam("sre", nil).Add(w.alice, "member")
	w.inst.Grant(map[string]string{"metadata": "read", "contents": "read", "pull_requests": "read", "checks": "write"})
	w.expect(actorOf(w.alice), []string{"@alice", "@acme/sre", "owner", "role:admin"}, "@alice role:admin", "@acme/sre owner")
	w.inst.Suspend(true)
	w.skip(standingLife)
	w.expect(actorOf(w.alice), []string{"@acme/sre", "role:admin"}, "", "@acme/sre role:admin")
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
				w := newWorld(t)
				w.acme.CreateTeam("sre", nil).Add(w.alice, "member")
				test.fault.Route, test.fault.Times = route, 1
				injected := w.gh.Inject(test.fault)
				groups := []string{"@acme/sre", "owner", "role:admin"}
				p, err := w.hub.Person(t.Context(), w.repo(), actorOf(w.alice), groups)
				if e := gate.AsError(err); injected.Hits() != 1 || err == nil || e.Code != test.code || e.Final || len(p.Groups) != 0 {
					t.Fatalf("%d faults, %+v, %v", injected.Hits(), p, err)
				}
				if test.code == "rate_limited" {
					return // go-github refuses on its own until then
				}
				w.expect(actorOf(w.alice), groups, "@acme/sre owner role:admin", "")
			})
		}
	}
}

func TestReconciliation(t *testing.T) {
	w := newWorld(t)
	first, _ := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	closed, _ := w.open(fakehub.NewPull{Files: fakehub.Files{"b.txt": "b\n"}})
	closed.Close(w.alice)
	mallory := w.gh.CreateUser("mallory")
	third, _ := w.open(fakehub.NewPull{Author: mallory, From: w.shop.Fork(mallory), Files: fakehub.Files{"c.txt": "c\n"}})
	pulls, err := w.hub.OpenPulls(t.Context(), w.repo())
	want := func(p *fakehub.Pull, at int) gate.Look {
		said := gate.Said{Head: p.HeadSHA(), BaseRef: "main"}
		if at < len(pulls) && pulls[at].Said != nil {
			said.At, said.Text = pulls[at].Said.At, pulls[at].Said.Text
		}
		return gate.Look{Subject: gate.Subject{Kind: gate.PullRequest, Repo: w.repo(), Number: p.Number}, Why: gate.Reconciled,
			Head: p.HeadSHA(), Base: w.shop.Tip("main"), BaseRef: "main", Said: &said}
	}
	if err != nil || !reflect.DeepEqual(pulls, []gate.Look{want(first, 0), want(third, 1)}) || pulls[0].Said.At.IsZero() {
		t.Errorf("%+v, %v", pulls, err)
	}
	stray := w.repo()
	stray.ID++
	if pulls, err := w.hub.OpenPulls(t.Context(), stray); len(pulls) != 0 || gate.AsError(err).Code != "not_found" {
		t.Errorf("of another repository: %+v, %v", pulls, err)
	}
	docs := w.acme.CreateRepo("docs", nil)
	beta := w.gh.CreateOrg("beta")
	site := beta.CreateRepo("site", nil)
	also := w.app.Install(beta)
	ids := func() (ids []int64, err error) {
		repos, err := w.hub.Repositories(t.Context())
		for _, r := range repos {
			if id := map[string]int64{"acme": w.inst.ID, "beta": also.ID}[r.Owner]; r.Installation != id {
				t.Errorf("%+v", r)
			}
			ids = append(ids, r.ID)
		}
		return ids, err
	}
	if got, err := ids(); err != nil || !slices.Equal(got, []int64{docs.ID, w.shop.ID, site.ID}) {
		t.Errorf("%v, %v", got, err)
	}
	w.inst.Suspend(true)
	if got, err := ids(); err != nil || !slices.Equal(got, []int64{site.ID}) {
		t.Errorf("with one suspended: %v, %v", got, err)
	}
	w.inst.Suspend(false)
	w.gh.Inject(faults.Fault{Kind: faults.Status, Route: "GET /installation/repositories", Times: 1})
	if got, err := ids(); gate.AsError(err).Code != "github_unavailable" || !slices.Equal(got, []int64{site.ID}) {
		t.Errorf("with one out of reach: %v, %v", got, err)
	}
}

func TestReconciliationOfManyPages(t *testing.T) {
	w := newWorld(t)
	for range 101 {
		if _, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "P", Files: fakehub.Files{"a.txt": "a\n"}}); err != nil {
			t.Fatal(err)
		}
	}
	pulls, err := w.hub.OpenPulls(t.Context(), w.repo())
	if err != nil || len(pulls) != 101 || pulls[100].Subject.Number == pulls[0].Subject.Number {
		t.Errorf("%d pulls, %v", len(pulls), err)
	}
}
