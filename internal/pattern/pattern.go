// Package pattern compiles regular expressions when they are first used: a process
// that starts pays for none that it does not need.
package pattern

import (
	"regexp"
	"sync"
)

// Of is a regular expression that is compiled once, at its first use. One that does
// not parse panics then: a test of what uses it shows that.
func Of(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
