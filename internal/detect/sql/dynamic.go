package sql

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
)

// runs judges an expression whose text the database runs.
func (j *judge) runs(s span, line int) {
	if s.is("SELECT") { // \gexec: each column of each row is a statement
		s.i++
		if i := s.find("FROM"); i >= 0 {
			s.n = i
		}
		for _, column := range s.commas() {
			if i := column.find("AS"); i >= 0 {
				column.n = i
			}
			j.texts(column, line)
		}
		return
	}
	for _, w := range [...]string{"USING", "INTO", "RETURNING"} {
		if i := s.find(w); i >= 0 {
			s.n = i
		}
	}
	j.texts(s, line)
}

func (j *judge) texts(s span, line int) {
	for _, v := range j.values(s, 0) {
		j.body(v, line)
	}
}

// opaque judges a statement whose first word is not in the text: a placeholder
// of a template or of the client. What it stands for may be known.
func (j *judge) opaque(s span) bool {
	name, from := s.placeheld()
	if name == "" {
		return false
	}
	line := s.line()
	rest := span{st: s.st, i: from, n: s.n}
	if v := j.vars[variable(name)]; len(v) > 0 && j.depth < maxDepth {
		for _, one := range v {
			if rest.more() {
				one += " " + s.st.src[s.st.toks[from].from:s.st.toks[s.n-1].to]
			}
			j.body(one, line)
		}
		return true
	}
	if oneOf(rest.upper(), "TABLE", "DATABASE", "SCHEMA", "FROM", "VIEW", "USER", "ROLE", "COLUMN", "INDEX", "TABLESPACE", "OWNED") ||
		!rest.more() && (j.depth > 0 || s.st.src[s.st.toks[s.i].from] == ':') {
		j.hit(dynamic, line, rest.raw(rest.i, rest.n), "")
		return true
	}
	return false
}

// placeheld is the name of the placeholder that the span begins with, and the
// token behind it.
func (s *span) placeheld() (name string, behind int) {
	if !s.more() {
		return "", 0
	}
	switch t := s.st.toks[s.i]; {
	case s.is(":") && s.i+1 < s.n:
		next := s.st.toks[s.i+1]
		if next.from != t.to || next.kind != word && next.kind != text && next.kind != quoted {
			return "", 0
		}
		return strings.Trim(s.st.str(s.i+1), `'"`), s.i + 2
	case t.kind == quoted && strings.IndexByte("{$<#", s.st.src[t.from]) >= 0:
		name = strings.Trim(s.st.str(s.i), "{}$#()<>%= ")
		if strings.Contains(name, "config(") {
			return "", 0
		}
		return name + " ", s.i + 1
	}
	return "", 0
}

// declare learns what variables a script begins with: DECLARE @s text = '…'.
func (j *judge) declare(s span) {
	s.i++
	for _, one := range s.commas() {
		name, _ := one.name()
		if !strings.HasPrefix(name, "@") {
			return // a block's: assignments has it
		}
		for i := one.i; i < one.n; i++ {
			if one.isAt(i-one.i, "=") {
				j.assign(variable(name), j.values(span{st: s.st, i: i + 1, n: one.n}, 0), j.depth == 0)
				break
			}
		}
	}
}

// sets learns from SET @s = … and v := … what a variable says.
func (j *judge) sets(s span) {
	sure := j.depth == 0 && !j.unsure && s.i <= 1
	for _, one := range s.commas() {
		name, _ := one.name()
		if name == "" {
			return
		}
		more := one.take("+")
		one.take(":")
		if !one.take("=") {
			return
		}
		v := j.values(one, 0)
		if more {
			v = product(orUnknown(j.vars[variable(name)]), v)
		}
		j.assign(variable(name), v, sure)
	}
}

