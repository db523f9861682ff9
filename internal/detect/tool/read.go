package tool

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// names are lists of words that say what a path or a name stands for:
// names.yaml.
type names struct {
	Roots      []string `yaml:"roots"`       // folders that a system or its data begin with
	Data       []string `yaml:"data"`        // parts of paths under which data lies
	Safe       []string `yaml:"safe"`        // parts of paths of what can be had again
	SafeVars   []string `yaml:"safe_vars"`   // the same, of the names of variables
	DataVars   []string `yaml:"data_vars"`   // of variables that lead to data
	Throwaway  []string `yaml:"throwaway"`   // parts of names of what is for tests
	Preview    []string `yaml:"preview"`     // of what lives as long as a pull request
	Local      []string `yaml:"local"`       // of addresses of the machine itself
	Production []string `yaml:"production"`  // of commands that name production, or override a check for it
	TestSigns  []string `yaml:"test_signs"`  // of commands that name tests
	TestWorlds []string `yaml:"test_worlds"` // of texts that are for tests as a whole

	Here []string `yaml:"here"` // what stands for the folder that one is in
	Live []string `yaml:"live"` // words of names of production
	Like []string `yaml:"like"` // words that hold a part of the above and say nothing of the kind
	Bare []string `yaml:"bare"` // flags that take no value, of whatever tool

	roots, bare map[string]bool
}

// TestWorld tells whether a text says that all that it does is for tests.
func TestWorld(text string) bool { return contains(text, words().TestWorlds) }

// found is what a row that fits comes to.
func (r *Row) found(c *call) Match {
	m := Match{Row: r, Kind: r.Kind, Object: r.object(c), Detail: r.detail(c)}
	n := words()
	switch {
	case r.Production != "":
		m.Kind, m.Detail = r.inProduction(c, n), r.Lost
		if m.Kind == r.Production {
			m.Detail = "with the check for production overridden, or in production"
		}
	case r.Spare != "" && (n.spare(m.Object) || r.Object == "tool" && n.spare(c.low)):
		m.Kind = r.Spare
	}
	return m
}

// inProduction is what a framework's command is, by what it says of where it runs.
func (r *Row) inProduction(c *call, n *names) string {
	var b strings.Builder
	b.WriteString(c.low)
	for _, a := range c.command.Assigns {
		b.WriteString(" " + strings.ToLower(a.Name+"="+a.Value.Text))
	}
	all := b.String()
	switch {
	case contains(all, n.Production):
		return r.Production
	case r.Spare != "" && (contains(all, n.TestSigns) || n.onlyLocal(all)):
		return r.Spare
	}
	return r.Kind
}

// onlyLocal tells whether a command names addresses, and all are of the machine itself.
func (n *names) onlyLocal(all string) bool {
	any := false
	for {
		_, rest, found := strings.Cut(all, "://")
		if !found {
			return any
		}
		host, _, _ := strings.Cut(rest, " ")
		host, _, _ = strings.Cut(host, "/")
		host = host[strings.LastIndexByte(host, '@')+1:]
		if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
			host = host[:i]
		}
		if any = true; !slices.Contains(n.Local, host) {
			return false
		}
		all = rest
	}
}

func (r *Row) object(c *call) string {
	switch r.Object {
	case "", "rest":
		return strings.TrimSpace(c.rest())
	case "type":
		return strings.TrimSpace(c.plain[max(0, c.verbs-1)].text + " " + c.rest())
	case "words":
		return strings.TrimSpace(c.command.Join())
	case "tool":
		return c.name
	case "says":
		return r.said(c.low)
	case "url":
		return c.url()
	case "last":
		if len(c.plain) == 0 {
			return ""
		}
		return c.plain[len(c.plain)-1].text
	case "with":
		_, value, _ := strings.Cut(c.with, "=")
		if value == "" {
			value = c.with
		}
		return value
	}
	return r.Object
}

