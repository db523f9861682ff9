//go:build services

package stories

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"context"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

const standard = `environments:
  production: { hold: agent_changes, need: high, rollback: allow }
  staging:    { hold: never }
`

const respondRoute = "POST /repos/*/deployment_protection_rule"

func TestADeploymentIsHeldApprovedAndLetGo(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.merge(s.Agent, true, s.Bo)
	run := s.deploy(s.Ana, "staging", "production")
	s.gate(run, "staging", "approved")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held: needs 1 approval from @acme/sre", "#1", "approved by")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
	s.ended(run, "success")
}

func TestADeploymentIsHeldApprovedAndRolledBack(t *testing.T) {
	t.Parallel()
	s := tell(t, strings.Replace(standard, "rollback: allow", "rollback: always", 1)+
		"workflows:\n  ship: { paths: [\".github/workflows/ship.yml\"], hold: cancel, need: high }\n")
	s.SRE.Add(s.Ana, "member")
	// What runs first is the whole branch, and nobody says whose it is: somebody
	// has to look at that once. Staging holds nothing.
	first := s.deploy(s.Ana, "staging", "production")
	sha := first.View().SHA
	s.says(first, "production", "Held: needs 1 approval", "the first to reach production")
	s.press(first, "production", "Approve", s.Bo)
	s.ended(first, "success")
	s.says(first, "staging", "Let go. The run has ended (success)")
	s.says(first, "production", "Let go, approved by @bo. The run has ended (success)")

	pull := s.merge(s.Agent, true, s.Bo)
	run := s.deploy(s.Ana, "staging", "production")
	sha2 := run.View().SHA
	s.says(run, "production", "Held: needs 1 approval from @acme/sre", fmt.Sprint("#", pull.Number))
	s.press(run, "production", "Approve", s.Ana) // she merged it, and started the run
	s.says(run, "production", "Held", "Did not count")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
	s.says(run, "production", "Let go, approved by @bo")

	// Back to what was approved there and ran there: no new approval.
	back := s.run(actions.RunSpec{SHA: sha, Jobs: jobs("success", "PRODUCTION")})
	s.says(back, "production", "Let go. The run has ended (success)", "that does not undo this")
	s.ended(back, "success")
	// Forward again is no going back.
	again := s.run(actions.RunSpec{SHA: sha2, Jobs: jobs("success", "production")})
	s.says(again, "production", "Held: needs 1 approval")
	s.press(again, "production", "Deny", s.Bo)
	s.ended(again, "failure")
	s.says(again, "production", "Denied by @bo")
}

// TestQuestionsWithoutTheirOptionalFields leaves out all that GitHub's
// description calls optional, but for the callback that names the run.
func TestQuestionsWithoutTheirOptionalFields(t *testing.T) {
	t.Parallel()
	for _, omit := range [][]string{
		{"environment"}, {"event"}, {"deployment"}, {"pull_requests"}, {"event", "deployment", "pull_requests"},
		{"environment", "event", "pull_requests"},
	} {
		t.Run(strings.Join(omit, " "), func(t *testing.T) {
			s := tell(t, standard)
			s.hub.SetAsking(actions.Asking{Omit: omit})
			run := s.deploy(s.Ana, "Production")
			s.gate(run, "production", "pending")
			s.says(run, "production", "Held", "the first to reach")
			s.press(run, "production", "Approve", s.Bo)
			s.gate(run, "production", "approved")
			s.ended(run, "success")
			s.pass(day)
		})
	}
}

// TestAQuestionWithoutARunIsFoundByTheComparison: it cannot be answered by what
// it says, and GitHub goes on waiting.
func TestAQuestionWithoutARunIsFoundByTheComparison(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	s.hub.SetAsking(actions.Asking{Omit: []string{"deployment_callback_url"}})
	remove := s.hub.InjectHook(faults.HookFault{Event: "deployment_status", Kind: faults.Drop})
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	remove()
	s.restart()
	s.await(func() bool { return s.Check(run.View().SHA, toProduction).Title != "" })
	s.settle()
	s.says(run, "production", "Held")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
}

const toProduction = "gatehold: deploy to production"

func TestAMissedQuestionIsFoundByTheComparison(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	remove := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop})
	run := s.deploy(s.Ana, "production")
	remove()
	s.restart()
	s.await(func() bool { return s.Check(run.View().SHA, toProduction).Title != "" })
	s.settle()
	s.says(run, "production", "Held")
	s.press(run, "production", "Deny", s.Bo)
	s.gate(run, "production", "rejected")
	s.ended(run, "failure")
}

