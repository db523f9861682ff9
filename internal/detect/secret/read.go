package secret

import "strings"

// assigned is a name with the value that it is given, or compared with.
type assigned struct {
	name                 string
	nameStart            int
	value                string
	valueStart, valueEnd int
	quoted               bool
	flag                 bool   // given on a command line
	cut                  bool   // what follows is a part of the expression, not the end of the value
	by                   string // the sign between
}

const nameChars = "_-.$"

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(nameChars, c) >= 0
}

// assignment reads name, sign and value around a keyword that ends at end.
// Every step looks at a bounded piece of the line.
func assignment(line string, end int) (assigned, bool) {
	from, to := nameAround(line, end)
	a := assigned{name: strings.ToLower(line[from:to]), nameStart: from}
	w := walk{line: line, from: to, at: to}
	if w.toElement() {
		a.by = ">"
		return readElement(line, w.at, a)
	}
	w.toSign()
	w.toValueField()
	a.by = sign(line[w.at:])
	if a.by == "" && strings.HasPrefix(a.name, "-") && w.at > to { // --password x
		a.by = " "
		a.flag = true
		return readValue(line, w.at, a)
	}
	if a.by == "" {
		return a, false
	}
	w.at += len(a.by)
	if a.by == ":" && w.pastType() {
		a.by = "="
	}
	if !w.toValue() {
		return a, false
	}
	return readValue(line, w.at, a)
}

// nameAround is where the name begins and ends that holds the keyword which
// ends at end. A keyword may hold the sign after the name.
func nameAround(line string, end int) (from, to int) {
	if c := line[end-1]; c == ':' || c == '=' || c == ' ' {
		to = end - 1
		for to > 0 && (line[to-1] == ' ' || line[to-1] == ':') {
			to--
		}
		return nameStart(line, to, to), to
	}
	to = end
	for to < len(line) && to-end < 60 && nameByte(line[to]) {
		to++
	}
	return nameStart(line, end-1, end), to
}

// nameStart goes back from at to where a name begins, at most 80 bytes before end.
func nameStart(line string, at, end int) int {
	for at > 0 && end-at < 80 && nameByte(line[at-1]) {
		at--
	}
	return at
}

// walk steps through what stands between a name, which ends at from, and its
// value.
type walk struct {
	line     string
	from, at int
}

// skip steps over the bytes of set, to at most 60 bytes behind the name.
func (w *walk) skip(set string) {
	for w.at < len(w.line) && w.at-w.from < 60 && strings.IndexByte(set, w.line[w.at]) >= 0 {
		w.at++
	}
}

// toSign steps over what closes the name: quotes, brackets, a size.
func (w *walk) toSign() {
	w.skip("\"'`)] \t")
	if strings.HasPrefix(w.line[w.at:], "[") { // char password[20] =
		if i := strings.IndexByte(w.line[w.at:min(len(w.line), w.at+12)], ']'); i >= 0 {
			w.at += i + 1
		}
		w.skip(" \t")
	}
}

// toElement steps over the rest of an XML element's name: what follows is its
// text.
func (w *walk) toElement() bool {
	if w.at >= len(w.line) || w.line[w.at] != '>' || !strings.Contains(w.line[max(0, w.at-80):w.at], "<") {
		return false
	}
	w.at++
	return true
}

// readElement reads the text of an XML element up to the tag that ends it.
func readElement(line string, at int, a assigned) (assigned, bool) {
	text, _, ok := strings.Cut(line[at:min(len(line), at+400)], "</")
	a.value, a.valueStart, a.valueEnd, a.quoted = text, at, at+len(text), true
	return a, ok && text != ""
}

// toValueField steps over the name of a field that holds the value, where name
// and value are two fields: key="DbPassword" value="..."
func (w *walk) toValueField() {
	next := *w
	next.skip("\"',; \t\n")
	for _, field := range [...]string{"value", "Value", "\"value\"", "defaultValue", "content"} {
		rest := next.line[next.at:]
		if !strings.HasPrefix(rest, field) {
			continue
		}
		if rest = strings.TrimLeft(rest[len(field):min(len(rest), 40)], "\"' \t"); rest != "" && (rest[0] == '=' || rest[0] == ':') {
			w.at = next.at + len(field)
			w.from = w.at
			w.skip("\"' \t")
		}
		return
	}
}

// pastType steps over a type with its sign, if one is next: password: String = "..."
func (w *walk) pastType() bool {
	rest := w.line[w.at:min(len(w.line), w.at+40)]
	i := strings.IndexByte(rest, '=')
	if i <= 0 || !typeName(rest[:i]) {
		return false
	}
	w.at += i + 1
	return true
}

// toValue steps to where the value begins. On the next line only a value in
// quotes counts.
func (w *walk) toValue() bool {
	w.skip(" \t")
	w.skip("(@")
	if w.at+1 >= len(w.line) || w.line[w.at] != '\n' {
		return true
	}
	w.at++
	w.skip(" \t")
	return w.at < len(w.line) && quote(w.line[w.at])
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

func typeName(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '?' && c != '.' && c != '&' {
			return false
		}
	}
	return true
}

func sign(s string) string {
	for _, by := range [...]string{":::=", "::=", "!==", "===", ":=", "=>", "->", "==", "!=", "?=", "+=", "=", ":", ",", "("} {
		if strings.HasPrefix(s, by) {
			return by
		}
	}
	for _, by := range [...]string{"IDENTIFIED BY", "identified by", "BY "} {
		if strings.HasPrefix(s, by) {
			return by
		}
	}
	return ""
}

// compared reads a value that stands before its name: "x" == password.
func compared(line string, a assigned) (assigned, bool) {
	before := strings.TrimRight(line[:a.nameStart], " \t")
	rest := strings.TrimRight(before, "=!")
	if len(before)-len(rest) < 2 {
		return a, false
	}
	rest = strings.TrimRight(rest, " \t")
	if rest == "" || strings.IndexByte("\"'`", rest[len(rest)-1]) < 0 {
		return a, false
	}
	end := len(rest) - 1
	start := strings.LastIndexByte(rest[max(0, end-400):end], rest[end])
	if start < 0 {
		return a, false
	}
	start += max(0, end-400) + 1
	a.value, a.valueStart, a.valueEnd, a.quoted, a.by = rest[start:end], start, end, true, "=="
	return a, true
}

func readValue(line string, at int, a assigned) (assigned, bool) {
	if at >= len(line) {
		return a, false
	}
	if quote(line[at]) {
		return readQuoted(line, at, a)
	}
	if a.by == "," || a.by == "(" || a.by == "->" {
		return a, false
	}
	end := at
	for end < len(line) && end-at < 400 && strings.IndexByte("\n \t;,\"'", line[end]) < 0 {
		end++
	}
	a.value, a.valueStart, a.valueEnd = line[at:end], at, end
	a.cut = end < len(line) && line[end] != ' ' && line[end] != '\n'
	return a, end > at
}

// readQuoted reads a value in quotes, of which there may be three.
func readQuoted(line string, at int, a assigned) (assigned, bool) {
	q := line[at]
	for at < len(line) && line[at] == q {
		at++
	}
	end := at
	for end < len(line) && end-at < 400 && line[end] != q {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(line))
	a.quoted, a.value, a.valueStart, a.valueEnd = true, line[at:end], at, end
	return a, end < len(line)
}
