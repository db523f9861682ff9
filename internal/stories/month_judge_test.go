//go:build services

package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
)

// judge holds the ledger against GitHub, deployment by deployment.
func (m *month) judge() {
	m.Helper()
	m.told = m.toldOf()
	for _, s := range m.shops {
		for _, d := range m.hub.Deployments(s.Repo, "") {
			if d.RunID == 0 {
				m.said1(s, d)
				continue
			}
			m.deploys++
			ran := slices.Contains(d.States, "in_progress")
			if len(d.Gates) == 0 {
				if isProtected(d.Environment) && !m.unheard(d.Created) {
					m.Errorf("%s: nobody asked about deployment %d to %s", s.Name, d.ID, d.Environment)
				}
				continue
			}
			m.agree(s, d, ran)
		}
		for _, run := range m.hub.Runs(s.Repo) {
			if v := run.View(); v.Conclusion == "" {
				m.Errorf("%s: run %d goes on at the end: %+v", s.Name, run.ID, v)
			}
		}
	}
	m.nothingOpen()
}

// oneAtATime holds what is under way against the rules that let one run go at a
// time, but for what was let go at once.
func (m *month) oneAtATime() {
	m.Helper()
	for _, s := range m.shops {
		going := map[int64]bool{}
		for _, d := range m.hub.Deployments(s.Repo, "production") {
			glass := slices.ContainsFunc(m.glass, func(login string) bool {
				return m.presses[press{s.ID, d.SHA, gate.DeployCheck(d.Environment), login}]
			})
			if s.one && d.State == "in_progress" && len(d.Gates) == 1 && d.Gates[0].State == "approved" && !glass {
				going[d.RunID] = true
			}
		}
		m.most = max(m.most, len(going))
		if len(going) > 1 {
			m.Fatalf("%s: the runs %v go to production at once", s.Name, slices.Collect(maps.Keys(going)))
		}
	}
}

func (m *month) repo(s *shopOf) gate.Repo {
	return gate.Repo{Installation: m.inst.ID, ID: s.ID, Owner: "acme", Name: s.Name}
}

// agree says where our record of a deployment is not what GitHub has.
func (m *month) agree(s *shopOf, d actions.Deployment, ran bool) {
	m.Helper()
	g := d.Gates[0]
	subject := gate.Subject{Kind: gate.Deployment, Repo: m.repo(s), Run: d.RunID, DeploymentID: d.ID, Environment: d.Environment}
	state := m.state(subject)
	if state.Version == 0 { // found by comparing, and GitHub did not say then which one it is
		subject.DeploymentID = 0
		state = m.state(subject)
	}
	who := fmt.Sprintf("%s: deployment %d to %s, %s", s.Name, d.ID, d.Environment, subject.Stream())
	var answers []gate.Reply
	var by []string
	for _, r := range state.Deployment.Replied {
		if r.Reply != gate.Commented {
			answers, by = append(answers, r.Reply), r.By
		}
	}
	if len(slices.Compact(slices.Clone(answers))) > 1 {
		m.Errorf("%s: answers that disagree: %v", who, answers)
	}
	last := gate.Reply("")
	if len(answers) > 0 {
		last = answers[len(answers)-1]
	}
	switch g.State {
	case "approved", "rejected":
		if string(last) != g.State {
			m.Errorf("%s: GitHub has %s, and on record is %q\n%s", who, g.State, last, m.tales([]string{subject.Stream()}))
		}
	case "gone":
		if last != "" {
			m.Errorf("%s: it ended by itself, and on record is %q", who, last)
		}
	case "bypassed":
		// said, and lost on the way, before the administrator came
		begun := state.Deployment.Replying != nil && state.Deployment.Replying.Reply == last
		if last != "" && !begun {
			m.Errorf("%s: an administrator let it go, and on record is %q\n%s", who, last, m.tales([]string{subject.Stream()}))
		}
	default:
		m.Errorf("%s: GitHub's question of %s is %s\n%s", who, g.Asked.Format(time.DateTime), g.State, m.tales([]string{subject.Stream()}))
	}
	arrival := m.arrival(s, d)
	if d.State == "success" || d.State == "inactive" {
		switch {
		case arrival == nil:
			m.Errorf("%s: it succeeded, and nothing of it is on record\n%s", who, m.tales([]string{subject.Stream()}))
		case g.State == "approved" && arrival.Gate == "":
			m.Errorf("%s: it passed its gate, and on record is that it did not", who)
		// else it was about to be let go
		case g.State == "bypassed" && arrival.Gate != "" &&
			(state.Deployment.Replying == nil || state.Deployment.Replying.Reply != gate.Approved):
			m.Errorf("%s: it went past its gate, and on record is that it passed", who)
		}
	}
	if !ran || g.State == "bypassed" {
		return
	}
	if why := m.explain(s, d, state, by); why != "" {
		m.Errorf("%s: let go, and nothing explains it: %s, by %v\n%s", who, why, by, m.tales([]string{subject.Stream()}))
	}
}

