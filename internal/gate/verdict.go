package gate

import (
	"cmp"
	"slices"
)

// Level is how much harm a change could do, in four steps.
type Level string

// The levels, from the least to the most.
const (
	Low      Level = "low"
	Medium   Level = "medium"
	High     Level = "high"
	Critical Level = "critical"
)

// GraveFrom is the least risk of a match that is grave by itself. A change that has
// none comes to medium at most, however much of it there is: paths and what is
// merely untidy are no reason to wake somebody.
const GraveFrom = 40

// Rank orders levels: 1 for low to 4 for critical, 0 for anything else.
func (l Level) Rank() int {
	switch l {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

// Max returns the higher of two levels.
func (l Level) Max(other Level) Level {
	if other.Rank() > l.Rank() {
		return other
	}
	return l
}

// Strength is how good the evidence of an attribution is.
type Strength string

// The strengths. Verified is what only GitHub could have set; Declared is
// what the change says of itself; Suspected is circumstance, a branch name
// say. None means that nothing points to an agent, which proves nothing.
const (
	None      Strength = "none"
	Suspected Strength = "suspected"
	Declared  Strength = "declared"
	Verified  Strength = "verified"
)

// Rank orders strengths from None, 0, to Verified, 3.
func (s Strength) Rank() int {
	switch s {
	case Suspected:
		return 1
	case Declared:
		return 2
	case Verified:
		return 3
	}
	return 0
}

// Attribution says whether an agent wrote a change, and how that is known.
type Attribution struct {
	// Is is true where the change counts as an agent's: by evidence, or because
	// it is not known that a person made it, or, under `presume: agent`, because
	// nothing proves it human.
	Is          bool       `json:"is"`
	Strength    Strength   `json:"strength"`
	Names       []string   `json:"names"`
	Evidence    []Evidence `json:"evidence"`
	Instigators []string   `json:"instigators"` // logins, or "Name <e-mail>" where no account is known
	Presumed    bool       `json:"presumed,omitempty"`
	// Signed is the login of whoever opened it, who signed by passkey that it is theirs:
	// but for that it would be presumed an agent's.
	Signed string `json:"signed,omitempty"`
	// Automation names bots that are not coding agents (dependabot, renovate).
	Automation []string `json:"automation,omitempty"`
	// Owners are who answers for the agents that the rules register.
	Owners []Owned `json:"owners,omitempty"`
	// Unknown says in sentences of whom it is not known that a person acted. With
	// any of them the change counts as an agent's.
	Unknown []string `json:"unknown,omitempty"`
}

// Owned is an agent with who answers for it: "@acme/platform".
type Owned struct {
	Agent string `json:"agent"`
	Owner string `json:"owner"`
}

// KindAutomation is the kind of evidence that known automation left, which is no
// coding agent. By such evidence alone a change has no names of agents.
const KindAutomation = "automation"

// ByAutomation reports whether nothing but known automation made a change.
func (a Attribution) ByAutomation() bool {
	other := func(e Evidence) bool { return e.Kind != KindAutomation }
	return len(a.Evidence) > 0 && len(a.Unknown) == 0 && !a.Presumed && !slices.ContainsFunc(a.Evidence, other)
}

// Evidence is one sign of an agent.
type Evidence struct {
	Agent    string   `json:"agent"`
	Strength Strength `json:"strength"`
	Kind     string   `json:"kind"` // login, app, automation, email, name, trailer, branch, body, message, label
	Text     string   `json:"text"` // what was seen, bounded
	Commit   string   `json:"commit,omitempty"`
}

// Finding is one rule that matched at one place.
type Finding struct {
	Rule        string   `json:"rule"`
	Pack        string   `json:"pack"`        // the pack or file that the rule came from
	Observation *string  `json:"observation"` // id of what a detector saw; null where only the fields matched
	Risk        int      `json:"risk"`
	Level       Level    `json:"level_floor,omitempty"`
	Path        string   `json:"path"`
	Line        int      `json:"line"`
	Removed     bool     `json:"removed,omitempty"` // Line counts in the text before
	Object      string   `json:"object,omitempty"`
	Message     string   `json:"message"`       // a sentence: what was seen and where
	Why         string   `json:"why,omitempty"` // a sentence: what could be lost, how hard to take back
	Controls    []string `json:"controls"`
	Observe     bool     `json:"observe,omitempty"` // the rule only watches: no part of the score
	// Args tell it from another of its kind at the same place about the same
	// object, where Message alone would. They are no sentence.
	Args string `json:"args,omitempty"`
}

// Need is what releases a gate. Either Approvals (with From and Via), or All,
// or Any is set.
type Need struct {
	Approvals int      `json:"approvals,omitempty"`
	From      []string `json:"from,omitempty"`    // "@user", "@org/team", "role:maintain", "codeowners"; empty: who can write
	Via       []string `json:"via,omitempty"`     // channels; empty: any
	Expires   string   `json:"expires,omitempty"` // a Go duration; empty: while the change stays as it is
	Reason    bool     `json:"reason,omitempty"`  // the approver must say why
	Keep      string   `json:"keep,omitempty"`    // "same_findings", or empty
	All       []Need   `json:"all,omitempty"`
	Any       []Need   `json:"any,omitempty"`
}

// Problem is something that kept an evaluation from being complete. A verdict
// with problems is held, whatever its score.
type Problem struct {
	Code string `json:"code"` // rules_invalid, change_incomplete, ...
	Text string `json:"text"` // what is wrong and what a person can do
	// Subject is what it is about, where the code alone does not say: a rule's id,
	// a place in a file. No sentence.
	Subject string `json:"subject,omitempty"`
}

// RulesRef names the rules that were in force.
type RulesRef struct {
	Digest  string   `json:"digest"`
	Before  string   `json:"before,omitempty"`  // the digest that the version before this one gave them
	Sources []string `json:"sources"`           // where they came from, strictest first
	Builtin bool     `json:"builtin,omitempty"` // no rules file anywhere: the built-in default
}

// Verdict is the outcome of judging one change: data with its reasons. The
// check run, the page and the CLI print this and nothing else.
type Verdict struct {
	ID         string      `json:"id,omitempty"`
	Repository string      `json:"repository,omitempty"`
	Number     int         `json:"number,omitempty"`
	Base       string      `json:"base,omitempty"`
	Head       string      `json:"head,omitempty"`
	Agent      Attribution `json:"agent"`
	Score      int         `json:"score"`
	Level      Level       `json:"level"`
	Held       bool        `json:"held"`
	// WouldHold is true where only `mode: observe` keeps the change from being held.
	WouldHold bool      `json:"would_hold,omitempty"`
	Mode      string    `json:"mode"`   // enforce or observe
	Reason    string    `json:"reason"` // one sentence: why it passes or waits
	Findings  []Finding `json:"findings"`
	Hidden    int       `json:"hidden,omitempty"` // findings beyond the bound, counted in Beyond
	Needs     *Need     `json:"needs,omitempty"`  // what releases it, where it is held
	Problems  []Problem `json:"problems,omitempty"`
	// Notes are sentences about what was not taken into account. They hold
	// nothing and are no part of the score.
	Notes []string `json:"notes,omitempty"`
	Rules RulesRef `json:"rules"`
	// Contributors had a part in the change: none of them can release it.
	Contributors []Contributor `json:"contributors,omitempty"`
	// Excluded are groups none of whose members can release it either.
	Excluded []Exclusion `json:"excluded,omitempty"`
	// BreakGlass says who may release it at once, and how; nil for nobody.
	BreakGlass *Need `json:"break_glass,omitempty"`
	// Origin is what led to a pull request: the issues that asked for it and the
	// sessions in which agents made it. No part of the digest.
	Origin []Link `json:"origin,omitempty"`
	// Intent is what was declared, beside what was done; nil where nothing was. What of
	// it weighs is among the findings: no part of the digest.
	Intent *Intent `json:"intent,omitempty"`
	// Tell is what the rules say about who is told; nil where they say nothing. It
	// decides nothing, and is no part of the digest.
	Tell []Telling `json:"tell,omitempty"`
	// Deploy is what a deployment or a workflow run is beside a change.
	Deploy *Deploy `json:"deploy,omitempty"`
	// Brings are the pull requests that this one brings along; nil where there are
	// none that are known.
	Brings *Brings `json:"brings,omitempty"`
	// FindingsDigest is the SHA-256, in hex, over what was found and in which
	// content: the same after a rebase that changes neither. Empty where the
	// content is not known: then nothing is the same.
	FindingsDigest string `json:"findings_digest,omitempty"`
	// Read is the SHA-256, in hex, over the files and commits that were judged.
	Read string `json:"read,omitempty"`
	// Beyond is the SHA-256, in hex, over all findings, and all that goes out, where
	// some of it is not shown.
	Beyond string `json:"beyond,omitempty"`
	// Digest is what an approval is for: see Seal. Two verdicts with the same digest
	// say the same thing, though perhaps in other words.
	Digest string `json:"digest"`
	// Facts is the FactsVersion of Digest; 0: it is over every word.
	Facts int `json:"facts,omitempty"`
	// Proposed says what a change to the rules file itself would bring. It is
	// no part of the digest: what it says of this change follows from the head
	// and the rules in force, which are, and what it says of others moves with
	// every merge. A proposed file that is not valid is among the Problems.
	Proposed *Proposal `json:"proposed,omitempty"`
}

// Proposal is a rules file that a change brings, read by the code that would
// enforce it, beside the rules that are in force.
type Proposal struct {
	Valid    bool     `json:"valid"`
	Problems []string `json:"problems,omitempty"` // "file:line:column: what is wrong", where it is not valid
	Changes  []string `json:"changes,omitempty"`  // sentences: what differs from the rules in force
	// Judged is how many changes of the past were judged under both rules, and
	// Different are those that came out otherwise.
	Judged    int          `json:"judged,omitempty"`
	Different []Difference `json:"different,omitempty"`
	Note      string       `json:"note,omitempty"` // a sentence: what of the past could not be told
}

// Difference is a change of the past that other rules judge otherwise.
type Difference struct {
	Subject string `json:"subject"` // "#12 Add a column", or a commit and its title
	From    string `json:"from"`    // what the rules in force say: "passes: low risk, score 10"
	To      string `json:"to"`      // what the proposed rules say
}

// GraverThan reports whether a verdict asks for more than another one of the same
// head: to be judged at all, to be held, or by its score.
func (v *Verdict) GraverThan(o *Verdict) bool {
	rank := func(v *Verdict) int {
		switch {
		case len(v.Problems) > 0:
			return 2
		case v.Held || v.WouldHold:
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(v), rank(o)), cmp.Compare(v.Score, o.Score)) > 0
}

// Intent is what a change was declared to touch, in its own text or in issues that it
// resolves, beside what it touches: for people to compare. What lies outside is a
// finding where the rules ask for that; here it decides nothing.
type Intent struct {
	Declared []Scope   `json:"declared"`
	Files    int       `json:"files"`             // that the change touches
	Folders  []string  `json:"folders"`           // in which they are; "." for the root
	Kinds    []string  `json:"kinds"`             // of what was seen in it
	Outside  []Outside `json:"outside"`           // of what was declared
	Omitted  int       `json:"omitted,omitempty"` // of Outside
}

// Scope is one declaration. A list that is nil was not declared.
type Scope struct {
	Where        string   `json:"where,omitempty"` // "issue #12 by @ana"; empty: in the change's own text
	Paths        []string `json:"paths,omitempty"`
	Kinds        []string `json:"kinds,omitempty"`
	Environments []string `json:"environments,omitempty"`
	Fault        string   `json:"fault,omitempty"` // why it could not be read
}

// Outside is a file that lies outside of what was declared, or holds what does.
type Outside struct {
	Path string `json:"path"`          // empty: the change as a whole
	How  string `json:"how,omitempty"` // "declared are the paths docs/**"
}
