package agentconfig

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/detect"
)

// prose reads instructions.
func (v *view) prose(text string) {
	v.said(text, 1)
	v.frames(text)
	v.comments(text)
	v.encoded(text)
	v.images(text)
	v.spans(text)
	v.imports(text)
}

// said looks for what the text asks an agent to do.
func (v *view) said(text string, firstLine int) {
	x := lexicon()
	sentences(text, func(s []token) {
		x.match(s, func(kind *detect.Kind, at token) {
			v.add(kind, at.line+firstLine-1, "", quote(s))
		})
	})
}

// quote is what a sentence says, bounded.
func quote(s []token) string {
	words := make([]string, 0, 24)
	for _, t := range s[:min(len(s), 24)] {
		words = append(words, t.text)
	}
	return strings.Join(words, " ")
}

// frames looks for lines that pose as another speaker, the system itself say.
func (v *view) frames(text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		low := strings.ToLower(strings.Trim(line, " \t\r\n>#*_-"))
		if poses(low) {
			v.add(override, n, "", bounded(low))
		}
	}
}

var frameMarks = []string{
	"<|system|>", "<|im_start|>", "<|im_end|>", "<|user|>", "<|assistant|>", "<<sys>>", "[inst]", "[/inst]", "<system>",
	"</system>", "<system-reminder>",
	"[end output]", "[start output]", "[system]", "[end of instructions]", "begin system", "end system prompt", "<|endoftext|>",
	"[assistant]", "human:", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>", "<|end|>", "<|endofprompt|>",
	"<|channel|>", "<|message|>", "<|return|>", "<start_of_turn>", "<end_of_turn>", "</s><s>",
	"<s>[inst]", "[system_prompt]", "[/system_prompt]",
	"<|tool_response|>", "<|begin_of_sentence|>", "<|turn|>", "<|end_of_turn|>",
}

func poses(low string) bool {
	for _, mark := range frameMarks {
		if strings.HasPrefix(low, mark) {
			return true
		}
	}
	for _, speaker := range []string{"system:", "assistant:", "system prompt:", "system message:", "developer:"} {
		rest, ok := strings.CutPrefix(low, speaker)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " *_")
		for _, word := range []string{"you", "ignore", "disregard", "override", "new ", "from now", "act ", "always", "never",
			"forget", "respond", "pretend", "do not", "execute", "run "} {
			if strings.HasPrefix(rest, word) {
				return true
			}
		}
	}
	return false
}

// comments looks for instructions where people who read the rendered page see
// nothing: comments, and styles that hide.
func (v *view) comments(text string) {
	for from, tries := 0, 0; tries < 500; tries++ {
		start := strings.Index(text[from:], "<!--")
		if start < 0 {
			break
		}
		start += from
		body, _, closed := strings.Cut(text[start+4:], "-->")
		if !closed {
			body = body[:min(len(body), 4096)]
		}
		v.hiddenText(body, 1+strings.Count(text[:start], "\n"))
		from = start + 4 + len(body)
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			if _, comment, ok := strings.Cut(trimmed, "]: #"); ok {
				v.hiddenText(strings.Trim(comment, " ()\"'"), n)
			}
		}
		low := strings.ToLower(strings.ReplaceAll(line, " ", ""))
		for _, style := range []string{"display:none", "visibility:hidden", "font-size:0", "opacity:0;", "opacity:0\"",
			"color:white", "color:#fff", "color:transparent"} {
			if strings.Contains(low, "style=") && strings.Contains(low, style) {
				v.add(hiddenText, n, "", "text styled not to be seen: "+style)
			}
		}
		if strings.Contains(low, "](javascript:") || strings.Contains(low, "](data:text/html") {
			v.add(hiddenText, n, "", "a link that runs code")
		}
	}
}

