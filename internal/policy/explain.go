package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Explanation says what is in force, from which file, and what was overruled.
// It is data; Text prints it for people.
type Explanation struct {
	Digest    string         `json:"digest"`
	Mode      rulesfile.Mode `json:"mode"`
	Builtin   bool           `json:"builtin,omitempty"`
	Sources   []string       `json:"sources"`
	Settings  []Setting      `json:"settings"`
	Overruled []Overruled    `json:"overruled"`
	Ignored   []Overruled    `json:"ignored"`
	Rules     []InForce      `json:"rules"`
	Agents    []agent.Signs  `json:"agents"` // the registered ones first
	Problems  []string       `json:"problems,omitempty"`
	Unmet     []string       `json:"unmet,omitempty"` // needs that nobody can meet today, a sentence each
}

// Setting is one value in force.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// Overruled is a value that a file asks for and that is not in force.
type Overruled struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	From  string `json:"from"`
	Why   string `json:"why"`
}

// InForce is one rule as it counts, with all adjustments made.
type InForce struct {
	ID       string         `json:"id"`
	From     string         `json:"from"` // the pack, "organisation" or "repository"
	Title    string         `json:"title"`
	Message  string         `json:"message,omitempty"`
	Why      string         `json:"why,omitempty"`
	Paths    []string       `json:"paths,omitempty"`
	Status   []string       `json:"status,omitempty"`
	Actors   []string       `json:"actors,omitempty"`
	Branches []string       `json:"branches,omitempty"`
	Labels   []string       `json:"labels,omitempty"`
	Detect   []string       `json:"detect,omitempty"`
	When     string         `json:"when,omitempty"`
	For      string         `json:"for"`
	Risk     int            `json:"risk,omitempty"`       // 0: each observation's own
	Floor    int            `json:"least_risk,omitempty"` // of any match
	Level    gate.Level     `json:"level,omitempty"`
	Mode     rulesfile.Mode `json:"mode"`
	Controls []string       `json:"controls,omitempty"`
	Need     *gate.Need     `json:"need,omitempty"`
	NeedOf   gate.Level     `json:"need_of,omitempty"`
}

// Explain says what is in force.
func (r *Rules) Explain() Explanation {
	e := r.explanation
	e.Digest = r.digest
	e.Settings = slices.Clone(e.Settings)
	e.Overruled = slices.Clone(e.Overruled)
	e.Ignored = slices.Clone(e.Ignored)
	e.Rules = slices.Clone(e.Rules)
	e.Agents = slices.Concat(e.Agents, agent.Builtin())
	for _, p := range r.Problems {
		e.Problems = append(e.Problems, p.Text)
	}
	e.Unmet = r.Unmet()
	return e
}

// Digest is the SHA-256, in hex, over all that is in force. Comments, order, names
// of files and sentences are no part of it: rules with the same digest judge alike.
func (r *Rules) Digest() string { return r.digest }

func (c *compiler) set(name, value, from string) {
	settings := &c.rules.explanation.Settings
	i := slices.IndexFunc(*settings, func(s Setting) bool {
		return s.Name == name && (s.Value == value || !listed(name))
	})
	if i >= 0 {
		(*settings)[i] = Setting{name, value, from}
		return
	}
	*settings = append(*settings, Setting{name, value, from})
}

// listed says whether a setting may stand there several times.
func listed(name string) bool {
	return slices.Contains([]string{"agents.known", "boundary", "separate", "branches", "commands", "workflow", "environment", "tell",
		"credential"}, name)
}

func (c *compiler) overruled(name, value, from, why string) {
	c.rules.explanation.Overruled = append(c.rules.explanation.Overruled, Overruled{name, value, from, why})
}

func (c *compiler) explainIgnored(name, from, why string) {
	c.rules.explanation.Ignored = append(c.rules.explanation.Ignored, Overruled{Name: name, From: from, Why: why})
}

