package suggest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Suggest reads the history under the rules files and proposes. An error is of
// files that are no rules files, or a *gate.Error.
func Suggest(h *History, files Files, o Options) (*Report, error) {
	s, err := begin(h, files, o)
	if err != nil {
		return nil, err
	}
	s.tighten()
	s.relax()
	return s.report()
}

// session is the work on one file.
type session struct {
	options Options
	target  *rulesfile.Source // as it is
	owner   string            // of the rules that stand in the target: "repository" or "organisation"
	org     *rulesfile.File   // the other file, where the target is the repository's
	pasts   []*past
	reaches time.Time
	before  *policy.Rules
	now     *policy.Rules // with what was proposed so far
	text    string
	against []*gate.Verdict // what must not be judged more mildly
	grave   []*gate.Verdict // what must stay critical
	out     *Report

	counting map[ref]*policy.Rules // see enforced
}

func begin(h *History, files Files, o Options) (*session, error) {
	s := &session{options: o, target: files.Repo, owner: "repository", counting: map[ref]*policy.Rules{}}
	var err error
	if files.Org != nil {
		if s.org, err = rulesfile.Parse(*files.Org); err != nil {
			return nil, err
		}
	}
	if s.target == nil {
		s.target, s.owner, s.org = files.Org, "organisation", nil
	}
	if s.target == nil {
		return nil, &gate.Error{Code: "usage", Text: "There is no rules file to propose a change of."}
	}
	s.text = string(s.target.Text)
	if s.before, err = s.compile(s.text); err != nil {
		return nil, err
	}
	s.now = s.before
	s.pasts, s.reaches = h.pasts(o)
	for _, p := range s.pasts {
		s.against = append(s.against, p.against()...)
		if p.verdict.Level == gate.Critical {
			s.grave = append(s.grave, p.verdict)
		}
	}
	s.out = &Report{
		File: s.target.Name, Whose: o.whose(), From: o.Now.Add(-o.Since).UTC(), Until: o.Now.UTC(), Reaches: s.reaches,
		Changes: len(s.pasts),
		Figures: total(s.pasts), Proposals: []Proposal{}, Left: []Left{}, Brings: []string{},
	}
	s.out.Rules = figures(s.before, s.enforced, s.pasts)
	if s.out.Rules == nil {
		s.out.Rules = []RuleFigures{}
	}
	return s, nil
}

func (o Options) whose() string {
	switch {
	case o.Repository != "":
		return o.Repository
	case o.Owner != "":
		return o.Owner
	}
	return "every repository"
}

// compile puts a text in the place of the target.
func (s *session) compile(text string) (*policy.Rules, error) {
	file, err := rulesfile.Parse(rulesfile.Source{Name: s.target.Name, Text: []byte(text)})
	if err != nil {
		return nil, err
	}
	if s.owner == "organisation" {
		return policy.Compile(file, nil)
	}
	return policy.Compile(s.org, file)
}

// edits are how a rule's setting can be written in the target: in the rule
// where it stands there, else as an adjustment.
func (s *session) edit(r ref, key, value, note string) edit {
	section := "adjust"
	if r.from == s.owner {
		section = "rules"
	}
	return edit{section: section, rule: r.id, key: key, value: value, note: note}
}

// enforced are the rules with one of them counting that only watches.
func (s *session) enforced(r ref) *policy.Rules {
	if s.counting[r] == nil {
		s.counting[r] = s.enforce(r)
	}
	return s.counting[r]
}

func (s *session) enforce(r ref) *policy.Rules {
	text, err := s.edit(r, "mode", string(rulesfile.Enforce), "").apply(s.text)
	if err != nil {
		return s.before
	}
	rules, err := s.compile(text)
	if err != nil {
		return s.before
	}
	return rules
}

