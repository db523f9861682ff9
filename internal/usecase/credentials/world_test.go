package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

const rulesText = `version: 1
credentials:
  - id: deploy
    for: { workflow: .github/workflows/deploy.yml, environment: production }
    gate: required
    github: { permissions: { contents: write, packages: read } }
    identity: { audience: [sts.amazonaws.com], claims: { team: shop } }
    lifetime: 15m
`

var (
	shop = gate.Repo{Installation: 1, ID: 42, Owner: "acme", Name: "shop"}
	ana  = gate.Actor{Login: "ana", ID: 11, Type: "User"}
)

// token is one that the fake GitHub has made.
type token struct {
	value   string
	expires time.Time
	revoked bool
}

// world is a gatehold with a fake GitHub, in virtual time: it can be killed at any
// point, and goes on from its ledger and its vault.
type world struct {
	t    *testing.T
	path string

	mu      sync.Mutex
	rules   *policy.Rules
	jobs    map[string]gate.Workload // by identity token
	over    bool                     // the job has ended
	attempt int                      // of the run, the newest
	down    bool                     // GitHub does not answer
	fault   string                   // of the next token: refused, lost, killed
	tokens  []*token
	vault   map[string]string
	held    map[string]bool // values that somebody was given
	counted map[string]int

	store  ledger.Store
	book   *book.Book
	given  *credentials.Credentials
	kill   context.CancelFunc
	killed context.Context
	done   chan error
	asks   int

	meanwhile func()            // happens while a token is made
	before    map[string]func() // happens once, before a record of a kind is appended
}

type alone struct {
	ledger.Store
	world *world
}

func (alone) Lease(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

func (a alone) Append(ctx context.Context, b ledger.Batch) error {
	a.world.mu.Lock()
	happens := a.world.before[b.Records[0].Kind]
	delete(a.world.before, b.Records[0].Kind)
	a.world.mu.Unlock()
	if happens != nil {
		happens()
	}
	return a.Store.Append(ctx, b)
}

func rulesOf(t testing.TB, text string) *policy.Rules {
	t.Helper()
	f, err := rulesfile.Parse(rulesfile.Source{Name: "gatehold.yml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := policy.Compile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func play(t *testing.T, happens func(w *world)) {
	t.Helper()
	path := t.TempDir() + "/ledger.db"
	rules := rulesOf(t, rulesText)
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, path: path, rules: rules, jobs: map[string]gate.Workload{}, vault: map[string]string{}, held: map[string]bool{},
			counted: map[string]int{}}
		w.start()
		if _, err := w.book.Record(context.Background(), gate.Subject{Kind: gate.Repository, Repo: shop}.Stream(),
			engine.Draft{Event: gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: shop}}}); err != nil {
			t.Fatal(err)
		}
		happens(w)
		w.stop()
	})
}

func (w *world) start() {
	store, err := sqlite.Open(w.path, sqlite.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	e := engine.New(engine.Config{Log: alone{store, w}, Now: time.Now, Holder: "test", Poll: 30 * time.Second})
	b := book.New(e, "https://gatehold.acme.example")
	w.given = credentials.New(credentials.Config{
		Book: b, Verifier: w, Rules: w, Jobs: w, Mint: mint{w}, Signer: signer{}, Vault: vault{w}, Observer: w,
	})
	b.Gates.On(gate.Deployment, gate.NotifyChecks, func(ctx context.Context, f book.Gate) error {
		if err := w.given.Hear(ctx, f); err != nil {
			return err
		}
		_, err := b.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Told{Covers: f.State.Changed, Checks: []string{f.State.Head()}}})
		return err
	})
	ctx, cancel := context.WithCancel(context.Background())
	w.store, w.book, w.killed, w.kill, w.done = store, b, ctx, cancel, make(chan error, 1)
	go func() { w.done <- e.Run(ctx) }()
}

func (w *world) stop() {
	w.kill()
	if err := <-w.done; err != nil && !errors.Is(err, context.Canceled) {
		w.t.Errorf("the engine ended with %v", err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// settle lets time pass; who has died begins anew, and is at rest when it returns.
func (w *world) settle(d time.Duration) {
	const steps = 12
	for range steps {
		<-time.After(d / steps)
		for synctest.Wait(); w.killed.Err() != nil; synctest.Wait() {
			w.stop()
			w.start()
		}
	}
}

// set changes what GitHub and the rules say.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// Verify implements credentials.Verifier.
func (w *world) Verify(_ context.Context, text string) (gate.Workload, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	job, known := w.jobs[text]
	if !known {
		return job, &gate.Error{Code: "signature_wrong", Text: "No.", Final: true}
	}
	return job, nil
}

// Now implements credentials.Rules.
func (w *world) Now(context.Context, gate.Repo, string) (*policy.Rules, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rules, nil
}

// Running implements credentials.Jobs.
func (w *world) Running(_ context.Context, _ gate.Repo, job gate.WorkflowJob) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.down:
		return &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}
	case w.over || job.Attempt < w.attempt:
		return &gate.Error{Code: "job_over", Text: "The job has ended.", Final: true}
	}
	return nil
}

// Credential implements credentials.Observer.
func (w *world) Credential(_, outcome string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counted[outcome]++
}

func (w *world) count(outcome string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counted[outcome]
}

type mint struct{ *world }

