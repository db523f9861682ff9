package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// others maps the calls of all frameworks but Rails. Their names differ less
// than their arguments do.
var others = map[string]handler{
	// tables
	"createtable": (*state).otherCreate, "createmodel": (*state).otherCreate, "create": (*state).otherCreate,
	"altertable": (*state).otherTable, "table": (*state).otherTable, "alter": (*state).otherTable,
	"droptable": (*state).otherDropTable, "droptableifexists": (*state).otherDropTable, "dropifexists": (*state).otherDropTable,
	"drop": (*state).otherDropTable, "deletemodel": (*state).otherDropTable, "dropalltables": (*state).otherDropTable,
	"dropschema": (*state).otherDropTable, "dropschemaifexists": (*state).otherDropTable,
	"dropdatabase": (*state).otherDropTable, "cleardatabase": (*state).otherDropTable,
	"dropcollection": (*state).otherDropTable, "dropalltypes": (*state).dropObject, "dropenum": (*state).dropObject,
	"renametable": (*state).otherRename, "renamemodel": (*state).otherRename, "altermodeltable": (*state).otherRename,
	"rename":      (*state).otherRename,
	"renamefield": (*state).otherRename, "renamecolumn": (*state).otherRename, "renameschema": (*state).otherRename,
	// columns
	"column":     (*state).fluentColumn,
	"dropcolumn": (*state).otherDropColumn, "dropcolumns": (*state).otherDropColumn, "removecolumn": (*state).otherDropColumn,
	"removefield": (*state).otherDropColumn, "removecolumns": (*state).otherDropColumn, "remove": (*state).otherDropColumn,
	"droptimestamps": (*state).otherDropColumn, "dropsoftdeletes": (*state).otherDropColumn,
	"dropmorphs": (*state).otherDropColumn, "dropremembertoken": (*state).otherDropColumn,
	"addcolumn": (*state).otherAdd, "addfield": (*state).otherAdd, "add": (*state).otherAdd,
	"altercolumn": (*state).otherAlter, "changecolumn": (*state).otherAlter, "alterfield": (*state).otherAlter,
	"modify":        (*state).otherAlter,
	"changecolumns": (*state).otherAlter, "change": (*state).otherChained, "dropnullable": (*state).otherNotNull,
	// rows
	"truncate": (*state).otherEmpty, "cleartable": (*state).otherEmpty, "deletemany": (*state).otherDelete,
	"del": (*state).otherDelete, "delete": (*state).otherDelete, "rawdelete": (*state).otherDelete, "update": (*state).otherUpdate,
	"updatemany": (*state).otherUpdate, "bulkupdate": (*state).otherUpdate, "updates": (*state).otherUpdate,
	"clear": (*state).otherClear, "forcedelete": (*state).otherDelete, "destroy": (*state).destroysModel, "truncatetable": (*state).otherEmpty,
	"schema": (*state).fluentSchema, "script": (*state).runsText, "embeddedscript": (*state).runsText,
	"dropsequence": (*state).dropObject, "dropprimarykey": (*state).dropObject, "dropview": (*state).dropObject,
	"droptype":   (*state).dropObject,
	"deletefrom": (*state).builtDelete, "deletedata": (*state).deletesRows, "allrows": (*state).fluentRows,
	"updatetable": (*state).builtUpdate,
	// texts
	"execute": (*state).runsText, "raw": (*state).runsText, "query": (*state).runsText, "sql": (*state).runsText,
	"runsql":     (*state).runsText,
	"unprepared": (*state).runsText, "statement": (*state).runsText, "exec": (*state).runsText, "executescript": (*state).runsText,
	"addsql": (*state).runsText, "executesql": (*state).runsText,
	"bulkdelete": (*state).otherDelete, "deleteall": (*state).otherDelete, "updateall": (*state).otherDelete,
	// indexes and constraints
	"createindex": (*state).otherIndex, "addindex": (*state).otherIndex, "uniqueindex": (*state).otherIndex,
	"createindices": (*state).otherIndex, "createuniqueindex": (*state).otherIndex,
	"dropindex": (*state).otherDropIndex, "removeindex": (*state).otherDropIndex,
	"createforeignkey": (*state).otherConstraint, "addforeignkey": (*state).otherConstraint,
	"createcheckconstraint":  (*state).otherConstraint,
	"createuniqueconstraint": (*state).otherConstraint, "createprimarykey": (*state).otherConstraint,
	"addprimarykey": (*state).otherConstraint,
	"addconstraint": (*state).otherConstraint, "adduniqueconstraint": (*state).otherConstraint,
	"addcheckconstraint": (*state).otherConstraint, "createexcludeconstraint": (*state).otherConstraint,
	"alteruniquetogether": (*state).otherConstraint,
}

