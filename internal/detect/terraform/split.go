package terraform

import "strings"

// chunk is one top-level block or attribute as it is written.
type chunk struct {
	text string
	line int // of its first line, counted from 1
}

// split cuts a file into its top-level blocks without parsing them, which is
// many times cheaper: only blocks that changed are parsed. ok is false where
// the cut is not sure; the parser then has to say.
func split(text string) (chunks []chunk, ok bool) {
	s := scanner{text: text}
	line := 1
	for s.at < len(text) {
		start := s.at
		if end, blank := blankOrComment(text, start); blank {
			line += strings.Count(text[start:end], "\n")
			s.at = end
			continue
		}
		if !s.block() {
			return nil, false
		}
		chunks = append(chunks, chunk{strings.TrimRight(text[start:s.at], " \t\r\n"), line})
		line += strings.Count(text[start:s.at], "\n")
	}
	return chunks, true
}

// blankOrComment finds the end of a line at i that says nothing.
func blankOrComment(text string, i int) (end int, blank bool) {
	end = len(text)
	if j := strings.IndexByte(text[i:], '\n'); j >= 0 {
		end = i + j + 1
	}
	line := strings.TrimSpace(text[i:end])
	if strings.HasPrefix(line, "/*") {
		j := strings.Index(text[i:], "*/")
		if j < 0 {
			return len(text), true
		}
		end = i + j + 2
		return end, true
	}
	return end, line == "" || line[0] == '#' || strings.HasPrefix(line, "//")
}

// scanner walks HCL by its brackets, strings, here-documents and comments.
type scanner struct {
	text  string
	at    int
	stack []byte // open brackets; '"' for a string, '$' for a template in one
}

// block moves to the end of the line on which all brackets are closed again.
func (s *scanner) block() bool {
	for s.at < len(s.text) {
		if len(s.stack) > maxNesting {
			return false
		}
		c := s.text[s.at]
		if s.inString() {
			if !s.stringByte(c) {
				return false
			}
			continue
		}
		switch c {
		case '\n':
			s.at++
			if len(s.stack) == 0 {
				return true
			}
			continue
		case '{', '[', '(':
			s.stack = append(s.stack, c)
		case '}', ']', ')':
			if len(s.stack) == 0 {
				return false
			}
			s.stack = s.stack[:len(s.stack)-1]
		case '"':
			s.stack = append(s.stack, '"')
		case '#':
			s.toLineEnd()
			continue
		case '/':
			if s.comment() {
				continue
			}
		case '<':
			if s.heredoc() {
				continue
			}
		}
		s.at++
	}
	return len(s.stack) == 0
}

func (s *scanner) inString() bool { return len(s.stack) > 0 && s.stack[len(s.stack)-1] == '"' }

// stringByte takes one step inside a string. A string ends on its line.
func (s *scanner) stringByte(c byte) bool {
	rest := s.text[s.at:]
	switch {
	case c == '\\' || strings.HasPrefix(rest, "$${") || strings.HasPrefix(rest, "%%{"):
		s.at += 2
		if c != '\\' {
			s.at++
		}
		s.at = min(s.at, len(s.text))
		return true
	case strings.HasPrefix(rest, "${") || strings.HasPrefix(rest, "%{"):
		s.stack = append(s.stack, '$')
		s.at += 2
		return true
	case c == '\n':
		return false
	case c == '"':
		s.stack = s.stack[:len(s.stack)-1]
	}
	s.at++
	return true
}

func (s *scanner) toLineEnd() {
	if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
		s.at += i
	} else {
		s.at = len(s.text)
	}
}

func (s *scanner) comment() bool {
	rest := s.text[s.at:]
	switch {
	case strings.HasPrefix(rest, "//"):
		s.toLineEnd()
		return true
	case strings.HasPrefix(rest, "/*"):
		i := strings.Index(rest, "*/")
		if i < 0 {
			s.at = len(s.text)
		} else {
			s.at += i + 2
		}
		return true
	}
	return false
}

// heredoc skips a here-document, whose text may hold any bracket.
func (s *scanner) heredoc() bool {
	word, ok := strings.CutPrefix(s.text[s.at:], "<<")
	if !ok {
		return false
	}
	word = strings.TrimPrefix(word, "-")
	end := 0
	for end < len(word) && (word[end] == '_' || word[end] == '-' || word[end] >= '0' && word[end] <= '9' ||
		word[end] >= 'A' && word[end] <= 'Z' || word[end] >= 'a' && word[end] <= 'z' || word[end] >= 0x80) {
		end++
	}
	rest := word[end:]
	if end == 0 || rest == "" || rest[0] != '\n' && !strings.HasPrefix(rest, "\r\n") {
		return false
	}
	marker := word[:end]
	s.toLineEnd()
	for s.at < len(s.text) {
		s.at++ // past the line's end
		lineEnd := len(s.text)
		if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
			lineEnd = s.at + i
		}
		done := strings.TrimSpace(s.text[s.at:lineEnd]) == marker
		s.at = lineEnd
		if done {
			return true
		}
	}
	return true
}

// header reads the kind and the labels of a block from its first line:
// `resource "a" "b" {` is resource, a, b.
func (c chunk) header() (kind string, labels []string) {
	line, _, _ := strings.Cut(c.text, "{")
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	for i, w := range strings.Fields(line) {
		w = strings.Trim(w, `"`)
		if i == 0 {
			kind = w
			continue
		}
		labels = append(labels, w)
	}
	return kind, labels
}

// name is what tells a block from the others of a file.
func (c chunk) name() string {
	kind, labels := c.header()
	return kind + " " + strings.Join(labels, " ")
}

// changed returns the chunks that the other side does not have word for word.
func changed(these, others []chunk) []chunk {
	have := make(map[string]int, len(others))
	for _, c := range others {
		have[c.text]++
	}
	var out []chunk
	for _, c := range these {
		if have[c.text] > 0 {
			have[c.text]--
			continue
		}
		out = append(out, c)
	}
	return out
}

// triggers are the words without one of which a new resource can hold nothing
// that is looked for in new resources. An escape could hide any of them.
var triggers = []string{"public", "/0", "0.0.0.0", "*", "\"any", "\"all", "internet", "statement", "policy", "policies", "role",
	"member", "secret", "password", "token", "_key", "akia", "privileg", "host_", "\"host",
	"anonymous", "acl", "\"none", "access", "root_access", "\"root", "capabilit", "rbac", "abac", "private", "visibility",
	"auth", "provisioner", "\\u", "entity", "federat", "issuer", "certificate", "admin_pass", "credential",
	"google_compute_firewall", "host\"", "hostn", "hostp", "cidr", "lifecycle_configuration", "_record"}

// worthParsing says whether a new block can hold anything that is looked for
// in new blocks. Parsing is what costs most, and most new blocks do not.
func worthParsing(c chunk) bool {
	switch kind, _ := c.header(); kind {
	case "resource":
	case "output", "check", "import":
		return false
	default:
		return true
	}
	return triggered(c)
}

func triggered(c chunk) bool {
	low := strings.ToLower(c.text)
	for _, t := range triggers {
		if strings.Contains(low, t) {
			return true
		}
	}
	return false
}

// tellingValues says whether what names stand for can hold what is looked for.
func tellingValues(chunks []chunk) bool {
	for _, c := range chunks {
		if kind, _ := c.header(); (kind == "variable" || kind == "locals") && triggered(c) {
			return true
		}
	}
	return false
}

// namesValues says whether a block has values by their names.
func namesValues(c chunk) bool {
	return strings.Contains(c.text, "var.") || strings.Contains(c.text, "local.")
}
