package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

type handler func(*state, *call)

// rails maps what a Rails migration can call to who judges it.
var rails = map[string]handler{
	"createtable": (*state).createTable, "createjointable": (*state).createTable,
	"changetable": (*state).changeTable,
	"droptable":   (*state).dropTable, "dropjointable": (*state).dropTable,
	"dropschema": (*state).dropTable, "dropvirtualtable": (*state).dropTable,
	"removecolumn": (*state).removeColumn, "removecolumns": (*state).removeColumn, "remove": (*state).removeColumn,
	"removetimestamps": (*state).removeGroup, "removereference": (*state).removeGroup, "removereferences": (*state).removeGroup,
	"removebelongsto": (*state).removeGroup,
	"truncate":        (*state).truncate, "truncatetables": (*state).truncate,
	"deleteall": (*state).bulk, "destroyall": (*state).bulk, "updateall": (*state).bulk,
	"findeach": (*state).eachRow, "each": (*state).eachRow, "inbatches": (*state).eachRow,
	"revert": (*state).revert,
	// Sequel
	"altertable": (*state).sequelTable, "dropcolumn": (*state).sequelColumn, "setcolumntype": (*state).sequelColumn,
	"setcolumnnotnull": (*state).sequelColumn, "delete": (*state).sequelRows, "update": (*state).sequelRows,
	"renamecolumn": (*state).rename, "renametable": (*state).rename, "renameschema": (*state).rename,
	"renameenum": (*state).rename, "renameenumvalue": (*state).rename, "rename": (*state).rename,
	"changecolumn": (*state).changeColumn, "change": (*state).changeColumn,
	"changecolumnnull": (*state).changeNull, "changenull": (*state).changeNull,
	"changecolumndefault": (*state).changeDefault, "changedefault": (*state).changeDefault,
	"addcolumn": (*state).addColumnCall, "column": (*state).addColumnCall, "addcolumns": (*state).addColumnCall,
	"addcolumnwithdefault": (*state).addColumnCall,
	"addtimestamps":        (*state).addTimestamps,
	"addindex":             (*state).addIndex, "index": (*state).addIndex,
	"removeindex":  (*state).removeIndex,
	"addreference": (*state).addReference, "addbelongsto": (*state).addReference, "references": (*state).addReference,
	"belongsto":     (*state).addReference,
	"addforeignkey": (*state).addForeignKey, "foreignkey": (*state).addForeignKey,
	"addcheckconstraint": (*state).addConstraint, "checkconstraint": (*state).addConstraint,
	"adduniqueconstraint": (*state).addConstraint, "uniqueconstraint": (*state).addConstraint,
	"addexclusionconstraint": (*state).addConstraint, "exclusionconstraint": (*state).addConstraint,
	"addnotnullconstraint": (*state).addConstraint, "addtextlimitconstraint": (*state).addConstraint,
	"validateconstraint": (*state).validate, "validatecheckconstraint": (*state).validate, "validateforeignkey": (*state).validate,
	"validatenotnullconstraint": (*state).validate, "validatetextlimitconstraint": (*state).validate,
	"dropenum": (*state).dropObject, "dropextension": (*state).dropObject, "disableextension": (*state).dropObject,
	"dropview": (*state).dropObject,
	"execute":  (*state).execute, "execquery": (*state).execute, "execupdate": (*state).execute, "execdelete": (*state).execute,
	"disableddltransaction": func(s *state, _ *call) { s.noTx = true },
}

// types are the column methods of a table block: t.json :props.
var types = map[string]bool{
	"string": true, "text": true, "integer": true, "bigint": true, "float": true, "decimal": true, "numeric": true,
	"datetime": true, "timestamp": true, "timestamptz": true, "time": true, "date": true, "binary": true, "boolean": true,
	"json": true, "jsonb": true, "uuid": true, "xml": true, "citext": true, "interval": true, "inet": true, "cidr": true,
	"serial": true, "bigserial": true, "virtual": true, "primarykey": true, "hstore": true, "blob": true,
}

// readRails judges a migration of Rails.
func (s *state) readRails() {
	s.each(func(c *call) {
		// A method of a table block only counts on the block's variable.
		if h := rails[c.plain]; h != nil {
			if c.recv == "" && needsBlock(c.plain) {
				return
			}
			h(s, c)
			return
		}
		if _, ok := s.block[c.recv]; ok {
			s.typed(c)
		}
	})
}

func railsKnows(name string) bool { return rails[name] != nil || types[name] }

