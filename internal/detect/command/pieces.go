package command

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/keyword"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// piece is a text of shell in a file.
type piece struct {
	text string
	line int // where it begins
	end  int // where it ends, where its lines are not the file's: all of it stands there

	built bool // run while an image is built, which is all that it has before it

	unread string // why no more was read
}

// cutter finds the texts of shell in files that hold much else.
type cutter struct {
	words *keyword.Matcher
	table *tool.Table
}

// pieces cuts a file into the texts of shell that it holds.
func (c cutter) pieces(f form, name, body string) []piece {
	switch f {
	case script:
		if path.Ext(name) == ".service" {
			return units(body)
		}
		return []piece{{text: body, line: 1}}
	case makefile:
		return c.recipes(body)
	case yaml:
		lines := c.yamlPieces(body)
		return append(lines, c.treePieces(body, lines)...)
	case packageJSON:
		return c.jsonPieces(body)
	case toml:
		return c.tomlPieces(body)
	case program:
		return c.inProgram(name, body)
	case settings:
		return []piece{{text: body, line: 1}}
	case crontab:
		return c.schedule(body)
	case procfile:
		return processes(body)
	case ini:
		return c.iniPieces(body)
	case notebook:
		return c.cells(body)
	case nix:
		return c.nixPieces(body)
	case markup:
		return c.markupPieces(body)
	case cmake:
		return c.cmakePieces(body)
	case dockerfile:
		return c.linePieces(f, withoutEscape(body))
	}
	return c.linePieces(f, body)
}

// linePieces are the commands of single lines.
func (c cutter) linePieces(f form, body string) []piece {
	var out []piece
	for _, l := range logicals(body) {
		if !worth(c.words, l.text) {
			continue
		}
		if text := c.shellOf(f, l.text); len(text) >= 4 {
			out = append(out, piece{text: text, line: l.line, end: l.line + strings.Count(l.text, "\n"), built: f == dockerfile && builds(l.text)})
		}
	}
	return out
}

// builds reports whether an instruction of a Dockerfile runs while the image is
// built. What it deletes is of the image: packages' logs, a service's first data.
func builds(text string) bool {
	for {
		name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		switch strings.ToUpper(name) {
		case "RUN":
			return true
		case "ONBUILD":
			text = rest
		default:
			return false
		}
	}
}

// ofImage are the kinds of what is only lost to the image that is built.
var ofImage = map[string]bool{"command/delete-data": true, "command/delete-database-file": true, "command/delete-old": true,
	"command/delete-minor": true, "command/delete-backups": true}

// units are the commands of a systemd unit.
func units(body string) []piece {
	var out []piece
	for _, l := range logicals(body) {
		key, value, ok := strings.Cut(l.text, "=")
		if ok && strings.HasPrefix(key, "Exec") {
			out = append(out, piece{text: strings.TrimLeft(value, "-@+!"), line: l.line})
		}
	}
	return out
}

// recipes are the recipes of a Makefile, with the variables that it sets. Lines
// that follow one another are read together; others may hold a recipe as well,
// behind a semicolon or in a define.
func (c cutter) recipes(body string) []piece {
	vars := map[string]string{}
	var out []piece
	var b strings.Builder
	start, next := 0, 0 // of the recipe that is being put together, and the line behind it
	end := func() {
		if b.Len() > 0 {
			out = append(out, piece{text: b.String(), line: start})
		}
		b.Reset()
	}
	for _, l := range logicals(body) {
		if name, value, ok := shell.MakeAssign(l.text); ok {
			if len(vars) < 500 {
				vars[name] = value
			}
			continue
		}
		text := strings.TrimLeft(strings.TrimSpace(l.text), "@-+ ")
		if len(text) < 4 {
			continue
		}
		if l.text[0] != '\t' && l.text[0] != ' ' {
			if worth(c.words, text) {
				out = append(out, piece{text: shell.FromMake(text, vars), line: l.line})
			}
			continue
		}
		if next != l.line || b.Len() > maxLogical {
			end()
		}
		if b.Len() == 0 {
			start = l.line
		} else {
			b.WriteByte('\n')
		}
		b.WriteString(shell.FromMake(text, vars))
		next = l.line + strings.Count(l.text, "\n") + 1
	}
	end()
	return out
}

// yamlPieces are block scalars, each as a whole, and single lines.
func (c cutter) yamlPieces(body string) []piece {
	var out []piece
	lines := strings.Split(body, "\n")
	for i := 0; i < len(lines); i++ {
		if style, ok := blockStyle(lines[i]); ok {
			from := i + 1
			text, end := block(lines, from, indentOf(lines[i]), style)
			if i = max(i, end-1); strings.TrimSpace(text) != "" {
				one := piece{text: text, line: from + 1}
				if style == '>' {
					one.end = end
				}
				out = append(out, one)
			}
			continue
		}
		n, text := i, ""
		text, i = joined(lines, i)
		if !worth(c.words, text) {
			continue
		}
		if one := c.shellOf(yaml, text); len(one) >= 4 {
			out = append(out, piece{text: one, line: n + 1, end: i + 1})
		}
	}
	return out
}

// joined is a line with those that continue it, and which is the last of them.
func joined(lines []string, i int) (string, int) {
	var b strings.Builder
	for {
		line := strings.TrimRight(lines[i], "\r")
		b.WriteString(line)
		if !strings.HasSuffix(line, "\\") || i+1 == len(lines) || b.Len() >= maxLogical {
			return b.String(), i
		}
		b.WriteByte('\n')
		i++
	}
}

// blockStyle tells whether a line opens a block scalar, | or >.
func blockStyle(line string) (byte, bool) {
	line = strings.TrimSpace(line)
	if i := strings.Index(line, " #"); i > 0 {
		line = strings.TrimSpace(line[:i])
	}
	head := strings.TrimRight(line, "+-0123456789")
	if head == "" || head[len(head)-1] != '|' && head[len(head)-1] != '>' {
		return 0, false
	}
	before := strings.TrimSpace(head[:len(head)-1])
	if before != "-" && !strings.HasSuffix(before, ":") {
		return 0, false
	}
	return head[len(head)-1], true
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// block is the text of a block scalar whose lines begin at from, and where it
// ends.
func block(lines []string, from, outer int, style byte) (string, int) {
	inner, end := -1, from
	var b strings.Builder
	for i := from; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\r")
		if strings.TrimSpace(line) == "" {
			b.WriteByte('\n')
			continue
		}
		indent := indentOf(line)
		if inner < 0 {
			inner = indent
		}
		if indent <= outer || indent < inner {
			break
		}
		if style == '>' && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(line[inner:])
		if style == '|' {
			b.WriteByte('\n')
		}
		end = i + 1
	}
	return b.String(), end
}
