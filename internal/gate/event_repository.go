package gate

import (
	"time"
)

// Surveyed records, on the stream of a repository, that its gates were looked
// for and what enforces them.
type Surveyed struct {
	Covers uint64 `json:"covers"`
	// Enforcement is absent where it is as it was before.
	Enforcement []Enforcement `json:"enforcement,omitempty"`
	// Paths are the ways to deploy; nil where they are as they were before, empty
	// where there are none.
	Paths []Job `json:"paths,omitzero"`
	// Lanes are what the branches belong to; nil where they are as they were.
	Lanes *Lanes `json:"lanes,omitempty"`
	// RepoAt is GitHub's updated_at of the repository in the answer that Lanes were
	// read from; absent where it did not say.
	RepoAt time.Time `json:"repo_at,omitzero"`
}

func (Surveyed) Kind() string { return "surveyed" }

// Bound records, on the stream of a repository, which account or team had a name
// when rules or a text named it there for the first time. Names are given up and
// taken by others: from then on the name means this one or nobody.
type Bound struct {
	Login string `json:"login"` // in small letters, without "@"; of a team org/team
	ID    int64  `json:"id"`    // 0: nobody had it
}

// Kind names each event in the ledger.
func (Bound) Kind() string { return "bound" }

// Noticed records, on the stream of a repository, what gatehold itself found out
// about it.
type Noticed struct {
	Subject Subject `json:"subject"`
	What    Reason  `json:"what"`
	By      Actor   `json:"by,omitzero"`
	// BaseRef is the branch that it is about, where it is about one.
	BaseRef string    `json:"base_ref,omitempty"`
	Tip     *Tip      `json:"tip,omitempty"`
	RepoAt  time.Time `json:"repo_at,omitzero"`
	Default string    `json:"default_branch,omitempty"`
}

func (Noticed) Kind() string { return "noticed" }

// Tip is a branch as a push left it, of a push that can have changed the rules
// on it.
type Tip struct {
	SHA    string    `json:"sha"`              // empty: the branch is gone
	Before string    `json:"before,omitempty"` // where it was, empty where it was not
	At     time.Time `json:"at"`               // GitHub's pushed_at of the repository, in whole seconds
	// Of is the repository that the branch is of, where it is another one than
	// that on whose stream this stands: the organisation's.
	Of *Repo `json:"of,omitempty"`
}

// RulesAt says where rules were read.
type RulesAt struct {
	Ref    string    `json:"ref"`               // the branch
	Tip    string    `json:"tip"`               // its commit
	At     time.Time `json:"at,omitzero"`       // when the repository was pushed to last, as the same answer said
	OrgTip string    `json:"org_tip,omitempty"` // of the organisation's rules; empty where it has none
	OrgAt  time.Time `json:"org_at,omitzero"`
}

// Over reports whether t is what a branch became after was. Of two pushes of one
// second, each of which may be heard of first, the one before is named.
func (t Tip) Over(was Tip) bool {
	if t.At.Equal(was.At) {
		return was.Before != t.SHA || t.Before == was.SHA
	}
	return t.At.After(was.At)
}
