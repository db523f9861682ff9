// Package gate is the law: what can be held, what happens to it, and what
// releases it. It is pure. It imports the standard library only, reads no
// clock and does no I/O; archtest holds it to that.
//
// A gate is the hold on one Subject. Its state is nothing but the fold of the
// records in its ledger stream: Fold(State, Event) State. What is no gate has a
// stream and a fold as well, in a package of its own: check, env, repo and branch.
package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is the sort of thing that a gate holds.
type Kind string

// The kinds of subject. A Check is not held itself: it is the one check run
// of a commit under one name, which shows the worst of the gates that it is
// about. Neither is a Repository: it is where what concerns all gates of a
// repository is put on record, its rules and what enforces them. Nor is an
// Environment: it is the record of what was deployed there.
const (
	PullRequest Kind = "pr"
	MergeGroup  Kind = "group"
	Deployment  Kind = "deploy"
	WorkflowRun Kind = "run"

	Check       Kind = "check"
	Repository  Kind = "repo"
	Environment Kind = "env"
)

// Held are the kinds of subject that are held.
func Held() []Kind { return []Kind{PullRequest, MergeGroup, Deployment, WorkflowRun} }

// Gates reports whether subjects of this kind are held.
func (k Kind) Gates() bool { return slices.Contains(Held(), k) }

// Merges reports whether subjects of this kind are merged into a branch: they are
// in a lane.
func (k Kind) Merges() bool { return k == PullRequest || k == MergeGroup }

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

// SameOwner reports whether two repositories are of one account, as far as is known:
// by its login, or by the installation, which is one account's alone, where one of
// them was not heard of since the account was renamed.
func (r Repo) SameOwner(o Repo) bool {
	return r.Installation != 0 && r.Installation == o.Installation || strings.EqualFold(r.Owner, o.Owner)
}

// Subject is what a gate holds.
type Subject struct {
	Kind   Kind   `json:"kind"`
	Repo   Repo   `json:"repo"`
	Number int    `json:"number,omitempty"` // of a PullRequest, or of the one that a MergeGroup merges
	SHA    string `json:"sha,omitempty"`    // of a Check; the head of a MergeGroup; what a Deployment or a WorkflowRun is made from

	Run          int64  `json:"run,omitempty"`           // the workflow run of a Deployment or a WorkflowRun
	DeploymentID int64  `json:"deployment_id,omitempty"` // GitHub's, 0 where it did not say
	Environment  string `json:"environment,omitempty"`   // of a Deployment or an Environment, as it was written
	Name         string `json:"name,omitempty"`          // of a Check's run, empty: CheckName; of a Branch
}

// DeployCheck is the name of the check run that shows a deployment: the same
// however the environment's name is written, as it is to GitHub.
func DeployCheck(environment string) string {
	if environment == "" {
		return RunCheck
	}
	return RunCheck + " to " + strings.ToLower(environment)
}

// RunCheck is the name of the check run that shows a workflow run which no
// environment holds.
const RunCheck = CheckName + ": deploy"

// Stream is the subject's ledger stream. It holds no name that could change, so
// that a renamed repository keeps its gates. GitHub compares the names of
// environments without letter case, and so does the stream.
func (s Subject) Stream() string {
	switch s.Kind {
	case Check:
		if s.Name != "" && s.Name != CheckName {
			return fmt.Sprintf("%s/%d/%s/%s", s.Kind, s.Repo.ID, s.SHA, nameKey(s.Name))
		}
		return fmt.Sprintf("%s/%d/%s", s.Kind, s.Repo.ID, s.SHA)
	case MergeGroup:
		return fmt.Sprintf("%s/%d/%s", s.Kind, s.Repo.ID, s.SHA)
	case Deployment:
		return fmt.Sprintf("%s/%d/%d/%d/%s", s.Kind, s.Repo.ID, s.Run, s.DeploymentID, nameKey(s.Environment))
	case WorkflowRun:
		return fmt.Sprintf("%s/%d/%d", s.Kind, s.Repo.ID, s.Run)
	case Repository:
		return fmt.Sprintf("%s/%d", s.Kind, s.Repo.ID)
	case Environment:
		return fmt.Sprintf("%s/%d/%s", s.Kind, s.Repo.ID, nameKey(s.Environment))
	case Branch:
		return fmt.Sprintf("%s/%d/%s", s.Kind, s.Repo.ID, branchKey(s.Name))
	}
	return fmt.Sprintf("%s/%d/%d", s.Kind, s.Repo.ID, s.Number)
}

// nameKey stands for a name of any characters in a stream's name.
func nameKey(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return hex.EncodeToString(sum[:16])
}

func (s Subject) String() string {
	repo := s.Repo.FullName()
	switch s.Kind {
	case Check, MergeGroup:
		return repo + "@" + s.SHA
	case Deployment:
		return fmt.Sprintf("%s run %d to %s", repo, s.Run, s.Environment)
	case WorkflowRun:
		return fmt.Sprintf("%s run %d", repo, s.Run)
	case Repository:
		return repo
	case Environment:
		return repo + " " + s.Environment
	case Branch:
		return repo + ":" + s.Name
	}
	return repo + "#" + strconv.Itoa(s.Number)
}

// Pull is the pull request that a MergeGroup merges.
func (s Subject) Pull() Subject {
	return Subject{Kind: PullRequest, Repo: s.Repo, Number: s.Number}
}

// StreamKind is the part of a stream's name before the first slash.
func StreamKind(stream string) Kind {
	kind, _, _ := strings.Cut(stream, "/")
	return Kind(kind)
}

// Branch is the kind of the stream on which the pushes to a branch are on record.
const Branch Kind = "branch"