// needsBlock lists names that only mean something behind t.
func needsBlock(plain string) bool {
	switch plain {
	case "remove", "change", "index", "references", "belongsto", "foreignkey", "column", "rename", "checkconstraint",
		"uniqueconstraint", "exclusionconstraint", "deleteall", "destroyall", "updateall", "findeach", "each", "inbatches", "delete", "update":
		return true
	}
	return false
}

// target returns the table that a call is about, and the index of the first
// argument behind it: calls on a block's variable do not name their table.
func (s *state) target(c *call) (table string, next int) {
	if t, ok := s.block[c.recv]; ok && c.recv != "" {
		return t, 0
	}
	return c.pos(0), 1
}

func (s *state) createTable(c *call) {
	table := c.pos(0)
	if c.plain == "createjointable" {
		if v, ok := c.opt("table_name"); ok {
			table = v.value()
		} else {
			table += "_" + c.pos(1)
		}
	}
	if c.block != "" {
		s.block[c.block], s.table = table, table
	}
	if force, ok := c.opt("force"); ok && !force.is("false") && !force.is("nil") && !s.isNew(table) {
		s.hit(dropTable, c, table, "force: an existing table of that name is dropped first")
	}
	if c.is("id", "integer", "serial") {
		s.hit(shortKey, c, table, "")
	}
	if s.undone(c) {
		s.hit(dropTable, c, table, undoing)
	} else if !c.back {
		s.create(c, table)
	}
}

func (a arg) is(v string) bool { return strings.EqualFold(a.value(), v) }

func (s *state) changeTable(c *call) {
	if c.block != "" {
		s.block[c.block], s.table = c.pos(0), c.pos(0)
	}
}

func (s *state) dropTable(c *call) {
	n := 0
	for _, a := range c.args {
		if a.key != "" || len(a.toks) == 0 {
			continue
		}
		table := a.value()
		if c.plain == "dropjointable" {
			table += "_" + c.pos(1)
		}
		if !s.isEmpty(table) {
			s.hit(dropTable, c, table, "")
		}
		if n++; c.plain == "dropjointable" {
			return
		}
	}
}

func (s *state) removeColumn(c *call) {
	table, from := s.target(c)
	if c.recv != "" && s.block[c.recv] == "" && c.plain == "remove" {
		return
	}
	n := 0
	for _, a := range c.args {
		if a.key != "" {
			continue
		}
		n++
		if n <= from || c.plain == "removecolumn" && n > from+1 {
			continue // the table; behind remove_column's column stands its type
		}
		for _, col := range append(a.names(), "")[:max(1, len(a.names()))] {
			if !s.isNewColumn(table, col) {
				s.hit(dropColumn, c, join(table, col), "")
			}
		}
	}
}

func (s *state) removeGroup(c *call) {
	table, from := s.target(c)
	if !s.isNewColumn(table, c.pos(from)+"_id") {
		s.hit(dropColumn, c, join(table, c.pos(from)), strings.ReplaceAll(strings.TrimPrefix(c.name, "remove_"), "_", " "))
	}
}

func (s *state) truncate(c *call) {
	if c.recv == ")" || c.recv == "]" {
		s.sequelRows(c)
		return
	}
	if c.recv != "" && c.recv != "connection" && c.recv != "self" && !strings.HasSuffix(c.recv, "Base") {
		return // "text".truncate(20)
	}
	for _, a := range c.args {
		if a.key == "" {
			s.hit(truncate, c, a.value(), "")
		}
	}
}

func (s *state) rename(c *call) {
	table, from := s.target(c)
	if c.plain == "rename" && s.block[c.recv] == "" {
		return
	}
	if s.isNew(table) && c.plain != "renameschema" {
		if c.plain == "renametable" {
			s.create(c, c.pos(1))
		}
		return
	}
	object := table
	if c.plain == "renamecolumn" || c.plain == "rename" {
		object = join(table, c.pos(from))
		if s.isNewColumn(table, c.pos(from)) {
			return
		}
	}
	to := c.pos(from)
	if object != table {
		to = c.pos(from + 1)
	}
	if v, ok := c.opt("to"); ok {
		to = v.value()
	}
	s.hit(rename, c, object, "to "+to)
}

func (s *state) dropObject(c *call) { s.hit(dropObject, c, c.pos(0), "") }

// execute judges SQL that is not in the text. What is there in full is the
// detector sql's.
func (s *state) execute(c *call) {
	n := len(s.hits)
	if s.runsText(c); len(s.hits) > n {
		return
	}
	for _, a := range c.args {
		for _, t := range a.toks {
			if t.Kind == source.String || t.Is("<<") {
				return
			}
		}
	}
	if len(c.args) > 0 {
		s.hit(opaque, c, c.name, "")
	}
}
