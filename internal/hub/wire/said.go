package wire

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Time is a time as GitHub writes it: in RFC 3339, or in a push event as Unix
// seconds. What is neither is no time.
type Time struct{ time.Time }

func (s *Time) UnmarshalJSON(text []byte) error {
	s.Time = time.Time{}
	text = bytes.Trim(text, `"`)
	if seconds, err := strconv.ParseInt(string(text), 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
		s.Time = time.Unix(seconds, 0).UTC()
	} else if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
		s.Time = at.UTC()
	}
	return nil
}

// PullState is what REST and webhooks say of a pull request beside its head and
// base.
type PullState struct {
	Updated Time   `json:"updated_at"`
	State   string `json:"state"`
	Draft   bool   `json:"draft"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Labels  []struct {
		Name string `json:"name"`
	} `json:"labels"`
	Assignees []Account `json:"assignees"`
}

// Said is all of it that a verdict can depend on.
func (a PullState) Said(head, baseRef string) *gate.Said {
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
