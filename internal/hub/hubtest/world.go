package hubtest

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/hub/wire"
	"github.com/gatehold/gatehold/internal/testworld"
)

// World is an organisation on the fake GitHub, with the App on it and a hub
// and an inbox at the other end.
type World struct {
	T            *testing.T
	Fake         *site.Hub
	Acme         *fakehub.Org
	Alice        *fakehub.Account
	Agent        *fakehub.Account
	Shop         *fakehub.Repo
	App          *fakehub.App
	Installation *fakehub.Installation
	Hub          *hub.Hub

	Mu   sync.Mutex
	Seen []gate.Seen
	Also []gate.Seen
	Errs []error
	down bool     // the door answers 503
	sent []string // routes of the hub's requests, without tokens
	late time.Duration
}

func NewWorld(t *testing.T) *World {
	w := &World{T: t}
	door := httptest.NewServer(http.HandlerFunc(w.deliver))
	t.Cleanup(door.Close)
	on, err := testworld.Serve(fakehub.Options{Contract: Contract(t)},
		fakehub.NewApp{PrivateKey: testworld.Key(), WebhookURL: door.URL, WebhookSecret: "s3cret", Events: inbox.Events()})
	if err != nil {
		t.Fatal(err)
	}
	w.Fake, w.App = on.Hub, on.App
	t.Cleanup(func() {
		w.Fake.Close()
		for _, v := range w.Fake.Violations() {
			t.Error("against GitHub's description: ", v)
		}
	})
	w.Acme = w.Fake.CreateOrg("acme")
	w.Alice, w.Agent = w.Fake.CreateUser("alice"), w.Fake.CreateBot("copilot-swe-agent")
	w.Acme.AddMember(w.Alice, "admin")
	w.Shop = w.Acme.CreateRepo("shop", fakehub.Files{
		"README.md": "hello\n", "db/1.sql": "SELECT 1;\n", "old.txt": "one\ntwo\nthree\n", wire.RulesPath: "version: 1\n",
	})
	w.Installation = w.App.Install(w.Acme)
	rest, _ := url.Parse(on.Base + "/api/v3/")
	graph, _ := url.Parse(on.Base + "/api/graphql")
	w.Hub, err = hub.New(api.Config{API: rest, GraphQL: graph, AppID: w.App.ID, PrivateKey: w.App.PrivateKeyPEM(),
		Observe: w.observe, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *World) deliver(rw http.ResponseWriter, r *http.Request) {
	in, inErr := inbox.New(w.App.ID, [][]byte{[]byte("older"), []byte("s3cret")})
	if inErr != nil {
		w.T.Error(inErr)
		return
	}
	var cut error
	d, err := in.Open(r.Header, func(signed io.Writer) (body []byte, err error) {
		body, cut = io.ReadAll(io.TeeReader(r.Body, signed))
		return body, cut
	})
	if cut != nil { // the test is over
		return
	}
	w.Mu.Lock()
	defer w.Mu.Unlock()
	if w.down {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if err != nil {
		w.Errs = append(w.Errs, err)
	}
	if d.Seen != nil {
		w.Seen = append(w.Seen, *d.Seen)
		w.Also = append(w.Also, d.Also...)
	}
	rw.WriteHeader(http.StatusAccepted)
}

// Last is what the newest delivery of an action said.
func (w *World) Last(action string) gate.Seen {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 20*time.Second)
	defer cancel()
	if err := w.Fake.Settle(ctx); err != nil {
		w.T.Fatal(err)
	}
	w.Mu.Lock()
	defer w.Mu.Unlock()
	for _, err := range w.Errs {
		w.T.Error(err)
	}
	var found gate.Seen
	for _, s := range w.Seen {
		if s.Action == action && (s.Head > "" || action == "rerequested") {
			found = s
		}
	}
	if found.Subject.Repo.ID == 0 {
		w.T.Fatalf("no delivery with the action %s among %+v", action, w.Seen)
	}
	return found
}

func (w *World) SetDown(down bool) {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	w.down = down
}

func (w *World) Open(n fakehub.NewPull) (*fakehub.Pull, gate.Seen) {
	w.T.Helper()
	if n.Author == nil {
		n.Author = w.Agent
	}
	if n.Title == "" {
		n.Title = "A change"
	}
	pull, err := w.Shop.OpenPull(n)
	if err != nil {
		w.T.Fatal(err)
	}
	return pull, w.Last("opened")
}

func hintOf(s gate.Seen) change.Hint {
	return change.Hint{Head: s.Head, Base: s.Base, BaseRef: s.BaseRef, Files: s.ChangedFiles}
}

func (w *World) Facts(s gate.Seen) change.Facts {
	w.T.Helper()
	f, err := w.Hub.Facts(w.T.Context(), s.Subject, hintOf(s))
	if err != nil {
		w.T.Fatal(err)
	}
	return f
}

func (w *World) Texts(s gate.Seen, f *change.Facts) map[string]change.File {
	w.T.Helper()
	if err := w.Hub.Texts(w.T.Context(), s.Subject, &f.Change, func(*change.File) bool { return true }); err != nil {
		w.T.Fatal(err)
	}
	files := map[string]change.File{}
	for _, file := range f.Change.Files {
		files[file.Path] = file
	}
	return files
}

// now is the hub's clock, and skip sets it forward.
func (w *World) now() time.Time {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return time.Now().Add(w.late)
}

func (w *World) Skip(d time.Duration) {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	w.late += d
}

// observe is told by the hub itself: GitHub may count a request that was given
// up after its caller has gone on.
func (w *World) observe(endpoint string, _ int, _ time.Duration, _ int) {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	if !strings.HasSuffix(endpoint, "/access_tokens") {
		w.sent = append(w.sent, endpoint)
	}
}

// Asked lists the hub's requests since it was last called, without tokens.
func (w *World) Asked() []string {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// At is a deployment of the world's repository.
func (w *World) At() gate.Subject {
	return gate.Subject{Kind: gate.Deployment, Run: 1, Environment: "prod/eu",
		Repo: gate.Repo{Installation: w.Installation.ID, ID: w.Shop.ID, Owner: "acme", Name: "shop"}}
}

func (w *World) Commit(branch string, n fakehub.NewCommit) string {
	w.T.Helper()
	if n.Author == nil {
		n.Author = w.Alice
	}
	if n.Message == "" {
		n.Message = "Direct"
	}
	sha, err := w.Shop.Commit(branch, n)
	w.Must(err)
	return sha
}

func (w *World) Repo() gate.Repo {
	return gate.Repo{Installation: w.Installation.ID, ID: w.Shop.ID, Owner: "acme", Name: "shop"}
}

// RuleName is the name that a rules file has by its content: git's own id of it.
func RuleName(repo, text string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(text), text)))
	return repo + "/" + wire.RulesPath + "@" + hex.EncodeToString(sum[:])[:12]
}
