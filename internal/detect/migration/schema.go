package migration

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// model is one table of a schema file.
type model struct {
	line    int
	columns map[string]int // name to line
}

// schemas reports tables and columns that left schema.rb or a Prisma schema.
func schemas(f *change.File, p source.Path, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	if f.After.State == change.Unreadable || f.After.State == change.NotLoaded {
		r.Add(detect.Observation{Kind: unreadable, Object: f.Path, Detail: f.After.Reason})
		return
	}
	read := railsSchema
	if p.Ext == ".prisma" {
		read = prismaSchema
	}
	before, after := read(f.Before.Body), read(f.After.Body)
	names := make([]string, 0, len(before))
	for name := range before {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(before[a].line-before[b].line, strings.Compare(a, b))
	})
	for _, name := range names {
		old, now := before[name], after[name]
		if now == nil {
			r.Add(detect.Observation{Kind: modelGone, Line: old.line, Removed: true, Object: name})
			continue
		}
		cols := make([]string, 0, len(old.columns))
		for col := range old.columns {
			if _, ok := now.columns[col]; !ok {
				cols = append(cols, col)
			}
		}
		slices.Sort(cols)
		for _, col := range cols {
			r.Add(detect.Observation{Kind: fieldGone, Line: old.columns[col], Removed: true, Object: name + "." + col})
		}
	}
}

// prismaSchema reads the models of a Prisma schema, line by line: relations
// (fields whose type is another model) are no columns.
func prismaSchema(body string) map[string]*model {
	out := map[string]*model{}
	var cur *model
	n := 0
	for line := range strings.Lines(body) {
		n++
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "//") || strings.HasPrefix(words[0], "@@"):
		case len(words) >= 2 && words[0] == "model":
			cur = &model{line: n, columns: map[string]int{}}
			out[strings.TrimSuffix(words[1], "{")] = cur
		case words[0] == "}":
			cur = nil
		case cur != nil && len(words) >= 2:
			cur.columns[words[0]+" "+words[1]] = n
		}
	}
	for _, m := range out {
		clean := map[string]int{}
		for k, at := range m.columns {
			name, typ, _ := strings.Cut(k, " ")
			base := strings.TrimRight(typ, "?[]")
			if out[base] == nil {
				clean[name] = at
			}
		}
		m.columns = clean
	}
	return out
}

// railsSchema reads the tables of a schema.rb.
func railsSchema(body string) map[string]*model {
	out := map[string]*model{}
	if len(body) > 4*maxText {
		return out
	}
	var cur *model
	toks := source.Tokens(body, source.Ruby)
	for i, t := range toks {
		next := func(k int) source.Token {
			if i+k < len(toks) {
				return toks[i+k]
			}
			return source.Token{Kind: source.Newline}
		}
		switch {
		case t.Is("create_table") && next(1).Kind == source.String:
			cur = &model{line: t.Line, columns: map[string]int{}}
			out[next(1).Text] = cur
		case t.Is("t") && next(1).Is(".") && next(3).Kind == source.String && cur != nil:
			switch next(2).Text {
			case "index", "check_constraint", "foreign_key", "unique_constraint", "exclusion_constraint":
			default:
				cur.columns[next(3).Text] = t.Line
			}
		}
	}
	return out
}
