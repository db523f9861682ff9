package agent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/agent/signature"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// The bounds of what is read and of what is returned.
const (
	maxText    = 1 << 20 // bytes of one body or message: half from each end
	maxTries   = 40      // places in one text that look like one footer
	maxShown   = 200     // characters of one shown text
	maxLabels  = 100
	maxEach    = 4   // evidence kept of one agent, kind and strength
	maxPeople  = 500 // instigators
	maxUnknown = 8   // sentences about who is not known
)

// text looks for what an agent left in a body or a commit message, anywhere in
// it: trailers, footers, and lines that say who wrote it.
func (k *collector) text(kind, sha, s string) {
	if s == "" {
		return
	}
	if len(s) > maxText {
		k.unknown("A text of it is longer than 1 MB, and was not read whole.")
	}
	s = readable(s)
	low := strings.ToLower(s)
	if len(low) != len(s) { // a letter whose lower case has another length
		s = low
	}
	lines := mark(s)
	for _, t := range trailers(s, lines, k.table.tells) {
		k.trailer(sha, t)
	}
	if at := strings.Index(low, askedBy); kind == "body" && at >= 0 {
		if l := around(lines, at); plain(low, l, at, true) {
			k.requesters = append(k.requesters, s[at+len(askedBy):l.end])
		}
	}
	k.footers(kind, sha, s, low, lines)
	k.credits(kind, sha, s, low, lines)
	k.robots(kind, sha, s, lines)
}

// footers looks for each footer in s, of which low is the lower case.
func (k *collector) footers(kind, sha, s, low string, lines []line) {
	link := strings.Contains(low, "://")
	for i := range k.table.texts {
		f := &k.table.texts[i].sign
		if f.Link && !link {
			continue
		}
		strength := gate.Declared
		if f.Suspected {
			strength = gate.Suspected
		}
		for from, tries := 0, maxTries; tries > 0; tries-- {
			at := strings.Index(low[from:], f.Phrase)
			if at < 0 {
				break
			}
			at += from
			from = at + len(f.Phrase)
			if l := around(lines, at); plain(low, l, at, f.Start) && (!f.Host || ownHost(low[l.at:at])) {
				k.add(gate.Evidence{Agent: k.table.texts[i].agent, Strength: strength, Kind: kind, Text: s[l.at:l.end], Commit: sha})
				break
			}
		}
	}
}

// ownHost reports whether a host name begins where the text ends: what stands
// before is no part of it, but for "www.".
func ownHost(before string) bool {
	before = strings.TrimSuffix(before, "www.")
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-@_", r)
}

// trailer looks at one trailer.
func (k *collector) trailer(sha string, t trailer) {
	shown := t.key + ": " + t.value
	add := func(agent string, strength gate.Strength) {
		k.add(gate.Evidence{Agent: agent, Strength: strength, Kind: "trailer", Text: shown, Commit: sha})
	}
	for _, x := range k.table.trailers {
		if x.sign.Key == t.key && t.value != "" && strings.HasPrefix(strings.ToLower(t.value), x.sign.Value) {
			add(x.agent, gate.Declared)
			return
		}
	}
	tool, is := authoring[t.key]
	switch {
	case prose(t.value):
	case t.key == "requested-by":
		k.requesters = append(k.requesters, t.value)
	case t.key == "signed-off-by" || t.key == "author":
		k.signer(t.value, add)
	case is && tool:
		k.tools(t, add)
	case is:
		k.coauthors = append(k.coauthors, t.value)
		k.coauthor(t.value, add)
	}
}

// coauthor looks at "Name <e-mail>".
func (k *collector) coauthor(value string, add func(string, gate.Strength)) {
	name, email := nameAndEmail(value)
	if k.address(email, add) {
		return
	}
	agent, sure := k.table.tool(name)
	switch {
	case agent == "":
	case sure || email == "" && !shipped().names[strings.ToLower(name)].Personal:
		add(agent, gate.Declared)
	case !shipped().names[strings.ToLower(name)].Ambiguous || email == "":
		add(agent, gate.Suspected)
	}
}

// address looks at an e-mail, and reports whether it told whose it is.
func (k *collector) address(email string, add func(string, gate.Strength)) bool {
	a := k.table.email(email)
	if a == nil {
		if bot := loginOf(email); strings.HasSuffix(bot, "[bot]") {
			if k.secret(email) {
				bot = unnamed
			}
			add(bot, gate.Declared)
			return true
		}
		return false
	}
	switch a.duty {
	case signature.Coder, signature.Suggester:
		add(a.agent, gate.Declared)
	case signature.Reviewer, signature.Helper:
		k.automation(a.agent)
	}
	return true
}

// signer looks at who signed off, or stands as the author in a squash: a person
// has to, so that only what no person is called counts for certain.
func (k *collector) signer(value string, add func(string, gate.Strength)) {
	name, email := nameAndEmail(value)
	if k.address(email, add) {
		return
	}
	if agent := tellingName(change.Person{Name: name, Email: email}); agent != "" {
		add(agent, gate.Suspected)
	}
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
	return strings.Map(cleanRune, s)
}

// cleanRune is the letter that a person sees, or -1 where they see none.
func cleanRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case invisible(r):
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
}

// invisible reports whether nothing is drawn for r: a control or format
// character, a variation selector, and what is no character at all.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || (r >= 0xFE00 && r <= 0xFE0F)
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
