// Package notify is what people are told about a gate, in words that every channel
// can carry, and what a channel is.
//
// A Message is plain text: each text in it is one line in which everything can be
// seen, and bounded, but it may hold what others wrote. A channel escapes all of it
// for its own markup, mentions nobody, and makes links of the two addresses alone
// that are ours. Channels know nothing of one another.
package notify

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// State is what a gate has come to, as far as people are told of it.
type State string

// The states.
const (
	Held     State = "held"     // waits for people
	Released State = "released" // it may go on
	Denied   State = "denied"   // somebody who may has said no
	Closed   State = "closed"   // what was held is over
)

// Decided reports whether nobody is waited for any more.
func (s State) Decided() bool { return s != Held }

// Message is what is told of a gate that has come to a state.
type Message struct {
	// ID is the same however often this message is tried, and no other one's.
	ID string
	// Thread is of all messages about one gate, or one passkey.
	Thread string
	// Topic is what it is about where that is no gate: a passkey.
	Topic string
	State State
	At    time.Time // when it came to that

	Title      string // a line: what it comes to
	Sentence   string // why
	Subject    string // acme/shop#7
	Repository string
	Level      gate.Level
	Score      int
	Who        string    // who may decide, in words; empty once it is decided
	Since      time.Time // since when it waits
	Urgent     bool      // nobody has answered for longer than the rules want
	Findings   []string  // a sentence each
	More       int       // findings that are not among them
	Hunks      []Hunk    // the lines that are dangerous; none where the rules do not let them out
	Also       string    // what else is to be known, in a sentence

	// Ticket is what an answer by a button of the message carries, sealed; empty: it has
	// no such buttons.
	Ticket string
	// Leave is where a person is told no more, by one request; empty: it is for a channel.
	Leave string

	Page   string // where it is shown here; empty: nowhere
	GitHub string // where it is shown there; empty: nowhere
}

// Delivery is a message on its way, with what is known of those before it.
type Delivery struct {
	Message
	// First is what the channel called the first message of this thread; empty: there
	// was none, or it is not known.
	First string
	// Again says that this message was tried before, and nobody knows what came of it:
	// a channel that can be asked is asked.
	Again bool
}

// Channel is one way to tell people. Its errors are *gate.Error where a person can
// do something about them: Until says when to try again, Final that trying alone
// does not help.
type Channel interface {
	// Send delivers a message, and returns what the channel calls it, where it can be
	// spoken of by that; empty where it cannot.
	Send(ctx context.Context, d Delivery) (ref string, err error)
	// Check says whether the channel can be used, without telling anybody anything.
	Check(ctx context.Context) error
}

// TopicPasskey is the topic of messages about somebody's passkey.
const TopicPasskey = "passkey"

// Codes of what channels refuse.
const (
	Refused     = "channel_refused"     // the other side says no
	Unavailable = "channel_unavailable" // it does not answer, or has trouble
	Busy        = "channel_busy"        // it asks for fewer messages
)

// Unlinked is a text in which no address of a page is taken for one by what makes
// links by itself.
func Unlinked(s string) string {
	s = strings.ReplaceAll(s, "://", "[:]//")
	for _, www := range []string{"www.", "WWW.", "Www."} {
		s = strings.ReplaceAll(s, www, www[:3]+"[.]")
	}
	return s
}

// Clip bounds a text to max characters.
func Clip(s string, max int) string {
	runes := []rune(s)
	if len(runes) <= max {
		return s
	}
	return string(runes[:max-1]) + "…"
}

// Facts are the lines of a message beside its sentences: a name and what it is.
func (m Message) Facts() [][2]string {
	all := [][2]string{{"What", m.Subject}, {"Risk", m.risk()}, {"Who may decide", m.Who}, {"Waits since", m.since()}}
	return slices.DeleteFunc(all, func(f [2]string) bool { return f[1] == "" })
}

func (m Message) risk() string {
	if m.Level == "" {
		return ""
	}
	return string(m.Level)
}

func (m Message) since() string {
	if m.Since.IsZero() || m.State.Decided() {
		return ""
	}
	return m.Since.UTC().Format("2006-01-02 15:04 MST")
}

// Plain is a message as lines of text, for channels and readers without markup.
func (m Message) Plain() string {
	var b strings.Builder
	line := func(texts ...string) {
		b.WriteString(strings.Join(texts, "") + "\n")
	}
	line(Unlinked(m.Title))
	if m.Sentence != "" {
		line("\n", Unlinked(m.Sentence))
	}
	line()
	for _, f := range m.Facts() {
		line(f[0], ": ", Unlinked(f[1]))
	}
	for i, f := range m.Findings {
		if i == 0 {
			line()
		}
		line("- ", Unlinked(f))
	}
	if more := m.Beyond(); more != "" {
		line("- ", more)
	}
	for _, h := range m.Hunks {
		line("\n", Unlinked(h.Path), ":")
		for _, l := range h.Lines {
			line("    ", Unlinked(l))
		}
	}
	if m.Also != "" {
		line("\n", Unlinked(m.Also))
	}
	for _, link := range m.Links() {
		line("\n", link[0], ": ", link[1])
	}
	return b.String()
}

// Beyond says how many findings are not told; nothing where all are.
func (m Message) Beyond() string {
	switch m.More {
	case 0:
		return ""
	case 1:
		return "and one more finding."
	}
	return "and " + strconv.Itoa(m.More) + " more findings."
}

// Links are the addresses that a message leads to, by what stands there.
func (m Message) Links() [][2]string {
	var out [][2]string
	for _, l := range [][2]string{{"See it in gatehold", m.Page}, {"See it on GitHub", m.GitHub}} {
		if l[1] != "" {
			out = append(out, l)
		}
	}
	return out
}
