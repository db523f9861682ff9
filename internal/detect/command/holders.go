package command

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// inProgram are the commands of a program in a language that is known.
func (c cutter) inProgram(name, body string) []piece {
	base := strings.ToLower(path.Base(name))
	declares := false
	switch path.Ext(base) {
	case ".tf", ".tofu", ".hcl", ".nomad", ".bzl", ".bazel", ".star":
		declares = true
	}
	declares = declares || base == "build" || base == "workspace"
	out, err := c.programPieces(languageOf(name), declares, body)
	if err != nil {
		out = append(out, piece{line: 1, end: strings.Count(body, "\n") + 1, unread: err.Error()})
	}
	if base == "mix.exs" {
		out = append(out, c.tasks(body)...)
	}
	return out
}

// tasks are those that the aliases of a project of Elixir stand for.
func (c cutter) tasks(body string) (out []piece) {
	source.Each(body, source.Elixir, func(t source.Token) bool {
		if t.Kind == source.String && strings.Contains(t.Text, ".") && worth(c.words, t.Text) {
			out = append(out, piece{text: "mix " + t.Text, line: t.Line, end: t.Line})
		}
		return len(out) < maxArgv
	})
	return out
}

// withoutEscape is a Dockerfile whose lines are continued by a backslash: one that
// says so at its beginning has a backtick for it.
func withoutEscape(body string) string {
	first, _, _ := strings.Cut(body, "\n")
	if !strings.HasPrefix(first, "#") || strings.ReplaceAll(strings.ToLower(strings.TrimSpace(first[1:])), " ", "") != "escape=`" {
		return body
	}
	return strings.ReplaceAll(strings.ReplaceAll(body, "`\r\n", "\\\n"), "`\n", "\\\n")
}

// schedule are the commands of a crontab, without the times at which they run.
func (c cutter) schedule(body string) (out []piece) {
	for _, l := range logicals(body) {
		t := strings.TrimSpace(l.text)
		first, rest, _ := strings.Cut(t, " ")
		if first == "" || first[0] == '#' {
			continue
		}
		if first[0] != '@' {
			fields := strings.Fields(t)
			if len(fields) < 6 || strings.Trim(fields[0]+fields[1]+fields[2], "0123456789*/,-") != "" {
				continue // a variable
			}
			for range 5 {
				t = strings.TrimLeft(t[len(strings.Fields(t)[0]):], " \t")
			}
			rest = t
		}
		if user, after, ok := strings.Cut(rest, " "); ok && !c.table.Knows(user) && !strings.ContainsAny(user, "/=\"'") {
			out = append(out, piece{text: after, line: l.line, end: l.line}) // the system's name a user first
		}
		out = append(out, piece{text: rest, line: l.line, end: l.line})
	}
	return out
}

// processes are the commands of a Procfile, each behind its name.
func processes(body string) (out []piece) {
	for _, l := range logicals(body) {
		if _, command, ok := strings.Cut(l.text, ":"); ok && !strings.HasPrefix(l.text, "#") {
			out = append(out, piece{text: strings.TrimSpace(command), line: l.line, end: l.line})
		}
	}
	return out
}

// iniPieces are the values of keys that hold commands, with the lines that go on
// below them.
func (c cutter) iniPieces(body string) (out []piece) {
	take := false
	for _, l := range logicals(body) {
		t := strings.TrimSpace(l.text)
		if t == "" || t[0] == '#' || t[0] == ';' {
			continue
		}
		if l.text[0] != ' ' && l.text[0] != '\t' {
			key, value, ok := strings.Cut(t, "=")
			key = strings.ToLower(strings.TrimSpace(key))
			take = ok && (strings.HasPrefix(key, "command") || strings.HasPrefix(key, "exec") || strings.HasSuffix(key, "_cmd") ||
				commandKeys[key] || strings.HasPrefix(key, "commands_"))
			t = strings.TrimSpace(value)
		}
		if take && worth(c.words, t) {
			out = append(out, piece{text: strings.TrimLeft(t, "-! "), line: l.line, end: l.line + strings.Count(l.text, "\n")})
		}
	}
	return out
}

