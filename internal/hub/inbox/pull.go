package inbox

import (
	"encoding/json"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

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
	ChangedFiles int       `json:"changed_files"`
	Merged       bool      `json:"merged"`
	MergeCommit  string    `json:"merge_commit_sha"`
	MergedAt     wire.Time `json:"merged_at"`
	wire.PullState
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
	if wire.IsSHA(pr.Head.SHA) {
		s.Head = pr.Head.SHA
	}
	if wire.IsSHA(pr.Base.SHA) {
		s.Base = pr.Base.SHA
	}
	said := pr.Said(pr.Head.SHA, pr.Base.Ref)
	said.Before, said.BaseFrom, said.Label, said.Assignee = p.changed()
	s.Said, s.RepoAt = said, p.Repository.Updated.Time
	return []gate.Seen{s}, nil
}

// pullChange is what an event says that it changed of a pull request, beside the
// head before.
type pullChange struct {
	Changes struct {
		Base struct {
			Ref struct {
				From string `json:"from"`
			} `json:"ref"`
		} `json:"base"`
	} `json:"changes"`
	Label    json.RawMessage `json:"label"` // of other events it may be anything
	Assignee wire.Account    `json:"assignee"`
}

func (p payload) changed() (before, baseFrom, label string, assignee int64) {
	var l struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(p.Label, &l) == nil {
		label = strings.ToValidUTF8(l.Name, "\uFFFD")
	}
	if p.pullChange.Assignee.Type == "User" {
		assignee = p.pullChange.Assignee.ID
	}
	return commitOf(p.Before), p.Changes.Base.Ref.From, label, assignee
}

// wordActions are those that change no more of a pull request than its words. A
// retarget is an edit too: there the base is another.
var wordActions = map[string]bool{
	"edited": true, "labeled": true, "unlabeled": true, "assigned": true, "unassigned": true,
	"ready_for_review": true, "converted_to_draft": true,
}

// wordsIn are the words of a pull request as an event tells them, nil where they
// cannot be read to the letter.
func wordsIn(body []byte) *gate.Words {
	var event struct {
		PullRequest struct {
			Title  string `json:"title"`
			Body   string `json:"body"`
			Draft  bool   `json:"draft"`
			Labels []struct {
				Name string `json:"name"`
			} `json:"labels"`
			Assignees []wire.Account `json:"assignees"`
		} `json:"pull_request"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return nil
	}
	p := event.PullRequest
	w := &gate.Words{Title: p.Title, Body: p.Body, Draft: p.Draft}
	for _, l := range p.Labels {
		w.Labels = append(w.Labels, l.Name)
	}
	for _, a := range p.Assignees {
		if a.Type == "User" { // GraphQL lists no others
			w.Assignees = append(w.Assignees, gate.Actor{Login: a.Login, ID: a.ID, Type: a.Type})
		}
	}
	return w
}
