// Package tool knows what commands can destroy: a table of command line tools,
// their verbs and flags, in files (tools/*.yaml) that a person edits and that a
// rules file can add to.
//
// A row says which commands it is about and which kind of observation of the
// detector of commands each of them is. The first row of a tool that fits a
// command decides; the rows of a rules file come before those that are built in,
// and can add to what is seen but never take from it: see Table.With.
package tool

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/keyword"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// Tool is one program, or several that are told the same.
type Tool struct {
	Name string   `yaml:"tool" json:"tool"`
	Also []string `yaml:"also,omitempty" json:"also,omitempty"`
	// Global are flags that take the word behind them, so that it is no verb.
	Global []string `yaml:"global,omitempty" json:"global,omitempty"`
	// Parts has a word that is a list, a,b or a/b, fit by any of its parts.
	Parts bool `yaml:"parts,omitempty" json:"parts,omitempty"`
	// Like is what rows say that leave it out: kind, spare, production and object.
	Like *Row  `yaml:"like,omitempty" json:"-"`
	Rows []Row `yaml:"rows" json:"rows"`
}

// Row is one kind of command of a tool. All that it says must hold.
type Row struct {
	// Verbs are the first words that are no flags, with blanks between: a|b is one
	// of two, * any part of a word, ** any number of words.
	Verbs string `yaml:"verbs,omitempty" json:"verbs,omitempty"`
	// With is what must stand among the arguments: a|b one of two. What begins
	// with a dash is a flag, -f=value one with a value; else it is a word, in
	// which * is any part.
	With []string `yaml:"with,omitempty" json:"with,omitempty"`
	// Without is what excuses, written the same way.
	Without []string `yaml:"without,omitempty" json:"without,omitempty"`
	// Says are parts of the whole command in lower case, in any place, and with
	// what it is given to read: a|b one of two.
	Says []string `yaml:"says,omitempty" json:"says,omitempty"`
	// Unsaid are those that excuse.
	Unsaid []string `yaml:"unsaid,omitempty" json:"unsaid,omitempty"`
	// Only are parts of the paths of addresses, or "local": all addresses that
	// the command names are of one of these.
	Only []string `yaml:"only,omitempty" json:"-"`
	// Reads has what a command is told be read: paths, places, sql, refs.
	Reads string `yaml:"reads,omitempty" json:"reads,omitempty"`

	// Kind is what it is, without the detector's name; "none" for what is
	// harmless.
	Kind string `yaml:"kind,omitempty" json:"kind,omitempty"`
	// Spare is what it is where the object is for tests or a preview.
	Spare string `yaml:"spare,omitempty" json:"spare,omitempty"`
	// Production is what it is where production is named.
	Production string `yaml:"production,omitempty" json:"production,omitempty"`
	// Lost is what is lost, a clause.
	Lost string `yaml:"lost,omitempty" json:"lost,omitempty"`
	// Object is what it happens to: rest (the words behind the verbs; the default),
	// type (the last verb and them), words, tool, last, url, with (what With
	// named), says, or a text of its own.
	Object string `yaml:"object,omitempty" json:"object,omitempty"`
	// Detail is how it is said; the tool and its verbs where it is left out.
	Detail string `yaml:"detail,omitempty" json:"detail,omitempty"`

	// Fires are commands that it is about, and Quiet ones that are close and
	// that it is not.
	Fires []string `yaml:"fires" json:"-"`
	Quiet []string `yaml:"quiet" json:"-"`
}

// Match is a row that fits a command.
type Match struct {
	Row    *Row
	Kind   string // the row's, or what it comes to for this object
	Object string
	Detail string
}

// Table is a set of tools. It never changes.
type Table struct {
	tools  []*Tool
	byName map[string][]*Tool // by names in lower case
	any    []*Tool            // whatever the program is called
	added  *Table             // an organisation's own

	flat   sync.Once
	list   []string
	anyone func() *keyword.Matcher // of what the rows of any say
}

// Anything is the name of a tool whose rows are about commands of any program.
const Anything = "*"

