package agentconfig

import "strings"

// outline tells for each line of a text whether it stands in a list, a table or
// a block of code of what must not be done, or not without a person: under a
// heading or behind a line that says so.
func outline(text string) []bool {
	lines := strings.Split(text, "\n")
	out := make([]bool, len(lines)+1)
	var heading, lead, fence bool
	for i, line := range lines {
		t := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~"):
			fence = !fence
			continue
		case fence:
			out[i+1] = (heading || lead) && !strings.HasPrefix(t, "#")
			continue
		case t == "":
			continue
		case strings.HasPrefix(t, "#"):
			heading, lead = forbids(t), false
			continue
		case isRow(t):
			out[i+1] = heading || lead || denied(t)
			continue
		}
		entry := startsBlock(t) || strings.HasPrefix(line, " ") && i > 0 && out[i]
		if strings.HasSuffix(strings.TrimRight(t, "*_"), ":") {
			lead = forbids(t)
			continue
		}
		out[i+1] = entry && (heading || lead)
		lead = lead && entry
	}
	return out
}

// headings are what such a list is called, beside what a sentence forbids with.
var headings = set("forbidden prohibited banned disallowed off-limits never anti-patterns antipatterns anti-pattern denied no-go " +
	"avoid don'ts donts don't dont restricted denylist 🚫 ❌ ⛔")

// forbids reports whether a heading, or the last sentence of the line above a
// list, says that what follows must not be done, or only with a person.
func forbids(line string) bool {
	words := mainClause(lastSentence(line))
	for i, w := range words {
		last := ""
		if i > 0 {
			last = words[i-1].text
		}
		switch {
		case w.text == "not" && i > 0 && !obliging[last]:
		case (headings[w.text] || far[w.text]) && !hurried(words, i, len(words)) && last != "not":
			return true
		case (demands[w.text] || asks[w.text]) && !negations[last] &&
			(within(words, i+1, 5, approval) || i+2 == len(words) && before[words[i+1].text]):
			return true
		}
	}
	return false
}

var (
	obliging     = set("do does must should may shall can will to are is what agents")
	conditionals = set("if when where unless since because as for while")
)

// lastSentence are the words of what a line says last.
func lastSentence(line string) []token {
	var words []token
	ended := false
	for field := range strings.FieldsSeq(line) {
		word, end := trim(field)
		if ended || strings.Trim(field, "-–—") == "" {
			words, ended = words[:0], false
		}
		if word != "" && len(words) < maxSentence {
			words = append(words, token{text: word, comma: strings.HasSuffix(field, ",")})
		}
		ended = end
	}
	return words
}

// mainClause leaves out a condition that stands before a comma: "if you have
// not, run this".
func mainClause(words []token) []token {
	if len(words) == 0 || !conditionals[words[0].text] {
		return words
	}
	for i := range words {
		if words[i].comma {
			return words[i+1:]
		}
	}
	return nil
}

// denied reports whether a row of a table has a cell that says no.
func denied(row string) bool {
	for cell := range strings.SplitSeq(row, "|") {
		switch strings.ToLower(strings.Trim(cell, " *_`.!")) {
		case "no", "never", "forbidden", "❌", "🚫", "⛔", "✗", "✘", "deny", "denied", "blocked", "prohibited",
			"not allowed", "ask", "ask first", "human", "human only", "with approval", "disallowed":
			return true
		}
	}
	return false
}
