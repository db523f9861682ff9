package gate

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is one thing that happened to a stream. Events are stored as JSON for
// as long as the ledger is kept: fields may be added, never renamed, and a
// field that is missing must mean what it meant before it existed.
type Event interface{ Kind() string }

// Judged records an evaluation that finished.
type Judged struct {
	// Covers is the stream's version when the facts were asked for: what was
	// seen later asks for another look.
	Covers  uint64 `json:"covers"`
	Head    string `json:"head"`
	BaseRef string `json:"base_ref"`
	Digest  string `json:"digest"`
	// PullHead is the head of the pull request that a merge group merges.
	PullHead string `json:"pull_head,omitempty"`
	// Verdict is absent where it is the same, by digest, as the one before.
	Verdict *Verdict `json:"verdict,omitempty"`
	// Of is the answer that was judged of a pull request, as GitHub gave it;
	// absent in what was judged before it was kept.
	Of *Said `json:"of,omitempty"`
	// Rules says where the rules were read.
	Rules *RulesAt `json:"rules,omitempty"`
	// Spared says that GitHub was not asked: what was seen would not change what
	// was judged.
	Spared bool `json:"spared,omitempty"`
	// Names are the logins that the verdict counts with, in small letters, and the
	// accounts that they meant when they were named first; 0 for nobody. Absent in
	// records from before names were bound.
	Names map[string]int64 `json:"names,omitempty"`
	// Lane is that of BaseRef, by the rules that were in force. Before there were
	// lanes none was recorded: all checks were the default branch's.
	Lane Lane `json:"lane,omitempty"`
	// Reverts are the pull requests that this one says it takes back, by number.
	Reverts []int `json:"reverts,omitempty"`
	// Paths are the files of a pull request that was judged, by both names of those
	// that were renamed; nil where they are as they were before, or too many to keep.
	Paths []string `json:"paths,omitzero"`
	// HeadRef is the branch of a pull request, of the same repository; absent where
	// it is as it was before.
	HeadRef string `json:"head_ref,omitempty"`
}

// Closed records that the subject is gone: merged, closed, or no longer to be
// found. Nothing is held any more.
type Closed struct {
	Covers uint64 `json:"covers"`
	Why    string `json:"why,omitempty"`
	Merged bool   `json:"merged,omitempty"` // a pull request that went in; false is not known before this field was
}

// Told records, on the stream of a gate, that the checks which show it know of
// its present state.
type Told struct {
	Covers uint64   `json:"covers"`
	Checks []string `json:"checks"`         // the SHAs whose checks still show this gate
	Lane   Lane     `json:"lane,omitempty"` // of these checks
}

// Queued records, on the stream of a pull request, that a merge group has it,
// whose check shows what this gate comes to; or that the group is gone.
type Queued struct {
	SHA  string `json:"sha"` // the group's head
	Gone bool   `json:"gone,omitempty"`
}

