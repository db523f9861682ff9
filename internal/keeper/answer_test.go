package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/answers"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// askedRules take answers by the command line only, with a reason.
const askedRules = `version: 1
extends: []
mode: enforce
rules:
  - { id: database, title: Database, paths: ["db/**"], risk: 60 }
needs:
  high: { approvals: 1, from: ["@acme/sre"], via: [cli], reason: required }
break_glass: { from: ["@acme/incident"], via: [cli] }
`

// people is who GitHub says people are.
type people struct {
	mu     sync.Mutex
	logins map[int64]string
	groups map[int64][]string
	down   error
	asked  int
}

func (p *people) Person(_ context.Context, _ gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down != nil {
		return gate.Person{}, p.down
	}
	login, ok := p.logins[who.ID]
	if !ok {
		return gate.Person{Untold: groups}, nil
	}
	out := gate.Person{Actor: gate.Actor{Login: login, ID: who.ID, Type: "User"}}
	for _, g := range groups {
		if slices.Contains(p.groups[who.ID], g) {
			out.Groups = append(out.Groups, g)
		}
	}
	return out, nil
}

// fail has GitHub answer so from now on; nil: as it should.
func (p *people) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = err
}

// count is how often somebody was asked about, since it was last called.
func (p *people) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked
	p.asked = 0
	return n
}

func (p *people) set(id int64, login string, groups ...string) gate.Actor {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logins[id], p.groups[id] = login, groups
	return gate.Actor{Login: login, ID: id, Type: "User"}
}

// asking is a house with people, and a pull request that is held.
type asking struct {
	*house
	people              *people
	ana, bo, cy, nobody gate.Actor
}

func askingStory(t *testing.T, tell func(a *asking)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := &asking{house: &house{t: t, path: dir + "/ledger.db", hub: newGitHub()},
			people: &people{logins: map[int64]string{}, groups: map[int64][]string{}}}
		a.ana = a.people.set(11, "ana", "@acme/sre")
		a.bo = a.people.set(12, "bo", "role:write")
		a.cy = a.people.set(13, "cy", "@acme/incident", "role:write")
		a.nobody = a.people.set(14, "nobody")
		log, err := sqlite.Open(a.path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a.log = log
		a.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: log, Hub: a.hub, People: a.people, Now: time.Now, Holder: "test",
			PublicURL: "https://g.example"}))
		ctx, cancel := context.WithCancel(context.Background())
		a.stop, a.done = cancel, make(chan error, 1)
		go func() { a.done <- a.keeper.Run(ctx) }()
		defer a.close()
		a.hub.set(1, asked("aaa1", "db/drop.sql"))
		a.hub.set(2, asked("bbb2", "README.md"))
		a.deliver(1, "opened")
		a.deliver(2, "opened")
		a.settle(time.Second)
		tell(a)
	})
}

func asked(head string, paths ...string) func(*change.Facts) {
	return func(f *change.Facts) {
		pull(head, paths...)(f)
		f.Repo = change.RulesFile{State: change.RulesFound, Name: "acme/shop/.github/gatehold.yml@ba5e", Text: []byte(askedRules)}
	}
}

// lists is what the ledger holds now, for whom GitHub knows.
func (a *asking) lists() *board.Board {
	a.t.Helper()
	b := board.New(board.Config{Tail: a.log, Streams: a.keeper.Book, People: a.people, Now: time.Now, PublicURL: "https://g.example"})
	if err := b.Read(context.Background()); err != nil {
		a.t.Fatal(err)
	}
	return b
}

// look shows a gate to somebody, or wants a code.
func (a *asking) look(who gate.Actor, subject string, answer gate.Answer, code string) answers.Look {
	a.t.Helper()
	stream, err := a.lists().Resolve(subject)
	var got answers.Look
	if err == nil {
		got, err = a.keeper.Answers.Look(context.Background(), who, stream, gate.Offered{Answer: answer, Via: gate.ViaCLI, Reason: "checked"})
	}
	if code == "" && err != nil || code != "" && (err == nil || gate.AsError(err).Code != code) {
		a.t.Fatalf("@%s looks at %s: %v; want the code %q", who.Login, subject, err, code)
	}
	return got
}

