package agent

import (
	"slices"
	"strings"
)

// trailer is "Key: value" at the end of a message.
type trailer struct {
	key   string // lower case
	value string
}

// trailers returns the last trailer block of a message as git
// interpret-trailers finds it: the last paragraph, if every line of it is a
// trailer, or if one is of a kind that git or GitHub writes and at least a
// quarter are. References that tools put under the block ("Closes #12", link
// targets, HTML comments) are looked past, and of a squashed pull request each
// commit's own block is read.
// https://git-scm.com/docs/git-interpret-trailers
func trailers(message string) []trailer {
	var out []trailer
	for _, part := range squashed(message) {
		out = append(out, block(lastParagraph(part))...)
	}
	return out
}

// squashed splits the message that GitHub proposes for a squash merge: a
// bullet for each commit, a rule, then the co-authors of all.
func squashed(message string) []string {
	if !strings.Contains(message, "\n---------\n") || !strings.Contains(message, "\n* ") {
		return []string{message}
	}
	parts := strings.SplitN(message, "\n\n* ", maxSquashed)
	last := len(parts) - 1
	before, after, _ := strings.Cut(parts[last], "\n---------\n")
	parts[last] = before
	return append(parts, after)
}

// lastParagraph returns the lines of the last paragraph, and of those right
// above it that hold nothing but trailers.
func lastParagraph(message string) []string {
	lines := strings.Split(strings.TrimRight(message, "\n\t "), "\n")
	var found []string
	for end := len(lines); end > 0; {
		start := end
		for start > 0 && strings.TrimSpace(lines[start-1]) != "" {
			start--
		}
		paragraph := lines[start:end]
		switch {
		case start == 0 && !isTrailer(paragraph[0]):
			return found // the subject is no trailer
		case found != nil && !onlyTrailers(paragraph):
			return found
		case found != nil:
			found = append(slices.Clone(paragraph), found...)
		case !references(paragraph):
			found = paragraph
			if !onlyTrailers(paragraph) {
				return found
			}
		}
		for end = start; end > 0 && strings.TrimSpace(lines[end-1]) == ""; {
			end--
		}
	}
	return found
}

func onlyTrailers(paragraph []string) bool {
	return !slices.ContainsFunc(paragraph, func(line string) bool { return !isTrailer(line) })
}

// references reports whether every line only points somewhere else.
func references(paragraph []string) bool {
	for _, line := range paragraph {
		low := strings.ToLower(strings.TrimSpace(line))
		word, rest, _ := strings.Cut(low, " ")
		switch strings.TrimSuffix(word, ":") {
		case "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved", "refs", "see":
			if strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, "http") {
				continue
			}
		}
		link := strings.HasPrefix(low, "[") && strings.Contains(low, "]: http")
		comment := strings.HasPrefix(low, "<!--") && strings.HasSuffix(low, "-->")
		if !link && !comment && strings.Trim(low, "-*_") != "" {
			return false
		}
	}
	return true
}

func block(paragraph []string) []trailer {
	var out []trailer
	count, other, recognised := 0, 0, false
	for _, line := range paragraph {
		if line != "" && (line[0] == ' ' || line[0] == '\t') && len(out) > 0 {
			out[len(out)-1].value += " " + strings.TrimSpace(line) // folded
			continue
		}
		if strings.HasPrefix(line, "(cherry picked from commit ") {
			recognised = true
			count++
			continue
		}
		t, ok := parseTrailer(line)
		if !ok {
			other++
			continue
		}
		count++
		recognised = recognised || t.key == "signed-off-by" || t.key == "co-authored-by"
		out = append(out, t)
	}
	if other > 0 && (!recognised || count*3 < other) {
		return nil
	}
	return out
}

func isTrailer(line string) bool {
	_, ok := parseTrailer(line)
	return ok
}

func parseTrailer(line string) (trailer, bool) {
	key, value, ok := strings.Cut(line, ":")
	key = strings.TrimRight(key, " \t")
	if !ok || key == "" || len(key) > 60 {
		return trailer{}, false
	}
	for _, r := range []byte(key) {
		if r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') {
			return trailer{}, false
		}
	}
	return trailer{key: strings.ToLower(key), value: strings.TrimSpace(value)}, true
}

// nameAndEmail splits "Name <e-mail>"; the angle brackets may be missing.
func nameAndEmail(value string) (name, email string) {
	if i := strings.LastIndexByte(value, '<'); i >= 0 {
		email, _, _ = strings.Cut(value[i+1:], ">")
		return strings.TrimSpace(value[:i]), strings.TrimSpace(email)
	}
	i := strings.LastIndexAny(value, " \t") + 1
	if last := strings.Trim(value[i:], "(),;"); strings.Contains(last, "@") && !strings.HasPrefix(last, "@") {
		return strings.TrimSpace(value[:i]), last
	}
	return value, ""
}
