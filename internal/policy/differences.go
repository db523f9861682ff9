package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// Differences says in sentences what two sets of rules have in force that is
// not the same. Where their digests differ there is at least one.
func Differences(from, to *Rules) []string {
	d := &differ{}
	if from.before == to.before && asText(from.tell) == asText(to.tell) { // words count here
		d.say("Nothing of what is in force changes.")
		d.noEffect(from, to)
		return d.said
	}
	d.mode(from, to)
	d.rules(from.explanation.Rules, to.explanation.Rules)
	d.needs(from, to)
	d.environments(from, to)
	d.named("boundary", boundaryTexts(from), boundaryTexts(to))
	d.named("group of separate", separateTexts(from), separateTexts(to))
	d.branches(from, to)
	d.named("commands of the tool", commandTexts(from), commandTexts(to))
	d.named("set of workflows", workflowTexts(from), workflowTexts(to))
	d.agents(from, to)
	d.tell(from, to)
	d.passkeys(from, to)
	d.credentials(from, to)
	if asText(from.breakGlass) != asText(to.breakGlass) {
		d.say("Who may release at once (`break_glass`) becomes %s; it was %s.", sayBreakGlass(to.breakGlass),
			sayBreakGlass(from.breakGlass))
	}
	if len(from.Problems) > 0 && len(to.Problems) == 0 {
		d.say("What keeps the present rules from being used is repaired.")
	}
	if len(d.said) == 0 {
		d.say("What is in force changes in other settings.")
	}
	d.noEffect(from, to)
	if d.more > 0 {
		d.said = append(d.said, "And "+words.Plural(d.more, "more difference")+".")
	}
	return d.said
}

func (d *differ) mode(from, to *Rules) {
	switch {
	case from.Builtin && !to.Builtin && to.mode == rulesfile.Observe:
		d.say("The repository gets a rules file; it only observes, and holds nothing.")
	case to.Builtin && !from.Builtin:
		d.say("No rules file is left: the built-in default applies, which only observes. Nothing is held any more.")
	case from.mode == to.mode:
	case to.mode == rulesfile.Enforce:
		d.say("The mode becomes `enforce`: what is only shown now is held then.")
	default:
		d.say("The mode becomes `observe`: nothing is held any more.")
	}
}

// rules compares by id. What a whole pack brings or takes is one sentence.
func (d *differ) rules(from, to []InForce) {
	d.gone(missingFrom(to, from), from, "brings", "Adds")
	d.gone(missingFrom(from, to), to, "takes", "Removes")
	had := map[string]InForce{}
	for _, r := range from {
		had[r.ID] = r
	}
	for _, r := range to {
		if old, ok := had[r.ID]; ok && asText(old) != asText(r) {
			d.rule(old, r)
		}
	}
}

// missingFrom are the rules of a that b does not have.
func missingFrom(a, b []InForce) []InForce {
	have := map[string]bool{}
	for _, r := range b {
		have[r.ID] = true
	}
	var out []InForce
	for _, r := range a {
		if !have[r.ID] {
			out = append(out, r)
		}
	}
	return out
}

func (d *differ) gone(rules, other []InForce, packVerb, verb string) {
	byPack := map[string]int{}
	for _, r := range rules {
		byPack[r.From]++
	}
	for _, r := range rules {
		whole := strings.HasPrefix(r.ID, r.From+"/") && byPack[r.From] > 1 &&
			!slices.ContainsFunc(other, func(o InForce) bool { return o.From == r.From })
		if !whole {
			d.say("%s the rule `%s` (%s): %s", verb, r.ID, r.sayRisk(), sentence(r.Title))
			continue
		}
		if packVerb == "brings" {
			d.say("Adds the pack `%s` with its %s.", r.From, words.Plural(byPack[r.From], "rule"))
		} else {
			d.say("Removes the pack `%s` with its %s.", r.From, words.Plural(byPack[r.From], "rule"))
		}
	}
}

func sentence(s string) string { return strings.TrimSuffix(s, ".") + "." }