func (w mint) Token(_ context.Context, _ gate.Repo, ids []int64, _ []string, permissions map[string]string) (
	string, time.Time, []int64, error) {
	if w.meanwhile != nil {
		w.meanwhile()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	fault := w.fault
	w.fault = ""
	if w.down || fault == "refused" {
		return "", time.Time{}, nil, &gate.Error{Code: "github_refused", Text: "GitHub says no.", Final: true}
	}
	if len(ids) != 1 || ids[0] != shop.ID || len(permissions) == 0 {
		w.t.Errorf("a token for %v with %v", ids, permissions)
	}
	made := &token{value: fmt.Sprintf("ghs_%d", len(w.tokens)), expires: time.Now().Add(time.Hour)}
	w.tokens = append(w.tokens, made)
	switch fault {
	case "lost":
		return "", time.Time{}, nil, &gate.Error{Code: "timeout", Text: "No answer came."}
	case "killed":
		w.kill()
	}
	return made.value, made.expires, ids, nil
}

func (w mint) Revoke(_ context.Context, value string) (int, int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return 0, 0, &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}
	}
	for _, t := range w.tokens {
		if t.value == value {
			t.revoked = true
		}
	}
	return 204, 401, nil
}

type vault struct{ *world }

func (w vault) Keep(_ context.Context, id, secret string, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.vault[id] = secret
	return nil
}

func (w vault) Take(_ context.Context, id string) (string, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	secret, found := w.world.vault[id]
	return secret, found, nil
}

func (w vault) Forget(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.world.vault, id)
	return nil
}

type signer struct{}

func (signer) Sign(g gate.Grant, _ gate.Workload, jti string, _, _ time.Time) (string, string, error) {
	return "jwt " + jti + " " + strings.Join(g.Audience, ","), "key", nil
}

// job is the workload of an attempt, and identity a token of it.
func (w *world) identity(attempt int) string {
	w.asks++
	text := fmt.Sprintf("oidc %d", w.asks)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs[text] = gate.Workload{
		Issuer: "https://token.actions.example", Subject: "repo:acme/shop:environment:production", Token: text,
		Until: time.Now().Add(10 * time.Minute),
		Job: &gate.WorkflowJob{
			Repo: shop.ID, FullName: "acme/shop", Run: 7, Attempt: attempt, CheckRun: 70 + int64(attempt), Environment: "Production", SHA: "head",
			Ref: "refs/heads/main", Workflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
			JobWorkflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
		},
	}
	return text
}

var wish = gate.Wish{Rule: "deploy", Type: gate.InstallationToken}

// ask asks for a token, and remembers what somebody was given.
func (w *world) ask(identity string, wish gate.Wish) (credentials.Given, error) {
	got, err := w.given.Exchange(w.killed, identity, wish)
	if err == nil {
		w.mu.Lock()
		w.held[got.Token] = true
		w.mu.Unlock()
	}
	return got, err
}

func deployment(attempt int) gate.Subject {
	return gate.Subject{Kind: gate.Deployment, Repo: shop, Run: 7, SHA: "head", DeploymentID: int64(900 + attempt), Environment: "production"}
}

func (w *world) record(attempt int, events ...gate.Event) {
	w.t.Helper()
	var drafts []engine.Draft
	for _, e := range events {
		drafts = append(drafts, engine.Draft{Event: e})
	}
	stream := deployment(attempt).Stream()
	if _, err := w.book.Gates.Record(context.Background(), stream, drafts...); err != nil {
		w.t.Fatal(err)
	}
	w.book.Nudge(stream)
}

func (w *world) gate(attempt int) gate.State {
	s, err := w.book.Gate(context.Background(), deployment(attempt).Stream())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// hold has the deployment of an attempt wait.
func (w *world) hold(attempt int, digest string) {
	w.record(attempt, gate.Seen{Subject: deployment(attempt), Event: "deployment_protection_rule", Action: "requested", Head: "head", Attempt: attempt})
	w.judge(attempt, digest)
}

func (w *world) judge(attempt int, digest string) {
	v := &gate.Verdict{Head: "head", Held: true, Level: gate.High, Score: 60, Mode: "enforce", Digest: digest,
		Needs: &gate.Need{Approvals: 1}, Deploy: &gate.Deploy{Environment: "production", Run: 7, Attempt: attempt}}
	w.record(attempt, gate.Judged{Covers: w.gate(attempt).Version, Head: "head", Digest: digest, Verdict: v})
}

// release has the deployment of an attempt approved, and let go.
func (w *world) release(attempt int) {
	s := w.gate(attempt)
	w.record(attempt,
		gate.Counted{By: ana, Answer: gate.Approve, Via: gate.ViaPasskey, For: s.For(), Groups: []string{}},
		gate.Replied{Covers: s.Version, Reply: gate.Approved, Attempt: attempt, For: s.For()})
}

func (w *world) deny(attempt int) {
	w.record(attempt, gate.Counted{By: ana, Answer: gate.Deny, Via: gate.ViaPasskey, For: w.gate(attempt).For(), Groups: []string{}})
}

// alive are the tokens that GitHub takes.
func (w *world) alive() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.tokens {
		if !t.revoked && time.Now().Before(t.expires) {
			out = append(out, t.value)
		}
	}
	return out
}

func code(err error) string {
	if err == nil {
		return "given"
	}
	return gate.AsError(err).Code
}

func (w *world) want(err error, want string) {
	w.t.Helper()
	if got := code(err); got != want {
		w.t.Errorf("%s, not %s (%v)", got, want, err)
	}
}
