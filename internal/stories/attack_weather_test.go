//go:build services

package stories

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
)

// attacker is an agent with a token that may write to the repository. What went in
// of its work nobody has let go to production, and what it proposes nobody has
// approved: neither ever goes on, whatever it does and whatever GitHub is like.
type attacker struct {
	*story
	rand    *rand.Rand
	before  string          // the commit that was approved and runs there
	bad     map[string]bool // commits since
	held    *actions.WorkflowRun
	pull    *fakehub.Pull
	other   string // a branch that holds nothing
	weather func()
	tally   map[string]int
}

func TestAttacksInAnyWeather(t *testing.T) {
	t.Parallel()
	seeds, steps, first := 2, 25, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("ATTACK_SEEDS")); err == nil && n > 0 {
		seeds = n
	}
	if n, err := strconv.ParseUint(os.Getenv("ATTACK_SEED"), 10, 64); err == nil {
		first = n
	}
	for i := range seeds {
		seed := first + uint64(i)
		t.Run(fmt.Sprint("ATTACK_SEED=", seed), func(t *testing.T) {
			t.Parallel()
			a := newAttacker(t, seed)
			for range steps {
				a.move()
				if a.rand.IntN(2) == 0 {
					a.otherWeather()
				}
				if a.rand.IntN(2) == 0 { // else what follows comes in the midst of it
					a.pass(time.Duration(a.rand.IntN(900)) * time.Second)
				}
				a.nothingWent()
			}
			a.atLast()
			t.Log(a.tally)
		})
	}
}

func newAttacker(t testing.TB, seed uint64) *attacker {
	a := &attacker{story: begun(t, production, "production"), rand: rand.New(rand.NewPCG(seed, 3)), bad: map[string]bool{},
		weather: func() {}, tally: map[string]int{}}
	a.before = a.Shop.Tip("main")
	a.merge(a.Agent, true, a.Bo)
	a.bad[a.Shop.Tip("main")] = true
	a.held = a.deploy(a.Agent, "production")
	a.says(a.held, "production", "Held")
	a.pull = a.opened(a.Agent, "main", drops(50))
	a.other = "playground"
	a.must(a.Shop.SetBranch(a.other, a.before, a.Agent))
	a.settle()
	return a
}

func (a *attacker) otherWeather() {
	a.weather()
	var what string
	what, a.weather = a.hub.Weather(a.rand)
	a.tally[what[:4]]++
}

// move is one thing that it does.
func (a *attacker) move() {
	moves := []struct {
		name string
		do   func()
	}{
		{"says of a deployment that it succeeded", a.says1},
		{"invents a deployment", func() {
			_, err := a.hub.Deploy(a.Shop, actions.NewDeployment{By: a.Agent, SHA: a.tip(), States: []string{"success"}})
			a.must(err)
		}},
		{"deploys", func() { a.start(a.tip(), "workflow_dispatch") }},
		{"deploys from a tag", func() { a.start(a.tip(), "push") }},
		{"deploys from a branch", a.aside},
		{"cancels", func() { _ = a.hub.CancelRun(a.held, true) }},
		{"starts again", func() { _ = a.hub.Rerun(a.held, a.Agent) }},
		{"sends again what it caught", a.again},
		{"asks for a look", func() { _ = a.hub.Rerequest(a.Check(a.pull.HeadSHA(), gate.CheckName).ID, a.Agent) }},
		{"puts a label on", func() { a.pull.Label(fmt.Sprint("label-", a.rand.IntN(3)), a.Agent) }},
		{"has it go elsewhere and back", func() {
			a.must(a.pull.Retarget(a.other, a.Agent))
			a.must(a.pull.Retarget("main", a.Agent))
		}},
		{"closes it and opens it again", func() {
			a.pull.Close(a.Agent)
			a.must(a.pull.Reopen(a.Agent))
		}},
		{"pushes something harmless on top", func() {
			_, err := a.pull.Push(page(a.rand.IntN(1000)))
			a.must(err)
		}},
		{"merges more", func() {
			sha, err := a.Shop.Commit("main", fakehub.NewCommit{Author: a.Agent, Message: "More", Files: drops(100 + len(a.bad))})
			a.must(err)
			a.bad[sha] = true
		}},
	}
	m := moves[a.rand.IntN(len(moves))]
	a.tally[m.name]++
	m.do()
}

func (a *attacker) tip() string { return a.Shop.Tip("main") }

// says1 has a status written of some deployment to production.
func (a *attacker) says1() {
	all := a.hub.Deployments(a.Shop, "production")
	d := all[a.rand.IntN(len(all))]
	a.must(a.hub.SetDeployment(a.Shop, d.ID, []string{"success", "success", "failure"}[a.rand.IntN(3)], a.Agent))
}

func (a *attacker) start(sha, event string) {
	run, err := a.hub.StartRun(a.Shop, actions.RunSpec{Actor: a.Agent, SHA: sha, Event: event, Branch: "main",
		Jobs: jobs("success", []string{"production", "PRODUCTION"}[a.rand.IntN(2)])})
	a.must(err)
	a.held = run
}

// aside deploys a commit that is on no branch that anybody looks at.
func (a *attacker) aside() {
	sha, err := a.Shop.CommitOn(a.before, a.other, fakehub.NewCommit{Author: a.Agent, Message: "Aside", Files: drops(200 + len(a.bad))})
	a.must(err)
	a.bad[sha] = true
	a.start(sha, "push")
}

// again sends once more what GitHub has delivered: presses most of all.
func (a *attacker) again() {
	event := []string{"check_run", "check_run", "deployment_status", "workflow_run", "pull_request", ""}[a.rand.IntN(6)]
	if caught := a.hub.DeliveriesOf(event, ""); len(caught) > 0 {
		_, _, err := a.hub.Replay(caught[a.rand.IntN(len(caught))].ID)
		a.must(err)
	}
}

// nothingWent: nothing that it made is let go or passes.
func (a *attacker) nothingWent() {
	a.Helper()
	for _, d := range a.hub.Deployments(a.Shop, "production") {
		if d.RunID == 0 || !a.bad[d.SHA] {
			continue
		}
		if len(d.Gates) != 1 || d.Gates[0].State == "approved" {
			a.Fatalf("deployment %d of %.7s was let go: %+v; %v\n%s", d.ID, d.SHA, d, a.tally, a.text(d.SHA, gate.DeployCheck("production")))
		}
	}
	if a.green(a.pull) {
		a.Fatalf("its pull request passes; %v\n%s", a.tally, a.text(a.pull.HeadSHA(), gate.CheckName))
	}
}

// atLast: in good weather it is still so, and whoever may lets both go on.
func (a *attacker) atLast() {
	a.weather()
	a.pass(2 * time.Hour)
	a.restart()
	a.compared()
	a.pass(2 * time.Hour)
	a.nothingWent()
	a.approves(a.pull, a.Bo)
	run := a.deploy(a.Ana, "production")
	a.pass(10 * time.Minute)
	a.gate(run, "production", "pending")
	a.press(run, "production", "Approve", a.Bo)
	a.pass(10 * time.Minute)
	a.gate(run, "production", "approved")
}
