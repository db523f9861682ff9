//go:build services

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/cli"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
)

// cliRules take approvals by the command line, with a reason.
const cliRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"], via: [cli], reason: required }
  critical: { approvals: 1, from: ["@acme/sre"], via: [cli], reason: required }
`

// desk is a world in which a pull request is held, that ana asked for, and bo is
// entitled to answer.
type desk struct {
	*world
	t      *testing.T
	s      *server
	store  string
	bo     *fakehub.Account
	pull   *fakehub.Pull
	digest string
}

func newDesk(t *testing.T, text string) *desk {
	w := newWorld(t, fakehub.Options{DeviceInterval: time.Second})
	d := &desk{world: w, t: t, bo: w.hub.CreateUser("bo"), store: "sqlite:" + filepath.Join(t.TempDir(), "ledger.db")}
	w.acme.AddMember(d.bo, "member")
	w.sre.Add(d.bo, "member")
	w.shop.Collaborate(d.bo, "write")
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Rules", Author: w.ana,
		Files: fakehub.Files{".github/gatehold.yml": text}}); err != nil {
		t.Fatal(err)
	}
	d.s = newServer(t, w, d.store)
	pull, err := w.shop.OpenPull(fakehub.NewPull{
		Author: w.agent, Title: "Tidy up", Head: "devin/1-tidy", Assignees: []*fakehub.Account{w.ana},
		Files: fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.pull = pull
	d.says("Held: needs 1 approval")
	d.digest = d.verdict().Digest
	return d
}

func (d *desk) says(title string) {
	d.t.Helper()
	until(d.t, 20*time.Second, "the check does not say "+title, func() bool {
		for _, r := range d.shop.CheckRuns(d.pull.HeadSHA()) {
			if r.AppID == d.app.ID && strings.Contains(r.Title, title) {
				return true
			}
		}
		return false
	})
}

func (d *desk) stream() string { return fmt.Sprintf("pr/%d/%d", d.shop.ID, d.pull.Number) }

// verdict is what the gate's page says.
func (d *desk) verdict() (v gate.Verdict) {
	d.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+d.s.addr+"/gates/"+d.stream(), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d *desk) name() string { return fmt.Sprintf("acme/shop#%d", d.pull.Number) }

func (d *desk) passes() bool { return d.pull.RequiredCheck("gatehold", d.app.ID).Passes }

// typed is a command at somebody's terminal.
type typed struct {
	d        *desk
	mu       sync.Mutex
	out, err bytes.Buffer
	keys     *io.PipeWriter
	ended    chan int
}

// locked is a buffer that is read while it is written.
type locked struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (d *desk) types(args ...string) *typed {
	in, keys := io.Pipe()
	c := &typed{d: d, keys: keys, ended: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	d.t.Cleanup(cancel)
	go func() {
		c.ended <- cli.Run(ctx, args, command.IO{
			In: in, Out: locked{&c.mu, &c.out}, Err: locked{&c.mu, &c.err}, Terminal: true,
			Getenv: func(name string) string { return map[string]string{"GATEHOLD_SERVER": "http://" + d.s.addr}[name] },
		})
	}()
	return c
}

func (c *typed) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String() + c.err.String()
}

// waits until the command has printed something.
func (c *typed) waits(for_ string) {
	c.d.t.Helper()
	defer func() {
		if c.d.t.Failed() {
			c.d.t.Log(c.text())
		}
	}()
	until(c.d.t, 30*time.Second, "the command does not say "+for_, func() bool { return strings.Contains(c.text(), for_) })
}

var userCode = regexp.MustCompile(`enter ([A-Z0-9]{4}-[A-Z0-9]{4}) within`)

// code is what the command wants to be entered.
func (c *typed) code() string {
	c.d.t.Helper()
	c.waits("within 15 minutes")
	return userCode.FindStringSubmatch(c.text())[1]
}

// enter signs somebody in.
func (c *typed) enter(login string) *typed {
	c.d.t.Helper()
	if err := c.d.hub.EnterCode(c.code(), login); err != nil {
		c.d.t.Fatal(err)
	}
	return c
}

func (c *typed) yes() *typed {
	c.d.t.Helper()
	c.waits("Only yes is yes")
	if _, err := io.WriteString(c.keys, "yes\n"); err != nil {
		c.d.t.Fatal(err)
	}
	return c
}

// ends wants an exit code, and words among what was printed.
func (c *typed) ends(code int, says string) {
	c.d.t.Helper()
	select {
	case got := <-c.ended:
		if got != code || !strings.Contains(c.text(), says) {
			c.d.t.Fatalf("exit code %d, want %d with %q:\n%s", got, code, says, c.text())
		}
	case <-time.After(30 * time.Second):
		c.d.t.Fatalf("the command does not end:\n%s", c.text())
	}
}

func (d *desk) approve(more ...string) *typed {
	return d.types(append([]string{"approve", d.name(), "--reason", "The table is empty."}, more...)...)
}

// TestApprovingFromTheCommandLine is the whole road, with the built program.
func TestApprovingFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	cmd := exec.Command(binary, "approve", d.name(), "--server", "http://"+d.s.addr, "--verdict", d.digest[:8], "--reason",
		"The table is empty.")
	cmd.Env = []string{"GORACE=halt_on_error=1 atexit_sleep_ms=50"}
	c := &typed{d: d}
	cmd.Stdout, cmd.Stderr = locked{&c.mu, &c.out}, locked{&c.mu, &c.err}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.enter("bo")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, c.text())
	}
	for _, says := range []string{"Signed in as @bo", "drops a table: orders", "It counts: @bo, approve by cli.",
		"Released: approved by @bo"} {
		if !strings.Contains(c.text(), says) {
			t.Errorf("it does not say %q:\n%s", says, c.text())
		}
	}
	d.says("Released: approved by @bo")
	if !d.passes() {
		t.Error("it does not pass")
	}
	log, err := os.ReadFile(d.s.log.Name())
	if err != nil || strings.Contains(string(log)+c.text(), "ghu_") {
		t.Errorf("a token was told (%v)", err)
	}
}

func TestAYesAtTheTerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve().enter("bo")
	c.waits("Only yes is yes")
	if _, err := io.WriteString(c.keys, "y\n"); err != nil {
		t.Fatal(err)
	}
	c.ends(1, "Nothing was answered")
	d.approve("--verdict", "00000000").enter("bo").ends(1, "verdict_differs")
	if d.passes() {
		t.Fatal("released without a yes")
	}
	d.approve().enter("bo").yes().ends(0, "It counts: @bo")
	d.says("Released: approved by @bo")
	if !d.passes() {
		t.Error("it does not pass")
	}
}

// TestTheServerRemembersNothing: it is killed between the steps, and another one
// goes on from what the asker carries.
func TestTheServerRemembersNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve()
	code := c.code()
	d.s.kill()
	d.s.start()
	if err := d.hub.EnterCode(code, "bo"); err != nil {
		t.Fatal(err)
	}
	c.waits("Only yes is yes")
	d.s.kill()
	d.s.start()
	c.yes().ends(0, "It counts: @bo")
}

func TestAttackCommandLineOfWhoAskedForTheWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve().enter("ana")
	c.waits("As things are this would not count")
	c.yes().ends(3, "It does not count: @ana")
	if d.passes() {
		t.Error("released by who asked for the work")
	}
}

func TestAttackCommandLineWhereTheRulesDoNotNameIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules)
	d.approve().enter("bo").yes().ends(3, "by cli, which the rules do not take for this")
	if d.passes() {
		t.Error("released by a channel that the rules do not name")
	}
	d.types("deny", d.name()).enter("bo").yes().ends(0, "Denied by @bo") // no is taken by any channel
}

func TestAttackVerdictThatMovedBeforeTheYes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve().enter("bo")
	c.waits("Only yes is yes")
	if _, err := d.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	d.says("Held: needs 1 approval")
	c.yes().ends(3, "Look again and answer again")
	if d.passes() {
		t.Error("the new head was released by a yes to the old one")
	}
}

func TestAttackUserRenamedAfterSigningIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve().enter("bo")
	c.waits("Only yes is yes")
	d.bo.Rename("bo-the-second")
	thief := d.hub.CreateUser("bo")
	d.acme.AddMember(thief, "member")
	d.approve().enter("bo").ends(1, "you may not see it") // by the name that was let go
	c.yes().ends(0, "It counts: @bo")
	d.says("Released: approved by @bo")
	if thief.ID == d.bo.ID || !d.passes() {
		t.Error("it is not the account that counts")
	}
}

func TestAttackStrangersCodeShowsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	d.hub.CreateUser("mallory")
	c := d.approve().enter("mallory")
	c.ends(1, "you may not see it")
	if strings.Contains(c.text(), "drops a table") {
		t.Errorf("a stranger was shown the verdict:\n%s", c.text())
	}
	c = d.types("holds").enter("mallory")
	c.ends(0, "Nothing waits.")
}

func TestWhoDoesNotAllowTheCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve()
	if err := d.hub.DenyCode(c.code(), "bo"); err != nil {
		t.Fatal(err)
	}
	c.ends(1, "sign_in_denied")
}

// TestListsOfWhatWaits: through the door for who may see it, and from the ledger
// on the server's machine while the server runs.
func TestListsOfWhatWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.types("holds", "--json").enter("bo")
	c.ends(0, "")
	var list board.Holds
	if err := json.Unmarshal(c.out.Bytes(), &list); err != nil {
		t.Fatalf("%v:\n%s", err, &c.out)
	}
	if len(list.Gates) != 1 || list.Gates[0].Subject != d.name() || list.Gates[0].Stream != d.stream() ||
		list.Gates[0].Standing != gate.IsHeld || list.Gates[0].Score < 50 {
		t.Errorf("%+v", list)
	}
	out, err := exec.Command(binary, "holds", "--store", d.store).CombinedOutput()
	if err != nil || !strings.Contains(string(out), d.name()) ||
		!strings.Contains(string(out), "Held: needs 1 approval from @acme/sre by cli") {
		t.Errorf("%v: %s", err, out)
	}
	d.approve().enter("bo").yes().ends(0, "It counts")
	if out, err := exec.Command(binary, "holds", "--store", d.store).CombinedOutput(); err != nil ||
		!strings.Contains(string(out), "Nothing waits.") {
		t.Errorf("once it is released: %v: %s", err, out)
	}
}
