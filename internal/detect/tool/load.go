package tool

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed tools/*.yaml names.yaml
var files embed.FS

// words are the lists of names.yaml, read once.
var words = sync.OnceValue(func() *names {
	n := &names{roots: map[string]bool{}, bare: map[string]bool{}}
	read("names.yaml", n)
	for _, r := range n.Roots {
		n.roots[r] = true
	}
	for _, b := range n.Bare {
		n.bare[b] = true
	}
	return n
})

// Shipped is the table that is built in. It panics where a file cannot be read,
// which a test of its examples would show.
var Shipped = sync.OnceValue(func() *Table {
	var tools []*Tool
	list, err := fs.Glob(files, "tools/*.yaml")
	if err != nil {
		panic("tool: " + err.Error())
	}
	for _, name := range list {
		var some []*Tool
		read(name, &some)
		for _, one := range some {
			one.fill()
		}
		tools = append(tools, some...)
	}
	return New(tools)
})

// Parse reads tools from a text as those of tools/ are written. What rows leave
// out is like a row that is given.
func Parse(text []byte, like Row) ([]*Tool, error) {
	var tools []*Tool
	if err := decode(text, &tools); err != nil {
		return nil, err
	}
	for _, one := range tools {
		one.Like = &like
		one.fill()
	}
	return tools, nil
}

// fill puts into rows what they leave out.
func (t *Tool) fill() {
	if t.Like == nil {
		return
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		r.Kind, r.Spare = cmp.Or(r.Kind, t.Like.Kind), cmp.Or(r.Spare, t.Like.Spare)
		r.Production, r.Object = cmp.Or(r.Production, t.Like.Production), cmp.Or(r.Object, t.Like.Object)
	}
}

func read(name string, into any) {
	text, err := files.ReadFile(name)
	if err == nil {
		err = decode(text, into)
	}
	if err != nil {
		panic(fmt.Sprintf("tool: %s: %s", name, err))
	}
}

func decode(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

// Check says what is wrong with a tool as it was written; nothing where it can be
// used. kinds are the kinds that a row may name.
func Check(t *Tool, kinds []string) []string {
	var out []string
	if t.Name == "" || len(t.Rows) == 0 {
		out = append(out, "a tool needs a name and rows")
	}
	for i := range t.Rows {
		out = append(out, t.checkRow(i, kinds)...)
	}
	return out
}

func (t *Tool) checkRow(i int, kinds []string) (out []string) {
	r := &t.Rows[i]
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("row %d of %s: ", i+1, t.Name)+fmt.Sprintf(format, args...))
	}
	if t.Name == Anything && len(r.Says) == 0 {
		say("of any program a row needs `says`")
	}
	for _, kind := range []string{r.Kind, r.Spare, r.Production} {
		if kind != "" && kind != "none" && !slices.Contains(kinds, kind) {
			say("there is no kind %q", kind)
		}
	}
	if r.Kind == "" && r.Reads != "paths" && r.Reads != "places" && r.Reads != "sql" {
		say("it needs a kind")
	}
	return append(out, t.checkExamples(i)...)
}

// checkExamples runs the examples of a row.
func (t *Tool) checkExamples(i int) (out []string) {
	r := &t.Rows[i]
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("row %d of %s: ", i+1, t.Name)+fmt.Sprintf(format, args...))
	}
	if len(r.Fires) == 0 && r.Kind != "none" || len(r.Quiet) == 0 {
		say("it needs an example that fires and one that does not")
	}
	for _, example := range r.Fires {
		if !t.seen(r, example) {
			say("%q must fire, and does not", example)
		}
	}
	for _, example := range r.Quiet {
		if r.Kind != "none" && t.seen(r, example) || r.Kind == "none" && len(New([]*Tool{t}).Text(example)) > 0 {
			say("%q must not fire, and does", example)
		}
	}
	return out
}

// seen reports whether a row is what an example comes to.
func (t *Tool) seen(r *Row, example string) bool {
	table := New([]*Tool{t})
	for _, m := range table.Text(example) {
		if m.Row == r {
			return true
		}
	}
	return false
}

// Text is what the commands of a text do.
func (t *Table) Text(text string) []Match {
	reader := readerOf(t)
	read := reader.Read(strings.TrimSpace(text), 1)
	var out []Match
	for i := range read.Commands {
		out = append(out, t.Match(&read.Commands[i])...)
	}
	return out
}
