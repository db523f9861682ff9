// Package testworld is the one organisation that the demo and the tests play in.
//
// # Contract
//
// A GitHub serves on loopback, and has the App called gatehold, which listens to
// whatever its maker says. On it lives acme: ana works there, and has a coding agent
// do work for her that GitHub knows as a bot; bo, cy and di are there where a test
// names them; the team sre may release, and the team incident may break the glass
// where the rules say so. Its repository shop has a page, the rules that Rules are
// unless it is said otherwise, and the App installed. Accounts and repositories come
// in the same order each time, so that their numbers are the same.
//
// What a package needs beyond that it makes with fakehub itself. A test whose
// subject is who there is at all, or how many repositories, begins with Serve and
// makes its own world on it.
//
// The demo is a part of the product: nothing here knows the package testing, nor
// GitHub's description of itself, which a test puts among the options.
package testworld

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
)

// Secret is what the App and its GitHub sign deliveries with, unless the App is
// made with another one.
const Secret = "a secret for tests"

// Rules hold what is harmful until one of sre has approved, and say nothing of
// deployments.
const Rules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"] }
  critical: { approvals: 1, from: ["@acme/sre"] }
`

// RulesPath is where a repository has its rules.
const RulesPath = ".github/gatehold.yml"

// GitHub is one that serves until its Hub is closed, with the App on nothing yet.
type GitHub struct {
	Hub  *site.Hub
	Base string // its address, without a slash at the end
	App  *fakehub.App
}

// Serve starts a GitHub and makes the App, which is called gatehold and has Secret
// where app says nothing else.
func Serve(opt fakehub.Options, app fakehub.NewApp) (*GitHub, error) {
	g := &GitHub{Hub: site.New(opt)}
	var err error
	if g.Base, err = g.Hub.Start(); err != nil {
		return nil, err
	}
	if app.Slug == "" {
		app.Slug = "gatehold"
	}
	if app.WebhookSecret == "" {
		app.WebhookSecret = Secret
	}
	if g.App, err = g.Hub.CreateApp(app); err != nil {
		g.Hub.Close()
		return nil, err
	}
	return g, nil
}

// Key is one for the Apps of all tests of a process: to make one takes longer than
// most tests do.
var Key = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// SignIn makes the App that people sign in to, at a command line or in a browser. It
// may do nothing. Browsers come back to callbacks: where the server's address is not
// known yet, SetCallbacks says it later.
func (g *GitHub) SignIn(callbacks ...string) (*fakehub.App, error) {
	return g.Hub.CreateApp(fakehub.NewApp{Slug: "gatehold-sign-in", PublicKey: g.App.PublicKey, ClientSecret: SignInSecret(),
		Callbacks: callbacks})
}

// SignInSecret is the client secret of the App that people sign in to, another one in
// each process.
var SignInSecret = sync.OnceValue(func() string { return rand.Text() + rand.Text() })

// World is acme, on a GitHub.
type World struct {
	On              *GitHub
	Acme            *fakehub.Org
	SRE, Incident   *fakehub.Team // Incident is nil where nobody is of it
	Shop            *fakehub.Repo
	Inst            *fakehub.Installation // nil where the App is not there yet
	Ana, Bo, Cy, Di *fakehub.Account      // nil: not there
	Agent           *fakehub.Account
	proposed        int
}

// People says who is a member of acme beside ana, and of which team: sre, incident
// or none.
type People map[string]string

// Options are what differs between one acme and another.
type Options struct {
	People People        // nil: ana alone, who is of sre
	Rules  string        // empty: Rules
	Files  fakehub.Files // that shop begins with, beside README.md and its rules
	Later  bool          // the App is installed later, by the caller
}

// Settle makes acme, on a GitHub that has none.
func (g *GitHub) Settle(opt Options) *World {
	if opt.People == nil {
		opt.People = People{"ana": "sre"}
	}
	w := &World{On: g, Acme: g.Hub.CreateOrg("acme"), Ana: g.Hub.CreateUser("ana"),
		Agent: g.Hub.CreateKnownBot("devin-ai-integration", 158243242)}
	w.Acme.AddMember(w.Ana, "member")
	w.SRE = w.Acme.CreateTeam("sre", nil)
	for _, login := range slices.Sorted(maps.Keys(opt.People)) {
		who := g.Hub.CreateUser(login)
		w.Acme.AddMember(who, "member")
		w.join(opt.People[login], who)
		if place := map[string]**fakehub.Account{"bo": &w.Bo, "cy": &w.Cy, "di": &w.Di}[login]; place != nil {
			*place = who
		}
	}
	rules := opt.Rules
	if rules == "" {
		rules = Rules
	}
	files := fakehub.Files{"README.md": "# Shop\n", RulesPath: rules}
	maps.Copy(files, opt.Files)
	w.Shop = w.Acme.CreateRepo("shop", files)
	if !opt.Later {
		w.Inst = g.App.Install(w.Acme)
	}
	return w
}

func (w *World) join(team string, who *fakehub.Account) {
	switch team {
	case "sre":
		w.SRE.Add(who, "member")
	case "incident":
		if w.Incident == nil {
			w.Incident = w.Acme.CreateTeam("incident", nil)
		}
		w.Incident.Add(who, "member")
	}
}
