// Package gate is the law: what can be held, what happens to it, and what
// releases it. It is pure. It imports the standard library only, reads no
// clock and does no I/O; archtest holds it to that.
//
// A gate is the hold on one Subject. Its state is nothing but the fold of the
// records in its ledger stream: Fold(State, Event) State.
package gate

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the sort of thing that a gate holds.
type Kind string

// The kinds of subject.
const (
	PullRequest Kind = "pr"
)

// Repo names a repository within one installation of the App. ID is what
// counts: names are re-used and renamed.
type Repo struct {
	Installation int64  `json:"installation"`
	ID           int64  `json:"id"`
	Owner        string `json:"owner"`
	Name         string `json:"name"`
}

// FullName is "owner/name".
func (r Repo) FullName() string { return r.Owner + "/" + r.Name }

// Subject is what a gate holds.
type Subject struct {
	Kind   Kind `json:"kind"`
	Repo   Repo `json:"repo"`
	Number int  `json:"number,omitempty"`
}

// Stream is the subject's ledger stream. It holds no name, so that a renamed
// repository keeps its gates.
func (s Subject) Stream() string {
	return fmt.Sprintf("%s/%d/%d", s.Kind, s.Repo.ID, s.Number)
}

func (s Subject) String() string {
	return s.Repo.FullName() + "#" + strconv.Itoa(s.Number)
}

// CheckStream is the stream of the one check run that gatehold publishes for
// a commit, whichever pull requests have it as their head.
func CheckStream(repoID int64, sha string) string {
	return fmt.Sprintf("check/%d/%s", repoID, sha)
}

// StreamKind is the part of a stream's name before the first slash.
func StreamKind(stream string) string {
	kind, _, _ := strings.Cut(stream, "/")
	return kind
}
