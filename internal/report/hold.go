package report

import (
	"github.com/gatehold/gatehold/internal/gate"
)

// Title says in a line of plain text what a gate comes to, as the title of its
// check does where it is the worst of them.
func Title(g Gate) string { return shown{Gate: g, state: stateOf(g)}.title() }

// Needed is a need in words, as plain text.
func Needed(n gate.Need) string { return visible(needText(n, plainName), 300) }