// assignments learns from a block's v := 'DROP' || x, and from its declaration
// v text := '…'.
func (j *judge) assignments(s span) {
	found := 0
	for i := s.i + 1; i+1 < s.n && found < maxValues; i++ {
		from := i + 2
		if !s.isAt(i-s.i, ":", "=") {
			if !s.isAt(i-s.i, "=") || !s.setsAt(i-1) {
				continue
			}
			from = i + 1
		}
		found++
		last := i
		for last > s.i+2 && s.isAt(last-1-s.i, "]") && s.isAt(last-2-s.i, "[") { // text[]
			last -= 2
		}
		name := span{st: s.st, i: last - 1, n: last}
		for k := last - 1; k > s.i && k > last-6 && s.st.toks[k-1].kind == word; k-- {
			if oneOf(strings.ToUpper(s.st.str(k-1)), "THEN", "ELSE", "LOOP", "BEGIN") {
				break
			}
			name.i = k - 1
		}
		name.take("DECLARE")
		key, _ := name.name()
		j.assign(variable(key), j.values(span{st: s.st, i: from, n: s.n}, 0), false)
	}
}

// setsAt says whether a statement begins with the name at token i: PL/pgSQL takes
// v = '…' for v := '…'.
func (s span) setsAt(i int) bool {
	if s.st.toks[i].kind != word {
		return false
	}
	return i == s.i || i > s.i && oneOf(strings.ToUpper(s.st.str(i-1)), "THEN", "ELSE", "LOOP", "BEGIN", ";")
}

// loops learns from FOR r IN SELECT '…' AS c what r and r.c say.
func (j *judge) loops(s span) {
	s.i++
	name, _ := s.name()
	if !s.take("IN") {
		return
	}
	if s.take("ARRAY") { // FOREACH v IN ARRAY list
		if i := s.find("LOOP"); i >= 0 {
			s.n = i
		}
		j.assign(variable(name), j.values(s, 0), false)
		return
	}
	if group, ok := s.skipParens(); ok {
		s = group
	}
	if !s.take("SELECT") {
		return
	}
	if i := s.find("FROM"); i >= 0 {
		s.n = i
	} else if i := s.find("LOOP"); i >= 0 {
		s.n = i
	}
	for _, column := range s.commas() {
		key := name
		if i := column.find("AS"); i >= 0 {
			as := span{st: s.st, i: i + 1, n: column.n}
			alias, _ := as.name()
			key, column.n = name+"."+alias, i
		} else if column.n-column.i <= 3 && column.kind() != text {
			if c := column.column(); oneOf(c, "indexdef", "viewdef", "definition", "indexdefinition") {
				j.assign(variable(name+"."+c), []string{definition}, false)
				j.assign(variable(name), []string{definition}, false)
			}
			if column.n-column.i == 1 {
				continue
			}
		}
		j.assign(variable(key), j.values(column, 0), false)
	}
}

// command judges a command of the client.
func (j *judge) command(st *statement) {
	t := st.toks[0]
	line := st.src[t.from:t.to]
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.HasPrefix(line, `\!`), strings.HasPrefix(line, "!!"), oneOf(name, ".shell", ".system"),
		oneOf(strings.ToUpper(name), "HOST", "SYSTEM"), name == ".import" && strings.Contains(rest, "|"):
		j.hit(runsCommand, t.line, clip(line), "the client runs it in a shell")
	case oneOf(name, `\i`, `\ir`, `\include`, `\include_relative`, `\.`, ":r", ":R", ".read") || strings.EqualFold(name, "source"):
		j.includes(rest, t.line)
	case strings.HasPrefix(line, "@"):
		j.includes(strings.TrimLeft(line, "@"), t.line)
	case oneOf(name, `\connect`, `\c`, `\u`) || strings.EqualFold(name, ":connect"):
		j.forget()
		if to := strings.Fields(rest); len(to) > 0 && to[0] != "-" {
			j.moveTo(strings.ToLower(strings.Trim(rest, `'";`)))
		}
	case name == `\set`, strings.EqualFold(name, ":setvar"):
		j.setVariable(rest, t.line)
	case strings.HasPrefix(name, `\if`):
		j.asked++
	case name == `\endif`:
		j.asked = max(0, j.asked-1)
	case oneOf(name, `\copy`, `\o`, `\g`, `\w`) && strings.Contains(rest, "|") || name == `\copy` && hasProgram(rest):
		j.hit(runsCommand, t.line, clip(line), "the client runs it in a shell")
	}
	if i := strings.IndexByte(rest, ';'); i >= 0 && name == `\copy` { // psql sends what follows along
		j.body(rest[i:], t.line)
	}
	j.unsure = j.asked > 0
}

