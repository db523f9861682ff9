package gate

import (
	"errors"
	"time"
)

// Codes of what GitHub does not find, or does not show to the App, and of an App
// that is not installed there.
const (
	NotFound     = "not_found"
	NotInstalled = "not_installed"
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

// Failed is the record of e at its attempt-th occurrence in a row. The wait
// doubles from a second to ten minutes, to two where GitHub's answer was of
// before. Where GitHub has for hours not found what it is asked for, it comes to an
// hour, and after a day to a twenty-fourth of the time that it was lost for: what was
// deleted stays so, and of what comes back an event or the comparison tells. A survey,
// which is the repository's alone, waits for these once GitHub may not be behind.
// jitter, from 0 to 1, spreads it over its upper half so that what failed
// together is not tried again together.
func (e *Error) Failed(step Step, before *Failed, at time.Time, jitter float64) Failed {
	f := Failed{Step: string(step), Code: e.Code, Text: e.Text, Attempt: 1, Since: at}
	if before != nil && before.Step == f.Step {
		f.Attempt, f.Since = before.Attempt+1, before.Since
	}
	if e.Final {
		return f
	}
	longest := 10 * time.Minute
	switch e.Code {
	case StaleAnswer: // GitHub's copies catch up in seconds, or in minutes
		longest = 2 * time.Minute
	case NotFound, NotInstalled:
		gone := at.Sub(f.Since)
		if step == Survey && gone >= DoubtFor {
			return f
		}
		longest = min(max(longest, gone/8), max(time.Hour, gone/24))
	}
	wait := longest
	if f.Attempt < 10 {
		wait = min(longest, time.Second<<(f.Attempt-1))
	}
	wait = wait/2 + time.Duration(jitter*float64(wait/2))
	f.Next = at.Add(wait)
	if e.Until.After(f.Next) { // what GitHub asks for, and a little more so that not all come at once
		f.Next = e.Until.Add(time.Duration(jitter * float64(2*time.Second)))
	}
	return f
}

// lost reports whether GitHub has for so long not found what it is asked for that
// the next attempt is far away: whatever is heard of it may be that it is back.
func (f *Failed) lost() bool {
	return (f.Code == NotFound || f.Code == NotInstalled) && f.Next.Sub(f.Since) > 90*time.Minute
}

// afterwards reports whether a step failed that comes after the decision: what
// was decided stands.
func (f *Failed) afterwards() bool {
	return f.Step == string(Respond) || f.Step == string(CancelRun)
}

// Unless is the failure, but for one of a step that has succeeded since.
func (f *Failed) Unless(done Step) *Failed {
	if f != nil && f.Step == string(done) {
		return nil
	}
	return f
}

// UnlessFinal forgets a failure that waited for something else to happen, or waits
// long because what was asked for is lost.
func (f *Failed) UnlessFinal() *Failed {
	if f != nil && (f.Next.IsZero() || f.lost()) {
		return nil
	}
	return f
}