// TestEarlyAnswersAreRepeated: GitHub asks before it takes an answer.
func TestEarlyAnswersAreRepeated(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.hub.SetAsking(actions.Asking{EarlyTimes: 3})
	run := s.deploy(s.Ana, "staging")
	s.gate(run, "staging", "pending")
	s.pass(time.Minute)
	s.gate(run, "staging", "approved")
	s.hub.SetAsking(actions.Asking{EarlyFor: 10 * time.Minute})
	run = s.deploy(s.Ana, "staging")
	s.pass(9 * time.Minute)
	s.gate(run, "staging", "pending")
	s.pass(12 * time.Minute) // the wait between two tries grows to ten minutes
	s.gate(run, "staging", "approved")
	// What is waited for is said as soon as GitHub takes it.
	s.merge(s.Agent, true, s.Bo)
	s.hub.SetAsking(actions.Asking{EarlyTimes: 2})
	run = s.deploy(s.Ana, "production")
	s.pass(time.Minute)
	if g := s.gate(run, "production", "pending"); len(g.Reports) == 0 || !strings.Contains(g.Reports[0], "Held") {
		t.Errorf("the page of the run does not say what is waited for: %q", g.Reports)
	}
}

// TestAnEarlyAnswerIsRepeatedAfterARestart.
func TestAnEarlyAnswerIsRepeatedAfterARestart(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	s.hub.SetAsking(actions.Asking{EarlyTimes: 1})
	run := s.deploy(s.Ana, "staging")
	s.gate(run, "staging", "pending")
	s.restart()
	s.pass(time.Minute)
	s.gate(run, "staging", "approved")
}

// TestALateAnswerIsNoAnswer: the run was cancelled between the question and the
// approval, of which no event told.
func TestALateAnswerIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.deploy(s.Ana, "production")
	remove := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop, Event: "workflow_run"})
	remove2 := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop, Event: "deployment_status"})
	s.must(s.hub.CancelRun(run, true))
	s.hub.ResetCounts()
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "gone")
	if n := s.answers(); len(n) > 0 {
		t.Errorf("a run that is over was answered: %v", n)
	}
	s.says(run, "production", "The run has ended (cancelled)")
	remove()
	remove2()
}

// TestAnotherAttemptIsNotAnsweredByWhatWasApproved: the run was cancelled and
// started again, of which no event told, and only then somebody approves.
func TestAnotherAttemptIsNotAnsweredByWhatWasApproved(t *testing.T) {
	t.Parallel()
	for _, omit := range [][]string{nil, {"deployment"}} { // with a gate for each deployment, and with one for all
		s := tell(t, standard)
		s.hub.SetAsking(actions.Asking{Omit: omit})
		run := s.deploy(s.Ana, "production")
		remove := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop})
		s.must(s.hub.CancelRun(run, true))
		s.must(s.hub.Rerun(run, s.Cy))
		remove()
		s.press(run, "production", "Approve", s.Bo)
		s.gate(run, "production", "pending")
		s.restart()
		s.compared()
		s.says(run, "production", "Held", "attempt 2")
		s.gate(run, "production", "pending")
		s.press(run, "production", "Approve", s.Cy) // she started this attempt
		s.gate(run, "production", "pending")
		s.press(run, "production", "Approve", s.Bo)
		s.gate(run, "production", "approved")
		s.ended(run, "success")
	}
}

// TestAnAgentsRerunIsJudgedAnew: what was cancelled while it waited is an agent's
// when an agent starts it again.
func TestAnAgentsRerunIsJudgedAnew(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.merge(s.Agent, true, s.Bo)
	run := s.deploy(s.Ana, "production")
	s.says(run, "production", "Held", "attempt 1")
	s.must(s.hub.CancelRun(run, true))
	s.settle()
	s.says(run, "production", "Over")
	s.must(s.hub.Rerun(run, s.Agent))
	s.settle()
	s.says(run, "production", "Held: needs 1 approval", "attempt 2")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
}

// TestALostAnswerIsNotGivenTwice: GitHub has heard it, and nobody knows.
func TestALostAnswerIsNotGivenTwice(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		s := tell(t, standard)
		run := s.long(s.Ana, "production")
		s.hub.ResetCounts()
		lost := s.hub.Inject(faults.Fault{Route: respondRoute, Kind: faults.LostAnswer, Times: 1})
		s.press(run, "production", "Approve", s.Bo)
		if again {
			s.restart()
		}
		s.pass(time.Hour)
		s.gate(run, "production", "approved")
		state := s.state(s.subject(run, "production"))
		if lost.Hits() != 1 || state.Answered() != gate.Approved {
			t.Errorf("struck %d times; on record is %q", lost.Hits(), state.Answered())
		}
		if n := s.answers(); n[0] != 1 || n[http.StatusUnprocessableEntity]+n[http.StatusNoContent] != 0 {
			t.Errorf("answers: %v", n)
		}
		s.must(s.hub.FinishJob(run, "to production 0", "success"))
		s.settle()
		if a := s.environment(gate.Subject{Kind: gate.Environment, Repo: state.Subject.Repo,
			Environment: "production"}).Last(); a == nil || a.Gate == "" || !a.Approved {
			t.Errorf("the arrival is %+v", a)
		}
	}
}

