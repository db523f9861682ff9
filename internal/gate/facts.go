package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FactsVersion is the version of what a verdict's digest covers, and part of it.
// It goes up when that changes, never when a sentence does. Verdicts from before
// there was one, of version 0, have a digest over every word.
const FactsVersion = 3

// Seal gives a verdict its digest: the SHA-256, in hex, over its facts and their
// version. Sentences are no facts, nor are names of people and repositories that
// GitHub knows by an id, or what led to the change.
func (v *Verdict) Seal() {
	v.Facts = FactsVersion
	v.Digest = v.factsDigest()
}

// facts are what an approval is for. Every field of a Verdict is either here or
// is words: a test goes through all of them.
type facts struct {
	Version        int
	Number         int      `json:",omitempty"`
	Base, Head     string   `json:",omitempty"`
	Read           string   `json:",omitempty"`
	Whose          whose    // the attribution
	Contributors   []string `json:",omitempty"`
	Excluded       []string `json:",omitempty"`
	Score          int
	Level          Level
	Held           bool
	WouldHold      bool
	Mode           string
	Needs          *Need `json:",omitempty"`
	BreakGlass     *Need `json:",omitempty"`
	Problems       []problem
	Rules          string
	Builtin        bool
	Findings       []string `json:",omitempty"`
	Hidden         int      `json:",omitempty"`
	Beyond         string   `json:",omitempty"`
	FindingsDigest string   `json:",omitempty"`
	Deploy         *goesOut `json:",omitempty"`
	Brings         *Brings  `json:",omitempty"`
}

type whose struct {
	Is          bool
	Strength    Strength
	Names       []string
	Presumed    bool
	Automation  []string
	Unknown     int
	Evidence    []sign
	Instigators []string
}

type sign struct {
	Agent    string
	Strength Strength
	Kind     string
	Commit   string `json:",omitempty"`
}

type problem struct{ Code, Subject string }

type goesOut struct {
	Environment string
	Run         int64
	Attempt     int
	Workflow    string
	Trigger     string
	Base        string
	First       bool
	Rollback    bool
	Concurrent  int
	Cancel      bool
	Outgoing    []outgoing
	Omitted     int
	Jobs        []job
}

type outgoing struct {
	Number   int
	SHA      string
	Agent    bool
	Names    []string
	Score    int
	Level    Level
	Approved int
	Valid    bool
}

type job struct {
	ID, Workflow, Environment string
	Powers                    []string
	Held                      Hold
}

func (v *Verdict) facts() facts {
	out := facts{
		Version: FactsVersion, Number: v.Number, Base: v.Base, Head: v.Head, Read: v.Read, Whose: v.Agent.facts(v.Contributors),
		Score: v.Score, Level: v.Level, Held: v.Held, WouldHold: v.WouldHold, Mode: v.Mode, Needs: v.Needs, BreakGlass: v.BreakGlass,
		Rules: v.Rules.Digest, Builtin: v.Rules.Builtin, Hidden: v.Hidden, Beyond: v.Beyond, FindingsDigest: v.FindingsDigest,
		Deploy: v.Deploy.facts(), Brings: v.Brings,
	}
	for _, c := range v.Contributors {
		out.Contributors = append(out.Contributors, strings.Join(append([]string{accountKey(c.Login, c.ID)}, c.Known...), " as "))
	}
	out.Contributors = sorted(out.Contributors)
	for _, x := range v.Excluded {
		out.Excluded = append(out.Excluded, strings.ToLower(x.Group))
	}
	out.Excluded = sorted(out.Excluded)
	for _, p := range v.Problems {
		out.Problems = append(out.Problems, problem{p.Code, p.Subject})
	}
	for i := range v.Findings {
		out.Findings = append(out.Findings, string(v.Findings[i].Fact()))
	}
	slices.Sort(out.Findings)
	return out
}

func (v *Verdict) factsDigest() string {
	sum := sha256.Sum256(plain(v.facts()))
	return hex.EncodeToString(sum[:])
}

// plain is the JSON of what always has one. Should that ever change, no approval
// may fit by accident.
func plain(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Appendf(nil, "%s %+v", err, v)
	}
	return text
}

// Fact is a finding without its words, in a form that is the same for equal ones.
func (f *Finding) Fact() []byte {
	observation := ""
	if f.Observation != nil {
		observation = *f.Observation
	}
	return fmt.Appendf(nil, "%q %q %q %d %q %q %d %t %q %q %t", f.Rule, f.Pack, observation, f.Risk, f.Level, f.Path, f.Line,
		f.Removed, f.Object, f.Args, f.Observe)
}

