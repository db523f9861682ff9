package agent

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// verbs and ways make the credits that a line begins with: "Written by", "Created
// with", "Generated mostly using". Fillers may stand beside the verb.
var (
	verbs = set("written generated created authored implemented coded made drafted produced built developed co-authored " +
		"vibecoded vibe-coded")
	ways = []string{" by ", " with ", " using ", " by* ", " with* ", " by_ ", " with_ "}

	fillers  = set("entirely fully mostly partly partially largely completely automatically auto vibe code and reviewed tested")
	subjects = set("pr pull commit change patch code branch work feature fix mr")
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		out[word] = true
	}
	return out
}

// wording reports whether a sentence is about a text alone: who wrote a message
// says nothing of the change below it.
func wording(s string) bool {
	return strings.Contains(s, "message") || strings.Contains(s, "description") || strings.Contains(s, "summary")
}

// credits looks for lines that say which agent wrote something: "Written by
// Claude with the following prompt:", "This commit was generated with Codex."
func (k *collector) credits(kind, sha, s, low string, lines []line) {
	for _, way := range ways {
		for from, tries := 0, maxTries; tries > 0; tries-- {
			at := strings.Index(low[from:], way)
			if at < 0 {
				break
			}
			at += from
			from = at + len(way)
			l := around(lines, at)
			if !plain(low, l, at, false) || !credits(low[l.at:at]) || from > l.end {
				continue
			}
			if agent := k.credited(s[from:l.end]); agent != "" {
				k.add(gate.Evidence{Agent: agent, Strength: gate.Declared, Kind: kind, Text: s[l.at:l.end], Commit: sha})
			}
		}
	}
}

// robots looks for lines that a robot's face begins and in which a link bears an
// agent's name: agents sign so in the language that they are spoken to.
func (k *collector) robots(kind, sha, s string, lines []line) {
	const face = "🤖"
	for from, tries := 0, maxTries; tries > 0; tries-- {
		at := strings.Index(s[from:], face)
		if at < 0 {
			return
		}
		at += from
		from = at + len(face)
		l := around(lines, at)
		said, _, linked := strings.Cut(s[from:l.end], "](http")
		open := strings.LastIndexByte(said, '[')
		if !linked || open < 0 || !plain(s, l, at, true) {
			continue
		}
		if agent, _ := k.table.tool(said[open+1:]); agent != "" {
			k.add(gate.Evidence{Agent: agent, Strength: gate.Declared, Kind: kind, Text: s[l.at:l.end], Commit: sha})
		}
	}
}

// credits reports whether the beginning of a line leads up to who wrote it: a
// verb, with "This pull request was" before it perhaps, and "mostly" about it.
func credits(before string) bool {
	before = untagged(before)
	if _, after, ok := strings.Cut(before, "disclosure:"); ok { // "AI disclosure: this commit was ..."
		before = after
	}
	before = strings.TrimLeftFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune("\"'`“‘«", r) })
	for _, lead := range []string{"this ", "the "} {
		if rest, ok := strings.CutPrefix(before, lead); ok {
			_, said, found := strings.Cut(rest, " was ")
			if !found {
				if _, said, found = strings.Cut(rest, " is "); !found {
					_, said, found = strings.Cut(rest, " has been ")
				}
			}
			about := strings.TrimSuffix(rest, said)
			if subject, _, _ := strings.Cut(rest, " "); !found || !subjects[subject] || wording(about) || strings.Count(about, " ") > 5 {
				return false
			}
			before = said
		}
	}
	verb := false
	for word := range strings.FieldsSeq(before) {
		if !verbs[word] && !fillers[word] {
			return false
		}
		verb = verb || verbs[word]
	}
	return verb
}

var articles = []string{"an ", "a ", "the ", "help from ", "the help of ", "assistance from ", "Anthropic's ", "OpenAI's ", "Google's "}

// credited is the agent that a credit names at the beginning of what follows it.
// A product's name that is a word as well has to be written as a name, and
// nothing that could be a surname or go on with the word may follow it.
func (k *collector) credited(rest string) string {
	rest = strings.TrimLeft(rest, " \t*_[(`")
	for _, filler := range articles {
		rest = strings.TrimPrefix(rest, filler)
	}
	product, after := k.table.productAt(rest)
	if product == "" {
		return ""
	}
	low := strings.ToLower(product)
	name := shipped().names[low]
	agent := cmp.Or(name.agent, modelAgent(low))
	if known := k.table.known[low]; known != nil {
		return known.agent
	}
	first, _, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
	linked := strings.HasPrefix(after, "](http")
	switch {
	case linked:
		return agent
	case name.Ambiguous || !unicode.IsUpper([]rune(product)[0]) && name.Common:
		return ""
	case name.Common && !ends(after) && !toolish(first):
		return ""
	case name.Personal && !ends(after) && !toolish(first) && !connects(first):
		return ""
	}
	return agent
}

// ends reports whether nothing but a stop or a bracket follows.
func ends(after string) bool {
	return after == "" || strings.ContainsRune(".,;:!)](*_", []rune(after)[0]) || strings.HasPrefix(strings.TrimLeft(after, " "), "(")
}