func hasProgram(s string) bool {
	for _, w := range strings.Fields(s) {
		if strings.EqualFold(w, "program") {
			return true
		}
	}
	return false
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 120)], "") }

// includes judges a script that another one reads. Scripts are judged when they
// change; what lies where no scripts are, or has a name that is put together,
// nobody has looked at.
func (j *judge) includes(name string, line int) {
	name = strings.Trim(name, `'"; `)
	if name == "" {
		return
	}
	ext := strings.ToLower(path.Ext(name))
	if isSQL(ext) && !strings.ContainsAny(name, ":$`&") && name[0] != '/' && name[0] != '~' && !place.Aside(path.Dir(path.Clean(name))) {
		return
	}
	j.hit(elsewhere, line, clip(name), "")
}

// setVariable learns \set name 'text' and :setvar name text. A value that is a
// statement is judged as one: the client puts it wherever its name stands.
func (j *judge) setVariable(rest string, line int) {
	name, value, _ := strings.Cut(rest, " ")
	value = strings.TrimSpace(value)
	if strings.EqualFold(name, "autocommit") && strings.EqualFold(value, "off") {
		j.begins()
	}
	if strings.HasPrefix(value, "`") {
		j.hit(runsCommand, line, clip(value), "the client runs it in a shell")
		value = unknownText
	}
	if said := unquoted(value); strayQuote(said) || strings.Contains(said, "$$") {
		j.hit(dynamic, line, clip(value), "") // what stands behind its name is read otherwise
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return r == '\'' || r == '"' })
	value = strings.Join(parts, "")
	j.assign(variable(name), []string{value}, !j.unsure)
	j.assign(variable(name)+" ", []string{value}, !j.unsure)
	if i := strings.IndexByte(value, ';'); i >= 0 {
		j.body(value[i:], line)
	}
}

// unquoted is a word of psql without its quotes: 'it”s', 'it\'s'.
func unquoted(s string) string {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return s
	}
	return strings.NewReplacer("''", "'", `\'`, "'", `\\`, `\`).Replace(s[1 : len(s)-1])
}

// templates judges what templates run while they are rendered: dbt's hooks.
func (j *judge) templates(s span) {
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if t.kind != quoted && t.kind != punct || t.to-t.from < 12 || !strings.HasPrefix(s.st.src[t.from:], "{") {
			continue
		}
		body := s.st.src[t.from:t.to]
		if flat := strings.ToLower(strings.Join(strings.Fields(body), "")); strings.Contains(flat, "config(") &&
			(strings.Contains(flat, "full_refresh=true") || strings.Contains(flat, "'full_refresh':true")) {
			j.hit(fullRefresh, t.line, "", "")
		}
		if !strings.Contains(body, "_hook") && !strings.Contains(body, "run_query") && !strings.Contains(body, "statement(") {
			continue
		}
		for _, one := range quotedParts(body) {
			if verb, _ := firstWord(one); isVerb(verb) && mayDestroy(one) {
				j.body(one, t.line)
			}
		}
	}
}

// quotedParts are the strings in a template's expression.
func quotedParts(s string) []string {
	var out []string
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '"' || c == '\'' {
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return out
			}
			out = append(out, s[i+1:i+1+n])
			i += n + 1
		}
	}
	return out
}

// promise keeps what the routine that is read will do when it is called.
func (j *judge) promise(k *detect.Kind, object string) {
	if j.making == "" || len(j.promised) >= maxVars || len(j.promised[j.making]) >= maxValues {
		return
	}
	if j.promised == nil {
		j.promised = map[string][]hit{}
	}
	j.promised[j.making] = append(j.promised[j.making], hit{kind: k, object: object})
}

// called judges the call of a routine that this script makes.
func (j *judge) called(key string, line int) {
	for _, h := range j.promised[j.norm(key)] {
		j.hit(h.kind, line, h.object, "the routine is called here")
	}
}
