package judge

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/words"
)

// departing is the work on what a run brings.
type departing struct {
	rules   *policy.Rules
	facts   *RunFacts
	parts   []part
	starter gate.Attribution
	change  change.Change
	jobs    []gate.Job
	loose   bool // something that the run can do waits for no environment
	j       *judgement
}

// newDeparting judges all that goes out as one change, together with what the run
// itself can do.
func newDeparting(r *policy.Rules, f *RunFacts, environment string) *departing {
	g := &departing{rules: r, facts: f, parts: parts(r, f), starter: startedBy(r, f.Run), change: f.Outgoing.Change}
	g.change.BaseRef = cmp.Or(g.change.BaseRef, f.Outgoing.Default)
	g.change.Head = cmp.Or(g.change.Head, f.Run.Head)
	g.change.Title, g.change.Body = "", "" // what a pull request says of itself says nothing of others
	all := []gate.Attribution{g.starter}
	for i := range g.parts {
		all = append(all, g.parts[i].by)
	}
	if environment != "" && g.change.Base == "" && len(g.parts) == 0 { // the whole branch goes out, and nobody says whose it is
		all = append(all, gate.Attribution{Is: true, Strength: gate.None, Presumed: true})
	}
	g.j = judge(r, &g.change, joined(all...), true)
	if f.Outgoing.Unrelated != "" {
		g.j.problems = append(g.j.problems, gate.Problem{Code: "history_unrelated",
			Text: "What goes out does not follow from what runs there: " +
				strings.TrimSuffix(redact.Quote(words.ClipTo(f.Outgoing.Unrelated, 300)), ".") +
				". Somebody has to look at what is lost and what comes."})
	}
	runs := readRun(r, f, environment)
	g.jobs, g.loose = runs.jobs, runs.loose()
	for _, o := range runs.seen {
		g.j.observe(o, nil)
	}
	return g
}

// verdict is what the machine of pull requests makes of it.
func (g *departing) verdict() gate.Verdict {
	v := g.j.verdict()
	v.FindingsDigest = "" // an approval is for this attempt, whatever was found in another
	return v
}

// contributors are those who cannot release it: who had a part in what an
// agent made, in what was never released before its merge, or, where everything
// is held, in anything that goes out; and who started the run by hand.
func (g *departing) contributors(everything bool) []gate.Contributor {
	var all participants
	run := g.facts.Run
	if byHand(run) || g.starter.Is {
		all.add(gate.Contributor{Login: run.Triggered.Login, ID: run.Triggered.ID, Role: "started the run"})
	}
	if run.Event == "workflow_dispatch" || run.Event == "repository_dispatch" || g.starter.Is {
		all.add(gate.Contributor{Login: run.Actor.Login, ID: run.Actor.ID, Role: "started the run at first"})
	}
	for i := range g.parts {
		p := &g.parts[i]
		if p.Agent || !p.Valid || everything {
			for _, c := range p.people {
				all.add(c)
			}
		}
	}
	return all.list
}

// maxOutgoing bounds how many parts a verdict shows. All are in its digest.
const maxOutgoing = 50

// deploy fills in what a deployment, or a run, is beside a change.
func (g *departing) deploy(v *gate.Verdict, d *Deployment) {
	f := g.facts
	v.Deploy = &gate.Deploy{
		Environment: d.Environment, Run: f.Run.ID, Attempt: f.Run.Attempt, Workflow: f.Run.Workflow, Trigger: f.Run.Event,
		Base: g.change.Base, BaseAt: d.BaseAt, First: g.change.Base == "" && d.Environment != "",
		Chain: f.Chain, Jobs: g.jobs,
	}
	for i := range g.parts {
		if i == maxOutgoing {
			v.Deploy.Omitted = len(g.parts) - i
			break
		}
		v.Deploy.Outgoing = append(v.Deploy.Outgoing, g.parts[i].Outgoing)
	}
	v.Deploy.Summary = g.summary(v, d)
}

// seal of a deployment or a run covers all parts, those that are not shown too.
func (g *departing) seal(v *gate.Verdict) {
	if v.Deploy.Omitted > 0 {
		h := sha256.New()
		h.Write([]byte(v.Beyond))
		for i := range g.parts {
			fact := g.parts[i].Outgoing.Fact()
			h.Write(binary.AppendUvarint(nil, uint64(len(fact))))
			h.Write(fact)
		}
		v.Beyond = hex.EncodeToString(h.Sum(nil))
	}
	g.j.seal(v)
}
