package workflow

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// commands are what a step's script runs, each in one line without quotes, in
// order, with what is handed on to another shell. What only says something is
// none of them.
func (s *step) commands() []string {
	if s.commandsKnown || s.run.empty() {
		return s.commandsAre
	}
	s.commandsKnown = true
	for _, c := range shell.Read(s.run.s, 1).Commands {
		switch c.Name() {
		case "", "echo", "printf", "cat", ":", "true":
			continue
		}
		if len(s.commandsAre) < maxCommands {
			s.commandsAre = append(s.commandsAre, c.Join())
		}
	}
	return s.commandsAre
}

// maxCommands bounds what is looked at of one step.
const maxCommands = 2000

// runs reports whether a step runs a command that begins with one of these, and
// does not only try it.
func (s *step) runs(beginnings ...string) bool {
	for _, c := range s.commands() {
		for _, b := range beginnings {
			if strings.HasPrefix(c, b) && (len(c) == len(b) || c[len(b)] == ' ') && !strings.Contains(c, "--dry-run") {
				return true
			}
		}
	}
	return false
}
