package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
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
	// Head is what was merged, and At when, as the same event told; absent in what
	// was heard of before they were kept.
	Head string    `json:"head,omitempty"`
	At   time.Time `json:"at,omitzero"`
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

// News records, on the stream of a check, that a gate with this head has
// something new to show.
type News struct {
	Check   Subject   `json:"check"`
	Gate    Subject   `json:"gate"`
	Version uint64    `json:"version"` // of the gate's stream
	Since   time.Time `json:"since"`   // when the event that led to it was taken in

	// Unjudged says that nobody has looked at the gate for this commit yet: there is
	// nothing to paint, but where the check may pass.
	Unjudged bool `json:"unjudged,omitempty"`
}

// Creating was written before a check run was asked for, until a Painting said
// so. Where it stands without a Published after it, nobody knows whether GitHub
// created one: it is looked up before another is made.
type Creating struct{}

// Published records what a check run says now.
type Published struct {
	Covers  uint64 `json:"covers"`            // version of the check's stream that was painted
	Run     int64  `json:"run"`               // GitHub's id of the check run, 0 where none was needed
	Digest  string `json:"digest"`            // of what was painted
	Outcome string `json:"outcome,omitempty"` // empty: in progress
	// Over is set where no gate has the commit as its head any more, so that
	// what the run says stands.
	Over bool `json:"over,omitempty"`
	// Painting is the number of the one that GitHub took; 0: nothing was sent, for
	// the run says so already.
	Painting uint64 `json:"painting,omitempty"`
	// Shows said what the run shows of each gate, until a Painting did.
	Shows map[string]For `json:"shows,omitempty"`
	// Bases are the base branches that the run was painted for; none where that
	// is not known, as before there were lanes.
	Bases []string `json:"bases,omitempty"`
	// Gone are gates, by stream, that have left the commit or are over, and of
	// which the run need not know any more.
	Gone []string `json:"gone,omitempty"`
}

// Handed records that what was pressed on a check was handed over to the gates
// that it shows.
type Handed struct {
	Covers uint64 `json:"covers"`
}

func (News) Kind() string { return "news" }

func (Creating) Kind() string { return "creating" }

func (Published) Kind() string { return "published" }

func (Handed) Kind() string { return "handed" }

// Painting is written before a check run is painted: what it is about to show,
// and the nonce in the identifiers of its buttons. A press names the painting
// that it was made on by that nonce, and is worth nothing for what another one
// shows. Its number is the version of its record. Where no Published follows
// that names it, nobody knows whether GitHub took it, or when.
type Painting struct {
	Nonce   string  `json:"nonce"`
	Covers  uint64  `json:"covers"`        // version of the check's stream that it is made from
	Run     int64   `json:"run,omitempty"` // GitHub's id of the run that is repainted; 0: one is created
	Digest  string  `json:"digest"`        // of what it shows
	Outcome string  `json:"outcome,omitempty"`
	Shows   []Shown `json:"shows,omitempty"`
}

// Kind names the event in the ledger.
func (Painting) Kind() string { return "painting" }

// Shown is one gate as a check run shows it.
type Shown struct {
	Gate    Subject `json:"gate"`
	For     For     `json:"for"`     // of a gate that is not judged, its head only
	Version uint64  `json:"version"` // of the gate's stream
}

// Blocks reports whether a required check does not pass by an outcome. What this
// version does not know may pass.
func Blocks(outcome string) bool {
	switch outcome {
	case "", "action_required", "failure", "cancelled":
		return true
	}
	return false
}

// Asked records, on the stream of an environment, that GitHub asked about a
// deployment to it.
type Asked struct {
	Gate Subject `json:"gate"`
}

// Departed records, on the stream of an environment, that a deployment is being
// let go to it. Whether there is room is decided on the very version that this is
// written on, so that of two replicas one decides anew.
type Departed struct {
	Departure Departure `json:"departure"`
}

// Freed records, on the stream of an environment, that a deployment which was
// being let go was not, or has ended without having reached it.
type Freed struct {
	Gate string `json:"gate"` // the stream of its gate
}

// Kind names each event in the ledger.
func (Asked) Kind() string { return "asked" }

func (Departed) Kind() string { return "departed" }

func (Freed) Kind() string { return "freed" }

// Departure is a deployment that was let go to an environment and has not ended
// as far as is known.
type Departure struct {
	Gate         string `json:"gate"` // the stream of its gate
	Run          int64  `json:"run"`
	Attempt      int    `json:"attempt"`
	DeploymentID int64  `json:"deployment_id,omitempty"`
	SHA          string `json:"sha"`
}

// Before reports whether it came about before another that was heard of earlier, as far
// as that is certain: of what no workflow run made, nobody but who says so knows when
// that was. GitHub tells seconds; within one of them a deployment that was made later
// is the later one.
func (a Arrival) Before(o Arrival) bool {
	if a.Run == 0 && !a.Found {
		return false
	}
	at, other := a.At.Truncate(time.Second), o.At.Truncate(time.Second)
	if !at.Equal(other) {
		return at.Before(other)
	}
	return o.Gate != "" && a.DeploymentID < o.DeploymentID
}

// Ends reports whether it is how a deployment ended that was let go.
func (a Arrival) Ends(d Departure) bool {
	if d.DeploymentID != 0 {
		return a.DeploymentID == d.DeploymentID
	}
	return a.Gate == d.Gate && a.Run == d.Run
}

// SameEnvironment compares names of environments as GitHub does.
func SameEnvironment(a, b string) bool { return strings.EqualFold(a, b) }

// Landed records, on the stream of an environment, what reached it.
type Landed struct {
	Covers   uint64    `json:"covers"`
	Arrivals []Arrival `json:"arrivals,omitempty"`
	// Unsure are the statuses, by version, that are looked at again: GitHub does
	// not say yet that the job has ended which they are of.
	Unsure []uint64 `json:"unsure,omitempty"`
}

// Kind names the event in the ledger.
func (Landed) Kind() string { return "landed" }

// Arrival is a deployment that succeeded, or failed: as the job did that made it,
// and as its status says where no job did.
type Arrival struct {
	DeploymentID int64     `json:"deployment_id"`
	SHA          string    `json:"sha"`
	Run          int64     `json:"run,omitempty"` // 0: no workflow run made it
	At           time.Time `json:"at"`
	By           Actor     `json:"by"`
	// Gate is the stream of the gate that it passed; empty where there was
	// none, or where it went by it.
	Gate string `json:"gate,omitempty"`
	// Approved says that people approved it, or its going back to what they
	// had approved.
	Approved bool `json:"approved,omitempty"`
	// Failed says that it did not succeed: nobody knows then what runs there.
	Failed bool `json:"failed,omitempty"`
	// Again says that it was heard of this deployment before how it ended. A
	// status can be written by whoever may write deployments, and as often as
	// they like: what went out once does not go out again by that.
	Again bool `json:"again,omitempty"`
	// Found says that no event told of its end.
	Found bool `json:"found,omitempty"`
}