// cut is a ledger that takes no record of a kind while it is told to.
type cut struct {
	ledger.Store
	mu   sync.Mutex
	kind string
}

func (c *cut) refuse(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kind = kind
}

func (c *cut) Append(ctx context.Context, b ledger.Batch) error {
	c.mu.Lock()
	kind := c.kind
	c.mu.Unlock()
	for _, r := range b.Records {
		if r.Kind == kind {
			return context.DeadlineExceeded
		}
	}
	return c.Store.Append(ctx, b)
}

// TestARestartBetweenSayingAndNoting: GitHub was told, or was just about to be,
// and the ledger does not have it.
func TestARestartBetweenSayingAndNoting(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"replying", "replied"} {
		s := tell(t, standard)
		var stubborn *cut // another one for each process: a delivery under way still reads the last
		s.wrap = func(l ledger.Store) ledger.Store {
			stubborn = &cut{Store: l}
			return stubborn
		}
		s.restart()
		run := s.long(s.Ana, "production")
		s.hub.ResetCounts()
		stubborn.refuse(kind)
		s.must(s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo))
		s.await(func() bool { return s.said.count("a beat failed") > 0 })
		s.restart()
		s.pass(time.Hour)
		s.gate(run, "production", "approved")
		if state := s.state(s.subject(run, "production")); state.Answered() != gate.Approved {
			t.Errorf("%s: on record is %q", kind, state.Answered())
		}
		if n := s.answers(); n[http.StatusNoContent] != 1 || n[http.StatusUnprocessableEntity] != 0 {
			t.Errorf("%s: answers: %v", kind, n)
		}
	}
}

// TestCommentsAreFewAndShort: GitHub takes ten, of 1,024 characters.
func TestCommentsAreFewAndShort(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.merge(s.Agent, true)
	run := s.long(s.Ana, "production")
	first := s.gate(run, "production", "pending").Reports
	if len(first) != 1 || !strings.Contains(first[0], "Held") || !strings.Contains(first[0], "1 approval from `@acme/sre`") ||
		!strings.Contains(first[0], toProduction) {
		t.Errorf("the page of the run says %q", first)
	}
	for i := range 15 {
		s.press(run, "production", "Approve", []*fakehub.Account{s.Ana, s.Di}[i%2]) // who may not
		s.rules(standard + "# " + strings.Repeat("x", i) + "\n")
	}
	reports := s.gate(run, "production", "pending").Reports
	if len(reports) > 9 {
		t.Errorf("%d comments leave no room for the answer", len(reports))
	}
	s.press(run, "production", "Deny", s.Bo)
	g := s.gate(run, "production", "rejected")
	for _, text := range append(reports, g.Comment) {
		if n := utf8.RuneCountInString(text); n > 1024 || n == 0 {
			t.Errorf("a comment of %d characters: %q", n, text)
		}
	}
	if !strings.Contains(g.Comment, "Denied by `@bo`") {
		t.Errorf("the answer says %q", g.Comment)
	}
}

func TestADenialRejects(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Deny", s.Cy)
	s.gate(run, "production", "rejected")
	s.ended(run, "failure")
	s.says(run, "production", "Denied by @cy")
}

// TestWhatNobodyAnswersIsRejected, in good time before GitHub gives up.
func TestWhatNobodyAnswersIsRejected(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.deploy(s.Ana, "production")
	asked := s.gate(run, "production", "pending").Asked
	s.pass(27*day + 23*time.Hour)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Hour)
	g := s.gate(run, "production", "rejected")
	if after := g.Answered.Sub(asked); after < 28*day || after > 29*day {
		t.Errorf("rejected after %s", after)
	}
	if !strings.Contains(g.Comment, "Nobody released it within 28 days") {
		t.Errorf("it says %q", g.Comment)
	}
	s.ended(run, "failure")
	s.says(run, "production", "Rejected")
	if s := s.state(s.subject(run, "production")); !s.Done {
		t.Error("the gate stays open")
	}
}

// TestWhatCannotBeJudgedIsRejectedInTheEnd: GitHub's answers about what goes
// out fail for weeks.
func TestWhatCannotBeJudgedIsRejectedInTheEnd(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	fault := s.hub.Inject(faults.Fault{Route: "GET /repos/{owner}/{repo}/git/trees/*", Kind: faults.Status, Code: 502})
	run := s.deploy(s.Ana, "production")
	s.pass(time.Hour)
	s.gate(run, "production", "pending")
	s.says(run, "production", "") // it says why it waits
	s.clock.set(s.clock.now().Add(28 * day))
	s.pass(time.Hour)
	s.gate(run, "production", "rejected")
	s.ended(run, "failure")
	fault.Remove()
}
