package redact

import (
	"slices"
	"strings"
)

// Lines are the lines of a whole text as Text would have them, each with Mark for
// what it holds of a secret: one that goes over many, a key block say, leaves each of
// them in its place, so that their numbers hold. Line endings are left out. What also
// knows further secrets, of the text before say; nil is none. The time is linear in
// text.
func Lines(text string, also *Secrets) []string {
	found := spans(text)
	if joined, at := join(text); len(joined) < len(text) {
		for _, p := range spans(joined) {
			found = append(found, span{at[p.from], at[p.to-1] + 1})
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var out []string
	from := 0
	for line := range strings.Lines(text) {
		to := from + len(line)
		bare := from + len(strings.TrimRight(line, "\r\n"))
		for len(found) > 0 && found[0].to <= from {
			found = found[1:]
		}
		out = append(out, also.Text(marked(text, from, bare, found)))
		from = to
	}
	return out
}

// marked is text[from:to] without what of it is in the spans, which are sorted.
func marked(text string, from, to int, found []span) string {
	var b strings.Builder
	done := from
	for _, p := range found {
		if p.from >= to {
			break
		}
		if start := max(p.from, done); start < min(p.to, to) && strings.TrimSpace(text[start:min(p.to, to)]) != "" {
			b.WriteString(text[done:start])
			b.WriteString(Mark)
			done = min(p.to, to)
		}
	}
	if done == from {
		return text[from:to]
	}
	return b.String() + text[done:to]
}
