// Package docker reads Dockerfiles: what a change makes an image start from,
// run as, fetch without a check, or carry in plain.
//
// Instructions are read line by line, with continuations and here-documents,
// and compared with what was there: an instruction that only moved is not new.
package docker

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// maxBytes bounds what is read. Real Dockerfiles are a hundredth of it.
const maxBytes = 1 << 20

type detector struct{}

// New returns the detector of Dockerfiles.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "docker" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

func (detector) Wants(f *change.File) bool {
	base := strings.ToLower(path.Base(f.Path))
	if strings.HasSuffix(base, ".md") || strings.HasSuffix(base, ".dockerignore") || strings.HasSuffix(base, ".sh") ||
		strings.HasSuffix(base, ".go") || strings.HasSuffix(base, ".py") {
		return false
	}
	return base == "dockerfile" || base == "containerfile" || strings.HasPrefix(base, "dockerfile.") ||
		strings.HasPrefix(base, "dockerfile-") || strings.HasPrefix(base, "dockerfile_") ||
		strings.HasPrefix(base, "containerfile.") || strings.HasSuffix(base, ".dockerfile") ||
		strings.HasSuffix(base, "-dockerfile") || strings.HasSuffix(base, ".containerfile")
}

// instruction is one line of the build, continuations joined.
type instruction struct {
	name string // upper case
	args string
	line int
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Unreadable || len(f.After.Body) > maxBytes {
		r.Add(detect.Observation{Kind: kinds.unreadable, Detail: f.After.Reason})
		return
	}
	if f.After.State != change.Loaded || f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	after := parse(f.After.Body)
	var before []instruction
	if f.Before.State == change.Loaded && len(f.Before.Body) <= maxBytes {
		before = parse(f.Before.Body)
	}
	if line := strange(after); line > 0 && strange(before) == 0 && !strings.Contains(f.After.Body, "{{") &&
		!strings.Contains(f.After.Body, "{%") {
		r.Add(detect.Observation{Kind: kinds.unreadable, Line: line, Detail: "no instruction of a Dockerfile"})
	}
	compareBases(before, after, r)
	compareUser(before, after, r)
	readNew(without(before, after), without(after, before), r)
}

// readNew reads what is new in instructions: of each, the pieces that none of
// those had that are gone.
func readNew(gone, come []instruction, r *detect.Report) {
	had := map[string]bool{}
	for _, i := range gone {
		for _, piece := range pieces(i) {
			had[piece] = true
		}
		for _, c := range runs(i).Commands {
			had[said(&c)] = true
		}
	}
	for _, i := range come {
		for _, piece := range pieces(i) {
			if !had[piece] {
				read(i, piece, r)
			}
		}
		script := runs(i)
		if script.Unread != "" {
			r.Add(detect.Observation{Kind: kinds.unreadable, Line: i.line, Object: i.name, Detail: script.Unread, Bound: true})
		}
		for n := range script.Commands {
			if !had[said(&script.Commands[n])] {
				readCommand(script, n, func(kind *detect.Kind, detail string) {
					r.Add(detect.Observation{Kind: kind, Line: i.line, Object: i.name, Detail: detail})
				})
			}
		}
	}
}

// without returns the instructions of these that others do not have word for
// word.
func without(these, others []instruction) []instruction {
	have := make(map[instruction]bool, len(others))
	for _, i := range others {
		have[instruction{name: i.name, args: i.args}] = true
	}
	var out []instruction
	for _, i := range these {
		if !have[instruction{name: i.name, args: i.args}] {
			out = append(out, i)
		}
	}
	return out
}

var known = map[string]bool{"FROM": true, "RUN": true, "CMD": true, "LABEL": true, "MAINTAINER": true, "EXPOSE": true,
	"ENV": true, "ADD": true, "COPY": true, "ENTRYPOINT": true,
	"VOLUME": true, "USER": true, "WORKDIR": true, "ARG": true, "ONBUILD": true, "STOPSIGNAL": true, "HEALTHCHECK": true,
	"SHELL": true, "INCLUDE": true, "CROSS_BUILD": true}

// strange is the line of the first thing that is no instruction, 0 for none.
func strange(in []instruction) int {
	for _, i := range in {
		if !known[i.name] {
			return i.line
		}
	}
	return 0
}