// rule says how one rule differs, what weighs most first.
func (d *differ) rule(old, now InForce) {
	before := len(d.said) + d.more
	id := now.ID
	switch {
	case old.Mode != now.Mode && now.Mode == rulesfile.Observe:
		d.say("The rule `%s` only observes from then on.", id)
	case old.Mode != now.Mode:
		d.say("The rule `%s` counts from then on; it only observed.", id)
	}
	switch {
	case old.Risk == now.Risk && old.Floor == now.Floor:
	case old.Risk > 0 && now.Risk > old.Risk, old.Risk == 0 && now.Risk == 0 && now.Floor > old.Floor:
		d.say("Raises the rule `%s` from %s to %s.", id, old.sayRisk(), now.sayRisk())
	case old.Risk > 0 && now.Risk > 0, old.Risk == 0 && now.Risk == 0:
		d.say("Lowers the rule `%s` from %s to %s.", id, old.sayRisk(), now.sayRisk())
	default:
		d.say("The rule `%s` goes from %s to %s.", id, old.sayRisk(), now.sayRisk())
	}
	if old.Level != now.Level {
		word := "Raises"
		if now.Level.Rank() < old.Level.Rank() {
			word = "Lowers"
		}
		d.say("%s the least level of the rule `%s` from %s to %s.", word, id, orNone(string(old.Level)), orNone(string(now.Level)))
	}
	if old.For != now.For {
		d.say("The rule `%s` is for %s; it was for %s.", id, now.For, old.For)
	}
	if a, b := asText(old.Need)+string(old.NeedOf), asText(now.Need)+string(now.NeedOf); a != b {
		d.say("The rule `%s` needs %s; it needed %s.", id, ownNeed(now), ownNeed(old))
	}
	d.conditions(old, now)
	if len(d.said)+d.more == before {
		d.say("Changes the words of the rule `%s`.", id)
	}
}

