package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// StaleAnswer is the code of what GitHub answered with the state before an
// event that it had told of.
const StaleAnswer = "stale_answer"

// Said is what GitHub said of a pull request at one time, in an event or in an
// answer: all of it that a verdict can depend on and that both say.
type Said struct {
	At      time.Time `json:"at"` // GitHub's updated_at, in whole seconds
	Head    string    `json:"head"`
	BaseRef string    `json:"base_ref"`
	Closed  bool      `json:"closed,omitempty"`
	Draft   bool      `json:"draft,omitempty"`
	Text    string    `json:"text,omitempty"`      // TextKey of title and body
	Labels  []string  `json:"labels,omitempty"`    // sorted
	People  []int64   `json:"assignees,omitempty"` // ids of the users it is assigned to, sorted

	// What the event changed, where it says so.
	Before   string `json:"before,omitempty"`    // the head before a push
	BaseFrom string `json:"base_from,omitempty"` // the base branch before a retarget
	Label    string `json:"label,omitempty"`     // the one that was set or taken off
	Assignee int64  `json:"assignee,omitempty"`  // who was assigned, or no longer is
}

// TextKey stands for the title and the body of a pull request.
func TextKey(title, body string) string {
	sum := sha256.Sum256([]byte(title + "\x00" + strings.ReplaceAll(body, "\r\n", "\n")))
	return hex.EncodeToString(sum[:8])
}

// With is what is known once an event has told more, in whatever order events
// come. Of two events of one second only what each of them changed is sure.
func (a Said) With(ev Said, action string) Said {
	switch {
	case ev.At.IsZero(), ev.At.Before(a.At):
		return a
	case a.At.IsZero(), ev.At.After(a.At):
		return ev
	}
	switch action {
	case "synchronize":
		if a.Before != ev.Head || ev.Before == a.Head { // else what is known was pushed on top of it
			a.Head, a.Before = ev.Head, ev.Before
		}
	case "edited":
		if ev.BaseFrom == "" {
			a.Text = ev.Text
		} else if a.BaseFrom != ev.BaseRef || ev.BaseFrom == a.BaseRef {
			a.BaseRef, a.BaseFrom = ev.BaseRef, ev.BaseFrom
		}
	case "labeled":
		a.Labels = including(a.Labels, ev.Label)
	case "unlabeled":
		a.Labels = without(a.Labels, ev.Label)
	case "assigned":
		a.People = including(a.People, ev.Assignee)
	case "unassigned":
		a.People = without(a.People, ev.Assignee)
	case "converted_to_draft", "ready_for_review":
		a.Draft = ev.Draft
	case "closed":
		a.Closed = true
	case "reopened":
		a.Closed = false
		if a.Before != ev.Head && a.Head != ev.Head { // pushed to while it was closed, of which no event of it tells
			a.Head, a.Before = ev.Head, ""
		}
	}
	return a
}

func including[E string | int64](list []E, e E) []E {
	var none E
	at, has := slices.BinarySearch(list, e)
	if has || e == none {
		return list
	}
	return slices.Insert(slices.Clone(list), at, e)
}

func without[E string | int64](list []E, e E) []E {
	return slices.DeleteFunc(slices.Clone(list), func(o E) bool { return o == e })
}

// Differs names what an answer says otherwise, empty where it says the same.
func (a Said) Differs(answer Said) string {
	switch {
	case a.Head != answer.Head:
		return "head"
	case a.BaseRef != answer.BaseRef:
		return "base"
	case a.Closed != answer.Closed:
		return "state"
	case a.Draft != answer.Draft:
		return "draft"
	case !slices.Equal(a.Labels, answer.Labels):
		return "labels"
	case !slices.Equal(a.People, answer.People):
		return "assignees"
	case a.Text != answer.Text:
		return "text"
	}
	return ""
}

// How long an answer that contradicts an event of the same second is not
// believed. It is the rarer case by far: something that nobody told of happened
// in that second too. A text can read otherwise for lesser reasons.
const (
	DoubtFor     = 30 * time.Minute
	DoubtTextFor = time.Minute
)

// Stale says why an answer about a pull request does not cover what events told
// of it: it is older, or contradicts the newest of them without being newer. It
// is nil where the answer covers them: it says the same, or it is newer, which
// covers events that come late and heads that are overwritten.
func (s State) Stale(answer Said, now time.Time) *Error {
	known := s.Pull.Said
	if known.At.IsZero() || answer.At.After(known.At) {
		return nil
	}
	what := known.Differs(answer)
	if what == "" {
		return nil
	}
	doubt := DoubtFor
	if what == "text" {
		doubt = DoubtTextFor
	}
	if answer.At.Equal(known.At) && now.Sub(s.Pull.SaidAt) >= doubt {
		return nil
	}
	return Stale(fmt.Sprintf("it shows another %s, of %s", what, answer.At.UTC().Format(time.TimeOnly+" MST")))
}

// Stale is the failure of a look whose answer does not cover the event.
func Stale(why string) *Error {
	return &Error{Code: StaleAnswer, Text: "GitHub's answer is older than the event that asked for it: " + why +
		". gatehold asks again until it is not; nothing needs to be done."}
}

// Missed reports whether a pull request that GitHub lists is not what was judged,
// nor what is about to be judged.
func (s State) Missed(listed Said) bool {
	switch {
	case listed.At.Before(s.Pull.Said.At): // the list is older than what events told
		return false
	case s.Wanted == 0 || s.Done:
		return true
	case s.Wanted > s.Covered:
		return s.Pull.Said.At.Before(listed.At) && s.Pull.Said.Differs(listed) != "" ||
			s.Pull.Said.At.IsZero() && (s.Seen.Head != listed.Head || s.Seen.BaseRef != listed.BaseRef)
	case s.Verdict == nil || s.Verdict.Head != listed.Head || s.BaseRef != listed.BaseRef:
		return true
	case s.Pull.JudgedOf.At.IsZero() || listed.At.Before(s.Pull.JudgedOf.At):
		return false
	}
	what := s.Pull.JudgedOf.Differs(listed)
	looked := what == "text" && s.Pull.Said.Differs(listed) == "" // it was looked at for just this
	return what != "" && !looked
}
