//go:build services

package stories

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

// month is forty repositories in which people and agents merge and deploy for
// thirty days, by a script that a seed draws, while GitHub and the network fail.
type month struct {
	*rig
	monthWorld
	rand                          *rand.Rand
	inst                          *fakehub.Installation
	ana, eve, bo, cy, di, root    *fakehub.Account
	agent                         *fakehub.Account
	shops                         []*shopOf
	done                          map[string]int
	faults                        []*faults.Injected
	hooks                         []func()
	weather                       func() // ends what the last event of its kind began
	presses                       map[press]bool
	deploys, approved, unapproved int
	most                          int // runs that were under way at once where the rules let one go
}

// shopOf is one repository with the truth about its default branch.
type shopOf struct {
	*fakehub.Repo
	hold                   map[string]string // by environment in small letters: what its rules hold
	inherit                bool
	observe                bool
	frozen                 bool
	one                    bool // its rules let one run at a time go to production
	trunk                  string
	abroad, archived, gone bool
	rules                  string
	line                   []step // the tips that the default branch had
	n                      int
}

// step is a tip of the default branch, and whether an agent had made what came.
type step struct {
	sha   string
	agent bool
}

// press is somebody's yes, as the script had it pressed.
type press struct {
	repo      int64
	sha, name string
	by        string
}

const (
	repositories = 40
	monthLong    = 30 * day
)

// Of the six environments nobody protects two; the rules hold nothing in a third.
var environmentNames = []string{"dev", "preview", "staging", "QA", "Production", "backups/eu"}

func isProtected(name string) bool { return name != "dev" && name != "preview" }

