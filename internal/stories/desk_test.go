//go:build services

package stories

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/cli"
	"github.com/gatehold/gatehold/internal/cli/clitest"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
	"github.com/gatehold/gatehold/internal/web"
)

// clientID is that of the App which people sign in to; it may do nothing.
func (r *rig) clientID() string {
	r.Helper()
	if !r.doors {
		return ""
	}
	if r.signIn == nil {
		var err error
		r.signIn, err = r.on.SignIn(pagesAt + "/sign-in/callback")
		r.must(err)
	}
	return r.signIn.ClientID()
}

// openToPeople opens the doors for people, with the lists that they show.
func (r *rig) openToPeople(ctx context.Context, d web.Deps) web.Deps {
	r.Helper()
	r.lists = board.New(board.Config{Tail: r.log, Streams: r.keeper.Book, People: r.github, Comparison: r.keeper.Repos,
		Now: r.clock.now, Slog: d.Slog})
	r.metrics.Watch(r.lists, r.clock.now)
	go func() {
		defer close(r.listed)
		r.lists.Run(ctx)
	}()
	d.Sealer = r.sealer()
	d.Board, d.Lists, d.News, d.Pages = r.lists, r.lists, r.lists, true
	d.SignIns, d.Answers, d.Waiting = r.github, r.keeper.Answers, r.lists
	if r.signedIn {
		all := r.keeper.Accounts
		d.People = &web.People{Browser: r.github, Sessions: all, Keys: all, Vouches: all, Endings: all, Signatures: all, Readers: all,
			Origin: pagesAt, Links: all, OwnLinks: all}
	}
	if r.slack != nil {
		d.Slack = r.slackDoor()
		d.People.Settings, d.People.Letters = r.keeper.Accounts, persons{r}
	}
	return d
}

func (r *rig) sealer() *web.Sealer {
	r.Helper()
	s, err := web.NewSealer([][]byte{bytes.Repeat([]byte{7}, 32)}, r.clock.now)
	r.must(err)
	return s
}

// read is what a door answers to whoever may read it.
func (r *rig) read(path, accept string) string {
	r.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	(*r.door.Load()).ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		r.Fatalf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// serves waits until a page holds the words: the lists follow the ledger in real time.
func (r *rig) serves(path string, words ...string) {
	r.Helper()
	defer func() {
		if r.Failed() {
			r.Logf("%s says:\n%s", path, r.read(path, "text/html"))
		}
	}()
	r.await(func() bool {
		page := r.read(path, "text/html")
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(page, w) })
	})
}

// cliRules take approvals by the command line, with a reason.
const cliRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"], via: [cli], reason: required }
  critical: { approvals: 1, from: ["@acme/sre"], via: [cli], reason: required }
