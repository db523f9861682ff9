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
	"github.com/gatehold/gatehold/internal/testworld"
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

// world is an acme on a GitHub of its own, and the App that people sign in to there.
type world struct {
	*testworld.GitHub
	*testworld.World
	t      testing.TB
	signIn *fakehub.App
}

func newWorld(t testing.TB, hub fakehub.Options, acme testworld.Options) *world {
	t.Helper()
	if hub.Contract == nil {
		c, err := description()
		if err != nil {
			t.Fatal(err)
		}
		hub.Contract = c
	}
	on, err := testworld.Serve(hub, fakehub.NewApp{PrivateKey: testworld.Key()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(on.Hub.Close)
	w := &world{GitHub: on, World: on.Settle(acme), t: t}
	if w.signIn, err = on.SignIn(); err != nil {
		t.Fatal(err)
	}
	return w
}

// ledgerIn is a ledger in a folder of the test's own.
func ledgerIn(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "ledger.db") }

// change opens an agent's pull request that is held, or one that passes.
func (w *world) change(n int, held bool) *fakehub.Pull {
	return w.opens(fakehub.NewPull{Files: testworld.Change(n, held)})
}

func (w *world) opens(p fakehub.NewPull) *fakehub.Pull {
	w.t.Helper()
	pull, err := w.Open(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return pull
}

// says waits until the newest check by a name holds the words in its title and its
// summary.
func (w *world) says(sha, name, title, summary string) {
	w.t.Helper()
	defer func() {
		if r := w.Check(sha, name); w.t.Failed() {
			w.t.Logf("%s says %s %q:\n%s", name, r.Conclusion, r.Title, r.Summary)
		}
	}()
	until(w.t, 20*time.Second, fmt.Sprintf("%s does not say %q / %q", name, title, summary), func() bool {
		r := w.Check(sha, name)
		return strings.Contains(r.Title, title) && strings.Contains(r.Summary, summary)
	})
}

// server is `gatehold serve` as a process of its own.
type server struct {
	t     testing.TB
	w     *world
	addr  string
	store string
	key   string
	pages string   // where people sign in; empty: nobody does, and everybody sees the pages
	env   []string // more of it
	cmd   *exec.Cmd
	log   *os.File
}

func newServer(t testing.TB, w *world, store string) *server {
	t.Helper()
	return serve(t, w, &server{addr: freeAddress(t), store: store})
}

// newSignedIn is a server whose pages are for people who sign in.
func newSignedIn(t testing.TB, w *world, store string) *server {
	t.Helper()
	s := &server{addr: freeAddress(t), store: store}
	_, port, _ := strings.Cut(s.addr, ":")
	s.pages = "http://localhost:" + port
	w.signIn.SetCallbacks(s.pages + "/sign-in/callback")
	return serve(t, w, s)
}

func serve(t testing.TB, w *world, s *server) *server {
	t.Helper()
	dir := t.TempDir()
	s.t, s.w, s.key = t, w, filepath.Join(dir, "key.pem")
	if err := os.WriteFile(s.key, w.App.PrivateKeyPEM(), 0o600); err != nil {
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
	w.App.SetWebhook("http://"+s.addr+"/webhook", testworld.Secret)
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
		"GATEHOLD_LISTEN=" + s.addr, "GATEHOLD_GITHUB_URL=" + s.w.Base,
		fmt.Sprintf("GATEHOLD_APP_ID=%d", s.w.App.ID), "GATEHOLD_PRIVATE_KEY_FILE=" + s.key,
		"GATEHOLD_CLIENT_ID=" + s.w.signIn.ClientID(), "GATEHOLD_WEBHOOK_SECRET=" + testworld.Secret, "GATEHOLD_STORE=" + s.store,
		"GATEHOLD_PAGES=true",
		"GORACE=halt_on_error=1 atexit_sleep_ms=50", // a race ends the server, and with it the test
	}
	if s.pages != "" {
		s.cmd.Env = append(s.cmd.Env, "GATEHOLD_PUBLIC_URL="+s.pages, "GATEHOLD_CLIENT_SECRET="+testworld.SignInSecret())
	}
	s.cmd.Env = append(s.cmd.Env, s.env...)
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.waitReady()
}

func (s *server) waitReady() {
	s.t.Helper()
	untilBy(s.t, time.Millisecond, 20*time.Second, "the server is not ready", func() bool {
		resp, err := client.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode == http.StatusOK
	})
}

// ask reads what a door gives to whoever may read it.
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
	untilBy(t, 10*time.Millisecond, limit, complaint, ok)
}

// untilBy looks as often as is said: no measure is finer than that.
func untilBy(t testing.TB, every, limit time.Duration, complaint string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(every)
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
