package suggest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// relax proposes what the file could ask less for.
func (s *session) relax() {
	for _, f := range s.out.Rules {
		r := ref{f.Rule, f.From}
		in, ok := inForce(s.now, r)
		if !ok || in.Mode != rulesfile.Enforce || s.proposed(r) {
			continue
		}
		if why := protected(s.now, in); why != "" {
			if f.Figures.Clean > 0 {
				s.leave(r, "", "never relaxed: "+why)
			}
			continue
		}
		s.relaxRule(r, f)
	}
}

func (s *session) proposed(r ref) bool {
	return slices.ContainsFunc(s.out.Proposals, func(p Proposal) bool { return p.Rule == r.id && p.From == r.from })
}

func inForce(rules *policy.Rules, r ref) (policy.InForce, bool) {
	for _, in := range rules.Explain().Rules {
		if in.ID == r.id && in.From == r.from {
			return in, true
		}
	}
	return policy.InForce{}, false
}

// Whatever speaks for it, these are not relaxed: they guard the gate itself,
// what opens everything else, and what all of it is restored from.
var (
	guardingPacks     = []string{"gate", "secrets", "backups"}
	guardingDetectors = []string{"gateconfig", "secret", "backup"}
)

// criticalFrom is the risk from which one rule alone makes a change critical.
const criticalFrom = 80

// protected says why a rule is never relaxed, or nothing where it may be.
func protected(rules *policy.Rules, in policy.InForce) string {
	if slices.Contains(guardingPacks, in.From) {
		return fmt.Sprintf("the pack %s guards the gate itself, what opens everything, or what all is restored from", in.From)
	}
	observations, risk := judge.Reach(rules, in.ID, in.From)
	for _, id := range observations {
		if detector, _, _ := strings.Cut(id, "/"); slices.Contains(guardingDetectors, detector) {
			return fmt.Sprintf("it names `%s`, which guards the gate itself, what opens everything, or what all is restored from", id)
		}
	}
	if in.Level == gate.Critical || risk >= criticalFrom {
		return "it is critical, or what it can come upon is"
	}
	if len(in.Paths) > 0 {
		set, _ := glob.CompileSet(in.Paths)
		if set != nil && set.Match(policy.FileName, glob.Fold(policy.FileName)) {
			return "it holds gatehold's own rules file"
		}
	}
	return ""
}

// evidence is what speaks for asking less of a rule: verdicts that were released
// cleanly. The level critical counts for nothing, nor does what was not known
// whole.
func (s *session) evidence(r ref, agent string) (clean []*past) {
	for _, p := range s.pasts {
		v := p.verdict
		if ok, watched := mark(v, r); !ok || watched || !p.clean() || v.Level == gate.Critical || v.Hidden > 0 || len(v.Problems) > 0 {
			continue
		}
		if agent == "" || provenly(v, agent) != "" {
			clean = append(clean, p)
		}
	}
	return clean
}

// speaks counts what speaks against asking less of a rule: every change that
// was denied, overridden, taken back or merged past the gate, in which it found
// something.
func (s *session) speaks(r ref, agent string) (against []string) {
	denied, overridden, reverted, pending := 0, 0, 0, 0
	about := names(r)
	for _, p := range s.pasts {
		if agent != "" && !p.by(agent) {
			continue
		}
		if p.acted(gate.Deny, about) {
			denied++
		}
		if p.acted(gate.Override, about) {
			overridden++
		}
		if p.reverted && about(p.verdict) {
			reverted++
		}
		if p.pending && !p.reverted && about(p.verdict) {
			pending++
		}
	}
	return said(denied, "denial", overridden, "override", reverted, "revert", pending, "open revert")
}

// said writes "2 denials, 1 revert".
func said(pairs ...any) (out []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		n, what := pairs[i].(int), pairs[i+1].(string)
		if n > 0 {
			out = append(out, words.Plural(n, what))
		}
	}
	return out
}

func (s *session) relaxRule(r ref, f RuleFigures) {
	clean := s.evidence(r, "")
	against := s.speaks(r, "")
	switch {
	case len(clean) == 0:
		return
	case len(against) > 0:
		if !s.relaxAgents(r, f) {
			s.leave(r, "", fmt.Sprintf("not relaxed: %s, beside %s", strings.Join(against, ", "), words.Plural(len(clean), "clean release")))
		}
		return
	case len(clean) < s.options.Clean:
		s.leave(r, "", fmt.Sprintf("%d of %d clean releases", len(clean), s.options.Clean))
		return
	}
	if why := s.tooShort(); why != "" {
		s.leave(r, "", why)
		return
	}
	if why := s.graver(r, clean); why != "" {
		s.leave(r, "", why)
		return
	}
	s.choose(r, f.Figures, clean, "", s.ways(r, len(clean)))
}

// tooShort says that the ledger does not reach back far enough.
func (s *session) tooShort() string {
	if !s.reaches.After(s.out.From) {
		return ""
	}
	day := 24.0
	return fmt.Sprintf("the ledger reaches back %.0f of %.0f days", s.options.Now.Sub(s.reaches).Hours()/day, s.options.Since.Hours()/day)
}