// arrival is what is on record of a deployment's end.
func (m *month) arrival(s *shopOf, d actions.Deployment) *gate.Arrival {
	env := m.environment(gate.Subject{Kind: gate.Environment, Repo: m.repo(s), Environment: d.Environment})
	for i := range env.Arrivals {
		if env.Arrivals[i].DeploymentID == d.ID && !env.Arrivals[i].Failed {
			return &env.Arrivals[i]
		}
	}
	return nil
}

// said1: what another tool brought is on record as not having passed a gate, where
// GitHub told of it.
func (m *month) said1(s *shopOf, d actions.Deployment) {
	m.Helper()
	if !m.told[d.ID] {
		return
	}
	if a := m.arrival(s, d); a == nil || a.Gate != "" {
		m.Errorf("%s: another tool's deployment %d to %s is on record as %+v", s.Name, d.ID, d.Environment, a)
	}
}

// toldOf are the deployments, by their ids, of whose success a delivery told.
func (m *month) toldOf() map[int64]bool {
	out := map[int64]bool{}
	for _, d := range m.hub.DeliveriesOf("deployment_status", "created") {
		var says struct {
			Status struct {
				State string `json:"state"`
			} `json:"deployment_status"`
			Deployment struct {
				ID int64 `json:"id"`
			} `json:"deployment"`
		}
		m.must(json.Unmarshal(d.Payload, &says))
		if d.Code/100 == 2 && says.Status.State == "success" {
			out[says.Deployment.ID] = true
		}
	}
	return out
}

// explain says why nothing in the rules, nor anybody's yes, let a deployment go;
// empty where something did. It looks at what the script did, not at what the
// verdict says of it.
func (m *month) explain(s *shopOf, d actions.Deployment, state gate.State, by []string) string {
	v := state.Verdict
	if v == nil || v.Deploy == nil || v.Head != d.SHA {
		return "it was not judged"
	}
	if len(by) > 0 {
		m.approved++
		for _, login := range by {
			if !m.presses[press{s.ID, d.SHA, gate.DeployCheck(d.Environment), login}] {
				return "nobody pressed for @" + login
			}
			if !m.approvers[login] {
				return "@" + login + " may not"
			}
		}
		if fold(d.Environment) == "backups/eu" && !s.observe && len(by) < 2 && !slices.ContainsFunc(m.glass, func(login string) bool { return slices.Contains(by, login) }) {
			return "one yes is not two"
		}
		return ""
	}
	m.unapproved++
	hold := s.hold[fold(d.Environment)]
	switch {
	case s.observe || hold == "never":
		return ""
	case v.Deploy.Rollback:
		return m.wentBack(s, d)
	case hold == "always":
		return "every deployment is held there"
	case s.inherit && strings.HasPrefix(v.Reason, "Every agent"):
		for _, o := range v.Deploy.Outgoing {
			if o.Agent && (!o.Valid || len(o.ApprovedBy) == 0) {
				return fmt.Sprintf("nothing is inherited from #%d", o.Number)
			}
		}
		return m.byPeople(d)
	}
	return m.nothingOfAgents(s, d, v)
}

