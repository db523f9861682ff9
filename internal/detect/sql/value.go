package sql

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// variables are what a script has set, by name: psql's and sqlcmd's under the
// bare name, those of the session with their @, those of a block in lower case.
type variables map[string][]string

// definition is what the database says by which statement an object was made.
const definition = "CREATE " + unknownText

const (
	unknownText = " {x} "  // what stands in a text for a part that nobody can read
	maxValues   = 8        // texts that one expression can come to
	maxValue    = 64 << 10 // bytes of one of them
	maxTerms    = 2000
	maxVars     = 2000
)

// assign gives a variable its texts; without sure it may keep those it had.
func (j *judge) assign(name string, values []string, sure bool) {
	if name == "" || len(values) == 0 {
		return
	}
	if j.vars == nil {
		j.vars = variables{}
	}
	was, ok := j.vars[name]
	if !ok && len(j.vars) >= maxVars {
		return
	}
	if !sure {
		values = append(append([]string{}, was...), values...)
	}
	if len(values) > maxValues {
		values = append([]string{unknownText}, values[len(values)-maxValues+1:]...)
	}
	j.vars[name] = values
}

// values are the texts that an expression can come to. What cannot be read of
// them is a placeholder.
func (j *judge) values(s span, depth int) []string {
	if s.is("SELECT") {
		s.i++
		if i := s.find("FROM"); i >= 0 {
			s.n = i
		}
	}
	out := []string{""}
	for n := 0; s.more(); n++ {
		if n == maxTerms {
			return product(out, []string{unknownText})
		}
		out = product(out, j.term(&s, depth))
		if len(out[0]) > maxValue {
			return []string{unknownText}
		}
		for s.takeAny("|", "+") {
		}
	}
	return out
}

func product(a, b []string) []string {
	if len(a)*len(b) > maxValues {
		b = []string{unknownText}
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// term reads one operand of a concatenation.
func (j *judge) term(s *span, depth int) []string {
	t := s.st.toks[s.i]
	switch t.kind {
	case text, dollar:
		s.i++
		return []string{literalOf(s.st, t)}
	case number:
		s.i++
		return []string{ofNumber(s.st.src[t.from:t.to])}
	}
	if group, ok := s.skipParens(); ok {
		if depth >= maxDepth || !group.more() {
			return []string{unknownText}
		}
		return j.values(group, depth+1)
	}
	if s.is(":", ":") { // a cast
		s.i += 2
		s.name()
		s.skipParens()
		return []string{""}
	}
	if s.is("CASE") {
		return j.cases(s, depth)
	}
	if s.take("ARRAY", "[") {
		return j.elements(s, depth)
	}
	name, _ := s.name()
	if name == "" {
		s.i++
		return []string{unknownText}
	}
	if group, ok := s.skipParens(); ok {
		return j.call(strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]), group, depth)
	}
	if v := j.vars[variable(name)]; len(v) > 0 {
		return v
	}
	return []string{unknownText}
}

// variable is the key of a variable.
func variable(name string) string { return strings.ToLower(name) }

// ofNumber is what a number says: SQL Server and MySQL take 0x44524f50 for text.
func ofNumber(s string) string {
	if len(s) > 4 && strings.EqualFold(s[:2], "0x") {
		if b, err := hex.DecodeString(s[2:]); err == nil {
			return strings.ReplaceAll(string(b), "\x00", "")
		}
	}
	return s
}

// cases are the texts of a CASE.
func (j *judge) cases(s *span, depth int) []string {
	var out []string
	from, open := -1, 0
	close := func() {
		if from >= 0 && depth < maxDepth && len(out) < maxValues {
			out = append(out, j.values(span{st: s.st, i: from, n: s.i}, depth+1)...)
		}
		from = -1
	}
	for ; s.more(); s.i++ {
		switch {
		case s.is("CASE"):
			open++
		case s.is("END"):
			if open--; open == 0 {
				close()
				s.i++
				return orUnknown(out)
			}
		case open == 1 && s.is("WHEN"):
			close()
		case open == 1 && (s.is("THEN") || s.is("ELSE")):
			close()
			from = s.i + 1
		}
	}
	return orUnknown(out)
}

