//go:build services

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/cli/clitest"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// What people at a command line may and may not is told in package stories; here it
// is the built program, and a server that dies.

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
	s    *server
	pull *fakehub.Pull
}

func newDesk(t *testing.T) *desk {
	w := newWorld(t, fakehub.Options{DeviceInterval: time.Second},
		testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: cliRules})
	w.Shop.Collaborate(w.Bo, "write")
	d := &desk{world: w, s: newServer(t, w, ledgerIn(t))}
	d.pull = w.opens(w.Tidy())
	w.says(d.pull.HeadSHA(), gate.CheckName, "Held: needs 1 approval", "")
	return d
}

func (d *desk) name() string { return fmt.Sprintf("acme/shop#%d", d.pull.Number) }

// prints waits until a command has printed something.
func (d *desk) prints(text func() string, words string) {
	d.t.Helper()
	defer func() {
		if d.t.Failed() {
			d.t.Log(text())
		}
	}()
	until(d.t, 30*time.Second, "the command does not say "+words, func() bool { return strings.Contains(text(), words) })
}

// enter signs bo in by the code that a command prints.
func (d *desk) enter(text func() string) {
	d.t.Helper()
	d.prints(text, "within 15 minutes")
	if err := d.Hub.EnterCode(clitest.Code(text()), "bo"); err != nil {
		d.t.Fatal(err)
	}
}

// TestApprovingFromTheCommandLine is the whole road, with the built program.
func TestApprovingFromTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var v gate.Verdict
	if err := json.Unmarshal([]byte(d.s.ask(fmt.Sprintf("/gates/pr/%d/%d", d.Shop.ID, d.pull.Number), "application/json")), &v); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "approve", d.name(), "--server", "http://"+d.s.addr, "--verdict", v.Digest[:8], "--reason",
		"The table is empty.")
	cmd.Env = []string{"GORACE=halt_on_error=1 atexit_sleep_ms=50"}
	var printed clitest.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.enter(printed.String)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, printed.String())
	}
	for _, says := range []string{"Signed in as @bo", "drops a table: orders", "It counts: @bo, approve by cli.",
		"Released: approved by @bo"} {
		if !strings.Contains(printed.String(), says) {
			t.Errorf("it does not say %q:\n%s", says, printed.String())
		}
	}
	d.says(d.pull.HeadSHA(), gate.CheckName, "Released: approved by @bo", "")
	if !d.Passes(d.pull, gate.CheckName) {
		t.Error("it does not pass")
	}
	log, err := os.ReadFile(d.s.log.Name())
	if err != nil || strings.Contains(string(log)+printed.String(), "ghu_") {
		t.Errorf("a token was told (%v)", err)
	}
}

// TestTheServerRemembersNothing: it is killed between the steps, and another one
// goes on from what the asker carries.
func TestTheServerRemembersNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := clitest.Type(clitest.Options{Server: "http://" + d.s.addr}, "approve", d.name(), "--reason", "The table is empty.")
	t.Cleanup(c.Stop)
	d.prints(c.Text, "within 15 minutes")
	d.s.kill()
	d.s.start()
	d.enter(c.Text)
	d.prints(c.Text, "Only yes is yes")
	d.s.kill()
	d.s.start()
	if err := c.Answer("yes"); err != nil {
		t.Fatal(err)
	}
	select {
	case code := <-c.Ended():
		if code != 0 || !strings.Contains(c.Text(), "It counts: @bo") {
			t.Fatalf("exit code %d:\n%s", code, c.Text())
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("the command does not end:\n%s", c.Text())
	}
}
