package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Deployed is what a deployment, or a workflow run, comes to beside its verdict
// and what people said.
type Deployed struct {
	Waits    []gate.Wait  // that stand now
	Answered gate.Reply   // what GitHub took from us
	Trouble  *gate.Failed // what keeps the decision from being passed on
	Over     string       // why it is over, a sentence; empty while it is not
	Halted   bool         // the run was cancelled until somebody approves it
	// Bypassed reached the environment without passing a gate, since the last
	// that did.
	Bypassed []gate.Arrival
}

// deployTitle is what a deployment's title says before anything that holds for
// pull requests as well; empty where that is all there is to say.
func (g shown) deployTitle() string {
	d := g.Deployed
	waiting := len(d.Waits) > 0 && (!g.Verdict.Held || g.Verdict.Needs != nil && g.Approvals.Progress.Met)
	switch {
	case d.Over != "":
		return g.overTitle()
	case g.Verdict == nil || g.Failure != nil || g.Approvals.Denied != nil:
		return ""
	case d.Halted && g.state != passing:
		return "Cancelled until it is approved: needs " + g.needed()
	case waiting:
		return "Waiting: " + sentence(d.Waits[0].Text, 180)
	case g.state == passing && !g.Verdict.Held:
		return "Passed: " + sentence(g.Verdict.Reason, 180)
	}
	return ""
}

// overTitle is what a deployment came to before it was over.
func (g shown) overTitle() string {
	end := sentence(g.Deployed.Over, 140)
	by := ""
	if names := approvers(g.Approvals.Progress); len(names) > 0 {
		by = ", approved by " + visible(words.List(names, "and"), 80)
	}
	switch {
	case g.Approvals.Denied != nil:
		return "Denied by @" + visible(g.Approvals.Denied.By.Login, 60) + ". " + end
	case g.Deployed.Answered == gate.Approved:
		return "Let go" + by + ". " + end
	case g.Deployed.Answered == gate.Rejected:
		return "Rejected. " + end
	}
	return "Over: " + end
}

func (g shown) needed() string {
	if g.Verdict.Needs == nil {
		return "what is wrong to be mended"
	}
	return visible(needText(*g.Verdict.Needs, plainName), 120)
}

// deployment tells what goes out, and what that waits for.
func (p *page) deployment(g shown) {
	if g.Verdict == nil || g.Verdict.Deploy == nil { // it was over before it was judged
		return
	}
	d, v := g.Deployed, g.Verdict.Deploy
	where := "this run"
	if v.Environment != "" {
		where = code(v.Environment, 100)
	}
	p.heading("What goes out")
	p.line("- To %s, by run %d, attempt %d of %s: %s", where, v.Run, v.Attempt, code(v.Workflow, 150), prose(v.Summary, 400))
	for _, w := range d.Waits {
		p.line("- Waits: %s", prose(w.Text, 300))
	}
	for _, a := range d.Bypassed[:min(len(d.Bypassed), maxPlaces)] {
		p.line("- **%s reached %s on %s without passing a gate**: it is part of what is judged here.", code(words.Short(a.SHA), 12),
			where, stamp(a.At))
	}
	if d.Trouble != nil {
		p.line("- Decided, and not passed on to GitHub yet: %s", prose(d.Trouble.Text, 300))
	}
	for _, o := range v.Outgoing[:min(len(v.Outgoing), maxOutgoing)] {
		p.line("- %s", outgoing(o))
	}
	p.more(max(0, len(v.Outgoing)-maxOutgoing)+v.Omitted, "change")
	p.jobs(v.Jobs)
	p.chain(v.Chain)
}

const maxOutgoing = 25