// parse splits a Dockerfile into instructions.
// https://docs.docker.com/reference/dockerfile/
func parse(text string) []instruction {
	var out []instruction
	var joined strings.Builder
	start, n, heredoc := 0, 0, ""
	escape := "\\"
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		if n < 5 && strings.HasPrefix(strings.ToLower(strings.ReplaceAll(trimmed, " ", "")), "#escape=`") {
			escape = "`"
		}
		if heredoc != "" {
			joined.WriteString("\n" + trimmed)
			if trimmed == heredoc {
				heredoc = ""
				out = appendInstruction(out, joined.String(), start)
				joined.Reset()
			}
			continue
		}
		if trimmed == "" || trimmed[0] == '#' {
			continue // a comment inside a continued line does not end it
		}
		if joined.Len() == 0 {
			start = n
		}
		part, more := strings.CutSuffix(strings.TrimRight(line, " \t"), escape)
		joined.WriteString(part)
		if more {
			joined.WriteByte(' ')
			continue
		}
		if heredoc = heredocOf(part); heredoc != "" {
			continue
		}
		out = appendInstruction(out, joined.String(), start)
		joined.Reset()
	}
	if joined.Len() > 0 {
		out = appendInstruction(out, joined.String(), start)
	}
	return out
}

func appendInstruction(out []instruction, text string, line int) []instruction {
	name, args, _ := strings.Cut(strings.TrimSpace(text), " ")
	if name, rest, ok := strings.Cut(name, "\t"); ok {
		return append(out, instruction{strings.ToUpper(name), rest + " " + args, line})
	}
	return append(out, instruction{strings.ToUpper(name), strings.TrimSpace(args), line})
}

// heredocOf returns the word that ends a here-document which line opens.
func heredocOf(line string) string {
	i := strings.Index(line, "<<")
	upper := strings.ToUpper(strings.TrimSpace(line))
	if i < 0 || !strings.HasPrefix(upper, "RUN") && !strings.HasPrefix(upper, "COPY") && !strings.HasPrefix(upper, "ADD") {
		return ""
	}
	word := strings.TrimLeft(line[i+2:], "-")
	word = strings.TrimLeft(word, `"'`)
	end := strings.IndexFunc(word, func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if end >= 0 {
		word = word[:end]
	}
	return word
}

// pieces are the parts of an instruction that are compared by themselves:
// each flag of a RUN, each pair of an ENV, or the whole.
func pieces(i instruction) []string {
	args := strings.Join(strings.Fields(i.args), " ")
	switch i.name {
	case "RUN":
		var out []string
		for strings.HasPrefix(args, "--") {
			flag, rest, _ := strings.Cut(args, " ")
			out = append(out, "RUN "+flag)
			args = rest
		}
		return out
	case "EXPOSE":
		var out []string
		for _, p := range strings.Fields(args) {
			out = append(out, "EXPOSE "+p)
		}
		return out
	case "ENV", "ARG":
		if !strings.Contains(strings.SplitN(args, " ", 2)[0], "=") {
			return []string{i.name + " " + args}
		}
		var out []string
		for _, pair := range strings.Fields(args) {
			out = append(out, i.name+" "+pair)
		}
		return out
	case "FROM", "USER":
		return nil
	}
	return []string{i.name + " " + args}
}

// stage is one FROM with the user that its last instruction leaves.
type stage struct {
	image, alias, user string
	from, userLine     int
}

func stages(in []instruction) []stage {
	var out []stage
	args, named := map[string]string{}, map[string]int{} // stages by alias
	for _, i := range in {
		switch i.name {
		case "ARG":
			if name, value, ok := strings.Cut(i.args, "="); ok && len(out) == 0 {
				args[name] = expand(strings.Trim(value, `"'`), args)
			}
		case "FROM":
			fields := strings.Fields(i.args)
			for len(fields) > 0 && strings.HasPrefix(fields[0], "--") {
				fields = fields[1:]
			}
			if len(fields) == 0 {
				continue
			}
			s := stage{image: expand(fields[0], args), from: i.line}
			if len(fields) > 2 && strings.EqualFold(fields[1], "as") {
				s.alias = strings.ToLower(fields[2])
			}
			if earlier, ok := named[strings.ToLower(s.image)]; ok { // a stage on top of another runs as its user
				s.user = out[earlier].user
			}
			if out = append(out, s); s.alias != "" {
				named[s.alias] = len(out) - 1
			}
		case "USER":
			if len(out) > 0 {
				out[len(out)-1].user = strings.TrimSpace(strings.Trim(i.args, `"'`))
				out[len(out)-1].userLine = i.line
			}
		}
	}
	return out
}

// maxExpanded bounds in bytes what a name with variables comes to: each may hold
// the one before it twice.
const maxExpanded = 1000

// expand puts in the values of those variables that are known, $NAME and
// ${NAME}, once.
func expand(s string, args map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found || b.Len() > maxExpanded {
			break
		}
		name, after := variable(rest)
		value, known := args[name]
		if !known {
			value = "$" + rest[:len(rest)-len(after)]
		}
		b.WriteString(value)
		s = after
	}
	return b.String()
}

// variable reads the name after a $ and returns what follows it.
func variable(s string) (name, after string) {
	if inside, ok := strings.CutPrefix(s, "{"); ok {
		if name, after, ok = strings.Cut(inside, "}"); ok {
			return name, after
		}
	}
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return s[:n], s[n:]
}
