package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// target is what a string is put into: the variable that it is given to or added
// to, or whose method it is handed to.
func (b *builder) target() string {
	switch {
	case b.last[0].Is("="):
		return b.names[0].Text
	case b.last[0].Is("(") && appends(b.names[0].Text):
		return b.names[1].Text
	}
	return ""
}

// adds says whether a string is added to what is there: sql += "…", b.append("…").
func (b *builder) adds() bool {
	return b.last[0].Is("(") || b.last[1].Is("+") || b.last[1].Is(".")
}

func appends(name string) bool {
	switch strings.ToLower(name) {
	case "writestring", "write", "append", "push", "concat", "add", "appendline", "writeline", "push_str", "puts", "print", "fprintf":
		return true
	}
	return false
}

// maxItems bounds the strings of a list that are put together.
const maxItems = 60

// list follows the strings of a list up to what puts them together: join.
func (b *builder) list(t source.Token) {
	switch {
	case t.Is("["):
		b.items, b.first = b.items[:0], t.Line
	case t.Kind == source.String && len(b.items) < maxItems && (b.last[0].Is("[") || b.last[0].Is(",")):
		b.items = append(b.items, t.Text)
	case t.Is("join") && b.last[0].Is("."):
		if b.joins = b.last[1].Kind == source.String; b.last[1].Is("]") { // ["DROP", "TABLE"].join(" ")
			b.putTogether()
		}
	case t.Is("]") && b.joins: // " ".join(["DROP", "TABLE"])
		b.putTogether()
		b.joins = false
	}
}

// putTogether takes the strings of a list for one.
func (b *builder) putTogether() {
	if len(b.items) < 2 {
		return
	}
	if text := strings.Join(b.items, " "); mayDestroy(text) {
		if verb, _ := firstWord(text); isVerb(verb) {
			b.out = append(b.out, literal{text: text, line: b.first})
		}
	}
}

// ofDatabase says whether a name is one of a database, or of what runs SQL.
func ofDatabase(name string) bool {
	low := strings.ToLower(name)
	for _, w := range [...]string{"exec", "query", "sql", "raw", "stmt", "statement", "prepare", "cursor", "conn", "client", "session", "pool",
		"database", "knex", "engine", "run", "db", "transaction"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return low == "do" || low == "tx"
}

// isSettings says whether a file gives names values, a line for each.
func isSettings(p source.Path) bool {
	switch p.Ext {
	case ".toml", ".env", ".ini", ".properties", ".cfg":
		return true
	}
	return strings.HasPrefix(p.Base, ".env")
}

// holdsQueries says whether a file of YAML or JSON is named for the queries in it.
func holdsQueries(p source.Path) bool {
	return isDbt(p) || isMarkup(p.Ext) && p.Ext != ".xml" && (strings.Contains(p.Base, "quer") || strings.Contains(p.Base, "sql")) && !p.Test
}

// settingsLiterals returns the statements among the values of settings.
func settingsLiterals(body string) []literal {
	var out []literal
	n, open, mark := 0, -1, ""
	for line := range strings.Lines(body) {
		n++
		if open >= 0 {
			text, _, ends := strings.Cut(line, mark)
			if out[open].text += text; ends {
				open = -1
			}
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || key == "" || key[0] == '#' || key[0] == ';' || mentions(key) {
			continue
		}
		value = strings.TrimSpace(value)
		for _, m := range [...]string{`"""`, "'''"} {
			if text, ok := strings.CutPrefix(value, m); ok && !strings.Contains(text, m) {
				open, mark, value = len(out), m, text+"\n"
			}
		}
		value = strings.Trim(value, `"'`)
		if verb, _ := firstWord(value); open < 0 && !isVerb(verb) {
			continue
		}
		out = append(out, literal{text: value, line: n, calls: runsByName(key)})
	}
	return out
}

func runsByName(key string) bool {
	low := strings.ToLower(key)
	return strings.Contains(low, "sql") || strings.Contains(low, "query") || strings.Contains(low, "statement")
}

// mentions says whether a setting is one of what is only spoken of.
func mentions(key string) bool {
	low := strings.ToLower(key)
	for _, w := range [...]string{"pattern", "deny", "block", "forbid", "example", "help", "message", "desc", "title", "regex", "match",
		"reject", "danger", "prompt", "text", "comment", "label", "keyword"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// isDbt says whether a file of YAML may configure models of dbt.
func isDbt(p source.Path) bool {
	return p.Base == "dbt_project.yml" || p.Base == "dbt_project.yaml" || p.Models && (p.Ext == ".yml" || p.Ext == ".yaml")
}

// dbtLiterals returns what dbt runs before and behind its models, and as a template
// what tells it to build them anew.
func dbtLiterals(body string) []literal {
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return nil
	}
	var out []literal
	var walk func(n *tree.Node, hook bool)
	walk = func(n *tree.Node, hook bool) {
		if n == nil || len(out) >= maxItems*maxItems {
			return
		}
		if hook && n.Kind == tree.Scalar {
			out = append(out, literal{text: n.Text, line: n.Line, calls: true})
		}
		for _, one := range n.Items {
			walk(one, hook)
		}
		for _, f := range n.Fields {
			key := strings.TrimPrefix(strings.ReplaceAll(f.Key, "_", "-"), "+")
			if key == "full-refresh" && f.Value != nil && f.Value.Text == "true" {
				out = append(out, literal{text: "/* UPDATE */ {{ config(full_refresh=true) }}", line: f.Line, calls: true})
			}
			walk(f.Value, hook && key != "transaction" || key == "on-run-start" || key == "on-run-end" || key == "pre-hook" || key == "post-hook")
		}
	}
	for _, n := range docs {
		walk(n, false)
	}
	return out
}

// queryLiterals returns the statements in a file that is named for its queries.
func queryLiterals(body, ext string) []literal {
	list, err := source.Changes(body, ext)
	if err != nil {
		return nil
	}
	var out []literal
	for _, c := range list {
		if verb, _ := firstWord(c.Text); isVerb(verb) && !mentions(c.Name) {
			out = append(out, literal{text: c.Text, line: c.Line, calls: runsByName(c.Name)})
		}
	}
	return out
}

// markupLiterals returns the SQL of a Liquibase changelog. One that does not
// parse is the detector migration's to report.
func markupLiterals(body, ext string) []literal {
	list, err := source.Changes(body, ext)
	if err != nil && ext != ".xml" {
		return nil
	}
	var out []literal
	for _, c := range list {
		text := c.Text
		switch c.Name {
		case "sql", "rollback", "createProcedure", "createView":
		default:
			continue
		}
		if text == "" {
			text = c.Attrs["sql"]
		}
		if verb, _ := firstWord(text); isVerb(verb) || c.Name != "createView" && mayDestroy(text) {
			out = append(out, literal{text: text, line: c.Line, backward: c.Backward})
		}
	}
	return out
}
