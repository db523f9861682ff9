// Package report renders a verdict for people and programs: the check run, the
// terminal, JSON. It is pure, and it is the only place where text from outside
// (titles, paths, messages) is put among words of ours, so that nothing of it
// can break the layout or forge a line.
package report

// Conclusion of a check run. Only Success lets a required check pass among
// those used here: neutral and skipped would pass as well, and are not used.
type Conclusion string

// The conclusions that gatehold publishes.
const (
	Success        Conclusion = "success"
	ActionRequired Conclusion = "action_required"
	Failure        Conclusion = "failure"
)

// The platform's bounds on a check run.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	MaxSummary     = 65535 // characters of summary, and of text
	MaxAnnotations = 50    // per request
)

// Annotation marks lines of a file in the head.
type Annotation struct {
	Path      string
	StartLine int // from 1
	EndLine   int
	Level     string // notice, warning, failure
	Title     string // at most 255 characters
	Message   string // at most 64 KB
}

// Check is what gatehold wants a check run to say.
type Check struct {
	Name        string // "gatehold"
	HeadSHA     string
	ExternalID  string // the check's ledger stream
	DetailsURL  string
	Conclusion  Conclusion
	Title       string
	Summary     string // Markdown
	Text        string // Markdown, with the verdict as JSON
	Annotations []Annotation
}
