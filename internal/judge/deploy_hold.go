package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// held is what becomes of a deployment or a run: whether it waits, for what,
// and why.
type held struct {
	holds    bool
	need     *gate.Need
	reason   string       // where it passes, or why it waits
	final    gate.Problem // what no approval replaces; empty for nothing
	rollback bool         // it passes as one
	waits    bool         // there may be something to wait for, now or later
}

// apply writes the outcome into the verdict.
func (h held) apply(r *policy.Rules, v *gate.Verdict) {
	if h.final.Code != "" {
		h.holds, h.need = true, nil
		h.reason = "Held: " + h.final.Text
		v.Problems = append([]gate.Problem{h.final}, v.Problems...)
	}
	v.Held = h.holds && r.Mode() == rulesfile.Enforce
	v.WouldHold = h.holds && !v.Held
	v.Needs, v.BreakGlass = nil, nil
	if h.holds {
		v.Needs = h.need
	}
	if v.Held || h.waits && r.Mode() == rulesfile.Enforce {
		v.BreakGlass = r.BreakGlass().Need()
	}
	v.Reason = h.reason
	if v.WouldHold {
		v.Reason = "The rules only observe; enforced, it would be held" + strings.TrimPrefix(h.reason, "Held")
		if r.Builtin {
			v.Reason = "There is no rules file, and the built-in default only observes; enforced, it would be held" +
				strings.TrimPrefix(h.reason, "Held")
		}
	}
}

// needFor joins what a place asks for with what the risk asks for, and names
// the code owners in it. It is never nil: what is held can be released by
// somebody. It follows v.Contributors, and adds to v.Problems.
func (g *departing) needFor(v *gate.Verdict, own *gate.Need) *gate.Need {
	r := g.rules
	join := func(incomplete bool) *gate.Need {
		need := policy.Strictest(own, g.j.need(v.Level, incomplete), r.Needs[v.Level.Rank()])
		if need == nil {
			need = r.Incomplete
		}
		return need
	}
	need, problem := g.j.ownedNeed(join(len(v.Problems) > 0), v)
	if problem != nil && !slices.Contains(v.Problems, *problem) {
		v.Problems = append(v.Problems, *problem)
	}
	if problem != nil {
		need, _ = g.j.ownedNeed(join(true), v)
	}
	return need
}

// holdDeployment decides whether a deployment waits.
func holdDeployment(r *policy.Rules, v *gate.Verdict, d *Deployment, e policy.EnvironmentRules, g *departing) held {
	into := "`" + redact.Quote(words.Clip(d.Environment)) + "`"
	out := held{final: branchProblem(e, d.Run, into)}
	machine := v.Needs != nil || len(v.Problems) > 0
	v.Contributors = g.contributors(e.Hold == rulesfile.HoldAlways)
	need := g.needFor(v, e.Need)
	narrowed, ok := withChannels(need, e.Channels)
	back, why := g.rollback(d, e)
	v.Deploy.Rollback = back
	switch {
	case len(r.Problems) > 0: // what they would say of this environment is not known
		out.holds, out.need = true, &narrowed
		out.reason = sayHeld(v, &narrowed, false)
		return out
	case e.Hold == rulesfile.HoldNever:
		out.reason = "The rules hold nothing in " + into + "."
		return out
	case e.Hold == rulesfile.HoldAgents && !v.Agent.Is && !machine:
		out.reason = "Nothing that goes out is an agent's, no agent started it, and " + sayEveryone(v)
		return out
	case back && why == "":
		out.rollback, out.reason = true, g.sayRollback(v)
		return out
	case e.Inherit && ok && g.inherits(v, &narrowed, e.Hold == rulesfile.HoldAlways):
		out.reason = "Every agent's change in it was approved as this environment asks, and nothing moved since."
		return out
	case !ok && out.final.Code == "":
		out.final = gate.Problem{Code: "no_channel",
			Text: fmt.Sprintf("What goes out needs %s, and the rules take only %s for %s: no approval can be both. Whoever "+
				"owns the rules must let them meet.", report.Need(need), words.List(e.Channels, "or"), into)}
	}
	out.holds, out.need = true, &narrowed
	out.reason = sayHeld(v, &narrowed, e.Hold == rulesfile.HoldAlways && !v.Agent.Is)
	if back {
		out.reason += " It goes back to what was approved before, and waits all the same: " + why + "."
	}
	if g.j.owners != nil && len(v.Problems) == 0 {
		out.reason = strings.TrimSpace(out.reason + " " + g.j.owners.say())
	}
	return out
}

