package command

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// interprets tells whether a program runs program text that it is handed.
func interprets(name string) bool {
	switch name {
	case "perl", "ruby", "node", "nodejs", "php", "deno", "bun", "lua", "tclsh", "osascript", "groovy":
		return true
	}
	return strings.HasPrefix(name, "python")
}

// handed is the program text that an interpreter is handed, by a flag or as its
// input; empty where it is known to run a file, or nothing is known.
func (c *command) handed() string {
	if !interprets(c.name) {
		return ""
	}
	words := c.Args()
	for i, w := range words {
		switch w.Text {
		case "-c", "-e", "-E", "-r", "-pe", "-ne", "-p", "--eval", "--print":
			if i+1 < len(words) {
				return words[i+1].Text
			}
		case "eval": // deno
			if i == 0 && len(words) > 1 {
				return words[len(words)-1].Text
			}
		}
	}
	if plain, _ := c.args(); c.Stdin != nil && (len(plain) == 0 || plain[0] == "-" || plain[0] == "/dev/stdin") {
		return *c.Stdin
	}
	return ""
}

// inline is what program text does that stands in a command: as it is read in a
// file of its own.
func (s *state) inline(c *command) []finding {
	text := c.handed()
	if text == "" {
		return nil
	}
	pieces := s.cut.linePieces(code, text)
	if lang := languageOf("x" + extensionOf(c.name)); lang != source.NoLanguage {
		pieces, _ = s.cut.programPieces(lang, false, text)
	}
	var out []finding
	for _, p := range pieces {
		cmds := commandsOf(s.reader().Read(p.text, c.line), p)
		for i := range cmds {
			if len(cmds[i].words) > 0 {
				out = append(out, s.command(&cmds[i])...)
			}
		}
	}
	return out
}

// extensionOf is how files end that an interpreter runs.
func extensionOf(interpreter string) string {
	switch {
	case strings.HasPrefix(interpreter, "python"):
		return ".py"
	case interpreter == "ruby":
		return ".rb"
	case interpreter == "php":
		return ".php"
	case interpreter == "groovy":
		return ".groovy"
	case interpreter == "node", interpreter == "nodejs", interpreter == "deno", interpreter == "bun":
		return ".js"
	}
	return ".pl"
}
