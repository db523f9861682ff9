package gate

import (
	"time"
)

// News records, on the stream of a check, that a gate with this head has
// something new to show.
type News struct {
	Check   Subject   `json:"check"`
	Gate    Subject   `json:"gate"`
	Version uint64    `json:"version"` // of the gate's stream
	Since   time.Time `json:"since"`   // when the event that led to it was taken in
}

// Creating was written before a check run was asked for, until a Painting said
// so. Where it stands without a Published after it, nobody knows whether GitHub
// created one: it is looked up before another is made.
type Creating struct{}

// Published records what a check run says now.
type Published struct {
	Covers  uint64 `json:"covers"`            // version of the check's stream that was painted
	Run     int64  `json:"run"`               // GitHub's id of the check run, 0 where none was needed
	Digest  string `json:"digest"`            // of what was painted
	Outcome string `json:"outcome,omitempty"` // empty: in progress
	// Over is set where no gate has the commit as its head any more, so that
	// what the run says stands.
	Over bool `json:"over,omitempty"`
	// Painting is the number of the one that GitHub took; 0: nothing was sent, for
	// the run says so already.
	Painting uint64 `json:"painting,omitempty"`
	// Shows said what the run shows of each gate, until a Painting did.
	Shows map[string]For `json:"shows,omitempty"`
	// Bases are the base branches that the run was painted for; none where that
	// is not known, as before there were lanes.
	Bases []string `json:"bases,omitempty"`
	// Gone are gates, by stream, that have left the commit or are over, and of
	// which the run need not know any more.
	Gone []string `json:"gone,omitempty"`
}

// Handed records that what was pressed on a check was handed over to the gates
// that it shows.
type Handed struct {
	Covers uint64 `json:"covers"`
}

func (News) Kind() string { return "news" }

func (Creating) Kind() string { return "creating" }

func (Published) Kind() string { return "published" }

func (Handed) Kind() string { return "handed" }

// Painting is written before a check run is painted: what it is about to show,
// and the nonce in the identifiers of its buttons. A press names the painting
// that it was made on by that nonce, and is worth nothing for what another one
// shows. Its number is the version of its record. Where no Published follows
// that names it, nobody knows whether GitHub took it, or when.
type Painting struct {
	Nonce   string  `json:"nonce"`
	Covers  uint64  `json:"covers"`        // version of the check's stream that it is made from
	Run     int64   `json:"run,omitempty"` // GitHub's id of the run that is repainted; 0: one is created
	Digest  string  `json:"digest"`        // of what it shows
	Outcome string  `json:"outcome,omitempty"`
	Shows   []Shown `json:"shows,omitempty"`
}

// Kind names the event in the ledger.
func (Painting) Kind() string { return "painting" }

// Shown is one gate as a check run shows it.
type Shown struct {
	Gate    Subject `json:"gate"`
	For     For     `json:"for"`     // of a gate that is not judged, its head only
	Version uint64  `json:"version"` // of the gate's stream
}

// Blocks reports whether a required check does not pass by an outcome. What this
// version does not know may pass.
func Blocks(outcome string) bool {
	switch outcome {
	case "", "action_required", "failure", "cancelled":
		return true
	}
	return false
}
