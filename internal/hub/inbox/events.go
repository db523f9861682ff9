package inbox

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// readers say what each event that the App subscribes to means: the streams
// that it concerns, none where it concerns no gate. A reader may parse the body
// for what payload leaves out.
var readers = map[string]func(in *Inbox, p payload, body []byte) ([]gate.Seen, error){
	"check_run":                  (*Inbox).checkRun,
	"check_suite":                (*Inbox).checkSuite,
	"deployment":                 (*Inbox).deployment,
	"deployment_protection_rule": (*Inbox).protectionRule,
	"deployment_status":          (*Inbox).deploymentStatus,
	"merge_group":                (*Inbox).mergeGroup,
	"pull_request":               (*Inbox).pullRequest,
	"push":                       (*Inbox).push,
	"workflow_run":               (*Inbox).workflowRun,
}

// Events returns the events that the App subscribes to, sorted. The App's
// manifest must ask for exactly these.
func Events() []string { return slices.Sorted(maps.Keys(readers)) }

// payload is what gatehold reads of any event. Everything is optional here.
type payload struct {
	Action       string `json:"action"`
	Before       string `json:"before"` // of a pull request's branch that was pushed to
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Repository struct {
		ID    int64  `json:"id"`
		Name  string `json:"name"`
		Owner struct {
			Login string `json:"login"`
		} `json:"owner"`
		Updated wire.Time `json:"updated_at"`
		Default string    `json:"default_branch"`
	} `json:"repository"`
	Sender      wire.Account   `json:"sender"`
	PullRequest pullRequest    `json:"pull_request"`
	CheckRun    checkReference `json:"check_run"`
	CheckSuite  checkReference `json:"check_suite"`
	MergeGroup  mergeGroup     `json:"merge_group"`
	Requested   struct {
		Identifier string `json:"identifier"`
	} `json:"requested_action"`

	pullChange
	deployPayload
}

func (p payload) sender() gate.Actor {
	return gate.Actor{Login: wire.Clip(p.Sender.Login, 200), ID: p.Sender.ID, Type: wire.Clip(p.Sender.Type, 40)}
}

func (p payload) repo() (gate.Repo, error) {
	r := gate.Repo{Installation: p.Installation.ID, ID: p.Repository.ID, Owner: p.Repository.Owner.Login, Name: p.Repository.Name}
	if r.Installation < 0 {
		r.Installation = 0 // not named: GitHub is asked when it is needed
	}
	if !wire.IsRepo(r) {
		return r, refused("payload_invalid", fmt.Sprintf("The event names no repository that GitHub could have (%q).",
			wire.Clip(r.FullName(), 100)))
	}
	return r, nil
}
