package hub_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
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
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/inbox"
)

var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const rulesPath = ".github/gatehold.yml"

// world is an organisation on the fake GitHub, with the App on it and a hub
// and an inbox at the other end.
type world struct {
	t     *testing.T
	gh    *fakehub.Hub
	acme  *fakehub.Org
	alice *fakehub.Account
	agent *fakehub.Account
	shop  *fakehub.Repo
	app   *fakehub.App
	inst  *fakehub.Installation
	hub   *hub.Hub

	mu   sync.Mutex
	seen []gate.Seen
	also []gate.Seen
	errs []error
	down bool     // the door answers 503
	sent []string // routes of the hub's requests, without tokens
	late time.Duration
}

func newWorld(t *testing.T) *world {
	w := &world{t: t}
	w.gh = fakehub.New(fakehub.Options{Contract: contract(t)})
	base, err := w.gh.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.gh.Close()
		for _, v := range w.gh.Violations() {
			t.Error("against GitHub's description: ", v)
		}
	})
	w.acme = w.gh.CreateOrg("acme")
	w.alice, w.agent = w.gh.CreateUser("alice"), w.gh.CreateBot("copilot-swe-agent")
	w.acme.AddMember(w.alice, "admin")
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{
		"README.md": "hello\n", "db/1.sql": "SELECT 1;\n", "old.txt": "one\ntwo\nthree\n", rulesPath: "version: 1\n",
	})
	door := httptest.NewServer(http.HandlerFunc(w.deliver))
	t.Cleanup(door.Close)
	w.app, err = w.gh.CreateApp(fakehub.NewApp{Slug: "gatehold", PrivateKey: appKey(), WebhookURL: door.URL,
		WebhookSecret: "s3cret", Events: inbox.Events()})
	if err != nil {
		t.Fatal(err)
	}
	w.inst = w.app.Install(w.acme)
	api, _ := url.Parse(base + "/api/v3/")
	graph, _ := url.Parse(base + "/api/graphql")
	w.hub, err = hub.New(hub.Config{API: api, GraphQL: graph, AppID: w.app.ID, PrivateKey: w.app.PrivateKeyPEM(),
		Observe: w.observe, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) deliver(rw http.ResponseWriter, r *http.Request) {
	in, inErr := inbox.New(w.app.ID, [][]byte{[]byte("older"), []byte("s3cret")})
	if inErr != nil {
		w.t.Error(inErr)
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
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if err != nil {
		w.errs = append(w.errs, err)
	}
	if d.Seen != nil {
		w.seen = append(w.seen, *d.Seen)
		w.also = append(w.also, d.Also...)
	}
	rw.WriteHeader(http.StatusAccepted)
}

// last is what the newest delivery of an action said.
func (w *world) last(action string) gate.Seen {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if err := w.gh.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, err := range w.errs {
		w.t.Error(err)
	}
	var found gate.Seen
	for _, s := range w.seen {
		if s.Action == action && (s.Head > "" || action == "rerequested") {
			found = s
		}
	}
	if found.Subject.Repo.ID == 0 {
		w.t.Fatalf("no delivery with the action %s among %+v", action, w.seen)
	}
	return found
}

func (w *world) setDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func (w *world) open(n fakehub.NewPull) (*fakehub.Pull, gate.Seen) {
	w.t.Helper()
	if n.Author == nil {
		n.Author = w.agent
	}
	if n.Title == "" {
		n.Title = "A change"
	}
	pull, err := w.shop.OpenPull(n)
	if err != nil {
		w.t.Fatal(err)
	}
	return pull, w.last("opened")
}

func hintOf(s gate.Seen) change.Hint {
	return change.Hint{Head: s.Head, Base: s.Base, BaseRef: s.BaseRef, Files: s.ChangedFiles}
}

func (w *world) facts(s gate.Seen) change.Facts {
	w.t.Helper()
	f, err := w.hub.Facts(w.t.Context(), s.Subject, hintOf(s))
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) texts(s gate.Seen, f *change.Facts) map[string]change.File {
	w.t.Helper()
	if err := w.hub.Texts(w.t.Context(), s.Subject, &f.Change, func(*change.File) bool { return true }); err != nil {
		w.t.Fatal(err)
	}
	files := map[string]change.File{}
	for _, file := range f.Change.Files {
		files[file.Path] = file
	}
	return files
}

// now is the hub's clock, and skip sets it forward.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.late)
}

func (w *world) skip(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late += d
}

// observe is told by the hub itself: GitHub may count a request that was given
// up after its caller has gone on.
func (w *world) observe(endpoint string, _ int, _ time.Duration, _ int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.HasSuffix(endpoint, "/access_tokens") {
		w.sent = append(w.sent, endpoint)
	}
}

// asked lists the hub's requests since it was last called, without tokens.
func (w *world) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}
