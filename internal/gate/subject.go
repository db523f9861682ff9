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

// The kinds of subject. A Check is not held itself: it is the one check run
// of a commit, which shows the worst of the gates that have it as their head.
const (
	PullRequest Kind = "pr"
	Check       Kind = "check"
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
	Kind   Kind   `json:"kind"`
	Repo   Repo   `json:"repo"`
	Number int    `json:"number,omitempty"` // of a PullRequest
	SHA    string `json:"sha,omitempty"`    // of a Check
}

// Stream is the subject's ledger stream. It holds no name, so that a renamed
// repository keeps its gates.
func (s Subject) Stream() string {
	if s.Kind == Check {
		return fmt.Sprintf("%s/%d/%s", s.Kind, s.Repo.ID, s.SHA)
	}
	return fmt.Sprintf("%s/%d/%d", s.Kind, s.Repo.ID, s.Number)
}

func (s Subject) String() string {
	if s.Kind == Check {
		return s.Repo.FullName() + "@" + s.SHA
	}
	return s.Repo.FullName() + "#" + strconv.Itoa(s.Number)
}

// StreamKind is the part of a stream's name before the first slash.
func StreamKind(stream string) string {
	kind, _, _ := strings.Cut(stream, "/")
	return kind
}
