//go:build linux && !race

package agent

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// TestReadingIsLinear: twice the text costs about twice the time, for texts that
// are made to cost much.
func TestReadingIsLinear(t *testing.T) {
	for name, piece := range map[string]string{
		"fences":    "```\n~~~\n",
		"quotes":    "> generated with claude code https://app.devin.ai/sessions/ `\n",
		"trailers":  "Co-authored-by: A\n",
		"folded":    "Co-authored-by: A\n  b\n",
		"credits":   "written by x with y using z\n",
		"one line":  "written by claude, co-authored-by: ",
		"comments":  "<!-- a\n",
		"indented":  "a:\n    b\n",
		"bullets":   "\n* A: 1\n",
		"addresses": "https://app.devin.ai/sessions/ ",
		"tools":     "Assisted-by: a, b + c, (((\n",
		"letters":   "ｅİ",
	} {
		detecttest.Linear(t, name, 100<<10, func(size int) func() {
			text := strings.Repeat(piece, size/len(piece))
			c := change.Change{Author: ana, Body: text, Commits: []change.Commit{{Message: text}}}
			return func() { Attribute(&c, Options{}); Sessions(&c) }
		})
	}
}
