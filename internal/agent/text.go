package agent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
)

// The bounds of what is read and of what is returned.
const (
	maxText     = 64 << 10 // bytes of one body or message: half from each end
	maxTries    = 40       // places in one text that look like a footer
	maxShown    = 200      // characters of one shown text
	maxLabels   = 100
	maxSquashed = 500
	maxEach     = 4   // evidence kept of one agent, kind and strength
	maxPeople   = 500 // instigators
)

// text looks for what an agent left in a body or a commit message: trailers in
// the last block, and footers.
func (k *collector) text(kind, sha, s string) {
	if s == "" {
		return
	}
	s = readable(s)
	for _, t := range trailers(s) {
		k.trailer(sha, t)
	}
	low := strings.ToLower(s)
	if len(low) != len(s) { // a letter whose lower case has another length
		s = low
	}
	if at := strings.Index(low, askedBy); kind == "body" && at >= 0 {
		if line, ok := plainLine(low, at, true); ok {
			k.requesters = append(k.requesters, s[at+len(askedBy):line+lineLen(s[line:])])
		}
	}
	k.footers(kind, sha, s, low)
}

// footers looks for each footer in s, of which low is the lower case.
func (k *collector) footers(kind, sha, s, low string) {
	link, tries := strings.Contains(low, "://"), maxTries
	for i := range footers {
		f := &footers[i]
		if f.link && !link {
			continue
		}
		for from := 0; tries > 0; tries-- {
			at := strings.Index(low[from:], f.phrase)
			if at < 0 {
				break
			}
			at += from
			if line, ok := plainLine(low, at, f.start); ok {
				k.add(gate.Evidence{Agent: f.agent, Strength: f.strength, Kind: kind, Text: s[line : line+lineLen(s[line:])], Commit: sha})
				break
			}
			from = at + len(f.phrase)
		}
	}
}

// trailer looks at one trailer.
func (k *collector) trailer(sha string, t trailer) {
	shown := t.key + ": " + t.value
	add := func(agent string, strength gate.Strength) {
		k.add(gate.Evidence{Agent: agent, Strength: strength, Kind: "trailer", Text: shown, Commit: sha})
	}
	for i := range keys {
		if keys[i].key == t.key && strings.HasPrefix(strings.ToLower(t.value), keys[i].value) {
			add(keys[i].agent, gate.Declared)
			return
		}
	}
	switch t.key {
	case "requested-by":
		k.requesters = append(k.requesters, t.value)
	case "co-authored-by", "co-developed-by", "coauthored-by", "co-author":
		k.coauthors = append(k.coauthors, t.value)
		k.coauthor(t.value, false, add)
	case "assisted-by", "generated-by", "made-with", "generated-with", "created-by", "written-by", "authored-by", "ai-agent", "ai-model", "ai-assistant", "coding-agent":
		k.coauthor(t.value, true, add)
		if agent, model, ok := strings.Cut(t.value, ":"); ok && t.key == "assisted-by" && model != "" && !strings.ContainsAny(agent, " @<") {
			if known, _ := k.table.tool(agent); known == "" {
				add(strings.ToLower(agent), gate.Declared) // the Linux kernel's AGENT:MODEL
			}
		}
	}
}

// coauthor looks at "Name <e-mail>". Where the trailer is one that names tools
// (tool), a name that people bear as well is enough.
func (k *collector) coauthor(value string, tool bool, add func(string, gate.Strength)) {
	name, email := nameAndEmail(value)
	if a := k.table.email(email); a != nil {
		if a.duty == helper {
			k.automation(a.agent)
			return
		}
		add(a.agent, gate.Declared)
		return
	}
	product := name
	if tool {
		if _, via, ok := strings.Cut(name, " via "); ok {
			product = via
		} else if agent, _, ok := strings.Cut(name, ":"); ok {
			product = agent
		}
	}
	agent, sure := k.table.tool(product)
	if agent == "" && product != name {
		agent, sure = k.table.tool(name)
	}
	switch {
	case agent == "":
	case sure || tool:
		add(agent, gate.Declared)
	case !ambiguous[strings.ToLower(product)]:
		add(agent, gate.Suspected)
	}
}

// plainLine returns the start of the line around at, and whether the line is
// said by the author: not quoted, not indented as code, not within a fence, not
// in backticks. With start, only emoji, marks and spaces may stand before at.
func plainLine(s string, at int, start bool) (line int, ok bool) {
	line = strings.LastIndexByte(s[:at], '\n') + 1
	before := s[line:at]
	trimmed := strings.TrimLeft(before, " \t")
	if strings.HasPrefix(trimmed, ">") || strings.HasPrefix(before, "    ") || strings.HasPrefix(before, "\t") {
		return line, false
	}
	if strings.Count(before, "`")%2 == 1 || fenced(s[:line]) {
		return line, false
	}
	if start {
		for _, r := range before {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("\"'`“‘«", r) {
				return line, false
			}
		}
	}
	return line, true
}

// fenced reports whether a fence is open at the end of s.
func fenced(s string) bool {
	var open string
	for line := range strings.Lines(s) {
		if len(line) < 3 || (line[0] != ' ' && line[0] != '`' && line[0] != '~') {
			continue
		}
		line = strings.TrimRight(strings.TrimLeft(line, " "), "\n")
		switch {
		case open == "" && strings.HasPrefix(line, "```"):
			open = "```"
		case open == "" && strings.HasPrefix(line, "~~~"):
			open = "~~~"
		case open != "" && strings.HasPrefix(line, open) && strings.Trim(line, "`~ ") == "":
			open = ""
		}
	}
	return open != ""
}

func lineLen(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// readable brings a text to what is matched: bounded, lines ended by "\n",
// without invisible characters, look-alike letters as what they look like. A
// text of plain ASCII with "\n" comes back as it is.
func readable(s string) string {
	if len(s) > maxText {
		s = s[:maxText/2] + "\n" + s[len(s)-maxText/2:]
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return clean(s)
}

// clean drops invisible characters, keeping line breaks and tabs, and replaces
// look-alikes by the letters they imitate.
func clean(s string) string {
	if !strange(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || (r >= 0xFE00 && r <= 0xFE0F):
			return -1
		case r == 0xA0 || r == 0x3000 || (r >= 0x2000 && r <= 0x200A) || r == 0x202F:
			return ' '
		case r >= 0xFF01 && r <= 0xFF5E: // full width
			return r - 0xFEE0
		case r >= 0x2010 && r <= 0x2015 || r == 0x2212:
			return '-'
		}
		if i := strings.IndexRune(lookalikes, r); r > 0x7F && i >= 0 {
			return rune(latin[utf8.RuneCountInString(lookalikes[:i])])
		}
		return r
	}, s)
}

// Cyrillic and Greek letters that are drawn like Latin ones.
const (
	lookalikes = "аеіјорсухѕԁһӏԛԝАВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυαι"
	latin      = "aeijopcyxsdhlqwABESIJKMHOPCTYXABEZHIKMNOPTYXovuai"
)

func strange(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x7F || (c < ' ' && c != '\n' && c != '\t') {
			return true
		}
	}
	return false
}

// show is a text for people: one line, bounded, without what is invisible.
func show(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, head(s, 4*maxShown))
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown-1]) + "…"
}

// head is at most the first n bytes of s.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