// offer answers to what was shown, and gives what became of it.
func (a *asking) offer(who gate.Actor, l answers.Look, answer gate.Answer, key string) answers.Outcome {
	a.t.Helper()
	o := gate.Offered{By: who, Answer: answer, Via: gate.ViaCLI, Reason: "checked", For: l.For, Saw: gate.Sight{Version: l.Version}}
	if _, err := a.keeper.Answers.Offer(context.Background(), l.Stream, key, o); err != nil {
		a.t.Fatal(err)
	}
	a.settle(time.Second)
	return a.outcome(l, key)
}

func (a *asking) outcome(l answers.Look, key string) answers.Outcome {
	a.t.Helper()
	out, err := a.keeper.Answers.Outcome(context.Background(), l.Stream, key, l.Version)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

func (a *asking) holds(who gate.Actor) string {
	a.t.Helper()
	list, err := a.lists().Holds(context.Background(), who, "")
	if err != nil {
		a.t.Fatal(err)
	}
	var out []string
	for _, h := range list.Gates {
		text := h.Subject + " " + string(h.Standing)
		for _, r := range h.Review {
			text += " review of @" + r.Login
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestAnAnswerFromTheCommandLine(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "Acme/Shop#1", gate.Approve, "")
		if l.Doubt != "" || l.Stream != "pr/42/1" || !strings.HasPrefix(l.Title, "Held: needs 1 approval from @acme/sre") ||
			len(l.Verdict.Findings) != 1 || l.Link != "https://g.example/gates/pr/42/1" {
			t.Fatalf("%+v", l)
		}
		if out := a.outcome(l, "cli:1"); out.State != "unknown" {
			t.Errorf("before the answer: %+v", out)
		}
		if out := a.offer(a.ana, l, gate.Approve, "cli:1"); out.State != "counted" || !strings.Contains(out.Text, "@ana") ||
			!strings.HasPrefix(out.Title, "Released: approved by @ana") {
			t.Errorf("%+v", out)
		}
		a.expect("aaa1", "success", "Released: approved by @ana")
		if got := a.holds(a.bo); got != "" {
			t.Errorf("still waits: %s", got)
		}
	})
}

// After an approval the check, the list of gates, the count of them and what waits
// say the same.
func TestWhatAnApprovalComesToIsSaidAlikeEverywhere(t *testing.T) {
	askingStory(t, func(a *asking) {
		before := a.lists().Standings()
		if before[gate.IsHeld] != 1 || before[gate.IsPassed] != 1 || len(a.holds(a.bo)) == 0 {
			t.Fatalf("before: %v, %q waits", before, a.holds(a.bo))
		}
		if out := a.offer(a.ana, a.look(a.ana, "acme/shop#1", gate.Approve, ""), gate.Approve, "cli:1"); out.State != "counted" {
			t.Fatalf("the approval: %+v", out)
		}
		a.expect("aaa1", report.Success, "Released")
		after := a.lists().Standings()
		if after[gate.IsHeld] != 0 || after[gate.IsPassed] != 2 || a.holds(a.bo) != "" {
			t.Errorf("after: %v, %q waits", after, a.holds(a.bo))
		}
		for _, g := range a.lists().Gates() {
			if !g.Standing.Passes() || g.Reason == "" {
				t.Errorf("%s stands as %s: %q", g.Stream, g.Standing, g.Reason)
			}
		}
	})
}

func TestWhoSeesWhatWaits(t *testing.T) {
	askingStory(t, func(a *asking) {
		if got := a.holds(a.bo); got != "acme/shop#1 held" {
			t.Errorf("who writes sees %q", got)
		}
		for _, who := range []gate.Actor{a.ana, a.nobody, {Login: "ghost", ID: 99, Type: "User"}} {
			if got := a.holds(who); got != "" {
				t.Errorf("@%s, who cannot write, sees %q", who.Login, got)
			}
		}
		a.look(a.nobody, "acme/shop#1", gate.Approve, "not_found")
		a.look(a.ana, "acme/shop#7", gate.Approve, "not_found")
		a.look(a.ana, "acme/other#1", gate.Approve, "not_found")
		a.look(a.ana, "pr/42/7", gate.Approve, "not_found")
		a.look(a.ana, "group/42/aaa1", gate.Approve, "queue")
		for _, s := range []string{"", "acme/shop", "acme/shop#0", "acme/shop#99999999999", "check/42/aaa1", "repo/42",
			"pr/42/1/../2", "PR/42/1", strings.Repeat("a", 5000)} {
			a.look(a.ana, s, gate.Approve, "request_invalid")
		}
		if l := a.look(a.bo, "pr/42/1", gate.Approve, ""); !strings.Contains(l.Doubt, "is not of @acme/sre") {
			t.Errorf("%q", l.Doubt)
		}
		if l := a.look(a.ana, "acme/shop#1", gate.Override, ""); !strings.Contains(l.Doubt, "is not of @acme/incident") {
			t.Errorf("%q", l.Doubt)
		}
		a.people.fail(&gate.Error{Code: "github_unavailable", Text: "GitHub is out of reach."})
		a.look(a.ana, "acme/shop#1", gate.Approve, "github_unavailable")
		list, err := a.lists().Holds(context.Background(), a.bo, "")
		if err != nil || len(list.Gates) != 0 || list.Unasked != 1 {
			t.Errorf("with GitHub out of reach: %+v, %v", list, err)
		}
		a.people.fail(nil)
		list, err = a.lists().Holds(context.Background(), a.bo, "acme/other")
		if err != nil || len(list.Gates) != 0 {
			t.Errorf("in another repository: %+v, %v", list, err)
		}
	})
}

func TestAttackAnswerOffered(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "acme/shop#1", gate.Approve, "")
		o := gate.Offered{By: a.ana, Answer: gate.Approve, Via: gate.ViaCLI, For: l.For}
		for _, stream := range []string{"pr/42/77", "check/42/aaa1", "group/42/aaa1", "", "x"} {
			if _, err := a.keeper.Answers.Offer(context.Background(), stream, "cli:x", o); gate.AsError(err).Code != "not_found" {
				t.Errorf("offered to %q: %v", stream, err)
			}
		}
		if _, err := a.keeper.Answers.Offer(context.Background(), l.Stream, "", o); gate.AsError(err).Code != "not_found" {
			t.Errorf("offered without a key: %v", err)
		}
		if _, err := a.lists().Detail(context.Background(), "pr/42/77"); gate.AsError(err).Code != "not_found" {
			t.Error("an answer began a stream")
		}
	})
}

