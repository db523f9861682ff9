package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/gatehold/gatehold/internal/gate"
)

// Exit codes.
const (
	exitOK    = 0 // done, and nothing to hold
	exitError = 1 // it did not work: the error says why
	exitUsage = 2 // the command line is wrong
	exitHeld  = 3 // done, and the change would be held, or the ledger is broken
)

// IO is what a command may touch of the process it runs in.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Color    bool // Out is a terminal that shows colours
	Terminal bool // In is a terminal, where somebody can be asked
}

// held is returned by a command that ended well and found something to hold.
var errHeld = errors.New("the change would be held")

// errBroken is returned by a command that read a ledger which is not whole.
var errBroken = errors.New("the ledger is broken")

// reported is an error that the command has printed already.
var errReported = errors.New("already reported")

// finish says what went wrong, in a sentence, and picks the exit code.
func finish(err error, std IO) int {
	var known *gate.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errHeld), errors.Is(err, errBroken):
		return exitHeld
	case errors.Is(err, errReported):
		return exitError
	case errors.As(err, &known):
		fmt.Fprintf(std.Err, "gatehold: %s (%s)\n", known.Text, known.Code)
		if known.Code == "usage" {
			return exitUsage
		}
	default:
		fmt.Fprintf(std.Err, "gatehold: %s\n", err)
	}
	return exitError
}
