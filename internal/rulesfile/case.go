package rulesfile

import (
	"fmt"
	"strconv"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// Case is a policy test: a change, and what the verdict on it must be.
type Case struct {
	Name   string
	File   string
	Line   int
	Change change.Change
	Expect Expectation
}

// Expectation is what a case says of the verdict. What is nil or empty is not
// looked at.
type Expectation struct {
	Held, WouldHold *bool
	Level           gate.Level
	Score           *Range
	Needs           string // as SayNeed puts it; "none"
	Rules, NoRules  []string
	Observations    []string
	NoObservations  []string
	Problems        []string // codes; without them a verdict must have none
	Agent           *bool
	Strength        gate.Strength
}

// Range is what a score may be, both ends included.
type Range struct{ Min, Max int }

func (s *Range) String() string {
	if s.Min == s.Max {
		return "a score of " + strconv.Itoa(s.Min)
	}
	return fmt.Sprintf("a score from %d to %d", s.Min, s.Max)
}
