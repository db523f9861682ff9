package migration

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// facades are classes of Laravel that are no tables.
var facades = map[string]bool{
	"Schema": true, "Cache": true, "Storage": true, "File": true, "Redis": true, "Http": true, "Route": true, "Artisan": true,
	"Log": true, "Config": true, "Session": true, "Queue": true, "Cookie": true, "Auth": true, "Str": true, "Arr": true, "Carbon": true,
}

// manyRows is the table of which a call, made on a chain, takes every row, in the
// way of the language's libraries.
func (s *state) manyRows(c *call) (table string) {
	p := s.prog
	links := p.beforeCall(c.at)
	switch p.lang {
	case source.PHP:
		return s.eloquent(links)
	case source.JavaScript:
		return s.builtByScript(c, links)
	case source.Go:
		return s.gorm(c, links)
	case source.CLike:
		if len(links) == 1 && c.positional() == 1 && !leavesOut(p.behindCall(c)) && len(p.behindCall(c)) > 0 {
			switch links[0].name {
			case "ctx", "dsl", "create", "dslContext", "context": // jOOQ
				return c.pos(0)
			}
		}
	case source.Rust:
		return s.seaQuery(c, links)
	}
	return ""
}

// eloquent is the table of DB::table("users"), User::query() and the like.
func (s *state) eloquent(links []link) string {
	for i, l := range links {
		if l.name == "table" && i+1 < len(links) && strings.TrimPrefix(links[i+1].name, "$") == "DB" {
			if s.prog.limits(links[:i]) {
				return ""
			}
			return arg{toks: s.prog.toks[l.from:l.to]}.value()
		}
	}
	name, rest := model(links)
	if name == "DB" || facades[name] || s.prog.limits(rest) {
		return ""
	}
	return name
}

// builtByScript is the table of TypeORM's repositories and builders, and of Knex'
// with a condition that is always true.
func (s *state) builtByScript(c *call, links []link) string {
	p := s.prog
	for i, l := range links {
		switch l.name {
		case "getRepository":
			if !p.limits(links[:i]) && (len(c.args) == 0 || !c.conditions(0)) {
				return arg{toks: p.toks[l.from:l.to]}.value()
			}
		case "createQueryBuilder":
			behind := p.behindCall(c)
			for _, b := range behind {
				if (b.name == "from" || b.name == "set") && !leavesOut(behind) {
					return arg{toks: p.toks[b.from:b.to]}.value()
				}
			}
		case "knex", "trx", "db":
			if l.from < l.to && i > 0 && !p.limits(links[:i]) {
				return arg{toks: p.toks[l.from:l.to]}.value()
			}
		case "manager", "em", "entityManager":
			if i == 0 && c.positional() == 2 && !c.conditions(1) && c.pos(1) == "" {
				return c.pos(0)
			}
		}
	}
	return ""
}

// gorm is the table of a statement of GORM whose condition is always true, or that
// is told to go without: others it refuses.
func (s *state) gorm(c *call, links []link) string {
	p := s.prog
	told, table := false, c.pos(0)
	for _, l := range links {
		args := p.toks[l.from:l.to]
		switch l.name {
		case "Where", "Not", "Or":
			if !letsAllThrough(args, false) {
				return ""
			}
			told = true
		case "Session":
			for _, t := range args {
				told = told || t.Is("AllowGlobalUpdate")
			}
		case "Model", "Table":
			if c.plain == "update" || table == "" {
				table = arg{toks: args}.value()
			}
		}
	}
	if !told {
		return ""
	}
	return table
}

// seaQuery is the table of SeaORM's Query::delete().from_table(…) and delete_many().
func (s *state) seaQuery(c *call, links []link) string {
	behind := s.prog.behindCall(c)
	for _, l := range behind {
		if l.name == "filter" || strings.Contains(l.name, "where") {
			return ""
		}
	}
	if len(links) == 0 || len(behind) == 0 {
		return ""
	}
	if c.plain == "deletemany" {
		return links[0].name
	}
	for _, l := range behind {
		if l.name == "from_table" || l.name == "table" {
			return arg{toks: s.prog.toks[l.from:l.to]}.value()
		}
	}
	return ""
}

