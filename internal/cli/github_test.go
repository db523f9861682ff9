package cli_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/testworld"
)

// stage is the fake GitHub of one script.
type stage struct {
	on    *testworld.GitHub
	hub   *site.Hub
	acme  *fakehub.Org
	repos map[string]*fakehub.Repo
	app   *fakehub.App
	inst  *fakehub.Installation
}

// stageKey finds the stage of a script.
type stageKey struct{}

// github is the script's hand on a fake GitHub:
//
//	github start                       organisation acme with the repositories shop and site, the App on it
//	github require REPO CHECK APP      a ruleset that requires a check of an App (0: by name)
//	github pulls REPO              a ruleset by which changes come by pull request
//	github ruleset REPO FILE           a ruleset as JSON
//	github token FILE                  the owner's token, in a file
//	github environment REPO NAME
//	github protect REPO NAME           the App as a protection rule of it
//	github commit REPO PATH FILE       on the default branch
//	github grant PERMISSION=LEVEL...   what the installation has, instead of all it had
//	github listen STATUS               a door for webhooks that answers so; GATEHOLD_PUBLIC_URL is its address
//	github hook URL SECRET             where webhooks go
//	github signin                      an App that people sign in to, and its client id and secret in the environment
//	github pull REPO                   a pull request; its events are delivered
//	github redirect LOCATION           every request, from now on
//	github wrote N                     so many requests came that were no reads
func github(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) == 0 {
		ts.Fatalf("usage: github VERB...")
	}
	if args[0] == "start" {
		startStage(ts)
		return
	}
	s, ok := ts.Value(stageKey{}).(*stage)
	if !ok || s.hub == nil {
		ts.Fatalf("github start comes first")
	}
	switch verb := args[0]; verb {
	case "require":
		app, err := strconv.ParseInt(args[3], 10, 64)
		ts.Check(err)
		ts.Check(s.repos[args[1]].Require(args[2], app))
	case "pulls":
		_, err := s.repos[args[1]].AddRuleset(`{"name":"Pulls","enforcement":"active",` +
			`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[{"type":"pull_request",` +
			`"parameters":{}}]}`)
		ts.Check(err)
	case "ruleset":
		_, err := s.repos[args[1]].AddRuleset(ts.ReadFile(args[2]))
		ts.Check(err)
	case "signin":
		app, err := s.on.SignIn(ts.Getenv("GATEHOLD_PUBLIC_URL") + "/sign-in/callback")
		ts.Check(err)
		ts.Setenv("GATEHOLD_CLIENT_ID", app.ClientID())
		ts.Setenv("GATEHOLD_CLIENT_SECRET", testworld.SignInSecret())
	case "token":
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.Getenv("OWNER_TOKEN")+"\n"), 0o600))
	case "environment":
		s.hub.CreateEnvironment(s.repos[args[1]], args[2])
	case "protect":
		s.hub.CreateEnvironment(s.repos[args[1]], args[2]).Protect(s.app, true)
	case "commit":
		_, err := s.repos[args[1]].Commit("main",
			fakehub.NewCommit{Message: "A file", Author: s.hub.CreateUser("olga"), Files: fakehub.Files{args[2]: ts.ReadFile(args[3])}})
		ts.Check(err)
	case "grant":
		granted := map[string]string{}
		for _, a := range args[1:] {
			name, level, _ := strings.Cut(a, "=")
			granted[name] = level
		}
		s.inst.Grant(granted)
	case "listen":
		code, err := strconv.Atoi(args[1])
		ts.Check(err)
		door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		ts.Defer(door.Close)
		s.app.SetWebhook(door.URL+"/webhook", "s3cret")
		ts.Setenv("GATEHOLD_PUBLIC_URL", door.URL)
	case "hook":
		s.app.SetWebhook(args[1], args[2])
	case "pull":
		_, err := s.repos[args[1]].OpenPull(fakehub.NewPull{Author: s.hub.CreateUser("mona"), Title: "A change",
			Files: fakehub.Files{rand.Text(): "x\n"}})
		ts.Check(err)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		ts.Check(s.hub.Settle(ctx))
	case "redirect":
		s.hub.Inject(faults.Fault{Kind: faults.Redirect, Location: args[1]})
	case "wrote":
		n := 0
		for _, r := range s.hub.Requests() {
			if r.Method != "GET" && !strings.HasSuffix(r.Route, "/access_tokens") && r.Route != "/graphql" {
				n++
			}
		}
		if fmt.Sprint(n) != args[1] {
			ts.Fatalf("%d requests wrote something, want %s", n, args[1])
		}
	default:
		ts.Fatalf("github knows no %s", verb)
	}
}

func startStage(ts *testscript.TestScript) {
	s, ok := ts.Value(stageKey{}).(*stage)
	if !ok {
		ts.Fatalf("the script has no stage")
	}
	on, err := testworld.Serve(fakehub.Options{}, fakehub.NewApp{WebhookSecret: "s3cret", PrivateKey: testworld.Key()})
	ts.Check(err)
	s.on, s.hub, s.app = on, on.Hub, on.App
	ts.Defer(s.hub.Close)
	olga, mona := s.hub.CreateUser("olga"), s.hub.CreateUser("mona")
	s.acme = s.hub.CreateOrg("acme")
	s.acme.AddMember(olga, "admin")
	s.acme.AddMember(mona, "member")
	s.repos = map[string]*fakehub.Repo{}
	for _, name := range []string{"shop", "site"} {
		s.repos["acme/"+name] = s.acme.CreateRepo(name, fakehub.Files{"README.md": "# " + name + "\n"})
	}
	s.inst = s.app.Install(s.acme)
	ts.Setenv("GATEHOLD_GITHUB_URL", on.Base)
	ts.Setenv("GATEHOLD_APP_ID", strconv.FormatInt(s.app.ID, 10))
	ts.Setenv("GATEHOLD_PRIVATE_KEY", string(s.app.PrivateKeyPEM()))
	ts.Setenv("GATEHOLD_WEBHOOK_SECRET", "s3cret")
	ts.Setenv("OWNER_TOKEN", s.hub.PersonalToken(olga))
	ts.Setenv("MEMBER_TOKEN", s.hub.PersonalToken(mona))
}
