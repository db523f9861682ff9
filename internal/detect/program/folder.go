package program

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// removers are names of calls that remove a folder with all that is in it; those
// that remove a single file as well must say that they go into it.
var removers = setOf(`rmtree removeall rmsync rm rmdirsync rmdir rimraf rimrafsync removesync remove emptydir emptydirsync rmrf rmr
	removedirall deletedirectory deletequietly deleterecursively cleandirectory forcedelete removeentry removedir delete del sync
	removetree deletedir unlink deldir removeentrysecure removeitem`)

// vague are those of them that many other things are called by.
var vague = setOf("rm rmdir rmsync rmdirsync remove delete del sync unlink removeitem")

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		out[name] = true
	}
	return out
}

// folder finds that a home, a system folder or data is removed.
func (r *reader) folder(c *call, f func(hit)) {
	if !removers[c.name] || len(c.args) == 0 || r.memory || vague[c.name] && !c.deep() {
		return
	}
	to := r.place(c.args, 0)
	kind := ""
	if to != "" {
		kind = tool.Removed(to)
	}
	if kind != "delete-root" && kind != "delete-data" {
		return
	}
	f(hit{kind: named[kind], line: c.line, object: to, detail: r.at(c.from).Text + "()", text: r.text(c), spare: r.inside(c.from)})
}

// deep tells whether a call goes into folders.
func (c *call) deep() bool {
	deep := false
	c.pairs(func(k, v string) { deep = deep || k == "recursive" && v == "true" })
	if n := len(c.args); n > 2 && c.args[n-1].Is("true") && (len(c.chain) > 0 && c.chain[0] == "directory") {
		return true
	}
	return deep || len(c.chain) > 0 && c.chain[0] == "rimraf"
}

// homes are names by which a program asks for somebody's home.
var homes = map[string]bool{"homedir": true, "userhomedir": true, "home": true, "gethomedir": true, "userprofile": true, "homepath": true}

// maxGiven is how many names are followed to what they were given.
const maxGiven = 4

// place is the path that an expression comes to, empty where that is not known.
func (r *reader) place(toks []source.Token, depth int) string {
	parts := r.placeParts(toks, depth)
	if len(parts) == 0 || parts[0] == unknown || parts[0] == "" {
		return ""
	}
	for i, p := range parts {
		if p == unknown || p == "" {
			parts[i] = "x"
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return path.Join(parts...)
}

// unknown stands for a part of a path of which nothing is known.
const unknown = "\x00"

// placeParts are the parts that an expression puts together.
func (r *reader) placeParts(toks []source.Token, depth int) (parts []string) {
	level := 0
	for i := 0; i < len(toks) && i < 60; i++ {
		switch t := toks[i]; {
		case t.Is("("), t.Is("["):
			level++
		case t.Is(")"), t.Is("]"):
			level--
		case level <= 0 && (t.Is(",") || t.Kind == source.Newline && i > 0), t.Is("{"), t.Is(";"):
			return parts
		case t.Kind == source.String:
			parts = append(parts, stringPart(t.Text))
		case t.Kind == source.Name:
			if part, is := r.namePart(toks, i, depth); is {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// namePart is what a name stands for in a path, if it is a part of it.
func (r *reader) namePart(toks []source.Token, i, depth int) (string, bool) {
	t := toks[i]
	switch {
	case homes[fold(t.Text)]:
		return "~", true
	case i+1 < len(toks) && (toks[i+1].Is(".") || toks[i+1].Is("(") || toks[i+1].Is(":")), plainWords[t.Text]:
		return "", false
	}
	at, ok := r.given[t.Text]
	if !ok || depth >= maxGiven || i > 0 && toks[i-1].Is(".") {
		return unknown, true
	}
	return r.place(r.toks[at:min(len(r.toks), at+40)], depth+1), true
}

// stringPart is a part of a path: one that names a home by a variable is it.
func stringPart(text string) string {
	switch strings.ToLower(text) {
	case "home", "userprofile", "user.home":
		return "~"
	}
	if strings.HasPrefix(text, "${") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "#{") {
		low := strings.ToLower(text)
		if strings.Contains(low, "homedir()}") || strings.Contains(low, "env.home}") || strings.Contains(low, `env["home"]`) {
			_, rest, _ := strings.Cut(text, "}")
			return "~" + rest
		}
		return unknown
	}
	return text
}

// plainWords stand in expressions and name nothing.
var plainWords = map[string]bool{"await": true, "new": true, "str": true, "String": true, "recursive": true, "force": true, "true": true,
	"True": true, "ignore_errors": true, "err": true, "path": true}