// Without more it plays the same month each time, so that what is red is red by a
// change; MONTH_SEED and MONTH_EVENTS play others, and longer ones.
func TestASimulatedMonth(t *testing.T) {
	t.Parallel()
	events, seed := 500, uint64(1)
	if raced {
		events = 150
	}
	if n, err := strconv.Atoi(os.Getenv("MONTH_EVENTS")); err == nil && n > 0 {
		events = n
	}
	if n, err := strconv.ParseUint(os.Getenv("MONTH_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("MONTH_SEED=%d MONTH_EVENTS=%d", seed, events)
	began := time.Now()
	m := newMonth(t, seed)
	m.fail()
	step := monthLong / time.Duration(events)
	for range events {
		m.clock.set(m.clock.now().Add(time.Duration(m.rand.Float64() * 2 * float64(step))))
		m.hub.Tick()
		m.goesOn(false)
		m.event()
		if m.rand.IntN(4) > 0 { // else what follows comes in the midst of it
			m.drain(60 * time.Millisecond)
		}
		m.oneAtATime()
	}
	scripted := time.Since(began)
	m.rest()
	m.judge()
	t.Logf("%d events, %d deployments: %d let go on people's yes, %d without, %d at once; %d requests; the script "+
		"took %s, all of it %s; events: %v",
		events, m.deploys, m.approved, m.unapproved, m.most, m.hub.Total(), scripted.Round(time.Second),
		time.Since(began).Round(time.Second), m.done)
	if m.unapproved == 0 || events >= 400 && (m.approved == 0 || m.done["denied"] == 0 || m.done["bypassed"] == 0) {
		t.Error("the month was too quiet to show anything")
	}
}

func newMonth(t *testing.T, seed uint64) *month {
	m := &month{
		rig:  newRig(t, fakehub.Options{RESTQuota: -1, GraphQLQuota: -1, Concurrency: -1, Seed: seed, KeepDeliveries: 100_000}),
		rand: rand.New(rand.NewPCG(seed, 5)), done: map[string]int{}, presses: map[press]bool{},
	}
	h := m.hub
	acme := h.CreateOrg("acme")
	m.monthWorld = monthWorld{acme: acme, umbrella: h.CreateOrg("umbrella"), sre: acme.CreateTeam("sre", nil),
		incident: acme.CreateTeam("incident", nil), approvers: map[string]bool{"bo": true, "cy": true, "di": true},
		glass: []string{"di"}, deleted: map[int64]*shopOf{}}
	for login, into := range map[string]**fakehub.Account{"ana": &m.ana, "eve": &m.eve, "bo": &m.bo, "cy": &m.cy, "di": &m.di,
		"root": &m.root} {
		*into = h.CreateUser(login)
		role := "member"
		if login == "root" {
			role = "admin"
		}
		acme.AddMember(*into, role)
	}
	m.agent = h.CreateKnownBot("devin-ai-integration", 158243242)
	m.sre.Add(m.bo, "member")
	m.sre.Add(m.cy, "member")
	m.incident.Add(m.di, "member")
	for i := range repositories {
		m.shops = append(m.shops, m.newShop(acme, i, fmt.Sprintf("shop-%02d", i)))
	}
	m.inst = m.app.Install(acme)
	m.app.Install(m.umbrella)
	m.start()
	m.comparedAll()
	return m
}

func (m *month) newShop(acme *fakehub.Org, i int, name string) *shopOf {
	s := &shopOf{trunk: "main", hold: map[string]string{"staging": "never", "qa": "agent_changes", "production": "agent_changes", "backups/eu": "always"}}
	s.observe, s.inherit = i%10 == 9, i%4 == 1
	mode, production := "enforce", "hold: agent_changes, need: high, rollback: "+[]string{"allow", "always", "never"}[i%3]
	if s.observe {
		mode = "observe"
	}
	if s.inherit {
		production += ", inherit: approved"
	}
	if i%5 == 2 {
		production += ", after: staging, healthy: 30m"
	}
	if i%6 == 3 {
		production += ", concurrent: 1"
		s.one = !s.observe
	}
	if i%7 == 4 {
		production += ", wait: 1h"
	}
	s.rules = strings.Replace(needs, "mode: enforce", "mode: "+mode, 1) + fmt.Sprintf(`environments:
  staging: { hold: never }
  qa: { hold: agent_changes }
  production: { %s }
  backups/eu: { hold: always, need: { approvals: 2, from: ["@acme/sre"] } }
break_glass: { from: ["@acme/incident"], via: [button] }
`, production)
	s.Repo = acme.CreateRepo(name,
		fakehub.Files{"README.md": "# Shop\n", ".github/gatehold.yml": s.rules, deployFile: deployText})
	for _, name := range environmentNames {
		if e := m.hub.CreateEnvironment(s.Repo, name); isProtected(name) {
			e.Protect(m.app, true)
		}
	}
	s.line = []step{{sha: s.Tip("main")}}
	return s
}

func (m *month) comparedAll() {
	m.Helper()
	m.await(func() bool {
		return !slices.ContainsFunc(m.shops, func(s *shopOf) bool { return !s.archived && m.keeper.Repos.Compared(s.ID).IsZero() })
	})
}

// fail has GitHub and the network fail from now on.
func (m *month) fail() {
	for _, f := range []faults.Fault{
		// Missed deliveries are looked for at each start and every minute, of which
		// the script has none: that look finds GitHub well.
		{Route: "*/app/hook/deliveries*", Kind: faults.Slow},
		{Kind: faults.Status, Code: 502, Probability: 0.03},
		{Kind: faults.SecondaryLimit, RetryAfter: time.Minute, Probability: 0.004},
		{Kind: faults.LostAnswer, Probability: 0.01},
		{Route: respondRoute, Kind: faults.LostAnswer, Probability: 0.1},
		{Route: respondRoute, Kind: faults.LostRequest, Probability: 0.1},
		{Kind: faults.Malformed, Probability: 0.005},
	} {
		m.faults = append(m.faults, m.hub.Inject(f))
	}
	for _, f := range []faults.HookFault{
		{Event: "deployment_protection_rule", Kind: faults.Drop, Probability: 0.05},
		{Event: "workflow_run", Kind: faults.Drop, Probability: 0.05},
		{Event: "pull_request", Kind: faults.Drop, Probability: 0.02},
		{Event: "deployment_status", Kind: faults.Drop, Probability: 0.05},
		{Kind: faults.Duplicate, Probability: 0.05},
		{Kind: faults.Delay, Probability: 0.1, Delay: 60 * time.Millisecond},
	} {
		m.hooks = append(m.hooks, m.hub.InjectHook(f))
	}
	m.hub.SetAsking(actions.Asking{EarlyTimes: 1})
}

// calm ends all that fails.
func (m *month) calm() {
	for _, f := range m.faults {
		f.Remove()
	}
	for _, remove := range m.hooks {
		remove()
	}
	if m.weather != nil {
		m.weather()
	}
	m.faults, m.hooks, m.weather = nil, nil, nil
	m.hub.SetAsking(actions.Asking{})
}

// drain waits until nothing is due, or for a moment.
func (m *month) drain(most time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if m.hub.Settle(ctx) == nil && m.settled() {
				return
			}
		}
	}
}

