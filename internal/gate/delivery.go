package gate

import "time"

// Actor is an account that GitHub authenticated.
type Actor struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"` // User, Bot, Organization, Mannequin
}

// Seen is the record of something that happened outside and concerns a
// subject. It is a reason to look, not the truth: what is true is read again
// from GitHub when the subject is judged, because deliveries come late, twice
// and out of order.
type Seen struct {
	Subject Subject `json:"subject"`
	Event   string  `json:"event"`  // GitHub's name of it
	Action  string  `json:"action"` // GitHub's action
	Sender  Actor   `json:"sender"`

	// What the event said of the pull request. It lets the reader ask for
	// what is likely in parallel, and is checked against what GitHub answers.
	Head         string `json:"head,omitempty"`
	Base         string `json:"base,omitempty"` // tip of the base branch then
	BaseRef      string `json:"base_ref,omitempty"`
	ChangedFiles int    `json:"changed_files,omitempty"`
	Closed       bool   `json:"closed,omitempty"`

	// Said is all that the event said of a pull request which a verdict can
	// depend on; nil in what was taken in before it was kept.
	Said *Said `json:"said,omitempty"`

	// What the event said of a branch that rules are read from.
	Tip *Tip `json:"tip,omitempty"`

	// RepoAt is when the repository itself was changed last, as the event said:
	// of two events the one that says later knows its name better.
	RepoAt time.Time `json:"repo_at,omitzero"`
	// Default is the repository's default branch, as the event names it.
	Default string `json:"default_branch,omitempty"`

	HeadRef string `json:"head_ref,omitempty"` // of a merge group: names the pull request

	// What the event said of a workflow run.
	Attempt   int    `json:"attempt,omitempty"`
	Workflow  string `json:"workflow,omitempty"` // path of its file
	Trigger   string `json:"trigger,omitempty"`  // the event that started it
	Triggered Actor  `json:"triggered,omitzero"` // who started this attempt

	// Since is when GitHub began to wait for an answer about a deployment, where it
	// says so: hearing of it late makes its own limit no later.
	Since time.Time `json:"since,omitzero"`

	// Job is the job of a workflow that made a deployment, by GitHub's id, and Made
	// the environment that it named, where a status names another. Zero in what was
	// taken in before they were kept.
	Job  int64  `json:"job,omitempty"`
	Made string `json:"made,omitempty"`

	// What was pressed on a check run of ours.
	Button string `json:"button,omitempty"` // which button
	Nonce  string `json:"nonce,omitempty"`  // of the painting that it was on; empty: of none on record
	Run    int64  `json:"run,omitempty"`    // GitHub's id of the check run
}

// Delivery is one webhook delivery, authenticated and translated.
type Delivery struct {
	Key    string // "target id:GUID", the same for a redelivery
	Event  string
	Action string
	// Seen is nil where the event does not concern any gate.
	Seen *Seen
	// Words are those of a pull request, where the event is about them alone. They
	// are not recorded.
	Words *Words
	// Also is what the same event means for other streams.
	Also []Seen
	// Pushed is the move of a branch that the event tells of, or nil.
	Pushed *Pushed
	// Compare is set where the event is about more than it names: the ledger
	// should be compared with GitHub soon.
	Compare bool
}

// Words are what whoever may edit a pull request can set in it.
type Words struct {
	Title, Body string
	Labels      []string
	Draft       bool
	Assignees   []Actor
}

// Attempt is one entry of GitHub's log of what it tried to deliver.
type Attempt struct {
	ID   int64
	GUID string // the event's: the same for all attempts to deliver it
	At   time.Time
	OK   bool // it was answered with 2xx
	// Status is what it was answered with; 0 where no answer came.
	Status int
}
