// Package proptest checks properties that only some draws put to the test.
package proptest

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rounds bounds how often a property is checked anew. A draw in fifty that leads to
// an outcome leaves it out of ten draws four times in five, and out of twenty rounds
// of them once in fifty.
const rounds = 20

// Check checks a property, again and again until each of the outcomes has come
// that the property tells of by came. A property that holds because nothing of what
// it is about ever happened is no proof: where an outcome does not come the test
// fails.
func Check(t *testing.T, property func(t *rapid.T, came func(outcome string)), outcomes ...string) {
	t.Helper()
	times := map[string]int{}
	missing := func() (out []string) {
		for _, o := range outcomes {
			if times[o] == 0 {
				out = append(out, o)
			}
		}
		return out
	}
	once := func(t *rapid.T) { property(t, func(outcome string) { times[outcome]++ }) }
	for round := 0; round < rounds && (round == 0 || len(missing()) > 0); round++ {
		rapid.Check(t, once)
	}
	t.Log(fmt.Sprint(times))
	if none := missing(); len(none) > 0 {
		t.Errorf("never came: %s. The property was not tried", strings.Join(none, ", "))
	}
}
