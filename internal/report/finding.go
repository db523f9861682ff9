package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// Seen is what a finding says, without the place that stands beside it: "drops a
// table: users (with its rows)". It is on one line, as everything is that Visible
// makes.
func Seen(f gate.Finding) string {
	return strings.TrimSuffix(visible(unplaced(f), maxMessage), ".")
}

// unplaced is a finding's message without its beginning, which is its place. The judge
// makes both; what it may have quoted otherwise stays as it is.
func unplaced(f gate.Finding) string {
	if f.Path == "" {
		return strings.TrimPrefix(f.Message, "The change ")
	}
	rest, ok := strings.CutPrefix(f.Message, f.Path)
	if !ok {
		rest, ok = strings.CutPrefix(f.Message, quoted(f.Path))
	}
	if !ok {
		return f.Message
	}
	if at := fmt.Sprintf(" line %d", f.Line); f.Line > 0 && strings.HasPrefix(rest, at) {
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, at), " before")
	}
	return strings.TrimLeft(rest, ": ")
}

// quoted is a name as the judge puts it into a message, where it holds what does not
// print.
func quoted(s string) string {
	q := strconv.QuoteToGraphic(s)
	return q[1 : len(q)-1]
}

// doing is what a finding comes to as the rest of a sentence that begins with "wants
// to": an act, what it is done to, and what then becomes of that.
func doing(f gate.Finding) (act, object, then string) {
	said := Seen(f)
	object = visible(f.Object, 120)
	verb, rest, _ := strings.Cut(said, " ")
	base, is := infinitive(verb)
	clause, told := said, false
	if object != "" {
		if clause, _, told = strings.Cut(said, ": "+object); !told {
			clause, _, told = strings.Cut(said, ": "+visible(quoted(f.Object), 120))
		}
		if !told {
			clause, told = strings.CutSuffix(said, " "+object)
		}
		if told {
			_, rest, _ = strings.Cut(clause, " ")
		}
	}
	switch {
	case f.Observation == nil && f.Path != "":
		return "change", visible(f.Path, 120), ""
	case !is && object == "" && f.Path == "":
		return "make a change that " + clause, "", ""
	case !is && object == "":
		return "make a change by which", visible(f.Path, 120), clause
	case !is:
		return "make a change by which", object, clause
	case object == "" || !told:
		return base + " " + rest, "", ""
	case strings.HasSuffix(said, clause+" "+object):
		return base + " " + rest, object, ""
	}
	for _, article := range []string{"a ", "an "} { // "a table: users" is the table users
		if noun, ok := strings.CutPrefix(rest, article); ok && !strings.Contains(noun, " ") {
			return base + " the " + noun, object, ""
		}
	}
	return base + " " + rest + ":", object, ""
}

// infinitive is a verb of the kinds' titles, which are in the third person, as it
// stands after "to"; false where the word begins no act.
func infinitive(verb string) (string, bool) {
	comma := strings.HasSuffix(verb, ",")
	verb = strings.ToLower(strings.TrimSuffix(verb, ","))
	var out string
	switch {
	case verb == "is", verb == "was", verb == "has", !strings.HasSuffix(verb, "s"), verb == "this":
		return "", false
	case verb == "goes", verb == "does":
		out = strings.TrimSuffix(verb, "es")
	case strings.HasSuffix(verb, "ies") && len(verb) > 4:
		out = strings.TrimSuffix(verb, "ies") + "y"
	case strings.HasSuffix(verb, "shes"), strings.HasSuffix(verb, "ches"), strings.HasSuffix(verb, "sses"), strings.HasSuffix(verb, "xes"):
		out = strings.TrimSuffix(verb, "es")
	default:
		out = strings.TrimSuffix(verb, "s")
	}
	if comma {
		out += ","
	}
	return out, true
}
