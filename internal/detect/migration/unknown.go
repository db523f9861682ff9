package migration

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/deed"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// takes are verbs by which a migration takes something away, and stores what it
// may take in any framework: a name that has both says it.
var (
	takes  = []string{"drop", "delete", "remove", "destroy", "truncate", "wipe", "purge", "clear"}
	stores = []string{"table", "tables", "collection", "column", "columns", "field", "schema", "database", "db", "keyspace", "topic",
		"stream", "queue", "bucket", "dataset", "tenant", "model", "entity", "attribute", "container", "series", "measurement", "space"}
	// narrowed are words of names of calls that take something lesser.
	narrowed = []string{"index", "constraint", "key", "trigger", "view", "default", "comment", "policy", "type", "enum", "row", "rows", "if",
		"cache",
		"listener", "option", "validator", "null", "foreign", "check", "sequence", "extension", "function", "privilege", "grant"}
)

// unknownCalls reports what calls of a framework take that nobody here knows, by
// their names: dropTable x, schema("orders").delete(), app.delete(collection).
func (s *state) unknownCalls(f *change.File) {
	had := map[int]bool{}
	now, before := strings.Split(f.After.Body, "\n"), map[string]bool{}
	if f.Before.State == change.Loaded && len(f.Before.Body) <= maxText {
		for line := range strings.Lines(f.Before.Body) {
			before[strings.TrimSpace(line)] = true
		}
	}
	for _, h := range s.hits {
		had[h.line] = true
	}
	for i, t := range s.prog.toks {
		if t.Kind != source.Name || had[t.Line] || s.prog.back[i] || !s.calls(i) {
			continue
		}
		plain := plainName(t.Text)
		if !s.unknown && (others[plain] != nil && len(deed.Split(t.Text)) > 1 || s.prog.lang == source.Ruby) {
			continue // one that was read closely
		}
		if t.Line <= len(now) && before[strings.TrimSpace(now[t.Line-1])] {
			continue
		}
		noun := s.taken(i)
		if noun == "" || s.fresh[s.firstValue(i)] {
			continue
		}
		had[t.Line] = true
		s.hits = append(s.hits, hit{kind: unknownDrop, line: t.Line, object: s.firstValue(i), detail: t.Text + ": a " + noun})
	}
}

// calls says that what stands at a name is a call: what follows is given to it.
func (s *state) calls(i int) bool {
	if prev := s.prog.at(i - 1); introduces[prev.Text] {
		return false
	}
	next := s.prog.at(i + 1)
	if next.Is("(") {
		return true
	}
	return s.unknown && next.Line == s.prog.toks[i].Line && (next.Kind == source.Name || next.Kind == source.String ||
		next.Kind == source.Symbol)
}

// introduces are words behind which a name is declared, or brought in.
var introduces = map[string]bool{"def": true, "function": true, "func": true, "fn": true, "fun": true, "proc": true, "class": true,
	"struct": true,
	"type":   true, "module": true, "import": true, "let": true, "pub": true, "where": true}

// taken is the noun of what a call takes away, by its name, by the names of the
// calls before it, or by the name of what it is given.
func (s *state) taken(i int) string {
	words := deed.Split(s.prog.toks[i].Text)
	if len(words) > 4 || !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(takes, w) }) {
		return ""
	}
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(narrowed, w) }) {
		return ""
	}
	if noun := nounIn(words); noun != "" {
		return noun
	}
	if len(words) > 1 {
		return ""
	}
	var around []string
	for k := i + 1; k < i+4; k++ { // what it is given
		if t := s.prog.at(k); t.Kind == source.Name && t.Line == s.prog.toks[i].Line {
			around = append(around, deed.Split(t.Text)...)
		}
	}
	for k, depth := i-1, 0; k > i-12; k-- { // the calls before it
		switch t := s.prog.at(k); {
		case t.Is(")"):
			depth++
		case t.Is("("):
			depth--
		case depth == 0 && t.Kind == source.Name && (s.prog.at(k+1).Is("(") || s.prog.at(k+1).Is(".")):
			around = append(around, deed.Split(t.Text)...)
		case depth == 0 && !t.Is("."):
			k = i - 12
		}
	}
	if slices.ContainsFunc(around, func(w string) bool { return slices.Contains(narrowed, w) }) {
		return ""
	}
	return nounIn(around)
}

func nounIn(words []string) string {
	for _, w := range words {
		if slices.Contains(stores, w) {
			return w
		}
	}
	return ""
}

// firstValue is the first text or name that a call is given.
func (s *state) firstValue(i int) string {
	for k := i + 1; k < i+6; k++ {
		if t := s.prog.at(k); t.Kind == source.String || t.Kind == source.Symbol || t.Kind == source.Name {
			return t.Text
		}
	}
	return ""
}

// programmed says that a file among migrations may be a program in a language that
// nobody here reads: it is neither text nor data.
func programmed(p source.Path) bool {
	if !p.Migration || len(p.Ext) < 2 || len(p.Ext) > 7 || strings.ContainsAny(p.Ext[1:], "0123456789~") {
		return false
	}
	switch p.Ext {
	case ".md", ".mdx", ".rst", ".adoc", ".txt", ".csv", ".tsv", ".lock", ".html", ".css", ".scss", ".png",
		".jpg", ".svg", ".gif", ".snap", ".sum",
		".toml", ".ini", ".cfg", ".conf", ".log", ".gitkeep", ".keep", ".zip", ".gz", ".tar", ".pem", ".graphql", ".proto", ".sqlite", ".db",
		".dump", ".bak", ".orig", ".meta", ".resx", ".pyc", ".tmpl", ".env", ".mod", ".sh", ".bash", ".ps1", ".bat", ".tf", ".cql", ".cypher",
		".surql", ".ddl", ".pdf", ".ipynb", ".prql", ".lkml":
		return false
	}
	return true
}

// unread is a program in a language that nobody here knows, without the lines that
// begin with a sign of comments.
func unread(body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		t := strings.TrimSpace(line)
		if strings.HasPrefix(t, "--") || strings.HasPrefix(t, "#") || strings.HasPrefix(t, ";") || strings.HasPrefix(t, "%") {
			b.WriteByte('\n')
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}
