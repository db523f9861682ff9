package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// model is the class at the end of a chain, Shop::Order of Shop::Order.all, and
// the links before it. It is empty where the chain begins with something else.
func model(links []link) (name string, rest []link) {
	n := len(links)
	for n > 0 && isClass(links[n-1].name) {
		n--
		name = links[n].name
	}
	return name, links[:n]
}

// bulk judges Model.delete_all and its kin: without a condition before it,
// every row is meant.
func (s *state) bulk(c *call) {
	name, rest := model(s.prog.beforeCall(c.at))
	if name == "" || s.prog.limits(rest) {
		return // behind where(…), or an association
	}
	if c.plain == "updateall" {
		s.hit(updateAll, c, name, "")
		return
	}
	s.hit(deleteAll, c, name, "")
}

// eachRow judges Model.find_each(&:destroy), and a block that does nothing else.
func (s *state) eachRow(c *call) {
	name, rest := model(s.prog.beforeCall(c.at))
	if name == "" || s.prog.limits(rest) || !s.destroysEach(c) {
		return
	}
	s.hit(deleteAll, c, name, "one by one")
}

func (s *state) destroysEach(c *call) bool {
	for _, a := range c.args {
		n := len(a.toks)
		if n > 0 && a.toks[n-1].Is("!") {
			n--
		}
		if n >= 2 && a.toks[n-2].Is("&") && a.toks[n-1].Kind == source.Symbol && deletesRow(a.toks[n-1].Text) {
			return true
		}
	}
	if c.block == "" || c.block == "?" {
		return false
	}
	p := s.prog
	for i := c.end; i < min(len(p.toks), c.end+60); i++ {
		switch t := p.at(i); {
		case t.Is("if"), t.Is("unless"), t.Is("next"), t.Is("case"), t.Is("end"), t.Is("}"):
			return false
		case t.Is(c.block) && p.at(i+1).Is(".") && deletesRow(p.at(i+2).Text):
			after := p.at(i + 3)
			return !after.Is("if") && !after.Is("unless")
		}
	}
	return false
}

func deletesRow(name string) bool {
	switch strings.TrimRight(name, "!") {
	case "destroy", "delete", "really_destroy":
		return true
	}
	return false
}

// undoing is the detail of what a reverted block drops.
const undoing = "the block that makes it is reverted"

// revert judges what takes back: a block, of which every call is turned round, or
// another migration, whose text is not here.
func (s *state) revert(c *call) {
	p := s.prog
	if c.recv != "" && c.recv != "self" {
		return
	}
	if end := source.BlockEnd(p.toks, c.end); end > 0 && c.end < end {
		if s.undo == nil {
			s.undo = make([]bool, len(p.toks))
		}
		for k := c.end; k < end; k++ {
			s.undo[k] = !s.undo[k]
		}
		return
	}
	if name := c.pos(0); name != "" {
		s.hit(takesBack, c, name, "")
	}
}

// undone says whether a call stands in a block that is reverted.
func (s *state) undone(c *call) bool { return c.at < len(s.undo) && s.undo[c.at] }

func (s *state) sequelTable(c *call) { s.table = c.pos(0) }

// sequelColumn judges what Sequel does to a column, within alter_table or not.
func (s *state) sequelColumn(c *call) {
	table, col := s.table, c.pos(0)
	if c.positional() > 1 && c.plain != "setcolumntype" || c.positional() > 2 {
		table, col = c.pos(0), c.pos(1)
	}
	if s.isNewColumn(table, col) {
		return
	}
	switch c.plain {
	case "dropcolumn":
		s.hit(dropColumn, c, join(table, col), "")
	case "setcolumntype":
		s.hit(changeType, c, join(table, col), "")
	default:
		s.hit(notNull, c, join(table, col), "")
	}
}

// sequelRows judges a dataset that is emptied or overwritten: from(:a).delete,
// DB[:a].update(b: 1).
func (s *state) sequelRows(c *call) {
	links := s.prog.beforeCall(c.at)
	if len(links) == 0 || s.prog.limits(links[:len(links)-1]) {
		return
	}
	base := links[len(links)-1]
	switch strings.ToLower(base.name) {
	case "from", "self", "db", "database", "dataset":
	default:
		return
	}
	if base.to == base.from || base.to > base.from+3 || len(s.prog.toks) <= base.from {
		return
	}
	table := arg{toks: s.prog.toks[base.from:base.to]}.value()
	switch {
	case table == "" || s.isNew(table):
	case c.plain == "truncate":
		s.hit(truncate, c, table, "")
	case c.plain == "update" && len(c.args) > 0:
		s.hit(updateAll, c, table, "")
	case c.plain == "delete" && len(c.args) == 0:
		s.hit(deleteAll, c, table, "")
	}
}
