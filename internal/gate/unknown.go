package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

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
		k == Notice
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
