package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

const glassRules = rulesText + "break_glass: { from: [\"@acme/incident\"], via: [button] }\n"

// teams is GitHub's word about people: account id to groups.
type teams map[int64][]string

func (t teams) Person(_ context.Context, _ gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	p := gate.Person{Actor: who}
	for _, g := range groups {
		if slices.Contains(t[who.ID], g) {
			p.Groups = append(p.Groups, g)
		}
	}
	return p, nil
}

var (
	fay = gate.Actor{Login: "fay", ID: 11, Type: "User"} // of incident
	gil = gate.Actor{Login: "gil", ID: 12, Type: "User"} // of sre
)

func (h *house) with(c keeper.Config) *house {
	log, err := sqlite.Open(h.path, sqlite.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.log = log
	c.Log, c.Hub, c.Now, c.Holder = log, h.hub, time.Now, "test"
	h.keeper = keeper.New(keepertest.Whole(c))
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.done = cancel, make(chan error, 1)
	go func() { h.done <- h.keeper.Run(ctx) }()
	return h
}

// press presses a button of the check as it is shown now.
func (h *house) press(sha, button string, by gate.Actor) {
	h.t.Helper()
	check, _ := h.hub.deciding(sha)
	h.pressOn(check, button, by)
	h.settle(5 * time.Second)
}

// pressOn presses a button of a check as it was painted once.
func (h *house) pressOn(check report.Check, button string, by gate.Actor) {
	h.t.Helper()
	h.sent++
	h.pressAs(fmt.Sprintf("1:%d", h.sent), check, button, by)
}

// pressAs is a press that is delivered under a number.
func (h *house) pressAs(key string, check report.Check, button string, by gate.Actor) (fresh bool) {
	h.t.Helper()
	fresh, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: key, Event: "check_run", Action: "requested_action", Seen: pressOf(check, button, by)})
	if err != nil {
		h.t.Fatal(err)
	}
	return fresh
}

// pressOf is what GitHub tells of a press: with a painting that has no such
// button, of none that anybody knows.
func pressOf(check report.Check, button string, by gate.Actor) *gate.Seen {
	seen := &gate.Seen{
		Subject: gate.Subject{Kind: gate.Check, Repo: shop, SHA: check.HeadSHA}, Event: "check_run", Action: "requested_action",
		Button: button, Sender: by,
	}
	if check.Name != gate.CheckName { // of another lane
		seen.Subject.Name = check.Name
	}
	for _, a := range check.Actions {
		if what, nonce, _ := gate.ReadButton(a.Identifier); what == button {
			seen.Nonce = nonce
		}
	}
	return seen
}

func glassStory(t *testing.T, tell func(h *house)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := (&house{t: t, path: dir + "/ledger.db", hub: newGitHub()}).with(keeper.Config{
			People: teams{fay.ID: {"@acme/incident"}, gil.ID: {"@acme/sre"}},
		})
		defer h.close()
		tell(h)
	})
}

func withRules(text string, edit func(*change.Facts)) func(*change.Facts) {
	return func(f *change.Facts) {
		edit(f)
		f.Repo = change.RulesFile{State: change.RulesFound, Name: "rules", Text: []byte(text)}
	}
}

func TestAReleaseAtOnceIsListedUntilSomebodyElseReviewedIt(t *testing.T) {
	glassStory(t, func(h *house) {
		h.hub.set(1, withRules(glassRules, pull("aaaa", "db/1.sql")))
		h.hub.set(2, withRules(glassRules, pull("bbbb", "README.md")))
		h.deliver(1, "opened")
		h.settle(5 * time.Second)
		h.expect("aaaa", report.ActionRequired, "Held")
		h.press("aaaa", "override", gil)
		h.expect("aaaa", report.ActionRequired, "Held")
		h.press("aaaa", "override", fay)
		h.expect("aaaa", report.Success, "Released at once by @fay - not reviewed yet")
		h.deliver(2, "opened")
		h.settle(5 * time.Second)
		first := h.board().Gates()[0]
		if len(first.Unreviewed) != 1 || first.Unreviewed[0].By != "fay" || first.Subject.Number != 1 || h.board().Unreviewed() != 1 {
			t.Fatalf("the list begins with %+v", first)
		}

		h.press("aaaa", "review", fay) // her own
		h.expect("aaaa", report.Success, "not reviewed yet")
		h.hub.set(1, func(f *change.Facts) { f.Open, f.Merged = false, true })
		h.deliver(1, "closed")
		h.settle(5 * time.Second)
		h.expect("aaaa", report.Success, "Released at once by @fay - not reviewed yet")
		if first := h.board().Gates()[0]; first.Standing != gate.IsClosed || len(first.Unreviewed) != 1 {
			t.Fatalf("closing hid it: %+v", first)
		}

		h.press("aaaa", "review", gil)
		h.expect("aaaa", report.Success, "reviewed by @gil")
		if n := h.board().Unreviewed(); n != 0 {
			t.Errorf("%d are to be reviewed", n)
		}
	})
}