// try makes an edit and says what would be in force then. Why is a sentence
// where it cannot be made, or must not be.
func (s *session) try(e edit, lowers ref) (text string, rules *policy.Rules, why string) {
	text, err := e.apply(s.text)
	if errors.Is(err, errByHand) {
		return "", nil, fmt.Sprintf("`%s` has to be written by hand: the file's form is not one that can be edited in place", e.setting())
	}
	if err == nil {
		rules, err = s.compile(text)
	}
	switch {
	case err != nil:
		return "", nil, "the file would not be valid: " + err.Error()
	case rules.Digest() == s.now.Digest() && lowers == (ref{}):
		return "", nil, "it would change nothing that is in force"
	case rules.Digest() == s.now.Digest():
		return "", nil, "only the organisation's file may lower it"
	}
	if why := s.guard(rules, lowers); why != "" {
		return "", nil, why
	}
	return text, rules, ""
}

// guard says what of a proposed set of rules must not be. Nothing but the one
// rule that is meant may be lowered, and that only where it is not protected.
func (s *session) guard(rules *policy.Rules, lowers ref) string {
	was := map[ref]policy.InForce{}
	for _, in := range s.now.Explain().Rules {
		was[ref{in.ID, in.From}] = in
	}
	for _, in := range rules.Explain().Rules {
		r := ref{in.ID, in.From}
		old, ok := was[r]
		delete(was, r)
		if ok && lowered(old, in) && (r != lowers || protected(s.now, old) != "") {
			return fmt.Sprintf("it would lower the rule `%s`", in.ID)
		}
	}
	for r := range was {
		return fmt.Sprintf("it would remove the rule `%s`", r.id)
	}
	if s.now.Mode() == rulesfile.Enforce && rules.Mode() != rulesfile.Enforce {
		return "it would hold nothing any more"
	}
	for _, v := range s.against {
		if judge.Weigh(rules, v).Milder(judge.Weigh(s.now, v)) {
			return "a change that was denied, overridden or taken back would be judged more mildly"
		}
	}
	for _, v := range s.grave {
		if was, is := judge.Weigh(s.now, v), judge.Weigh(rules, v); was.Level == gate.Critical && is.Level != gate.Critical {
			return "a change of critical level would not be critical any more"
		}
	}
	return ""
}

// lowered reports whether a rule asks for less in any of what can be proposed.
func lowered(old, now policy.InForce) bool {
	return old.Mode == rulesfile.Enforce && now.Mode != rulesfile.Enforce ||
		now.Risk < old.Risk || old.Risk == 0 && now.Risk > 0 || now.Floor < old.Floor || now.Level.Rank() < old.Level.Rank() ||
		old.For == "everyone" && now.For != "everyone" || !slices.Equal(old.Actors, now.Actors)
}

// accept takes a proposal over.
func (s *session) accept(p Proposal, text string, rules *policy.Rules) {
	s.text, s.now = text, rules
	s.out.Proposals = append(s.out.Proposals, p)
}

// leave says why nothing is proposed; what was said first of a rule stands.
func (s *session) leave(r ref, agent, why string) {
	if slices.ContainsFunc(s.out.Left, func(l Left) bool { return l.Rule == r.id && l.Agent == agent }) {
		return
	}
	s.out.Left = append(s.out.Left, Left{Rule: r.id, Agent: agent, Why: why})
}

// report closes the work. What is printed was compiled by the code that would
// enforce it.
func (s *session) report() (*Report, error) {
	out := s.out
	out.Text = s.text
	slices.SortStableFunc(out.Left, func(a, b Left) int { return strings.Compare(a.Rule, b.Rule) })
	if s.text == string(s.target.Text) {
		return out, nil
	}
	if _, err := s.compile(s.text); err != nil {
		return nil, &gate.Error{Code: "internal", Text: "The proposed file would not be taken, which is a fault of gatehold: " +
			err.Error(), Err: err}
	}
	out.Brings = policy.Differences(s.before, s.now)
	text := string(diff.Diff("a/"+s.target.Name, s.target.Text, "b/"+s.target.Name, []byte(s.text)))
	_, out.Diff, _ = strings.Cut(text, "\n") // without the line that names the command
	return out, nil
}
