package migration

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// named is what variables of a program stand for.
type named struct {
	rows   map[string]string // every row of a table, to be deleted or changed at once
	each   map[string]string // one row after the other of such
	tables map[string]string // SQLAlchemy's tables
	files  map[string]string // the text of a file: its path, empty where that is not said
}

// learn reads the assignments and the loops of a program in Python or JavaScript.
func (s *state) learn() {
	p := s.prog
	s.names = named{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
	for i, t := range p.toks {
		if t.Kind != source.Name || p.effort > maxEffort {
			continue
		}
		switch {
		case p.at(i+1).Is("=") && !p.at(i+2).Is("=") && !p.at(i-1).Is(".") && !p.at(i+2).Is(">"):
			s.assigned(t.Text, i+2)
		case p.at(i-1).Is("as") && p.at(i-2).Is(")"): // with open("x") as f
			if links := p.chainAt(i - 2); len(links) > 0 {
				if file, ok := reads(p.toks[max(0, links[len(links)-1].from-2) : i-1]); ok {
					s.names.files[t.Text] = file
				}
			}
		case p.lang == source.Python && p.at(i-1).Is("for") && p.at(i+1).Is("in"):
			if table, ok := s.everyRow(p.chainAt(p.expression(i+2) - 1)); ok {
				s.names.each[t.Text] = table
			}
		}
	}
}

// expression is the token behind the expression that begins at i.
func (p *program) expression(i int) int {
	depth := 0
	for ; i < len(p.toks) && depth >= 0; i++ {
		p.effort++
		switch t := p.toks[i]; {
		case t.Is("("), t.Is("["), t.Is("{"):
			depth++
		case closes(t):
			depth--
		case depth == 0 && (t.Kind == source.Newline || t.Is(";") || t.Is(":") || t.Is(",")):
			return i
		}
	}
	return i
}

func (s *state) assigned(name string, from int) {
	p := s.prog
	end := p.expression(from)
	if end-from > maxArgs || end <= from {
		return
	}
	if file, ok := reads(p.toks[from:end]); ok {
		s.names.files[name] = file
		return
	}
	if p.lang != source.Python {
		return
	}
	links := p.chainAt(end - 1)
	if len(links) == 0 {
		return
	}
	if first := links[0]; strings.EqualFold(first.name, "table") && len(links) <= 2 && first.from < first.to {
		s.names.tables[name] = arg{toks: p.toks[first.from:first.to]}.value()
		return
	}
	if table, ok := s.everyRow(links); ok {
		s.names.rows[name] = table
	}
}

// everyRow is the table of which a chain has every row: Order.objects.all(),
// session.query(Order), or a variable that stands for such.
func (s *state) everyRow(links []link) (table string, ok bool) {
	p := s.prog
	for i, l := range links {
		switch l.name {
		case "objects", "_default_manager", "_base_manager":
			if i+1 >= len(links) || p.limits(links[:i]) {
				return "", false
			}
			of := links[i+1]
			table = of.name
			for _, t := range p.toks[of.from:of.to] { // get_model("shop", "Order")
				if t.Kind == source.String {
					table = t.Text
				}
			}
			return table, true
		case "query":
			return arg{toks: p.toks[l.from:l.to]}.value(), l.from < l.to && !p.limits(links[:i])
		}
	}
	if n := len(links); n > 0 && s.names.rows[links[n-1].name] != "" && !p.limits(links[:n-1]) {
		return s.names.rows[links[n-1].name], true
	}
	return "", false
}

// reads says whether an expression reads a file, and which.
func reads(toks []source.Token) (file string, ok bool) {
	for i, t := range toks {
		switch {
		case t.Kind == source.Name && reader(plainName(t.Text)):
			ok = ok || i+1 < len(toks)
		case t.Kind == source.String && path.Ext(t.Text) != "" && !strings.ContainsAny(t.Text, " \n"):
			file = t.Text
		}
	}
	return file, ok
}

func reader(plain string) bool {
	switch plain {
	case "open", "read", "readfile", "readfilesync", "readtext", "readbytes", "readalltext", "readalllines", "filegetcontents",
		"readtostring", "loadfile", "getresourceasstream", "includestr", "slurp":
		return true
	}
	return false
}

// runsText judges a call that runs SQL from a file, or from where nobody knows.
// What stands there in full is the detector sql's.
func (s *state) runsText(c *call) {
	for _, a := range c.args {
		file, ok := reads(a.toks)
		if c.recv == "Execute" && strings.HasSuffix(c.plain, "script") { // FluentMigrator
			file, ok = a.value(), true
		}
		if !ok && len(a.toks) == 1 && a.toks[0].Kind == source.Name {
			file, ok = s.names.files[a.toks[0].Text]
		}
		if !ok {
			continue
		}
		if file == "" && len(a.toks) > 0 {
			file = s.names.files[a.toks[0].Text]
		}
		switch {
		case file == "":
			s.hit(opaque, c, c.name, "")
		case !isScriptOf(file):
			s.hit(elsewhere, c, file, "")
		}
		return
	}
}

// isScriptOf says whether a file is one that is judged when it changes.
func isScriptOf(file string) bool {
	file = strings.ToLower(strings.TrimPrefix(file, "./"))
	return isSQL(source.Look(file)) && file[0] != '/' && file[0] != '~' && !place.Aside(path.Dir(file))
}
