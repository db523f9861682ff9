package program

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/detect/keyword"
)

// library is what the calls of one library destroy: calls/*.yaml.
type library struct {
	// Library is a name for people.
	Library string `yaml:"library"`
	// Signs are parts of a program in small letters of which one must be in it: an
	// import, a client. None: the names of the calls say enough.
	Signs []string `yaml:"signs"`
	Calls []row    `yaml:"calls"`
}

// row is one sort of call. All that it says must hold.
type row struct {
	// Call is the name, in small letters and without underscores: a|b is one of two,
	// and * any part.
	Call string `yaml:"call"`
	// On is a name that stands before it: a.b(c).CALL.
	On string `yaml:"on"`
	// Off is a name before it that excuses.
	Off string `yaml:"off"`
	// With are arguments: "key=value", "empty" for none that narrows, "firstempty" for a first
	// one that narrows nothing, or a part of one of its words; a|b one of two.
	With []string `yaml:"with"`
	// Without are arguments that excuse.
	Without []string `yaml:"without"`
	// Unless is a name of a call behind it that excuses.
	Unless string `yaml:"unless"`
	// Then is a name of a call that must follow.
	Then string `yaml:"then"`

	Kind string `yaml:"kind"`
	Lost string `yaml:"lost"`

	// Fires and Quiet are examples, each behind the ending of its language.
	Fires []string `yaml:"fires"`
	Quiet []string `yaml:"quiet"`
}

// setting is a key that has a framework do something to a database.
type setting struct {
	// Key is how the key ends, in small letters without signs: a|b is one of two.
	Key    string   `yaml:"key"`
	Values []string `yaml:"values"`
	// Signs are parts of a text of which one must be in it.
	Signs []string `yaml:"signs"`
	// Program has it be looked for in programs too.
	Program bool     `yaml:"program"`
	Kind    string   `yaml:"kind"`
	Lost    string   `yaml:"lost"`
	Fires   []string `yaml:"fires"`
	Quiet   []string `yaml:"quiet"`
}

// table is all that is known.
type table struct {
	libraries []library
	settings  []setting
	calls     map[string]bool // names without *
	globs     []string
}

var known = sync.OnceValue(func() *table {
	t := &table{calls: map[string]bool{}}
	list, err := fs.Glob(files, "calls/*.yaml")
	for _, name := range list {
		var text []byte
		if text, err = files.ReadFile(name); err != nil {
			break
		}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if name == "calls/settings.yaml" {
			err = decoder.Decode(&t.settings)
		} else {
			var some []library
			err = decoder.Decode(&some)
			t.libraries = append(t.libraries, some...)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
			break
		}
	}
	if err != nil {
		panic("program: " + err.Error()) // they are part of the build
	}
	for _, l := range t.libraries {
		for _, r := range l.Calls {
			for name := range strings.SplitSeq(r.Call, "|") {
				if strings.Contains(name, "*") {
					t.globs = append(t.globs, name)
				} else {
					t.calls[name] = true
				}
			}
		}
	}
	return t
})

// globbed tells whether a name fits a pattern of the table.
func (t *table) globbed(name string) bool {
	return slices.ContainsFunc(t.globs, func(g string) bool { return glob(g, name) })
}

// parts are what a text must hold a part of to be worth reading.
var parts = sync.OnceValue(func() *keyword.Matcher {
	return keyword.New([]string{"delete", "drop", "destroy", "remove", "purge", "truncate", "flush", "terminate", "rmtree", "rmsync", "rm_rf",
		"rimraf", "rmdir", "clean", "wipe", "clear", "reset", "obliterate", "synchroni", "force", "ddl", "hbm2", "dbcreate", "recreate",
		"empty", "sync", "alter", "downgrade", "rollback", "disable", "dataloss", "storage_down", "destructive",
		".del(", "update(",
		"executeupdate", "globalupdate", "if_exists", "$unset", "fresh", "refresh", "prune", "generation", "schedulekeydeletion", "rm(",
		".down", "nuke",
		"unset"})
})

// fits reports whether all that a row says holds for a call.
func (w *row) fits(c *call) bool {
	switch {
	case !one(w.Call, c.name):
		return false
	case w.On != "" && !slices.ContainsFunc(c.chain, func(n string) bool { return one(w.On, n) }):
		return false
	case w.Off != "" && slices.ContainsFunc(c.chain, func(n string) bool { return one(w.Off, n) }):
		return false
	case w.Unless != "" && slices.ContainsFunc(c.behind, func(n string) bool { return one(w.Unless, n) }):
		return false
	case w.Then != "" && !slices.ContainsFunc(c.behind, func(n string) bool { return one(w.Then, n) }):
		return false
	}
	for _, with := range w.With {
		if !c.has(with) {
			return false
		}
	}
	return !slices.ContainsFunc(w.Without, c.has)
}

// has reports whether one of several arguments is given.
func (c *call) has(list string) bool {
	for p := range strings.SplitSeq(list, "|") {
		key, value, keyed := strings.Cut(p, "=")
		switch {
		case p == "empty":
			if c.empty() {
				return true
			}
		case p == "firstempty":
			if first := c.first(); first.empty() && len(first.args) > 0 {
				return true
			}
		case keyed:
			found := false
			c.pairs(func(k, v string) { found = found || k == key && glob(value, v) })
			if found {
				return true
			}
		default:
			for _, t := range c.args {
				if strings.Contains(strings.ToLower(t.Text), p) {
					return true
				}
			}
		}
	}
	return false
}

// one reports whether a name fits one of several patterns.
func one(patterns, name string) bool {
	for p := range strings.SplitSeq(patterns, "|") {
		if glob(p, name) {
			return true
		}
	}
	return false
}

// glob compares a name with a pattern in which * is any part.
func glob(pattern, name string) bool {
	head, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == name
	}
	if !strings.HasPrefix(name, head) {
		return false
	}
	name = name[len(head):]
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(name, part)
		}
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name, rest = name[i+len(part):], more
	}
}

// judge says what a call destroys.
func (r *reader) judge(c *call, f func(hit)) {
	for i := range known().libraries {
		l := &known().libraries[i]
		for k := range l.Calls {
			w := &l.Calls[k]
			if !w.fits(c) || !r.signed(l.Signs) {
				continue
			}
			if w.Kind != "none" && !(r.migration && inMigrations[w.Kind]) {
				f(r.hit(c, w))
			}
			return
		}
	}
	r.folder(c, f)
	r.request(c, f)
}

// inMigrations are kinds that those see who read migrations.
var inMigrations = map[string]bool{"drop-schema": true, "drop-table": true, "delete-rows": true, "sync-schema": true,
	"update-rows": true}

func (r *reader) hit(c *call, w *row) hit {
	detail := r.at(c.from).Text + "()"
	if w.Lost != "" {
		detail += ": " + w.Lost
	}
	object := r.object(c)
	return hit{kind: named[w.Kind], line: c.line, object: object, detail: detail, text: r.text(c),
		spare: spared(object) || r.memory || r.inside(c.from)}
}
