package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// The bounds within a summary, so that all of it fits and can be read.
const (
	maxRules    = 40 // rules listed with their places
	maxPlaces   = 5  // places listed of one rule
	maxEvidence = 12
	maxPeople   = 20
	maxGates    = 20
	maxBytes    = 60000 // of the summary before its last part; GitHub counts characters, this is safer
)

// page writes Markdown. Every method writes whole lines, so that nothing that
// is put into one can reach the next.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

func (p *page) heading(text string) { p.line("\n### %s\n", text) }

// summary is what a person reads first: what it comes to, what could be lost,
// who may release it, and how that was found out.
func summary(gates []shown, in Input) string {
	p := &page{}
	worst := gates[0]
	p.lane(in, worst.Base)
	p.enforcement(gates, in)
	p.line("**%s.** %s", prose(worst.title(), 250), opening(worst))
	for _, g := range gates[:min(len(gates), maxGates)] {
		p.overrides(g, len(gates) > 1)
	}
	if worst.Verdict != nil {
		p.verdict(worst)
	}
	if !worst.LookAt.IsZero() {
		p.line("\nAnother look was asked for too often in a short time. The next one is at %s; nothing says that this is not so any more.",
			worst.LookAt.UTC().Format("15:04:05 UTC"))
	}
	if len(gates) > 1 {
		p.others(gates)
	}
	if safeLink(in.URL) {
		p.line("\n[All of it, and its history, on gatehold's page](<%s>)", in.URL)
	}
	if !in.Compared.IsZero() {
		p.line("\nLast compared with GitHub: %s.", in.Compared.UTC().Format("2006-01-02 15:04 UTC"))
	}
	text := p.String()
	if len(text) <= MaxSummary {
		return text
	}
	cut := strings.LastIndexByte(text[:maxBytes], '\n')
	return text[:cut+1] + "\nThe rest is left out here: it is longer than GitHub shows.\n"
}

func opening(g shown) string {
	if g.Closed {
		return "It is closed, and nothing of it is held any more."
	}
	if g.Queue != nil && g.Failure == nil {
		return prose(g.Queue.Why, 600)
	}
	switch g.state {
	case failing:
		f := g.Failure
		text := fmt.Sprintf("%s. This is so since %s; it was tried %s", prose(failureText(f, 600), 600),
			moment(f.Since, f.Next), words.Plural(f.Attempt, "time"))
		if f.Next.IsZero() {
			text += ", and is tried again when something changes: a commit, a rule, a permission, or Re-run on this check."
		} else {
			text += ", and is tried again at " + moment(f.Next, f.Since) + "."
		}
		return text + " Until it succeeds, nothing passes."
	case pending:
		return "Nothing passes before that is finished; this check follows by itself."
	case over:
		if g.Verdict == nil {
			return "It was over before it was judged."
		}
	}
	if v := g.Verdict; v.Held && v.Needs != nil { // the title says already what it needs
		said := StatementOf(g.Subject, v, g.Base, false).text(
			func(s string) string { return code(s, 120) }, func(s string) string { return prose(s, 400) })
		if more := beyondTitle(v.Reason, g.Deployed != nil); more != "" {
			said += " " + prose(more, 600)
		}
		return said
	}
	return prose(g.Verdict.Reason, 600)
}

// beyondTitle is what a reason says that the title does not: of a deployment why it
// waits, of anything else what comes after the first sentence.
func beyondTitle(reason string, deployed bool) string {
	if deployed {
		return reason
	}
	_, more, _ := strings.Cut(reason, ". ")
	return more
}

// verdict writes the parts about one verdict.
func (p *page) verdict(g shown) {
	v := g.Verdict
	if len(v.Problems) > 0 {
		p.heading("What keeps it from being judged")
		for _, problem := range v.Problems[:min(len(v.Problems), maxPlaces)] {
			p.line("- %s: %s", code(problem.Code, 60), prose(problem.Text, 600))
		}
		p.more(len(v.Problems)-maxPlaces, "problem")
	}
	if g.Deployed != nil {
		p.deployment(g)
	}
	p.brings(v)
	p.findings(v)
	p.notes(v)
	p.answers(g)
	if g.state < passing && g.Queue == nil {
		p.reminders(g.Reminders)
		p.release(v, g.URL)
	}
	p.proposal(v.Proposed)
	p.attribution(v)
	p.score(v)
	p.rules(v)
}

func (p *page) more(n int, what string) {
	if n > 0 {
		p.line("- and %s", words.Plural(n, "more "+what))
	}
}

func (p *page) findings(v *gate.Verdict) {
	groups := grouped(v.Findings)
	if len(groups) == 0 {
		return
	}
	if v.Held || v.WouldHold {
		p.heading("What could be lost")
	} else {
		p.heading("What was found")
	}
	left := 0
	for i, group := range groups {
		if i >= maxRules || p.Len() > maxBytes*2/3 {
			left += len(group)
			continue
		}
		p.group(group)
	}
	p.more(left+v.Hidden, "finding")
}

// notes say what was left out of account, and that it holds nothing.
func (p *page) notes(v *gate.Verdict) {
	if len(v.Notes) == 0 {
		return
	}
	p.heading("Not taken into account")
	for _, note := range v.Notes[:min(len(v.Notes), maxPlaces)] {
		p.line("- %s", prose(note, 400))
	}
	p.more(len(v.Notes)-maxPlaces, "note")
}