// overwritesAll judges an update that nothing limits, unless it fills columns that
// this migration adds.
func (s *state) overwritesAll(c *call, table string) {
	if table == "" || s.isNew(table) {
		return
	}
	for _, a := range c.args {
		if s.fillsNew(table, a.toks) {
			return
		}
	}
	s.hit(updateAll, c, table, "")
}

// otherUpdate judges update(…) and its kin.
func (s *state) otherUpdate(c *call) {
	switch p := s.prog; {
	case p.lang == source.Python:
		if len(s.names.tables) > 0 || p.imports("sqlalchemy") {
			s.pythonRows(c)
		}
	case c.plain == "updatemany" || c.plain == "bulkupdate":
		n := 0
		if c.plain == "bulkupdate" {
			n = 2
		}
		if c.positional() > n && !c.conditions(n) && p.lang == source.JavaScript {
			s.overwritesAll(c, firstOf(c.pos(0), s.behind(c), c.recv))
		}
	case len(c.args) > 0:
		table := s.manyRows(c)
		if table == "" && p.lang == source.JavaScript {
			table = s.behind(c)
		}
		s.overwritesAll(c, table)
	}
}

// otherClear judges TypeORM's repository.clear().
func (s *state) otherClear(c *call) {
	if len(c.args) > 0 || s.prog.lang != source.JavaScript {
		return
	}
	if table := s.builtByScript(c, s.prog.beforeCall(c.at)); table != "" && !s.isNew(table) {
		s.hit(truncate, c, table, "")
	}
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" && n != ")" {
			return n
		}
	}
	return ""
}

// destroysModel judges Sequelize's Order.destroy({ where: {}, truncate: true }).
func (s *state) destroysModel(c *call) {
	if s.prog.lang != source.JavaScript || !isClass(c.recv) {
		return
	}
	where, limited := c.option("where")
	if c.anywhere("truncate", "true") || limited && len(where) == 0 {
		s.hit(deleteAll, c, c.recv, "")
	}
}

// option is what stands in braces behind a name among the arguments.
func (c *call) option(name string) (inner []source.Token, ok bool) {
	for _, a := range c.args {
		for i := 0; i+3 < len(a.toks); i++ {
			if a.toks[i].Is(name) && a.toks[i+1].Is(":") && a.toks[i+2].Is("{") {
				if a.toks[i+3].Is("}") {
					return nil, true
				}
				return a.toks[i+3:], true
			}
		}
	}
	return nil, false
}

// ectoRows is the table of Repo.delete_all(Order), also behind a pipe, empty where a
// condition limits it.
func (s *state) ectoRows(c *call) string {
	p := s.prog
	links := p.beforeCall(c.at)
	if len(links) == 0 || strings.ToLower(links[0].name) != "repo" || c.has("where") {
		return ""
	}
	if name := c.pos(0); name != "" && name != "set" && name != "from" {
		return name
	}
	if c.has("from") {
		for _, a := range c.args {
			for _, t := range a.toks {
				if t.Kind == source.String {
					return t.Text
				}
			}
		}
	}
	return p.piped(c)
}

// piped is the table that a pipe hands to a call of Ecto's: Order |> Repo.delete_all().
func (p *program) piped(c *call) string {
	k := c.at
	for k > 0 && k > c.at-12 && !(p.at(k).Is(">") && p.at(k-1).Is("|")) {
		k--
	}
	for k -= 2; k > 0 && p.at(k).Kind == source.Newline; k-- {
	}
	links := p.chainAt(k)
	if len(links) == 0 {
		return ""
	}
	from := p.toks[links[0].from:links[0].to]
	if slices.ContainsFunc(from, func(t source.Token) bool { return t.Text == "where" }) {
		return ""
	}
	if links[0].name == "from" {
		for _, t := range from {
			if t.Kind == source.String || t.Kind == source.Name && isClass(t.Text) {
				return t.Text
			}
		}
	}
	if isClass(links[0].name) {
		return links[0].name
	}
	return ""
}

func isClass(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }
