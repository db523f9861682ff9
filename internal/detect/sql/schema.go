package sql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// declaration is one CREATE TABLE of a schema file.
type declaration struct {
	shown   string
	line    int
	columns map[string]int // name to line
}

// compareSchemas reports tables and columns that left a file which declares a
// whole schema. One that was renamed there looks like a loss, and is one for
// tools that apply such files.
func compareSchemas(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	before, after := declared(f.Before.Body), declared(f.After.Body)
	names := make([]string, 0, len(before))
	for key := range before {
		names = append(names, key)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(before[a].line-before[b].line, strings.Compare(a, b))
	})
	for _, key := range names {
		old, now := before[key], after[key]
		if now == nil {
			r.Add(detect.Observation{Kind: tableGone, Line: old.line, Removed: true, Object: old.shown})
			continue
		}
		if len(now.columns) == 0 {
			continue
		}
		var gone []string
		for col := range old.columns {
			if _, ok := now.columns[col]; !ok {
				gone = append(gone, col)
			}
		}
		slices.Sort(gone)
		for _, col := range gone {
			r.Add(detect.Observation{Kind: columnGone, Line: old.columns[col], Removed: true, Object: old.shown + "." + col})
		}
	}
}

// declared lists the tables that a text creates.
func declared(body string) map[string]*declaration {
	out := map[string]*declaration{}
	s := splitter{lex: lexer{src: body}}
	s.each(func(st *statement) {
		c := span{st: st, n: len(st.toks)}
		if !c.take("CREATE") {
			return
		}
		for c.takeAny("UNLOGGED", "FOREIGN", "OR", "REPLACE") {
		}
		if !c.take("TABLE") || len(out) >= maxTables {
			return
		}
		c.ifExists()
		line := c.line()
		key, shown := c.name()
		if key != "" {
			out[bare(key)] = &declaration{shown: shown, line: line, columns: columnsOf(c)}
		}
	})
	return out
}

func columnsOf(c span) map[string]int {
	cols := map[string]int{}
	list, ok := c.skipParens()
	if !ok {
		return cols
	}
	for _, one := range list.commas() {
		switch one.upper() {
		case "CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "KEY", "INDEX", "LIKE", "FULLTEXT", "SPATIAL", "PERIOD":
			continue
		}
		line := one.line()
		if col, _ := one.name(); col != "" && !strings.Contains(col, ".") {
			cols[col] = line
		}
	}
	return cols
}

// Tables lists what a script does to whole tables: the names that it creates
// or renames to, and the lines on which it drops one that it did not create.
// Statements in a section that goes back are left out.
func Tables(body string) (created map[string]bool, dropped map[string]int) {
	created, dropped = map[string]bool{}, map[string]int{}
	s := splitter{lex: lexer{src: body}, marks: true}
	s.each(func(st *statement) {
		if st.rollback || st.routine || len(dropped) >= maxTables {
			return
		}
		c := span{st: st, n: len(st.toks)}
		switch {
		case c.take("CREATE"):
			for c.takeAny("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED") {
			}
			if c.take("TABLE") {
				c.ifExists()
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("ALTER", "TABLE"):
			c.ifExists()
			c.name()
			if c.take("RENAME", "TO") {
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("DROP", "TABLE"):
			c.ifExists()
			for c.more() {
				line := c.line()
				key, _ := c.name()
				if key != "" && !created[bare(key)] {
					dropped[bare(key)] = line
				}
				if key == "" || !c.take(",") {
					break
				}
			}
		}
	})
	return created, dropped
}