// elements are the texts in ARRAY[…], one after the other where they are many.
func (j *judge) elements(s *span, depth int) []string {
	inner := span{st: s.st, i: s.i, n: s.i}
	for open := 1; s.more() && open > 0; s.i++ {
		switch {
		case s.is("["):
			open++
		case s.is("]"):
			open--
		}
		if open > 0 {
			inner.n = s.i + 1
		}
	}
	var out []string
	size := 0
	for _, one := range inner.commas() {
		if depth >= maxDepth || len(out) >= maxTerms || size > maxValue {
			return []string{unknownText}
		}
		more := j.values(one, depth+1)
		out, size = append(out, more...), size+len(more[0])
	}
	if len(out) > maxValues {
		return []string{strings.Join(out, ";\n")}
	}
	return orUnknown(out)
}

func orUnknown(out []string) []string {
	if len(out) == 0 || len(out) > maxValues {
		return []string{unknownText}
	}
	return out
}

// call is what a function makes of its arguments, as far as scripts use it to
// put statements together.
func (j *judge) call(name string, group span, depth int) []string {
	args := group.commas()
	if depth >= maxDepth || len(args) == 0 {
		return []string{unknownText}
	}
	each := func(list []span) []string {
		out := []string{""}
		for _, a := range list {
			out = product(out, j.values(a, depth+1))
		}
		return out
	}
	either := func(list []span) []string {
		var out []string
		for _, a := range list {
			out = append(out, j.values(a, depth+1)...)
		}
		return orUnknown(out)
	}
	switch name {
	case "concat":
		return each(args)
	case "concat_ws":
		return each(args[1:])
	case "chr", "char", "nchar":
		return []string{characters(args)}
	case "format", "printf":
		return j.formatted(args, depth)
	case "if", "iif":
		return either(args[1:])
	case "coalesce", "ifnull", "isnull":
		return either(args)
	case "quote_ident", "quotename", "upper", "lower", "trim", "btrim", "unhex", "quote_literal", "to_char", "min", "max",
		"string_agg", "group_concat", "array_to_string":
		return j.values(args[0], depth+1)
	case "replace", "regexp_replace", "translate", "array_agg", "nullif":
		return j.values(args[0], depth+1)
	case "unnest":
		return j.values(group, depth+1)
	case "pg_get_functiondef", "pg_get_viewdef", "pg_get_indexdef", "pg_get_triggerdef", "pg_get_ruledef":
		return []string{definition}
	case "cast", "convert":
		a := args[len(args)-1]
		if name == "cast" {
			if i := a.find("AS"); i >= 0 {
				a.n = i
			}
		}
		return j.values(a, depth+1)
	}
	return []string{unknownText}
}

// characters is what chr(68) and CHAR(68, 82) come to.
func characters(args []span) string {
	var b strings.Builder
	for _, a := range args {
		n, err := strconv.Atoi(a.st.str(a.i))
		if a.n-a.i != 1 || err != nil || n < 1 || n > 0x10ffff {
			return unknownText
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}

// formatted is what format('… %I …', x) comes to.
func (j *judge) formatted(args []span, depth int) []string {
	out := []string{""}
	next := 1
	for i, part := range strings.Split(strings.Join(j.values(args[0], depth+1)[:1], ""), "%") {
		switch {
		case i == 0:
			out = product(out, []string{part})
			continue
		case part == "":
			out = product(out, []string{"%"})
			continue
		}
		rest := strings.TrimLeft(part, "0123456789$-")
		value := []string{unknownText}
		if next < len(args) && rest == part {
			value = j.values(args[next], depth+1)
		}
		next++
		out = product(product(out, value), []string{rest[min(1, len(rest)):]})
		if len(out[0]) > maxValue {
			return []string{unknownText}
		}
	}
	return out
}