func TestAttackTheSameAnswerAgain(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "acme/shop#1", gate.Approve, "")
		a.offer(a.ana, l, gate.Approve, "cli:1")
		later := a.look(a.ana, "acme/shop#1", gate.Deny, "")
		if out := a.offer(a.ana, later, gate.Deny, "cli:2"); out.State != "counted" {
			t.Fatalf("the denial: %+v", out)
		}
		fresh, err := a.keeper.Answers.Offer(context.Background(), l.Stream, "cli:1",
			gate.Offered{By: a.ana, Answer: gate.Approve, Via: gate.ViaCLI, Reason: "checked", For: l.For})
		if err != nil || fresh {
			t.Errorf("the first answer was taken twice: %v", err)
		}
		a.settle(time.Second)
		a.expect("aaa1", "action_required", "Denied by @ana")
	})
}

func TestAttackAnswerAboutAVerdictThatMoved(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "acme/shop#1", gate.Approve, "")
		a.hub.set(1, asked("aaa2", "db/drop.sql", "db/more.sql"))
		a.deliver(1, "synchronize")
		a.settle(time.Second)
		if out := a.offer(a.ana, l, gate.Approve, "cli:1"); out.State != "refused" || out.Code != "head_moved" {
			t.Errorf("%+v", out)
		}
		a.expect("aaa2", "action_required", "Held")
	})
}

func TestAnAnswerWithoutAReason(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "acme/shop#1", gate.Approve, "")
		if _, err := a.keeper.Answers.Offer(context.Background(), l.Stream, "cli:1",
			gate.Offered{By: a.ana, Answer: gate.Approve, Via: gate.ViaCLI, For: l.For}); err != nil {
			t.Fatal(err)
		}
		a.settle(time.Second)
		if out := a.outcome(l, "cli:1"); out.State != "refused" || out.Code != "reason" {
			t.Errorf("%+v", out)
		}
		a.expect("aaa1", "action_required", "Held")
	})
}