// event is one thing that somebody does.
func (m *month) event() {
	s := m.shops[m.rand.IntN(len(m.shops))]
	if m.rand.IntN(3) == 0 { // some are busier than others
		s = m.shops[m.rand.IntN(6)]
	}
	var what string
	n := m.rand.IntN(105)
	if s.archived { // nothing can be done to it
		n = 99
	}
	switch {
	case n < 18:
		what = m.merge(s)
	case n < 22:
		what = m.direct(s)
	case n < 48:
		what = m.deploy(s)
	case n < 54:
		what = m.rollback(s)
	case n < 80:
		what = m.answer()
	case n < 86:
		what = m.control(s)
	case n < 92:
		what = m.finish(s)
	case n < 93:
		what = m.bypass()
	case n < 94:
		what = m.otherTool(s)
	case n < 95:
		what = m.freeze(s)
	case n < 98:
		what = m.trouble(s)
	case n < 100:
		m.restart()
		what = "restarted"
	default:
		what = m.world(s)
	}
	m.done[what]++
}

func (m *month) maker() (by *fakehub.Account, agent bool) {
	by = []*fakehub.Account{m.ana, m.eve, m.agent, m.agent}[m.rand.IntN(4)]
	return by, by == m.agent
}

func (m *month) files(s *shopOf) fakehub.Files {
	s.n++
	if m.rand.IntN(3) == 0 {
		return fakehub.Files{fmt.Sprintf("db/migrations/%04d_drop.sql", s.n): fmt.Sprintf("DROP TABLE orders_%d;\n", s.n)}
	}
	return fakehub.Files{fmt.Sprintf("docs/%d.md", s.n): fmt.Sprintf("# Page %d\n", s.n)}
}

func (m *month) merge(s *shopOf) string {
	by, agent := m.maker()
	pull, err := s.OpenPull(fakehub.NewPull{Author: by, Title: fmt.Sprintf("Change %d", s.n), Files: m.files(s)})
	m.must(err)
	if m.rand.IntN(2) == 0 {
		m.drain(150 * time.Millisecond)
		for _, r := range s.CheckRuns(pull.HeadSHA()) {
			if r.Name == gate.CheckName {
				_ = m.hub.Press(r.ID, "Approve", m.bo) // where nothing is held there is no button
			}
		}
		m.drain(100 * time.Millisecond)
	}
	if m.rand.IntN(10) == 0 {
		_, err := pull.Push(m.files(s))
		m.must(err)
	}
	in := pull.Merge
	if m.rand.IntN(3) == 0 {
		in = pull.Squash
	}
	sha, err := in(m.ana)
	m.must(err)
	s.line = append(s.line, step{sha, agent})
	return "merged"
}

