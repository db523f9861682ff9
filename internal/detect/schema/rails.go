package schema

import "github.com/gatehold/gatehold/internal/detect/source"

// Rails reads the tables of a schema.rb. What its columns are is not looked at:
// migrations make it, and say that themselves.
func Rails(body string) *Schema {
	s := New()
	var cur *Table
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
			cur = s.Table(next(1).Text, next(1).Text, t.Line)
		case t.Is("t") && next(1).Is(".") && next(3).Kind == source.String && cur != nil:
			switch next(2).Text {
			case "index", "check_constraint", "foreign_key", "unique_constraint", "exclusion_constraint":
			default:
				cur.Column(next(3).Text, t.Line)
			}
		}
	}
	return s
}