func ownNeed(r InForce) string {
	if r.NeedOf != "" {
		return "what " + string(r.NeedOf) + " needs"
	}
	if r.Need == nil {
		return "no more than its level"
	}
	return report.Need(r.Need)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// conditions says what a rule looks at now and before.
func (d *differ) conditions(old, now InForce) {
	for _, c := range []struct {
		name     string
		old, now []string
	}{
		{"paths", old.Paths, now.Paths}, {"status", old.Status, now.Status}, {"actors", old.Actors, now.Actors},
		{"branches", old.Branches, now.Branches}, {"labels", old.Labels, now.Labels}, {"detect", old.Detect, now.Detect},
		{"when", oneOrNone(old.When), oneOrNone(now.When)},
	} {
		if !slices.Equal(c.old, c.now) {
			d.say("The rule `%s` looks at other `%s`: %s; it was %s.", now.ID, c.name, Ticked(c.now), Ticked(c.old))
		}
	}
}

func oneOrNone(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func Ticked(entries []string) string {
	if len(entries) == 0 {
		return "any"
	}
	out := make([]string, 0, len(entries))
	for _, w := range entries[:min(len(entries), 6)] {
		out = append(out, "`"+words.Clip(w)+"`")
	}
	if n := len(entries) - len(out); n > 0 {
		return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", n)
	}
	return words.List(out, "and")
}

func (d *differ) needs(from, to *Rules) {
	for _, level := range rulesfile.AllLevels {
		old, now := from.Needs[level.Rank()], to.Needs[level.Rank()]
		if asText(old) != asText(now) {
			d.say("A change of %s risk needs %s; it needs %s now.", level, report.Need(now), report.Need(old))
		}
	}
	if asText(from.Incomplete) != asText(to.Incomplete) {
		d.say("A change that could not be judged whole needs %s; it needs %s now.", report.Need(to.Incomplete), report.Need(from.Incomplete))
	}
}

func (d *differ) environments(from, to *Rules) {
	had := map[string]EnvironmentRules{}
	for _, e := range from.environments {
		had[e.Name] = e
	}
	for _, e := range to.environments {
		old, ok := had[e.Name]
		delete(had, e.Name)
		switch {
		case !ok:
			d.say("Adds the environment `%s`: hold %s, needs %s.", e.Name, e.Hold, report.Need(e.Need))
		case old.Hold != e.Hold:
			d.say("The environment `%s` holds %s; it held %s.", e.Name, e.Hold, old.Hold)
		}
		if !ok {
			continue
		}
		if asText(old.Need) != asText(e.Need) {
			d.say("The environment `%s` needs %s; it needed %s.", e.Name, report.Need(e.Need), report.Need(old.Need))
		}
		old.Hold, old.Need = e.Hold, e.Need
		if asText(old) != asText(e) {
			d.say("The environment `%s` has other conditions: %s; it had %s.", e.Name, asText(e), asText(old))
		}
	}
	for _, e := range from.environments {
		if _, gone := had[e.Name]; gone {
			d.say("Removes the environment `%s`, which held %s.", e.Name, e.Hold)
		}
	}
}

func sayBreakGlass(b *rulesfile.BreakGlass) string {
	if b == nil {
		return "nobody"
	}
	text := words.List(b.From, "or")
	if len(b.Via) > 0 {
		text += " by " + words.List(b.Via, "or")
	}
	if b.Reason {
		text += " with a reason"
	}
	return text
}

// pair is something with a name, and all of it as a text.
type pair struct{ name, text string }

func (d *differ) named(what string, from, to []pair) {
	for _, p := range to {
		i := slices.IndexFunc(from, func(o pair) bool { return o.name == p.name })
		switch {
		case i < 0:
			d.say("Adds the %s `%s`%s.", what, p.name, colon(p.text))
		case from[i].text != p.text:
			d.say("Changes the %s `%s`%s.", what, p.name, colon(p.text))
		}
	}
	for _, p := range from {
		if !slices.ContainsFunc(to, func(o pair) bool { return o.name == p.name }) {
			d.say("Removes the %s `%s`.", what, p.name)
		}
	}
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func boundaryTexts(r *Rules) []pair {
	var out []pair
	for _, b := range r.Boundaries {
		var parts []string
		for _, p := range b.parts {
			if p.Paths != nil {
				parts = append(parts, p.Paths.Patterns()...)
			}
			if p.Detect != nil {
				parts = append(parts, p.Detect.Written...)
			}
			for _, e := range p.Environments {
				parts = append(parts, "environment "+e)
			}
		}
		out = append(out, pair{b.Name, strings.Join(parts, ", ")})
	}
	return out
}

func separateTexts(r *Rules) []pair {
	var out []pair
	for _, group := range r.Separate {
		out = append(out, pair{name: words.List(group, "and")})
	}
	return out
}

func workflowTexts(r *Rules) []pair {
	var out []pair
	for _, w := range r.workflows {
		text := strings.Join(w.Paths, ", ") + ", hold " + w.Hold
		if w.Need != nil {
			text += ", needs " + report.Need(w.Need)
		}
		out = append(out, pair{w.Name, text})
	}
	return out
}

func (d *differ) agents(from, to *Rules) {
	if from.Agents.PresumeAgent != to.Agents.PresumeAgent {
		if to.Agents.PresumeAgent {
			d.say("A change that nothing proves human counts as an agent's (`presume: agent`).")
		} else {
			d.say("A change that nothing proves human does not count as an agent's any more (`presume: human`).")
		}
	}
	switch {
	case from.ownersOut == to.ownersOut:
	case to.ownersOut:
		d.say("The registered owner of an agent cannot release what the agent made any more (`owners: excluded`).")
	default:
		d.say("The registered owner of an agent may release what the agent made (`owners: may_approve`).")
	}
	for _, name := range to.Agents.Helpers {
		if !slices.Contains(from.Agents.Helpers, name) {
			d.say("What %s alone made counts as no agent's any more (`helpers`).", name)
		}
	}
	for _, name := range from.Agents.Helpers {
		if !slices.Contains(to.Agents.Helpers, name) {
			d.say("What %s made counts as an agent's (`helpers`).", name)
		}
	}
	var old, now []pair
	for _, k := range from.Agents.Known {
		old = append(old, pair{name: asText(k)})
	}
	for _, k := range to.Agents.Known {
		now = append(now, pair{name: asText(k)})
	}
	d.named("known agent", old, now)
}

// noEffect names what the proposed file asks for in vain, and did not before.
func (d *differ) noEffect(from, to *Rules) {
	for _, o := range slices.Concat(to.explanation.Overruled, to.explanation.Ignored) {
		if !slices.Contains(from.explanation.Overruled, o) && !slices.Contains(from.explanation.Ignored, o) {
			d.say("Without effect: `%s`: %s.", strings.TrimSpace(o.Name+" "+o.Value), o.Why)
		}
	}
}

// asText is any part of the rules as one line.
func asText(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error() // plain values only: it cannot be
	}
	return strings.TrimSpace(b.String())
}

const maxProposedChanges = 60

// differ collects sentences up to a bound.
type differ struct {
	said []string
	more int
}

func (d *differ) say(format string, args ...any) {
	text := redact.Quote(words.ClipTo(fmt.Sprintf(format, args...), 400))
	switch {
	case slices.Contains(d.said, text):
	case len(d.said) >= maxProposedChanges:
		d.more++
	default:
		d.said = append(d.said, text)
	}
}
