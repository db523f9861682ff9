package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

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

	// Pause returns when so much time has passed, or with the error of a ctx that
	// ends before. nil is by the machine's clock.
	Pause func(ctx context.Context, d time.Duration) error
}

// Wait is Pause, or what stands for it.
func (std IO) Wait(ctx context.Context, d time.Duration) error {
	if std.Pause != nil {
		return std.Pause(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// How a command ends that has said already what is to be said.
var (
	ErrHeld     = errors.New("the change would be held") // it ended well, and found something to hold
	ErrBroken   = errors.New("the ledger is broken")     // it read a ledger which is not whole
	ErrReported = errors.New("already reported")         // it did not work, as was printed
)

// ended is the error of a command that ran. Every other error is one of the
// command line.
type ended struct{ error }

func (e ended) Unwrap() error { return e.error }

// Execute runs the command that args name, says what went wrong, in a sentence,
// and returns the exit code.
func Execute(ctx context.Context, root *cobra.Command, args []string, std IO) int {
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.ExecuteContext(ctx)
	var known *gate.Error
	switch ran := (ended{}); {
	case err == nil:
		return exitOK
	case !errors.As(err, &ran):
		fmt.Fprintf(std.Err, "gatehold: %s\nTry gatehold --help.\n", err)
		return exitUsage
	case errors.Is(err, ErrHeld), errors.Is(err, ErrBroken):
		return exitHeld
	case errors.Is(err, ErrReported):
		return exitError
	case errors.As(err, &known):
		fmt.Fprintf(std.Err, "gatehold: %s (%s)\n", known.Text, known.Code)
		if known.Code == codeUsage {
			return exitUsage
		}
	default:
		fmt.Fprintf(std.Err, "gatehold: %s\n", ran.error)
	}
	return exitError
}

const codeUsage = "usage"

// Usage is the error of a command line whose words are known and whose sense is not.
func Usage(format string, args ...any) error {
	return &gate.Error{Code: codeUsage, Text: fmt.Sprintf(format, args...)}
}