// Two pull requests with one head: what releases one at once never lets the
// other pass, neither while it is open nor after it was merged.
func TestAttackOverrideOfOnePullRequestReleasesAnother(t *testing.T) {
	glassStory(t, func(h *house) {
		h.hub.set(1, withRules(glassRules, pull("aaaa", "db/1.sql")))
		h.hub.set(2, withRules(rulesText, pull("aaaa", "db/1.sql"))) // another base, without break glass
		h.deliver(1, "opened")
		h.deliver(2, "opened")
		h.settle(5 * time.Second)
		h.press("aaaa", "override", fay)
		h.expect("aaaa", report.ActionRequired, "Held")
		h.hub.set(1, func(f *change.Facts) { f.Open, f.Merged = false, true })
		h.deliver(1, "closed")
		h.settle(5 * time.Second)
		h.expect("aaaa", report.ActionRequired, "Held")
		h.press("aaaa", "review", gil)
		h.expect("aaaa", report.ActionRequired, "Held")
		if check, _ := h.hub.deciding("aaaa"); !strings.Contains(check.Summary, "Reviewed by `@gil`") ||
			strings.Contains(check.Summary, "no override waits") {
			t.Errorf("the review is told as:\n%s", check.Summary)
		}
		h.press("aaaa", "approve", gil)
		h.expect("aaaa", report.Success, "Released: approved by @gil")
	})
}

// owned is CODEOWNERS at a commit.
type owned struct {
	mu    sync.Mutex
	asked []string
	file  change.RulesFile
	err   error
}

func (o *owned) Owners(_ context.Context, _ gate.Repo, commit string, places []string) (change.RulesFile, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, commit+" "+places[0])
	return o.file, o.err
}

func (o *owned) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

func TestCodeOwnersAreReadOnlyWhereTheRulesAskForThem(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		who := &owned{file: change.RulesFile{State: change.RulesFound, Text: []byte("/db/ @acme/dba\n")}}
		h := (&house{t: t, path: dir + "/ledger.db", hub: newGitHub()}).with(keeper.Config{Owners: who})
		defer h.close()
		tip := func(f *change.Facts) { f.Tip = "7193" }
		h.hub.set(1, pull("aaaa", "db/1.sql"))
		h.hub.set(1, tip)
		h.deliver(1, "opened")
		h.settle(5 * time.Second)
		if len(who.asked) != 0 {
			t.Errorf("asked without need: %v", who.asked)
		}
		asking := strings.Replace(rulesText, `"@acme/sre"`, "codeowners", 1)
		h.hub.set(1, withRules(asking, pull("bbbb", "db/1.sql")))
		h.deliver(1, "synchronize")
		h.settle(5 * time.Second)
		h.expect("bbbb", report.ActionRequired, "needs 1 approval from @acme/dba")
		if !slices.Equal(who.asked, []string{"7193 .github/CODEOWNERS"}) {
			t.Errorf("asked %v", who.asked)
		}
		who.fail(errors.New("GitHub is out of reach"))
		h.hub.set(1, withRules(asking, pull("cccc", "db/1.sql")))
		h.deliver(1, "synchronize")
		h.settle(time.Minute)
		h.expect("cccc", report.ActionRequired, "could not finish judging")
		who.fail(nil)
		h.settle(20 * time.Minute)
		h.expect("cccc", report.ActionRequired, "needs 1 approval from @acme/dba")
	})
}