func othersKnow(name string) bool { return others[name] != nil }

// readOthers judges a migration of any framework but Rails.
func (s *state) readOthers() {
	stateOnly := s.stateOnly()
	s.learn()
	s.each(func(c *call) {
		if c.at < len(stateOnly) && stateOnly[c.at] {
			return
		}
		s.django = s.django || c.recv == "migrations"
		others[c.plain](s, c)
	})
}

// stateOnly marks Django's state_operations: they touch no database.
func (s *state) stateOnly() []bool {
	if s.prog.lang != source.Python {
		return nil
	}
	out := make([]bool, len(s.prog.toks))
	depth, until := 0, 0
	for i, t := range s.prog.toks {
		switch {
		case t.Is("[") || t.Is("("):
			depth++
			if until == 0 && t.Is("[") && s.prog.at(i-1).Is("=") && s.prog.at(i-2).Is("state_operations") {
				until = depth
			}
		case t.Is("]") || t.Is(")"):
			if depth == until {
				until = 0
			}
			depth--
		}
		out[i] = until > 0
	}
	return out
}

// subject finds the table and the column that a call is about, however the
// framework writes them: named, by position, or through the block around it.
func (s *state) subject(c *call) (table, col string) {
	named := func(keys ...string) string {
		if v, ok := c.opt(keys...); ok {
			return v.value()
		}
		return ""
	}
	table = named("model_name", "table", "table_name", "tableName", "source_table")
	col = named("name", "column", "column_name", "columnName", "old_name")
	if s.onTable(c) && table == "" {
		if col == "" {
			col = c.pos(0)
		}
		return s.table, col
	}
	if table == "" {
		table = c.pos(0)
		if col == "" {
			col = c.pos(1)
		}
	} else if col == "" {
		col = c.pos(0)
	}
	return table, col
}

// onTable says whether a call is made on a table builder: $table, table, t.
func (s *state) onTable(c *call) bool {
	switch c.recv {
	case "table", "$table", "t", "tbl", "builder":
		return s.table != ""
	case "":
		return s.prog.lang == source.Elixir && s.table != ""
	}
	return false
}

// elixirTable reads table(:users) of Ecto's drop, alter, create and rename.
func (c *call) elixirTable() string {
	for _, a := range c.args {
		for i, t := range a.toks {
			if t.Is("table") && i+1 < len(a.toks) {
				return arg{toks: a.toks[i+1:]}.value()
			}
		}
	}
	return ""
}

func (s *state) otherCreate(c *call) {
	table := c.pos(0)
	if v, ok := c.opt("name", "table_name"); ok {
		table = v.value()
	}
	switch {
	case s.prog.lang == source.Elixir:
		if table = c.elixirTable(); table == "" {
			s.elixirIndex(c)
			return
		}
	case c.plain == "create" && c.recv != "Schema" && c.recv != "schema":
		return // Model::create, objects.create
	}
	if c.plain == "createtable" && c.recv == "queryRunner" {
		table = c.newTable()
	}
	s.table = table
	if !c.back {
		s.create(c, table)
	}
}

// newTable reads TypeORM's new Table({name: 'users'}).
func (c *call) newTable() string {
	for _, a := range c.args {
		if v, ok := a.inner("name"); ok {
			return v
		}
	}
	return c.pos(0)
}

func (s *state) otherTable(c *call) {
	if s.prog.lang == source.Elixir {
		if c.plain == "alter" {
			s.table = c.elixirTable()
		}
		return
	}
	if c.recv == "Delete" || c.recv == "Rename" { // FluentMigrator
		if k := map[string]*detect.Kind{"Delete": dropTable, "Rename": rename}[c.recv]; !s.isEmpty(c.pos(0)) {
			s.hit(k, c, c.pos(0), "")
		}
		return
	}
	if c.recv == "" && c.plain == "table" || c.plain == "alter" {
		if c.plain == "alter" && c.recv == ")" { // Knex: t.string('a').alter()
			s.hit(changeType, c, s.table, "")
		}
		return
	}
	if t := c.pos(0); t != "" {
		s.table = t
	}
}

