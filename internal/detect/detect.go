// Package detect declares what a detector is: a pure reader of what changed in
// one file, before against after, that reports located observations.
//
// Detectors see text that an adversary wrote. Each bounds its own time and
// memory (Go cannot stop a goroutine from outside, and a stack overflow cannot
// be recovered), and reports what it cannot read as an observation of its
// Unreadable kind: never silence. They know nothing of rules; which
// observations matter, and how much, is for internal/policy.
//
// A detector looks at the meaning of the difference: what was there before and
// is unchanged is not reported, whatever moved around it.
package detect

import (
	"errors"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/redact"
)

// Kind describes one sort of observation, as its file says (Kinds). A test holds
// the files, their examples and the code together.
type Kind struct {
	ID       string   // "sql/drop-table": detector name, slash, what was seen
	Risk     int      // 1 to 100: data loss that cannot be taken back is 50 or more
	Title    string   // a clause after the object: "drops a table"
	Why      string   // a sentence: what could be lost and how hard it is to take back
	Controls []string // control references: "owasp-asi02", "owasp-nhi05", "maestro-l4", "nist-ai-rmf-manage-2.4"

	Fires string // a small example that is reported
	Quiet string // one as close to it as can be that is not

	// What the examples need beside their text; each may be empty.
	ExamplePath string // where both examples lie
	FiresBefore string // what was there before Fires; Fires empty then means that the file was deleted
	QuietBefore string // what was there before Quiet

	Build Build

	set  *Kinds // nil: made without a file
	told bool   // its examples are words
}

// Build makes the change that an example stands for, where texts alone cannot
// say it: a mode, a hundred files. Examples are then its words.
type Build func(example string) change.Change

// Observation is one thing that a detector saw at one place.
type Observation struct {
	Kind    *Kind
	Path    string
	Line    int    // counted from 1; 0 where no line can be named
	Removed bool   // Line counts in the text before, not after
	Object  string // what it happened to: a table, a resource, a job; never a secret
	Detail  string // optional clause with what was seen: "retention 30 to 1 days"
	// Args tell it from another of its kind at the same place about the same
	// object, where the files do not: what was declared elsewhere, say.
	Args string

	// Bound says that a reader gave up at one of its bounds (package bound): no text
	// that people write comes there, and one that was made to could hide anything.
	Bound bool
}

// Unread is the observation of what could not be read, and why.
func Unread(kind *Kind, err error) Observation {
	var bounded bound.Exceeded
	return Observation{Kind: kind, Detail: err.Error(), Bound: errors.As(err, &bounded)}
}

// Detector reads one changed file at a time.
type Detector interface {
	// Name is the prefix of all its kinds' ids.
	Name() string
	// Kinds lists what it can report.
	Kinds() []*Kind
	// Wants says from path, status and mode alone whether Detect needs this
	// file's texts. It must be cheap: it runs over every file of a change.
	Wants(f *change.File) bool
	// Detect reports what changed in f. Texts that it asked for are Loaded,
	// Absent or Unreadable.
	Detect(f *change.File, r *Report)
}

// Whole is a detector that looks at the change as a whole as well: a lock file
// without its manifest, deletions in bulk.
type Whole interface {
	Detector
	DetectChange(c *change.Change, r *Report)
}

// Glancing is a detector that sees at a glance, by a search for words, how much of
// a file there is to read closely: nothing of one of another sort, and of one that
// it reads by lines those that differ. A large text of which little changed, or
// that is none of its own, costs a judgement little.
type Glancing interface {
	Detector
	// Closely is how many bytes of its texts Detect, and DetectChange where there is
	// one, read beyond a glance: never less than they do.
	Closely(f *change.File) int
}

// MaxPerFile bounds the observations kept of one detector for one file. What
// is over it is counted, not kept: a rule counts once however many match.
const MaxPerFile = 100

// Report collects the observations of one detector.
type Report struct {
	path   string
	seen   []Observation
	perID  map[string]int
	Hidden int // observations past MaxPerFile

	secrets func() *redact.Secrets // of what the detector reads; nil: not known
}

// NewReport returns a report on the file at path.
func NewReport(path string) *Report { return &Report{path: path} }

// Conceal has Add take out of what it quotes the secrets too that are known
// where they stand. It is asked for them once there is something to report.
func (r *Report) Conceal(secrets func() *redact.Secrets) { r.secrets = secrets }

// Add appends an observation, filling in the file's path, with the secrets in
// what it quotes taken out. Of one kind, at most MaxPerFile are kept; the rest
// are counted in Hidden.
func (r *Report) Add(o Observation) {
	if o.Path == "" {
		o.Path = r.path
	}
	if r.perID == nil {
		r.perID = map[string]int{}
	}
	r.perID[o.Kind.Read().ID]++
	if r.perID[o.Kind.ID] > MaxPerFile {
		r.Hidden++
		return
	}
	o.Object = r.shown(o.Object, 200)
	o.Detail = r.shown(o.Detail, 300)
	o.Args = r.shown(o.Args, 300)
	r.seen = append(r.seen, o)
}

// Observations returns what was reported, in the order of reporting.
func (r *Report) Observations() []Observation { return r.seen }

// shown is at most max bytes of a text without the secrets in it. They are
// looked for in more than is shown: one that the end cuts is one still.
func (r *Report) shown(s string, max int) string {
	if s == "" {
		return s
	}
	var known *redact.Secrets
	if r.secrets != nil {
		known = r.secrets()
	}
	return clip(known.Text(s[:min(len(s), 2*max+200)]), max)
}

func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	cut := max
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
