package kubernetes

import "strings"

func isTemplated(text string) bool { return strings.Contains(text, "{{") }

// plain takes the directives out of a template: lines of nothing else become
// empty, so that line numbers stay, and a value that is filled in becomes a
// word made of the directive, so that two of them stay apart.
func plain(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	open := false // inside a directive of several lines
	for line := range strings.Lines(text) {
		rest, ended := strings.CutSuffix(line, "\n")
		var out strings.Builder
		words := false
		for rest != "" {
			if open {
				_, after, closed := strings.Cut(rest, "}}")
				if !closed {
					break
				}
				rest, open = after, false
				continue
			}
			before, after, found := strings.Cut(rest, "{{")
			out.WriteString(before)
			if !found {
				break
			}
			words = true
			directive, after, closed := strings.Cut(after, "}}")
			if !closed {
				open = true
				break
			}
			out.WriteString(word(directive))
			rest = after
		}
		if words && onlyWords(out.String()) {
			out.Reset()
		}
		b.WriteString(out.String())
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// onlyWords says that a line holds nothing but what directives left.
func onlyWords(line string) bool {
	for _, w := range strings.Fields(line) {
		if !strings.HasPrefix(w, "TPL") || strings.ContainsAny(w, `:"'`) {
			return false
		}
	}
	return true
}

// word makes a plain scalar of a directive, and what it says of one that says a
// value itself.
func word(directive string) string {
	if value := literal(directive); value != "" {
		return value
	}
	var b strings.Builder
	b.WriteString("TPL")
	for _, c := range directive {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' {
			b.WriteRune(c)
		}
		if b.Len() > 60 {
			break
		}
	}
	return b.String()
}

// filledIn says that a value comes from a template or the environment.
func filledIn(s string) bool {
	return strings.Contains(s, "TPL") || strings.Contains(s, "${") || strings.Contains(s, "$(") || strings.HasPrefix(s, "$") ||
		strings.Contains(s, "{{") || strings.HasPrefix(s, "<") || strings.HasPrefix(s, "ENC[")
}

// literal is the value of a directive that fills in nothing: {{ true }},
// {{ "true" | quote }}.
func literal(directive string) string {
	value, pipes, _ := strings.Cut(strings.Trim(directive, "- \t"), "|")
	value = strings.Trim(strings.TrimSpace(value), "\"`")
	for pipe := range strings.SplitSeq(pipes, "|") {
		switch strings.TrimSpace(pipe) {
		case "", "quote", "squote", "toString", "toYaml":
		default:
			return ""
		}
	}
	switch value {
	case "true", "false":
		return value
	case "not false":
		return "true"
	}
	return ""
}