// Replying is written before GitHub is told an answer. Where it stands without
// a Replied after it, nobody knows whether GitHub took it.
type Replying struct {
	Reply   Reply    `json:"reply"`
	Attempt int      `json:"attempt"`
	For     For      `json:"for"`
	By      []string `json:"by,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// Replied records that GitHub took an answer about a deployment, or a comment.
type Replied struct {
	Covers  uint64 `json:"covers"`
	Reply   Reply  `json:"reply"`
	Attempt int    `json:"attempt,omitempty"` // of the workflow run
	Comment string `json:"comment,omitempty"`
	// For is what the answer was about, and By whose choices led to it.
	For For      `json:"for"`
	By  []string `json:"by,omitempty"`
}

// Halted records that a workflow run was cancelled until somebody approves it,
// or was started again once they had.
type Halted struct {
	Covers  uint64 `json:"covers"`
	Attempt int    `json:"attempt"`
	Again   bool   `json:"again,omitempty"`
}

// Failed records a step that did not succeed, and when it is tried again.
type Failed struct {
	Step    string    `json:"step"`
	Code    string    `json:"code"`
	Text    string    `json:"text"`
	Attempt int       `json:"attempt"` // counts from 1
	Since   time.Time `json:"since"`   // of the first attempt
	Next    time.Time `json:"next"`    // zero: not before something else happens
	// Painting is the number of the one that could not be sent, or of which no
	// answer came.
	Painting uint64 `json:"painting,omitempty"`
}

// Kind names each event in the ledger.
func (Seen) Kind() string     { return "seen" }
func (Judged) Kind() string   { return "judged" }
func (Closed) Kind() string   { return "closed" }
func (Told) Kind() string     { return "told" }
func (Queued) Kind() string   { return "queued" }
func (Replying) Kind() string { return "replying" }
func (Replied) Kind() string  { return "replied" }
func (Halted) Kind() string   { return "halted" }
func (Failed) Kind() string   { return "failed" }

// Tell is the kind of the stream on which it is on record what people were told of a
// gate. It is no part of the gate: what becomes of a message decides nothing.
const Tell Kind = "tell"

// The steps of such a stream. They are the last in everything.
const (
	Address Step = "address" // decide who is to be told what
	Deliver Step = "deliver" // tell one channel
)

// TellStream names the stream of what is told of a gate.
func TellStream(gate string) string { return string(Tell) + "/" + gate }

// Heard records that a gate has come to something that may have to be told.
type Heard struct {
	Gate    Subject `json:"gate"`
	Version uint64  `json:"version"` // of the gate's stream
}

// Addressed records what is to be told now, and to whom. What was to be told before
// and is not among it is not sent any more.
type Addressed struct {
	Covers uint64 `json:"covers"` // version of the stream that it is made from
	Of     uint64 `json:"of"`     // version of the gate's stream
	// State is what the gate has come to; empty where that is not known now.
	State   string   `json:"state,omitempty"`
	Letters []Letter `json:"letters,omitempty"`
	// Look is when time alone may ask for more; zero: not by itself.
	Look time.Time `json:"look,omitzero"`
	// Unknown are channels that the rules name and the configuration does not.
	Unknown []string `json:"unknown,omitempty"`
	// Still is what waits for a person still of what they were told.
	Still []string `json:"still,omitempty"`
}

// Letter is what one channel is to be told.
type Letter struct {
	Channel string `json:"channel"`
	// ID is that of the message at every attempt. The same state has no other one
	// until another may have been told.
	ID        string    `json:"id"`
	Key       string    `json:"key"` // of what is told: equal ones are told once
	State     string    `json:"state"`
	Urgent    bool      `json:"urgent,omitempty"`
	After     string    `json:"after,omitempty"` // of what is urgent: for how long nobody has answered
	NotBefore time.Time `json:"not_before,omitzero"`
	// Wanted is from when on it should be sent, where that is not at once: NotBefore
	// can be later, where a channel rests.
	Wanted time.Time `json:"wanted,omitzero"`
	// About is all that waits for a person then; of a letter to a channel nothing.
	About []string `json:"about,omitempty"`
}

// Sending is written before a letter is sent. Where no Sent follows, nobody knows
// whether it was.
type Sending struct {
	Channel string   `json:"channel"`
	ID      string   `json:"id"`
	Key     string   `json:"key"`
	About   []string `json:"about,omitempty"` // see Letter
}

// Sent records that a channel has taken a letter.
type Sent struct {
	Channel string `json:"channel"`
	ID      string `json:"id"`
	Key     string `json:"key"`
	State   string `json:"state"`
	Ref     string `json:"ref,omitempty"` // what the channel calls it
}

// Unsent records that a letter was not taken, or that no answer came, and when it is
// tried again.
type Unsent struct {
	Channel string    `json:"channel"`
	ID      string    `json:"id"`
	Code    string    `json:"code"`
	Text    string    `json:"text"`
	Attempt int       `json:"attempt"`
	Since   time.Time `json:"since"`
	Next    time.Time `json:"next,omitzero"` // zero: it is given up
}

// Kind names each event in the ledger.
func (Heard) Kind() string     { return "heard" }
func (Addressed) Kind() string { return "addressed" }
func (Sending) Kind() string   { return "sending" }
func (Sent) Kind() string      { return "sent" }
func (Unsent) Kind() string    { return "unsent" }

// Telling is what the rules say about who is told.
type Telling struct {
	To    []string `json:"to"`              // channels, as the operator has named them
	When  []string `json:"when"`            // held, decided
	Level Level    `json:"level,omitempty"` // from which on; empty: any
	After string   `json:"after,omitempty"` // a duration: only what still waits then
	Lines bool     `json:"lines,omitempty"` // with the lines that are dangerous: they leave the house
}

// Reminded records, on the stream of a gate, that a channel was told that nobody had
// answered for long.
type Reminded struct {
	Channel string `json:"channel"`
	After   string `json:"after"` // a duration
}

// Kind names the event in the ledger.
func (Reminded) Kind() string { return "reminded" }

// When people are told.
const (
	WhenHeld    = "held"
	WhenDecided = "decided"
)

// Encode is the stored form of an event.
func Encode(e Event) ([]byte, error) { return json.Marshal(e) }

// Decode reads an event back. A kind that this version does not know, and a word
// in it that decides something, is an error of code UnknownRecord: a fold that
// skips what it does not understand could release a gate that a newer version
// holds.
func Decode(kind string, body []byte) (Event, error) {
	read, known := readers[kind]
	if !known {
		return nil, unknown("a record of kind %q", kind)
	}
	return read(body)
}

// readers read the events of each kind.
var readers = map[string]func(body []byte) (Event, error){
	"seen":      decode[Seen],
	"look":      decode[Look],
	"noticed":   decode[Noticed],
	"judged":    decode[Judged],
	"closed":    decode[Closed],
	"told":      decode[Told],
	"queued":    decode[Queued],
	"surveyed":  decode[Surveyed],
	"replying":  decode[Replying],
	"replied":   decode[Replied],
	"halted":    decode[Halted],
	"landed":    decode[Landed],
	"asked":     decode[Asked],
	"departed":  decode[Departed],
	"freed":     decode[Freed],
	"pushed":    decode[Pushed],
	"news":      decode[News],
	"creating":  decode[Creating],
	"painting":  decode[Painting],
	"published": decode[Published],
	"handed":    decode[Handed],
	"failed":    decode[Failed],
	"offered":   decode[Offered],
	"counted":   decode[Counted],
	"refused":   decode[Refused],
	"lapsed":    decode[Lapsed],
	"bound":     decode[Bound],
	"confirmed": decode[Confirmed],

	"session_opened": decode[SessionOpened],
	"session_ended":  decode[SessionEnded],
	"enrolled":       decode[Enrolled],
	"vouched":        decode[Vouched],
	"objected":       decode[Objected],
	"revoked":        decode[Revoked],
	"used":           decode[Used],
	"linking":        decode[Linking],
	"linked":         decode[Linked],
	"unlinked":       decode[Unlinked],
	"settled":        decode[Settled],
	"reminded":       decode[Reminded],
	"informed":       decode[Informed],
	"claimed":        decode[Claimed],
	"heard":          decode[Heard],
	"addressed":      decode[Addressed],
	"sending":        decode[Sending],
	"sent":           decode[Sent],
	"unsent":         decode[Unsent],

	"credential_requested": decode[Requested],
	"credential_withheld":  decode[Withheld],
	"credential_minting":   decode[Minting],
	"credential_minted":    decode[Minted],
	"credential_unminted":  decode[Unminted],
	"credential_stirred":   decode[Stirred],
	"credential_upheld":    decode[Upheld],
	"credential_ending":    decode[Ending],
	"credential_ended":     decode[Ended],
	"issuer_key_published": decode[KeyPublished],
	"issuer_key_dropped":   decode[KeyDropped],
}

func decode[E Event](body []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("gate: a record of kind %q cannot be read: %w", e.Kind(), err)
	}
	out := Event(e)
	if seen, is := out.(Seen); is {
		out = seen.typed()
	}
	if word := unknownWord(out); word != "" {
		return nil, unknown("the word %q in a record of kind %q", word, e.Kind())
	}
	return out, nil
}