func (m *month) direct(s *shopOf) string {
	by, agent := m.maker()
	sha, err := s.Commit(s.trunk, fakehub.NewCommit{Author: by, Message: "Directly", Files: m.files(s)})
	m.must(err)
	s.line = append(s.line, step{sha, agent})
	return "committed"
}

func (m *month) starter() *fakehub.Account {
	return []*fakehub.Account{m.ana, m.eve, m.eve, m.agent}[m.rand.IntN(4)]
}

func (m *month) run(s *shopOf, sha string) {
	first := m.rand.IntN(len(environmentNames))
	names := environmentNames[first:min(len(environmentNames), first+1+m.rand.IntN(3))]
	list := jobs("success", names...)
	for i := range list {
		list[i].Ends = []string{"success", "success", "failure", "", ""}[m.rand.IntN(5)]
	}
	_, err := m.hub.StartRun(s.Repo, actions.RunSpec{Actor: m.starter(), SHA: sha, Jobs: list,
		Event: []string{"workflow_dispatch", "push", "schedule"}[m.rand.IntN(3)]})
	m.must(err)
}

func (m *month) deploy(s *shopOf) string {
	m.run(s, s.line[len(s.line)-1].sha)
	return "deployed"
}

func (m *month) rollback(s *shopOf) string {
	m.run(s, s.line[m.rand.IntN(len(s.line))].sha)
	return "deployed an older one"
}

// waiting lists the deployments that wait for an answer.
func (m *month) waiting() (out []actions.Deployment, of []*shopOf) {
	for _, s := range m.shops {
		if s.archived {
			continue
		}
		for _, d := range m.hub.Deployments(s.Repo, "") {
			if len(d.Gates) == 1 && d.Gates[0].State == "pending" {
				out, of = append(out, d), append(of, s)
			}
		}
	}
	return out, of
}

func (m *month) answer() string {
	open, of := m.waiting()
	if len(open) == 0 {
		return "nothing to answer"
	}
	i := m.rand.IntN(len(open))
	d, s := open[i], of[i]
	by := []*fakehub.Account{m.bo, m.bo, m.cy, m.cy, m.di, m.ana}[m.rand.IntN(6)]
	button := []string{"Approve", "Approve", "Approve", "Approve", "Deny", "Break glass"}[m.rand.IntN(6)]
	if button == "Break glass" {
		by = m.di
	}
	name := gate.DeployCheck(d.Environment)
	var newest fakehub.CheckRun
	for _, r := range s.CheckRuns(d.SHA) {
		if r.Name == name && r.ID > newest.ID {
			newest = r
		}
	}
	if newest.ID == 0 || m.hub.Press(newest.ID, button, by) != nil {
		return "no button"
	}
	if button != "Deny" {
		m.presses[press{s.ID, d.SHA, name, by.Login}] = true
		return "approved"
	}
	return "denied"
}

func (m *month) someRun(s *shopOf, ok func(actions.Run) bool) *actions.WorkflowRun {
	runs := slices.DeleteFunc(m.hub.Runs(s.Repo), func(r *actions.WorkflowRun) bool { return !ok(r.View()) })
	if len(runs) == 0 {
		return nil
	}
	return runs[m.rand.IntN(len(runs))]
}

// control cancels a run that goes on, or starts one that is over again.
func (m *month) control(s *shopOf) string {
	if m.rand.IntN(2) == 0 {
		if run := m.someRun(s, func(r actions.Run) bool { return r.Conclusion == "" }); run != nil {
			m.must(m.hub.CancelRun(run, true))
			return "cancelled"
		}
	}
	run := m.someRun(s, func(r actions.Run) bool { return r.Conclusion != "" })
	if run == nil {
		return "nothing to start again"
	}
	m.must(m.hub.Rerun(run, m.starter()))
	return "started again"
}

