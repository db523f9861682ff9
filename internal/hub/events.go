package hub

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/gate"
)

// Events returns the events that the App subscribes to, sorted. The App's
// manifest must ask for exactly these.
func Events() []string { return []string{"check_run", "check_suite", "pull_request"} }

// payload is what gatehold reads of any event. Everything is optional here.
type payload struct {
	Action       string `json:"action"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Repository struct {
		ID    int64  `json:"id"`
		Name  string `json:"name"`
		Owner struct {
			Login string `json:"login"`
		} `json:"owner"`
	} `json:"repository"`
	Sender      account        `json:"sender"`
	PullRequest pullRequest    `json:"pull_request"`
	CheckRun    checkReference `json:"check_run"`
	CheckSuite  checkReference `json:"check_suite"`
	Requested   struct {
		Identifier string `json:"identifier"`
	} `json:"requested_action"`
}

type account struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

type pullRequest struct {
	Number int    `json:"number"`
	State  string `json:"state"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Base struct {
		SHA string `json:"sha"`
		Ref string `json:"ref"`
	} `json:"base"`
	ChangedFiles int `json:"changed_files"`
}

type checkReference struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	SHA  string `json:"head_sha"`
	App  struct {
		ID int64 `json:"id"`
	} `json:"app"`
}

// checkName is the name of the one check run that gatehold publishes.
const checkName = "gatehold"

// pullRequestActions are those after which a verdict can be another one.
var pullRequestActions = map[string]bool{
	"opened": true, "reopened": true, "synchronize": true, "edited": true, "closed": true,
	"ready_for_review": true, "converted_to_draft": true,
	"labeled": true, "unlabeled": true, "assigned": true, "unassigned": true,
}

// seen says which gate an event concerns, nil where none.
//
// A rerequest comes from people and machines alike (anybody who can write
// checks may send one): it is a reason to look again and nothing else. A button
// of our own check is said with its sender; whether that counts is decided
// where it is known who may. GitHub does not say what state the run is in that
// a button was pressed on, so every click is taken in.
func (in *Inbox) seen(event string, p payload) (*gate.Seen, error) {
	switch {
	case event == "pull_request" && pullRequestActions[p.Action]:
		return p.pullRequest()
	case event == "check_run" && p.Action == "rerequested" && p.CheckRun.App.ID == in.appID:
		return p.check(event, p.CheckRun.SHA, "", p.CheckRun.ID)
	case event == "check_run" && p.Action == "requested_action" && in.pressed(p):
		return p.check(event, p.CheckRun.SHA, p.Requested.Identifier, p.CheckRun.ID)
	case event == "check_suite" && p.Action == "rerequested" && p.CheckSuite.App.ID == in.appID:
		return p.check(event, p.CheckSuite.SHA, "", 0)
	}
	return nil, nil
}

func (p payload) pullRequest() (*gate.Seen, error) {
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	pr := p.PullRequest
	if pr.Number <= 0 {
		return nil, refused("payload_invalid", "The event names no pull request.")
	}
	s := &gate.Seen{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: pr.Number},
		Event:   "pull_request", Action: p.Action, Sender: p.sender(),
		BaseRef: pr.Base.Ref, ChangedFiles: max(pr.ChangedFiles, 0), Closed: pr.State == "closed",
	}
	if isSHA(pr.Head.SHA) {
		s.Head = pr.Head.SHA
	}
	if isSHA(pr.Base.SHA) {
		s.Base = pr.Base.SHA
	}
	return s, nil
}

// pressed tells a button of ours from what another App, or a check run of ours
// by another name, would send.
func (in *Inbox) pressed(p payload) bool {
	return p.CheckRun.App.ID == in.appID && p.CheckRun.Name == checkName && buttons[p.Requested.Identifier]
}

// check is what was done to a check run: nothing pressed where button is "",
// no run named where run is 0.
func (p payload) check(event, sha, button string, run int64) (*gate.Seen, error) {
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	if !isSHA(sha) {
		return nil, refused("payload_invalid", "The event names no commit.")
	}
	return &gate.Seen{
		Subject: gate.Subject{Kind: gate.Check, Repo: repo, SHA: sha},
		Event:   event, Action: p.Action, Sender: p.sender(), Head: sha,
		Button: button, Run: max(run, 0),
	}, nil
}

func (p payload) sender() gate.Actor {
	return gate.Actor{Login: clip(p.Sender.Login, 200), ID: p.Sender.ID, Type: clip(p.Sender.Type, 40)}
}

func (p payload) repo() (gate.Repo, error) {
	r := gate.Repo{Installation: p.Installation.ID, ID: p.Repository.ID, Owner: p.Repository.Owner.Login, Name: p.Repository.Name}
	if r.Installation < 0 {
		r.Installation = 0 // not named: GitHub is asked when it is needed
	}
	if r.ID <= 0 || !safeName(r.Owner) || !safeName(r.Name) {
		return r, refused("payload_invalid", fmt.Sprintf("The event names no repository that GitHub could have (%q).", clip(r.FullName(), 100)))
	}
	return r, nil
}