// New makes a table of tools.
func New(tools []*Tool) *Table {
	t := &Table{tools: tools, byName: map[string][]*Tool{}}
	t.anyone = sync.OnceValue(func() *keyword.Matcher { return keyword.New(t.ownSays()) })
	for _, one := range tools {
		if one.Name == Anything {
			t.any = append(t.any, one)
			continue
		}
		for _, name := range append([]string{one.Name}, one.Also...) {
			t.byName[fold(name)] = append(t.byName[fold(name)], one)
		}
	}
	return t
}

// With is the table with tools of an organisation's own. What they find is found
// as well: a row of theirs hides none that is built in.
func (t *Table) With(tools []*Tool) *Table {
	if len(tools) == 0 {
		return t
	}
	return &Table{tools: t.tools, byName: t.byName, any: t.any, anyone: t.anyone, added: New(tools)}
}

// Knows reports whether a program is in the table.
func (t *Table) Knows(name string) bool {
	return len(t.byName[fold(name)]) > 0 || t.added != nil && t.added.Knows(name)
}

// Names are the programs of the table in lower case.
func (t *Table) Names() []string {
	t.flat.Do(func() {
		for name := range t.byName {
			t.list = append(t.list, name)
		}
		if t.added != nil {
			t.list = append(t.list, t.added.Names()...)
		}
	})
	return t.list
}

// Says are parts of commands that are told by them alone, whatever the program:
// of each row the longest.
func (t *Table) Says() []string {
	out := t.ownSays()
	if t.added != nil {
		out = append(out, t.added.Says()...)
	}
	return out
}

func (t *Table) ownSays() []string {
	var out []string
	for _, one := range t.any {
		for _, row := range one.Rows {
			longest := ""
			for _, part := range row.Says {
				if part = strings.TrimSpace(part); len(part) > len(longest) {
					longest = part
				}
			}
			out = append(out, strings.Split(longest, "|")...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Tools are the tools of the table, in the order of their files.
func (t *Table) Tools() []*Tool { return t.tools }

// readerOf reads texts with the names of a table as programs.
func readerOf(t *Table) *shell.Reader { return &shell.Reader{Programs: t.Knows} }

// fold is a program's name as it is looked up: PowerShell takes any case.
func fold(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".exe") }

// Match is what a command does, one match for each thing that it does it to. Of
// a tool's rows the first that fits counts.
func (t *Table) Match(c *shell.Command) []Match {
	if len(c.Words) == 0 {
		return nil
	}
	return t.match(newCall(c), nil)
}

func (t *Table) match(call *call, out []Match) []Match {
	for _, one := range t.named(call.name) {
		out = append(out, one.match(call)...)
	}
	framework := false
	for _, one := range t.perhaps(call.low) {
		if one.Like != nil && framework { // rows of one sort, under several heads: the first that fits
			continue
		}
		found := one.match(call)
		framework = framework || one.Like != nil && len(found) > 0
		out = append(out, found...)
	}
	if t.added != nil {
		out = t.added.match(call, out)
	}
	return out
}

// perhaps are the tools of any name, where a command holds a part of what one of
// their rows says.
func (t *Table) perhaps(low string) []*Tool {
	if len(t.any) == 0 {
		return nil
	}
	found := false
	t.anyone().Find(low, func(int32, int) { found = true })
	if !found {
		return nil
	}
	return t.any
}

// named are the tools of that name, which the shell may have to complete:
// /usr/bin/terra*.
func (t *Table) named(name string) []*Tool {
	name = fold(name)
	if len(name) < 4 || !strings.ContainsAny(name, "*?") {
		return t.byName[name]
	}
	var out []*Tool
	for _, one := range t.tools {
		if one.Name != Anything && glob(name, fold(one.Name)) {
			out = append(out, one)
		}
	}
	return out
}

func (t *Tool) match(c *call) []Match {
	c.parse(t)
	for i := range t.Rows {
		row := &t.Rows[i]
		if !row.fits(t, c) {
			continue
		}
		if row.Kind == "none" {
			return nil
		}
		if row.Reads != "" {
			if found := row.read(c); len(found) > 0 {
				return found
			}
			continue
		}
		return []Match{row.found(c)}
	}
	return nil
}