// facts of an attribution. Whoever has an account among the contributors is known
// by it.
func (a Attribution) facts(known []Contributor) whose {
	out := whose{
		Is: a.Is, Strength: a.Strength, Names: a.Names, Presumed: a.Presumed, Automation: a.Automation, Unknown: len(a.Unknown),
	}
	for _, e := range a.Evidence {
		out.Evidence = append(out.Evidence, sign{e.Agent, e.Strength, e.Kind, e.Commit})
	}
	for _, who := range a.Instigators {
		login, id := strings.TrimPrefix(who, "@"), int64(0)
		if i := slices.IndexFunc(known, func(c Contributor) bool { return strings.EqualFold(c.Login, login) }); i >= 0 {
			id = known[i].ID
		}
		out.Instigators = append(out.Instigators, accountKey(login, id))
	}
	out.Instigators = sorted(out.Instigators)
	return out
}

func accountKey(login string, id int64) string {
	if id != 0 {
		return strconv.FormatInt(id, 10)
	}
	return strings.ToLower(login)
}

func sorted(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

func (d *Deploy) facts() *goesOut {
	if d == nil {
		return nil
	}
	out := &goesOut{
		Environment: strings.ToLower(d.Environment), Run: d.Run, Attempt: d.Attempt, Workflow: d.Workflow, Trigger: d.Trigger,
		Base: d.Base, First: d.First, Rollback: d.Rollback, Concurrent: d.Concurrent, Cancel: d.Cancel, Omitted: d.Omitted,
	}
	for _, o := range d.Outgoing {
		out.Outgoing = append(out.Outgoing, outgoing{o.Number, o.SHA, o.Agent, o.Names, o.Score, o.Level, len(o.ApprovedBy), o.Valid})
	}
	for _, j := range d.Jobs {
		out.Jobs = append(out.Jobs, job{j.ID, j.Workflow, j.Environment, j.Powers, j.Held})
	}
	return out
}

// Fact is one part of what goes out without its words.
func (o *Outgoing) Fact() []byte {
	return plain(outgoing{o.Number, o.SHA, o.Agent, o.Names, o.Score, o.Level, len(o.ApprovedBy), o.Valid})
}

// sameFacts reports whether two verdicts, whatever version of gatehold wrote
// each, say the same of the same commits, as far as both tell: then what people
// said to one is said to the other.
func sameFacts(a, b *Verdict) bool {
	if a.Head == "" || a.Hidden+b.Hidden > 0 || a.Deploy != nil && a.Deploy.Omitted > 0 || !a.Rules.Same(b.Rules) {
		return false
	}
	bare := func(v *Verdict) []byte { // without what older versions do not tell: both are of one base and head
		f := v.facts()
		f.Read, f.FindingsDigest, f.Rules = "", "", ""
		for i := range f.Problems {
			f.Problems[i].Subject = ""
		}
		return plain(f)
	}
	return bytes.Equal(bare(a), bare(b))
}

// Same reports whether two verdicts were made under the same rules, by the digest
// that a later or an earlier version gives those.
func (r RulesRef) Same(o RulesRef) bool {
	return r.Digest == o.Digest || o.Before != "" && r.Digest == o.Before || r.Before != "" && o.Digest == r.Before
}

// restated takes along the choices that were made on what another version of
// gatehold said, where now the same is said in another way.
func (s State) restated(now *Verdict) State {
	was := s.Verdict
	if was == nil || now == nil || was.Digest == now.Digest || was.Facts == now.Facts || !sameFacts(was, now) {
		return s
	}
	s.Choices = slices.Clone(s.Choices)
	for i := range s.Choices {
		if about := &s.Choices[i].For; about.Verdict == was.Digest && about.Rules == was.Rules.Digest {
			about.Verdict, about.Rules, about.Findings = now.Digest, now.Rules.Digest, now.FindingsDigest
		}
	}
	return s
}

// Says reports whether two verdicts say the same, word by word, of what a check
// shows: what would come of a proposed rules file, what led to the change and
// what time alone changes is looked at elsewhere.
func (v *Verdict) Says(o *Verdict) bool { return bytes.Equal(v.words(), o.words()) }

func (v *Verdict) words() []byte {
	out := *v
	out.Proposed, out.Origin, out.Intent, out.Rules.Sources = nil, nil, nil, nil
	if v.Deploy != nil {
		deploy := *v.Deploy
		deploy.Waits, deploy.Over = nil, nil
		out.Deploy = &deploy
	}
	return plain(out)
}