// hiddenText reports a comment that speaks to an agent.
func (v *view) hiddenText(comment string, line int) {
	found := false
	x := lexicon()
	sentences(comment, func(s []token) {
		x.match(s, func(*detect.Kind, token) { found = true })
		for i := range s {
			switch s[i].text {
			case "assistant", "agent", "agents", "ai", "llm", "claude", "copilot", "cursor", "override", "ignore", "execute",
				"secretly", "jailbreak", "payload", "malicious":
				found = found || addresses(s)
			}
		}
	})
	if found {
		v.add(hiddenText, line, "", bounded(strings.Join(strings.Fields(comment), " ")))
	}
}

// addresses reports whether a sentence tells somebody to do something.
func addresses(s []token) bool {
	for _, t := range s {
		switch t.text {
		case "must", "should", "always", "never", "execute", "run", "ignore", "override", "send", "follow", "read", "write",
			"delete", "install", "you", "do", "please":
			return true
		}
	}
	return false
}

// encoded looks for text that has to be decoded to be read.
func (v *view) encoded(text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if count(line, `\x`, 2) >= 4 || count(line, `\u`, 4) >= 4 || strings.Count(line, "&#") >= 4 {
			v.add(hiddenText, n, "", "letters written as escapes")
		}
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return !base64Rune(r) }) {
			if len(word) >= 20 && len(word) <= 8192 && readable64(word) {
				v.add(hiddenText, n, "", "text encoded in base64")
				break
			}
		}
		low := strings.ToLower(line)
		if spoken := strings.Contains(low, "backward") || strings.Contains(low, "in reverse") ||
			strings.Contains(low, "rot13") || strings.Contains(low, "reversed"); spoken {
			if strings.Contains(low, "read ") || strings.Contains(low, "decode") || strings.Contains(low, "interpret") ||
				strings.Contains(low, "apply") {
				v.add(hiddenText, n, "", "text to be read in another way than it is written")
			}
		}
	}
}

// count counts escapes such as \x41: a mark, and so many hexadecimal digits.
func count(line, mark string, digits int) int {
	n := 0
	for {
		at := strings.Index(line, mark)
		if at < 0 {
			return n
		}
		line = line[at+len(mark):]
		if len(line) >= digits && strings.Trim(line[:digits], "0123456789abcdefABCDEF") == "" {
			n++
		}
	}
}

func base64Rune(r rune) bool {
	return r < 0x7F && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+' || r == '/' || r == '=')
}

// readable64 reports whether a word is base64 of plain text.
func readable64(word string) bool {
	body := strings.TrimRight(word, "=")
	if len(body) == len(word) && len(word)%4 != 0 || strings.Contains(body, "=") {
		return false
	}
	raw, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil || len(raw) < 12 {
		return false
	}
	letters := 0
	for _, c := range raw {
		if c >= 0x7F || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
		if c == ' ' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			letters++
		}
	}
	return letters*10 >= len(raw)*8
}

// invisible looks for characters that people do not see, or that turn round
// what they see. Emoji and the scripts that need joiners keep them.
func (v *view) invisible(text string) {
	if isASCII(text) {
		return
	}
	line, last := 1, rune(0)
	told := map[int]bool{}
	for i, r := range text {
		if r == '\n' {
			line++
		}
		if name := unseen(r, last, i); name != "" && !told[line] {
			told[line] = true
			v.add(hiddenText, line, "", name)
		}
		last = r
	}
}

func unseen(r, last rune, at int) string {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return "a character that turns the direction of writing"
	case r >= 0xE0000 && r <= 0xE007F && last != 0x1F3F4 && (last < 0xE0000 || last > 0xE007F):
		return "letters that show nothing (Unicode tags)"
	case r == 0x200B, r == 0x2060, r >= 0x2061 && r <= 0x2064, r == 0xFEFF && at > 0, r == 0x180E, r == 0x3164, r == 0x115F, r == 0x1160:
		return "a character of no width"
	case r == 0x200C || r == 0x200D:
		if last < 0x80 || unicode.Is(unicode.Latin, last) {
			return "a joiner where nothing is joined"
		}
	}
	return ""
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// bounded is what may be shown of a text from a file.
func bounded(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= 160 {
		return s
	}
	cut := 160
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
