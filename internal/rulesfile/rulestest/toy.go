package rulestest

import (
	"cmp"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/agentconfig"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/command"
)

// toy is a detector for the tests of rules: it sees plain words, so that a
// test of rules does not depend on what real detectors learn.
type toy struct{}

var (
	ToyDrop = &detect.Kind{ID: "sql/drop-table", Risk: 80, Title: "drops a table", Why: "All rows are lost.",
		Controls: []string{"owasp-asi02"}}
	toyIndex = &detect.Kind{ID: "sql/add-index", Risk: 10, Title: "adds an index", Why: "Writes wait while it is built.",
		Controls: []string{"owasp-asi08"}}
	toyBlind = &detect.Kind{ID: "sql/unreadable", Risk: 40, Title: "could not be read", Why: "Anything may stand in it.",
		Controls: []string{"nist-ai-rmf-measure-2.7"}}
)

func (toy) Name() string              { return "sql" }
func (toy) Kinds() []*detect.Kind     { return []*detect.Kind{ToyDrop, toyIndex, toyBlind} }
func (toy) Wants(f *change.File) bool { return strings.HasSuffix(f.Path, ".sql") }
func (toy) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Unreadable || f.Before.State == change.Unreadable {
		r.Add(detect.Observation{Kind: toyBlind, Detail: cmp.Or(f.After.Reason, f.Before.Reason)})
		return
	}
	for _, line := range f.AddedLines() {
		words := strings.Fields(line.Text)
		switch {
		case strings.HasPrefix(line.Text, "DROP TABLE "):
			r.Add(detect.Observation{Kind: ToyDrop, Line: line.Number, Object: words[2]})
		case strings.HasPrefix(line.Text, "CREATE INDEX "):
			r.Add(detect.Observation{Kind: toyIndex, Line: line.Number, Object: words[2]})
		case line.Text == "PANIC":
			panic("the toy detector was told to")
		}
	}
}

// flood is a detector that looks at the change as a whole.
type flood struct{}

var toyFlood = &detect.Kind{ID: "shape/flood", Risk: 30, Title: "removes files in bulk", Why: "Nobody reads that many.",
	Controls: []string{"owasp-asi09"}}

func (flood) Name() string                        { return "shape" }
func (flood) Kinds() []*detect.Kind               { return []*detect.Kind{toyFlood} }
func (flood) Wants(*change.File) bool             { return false }
func (flood) Detect(*change.File, *detect.Report) {}
func (flood) DetectChange(c *change.Change, r *detect.Report) {
	removed := 0
	for i := range c.Files {
		if c.Files[i].Status == change.Removed {
			removed++
		}
	}
	if removed >= 3 {
		r.Add(detect.Observation{Kind: toyFlood, Detail: "three or more"})
	}
}

var Toys = catalog.NewRegistry([]detect.Detector{flood{}, toy{}, command.New(), agentconfig.New()})
