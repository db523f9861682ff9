package change

import "time"

// Facts are what a pull request is on GitHub at one moment: the change without
// the texts of its files, and the rules files that apply to it.
type Facts struct {
	Change Change
	Open   bool // false: closed or merged
	// PullHead is the head of the pull request: Change.Head, but for a merge
	// group, whose head merges it.
	PullHead string
	Merged   bool
	Tip      string // of the base branch, where its rules were read
	Org      RulesFile
	Repo     RulesFile

	// UpdatedAt is when the pull request was changed last, in whole seconds.
	UpdatedAt time.Time
	Rules     RulesPlace

	// Default is the repository's default branch. Its rules say which branches are
	// lanes, and are those of changes into any other branch.
	Default Branch
}

// RulesPlace says how new rules are.
type RulesPlace struct {
	Ref      string    // the branch that they were read from
	PushedAt time.Time // when the repository was pushed to last; zero: it is not said
	OrgTip   string    // where those of the organisation were read; empty: nowhere
	OrgAt    time.Time // when that repository was pushed to last
}

// Branch is a branch at one moment.
type Branch struct {
	Name  string
	Tip   string
	Rules RulesFile
	At    time.Time // when the repository was changed last, as the same answer said; zero: it is not said
}

// RulesState says what became of looking for a rules file.
type RulesState uint8

// The states of a RulesFile. The zero value is Unknown: never the same as a
// file that is known not to be there.
const (
	RulesUnknown RulesState = iota // could not be told: Reason says why; the gate stays held
	RulesAbsent                    // known not to exist
	RulesFound                     // Text is the whole file
	RulesRefused                   // there is one that may not be used (symlink, too large, binary): held
)

// RulesFile is a rules file as it was found at a commit.
type RulesFile struct {
	State  RulesState
	Name   string // "acme/shop/.github/gatehold.yml@3f2a91c"
	Text   []byte
	Reason string
}

// Hint is what an event said of a pull request: a guess at what to ask for in
// parallel, never trusted.
type Hint struct {
	Head, Base string
	BaseRef    string // the base branch; better than Base, which may be stale
	Files      int
}

// Between is what differs between a commit and where it parted from another one.
type Between struct {
	Base  string // where they parted
	Files []File
	Whole bool // false: there may be more files
}
