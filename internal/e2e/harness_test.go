//go:build services

// Package e2e runs the product as its users do: the built binary, a real
// ledger, a fakehub that refuses what GitHub's own description forbids, and
// kill -9. It needs what `make test` installs.
package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/contract"
	"github.com/gatehold/gatehold/internal/fakehub/site"
)

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gatehold-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "gatehold")
	args := []string{"build", "-o", binary}
	if raced {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "../../cmd/gatehold")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building gatehold: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

var description = sync.OnceValues(contract.Load)

const secret = "a secret for tests"

// world is a GitHub with an organisation, a repository and an App.
type world struct {
	t      testing.TB
	hub    *site.Hub
	base   string
	app    *fakehub.App
	signIn *fakehub.App // people sign in to it; it may do nothing
	inst   *fakehub.Installation
	acme   *fakehub.Org
	sre    *fakehub.Team
	shop   *fakehub.Repo
	ana    *fakehub.Account
	agent  *fakehub.Account
}

const rules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"] }
  critical: { approvals: 1, from: ["@acme/sre"] }
`

func newWorld(t testing.TB, opt fakehub.Options) *world {
	t.Helper()
	if opt.Contract == nil {
		c, err := description()
		if err != nil {
			t.Fatal(err)
		}
		opt.Contract = c
	}
	w := &world{t: t, hub: site.New(opt)}
	base, err := w.hub.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.hub.Close)
	w.base = base
	w.ana = w.hub.CreateUser("ana")
	w.agent = w.hub.CreateKnownBot("devin-ai-integration", 158243242)
	w.acme = w.hub.CreateOrg("acme")
	w.acme.AddMember(w.ana, "member")
	w.sre = w.acme.CreateTeam("sre", nil)
	w.sre.Add(w.ana, "member")
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{"README.md": "# Shop\n", ".github/gatehold.yml": rules})
	if w.app, err = w.hub.CreateApp(fakehub.NewApp{Slug: "gatehold", WebhookSecret: secret}); err != nil {
		t.Fatal(err)
	}
	w.inst = w.app.Install(w.acme)
	if w.signIn, err = w.hub.CreateApp(fakehub.NewApp{Slug: "gatehold-sign-in"}); err != nil {
		t.Fatal(err)
	}
	return w
}

// open opens an agent's pull request that is held, or one that passes.
func (w *world) open(n int, held bool) *fakehub.Pull {
	w.t.Helper()
	files := fakehub.Files{fmt.Sprintf("docs/%d.md", n): fmt.Sprintf("# Page %d\n", n)}
	if held {
		files[fmt.Sprintf("db/migrations/%04d_drop.sql", n)] = fmt.Sprintf("DROP TABLE orders_%d;\n", n)
	}
	pull, err := w.shop.OpenPull(fakehub.NewPull{
		Author: w.agent, Title: fmt.Sprintf("Change %d", n), Head: fmt.Sprintf("devin/%d-change", n), Files: files,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return pull
}

// correct says what is wrong with the check of a pull request, or nothing.
func (w *world) correct(pull *fakehub.Pull, held bool) string {
	want := "success"
	if held {
		want = "action_required"
	}
	var ours []fakehub.CheckRun
	for _, r := range w.shop.CheckRuns(pull.HeadSHA()) {
		if r.AppID == w.app.ID {
			ours = append(ours, r)
		}
	}
	if len(ours) != 1 || ours[0].Status != "completed" || ours[0].Conclusion != want {
		return fmt.Sprintf("#%d has %d check runs, want one that says %s: %+v", pull.Number, len(ours), want, brief(ours))
	}
	return ""
}

func brief(runs []fakehub.CheckRun) (out []string) {
	for _, r := range runs {
		out = append(out, fmt.Sprintf("%d %s %s %q", r.ID, r.Status, r.Conclusion, r.Title))
	}
	return out
}

// server is `gatehold serve` as a process of its own.
type server struct {
	t     testing.TB
	w     *world
	addr  string
	store string
	key   string
	cmd   *exec.Cmd
	log   *os.File
}

func newServer(t testing.TB, w *world, store string) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{t: t, w: w, addr: freeAddress(t), store: store, key: filepath.Join(dir, "key.pem")}
	if err := os.WriteFile(s.key, w.app.PrivateKeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	s.log = log
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			s.printLog()
		}
		log.Close()
	})
	w.app.SetWebhook("http://"+s.addr+"/webhook", secret)
	s.start()
	return s
}

func (s *server) printLog() {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return
	}
	lines := strings.Split(string(text), "\n")
	s.t.Logf("the end of the server's log:\n%s", strings.Join(lines[max(0, len(lines)-40):], "\n"))
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(binary, "serve")
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"GATEHOLD_LISTEN=" + s.addr, "GATEHOLD_GITHUB_URL=" + s.w.base,
		fmt.Sprintf("GATEHOLD_APP_ID=%d", s.w.app.ID), "GATEHOLD_PRIVATE_KEY_FILE=" + s.key,
		"GATEHOLD_CLIENT_ID=" + s.w.signIn.ClientID(), "GATEHOLD_WEBHOOK_SECRET=" + secret, "GATEHOLD_STORE=" + s.store,
		"GATEHOLD_PAGES=true",
		"GORACE=halt_on_error=1 atexit_sleep_ms=50", // a race ends the server, and with it the test
	}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.waitReady()
}

func (s *server) waitReady() {
	s.t.Helper()
	until(s.t, 20*time.Second, "the server is not ready", func() bool {
		resp, err := client.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode == http.StatusOK
	})
}

// kill ends the process at once, as kill -9 does.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// client is for what the tests ask of the server.
var client = &http.Client{Timeout: 15 * time.Second}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// until polls a condition and fails when it does not come about in time.
func until(t testing.TB, limit time.Duration, complaint string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s within %s", complaint, limit)
		}
	}
}

// accepting is a contract that looks at nothing: benchmarks measure gatehold,
// not the validation of what it sends.
type accepting struct{}

func (accepting) Request(*http.Request, string, map[string]string, []byte) error { return nil }
func (accepting) Response(string, string, int, []byte) error                     { return nil }
func (accepting) Query(string) error                                             { return nil }
func (accepting) Webhook(string, string, []byte) error                           { return nil }