// sayRollback says why going back passes, and what it does not undo.
func (g *departing) sayRollback(v *gate.Verdict) string {
	text := fmt.Sprintf("Goes back to %s, which was approved for this environment and ran there", words.Short(v.Head))
	if lost := g.cannotUndo(); len(lost) > 0 {
		text += "; that does not undo this: " + lost[0]
	}
	return text + "."
}

// holdRun decides whether a run outside of environments waits.
func holdRun(r *policy.Rules, v *gate.Verdict, w policy.WorkflowRules, g *departing) held {
	machine := v.Needs != nil || len(v.Problems) > 0
	v.Contributors = g.contributors(false)
	out := held{need: g.needFor(v, w.Need)}
	switch {
	case len(r.Problems) > 0:
		out.holds = true
	case w.Name == "":
		out.reason = "The rules do not name this workflow."
		return out
	case w.Hold == rulesfile.HoldNever:
		out.reason = "The rules hold nothing of this workflow."
		return out
	case !g.loose:
		out.reason = "What this run can do waits for its environments, each of which has a gate of its own."
		return out
	default:
		out.holds = v.Agent.Is || machine
	}
	if !out.holds {
		out.reason = "No agent started it, nothing that it brings is an agent's, and " + sayEveryone(v)
		return out
	}
	out.reason = sayHeld(v, out.need, false)
	return out
}

func sayEveryone(v *gate.Verdict) string {
	if v.Score == 0 {
		return "no rule for everyone matched."
	}
	return fmt.Sprintf("what was found whoever made it is of %s risk (score %d), which needs no approval.", v.Level, v.Score)
}

func sayHeld(v *gate.Verdict, need *gate.Need, everything bool) string {
	switch {
	case len(v.Problems) > 0:
		return "Held because it could not be judged for certain: " + v.Problems[0].Text
	case everything:
		return fmt.Sprintf("Held: every deployment here is; %s risk, score %d; needs %s.", v.Level, v.Score, report.Need(need))
	}
	return fmt.Sprintf("Held: %s risk, score %d; needs %s.", v.Level, v.Score, report.Need(need))
}

// branchProblem is the problem of a run whose branch the rules do not take. A
// branch of a fork is called as its owner likes, and counts for none of ours.
func branchProblem(e policy.EnvironmentRules, run change.Run, into string) gate.Problem {
	for i, set := range e.Branches {
		if !run.Fork && run.Branch != "" && set.Match(run.Branch) {
			continue
		}
		from := "the branch `" + redact.Quote(words.Clip(run.Branch)) + "`"
		switch {
		case run.Fork:
			from = "a fork"
		case run.Branch == "":
			from = "no branch that is known to have the commit"
		}
		return gate.Problem{Code: "wrong_branch", Subject: fmt.Sprint(redact.Text(words.Clip(run.Branch)), " fork=", run.Fork),
			Text: fmt.Sprintf("It comes from %s, and the rules take only %s for %s. No approval changes that: deploy from "+
				"such a branch.", from, policy.Ticked(e.FromBranches[i]), into)}
	}
	return gate.Problem{}
}

// withChannels narrows every part of a need to the channels of a place. It is
// false where no way is left to meet it.
func withChannels(need *gate.Need, channels []string) (gate.Need, bool) {
	n := *need
	switch {
	case len(channels) == 0:
		return n, true
	case len(n.All) > 0:
		n.All = slices.Clone(n.All)
		for i := range n.All {
			var ok bool
			if n.All[i], ok = withChannels(&n.All[i], channels); !ok {
				return n, false
			}
		}
		return n, true
	case len(n.Any) > 0:
		var ways []gate.Need
		for i := range n.Any {
			if way, ok := withChannels(&n.Any[i], channels); ok {
				ways = append(ways, way)
			}
		}
		n.Any = ways
		return n, len(ways) > 0
	}
	n.Via = policy.ChannelsBoth(n.Via, channels)
	return n, len(n.Via) > 0
}