func fold(name string) string { return strings.ToLower(name) }

// wentBack: this very commit was approved for the environment, and ran there.
func (m *month) wentBack(s *shopOf, d actions.Deployment) string {
	if strings.Contains(s.rules, "rollback: never") {
		return "the rules let nothing go back"
	}
	for _, o := range m.hub.Deployments(s.Repo, d.Environment) {
		if o.SHA == d.SHA && o.ID != d.ID && slices.Contains(o.States, "success") && len(o.Gates) == 1 &&
			o.Gates[0].State == "approved" && !o.Gates[0].Answered.After(d.Gates[0].Answered) {
			return ""
		}
	}
	return "that commit never ran there"
}

// byPeople: no agent started this attempt.
func (m *month) byPeople(d actions.Deployment) string {
	if d.Creator == m.agent.Login {
		return "an agent started it"
	}
	return ""
}

// nothingOfAgents: from what had passed the gate before to this commit, no agent
// made anything.
func (m *month) nothingOfAgents(s *shopOf, d actions.Deployment, v *gate.Verdict) string {
	if v.Deploy.Base == "" {
		return "nobody knows what was there before"
	}
	at := func(sha string) int { return slices.IndexFunc(s.line, func(x step) bool { return x.sha == sha }) }
	from, to := at(v.Deploy.Base), at(d.SHA)
	if from < 0 || to < 0 {
		return "it is not on the default branch"
	}
	if !m.passed(s, d.Environment, v.Deploy.Base) {
		return "what it was judged from never passed its gate"
	}
	for _, x := range s.line[min(from, to)+1 : max(from, to)+1] {
		if x.agent {
			return "an agent's " + x.sha[:7] + " is in it"
		}
	}
	return m.byPeople(d)
}

// passed: a commit ran in an environment and had passed its gate, or a workflow run
// had brought it there before anything was held.
func (m *month) passed(s *shopOf, environment, sha string) bool {
	all := m.hub.Deployments(s.Repo, environment)
	first := int64(math.MaxInt64) // that met a gate
	for _, o := range all {
		if len(o.Gates) > 0 {
			first = min(first, o.ID)
		}
	}
	return slices.ContainsFunc(all, func(o actions.Deployment) bool {
		met := len(o.Gates) == 1 && o.Gates[0].State == "approved"
		before := len(o.Gates) == 0 && o.RunID != 0 && o.ID < first
		return o.SHA == sha && slices.Contains(o.States, "success") && (met || before)
	})
}

// nothingOpen: every run is over, and so is every gate of one.
func (m *month) nothingOpen() {
	m.Helper()
	lists := board.New(board.Config{Tail: m.log, Streams: m.keeper.Book, Now: m.clock.now})
	m.must(lists.Read(context.Background()))
	for _, g := range lists.Gates() {
		if g.Subject.Kind != gate.Deployment && g.Subject.Kind != gate.WorkflowRun {
			continue
		}
		if s := m.state(g.Subject); !s.Done && m.deleted[g.Subject.Repo.ID] == nil {
			m.Errorf("%s stays open: %s", g.Stream, m.tales([]string{g.Stream}))
		}
	}
	due, err := m.log.Due(context.Background(), shards(), m.clock.now(), 1000)
	due = slices.DeleteFunc(due, func(stream string) bool {
		id, _ := strconv.ParseInt(strings.Split(stream, "/")[1], 10, 64)
		return m.deleted[id] != nil
	})
	if err != nil || len(due) > 0 {
		m.Errorf("due at the end: %v %v", due, err)
	}
}