func (c *compiler) explain() {
	e := &c.rules.explanation
	e.Mode, e.Builtin, e.Sources = c.rules.mode, c.rules.Builtin, c.rules.sources
	for _, p := range c.packs {
		e.Sources = append(slices.Clip(e.Sources), p.Name)
	}
	for _, rule := range c.rules.Active {
		e.Rules = append(e.Rules, rule.inForce())
	}
	if e.Overruled == nil {
		e.Overruled = []Overruled{}
	}
	if e.Ignored == nil {
		e.Ignored = []Overruled{}
	}
}

func (a *ActiveRule) inForce() InForce {
	out := InForce{
		ID: a.FullID, From: a.Pack, Title: a.Title, Message: a.Message, Why: a.Why, Status: a.Status,
		For: "agents", Risk: a.Risk, Floor: a.Floor, Level: a.Level, Mode: rulesfile.Enforce,
		Controls: a.Controls, Need: a.Need, NeedOf: a.NeedOf,
	}
	if a.Paths != nil {
		out.Paths = a.Paths.Patterns()
	}
	if a.Branches != nil {
		out.Branches = a.Branches.Patterns()
	}
	if a.Detect != nil {
		out.Detect = a.Detect.Written
	}
	for _, g := range a.Actors {
		out.Actors = append(out.Actors, g.Written)
	}
	for _, g := range a.Labels {
		out.Labels = append(out.Labels, g.Written)
	}
	if a.When != nil {
		out.When = a.When.Text
	}
	if a.Everyone {
		out.For = "everyone"
	}
	if a.Observe {
		out.Mode = rulesfile.Observe
	}
	return out
}

// wholeInForce is all that is in force, and nothing of where it came from.
type wholeInForce struct {
	Mode         rulesfile.Mode
	Presume      bool
	Known        any
	Rules        []InForce
	Needs        [5]*gate.Need
	Boundaries   []boundaryInForce
	Separate     [][]string
	Environments []EnvironmentRules
	Workflows    []WorkflowRules
	BreakGlass   *rulesfile.BreakGlass
	Problems     []gate.Problem
	OwnersOut    bool                `json:",omitempty"`
	Helpers      []string            `json:",omitempty"`
	Branches     []string            `json:",omitempty"`
	Commands     []*tool.Tool        `json:",omitempty"`
	Passkeys     *rulesfile.Passkeys `json:",omitempty"`
	Credentials  []Credential        `json:",omitempty"`

	Identities []rulesfile.AgentIdentity `json:",omitempty"`
}

type boundaryInForce struct {
	Name         string
	Paths        [][]string
	Detect       [][]string
	Environments [][]string
}

func wholeOf(r *Rules) wholeInForce {
	whole := wholeInForce{
		Mode: r.mode, Presume: r.Agents.PresumeAgent, Known: r.Agents.Known, Rules: r.explanation.Rules, Needs: r.Needs,
		Separate: r.Separate, Environments: r.environments, Workflows: r.workflows, BreakGlass: r.breakGlass, Problems: r.Problems,
		OwnersOut: r.ownersOut, Helpers: r.Agents.Helpers, Branches: r.branches, Commands: r.commands,
		Passkeys:    r.keysInForce(),
		Credentials: r.credentials, Identities: r.identities,
	}
	for _, b := range r.Boundaries {
		out := boundaryInForce{Name: b.Name}
		for _, part := range b.parts {
			if part.Paths != nil {
				out.Paths = append(out.Paths, part.Paths.Patterns())
			}
			if part.Detect != nil {
				out.Detect = append(out.Detect, part.Detect.Written)
			}
			out.Environments = append(out.Environments, part.Environments)
		}
		whole.Boundaries = append(whole.Boundaries, out)
	}
	return whole
}

// digested are the digests of rules: that of this version, and that of the one
// before, by which what was said under the same rules is known again.
func digested(r *Rules) (now, before string) {
	whole := wholeOf(r)
	before = hashed(whole)
	return hashed([]any{gate.FactsVersion, whole.withoutWords()}), before
}

