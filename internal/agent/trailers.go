package agent

import (
	"strings"
)

// trailer is "Key: value" on a line of its own.
type trailer struct {
	key   string // lower case
	value string
}

// trailers returns the trailers of a message that can tell of an agent or of the
// people beside it, wherever they stand: squashes keep those of every commit in
// the middle, hooks and tools write theirs below, and bodies go on after them.
// git reads the last block only, which is no measure here: one trailer too many
// raises a suspicion, one too few lets a change pass. What is quoted is left out,
// and so is a trailer that a sentence is about.
func trailers(s string, lines []line, tells func(key string) bool) []trailer {
	if strings.IndexByte(s, ':') < 0 {
		return nil
	}
	var out []trailer
	for i := range lines {
		l := &lines[i]
		if l.blank || l.quoted || l.hidden {
			continue
		}
		t, ok := parseTrailer(s[l.at:l.end])
		if !ok || !tells(t.key) {
			continue
		}
		if i+1 < len(lines) && folds(s, &lines[i+1], l) {
			t.value += " " + strings.TrimSpace(s[lines[i+1].at:lines[i+1].end])
		}
		if !spokenOf(s, lines, i) {
			out = append(out, t)
		}
	}
	return out
}

// authoring are trailers that name who had a part; true where they name tools.
var authoring = map[string]bool{
	"co-authored-by": false, "co-developed-by": false, "coauthored-by": false, "co-author": false, "co-authored": false,
	"assisted-by": true, "ai-assisted-by": true, "generated-by": true, "ai-generated-by": true, "made-with": true, "made-by": true,
	"coded-by": true, "coded-with": true, "pair-programmed-with": true,
	"generated-with": true, "created-by": true, "created-with": true, "written-by": true, "authored-by": true, "assisted-with": true,
	"ai-agent": true, "ai-model": true, "ai-assistant": true, "ai-tool": true, "coding-agent": true, "agent": true,
}

// folds reports whether a line goes on with the trailer above it.
func folds(s string, next, above *line) bool {
	if next.blank || next.quoted || next.indent <= above.indent || next.indent > above.indent+8 {
		return false
	}
	_, is := parseTrailer(s[next.at:next.end])
	return !is
}

// spokenOf reports whether the trailer on line i is what a sentence is about: the
// text goes on below it in the middle of a sentence, or stops at a colon above it
// and goes on below.
func spokenOf(s string, lines []line, i int) bool {
	below := -1
	for k := i + 1; k < len(lines) && k < i+maxBlock && below < 0; k++ {
		text := strings.TrimSpace(s[lines[k].at:lines[k].end])
		if _, is := parseTrailer(text); !is && !lines[k].blank && !pointer(text) && !folds(s, &lines[k], &lines[i]) {
			below = k
		}
	}
	if below < 0 {
		return false
	}
	if text := strings.TrimSpace(s[lines[below].at:lines[below].end]); goesOn(text) {
		return true
	}
	for k := i - 1; k >= 0 && k > i-maxBlock; k-- {
		text := strings.TrimSpace(s[lines[k].at:lines[k].end])
		if _, is := parseTrailer(text); is || lines[k].blank {
			continue
		}
		return strings.HasSuffix(text, ":") && !strings.HasPrefix(text, "#")
	}
	return false
}

// maxBlock is how many lines around a trailer are looked at.
const maxBlock = 20

// goesOn reports whether a line begins in the middle of a sentence.
func goesOn(text string) bool {
	word, _, _ := strings.Cut(text, " ")
	return midSentence[strings.TrimRight(word, ",.;")] && strings.Contains(text, " ")
}

var midSentence = set("is are was were has have had should must will would can could may might does do did " +
	"as in from line lines trailer trailers footer footers and or to for which that when because instead appears gets got means counts " +
	"into on at by with after before so but if")

// pointer reports whether a line only points somewhere else, as tools put it
// below a block.
func pointer(line string) bool {
	low := strings.ToLower(line)
	word, rest, _ := strings.Cut(low, " ")
	switch strings.TrimSuffix(word, ":") {
	case "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved", "refs", "see":
		if strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, "http") {
			return true
		}
	}
	link := strings.HasPrefix(low, "[") && strings.Contains(low, "]: http")
	comment := strings.HasPrefix(low, "<!--") && strings.HasSuffix(low, "-->")
	return link || comment || strings.HasPrefix(low, "(cherry picked from commit ") || strings.Trim(low, "-*_#") == ""
}

// parseTrailer reads a line as "Key: value". Marks of lists and of emphasis may
// stand around the key.
func parseTrailer(line string) (trailer, bool) {
	line = strings.TrimLeft(line, " \t*-_•+")
	key, value, ok := strings.Cut(line, ":")
	key = strings.TrimRight(key, " \t*_")
	if !ok || key == "" || len(key) > 60 {
		return trailer{}, false
	}
	for _, r := range []byte(key) {
		if r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') {
			return trailer{}, false
		}
	}
	return trailer{key: strings.ToLower(key), value: strings.Trim(value, " \t*")}, true
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

// prose reports whether what follows the last e-mail of a value is a sentence
// about it: "... <noreply@anthropic.com> is what we strip".
func prose(value string) bool {
	i := strings.LastIndexByte(value, '>')
	if i < 0 {
		return false
	}
	rest := strings.TrimSpace(value[i+1:])
	return rest != "" && goesOn(rest+" ")
}