func TestAnAnswerThatCannotBeLookedAtYet(t *testing.T) {
	askingStory(t, func(a *asking) {
		l := a.look(a.ana, "acme/shop#1", gate.Approve, "")
		a.people.fail(&gate.Error{Code: "github_unavailable", Text: "GitHub is out of reach."})
		if out := a.offer(a.ana, l, gate.Approve, "cli:1"); out.State != "pending" ||
			!strings.Contains(out.Text, "GitHub is out of reach") {
			t.Errorf("%+v", out)
		}
		a.people.fail(nil)
		a.settle(time.Minute)
		if out := a.outcome(l, "cli:1"); out.State != "counted" {
			t.Errorf("%+v", out)
		}
	})
}

func TestOverridesWaitForAReviewFirst(t *testing.T) {
	askingStory(t, func(a *asking) {
		a.hub.set(3, asked("ccc3", "db/three.sql"))
		a.deliver(3, "opened")
		a.settle(time.Second)
		l := a.look(a.cy, "acme/shop#3", gate.Override, "")
		if out := a.offer(a.cy, l, gate.Override, "cli:1"); out.State != "counted" {
			t.Fatalf("%+v", out)
		}
		want := "acme/shop#3 passed review of @cy; acme/shop#1 held"
		if got := a.holds(a.bo); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		a.hub.set(3, func(f *change.Facts) { f.Open = false })
		a.deliver(3, "closed")
		a.settle(time.Second)
		want = "acme/shop#3 closed review of @cy; acme/shop#1 held"
		if got := a.holds(a.bo); got != want {
			t.Errorf("once it is closed: %q, want %q", got, want)
		}
		// A reader of the ledger alone sees the same.
		reader := book.New(engine.New(engine.Config{Log: a.log, Now: time.Now}), "")
		list, err := board.New(board.Config{Tail: a.log, Streams: reader, Now: time.Now}).ReadHolds(context.Background(), "")
		if err != nil || len(list.Gates) != 2 || len(list.Gates[0].Review) != 1 ||
			list.Gates[1].Needed != "1 approval from @acme/sre by cli" {
			t.Errorf("the reader sees %+v, %v", list, err)
		}
		if out := a.offer(a.cy, a.look(a.cy, "acme/shop#3", gate.Review, ""), gate.Review, "cli:2"); out.State != "refused" ||
			out.Code != "own_override" {
			t.Errorf("their own review: %+v", out)
		}
		if out := a.offer(a.ana, a.look(a.ana, "acme/shop#3", gate.Review, ""), gate.Review, "cli:3"); out.State != "counted" {
			t.Errorf("the review: %+v", out)
		}
		if got := a.holds(a.bo); got != "acme/shop#1 held" {
			t.Errorf("once it is reviewed: %q", got)
		}
	})
}

func TestLongListsAreBounded(t *testing.T) {
	askingStory(t, func(a *asking) {
		for n := range 60 { // repositories of their own
			_, err := a.keeper.Deliveries.Take(context.Background(),
				gate.Delivery{Key: fmt.Sprint("r", n), Event: "pull_request", Action: "opened", Seen: &gate.Seen{
					Subject: gate.Subject{Kind: gate.PullRequest,
						Repo: gate.Repo{Installation: 7, ID: int64(1000 + n), Owner: "acme", Name: fmt.Sprint("r", n)}, Number: 1},
					Event: "pull_request", Action: "opened", Head: "aaa1", BaseRef: "main",
				}})
			if err != nil {
				t.Fatal(err)
			}
		}
		a.settle(time.Second)
		a.people.count()
		list, err := a.lists().Holds(context.Background(), a.bo, "")
		if asked := a.people.count(); err != nil || asked != 50 || list.Unasked != 11 {
			t.Errorf("GitHub was asked %d times, %d repositories were left out, %v", asked, list.Unasked, err)
		}
	})
}