// withoutWords leaves out what decides nothing: a rule says the same in other
// words.
func (w wholeInForce) withoutWords() wholeInForce {
	w.Rules = slices.Clone(w.Rules)
	for i := range w.Rules {
		r := &w.Rules[i]
		r.Title, r.Message, r.Why, r.Controls = "", "", "", nil
	}
	w.Problems = slices.Clone(w.Problems)
	for i := range w.Problems {
		w.Problems[i].Text = ""
	}
	w.Environments = slices.Clone(w.Environments)
	for i := range w.Environments {
		e := &w.Environments[i]
		e.Freeze = slices.Clone(e.Freeze)
		for k := range e.Freeze {
			e.Freeze[k].Reason = ""
		}
	}
	return w
}

func hashed(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		// Texts, numbers and lists only: encoding them cannot fail. A digest of
		// nothing would equal another's, so the error itself is hashed.
		text = []byte(err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Ref names the rules for a verdict.
func (r *Rules) Ref() gate.RulesRef {
	return gate.RulesRef{Digest: r.digest, Before: r.before, Sources: slices.Clone(r.explanation.Sources), Builtin: r.Builtin}
}

// Text prints the explanation for people.
func (e Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "mode    %s\nrules   %d in force, digest %.12s\n", e.Mode, len(e.Rules), e.Digest)
	if e.Builtin {
		b.WriteString("        no rules file anywhere: the built-in default, which holds nothing\n")
	}
	for i, s := range e.Sources {
		label := "        "
		if i == 0 {
			label = "from    "
		}
		fmt.Fprintf(&b, "%s%s\n", label, s)
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "problem %s\n", p)
	}
	for _, u := range e.Unmet {
		fmt.Fprintf(&b, "warning %s\n", u)
	}
	b.WriteString("\nSettings\n")
	for _, s := range e.Settings {
		fmt.Fprintf(&b, "  %-28s %s  (%s)\n", s.Name, s.Value, s.From)
	}
	section(&b, "Overruled", e.Overruled)
	section(&b, "Without effect", e.Ignored)
	b.WriteString("\nRules\n")
	for _, r := range e.Rules {
		fmt.Fprintf(&b, "  %-36s %-9s %s  (%s)%s\n", r.ID, r.sayRisk(), r.Title, r.From, r.notes())
	}
	e.agents(&b)
	return b.String()
}

// agents names those whose signs are known. The built-in signs are too many to
// print: the JSON has them.
func (e Explanation) agents(b *strings.Builder) {
	b.WriteString("\nAgents and automation that are known by their signs (--json has the signs)\n")
	var names []string
	newest := ""
	for _, a := range e.Agents {
		if a.Date == "" {
			fmt.Fprintf(b, "  %-28s %s  (%s)\n", a.Agent, strings.Join(a.Signs, ", "), a.From)
			continue
		}
		names, newest = append(names, a.Agent), max(newest, a.Date)
	}
	for some := range slices.Chunk(names, 8) {
		fmt.Fprintf(b, "  %s\n", strings.Join(some, ", "))
	}
	fmt.Fprintf(b, "  (built-in, of %s)\n", newest)
}

func section(b *strings.Builder, title string, entries []Overruled) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, o := range entries {
		value := o.Value
		if value != "" {
			value = " " + value
		}
		fmt.Fprintf(b, "  %s%s  (%s): %s\n", o.Name, value, o.From, o.Why)
	}
}

func (r InForce) sayRisk() string {
	switch {
	case r.Risk > 0:
		return fmt.Sprintf("risk %d", r.Risk)
	case r.Floor > 0:
		return fmt.Sprintf("risk %d+", r.Floor)
	}
	return "risk seen"
}

func (r InForce) notes() string {
	var notes []string
	if r.Mode == rulesfile.Observe {
		notes = append(notes, "observes only")
	}
	if r.For == "everyone" {
		notes = append(notes, "for everyone")
	}
	if r.Level != "" {
		notes = append(notes, "at least "+string(r.Level))
	}
	if len(notes) == 0 {
		return ""
	}
	return " [" + strings.Join(notes, ", ") + "]"
}
