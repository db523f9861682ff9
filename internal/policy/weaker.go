package policy

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/detect/gateconfig"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// FileReader tells the detector of what holds changes back how two rules files
// differ: by what is in force under each, as it is enforced, and never by what
// their texts look like. The zero value takes them for a repository's files,
// where there is no organisation's.
type FileReader struct {
	Org *rulesfile.File // the organisation's file that they are laid over; nil: there is none
	// Organisation says that they are the organisation's own: for its repository of
	// rules, and for those that have no file of their own.
	Organisation bool
}

var _ gateconfig.Rules = FileReader{}

// IsOrganisations reports whether a repository holds the organisation's rules.
func IsOrganisations(repository string) bool {
	_, name, _ := strings.Cut(repository, "/")
	return strings.EqualFold(name, ".github")
}

// Weaker implements gateconfig.Rules. What cannot be compared counts as weaker.
func (r FileReader) Weaker(before, after string) ([]gateconfig.Weakening, error) {
	now, err := rulesfile.Parse(rulesfile.Source{Name: FileName, Text: []byte(after)})
	if err != nil {
		return nil, err
	}
	old, err := rulesfile.Parse(rulesfile.Source{Name: FileName, Text: []byte(before)})
	if err != nil {
		const why = "the text before is no rules file, under which everything is held: what is held now cannot be compared with it"
		return []gateconfig.Weakening{{Detail: why}}, nil
	}
	as := []func(*rulesfile.File) (*Rules, error){func(f *rulesfile.File) (*Rules, error) { return Compile(r.Org, f) }}
	if r.Organisation {
		as = []func(*rulesfile.File) (*Rules, error){
			func(f *rulesfile.File) (*Rules, error) { return Compile(f, f) },
			func(f *rulesfile.File) (*Rules, error) { return Compile(f, nil) },
		}
	}
	var found []gateconfig.Weakening
	for _, compiled := range as {
		from, err := compiled(old)
		if err != nil {
			return nil, err
		}
		to, err := compiled(now)
		if err != nil {
			return nil, err
		}
		for _, w := range weaknesses(from, to) {
			same := func(o gateconfig.Weakening) bool { return slices.Equal(o.At, w.At) }
			if !slices.ContainsFunc(found, same) {
				found = append(found, w)
			}
		}
	}
	return found, nil
}

// weaknesses are the ways in which to may hold less than from, or release more
// easily: for some change, some person or some deployment. None means that it
// is certain that to is as strict for all of them. One setting is told once.
func weaknesses(from, to *Rules) []gateconfig.Weakening {
	w := &weaker{from: from, to: to}
	if from.digest == to.digest {
		return nil
	}
	if from.mode == rulesfile.Enforce && to.mode != rulesfile.Enforce {
		w.say("enforce to observe: nothing is held any more", "mode")
	}
	w.agents()
	if gone := missingWords(from.branches, to.branches); len(gone) > 0 {
		w.say(words.List(gone, "and")+" is no lane of its own any more", "branches")
	} else if n := len(from.branches); !slices.Equal(from.branches, to.branches[:n]) {
		w.say("branches that several entries match may belong to another lane: the order is another", "branches")
	}
	w.commands()
	w.credentials()
	w.rules()
	w.needs()
	w.boundaries()
	w.environments()
	w.workflows()
	w.breakGlass()
	w.passkeys()
	w.rest()
	return w.found
}

// weaker collects the ways in which to is weaker than from.
type weaker struct {
	from, to *Rules
	found    []gateconfig.Weakening
}

func (w *weaker) say(detail string, at ...string) {
	w.found = append(w.found, gateconfig.Weakening{At: at, Detail: words.ClipTo(detail, 280)})
}