`

// desk is a world in which a pull request is held, that ana asked for, and bo is
// entitled to answer at a command line.
type desk struct{ *clicks }

func newDesk(t *testing.T, text string) *desk {
	t.Helper()
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: text})
	w.doors = true
	w.Shop.Collaborate(w.Bo, "write")
	d := &desk{&clicks{world: w, t: t}}
	d.begin()
	d.open(d.Tidy(), "Held: needs 1 approval")
	return d
}

func (d *desk) stream() string { return fmt.Sprintf("pr/%d/%d", d.Shop.ID, d.pull.Number) }

func (d *desk) name() string { return fmt.Sprintf("acme/shop#%d", d.pull.Number) }

// typed is a command at somebody's terminal. It waits by the story's clock, and as
// long as it works time stands still.
type typed struct {
	*clitest.Command
	d *desk
}

func (d *desk) types(args ...string) *typed {
	c := clitest.Type(clitest.Options{Server: d.address, Busy: func(by int64) { d.requests.Add(by) },
		Pause: func(ctx context.Context, long time.Duration) error { return d.clock.wait(ctx, long) }}, args...)
	d.t.Cleanup(c.Stop)
	return &typed{c, d}
}

// wait returns when so much time has passed on a clock that others set.
func (c *clock) wait(ctx context.Context, long time.Duration) error {
	end := c.now().Add(long)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for c.now().Before(end) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// waits until the command has printed something.
func (c *typed) waits(for_ string) {
	c.d.t.Helper()
	defer func() {
		if c.d.t.Failed() {
			c.d.t.Log(c.Text())
		}
	}()
	c.d.until(30*time.Second, "the command does not say "+for_, func() bool { return strings.Contains(c.Text(), for_) })
}

// code is what the command wants to be entered.
func (c *typed) code() string {
	c.d.t.Helper()
	c.waits("within 15 minutes")
	return clitest.Code(c.Text())
}

// enter signs somebody in.
func (c *typed) enter(login string) *typed {
	c.d.t.Helper()
	c.d.must(c.d.hub.EnterCode(c.code(), login))
	return c
}

func (c *typed) yes() *typed {
	c.d.t.Helper()
	c.waits("Only yes is yes")
	c.d.must(c.Answer("yes"))
	return c
}

// ends wants an exit code, and words among what was printed.
func (c *typed) ends(code int, says string) {
	c.d.t.Helper()
	got := -1
	c.d.until(30*time.Second, "the command does not end", func() bool {
		select {
		case got = <-c.Ended():
		default:
		}
		return got >= 0
	})
	if got != code || !strings.Contains(c.Text(), says) {
		c.d.t.Fatalf("exit code %d, want %d with %q:\n%s", got, code, says, c.Text())
	}
}

func (d *desk) approve(more ...string) *typed {
	return d.types(append([]string{"approve", d.name(), "--reason", "The table is empty."}, more...)...)
}

func TestAYesAtTheTerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve().enter("bo")
	c.waits("Only yes is yes")
	d.must(c.Answer("y"))
	c.ends(1, "Nothing was answered")
	d.approve("--verdict", "00000000").enter("bo").ends(1, "verdict_differs")
	if d.passes() {
		t.Fatal("released without a yes")
	}
	d.approve().enter("bo").yes().ends(0, "It counts: @bo")
	d.says("Released: approved by @bo", "")
	if !d.passes() {
		t.Error("it does not pass")
	}
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
	d := newDesk(t, needs)
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
	d.says("Held: needs 1 approval", "")
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
	d.must(d.Bo.Rename("bo-the-second"))
	thief := d.hub.CreateUser("bo")
	d.Acme.AddMember(thief, "member")
	d.approve().enter("bo").ends(1, "you may not see it") // by the name that was let go
	c.yes().ends(0, "It counts: @bo")
	d.says("Released: approved by @bo", "")
	if thief.ID == d.Bo.ID || !d.passes() {
		t.Error("it is not the account that counts")
	}
}

func TestAttackStrangersCodeShowsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	d.hub.CreateUser("mallory")
	c := d.approve().enter("mallory")
	c.ends(1, "you may not see it")
	if strings.Contains(c.Text(), "drops a table") {
		t.Errorf("a stranger was shown the verdict:\n%s", c.Text())
	}
	c = d.types("holds").enter("mallory")
	c.ends(0, "Nothing waits.")
}

func TestWhoDoesNotAllowTheCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cliRules)
	c := d.approve()
	d.must(d.hub.DenyCode(c.code(), "bo"))
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
	if err := json.Unmarshal([]byte(c.Out()), &list); err != nil {
		t.Fatalf("%v:\n%s", err, c.Out())
	}
	if len(list.Gates) != 1 || list.Gates[0].Subject != d.name() || list.Gates[0].Stream != d.stream() ||
		list.Gates[0].Standing != gate.IsHeld || list.Gates[0].Score < 50 {
		t.Errorf("%+v", list)
	}
	onTheMachine := func(says ...string) {
		t.Helper()
		var out bytes.Buffer
		code := cli.Run(t.Context(), []string{"holds", "--store", "sqlite:" + d.store},
			command.IO{Out: &out, Err: &out, Getenv: func(string) string { return "" }})
		for _, words := range says {
			if code != 0 || !strings.Contains(out.String(), words) {
				t.Errorf("%d, without %q: %s", code, words, &out)
			}
		}
	}
	onTheMachine(d.name(), "Held: needs 1 approval from @acme/sre by cli")
	d.approve().enter("bo").yes().ends(0, "It counts")
	onTheMachine("Nothing waits.")
}

// bothChannels take approvals by button and by the command line.
const bothChannels = `version: 1
extends: [default]
needs:
  high:     { approvals: 2, from: ["@acme/sre"], via: [button, cli] }
  critical: { approvals: 2, from: ["@acme/sre"], via: [button, cli] }
`

func TestAttackTwoApprovalsByOnePersonThroughTwoChannels(t *testing.T) {
	t.Parallel()
	d := newDesk(t, strings.ReplaceAll(bothChannels, "approvals: 2", "approvals: 1"))
	_, err := d.Shop.Commit("main", fakehub.NewCommit{Message: "Two", Author: d.Ana, Files: fakehub.Files{testworld.RulesPath: bothChannels}})
	d.must(err)
	d.says("Held: needs 2 approvals", "")
	d.press("Approve", d.Bo)
	d.says("Held: 1 of 2: approved by @bo", "")
	d.types("approve", d.name(), "--reason", "And once more.").enter("bo").yes()
	d.settle()
	d.says("Held: 1 of 2: approved by @bo; still needs 1 approval", "")
	if d.passes() {
		t.Error("one person filled two places")
	}
}
