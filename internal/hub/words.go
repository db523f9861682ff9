package hub

import (
	"encoding/json"

	"github.com/gatehold/gatehold/internal/gate"
)

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
			Assignees []account `json:"assignees"`
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
