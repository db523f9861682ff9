package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// UnknownRecord is the code of what stands in the ledger and this version does
// not know: a newer one wrote it, and was replaced by this one.
const UnknownRecord = "unknown_record"

// unknown is the error about something that stands in the ledger.
func unknown(format string, args ...any) *Error {
	what := fmt.Sprintf(format, args...)
	return &Error{Code: UnknownRecord, Text: "This version of gatehold does not know " + what +
		", which a newer one put into the ledger. " +
		"Nothing is decided of what it is about until that version, or a later one, runs again."}
}

// Unknown is the error of code UnknownRecord that err is, or nil.
func Unknown(err error) *Error {
	var known *Error
	if errors.As(err, &known) && known.Code == UnknownRecord {
		return known
	}
	return nil
}

// KnownStream is an error of code UnknownRecord where a stream is of a kind that
// this version does not know.
func KnownStream(stream string) error {
	if StreamKind(stream).known() {
		return nil
	}
	return unknown("the stream %q", stream)
}

func (k Kind) known() bool {
	return k.Gates() || k == Check || k == Repository || k == Environment || k == Branch || k == Account || k == Tell || k == Digest ||
		k == Notice || k == Credential || k == Issuer
}

// unknownWord is a word of an event that decides something and that this version
// does not know, or nothing. Words that no rule names decide nothing: a channel
// releases only where a need asks for it, and a step that failed, whatever it was,
// keeps its gate from being released.
func unknownWord(e Event) string {
	switch ev := e.(type) {
	case Seen:
		return ev.Subject.Kind.orUnknown()
	case Look:
		return ev.Subject.Kind.orUnknown() + ev.Why.orUnknown()
	case Noticed:
		return ev.Subject.Kind.orUnknown() + ev.What.orUnknown()
	case News:
		return ev.Check.Kind.orUnknown() + ev.Gate.Kind.orUnknown()
	case Offered:
		return ev.Answer.orUnknown()
	case Counted:
		return ev.Answer.orUnknown()
	case Refused:
		return ev.Answer.orUnknown()
	case Replying:
		return ev.Reply.orUnknown()
	case Replied:
		return ev.Reply.orUnknown()
	case Judged:
		if ev.Verdict != nil && ev.Verdict.Level != "" && ev.Verdict.Level.Rank() == 0 {
			return string(ev.Verdict.Level)
		}
	}
	return ""
}

// orUnknown is the kind where it is not known. Nothing is written without one.
func (k Kind) orUnknown() string {
	if k.known() || k == "" {
		return ""
	}
	return string(k)
}

func (a Answer) orUnknown() string {
	switch a {
	case Approve, Deny, Override, Review, "":
		return ""
	}
	return string(a)
}

func (r Reply) orUnknown() string {
	switch r {
	case Approved, Rejected, Commented, "":
		return ""
	}
	return string(r)
}

// UnmarshalJSON reads a need. A condition that this version does not know is an
// error: what is left without it would ask for less.
func (n *Need) UnmarshalJSON(text []byte) error {
	type plain Need
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	err := read.Decode((*plain)(n))
	if err == nil {
		return nil
	}
	if quoted, is := strings.CutPrefix(err.Error(), "json: unknown field "); is {
		if field, uerr := strconv.Unquote(quoted); uerr == nil {
			return unknown("a need with %q", field)
		}
	}
	return err
}
