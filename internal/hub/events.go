package hub

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
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
		Updated stamp  `json:"updated_at"`
		Default string `json:"default_branch"`
	} `json:"repository"`
	Sender      account        `json:"sender"`
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

type account struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

type pullRequest struct {
	Number int `json:"number"`
	Head   struct {
		SHA  string `json:"sha"`
		Ref  string `json:"ref"`
		Repo struct {
			ID       int64  `json:"id"`
			FullName string `json:"full_name"`
		} `json:"repo"`
	} `json:"head"`
	Base struct {
		SHA string `json:"sha"`
		Ref string `json:"ref"`
	} `json:"base"`
	ChangedFiles int    `json:"changed_files"`
	Merged       bool   `json:"merged"`
	MergeCommit  string `json:"merge_commit_sha"`
	saidAnswer
}

type checkReference struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	SHA  string `json:"head_sha"`
	App  struct {
		ID int64 `json:"id"`
	} `json:"app"`
}

// pullRequestActions are those after which a verdict can be another one.
var pullRequestActions = map[string]bool{
	"opened": true, "reopened": true, "synchronize": true, "edited": true, "closed": true,
	"ready_for_review": true, "converted_to_draft": true,
	"labeled": true, "unlabeled": true, "assigned": true, "unassigned": true,
}

func (in *Inbox) pullRequest(p payload, _ []byte) ([]gate.Seen, error) {
	if !pullRequestActions[p.Action] {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	pr := p.PullRequest
	if pr.Number <= 0 {
		return nil, refused("payload_invalid", "The event names no pull request.")
	}
	s := gate.Seen{
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
	said := pr.said(pr.Head.SHA, pr.Base.Ref)
	said.Before, said.BaseFrom, said.Label, said.Assignee = p.changed()
	s.Said, s.RepoAt = said, p.Repository.Updated.Time
	return []gate.Seen{s}, nil
}

// checkRun takes what was done to a check run of ours.
//
// A rerequest comes from people and machines alike (anybody who can write
// checks may send one): it is a reason to look again and nothing else. A button
// of our own check is said with its sender; whether that counts is decided
// where it is known who may. GitHub does not say what state the run is in that
// a button was pressed on, so every click is taken in.
func (in *Inbox) checkRun(p payload, _ []byte) ([]gate.Seen, error) {
	switch {
	case p.CheckRun.App.ID != in.appID:
		return nil, nil
	case p.Action == "rerequested":
		return p.check("check_run", p.CheckRun)
	case p.Action != "requested_action" || !ourCheck(p.CheckRun.Name):
		return nil, nil
	}
	button, nonce, ours := gate.ReadButton(p.Requested.Identifier)
	if !ours {
		return nil, nil
	}
	pressed, err := p.check("check_run", p.CheckRun)
	for i := range pressed {
		pressed[i].Button, pressed[i].Nonce = button, nonce
	}
	return pressed, err
}

func (in *Inbox) checkSuite(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "rerequested" || p.CheckSuite.App.ID != in.appID {
		return nil, nil
	}
	return p.check("check_suite", checkReference{SHA: p.CheckSuite.SHA})
}

// ourCheck reports whether a check run by this name shows gates.
func ourCheck(name string) bool {
	environment, named := strings.CutPrefix(name, gate.RunCheck+" to ")
	_, lane := gate.LaneOfCheck(name)
	return name == gate.RunCheck || named && isEnvironment(environment) || lane
}

// check is what was done to a check run: no run is named where its id is 0.
func (p payload) check(event string, c checkReference) ([]gate.Seen, error) {
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	if !isSHA(c.SHA) {
		return nil, refused("payload_invalid", "The event names no commit.")
	}
	s := gate.Seen{
		Subject: gate.Subject{Kind: gate.Check, Repo: repo, SHA: c.SHA},
		Event:   event, Action: p.Action, Sender: p.sender(), Head: c.SHA,
		Run: max(c.ID, 0), RepoAt: p.Repository.Updated.Time,
	}
	if ourCheck(c.Name) && c.Name != gate.CheckName {
		s.Subject.Name = c.Name // as it was published, to the letter: it names the stream
	}
	return []gate.Seen{s}, nil
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
		return r, refused("payload_invalid", fmt.Sprintf("The event names no repository that GitHub could have (%q).",
			clip(r.FullName(), 100)))
	}
	return r, nil
}
