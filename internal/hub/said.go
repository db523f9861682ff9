package hub

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// stamp is a time as GitHub writes it: in RFC 3339, or in a push event as Unix
// seconds. What is neither is no time.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(text []byte) error {
	s.Time = time.Time{}
	text = bytes.Trim(text, `"`)
	if seconds, err := strconv.ParseInt(string(text), 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
		s.Time = time.Unix(seconds, 0).UTC()
	} else if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
		s.Time = at.UTC()
	}
	return nil
}

// saidAnswer is what REST and webhooks say of a pull request beside its head and
// base.
type saidAnswer struct {
	Updated stamp  `json:"updated_at"`
	State   string `json:"state"`
	Draft   bool   `json:"draft"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Labels  []struct {
		Name string `json:"name"`
	} `json:"labels"`
	Assignees []account `json:"assignees"`
}

// said is all of it that a verdict can depend on.
func (a saidAnswer) said(head, baseRef string) *gate.Said {
	out := &gate.Said{
		At: a.Updated.Time, Head: head, BaseRef: baseRef, Closed: a.State == "closed", Draft: a.Draft,
		Text: gate.TextKey(a.Title, a.Body),
	}
	for _, l := range a.Labels {
		out.Labels = append(out.Labels, l.Name)
	}
	for _, p := range a.Assignees {
		if p.Type == "User" { // GraphQL lists no others
			out.People = append(out.People, p.ID)
		}
	}
	slices.Sort(out.Labels)
	slices.Sort(out.People)
	return out
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
	Assignee account         `json:"assignee"`
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