// group writes the findings of one rule.
func (p *page) group(group []gate.Finding) {
	first := group[0]
	head := fmt.Sprintf("- **%s** - risk %d", code(first.Rule, 80), first.Risk)
	if first.Level != "" {
		head += ", at least " + prose(string(first.Level), 20)
	}
	if first.Observe {
		head += ", only watched: no part of the score"
	}
	p.line("%s", head)
	if visible(first.Why, 1) != "" {
		p.line("  - why: %s", prose(first.Why, 500))
	}
	for _, f := range group[:min(len(group), maxPlaces)] {
		p.line("  - %s: %s", place(f), prose(Seen(f), 300))
	}
	if n := len(group) - maxPlaces; n > 0 {
		p.line("  - and %s", words.Plural(n, "more place"))
	}
}

func place(f gate.Finding) string {
	if f.Path == "" {
		return "the change as a whole"
	}
	at := f.Path
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d", f.Path, f.Line)
	}
	if f.Removed {
		return code(at, 260) + " before the change"
	}
	return code(at, 260)
}

// reminders says who was told that nobody had answered. The moment is said, not how long
// ago it was: a check is read later than it is painted.
func (p *page) reminders(list []gate.Reminder) {
	if len(list) == 0 {
		return
	}
	p.heading("Who was told that it waits")
	for _, r := range list {
		p.line("- %s on %s, when nobody had answered for %s", code(r.Channel, 60), r.At.UTC().Format("2006-01-02 15:04 UTC"),
			ShortDuration(r.After))
	}
}

func (p *page) release(v *gate.Verdict, url string) {
	p.heading("Who may release it")
	codeName := func(s string) string { return code(s, 80) }
	if v.Needs != nil {
		p.line("- Needed: %s", needText(*v.Needs, codeName))
		for _, condition := range conditions(*v.Needs) {
			p.line("- %s", condition)
		}
		if keyAlone(*v.Needs) {
			p.line("- A button is not enough for it: %s.", byPasskey(url))
		}
	} else {
		p.line("- Nobody can release what was not judged completely: see above for what to do.")
	}
	p.glass(v)
	p.line("- Never an agent, and never who wrote, committed or asked for this change%s.", except(v.Agent.Instigators))
	p.heading("What happens next")
	p.line("- gatehold judges anew at every commit, change of base and change of rules, and this check follows by itself.")
	p.line("- An approval is for exactly what is shown here. A new commit voids it.")
	p.line("- Of one person's answers the one to the newest state of this check counts; of two to the same state, the denial.")
	p.line("- A press that GitHub never delivers cannot be found: what counts is listed here. If yours is missing, press again.")
	p.line("- What is harmless need not wait: put what is listed above into a change of its own.")
}

// keyAlone reports whether a part of a need takes a passkey and no button.
func keyAlone(n gate.Need) bool {
	for _, part := range slices.Concat(n.All, n.Any) {
		if keyAlone(part) {
			return true
		}
	}
	return len(n.All)+len(n.Any) == 0 && n.Takes(gate.ViaPasskey) && !n.Takes(gate.ViaButton)
}

// byPasskey says where a passkey signs.
func byPasskey(url string) string {
	if safeLink(url) {
		return fmt.Sprintf("[open the gate's page](<%s>), sign in, and sign with your passkey", url)
	}
	return "a passkey signs on gatehold's page, and this server serves none: its operator has to let people sign in"
}

func conditions(n gate.Need) []string {
	var out []string
	if n.Expires != "" {
		out = append(out, "An approval is good for "+code(n.Expires, 20)+".")
	}
	if n.Reason {
		out = append(out, "Whoever approves must say why.")
	}
	if n.Keep == "same_findings" {
		out = append(out, "An approval stays good for a new commit that changes no file which gatehold reads.")
	}
	return out
}

func except(people []string) string {
	if len(people) == 0 {
		return ""
	}
	parts := make([]string, 0, maxPeople)
	for _, who := range people[:min(len(people), maxPeople)] {
		parts = append(parts, code(who, 100))
	}
	if n := len(people) - maxPeople; n > 0 {
		parts = append(parts, fmt.Sprintf("%d more", n))
	}
	return ": " + words.List(parts, "and")
}

// others lists all gates that have this commit as their head.
func (p *page) others(gates []shown) {
	heading, kind := "Pull requests with this commit as their head", "pull request"
	if gates[0].Deployed != nil {
		heading, kind = "Runs of this commit", "run"
	}
	p.heading(heading)
	p.line("A check belongs to a commit, so the worst of these decides:\n")
	for _, g := range gates[:min(len(gates), maxGates)] {
		name := fmt.Sprintf("#%d", g.Subject.Number)
		if g.Deployed != nil {
			name = fmt.Sprintf("run %d", g.Subject.Run)
		}
		if safeLink(g.URL) {
			name = fmt.Sprintf("[%s](<%s>)", name, g.URL)
		}
		p.line("- %s: %s", name, prose(g.title(), 250))
	}
	p.more(len(gates)-maxGates, kind)
}

// safeLink reports whether a URL of our own configuration can stand in a link.
func safeLink(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && !strings.ContainsAny(url, "<>\"\\ \n\r\t")
}
