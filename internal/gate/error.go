package gate

import (
	"errors"
	"time"
)

// Error is a failure that a person is told about: a stable code and a sentence
// that says what happened and what to do. It never holds a token.
type Error struct {
	Code  string
	Text  string
	Until time.Time // do not try again before; zero: the caller's own backoff
	Final bool      // trying again cannot help until something else changes
	Err   error     // the cause, for the log
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Text + " (" + e.Err.Error() + ")"
	}
	return e.Code + ": " + e.Text
}

func (e *Error) Unwrap() error { return e.Err }

// AsError returns err as an *Error. A failure that nobody gave a code is
// "internal": its text stays out of what people see.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: "internal", Text: "gatehold met an error of its own; its log has the details.", Err: err}
}