// rest is what is in force beyond what is compared above: another value of a
// setting that nothing here knows counts as weaker.
func (w *weaker) rest() {
	unknown := func(r *Rules) wholeInForce {
		v := wholeOf(r)
		v.Mode, v.Presume, v.Known, v.Rules, v.Needs, v.Boundaries, v.Separate = "", false, nil, nil, [5]*gate.Need{}, nil, nil
		v.Environments, v.Workflows, v.BreakGlass, v.OwnersOut, v.Helpers, v.Branches, v.Commands = nil, nil, nil, false, nil, nil, nil
		v.Passkeys = nil
		v.Credentials, v.Identities = nil, nil
		return v
	}
	old, now := reflect.ValueOf(unknown(w.from)), reflect.ValueOf(unknown(w.to))
	for i := range old.NumField() {
		if a, b := asText(old.Field(i).Interface()), asText(now.Field(i).Interface()); a != b {
			w.say(a+" to "+b+", which cannot be told to hold as much", strings.ToLower(old.Type().Field(i).Name))
		}
	}
}

func (w *weaker) agents() {
	old, now := w.from.Agents, w.to.Agents
	if old.PresumeAgent && !now.PresumeAgent {
		w.say("agent to human", "agents", "presume")
	}
	if w.from.ownersOut && !w.to.ownersOut {
		w.say("excluded to may_approve: who owns an agent may release what it made", "agents", "owners")
	}
	for _, k := range old.Known {
		if !slices.ContainsFunc(now.Known, func(n agent.Known) bool { return w.sameAgent(k, n) }) {
			w.say("the agent "+cmp.Or(k.Name, k.Login, k.Email)+" is no longer known, or as another", "agents", "known")
		}
	}
	for _, n := range now.Known {
		if !slices.ContainsFunc(old.Known, func(k agent.Known) bool { return w.sameAgent(k, n) }) && w.renames(n) {
			w.say("the agent "+cmp.Or(n.Name, n.Login, n.Email)+" may take the place of another, whom rules name", "agents", "known")
		}
	}
	if more := missingWords(now.Helpers, old.Helpers); len(more) > 0 {
		w.say(words.List(more, "and")+" is taken for no agent any more", "agents", "helpers")
	}
	old.PresumeAgent, old.Known, old.Helpers = false, nil, nil
	now.PresumeAgent, now.Known, now.Helpers = false, nil, nil
	if a, b := asText(old), asText(now); a != b {
		w.say(a+" to "+b+", which cannot be told to hold as much", "agents")
	}
}

// sameAgent reports whether two registrations have one effect. An owner has one
// only where owners are excluded.
func (w *weaker) sameAgent(old, now agent.Known) bool {
	if !w.from.ownersOut {
		old.Owner, now.Owner = "", ""
	}
	return old == now
}

// renames reports whether an agent that is registered can change what rules in
// force say of others: whoever it is taken for is called as it is from then on.
func (w *weaker) renames(n agent.Known) bool {
	for _, rule := range w.from.Active {
		if len(rule.Actors) > 0 || rule.When != nil && strings.Contains(rule.When.Text, "agent") {
			return true
		}
	}
	return w.from.ownersOut && slices.ContainsFunc(w.from.Agents.Known, func(k agent.Known) bool {
		return k.ID != 0 && k.ID == n.ID || k.Login != "" && strings.EqualFold(k.Login, n.Login) ||
			k.Email != "" && strings.EqualFold(k.Email, n.Email) || k.Name != "" && strings.EqualFold(k.Name, n.Name)
	})
}

// needs compares what releases a change of each level, and one that was not
// judged whole.
func (w *weaker) needs() {
	before := len(w.found)
	for _, level := range rulesfile.AllLevels {
		w.need(w.from.Needs[level.Rank()], w.to.Needs[level.Rank()], "needs", string(level))
	}
	if len(w.found) == before {
		w.need(w.from.Incomplete, w.to.Incomplete, "needs")
	}
}

// need compares two needs: to is as strict if whatever meets it meets from.
func (w *weaker) need(from, to *gate.Need, at ...string) {
	if from == nil || to != nil && Covers(spelled(*to), spelled(*from)) {
		return
	}
	old, now := report.Need(from), report.Need(to)
	if old == now {
		now += ", and it lasts longer"
	}
	w.say(old+" to "+now, at...)
}