func (m *month) finish(s *shopOf) string {
	run := m.someRun(s, func(r actions.Run) bool {
		return slices.ContainsFunc(r.Jobs, func(j actions.Job) bool { return j.Status == "in_progress" })
	})
	if run == nil {
		return "nothing to finish"
	}
	m.finishJobs(run, []string{"success", "success", "failure"}[m.rand.IntN(3)])
	return "finished"
}

func (m *month) finishJobs(run *actions.WorkflowRun, conclusion string) {
	for _, j := range run.View().Jobs {
		if j.Status == "in_progress" {
			_ = m.hub.FinishJob(run, j.Name, conclusion) // it may have ended meanwhile
		}
	}
}

func (m *month) bypass() string {
	open, of := m.waiting()
	if len(open) == 0 {
		return "nothing to bypass"
	}
	i := m.rand.IntN(len(open))
	for _, run := range m.hub.Runs(of[i].Repo) {
		if run.ID == open[i].RunID && m.hub.StartWaiting(run, open[i].Environment, m.root) == nil {
			return "bypassed"
		}
	}
	return "nothing to bypass"
}

func (m *month) otherTool(s *shopOf) string {
	_, err := m.hub.Deploy(s.Repo, actions.NewDeployment{By: m.agent, Environment: environmentNames[m.rand.IntN(len(environmentNames))],
		SHA: s.line[m.rand.IntN(len(s.line))].sha, States: []string{"in_progress", []string{"success", "failure"}[m.rand.IntN(2)]}})
	m.must(err)
	return "deployed by another tool"
}

// trouble is what happens to GitHub, and to what a repository is called, beside all
// that fails by chance: answers that are behind, webhooks that come late or twice,
// a press that somebody caught and sends again.
func (m *month) trouble(s *shopOf) string {
	switch m.rand.IntN(4) {
	case 0:
		m.must(s.Rename(fmt.Sprintf("shop-of-%d-%d", s.ID, s.n), m.root))
		s.n++
		return "renamed"
	case 1:
		if caught := m.hub.DeliveriesOf("check_run", "requested_action"); len(caught) > 0 {
			_, _, _ = m.hub.Replay(caught[m.rand.IntN(len(caught))].ID) // it may be refused
			return "replayed"
		}
	}
	if m.weather != nil {
		m.weather()
	}
	_, m.weather = m.hub.Weather(m.rand)
	return "weather"
}

// freeze begins a freeze of two days in production, or takes it back.
func (m *month) freeze(s *shopOf) string {
	text := s.rules
	if s.frozen = !s.frozen; s.frozen {
		now := m.clock.now()
		text = strings.Replace(text, "production: { ",
			fmt.Sprintf("production: { freeze: [{ from: %s, until: %s, except: [\"@acme/incident\"] }], ",
				now.Format(time.RFC3339), now.Add(2*day).Format(time.RFC3339)), 1)
	}
	sha, err := s.Commit(s.trunk, fakehub.NewCommit{Author: m.ana, Message: "Change the rules",
		Files: fakehub.Files{".github/gatehold.yml": text}})
	m.must(err)
	s.line = append(s.line, step{sha: sha})
	return "rules changed"
}

// rest ends all that fails, and lets time go by until nothing is left to do.
func (m *month) rest() {
	m.Helper()
	m.goesOn(true)
	m.calm()
	forward := func(d time.Duration) {
		m.Helper()
		for _, later := range []time.Duration{d, 10 * time.Second, time.Minute} { // what was refused at first is tried again
			m.clock.set(m.clock.now().Add(later))
			m.hub.Tick()
			m.settle()
		}
		for _, s := range m.shops {
			for _, run := range m.hub.Runs(s.Repo) {
				m.finishJobs(run, "success")
			}
		}
		m.settle()
	}
	for range 6 {
		forward(15 * time.Minute)
	}
	m.restart()
	m.comparedAll()
	forward(time.Hour)
	for range 16 {
		forward(2 * day)
	}
	m.restart()
	m.comparedAll()
	for range 6 {
		forward(15 * time.Minute)
	}
}