// outgoing is one change that goes out, on a line.
func outgoing(o gate.Outgoing) string {
	name := "commit " + code(words.Short(o.SHA), 12)
	if o.Number > 0 {
		name = fmt.Sprintf("#%d", o.Number)
	}
	text := name
	if visible(o.Title, 1) != "" { // set apart: who wrote it may have had it say what only gatehold says
		text += " " + code(o.Title, 120)
	}
	if o.Agent {
		text += ", by " + words.List(codes(o.Names, "an agent"), "and")
	}
	if o.Level != "" {
		text += fmt.Sprintf(", %s (%d)", prose(string(o.Level), 20), o.Score)
	}
	if o.Worst != "" {
		text += ": " + prose(o.Worst, 160)
	}
	switch {
	case o.Valid && len(o.ApprovedBy) > 0:
		text += "; approved by " + words.List(codes(at(o.ApprovedBy), ""), "and")
	case !o.Valid && o.Why != "":
		text += "; **not approved**: " + prose(o.Why, 160)
	}
	return text
}

func at(logins []string) []string {
	out := make([]string, len(logins))
	for i, login := range logins {
		out[i] = "@" + login
	}
	return out
}

func codes(in []string, none string) []string {
	if len(in) == 0 {
		return []string{none}
	}
	return names(in, func(s string) string { return code(s, 80) })
}

// jobs says what the run can do, and how surely each of its jobs is held.
func (p *page) jobs(jobs []gate.Job) {
	if len(jobs) == 0 {
		return
	}
	p.heading("What the run can do")
	held := map[gate.Hold]string{gate.Certain: "held for certain", gate.BestEffort: "held at best effort", gate.NotHeld: "**not held**"}
	for _, j := range jobs[:min(len(jobs), maxOutgoing)] {
		text := "- Job " + code(j.ID, 80)
		if j.Environment != "" {
			text += " to " + code(j.Environment, 100)
		}
		text += ": " + held[j.Held]
		if len(j.Can) > 0 {
			text += "; " + words.List(codes(j.Can, ""), "and")
		}
		if j.Why != "" {
			text += ". " + prose(j.Why, 200)
		}
		p.line("%s", text)
	}
	p.more(len(jobs)-maxOutgoing, "job")
}

// chain tells who acted, on whose behalf, step by step.
func (p *page) chain(links []gate.Link) {
	if len(links) == 0 {
		return
	}
	p.heading("What led here")
	for _, l := range links[:min(len(links), 2*maxPeople)] {
		text := "- " + prose(strings.ReplaceAll(l.Kind, "_", " "), 20) + " " + code(l.Ref, 150)
		by, agent := By(l)
		if by != "" {
			text += " by " + code(by, 80)
		}
		if agent {
			text += ", an agent"
		}
		if len(l.OnBehalf) > 0 {
			text += ", on behalf of " + words.List(codes(l.OnBehalf, ""), "and")
		}
		p.line("%s", text)
	}
	p.more(len(links)-2*maxPeople, "step")
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Deployment is a deployment as its comment on GitHub's page of the run tells
// of it.
type Deployment struct {
	Gate
	Expired bool // nobody released it in time
}

// MaxComment is GitHub's bound on a comment about a deployment, in characters.
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/create-custom-protection-rules
const MaxComment = 1024

// Comment says in a few lines what a deployment waits for, or what it came to.
func Comment(d Deployment) string {
	p := &page{}
	g := shown{Gate: d.Gate, state: stateOf(d.Gate)}
	switch {
	case d.Expired:
		p.line("**Rejected.** Nobody released it within %d days.", int(gate.HoldLimit/(24*time.Hour)))
	case d.Verdict == nil:
		p.line("**Held.** gatehold could not judge it yet.")
	default:
		p.line("**%s**", prose(g.title(), 250))
		if v := d.Verdict.Deploy; v != nil {
			p.line("%s", prose(v.Summary, 300))
		}
	}
	if safeLink(d.URL) {
		p.line("[What goes out, and who may release it](<%s>)", d.URL)
	} else {
		p.line("The check run %s on this commit shows what goes out, and takes the answer.",
			code(gate.DeployCheck(d.Subject.Environment), 120))
	}
	return cutLines(p.String(), MaxComment)
}

// cutLines leaves out lines from the end until the rest fits.
func cutLines(s string, most int) string {
	for len([]rune(s)) > most {
		cut := strings.LastIndexByte(strings.TrimRight(s, "\n"), '\n')
		if cut < 0 {
			return string([]rune(s)[:most])
		}
		s = s[:cut+1]
	}
	return s
}
