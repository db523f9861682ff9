package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Push is one move of a branch, with the account that GitHub authenticated for it.
type Push struct {
	Before string `json:"before,omitempty"` // empty: the branch was made by it
	After  string `json:"after,omitempty"`  // empty: the branch was deleted by it
	By     Actor  `json:"by"`               // without an id: not known
	// Forced says that Before may not be in the history of After.
	Forced bool      `json:"forced,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Commits are those that it brought and that were new to the repository: any
	// other was there before, by the push of whoever pushed it there. Bounded;
	// Untold says that they are not all, or that nothing is known of them.
	Commits []string `json:"commits,omitempty"`
	Untold  bool     `json:"untold,omitempty"`
}

// Merge is a pull request that went into a branch, with the commit that it became
// there: the merge, the squashed commit, or the last one that was rebased.
type Merge struct {
	SHA    string `json:"sha"`
	Number int    `json:"number"`
}

// Pushed records pushes on the stream of a branch, the oldest first, and what was
// merged into it.
type Pushed struct {
	Branch Subject `json:"branch"`
	Pushes []Push  `json:"pushes"`
	Merged []Merge `json:"merged,omitempty"`
	// AskedFor is the head for which GitHub was asked who pushed, where it was.
	AskedFor string `json:"asked_for,omitempty"`
}

// Kind names the event in the ledger.
func (Pushed) Kind() string { return "pushed" }

// branchKey stands for the name of a branch in a stream's name. Unlike those of
// environments, names of branches differ by letter case.
func branchKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// AnyBranch names the stream of a repository on which pushes are on record that
// the stream of no branch tells of: those to branches that are gone, and what
// GitHub was asked about all branches.
func AnyBranch(repo Repo) Subject { return Subject{Kind: Branch, Repo: repo} }