// connects reports whether a word goes on with the sentence, so that it is no surname.
func connects(word string) bool {
	switch strings.Trim(word, ".,:;") {
	case "with", "using", "via", "on", "for", "from", "in", "and", "to", "at", "under", "as", "after", "based", "-", "–", "—", "+", "&":
		return true
	}
	return false
}

// toolish reports whether a word belongs to the name of a tool or of a model, and
// not to a person's.
func toolish(word string) bool {
	word = strings.ToLower(strings.Trim(word, ".,:;()[]*_`"))
	return toolWords[word] || strings.ContainsAny(word, "0123456789") ||
		strings.HasPrefix(word, "claude-") || strings.HasPrefix(word, "gpt-") || strings.HasPrefix(word, "gemini-")
}

var toolWords = set("code cli ai agent agents opus sonnet haiku fable mythos pro max flash desktop chat cloud assistant bot " +
	"composer ide editor model app web mini codex copilot ultra + &")

// productAt is the longest name of a product, or the beginning of a model's, that
// a text begins with, and what follows it.
func (t *table) productAt(text string) (product, after string) {
	low := strings.ToLower(head(text, 60))
	end := 0
	for i, r := range low + " " {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || i == 0 {
			continue
		}
		if name := low[:min(i, len(low))]; shipped().names[name].agent != "" || t.known[name] != nil || modelAgent(name) != "" {
			end = i
		}
	}
	if end == 0 || end > len(text) {
		return "", ""
	}
	return text[:end], text[end:]
}

// tools looks at a trailer that names tools: one or several, each with its model,
// what it did, or an e-mail. An address on the web says that something was used,
// and not what.
func (k *collector) tools(t trailer, add func(string, gate.Strength)) {
	if low := strings.ToLower(t.value); strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://") {
		if t.key == "assisted-by" || strings.HasPrefix(t.key, "ai-") {
			add(unnamed, gate.Declared)
		}
		return
	}
	found := false
	told := func(agent string) { found = true; add(agent, gate.Declared) }
	for _, part := range parts(t.value) {
		k.tool(part, told, add)
	}
	agent, model, ok := strings.Cut(t.value, ":") // the Linux kernel's AGENT:MODEL
	if ok && !found && t.key == "assisted-by" && model != "" && !strings.ContainsAny(agent, " @<") {
		if k.secret(agent) {
			agent = unnamed
		}
		add(strings.ToLower(agent), gate.Declared)
	}
}

// tool looks at one tool of a trailer.
func (k *collector) tool(part string, told func(string), add func(string, gate.Strength)) {
	name, email := nameAndEmail(part)
	if k.address(email, func(agent string, _ gate.Strength) { told(agent) }) {
		return
	}
	if _, via, ok := strings.Cut(name, " via "); ok {
		name = via
	}
	if agent, sure := k.table.tool(name); agent != "" && (sure || email == "" || !shipped().names[strings.ToLower(name)].Personal) {
		told(agent)
		return
	}
	product, after := k.table.productAt(name)
	low := strings.ToLower(product)
	if product == "" || email != "" && (shipped().names[low].Personal || shipped().names[low].Ambiguous) {
		return
	}
	first, _, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
	if shipped().names[low].Personal && !ends(after) && !toolish(first) {
		return // "Claude Fontaine"
	}
	if agent, _ := k.table.tool(product); agent != "" {
		told(agent)
	}
}

// parts splits a list of tools: "Claude (fix), Grok (review)", "Cursor + Opus 4.6".
func parts(value string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range value {
		switch r {
		case '(', '[', '<':
			depth++
		case ')', ']', '>':
			depth--
		case ',', ';', '+', '&', '/':
			if depth <= 0 && len(out) < maxEach {
				if r == '/' && i > 0 && value[i-1] != ' ' { // "openai/gpt-5"
					continue
				}
				out, from = append(out, strings.TrimSpace(value[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(value[from:]))
}

// tellingName is the agent of a git author's name that is an agent's and hardly a
// person's: a product of two words, or "Claude" alone over somebody else's
// address. People named Claude have addresses that say so, or a surname.
func tellingName(p change.Person) string {
	low := strings.ToLower(strings.TrimSpace(clean(head(p.Name, maxShown))))
	if low == "claude" {
		local, domain, ok := strings.Cut(strings.ToLower(p.Email), "@")
		if !ok || domain == "" || strings.Contains(local, "claude") || strings.Contains(strings.ToLower(p.Login), "claude") {
			return ""
		}
		return shipped().names[low].agent
	}
	if i := strings.LastIndexByte(low, '('); i > 0 && strings.HasSuffix(low, ")") { // "Ana Lima (claude-sonnet-4)"
		mark := strings.TrimSpace(low[i+1 : len(low)-1])
		if agent := modelAgent(mark); agent != "" || mark == "claude" {
			return cmp.Or(agent, shipped().names[mark].agent)
		}
	}
	if agent := shipped().authors[low]; agent != "" {
		return agent
	}
	if agent := modelAgent(low); agent == "claude-code" { // "Claude Opus 4.6"
		return agent
	}
	return ""
}
