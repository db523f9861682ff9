// Package suggest reads what became of past changes and proposes what a rules
// file could ask less for, or should ask more for.
//
// It is pure: events of the ledger and the text of a rules file go in, figures
// and the text as it could become come out. It decides nothing and sends
// nothing; a human merges the change, which is judged by the rules that are in
// force like any other.
//
// # What counts
//
// A release is clean where a change was held, was released by approvals, was
// merged, and neither a merged pull request nor one that is still open takes it
// back. An override is no release in this sense, nor is a merge of what was
// held, nor one of a change that was ever denied. What was found on such a
// change is blamed on all its rules when it is about asking less, and on its
// gravest only when it is about asking more.
//
// # What is never proposed
//
// To ask less of the packs gate, secrets and backups, of a rule that names what
// their detectors see, or that holds gatehold's own rules file; of a rule that
// is critical or can come upon something critical, or upon something graver
// than what was released cleanly; of a rule that another file owns. And nothing
// by which a change that was denied, overridden or taken back, or one of
// critical level, would be judged more mildly than before. Whoever takes away
// evidence, or makes much of it, must not move what guards the guard.
package suggest

import (
	"time"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Options are what evidence has to be.
type Options struct {
	Now   time.Time
	Since time.Duration // how far back the evidence reaches; what is older counts for nothing
	Clean int           // how many clean releases speak for asking less, at least 1
	// Repository, "owner/name", or Owner says whose history counts.
	Repository string
	Owner      string
}

// Files are the rules files: Repo is the one that is changed, or Org where Repo
// is nil.
type Files struct{ Org, Repo *rulesfile.Source }

// Report is what was found. Its lists are sorted.
type Report struct {
	File    string    `json:"file"` // that the difference is of
	Whose   string    `json:"whose"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Reaches time.Time `json:"reaches"` // when the ledger's first record of them was made
	Changes int       `json:"changes"` // that count
	// Figures are of all changes; Rules are those of each rule in force.
	Figures   Figures       `json:"figures"`
	Rules     []RuleFigures `json:"rules"`
	Proposals []Proposal    `json:"proposals"`
	// Left says of rules with evidence why nothing is proposed.
	Left []Left `json:"left"`
	// Brings says what would be in force then that is not now.
	Brings []string `json:"brings"`
	Diff   string   `json:"diff"`
	Text   string   `json:"text"` // of the file, with all proposals
}

// Figures count changes. One change may count in several of them.
type Figures struct {
	Found      int `json:"found"`      // something was found
	Held       int `json:"held"`       // it had to wait for people
	WouldHold  int `json:"would_hold"` // it was only watched; enforced, it would have waited
	Passed     int `json:"passed"`     // it was merged without waiting
	Clean      int `json:"clean"`      // released by approvals, merged, not taken back
	Critical   int `json:"critical"`   // of these, at level critical: no evidence for anything
	Denied     int `json:"denied"`
	Overridden int `json:"overridden"`
	Reverted   int `json:"reverted"`   // merged, and taken back
	Unreleased int `json:"unreleased"` // merged although it was held
	Unmerged   int `json:"unmerged"`   // closed without being merged
	Open       int `json:"open"`
}

// RuleFigures are those of one rule, with the parts that agents and
// repositories have in them.
type RuleFigures struct {
	Rule         string             `json:"rule"`
	From         string             `json:"from"` // the pack, "organisation" or "repository"
	Mode         rulesfile.Mode     `json:"mode"`
	Figures      Figures            `json:"figures"`
	Agents       map[string]Figures `json:"agents"`
	Repositories map[string]Figures `json:"repositories"`
}

// Kind says which way a proposal goes.
type Kind string

// The kinds.
const (
	Relax   Kind = "relax"
	Tighten Kind = "tighten"
)

// Proposal is one setting that the file could have.
type Proposal struct {
	Kind    Kind    `json:"kind"`
	Rule    string  `json:"rule,omitempty"` // empty: the file as a whole
	From    string  `json:"from,omitempty"`
	Agent   string  `json:"agent,omitempty"` // whose changes alone are meant
	Setting string  `json:"setting"`         // "mode: observe"
	Why     string  `json:"why"`             // a sentence with the figures
	Figures Figures `json:"figures"`
	// Otherwise counts the changes on record that would have come out otherwise:
	// without waiting, where less is asked; with a stricter need, where more is.
	Otherwise int `json:"otherwise"`
}

// Left is a rule for which nothing is proposed.
type Left struct {
	Rule  string `json:"rule"`
	Agent string `json:"agent,omitempty"`
	Why   string `json:"why"`
}
