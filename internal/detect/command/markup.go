package command

import (
	"encoding/xml"
	"io"
	"strings"
)

// markupPieces are what projects and build files in XML run: the commands of
// MSBuild's Exec, and programs with their arguments of Ant and Maven.
func (c cutter) markupPieces(body string) []piece {
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	m := markupReader{cutter: c}
	for {
		t, err := d.RawToken()
		if err != nil {
			m.end()
			return m.out
		}
		line, _ := d.InputPos()
		switch t := t.(type) {
		case xml.StartElement:
			m.start(strings.ToLower(t.Name.Local), t.Attr, line)
		case xml.EndElement:
			if name := strings.ToLower(t.Name.Local); name == "exec" || name == "configuration" || name == "java" {
				m.end()
			}
			m.in = ""
		case xml.CharData:
			m.text(strings.TrimSpace(string(t)), line)
		}
	}
}

// markupReader puts together what elements say of one command.
type markupReader struct {
	cutter
	in    string // the element that a text stands in
	words []string
	from  int
	to    int
	out   []piece
}

func (m *markupReader) start(name string, attrs []xml.Attr, line int) {
	if name == "exec" {
		m.end()
	}
	m.in = name
	for _, a := range attrs {
		switch key := strings.ToLower(a.Name.Local); {
		case key == "command" && name == "exec":
			m.put(a.Value, line)
		case key == "executable", key == "value" && name == "arg":
			m.add(a.Value, line)
		case key == "line" && name == "arg":
			for w := range strings.FieldsSeq(a.Value) {
				m.add(w, line)
			}
		}
	}
}

func (m *markupReader) text(text string, line int) {
	if text == "" {
		return
	}
	switch m.in {
	case "executable", "argument":
		m.add(text, line)
	case "commandlineargs":
		for w := range strings.FieldsSeq(text) {
			m.add(w, line)
		}
	case "prebuildevent", "postbuildevent", "command":
		m.put(text, line)
	}
}

func (m *markupReader) add(word string, line int) {
	if len(m.words) == 0 {
		m.from = line
	}
	if m.to = line; len(m.words) < maxArgv {
		m.words = append(m.words, word)
	}
}

// end reads the words that were given as one command.
func (m *markupReader) end() {
	if text := asWords(m.words); len(m.words) > 0 && m.worth(strings.Join(m.words, " ")+" ") {
		m.out = append(m.out, piece{text: text, line: m.from, end: m.to})
	}
	m.words = nil
}

func (m *markupReader) put(text string, line int) {
	if m.worth(text) {
		m.out = append(m.out, piece{text: text, line: line, end: line})
	}
}
