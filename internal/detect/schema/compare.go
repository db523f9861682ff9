package schema

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/place"
)

// What is a way in which a schema differs from what it was.
type What uint8

// The ways that lose something, refuse something or lock something.
const (
	TableGone What = iota
	ColumnGone
	TypeChanged // to one that does not hold every value
	ValueGone   // of an enumeration
	MustBeGiven // a column, or a new one without a default, is not NULL from now on
	MustDiffer  // rows that were alike are refused from now on
	IndexGone
	OtherProduct
)

// Difference is one of them, at one line. Of what is gone, it is a line of the
// text before.
type Difference struct {
	What           What
	Path           string
	Line           int
	Removed        bool
	Object, Detail string
}

// Source is a file that declares: what it declared, and what it does. Both are
// there; one that is Empty declares nothing.
type Source struct {
	Path          string
	Before, After *Schema
	Gone          bool // the file itself
}

// Compare lists how the files of a change, which one tool reads, declare
// otherwise than before, in the order of files and lines.
func Compare(sources []Source) []Difference {
	c := comparison{sources: sources, tables: map[string][]int{}, enums: map[string][]int{}}
	for i, s := range sources {
		for name := range s.After.Tables {
			if s.Before.Tables[name] == nil {
				c.tables[name] = append(c.tables[name], i)
			}
		}
		for name := range s.After.Enums {
			if s.Before.Enums[name] == nil {
				c.enums[name] = append(c.enums[name], i)
			}
		}
	}
	for i := range sources {
		from := len(c.out)
		c.source(i)
		slices.SortStableFunc(c.out[from:], func(a, b Difference) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Object, b.Object), cmp.Compare(a.What, b.What))
		})
	}
	return c.out
}

// comparison is one in progress. Names are looked up where they are new.
type comparison struct {
	sources []Source
	tables  map[string][]int
	enums   map[string][]int
	out     []Difference
}

// maxDifferences bounds what is told of one change.
const maxDifferences = 5_000

func (c *comparison) add(d Difference) {
	if len(c.out) < maxDifferences {
		c.out = append(c.out, d)
	}
}

func (c *comparison) source(i int) {
	s := c.sources[i]
	if s.Before.From != "" && s.After.From != "" && s.Before.From != s.After.From {
		c.add(Difference{OtherProduct, s.Path, s.After.Line, false, s.After.From, "it was " + s.Before.From})
	}
	for name, old := range s.Before.Tables {
		now, at := s.After.Tables[name], i
		if now == nil {
			if at = c.moved(i, c.tables[name]); at < 0 {
				c.add(Difference{TableGone, s.Path, old.Line, true, old.Shown, ""})
				continue
			}
			now = c.sources[at].After.Tables[name]
		}
		c.table(s.Path, c.sources[at].Path, old, now)
	}
	for name, old := range s.Before.Enums {
		now := s.After.Enums[name]
		if now == nil {
			if at := c.moved(i, c.enums[name]); at >= 0 {
				now = c.sources[at].After.Enums[name]
			}
		}
		if now == nil {
			continue // its columns have another type, or are gone
		}
		for value, line := range old.Values {
			if _, ok := now.Values[value]; !ok {
				c.add(Difference{ValueGone, s.Path, line, true, old.Shown + "." + value, ""})
			}
		}
	}
}

// maxPlaces bounds the files in which a declaration is looked for.
const maxPlaces = 50

// moved is the file, of those given, to which a declaration of file i can have
// moved, -1 for none.
func (c *comparison) moved(i int, to []int) int {
	from := c.sources[i]
	for _, k := range to[:min(len(to), maxPlaces)] {
		s := c.sources[k]
		a, b := path.Dir(from.Path), path.Dir(s.Path)
		if !place.SameEnvironment(from.Path, s.Path) || place.Aside(b) && !place.Aside(a) {
			continue
		}
		if place.Within(a, b) || path.Dir(a) == path.Dir(b) || from.Gone {
			return k
		}
	}
	return -1
}

// table compares one that stayed. What it was stands in the file at from, what it
// is in the one at to.
func (c *comparison) table(from, to string, old, now *Table) {
	for name, was := range old.Columns {
		is := now.Columns[name]
		object := old.Shown + "." + was.Shown
		if is == nil {
			if !now.Open {
				c.add(Difference{ColumnGone, from, was.Line, true, object, ""})
			}
			continue
		}
		if !was.Type.Keeps(is.Type) {
			c.add(Difference{TypeChanged, to, is.Line, false, object, "from " + was.Type.String() + " to " + is.Type.String()})
		}
		if is.Required && !was.Required {
			c.add(Difference{MustBeGiven, to, is.Line, false, object, ""})
		}
		if is.Unique > 0 && was.Unique == 0 {
			c.add(Difference{MustDiffer, to, is.Unique, false, object, ""})
		}
	}
	for name, is := range now.Columns {
		if old.Columns[name] == nil && is.Required && !is.Filled && !old.Open && len(old.Columns) > 0 {
			c.add(Difference{MustBeGiven, to, is.Line, false, old.Shown + "." + is.Shown, "it is new, and has no default"})
		}
	}
	c.keys(from, to, old, now)
}

func (c *comparison) keys(from, to string, old, now *Table) {
	for key, line := range now.Unique {
		if old.Unique[key] == 0 && allThere(old, key) {
			c.add(Difference{MustDiffer, to, line, false, now.Shown, key})
		}
	}
	for key, line := range old.Indexes {
		if allThere(now, key) && !now.finds(key) {
			c.add(Difference{IndexGone, from, line, true, old.Shown, key})
		}
	}
}

// finds says whether an index begins with the columns of a key: it serves who looked
// for them.
func (t *Table) finds(key string) bool {
	for _, keys := range [...]map[string]int{t.Indexes, t.Unique} {
		if keys[key] != 0 {
			return true
		}
		for other := range keys {
			if strings.HasPrefix(other, key+",") {
				return true
			}
		}
	}
	return false
}

// allThere says whether a table has all columns of a key: over others there are
// no rows yet, or none any more.
func allThere(t *Table, key string) bool {
	for name := range strings.SplitSeq(key, ",") {
		if t.Columns[name] == nil {
			return false
		}
	}
	return true
}