// graver names what the rule can come upon that is graver than all that was
// released: of that the releases prove nothing.
func (s *session) graver(r ref, clean []*past) string {
	observations, _ := judge.Reach(s.now, r.id, r.from)
	if len(observations) == 0 {
		return ""
	}
	risks := map[string]int{}
	for _, k := range catalog.Kinds() {
		risks[k.ID] = k.Risk
	}
	seen := 0
	for _, p := range clean {
		for _, f := range p.verdict.Findings {
			if f.Rule == r.id && f.Pack == r.from && f.Observation != nil {
				seen = max(seen, risks[*f.Observation])
			}
		}
	}
	worst := slices.MaxFunc(observations, func(a, b string) int { return risks[a] - risks[b] })
	if risks[worst] <= seen {
		return ""
	}
	return fmt.Sprintf("%s, and nothing in them graver than risk %d: they prove nothing of `%s`, which has %d and would be relaxed too",
		words.Plural(len(clean), "clean release"), seen, worst, risks[worst])
}

// ways are the edits that ask less of a rule, the mildest first.
func (s *session) ways(r ref, clean int) []edit {
	note := fmt.Sprintf("%s since %s, no denial, no revert", words.Plural(clean, "clean release"), s.out.From.Format("2006-01-02"))
	in, _ := inForce(s.now, r)
	var out []edit
	if in.Risk > 0 {
		for _, below := range []int{judge.HighFrom - 1, judge.MediumFrom - 1} {
			if below < in.Risk {
				out = append(out, s.edit(r, "risk", strconv.Itoa(below), note))
			}
		}
	}
	return append(out, s.edit(r, "mode", string(rulesfile.Observe), note))
}

// choose proposes the first way by which at least half of the clean releases
// would have needed nobody, or else the one by which most would.
func (s *session) choose(r ref, f Figures, clean []*past, agent string, ways []edit) bool {
	type way struct {
		edit  edit
		text  string
		rules *policy.Rules
		free  int
	}
	var best way
	why := "it changes nothing: other rules hold the same changes"
	for _, e := range ways {
		text, rules, refused := s.try(e, r)
		if refused != "" {
			why = "not relaxed: " + refused
			continue
		}
		free := 0
		for _, p := range clean {
			if judge.Weigh(s.now, p.verdict).Waits && !judge.Weigh(rules, p.verdict).Waits {
				free++
			}
		}
		if free > best.free {
			best = way{e, text, rules, free}
		}
		if 2*best.free >= len(clean) {
			break
		}
	}
	if best.free == 0 {
		s.leave(r, agent, fmt.Sprintf("%s; %s", words.Plural(len(clean), "clean release"), why))
		return false
	}
	s.accept(Proposal{
		Kind: Relax, Rule: r.id, From: r.from, Agent: agent, Setting: best.edit.setting(), Figures: f, Otherwise: best.free,
		Why: fmt.Sprintf("%s, no denial, no override, no revert; %d of them would have needed nobody",
			words.Plural(len(clean), "clean release"), best.free),
	}, best.text, best.rules)
	return true
}

// relaxAgents proposes to take an agent out of a rule that stands in this file,
// where others speak against relaxing it for all. It must be known by its own
// account and nothing else: whoever else has a part in a change brings the rule
// back, and so does a name that is only claimed.
func (s *session) relaxAgents(r ref, f RuleFigures) bool {
	in, _ := inForce(s.now, r)
	if r.from != s.owner || len(in.Actors) > 0 {
		return false
	}
	done := false
	for _, agent := range slices.Sorted(maps.Keys(f.Agents)) {
		clean := s.evidence(r, agent)
		if len(clean) == 0 || len(s.speaks(r, agent)) > 0 || strings.ContainsAny(agent, "*!@") {
			continue
		}
		if len(clean) < s.options.Clean {
			s.leave(r, agent, fmt.Sprintf("%d of %d clean releases", len(clean), s.options.Clean))
			continue
		}
		if s.tooShort() != "" || s.graver(r, clean) != "" || done {
			continue
		}
		actors := []string{"*", "!" + agent}
		for _, p := range clean {
			if login := "!" + provenly(p.verdict, agent); !slices.Contains(actors, login) {
				actors = append(actors, login)
			}
		}
		for i := range actors {
			actors[i] = strconv.Quote(actors[i])
		}
		note := fmt.Sprintf("%s: %s since %s, no denial, no revert", agent, words.Plural(len(clean), "clean release"),
			s.out.From.Format("2006-01-02"))
		e := s.edit(r, "actors", "["+strings.Join(actors, ", ")+"]", note)
		done = s.choose(r, f.Agents[agent], clean, agent, []edit{e})
	}
	return done
}

// provenly is the account of an agent that alone made a change, by what GitHub
// authenticated; empty where it is not so.
func provenly(v *gate.Verdict, agent string) string {
	if v.Agent.Strength != gate.Verified || len(v.Agent.Names) != 1 || v.Agent.Names[0] != agent || len(v.Contributors) == 0 {
		return ""
	}
	login := v.Contributors[0].Login
	if v.Contributors[0].Role != "opened it" || !strings.HasSuffix(login, "[bot]") {
		return ""
	}
	return login
}
