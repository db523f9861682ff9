package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Opens says whether a switch of that name opens something to everybody by being
// on, as far as its name tells: what it is about is not known.
func Opens(name string, n *tree.Node) bool {
	if !switchedOn(n) {
		return false
	}
	m := meaningOf("", []string{name})
	return m.class == Exposed && m.sense == hazard && !strings.Contains(name, "subnet")
}
