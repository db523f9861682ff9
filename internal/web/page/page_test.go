package page

import (
	"testing"

	g "maragu.dev/gomponents"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup/markuptest"
)

// known are words that mean something to a page.
var known = []string{string(gate.IsFailing), string(gate.Deployment), string(gate.MergeGroup), string(gate.Deny), string(gate.Approved),
	string(gate.Certain), string(gate.BestEffort), string(gate.High), string(board.WasBypassed), string(board.Enforced),
	string(board.Unknown), "https://app.devin.ai/sessions/a1"}

// Whatever words a page is given, in every field: they stay words, and lead nowhere.
func TestWordsStayWords(t *testing.T) {
	for name, draw := range map[string]func(fill func(any)) g.Node{
		"gates":        func(fill func(any)) g.Node { var p Gates; fill(&p); return p.HTML() },
		"gate":         func(fill func(any)) g.Node { var p Gate; fill(&p); return p.HTML() },
		"repositories": func(fill func(any)) g.Node { var p Repositories; fill(&p); return p.HTML() },
		"repository":   func(fill func(any)) g.Node { var p Repository; fill(&p); return p.HTML() },
		"environments": func(fill func(any)) g.Node { var p Environments; fill(&p); return p.HTML() },
		"waiting":      func(fill func(any)) g.Node { var p Waiting; fill(&p); return p.HTML() },
		"agents":       func(fill func(any)) g.Node { var p Agents; fill(&p); return p.HTML() },
		"rules":        func(fill func(any)) g.Node { var p Rules; fill(&p); return p.HTML() },
		"trends":       func(fill func(any)) g.Node { var p Trends; fill(&p); return p.HTML() },
		"coverage":     func(fill func(any)) g.Node { var p Coverage; fill(&p); return p.HTML() },
		"environment":  func(fill func(any)) g.Node { var p Environment; fill(&p); return p.HTML() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			markuptest.Check(t, known, draw)
		})
	}
}