// inherits reports whether approvals of the parts suffice: each agent's part
// was released as it is, by choices that meet the need of this deployment now,
// and the whole is no graver than what the people who chose have seen. Where
// people's parts are held too, they count as well. Who starts a run acts anew:
// an agent that does inherits nothing.
func (g *departing) inherits(v *gate.Verdict, need *gate.Need, everything bool) bool {
	if g.starter.Is || len(v.Problems) > 0 || g.facts.Outgoing.Backwards {
		return false
	}
	everything = everything || g.j.concernsEveryone()
	approved, seen := 0, gate.Low
	for i := range g.parts {
		p := &g.parts[i]
		if !p.Agent && !everything {
			continue
		}
		if !p.known || !p.Valid || denied(p.choices) || !need.Progress(p.choices, g.facts.Now).Met {
			return false
		}
		approved++
		seen = seen.Max(p.Level)
	}
	return approved > 0 && seen.Rank() >= v.Level.Rank()
}

// concernsEveryone reports whether something counts that would count in a
// change of people too.
func (j *judgement) concernsEveryone() bool {
	return j.unreadRisk > 0 || slices.ContainsFunc(j.rules.Active, func(a *policy.ActiveRule) bool {
		return a.Everyone && !a.Observe && j.risk[a.Index] > 0
	})
}

// rollback reports whether the deployment goes back to what was approved and
// ran here, where the rules let it, and why it waits all the same, if it does.
func (g *departing) rollback(d *Deployment, e policy.EnvironmentRules) (back bool, why string) {
	out := &d.Outgoing
	again := out.Backwards || out.Change.Base != "" && out.Change.Base == g.change.Head
	if !e.GoesBack() || !again || out.Unrelated != "" || d.Before == nil || !d.Before.Approved || d.Before.SHA == "" ||
		d.Before.SHA != g.change.Head {
		return false, ""
	}
	if e.Rollback == rulesfile.RollbackAlways {
		return true, ""
	}
	if g.starter.Is {
		return true, "an agent started it"
	}
	if lost := g.cannotUndo(); len(lost) > 0 {
		return true, "going back does not undo this: " + lost[0]
	}
	return true, ""
}

// undoing are the detectors that know what a migration destroys, and destroys
// the least risk of what cannot be taken back.
var undoing = []string{"migration", "sql"}

const destroys = 50

func wantsUndoing(r *catalog.Registry, f *change.File) bool {
	return slices.ContainsFunc(r.Detectors, func(d detect.Detector) bool {
		return slices.Contains(undoing, d.Name()) && d.Wants(f)
	})
}

// cannotUndo lists what the migrations that are left behind have destroyed, or
// could not be read, the gravest first. The range is read the other way round:
// as what was done when it went out.
func (g *departing) cannotUndo() []string {
	if !g.facts.Outgoing.Backwards {
		return nil
	}
	forward := &judgement{rules: g.rules, change: &g.change}
	var seen []detect.Observation
	for _, f := range sortedFiles(g.change.Files) {
		then := reversed(f)
		for _, d := range g.rules.Registry.Detectors {
			if slices.Contains(undoing, d.Name()) && d.Wants(&then) {
				seen = append(seen, forward.run(d, &then)...)
			}
		}
	}
	seen = slices.DeleteFunc(seen, func(o detect.Observation) bool {
		return o.Kind.Risk < destroys && !strings.HasSuffix(o.Kind.ID, "/unreadable")
	})
	slices.SortStableFunc(seen, func(a, b detect.Observation) int { return b.Kind.Risk - a.Kind.Risk })
	var out []string
	for _, o := range seen {
		out = append(out, strings.TrimSuffix(sayObservation(o), "."))
	}
	return out
}

// reversed is a file's change the other way round.
func reversed(f change.File) change.File {
	out := change.File{
		Path: f.Path, Status: f.Status, Mode: f.PreviousMode, PreviousMode: f.Mode,
		Additions: f.Deletions, Deletions: f.Additions, Before: f.After, After: f.Before,
	}
	switch f.Status {
	case change.Added:
		out.Status = change.Removed
	case change.Removed:
		out.Status = change.Added
	case change.Renamed:
		out.Path, out.PreviousPath = f.PreviousPath, f.Path
	case change.Copied:
		out.Status = change.Removed
	}
	return out
}