// url is the address that a call goes to. A word that is filled in later may be one,
// unless it is what an option takes: where the answer is written, say.
func (c *call) url() string {
	for _, w := range c.words {
		if strings.Contains(w.Text, "://") || strings.HasPrefix(w.Text, "localhost") {
			return w.Text
		}
	}
	for _, w := range c.plain {
		if strings.HasPrefix(w.text, "$") {
			return w.text
		}
	}
	for _, w := range c.words {
		if strings.HasPrefix(w.Text, "$") {
			return w.Text
		}
	}
	return c.name
}

func (r *Row) detail(c *call) string {
	detail := r.Detail
	if detail == "" {
		detail = c.name
		for _, p := range c.plain[:min(c.verbs, len(c.plain))] {
			detail += " " + p.text
		}
	}
	if r.Lost != "" {
		detail += ": " + r.Lost
	}
	return detail
}

// said is what of a row's parts stands in a command.
func (r *Row) said(low string) string {
	var out []string
	for _, list := range r.Says {
		for one := range strings.SplitSeq(list, "|") {
			if strings.Contains(low, one) {
				out = append(out, strings.TrimSpace(one))
				break
			}
		}
	}
	return strings.Join(out, " ")
}

func contains(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// spare tells whether what something is called says that it is for tests, or
// for a pull request.
func (n *names) spare(name string) bool {
	l := n.name(name)
	return contains(l, n.Throwaway) || contains(l, n.Preview)
}

// Spare tells whether a name says that what has it is for tests, or for a pull
// request.
func Spare(name string) bool { return words().spare(name) }

// Preview tells whether a name says that what has it lives as long as a pull request.
func Preview(name string) bool { n := words(); return contains(n.name(name), n.Preview) }

// Throwaway tells whether a database is named as one for tests.
func Throwaway(name string) bool {
	n := words()
	return contains(n.name(name), n.Throwaway)
}

// name is what something is called in lower case, without words that only look
// as if they said what it is for; nothing where it names production, which
// nothing else in it excuses.
func (n *names) name(of string) string {
	if of = strings.ToLower(of); n.isLive(of) {
		return ""
	}
	for _, word := range n.Like {
		of = strings.ReplaceAll(of, word, "")
	}
	return of
}

// isLive tells whether a name in lower case says production.
func (n *names) isLive(of string) bool {
	for part := range strings.FieldsFuncSeq(of, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if slices.Contains(n.Live, part) {
			return true
		}
	}
	return false
}

// read has what a command is told be read, each of it by itself.
func (r *Row) read(c *call) []Match {
	switch r.Reads {
	case "sql":
		return r.sql(strings.TrimSpace(joined(c)))
	case "paths", "places":
		return r.paths(c)
	}
	return []Match{r.found(c)}
}

func joined(c *call) string {
	var b strings.Builder
	for _, w := range c.words {
		b.WriteString(w.Text + " ")
	}
	if c.command.Stdin != nil {
		b.WriteString("\n" + *c.command.Stdin)
	}
	return b.String()
}

// paths looks at each path that is removed: all of them, or those that stand
// before the first flag.
func (r *Row) paths(c *call) []Match {
	var out []Match
	for _, w := range c.words {
		if len(w.Text) > 1 && w.Text[0] == '-' {
			if r.Reads == "places" {
				break
			}
			continue
		}
		kind := removedFrom(c.command.Dir, w.Text)
		if kind == "" || r.Reads == "places" && kind != "delete-root" && kind != "delete-data" {
			continue
		}
		if kind == "delete-data" && r.Spare != "" {
			kind = r.Spare
		}
		out = append(out, Match{Row: r, Kind: kind, Object: w.Text, Detail: r.Detail})
		if r.Reads == "places" {
			break
		}
	}
	return out
}

// removedFrom is the kind of what it is to remove a path in a folder, empty where
// that is not known.
func removedFrom(dir, p string) string {
	if from := shell.From(dir, p); from != "" && from != p {
		switch kind := Removed(from); kind {
		case "delete-root", "delete-data":
			return kind
		}
	}
	return Removed(p)
}

// Removed is the kind of what it is to remove a path; empty for what lies in the
// repository, in temporary folders, in caches or build output.
func Removed(p string) string {
	n := words()
	if strings.HasPrefix(p, "/") && (strings.Contains(p, "/.") || strings.Contains(p, "//")) {
		p = path.Clean(p)
	}
	bare := strings.TrimSuffix(strings.TrimSuffix(p, "*"), "/")
	if p == "/" || p == "/*" || n.roots[bare] {
		return "delete-root"
	}
	if bare == "" || bare == "." || bare == ".." || bare == ".git" || bare == "./.git" || slices.Contains(n.Here, bare) {
		return "delete-working-tree"
	}
	if strings.HasPrefix(p, "$") && !strings.HasPrefix(p, "${{") && !strings.HasPrefix(p, "$(") {
		return n.removedVariable(p)
	}
	return n.removedData(strings.ToLower(p))
}

// removedData looks at what a path's parts say of what lies there.
func (n *names) removedData(l string) string {
	if contains(l, n.Safe) {
		return ""
	}
	for _, d := range n.Data {
		if !strings.Contains(l, d) {
			continue
		}
		if strings.HasPrefix(d, "/") && !strings.ContainsAny(l[:1], "/$~") && d != "/backup" {
			continue // src/data is in the repository
		}
		return "delete-data"
	}
	return ""
}

// removedVariable looks at what a variable leads: empty, it leaves the root
// with whatever follows it.
func (n *names) removedVariable(p string) string {
	name, rest := p[1:], ""
	if strings.HasPrefix(p, "${") {
		end := strings.IndexByte(p, '}')
		if end < 0 {
			return ""
		}
		name, rest = p[2:end], p[end+1:]
		if strings.Contains(name, ":?") || strings.Contains(name, ":-") {
			return "" // stops, or has a default, where it is not set
		}
	} else if i := strings.IndexAny(name, "/*"); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	l := strings.ToLower(name)
	switch {
	case contains(l, n.SafeVars):
		return ""
	case contains(l, n.DataVars):
		return "delete-data"
	case rest == "/" || rest == "/*":
		return "delete-variable"
	}
	return ""
}

// destructiveSQL are statements that a shell must hand to no database unseen.
var destructiveSQL = sync.OnceValue(func() *regexp.Regexp {
	const name = `([\w"'$\x60.{}-]+)`
	return regexp.MustCompile(`(?i)\b(?:(drop\s+(?:database|schema|keyspace)\s+(?:if\s+exists\s+)?` + name + `)|` +
		`(drop\s+table\s+(?:if\s+exists\s+)?` + name + `)|(truncate\s+(?:table\s+)?([\w"'$\x60.{}]+))|` +
		`(delete\s+from\s+([\w"'$\x60.{}]+))\s*(?:;|"|'|$))`)
})

// sql looks for a destructive statement in what a database client is told.
func (r *Row) sql(text string) []Match {
	m, ok := Statement(text)
	if !ok {
		return nil
	}
	m.Row = r
	return []Match{m}
}

// Statement looks for a destructive statement in a text.
func Statement(text string) (Match, bool) {
	m := destructiveSQL().FindStringSubmatch(text)
	if m == nil {
		return Match{}, false
	}
	object := ""
	for _, i := range [...]int{2, 4, 6, 8} {
		if m[i] != "" {
			object = strings.Trim(m[i], "\"'`")
		}
	}
	kind := "drop-table"
	if m[1] != "" {
		kind = "drop-database"
	}
	if m[5] != "" && !strings.Contains(strings.ToLower(m[5]), "table") && len(object) < 3 {
		return Match{}, false
	}
	if Throwaway(object) {
		kind = "reset-test-database"
	}
	return Match{Kind: kind, Object: object, Detail: strings.Join(strings.Fields(m[0]), " ")}, true
}