// cells are the commands of a notebook: lines that begin with a mark, cells that
// are a shell's as a whole, and what its programs hand to one.
func (c cutter) cells(body string) (out []piece) {
	root, err := tree.ParseJSON(body)
	if err != nil || !root.Get("cells").IsList() {
		return nil
	}
	for _, cell := range root.Get("cells").Items {
		if cell.Get("cell_type").Str() != "code" {
			continue
		}
		text := cell.Get("source")
		if text == nil {
			continue
		}
		items, from := text.Items, text.Line
		if text.Kind == tree.Scalar {
			items = []*tree.Node{text}
		}
		var whole strings.Builder
		var lines []int
		for _, item := range items {
			whole.WriteString(item.Text)
			for range strings.Count(item.Text, "\n") + 1 {
				lines = append(lines, item.Line)
			}
		}
		out = append(out, c.cell(whole.String(), from, append(lines, from))...)
	}
	return out
}

// cell reads one, of which each line stands at a line of the file.
func (c cutter) cell(text string, from int, lines []int) (out []piece) {
	last := lines[max(0, len(lines)-2)]
	first, rest, _ := strings.Cut(text, "\n")
	switch magic, _, _ := strings.Cut(strings.TrimSpace(first), " "); magic {
	case "%%bash", "%%sh", "%%script", "%%cmd", "%%system", "%%sx", "%%!":
		return []piece{{text: rest, line: from, end: last}}
	}
	n := 0
	for line := range strings.Lines(text) {
		t := strings.TrimSpace(line)
		for _, mark := range [...]string{"!", "%sx ", "%system ", "%%sh "} {
			if after, ok := strings.CutPrefix(t, mark); ok && worth(c.words, after) {
				at := lines[min(n, len(lines)-1)]
				out = append(out, piece{text: strings.TrimPrefix(after, "!"), line: at, end: at})
			}
		}
		n++
	}
	some, err := c.programPieces(source.Python, false, text)
	for _, p := range some {
		p.line, p.end = lines[min(max(0, p.line-1), len(lines)-1)], last
		out = append(out, p)
	}
	if err != nil {
		out = append(out, piece{line: from, end: last, unread: err.Error()})
	}
	return out
}

// nixPieces are the texts in pairs of single quotes, which are mostly scripts, and
// the values of keys that run.
func (c cutter) nixPieces(body string) (out []piece) {
	rest, line := body, 1
	for {
		before, from, found := strings.Cut(rest, "''")
		line += strings.Count(before, "\n")
		if !found {
			break
		}
		end, at := -1, 0
		for {
			n := strings.Index(from[at:], "''")
			if n < 0 {
				break
			}
			if at += n; at+2 < len(from) && strings.IndexByte("$'\\", from[at+2]) >= 0 {
				at += 3
				continue
			}
			end = at
			break
		}
		if end < 0 {
			break
		}
		text := from[:end]
		out = append(out, piece{text: strings.NewReplacer("''$", "$", "'''", "''").Replace(text), line: line})
		line += strings.Count(text, "\n")
		rest = from[end+2:]
	}
	for _, l := range logicals(body) {
		key, value, ok := strings.Cut(strings.TrimSpace(l.text), "=")
		key = strings.ToLower(strings.TrimSpace(key))
		value = strings.TrimSuffix(strings.TrimSpace(value), ";")
		if ok && strings.HasPrefix(value, `"`) && (strings.HasSuffix(key, "hook") || strings.HasSuffix(key, "phase") ||
			strings.HasPrefix(key, "exec") || strings.HasSuffix(key, "script") || strings.HasSuffix(key, "exec")) {
			out = append(out, piece{text: strings.Trim(value, `"`), line: l.line, end: l.line})
		}
	}
	return out
}

// cmakePieces are what CMake is told to run.
func (c cutter) cmakePieces(body string) (out []piece) {
	for _, l := range logicals(body) {
		_, after, ok := strings.Cut(l.text, "COMMAND ")
		if !ok || !worth(c.words, after) {
			continue
		}
		after = strings.TrimPrefix(strings.TrimSpace(after), "${CMAKE_COMMAND} -E ")
		out = append(out, piece{text: strings.TrimRight(after, ") \t"), line: l.line, end: l.line})
	}
	return out
}
