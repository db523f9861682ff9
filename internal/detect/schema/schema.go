// Package schema is what texts declare a database to be, and how two of them
// differ: tables, columns, types, enumerations, however they are written. Tools
// that take such a text make the database like it, so that what left the text
// leaves the database.
//
// Names are those of the database: what a program calls a table does not count.
// A declaration that moved to another file of the same change has not left.
// Readers accept any text and are linear in it.
package schema

import "strings"

// Schema is what one file declares.
type Schema struct {
	Tables map[string]*Table // by the name in the database
	Enums  map[string]*Enum
	From   string // the product: "postgresql"; empty where the file does not say
	Line   int    // of the product
}

// Table is one that is declared.
type Table struct {
	Shown   string
	Line    int
	Columns map[string]*Column
	Unique  map[string]int // columns, with commas between them, to line
	Indexes map[string]int // the same for those that are not unique
	Open    bool           // columns come from elsewhere, and are not in the text
}

// Column is one of a table.
type Column struct {
	Shown    string
	Line     int
	Type     Type
	Required bool // not NULL
	Filled   bool // the database has a value where none is given
	Unique   int  // the line that says that all values differ, 0 for none
}

// Enum is a type with its values.
type Enum struct {
	Shown  string
	Line   int
	Values map[string]int // to line
}

// maxNames bounds the tables, and the columns of one, that are remembered.
const maxNames = 20_000

// New is a schema that declares nothing.
func New() *Schema { return &Schema{Tables: map[string]*Table{}, Enums: map[string]*Enum{}} }

// Empty says whether a schema declares nothing.
func (s *Schema) Empty() bool {
	return s == nil || len(s.Tables) == 0 && len(s.Enums) == 0 && s.From == ""
}

// Table adds a table.
func (s *Schema) Table(name, shown string, line int) *Table {
	t := &Table{Shown: shown, Line: line, Columns: map[string]*Column{}, Unique: map[string]int{}, Indexes: map[string]int{}}
	if name != "" && len(s.Tables) < maxNames {
		s.Tables[name] = t
	}
	return t
}

// Enum adds an enumeration.
func (s *Schema) Enum(name, shown string, line int) *Enum {
	e := &Enum{Shown: shown, Line: line, Values: map[string]int{}}
	if name != "" && len(s.Enums) < maxNames {
		s.Enums[name] = e
	}
	return e
}

// Column adds a column, and returns one that nobody sees where there are too many.
func (t *Table) Column(name string, line int) *Column {
	c := &Column{Shown: name, Line: line}
	if name != "" && len(t.Columns) < maxNames {
		t.Columns[name] = c
	}
	return c
}

// Key notes an index over columns; one over a single column is the column's.
func (t *Table) Key(columns []string, unique bool, line int) {
	if len(columns) == 0 || len(columns) > 32 {
		return
	}
	if c := t.Columns[columns[0]]; unique && len(columns) == 1 && c != nil {
		c.Unique = line
		return
	}
	if key := strings.Join(columns, ","); unique {
		t.Unique[key] = line
	} else {
		t.Indexes[key] = line
	}
}
