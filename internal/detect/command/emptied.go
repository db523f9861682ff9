package command

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// emptied is what a command destroys without deleting it: it moves it to where
// nothing is kept, or writes nothing over it; and whom it lets in by a line that
// it adds to a list of keys.
func (s *state) emptied(c *command) []finding {
	plain, _ := c.args()
	if c.name == "mv" && len(plain) > 1 && plain[len(plain)-1] == "/dev/null" {
		return s.command(c.as("rm", "-rf", plain[0]))
	}
	writes := c.Writes()
	if len(writes) != 1 {
		return nil
	}
	nothing := c.name == ":" || c.name == "true" || c.name == "cat" && slices.Contains(plain, "/dev/null")
	switch to := writes[0]; {
	case nothing && !s.appends(c):
		return s.command(c.as("rm", "-f", to))
	case strings.HasSuffix(to, ".ssh/authorized_keys") && (c.name == "echo" || c.name == "printf" || c.name == "cat"):
		return found(kindLoginKey, to, "")
	}
	return nil
}

// appends says whether a command's output goes behind what a file has.
func (s *state) appends(c *command) bool {
	for _, r := range c.Redirects {
		if strings.HasSuffix(r.Op, ">>") {
			return true
		}
	}
	return false
}

// as is a command with other words, at the same place.
func (c *command) as(words ...string) *command {
	more := *c.Command
	more.Words, more.Redirects = nil, nil
	for _, w := range words {
		more.Words = append(more.Words, shell.Word{Text: w, Known: true})
	}
	out := *c
	out.Command, out.words, out.name = &more, more.Words, words[0]
	return &out
}