// spelled names the channels of a need that names none.
func spelled(n gate.Need) gate.Need {
	if len(n.All)+len(n.Any) == 0 && len(n.Via) == 0 {
		n.Via = []string{string(rulesfile.Button), string(rulesfile.Passkey)}
	}
	n.All, n.Any = slices.Clone(n.All), slices.Clone(n.Any)
	for i := range n.All {
		n.All[i] = spelled(n.All[i])
	}
	for i := range n.Any {
		n.Any[i] = spelled(n.Any[i])
	}
	return n
}

func (w *weaker) boundaries() {
	for _, b := range w.from.Boundaries {
		i := slices.IndexFunc(w.to.Boundaries, func(o activeBoundary) bool { return o.Name == b.Name })
		if i < 0 {
			w.say("no longer a boundary", "boundaries", b.Name)
			continue
		}
		now := w.to.Boundaries[i]
		for _, part := range b.parts {
			if !slices.ContainsFunc(now.parts, func(p rulesfile.Boundary) bool { return holdsAsMuch(p, part) }) {
				w.say("less belongs to it, or for certain", "boundaries", b.Name)
				break
			}
		}
		// A file of a boundary is outside of an intent that names none of the
		// boundary's environments: one more lets more intents reach it.
		had, has := b.Environments(), now.Environments()
		if more := missingWords(has, had); len(had) > 0 && (len(has) == 0 || len(more) > 0) {
			w.say("environments "+words.List(had, "and")+" to "+cmp.Or(words.List(has, "and"), "none"), "boundaries", b.Name,
				"environments")
		}
	}
	for _, group := range w.from.Separate {
		if !slices.ContainsFunc(w.to.Separate, func(o []string) bool { return len(missingWords(group, o)) == 0 }) {
			w.say(words.List(group, "and")+" are no longer kept apart", "separate")
		}
	}
}

// holdsAsMuch reports whether all that belongs to old belongs to now for certain.
func holdsAsMuch(now, old rulesfile.Boundary) bool {
	if old.Paths != nil && (now.Paths == nil || !widens(now.Paths.Patterns(), old.Paths.Patterns(), pathWithin)) {
		return false
	}
	return old.Detect == nil || now.Detect != nil && widens(now.Detect.Written, old.Detect.Written, nameWithin)
}

// missingWords are the entries of a that b does not have.
func missingWords(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func (w *weaker) breakGlass() {
	old, now := w.from.breakGlass.Need(), w.to.breakGlass.Need()
	switch {
	case now == nil:
	case old == nil:
		w.say("nobody to "+sayBreakGlass(w.to.breakGlass), "break_glass")
	case !Covers(spelled(*now), spelled(*old)):
		w.say(sayBreakGlass(w.from.breakGlass)+" to "+sayBreakGlass(w.to.breakGlass), "break_glass")
	}
}

func (w *weaker) workflows() {
	for _, old := range w.from.workflows {
		if old.Hold == rulesfile.HoldNever {
			continue
		}
		if !slices.ContainsFunc(w.to.workflows, func(now WorkflowRules) bool { return holdsWorkflowsAsMuch(now, old) }) {
			w.say(fmt.Sprintf("%s: hold %s, needs %s: no set holds all of it as much any more",
				words.List(old.Paths, "and"), old.Hold, report.Need(old.Need)), "workflows", old.Name)
		}
	}
}

func holdsWorkflowsAsMuch(now, old WorkflowRules) bool {
	if !widens(now.Paths, old.Paths, pathWithin) ||
		slices.Index(rulesfile.WorkflowHolds, now.Hold) < slices.Index(rulesfile.WorkflowHolds, old.Hold) {
		return false
	}
	if old.Need != nil && (now.Need == nil || !Covers(spelled(*now.Need), spelled(*old.Need))) {
		return false
	}
	now.Name, now.Paths, now.Hold, now.Need = "", nil, "", nil
	old.Name, old.Paths, old.Hold, old.Need = "", nil, "", nil
	return asText(now) == asText(old)
}
