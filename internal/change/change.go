// Package change holds what is judged: one base and one head of a repository,
// with the files, commits and actors between them.
//
// The package is pure data. Whoever builds a Change (the GitHub adapter, a
// local git range, a JSONL line) says what it could not read instead of
// leaving it out: a Gap holds a change, silence would let it pass.
package change

import (
	"fmt"
	"strings"
)

// Change is a base and a head of one repository.
type Change struct {
	ID           string // free label of the caller, returned with the verdict
	Repository   string // "owner/name"
	RepositoryID int64
	Number       int // pull request number, 0 where there is none

	Base, Head       string // commit SHAs; Base is the merge base
	BaseRef, HeadRef string // branch names, without refs/heads/
	HeadRepository   string // "owner/name"; differs from Repository for a fork
	HeadRepositoryID int64  // 0: it is gone, or not known

	Title, Body string
	Labels      []string
	Draft       bool

	Author    Actor   // who opened it
	Pusher    Actor   // who pushed the head, where GitHub said so
	Claimed   Actor   // who signed, by passkey, that this very head is theirs
	Via       string  // slug of the App through which it was opened, if GitHub told
	Assignees []Actor // who was asked to do the work
	// Pushers are all who pushed to it since the merge base, as far as that is on
	// record, each once. One without an ID pushed, and nobody knows who it is.
	Pushers []Actor
	Pushes  PushRecord // whether Pushers are all of them
	// Names are the accounts that logins meant when rules named them first, in small
	// letters; 0 for nobody's. A login that is not in it means whoever has it.
	Names map[string]int64
	// Vouched is set where no GitHub authenticated the accounts, a file or a local
	// clone: then whoever told of them answers for their types, and an account of
	// type User needs no id to be a person's. Never set it for GitHub's answers.
	Vouched bool

	Commits []Commit
	Files   []File

	// Issues are those that the change says it resolves.
	Issues []Issue
	// IssuesLeft is how many more are linked than were asked for.
	IssuesLeft int
	// IssuesUnseen says why linked issues could not be looked at, as the rest of
	// a sentence: "the App lacks the permission issues: read". Empty: all could.
	IssuesUnseen string

	// Owners is CODEOWNERS at the tip of the base branch. It is looked at only
	// where the rules ask for code owners; the zero value is not known, which holds.
	Owners RulesFile

	// Gaps are sentences that say what of this change could not be read.
	// A change with gaps is never judged harmless.
	Gaps []string
}

// ActorType is GitHub's kind of account.
// https://docs.github.com/en/graphql/reference/interfaces#actor
type ActorType string

// The account types that GitHub reports.
const (
	User         ActorType = "User"
	Bot          ActorType = "Bot"
	Organization ActorType = "Organization"
	Mannequin    ActorType = "Mannequin"
)

// Actor is an account that GitHub authenticated. A zero ID means unknown.
type Actor struct {
	Login string    `json:"login"`
	ID    int64     `json:"id"`
	Type  ActorType `json:"type"`
}

// Accounts of GitHub's own. Ghost stands for accounts that are gone; the other
// two carry what people decide and decide nothing.
const (
	ghostLogin, ghostID     = "ghost", 10137
	webFlowLogin, webFlowID = "web-flow", 19864447
	queueLogin, queueID     = "github-merge-queue[bot]", 118344674
)

// IsPerson reports whether GitHub authenticated a as a person's account: of type
// User, with an id, and not ghost. Nothing else is a person's.
func (a Actor) IsPerson() bool {
	return a.Type == User && a.ID > 0 && a.ID != ghostID && a.ID != webFlowID && !strings.EqualFold(a.Login, ghostLogin)
}

// IsTransport reports whether a is GitHub itself: web-flow, which commits what
// is done in the browser, or the merge queue. Neither has a part in a change.
func (a Actor) IsTransport() bool {
	if a.ID != 0 {
		return a.ID == webFlowID || a.ID == queueID
	}
	return strings.EqualFold(a.Login, webFlowLogin) || strings.EqualFold(a.Login, queueLogin)
}

// PushRecord says what is known of the pushes that made a change.
type PushRecord uint8

// The states of a PushRecord. The zero value is that nobody kept one: records
// of older versions, and changes that came from a file.
const (
	PushesUntold PushRecord = iota
	PushesWhole             // every push since the merge base is known
	PushesGap               // one at least is not
)

// Commit is one commit of the change. All but Verified and SignedByGitHub is
// text that whoever made the commit could write freely.
type Commit struct {
	SHA       string
	Parents   []string // empty: not known
	Message   string
	Author    Person
	Committer Person
	// CoAuthors are those whom the message's trailers name beside the author,
	// with their accounts where GitHub told them.
	CoAuthors []Person

	Verified       bool // the signature belongs to the committer's account
	SignedByGitHub bool // signed by GitHub's own key (web-flow): made on the server

	// Pushers are who pushed it straight to the branch that is deployed, where no
	// pull request brought it; Pushes whether that is known.
	Pushers []Actor
	Pushes  PushRecord
}

// Person is a git identity, and the account GitHub looked up by its e-mail.
// The look-up proves nothing: anybody can write anybody's e-mail.
type Person struct {
	Name, Email string
	Login       string
	ID          int64
	Type        ActorType
}

// Status is what happened to a file.
type Status string

// The statuses, in GitHub's words. Changed means that only the mode moved.
const (
	Added    Status = "added"
	Removed  Status = "removed"
	Modified Status = "modified"
	Renamed  Status = "renamed"
	Copied   Status = "copied"
	Changed  Status = "changed"
)

// Git file modes.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeSymlink    = "120000"
	ModeSubmodule  = "160000"
)

// File is one changed path.
type File struct {
	Path         string
	PreviousPath string // set for renamed and copied
	Status       Status

	Mode, PreviousMode   string // git modes; empty where unknown or absent
	Additions, Deletions int    // lines, as far as the source said

	Before, After Text

	lines *lines // see Caching
}

// TextState says what is known of one side of a file.
type TextState uint8

// The states of a Text. The zero value is NotLoaded, so that forgetting to
// load a file is never mistaken for a file that does not exist.
const (
	NotLoaded  TextState = iota // nobody asked for it
	Absent                      // the file does not exist on this side
	Loaded                      // Body is the whole content
	Unreadable                  // asked for, and not to be had: Reason says why
)

// Text is one side of a file.
type Text struct {
	State  TextState
	Body   string
	Blob   string // git blob id, where known
	Reason string // for Unreadable: too large, binary, not UTF-8, ...
	Size   int64  // bytes of one that is too large; 0: of no matter
}

// Bytes are those of the text, also where it is too large to be read.
func (t Text) Bytes() int64 { return max(t.Size, int64(len(t.Body))) }

// Bounds on what is read, in bytes, wherever a change comes from.
const (
	MaxText  = 4 << 20  // of one side of one file: lock files and generated sources have one or two
	MaxTexts = 64 << 20 // of all texts of one change
)

// PastMaxTexts is the Reason of what was left out for MaxTexts.
const PastMaxTexts = "the change holds more text than gatehold reads of one change"

// TooLarge is a text of more bytes than are read of one.
func TooLarge(blob string, size int64, limit int) Text {
	reason := fmt.Sprintf("it has %d bytes, more than the %d that gatehold reads of one file", size, limit)
	return Text{State: Unreadable, Blob: blob, Reason: reason, Size: size}
}

// TextOf is a loaded text.
func TextOf(body string) Text { return Text{State: Loaded, Body: body} }

// NoText is the absent side of an added or removed file.
func NoText() Text { return Text{State: Absent} }