func (s *state) otherDropTable(c *call) {
	table := c.pos(0)
	if v, ok := c.opt("name", "table_name"); ok {
		table = v.value()
	}
	if c.plain == "drop" || c.plain == "dropifexists" {
		switch {
		case s.prog.lang == source.Elixir:
			if table = c.elixirTable(); table == "" {
				s.elixirDrop(c)
				return
			}
		case c.recv == "Schema" || c.recv == "schema":
		case c.recv == ")" && s.prog.lang == source.PHP: // Phinx: $this->table("users")->drop()
			if table = s.behind(c); table == "" {
				return
			}
		case c.recv == "SchemaUtils": // Exposed
			for _, a := range c.args {
				if !s.isEmpty(a.value()) {
					s.hit(dropTable, c, a.value(), "")
				}
			}
			return
		case c.recv == ")" && (s.prog.lang == source.JavaScript || s.prog.lang == source.Python):
			// db.collection("users").drop(): named behind the call
			table = s.prog.at(c.at - 3).Text
		default:
			return
		}
	}
	if s.isEmpty(table) {
		return
	}
	s.hit(dropTable, c, table, "")
}

func (s *state) otherDropColumn(c *call) {
	if c.plain == "remove" && (s.prog.lang != source.Elixir || s.table == "") {
		return
	}
	table, col := s.subject(c)
	if s.isNewColumn(table, col) {
		return
	}
	for _, a := range c.args {
		if names := a.names(); len(names) > 1 && a.key == "" {
			col = strings.Join(names, ", ")
		}
	}
	if strings.HasPrefix(c.plain, "drop") && col == "" {
		col = c.name
	}
	s.hit(dropColumn, c, join(table, col), "")
}

func (s *state) otherRename(c *call) {
	if c.plain == "rename" && c.recv != "Schema" && s.prog.lang != source.Elixir {
		if table := s.behind(c); s.prog.lang == source.PHP && table != "" { // Phinx
			s.hit(rename, c, table, "to "+c.pos(0))
		}
		return
	}
	table, col := s.subject(c)
	if s.prog.lang == source.Elixir {
		table, col = c.elixirTable(), ""
	}
	if s.isNew(table) || col != "" && s.isNewColumn(table, col) {
		return
	}
	s.hit(rename, c, join(table, col), "")
}

// otherAdd judges a column that is added to a table that is there already.
func (s *state) otherAdd(c *call) {
	table, col := s.subject(c)
	if s.prog.lang == source.Python && (col == "sa" || col == "Column") {
		col = c.firstText(1)
	}
	if c.plain == "add" && (s.prog.lang != source.Elixir || s.table == "") || s.isNew(table) {
		return
	}
	s.addColumn(table, col, "?")
	said := s.saidOfColumn(c)
	// Django's fields are NOT NULL unless they say otherwise, and its defaults
	// are its own, not the database's.
	if !said.def && (said.null == "false" || said.null == "" && c.plain == "addfield") {
		s.hit(required, c, join(table, col), "")
	}
	if said.unique {
		s.hit(constraint, c, join(table, col), "unique")
	}
}

// columnSaid is what a call says of the column that it adds.
type columnSaid struct {
	def    bool   // the database has a value for the rows that are there
	null   string // whether it may be NULL, in small letters; empty where it is not said
	unique bool
}

// columnWord is what a word in a column's description is about.
type columnWord uint8

const (
	aboutDefault columnWord = iota + 1
	needsNoValue
	aboutNull
	aboutUnique
)

// columnWords are in small letters, without underscores.
var columnWords = map[string]columnWord{
	"dbdefault": aboutDefault, "serverdefault": aboutDefault, "defaultvalue": aboutDefault,
	"default": aboutDefault, "defaultvaluesql": aboutDefault, "defaultto": aboutDefault,
	"manytomanyfield": needsNoValue, "onetoonerel": needsNoValue, "generatedfield": needsNoValue,
	"null": aboutNull, "nullable": aboutNull, "allownull": aboutNull, "isnullable": aboutNull,
	"unique": aboutUnique, "isunique": aboutUnique,
}

func (s *state) saidOfColumn(c *call) columnSaid {
	var said columnSaid
	for _, a := range c.args {
		for i, t := range a.toks {
			value, given := "", i+2 < len(a.toks)
			if given {
				value = a.toks[i+2].Text
			}
			switch columnWords[strings.ToLower(strings.ReplaceAll(t.Text, "_", ""))] {
			case aboutDefault:
				said.def = said.def || s.prog.lang != source.Python || t.Text == "db_default" || t.Text == "server_default"
			case needsNoValue:
				said.def = true
			case aboutNull:
				if given {
					said.null = strings.ToLower(value)
				}
			case aboutUnique:
				said.unique = said.unique || strings.EqualFold(value, "true")
			}
		}
		switch a.key {
		case "default", "defaultValue", "defaultValueSql", "server_default":
			said.def = true
		case "null", "nullable", "allowNull":
			said.null = strings.ToLower(a.value())
		}
	}
	return said
}
