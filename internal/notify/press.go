package notify

import "github.com/gatehold/gatehold/internal/gate"

// Hunk are some lines of a file, each as a line of a diff: what is taken away begins with
// a minus, what is added with a plus.
type Hunk struct {
	Path  string
	Lines []string
}

// Sight is what somebody saw of a gate in a message, as its buttons carry it, sealed.
type Sight struct {
	ID      string   `json:"id"`    // no other message's, nor the same message's once it is changed
	Place   string   `json:"place"` // where it was posted: a button that is seen elsewhere is a copy
	Stream  string   `json:"stream"`
	Version uint64   `json:"version"`
	For     gate.For `json:"for"`
}

// The buttons of messages, and of what the presser alone is told.
const (
	Approves = "gatehold_approve"
	Denies   = "gatehold_deny"
	Links    = "gatehold_link"    // has opened the link, and wants to see who said what
	Confirms = "gatehold_confirm" // is who was said
	Disowns  = "gatehold_disown"  // is not
)

// Press is a button that somebody pressed in a message.
type Press struct {
	By     gate.SlackUser
	Place  string // where the message is
	Button string
	Value  string // what the button carries
	Reason string // what was written beside it
	Reply  string // where the presser alone is answered
}

// Reply is what the presser alone is told.
type Reply struct {
	Text    string
	Link    [2]string // where to go, and what stands there
	Buttons []ReplyButton
}

// ReplyButton is a button of a reply.
type ReplyButton struct{ Button, Text, Value string }
