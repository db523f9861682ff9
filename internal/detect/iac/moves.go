package iac

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/place"
)

// lost is a resource that its file declares no more.
type lost struct {
	key, path string
	name      string
	resource  *cloud.Resource
}

// placed is a resource and the file that declares it.
type placed struct {
	*cloud.Resource
	path string
}

// on is what a resource of Bicep's says it is on: a symbol, of a loop one of many.
func (l *lost) on() string {
	symbol, _, _ := strings.Cut(l.resource.Body.Get("scope").Str(), "[")
	return symbol
}

// whole is what the files of a change declare together.
type whole struct {
	lost    []lost
	kept    map[string]placed // after the change, in files that are in use
	aside   map[string]placed // in those that are not
	loose   map[string]bool   // types of which more names are known to nobody than before
	aliases map[string]bool   // keys and names that something has after
}

// DetectChange reports what no file declares any more, and what came back in
// another file but worse. A name that is made when the program runs may be that
// of what is gone: of its type, nothing counts as deleted.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	w := whole{kept: map[string]placed{}, aside: map[string]placed{}, loose: map[string]bool{}, aliases: map[string]bool{}}
	for i := range c.Files {
		w.file(&c.Files[i])
	}
	symbols := map[string]bool{}
	for _, l := range w.lost {
		symbols[l.path+"\x00"+l.resource.Address] = true
	}
	for _, l := range w.lost {
		now, here := w.kept[l.key]
		if !here && place.Aside(path.Dir(l.path)) {
			now, here = w.aside[l.key]
		}
		typ, _, _ := strings.Cut(l.key, "\x00")
		switch {
		case here:
			report(moved(l.resource, now.Resource), now.path, r)
		case w.aliases[l.key], l.name != "" && w.aliases[l.name], w.loose[typ]:
		case symbols[l.path+"\x00"+l.on()] && !cloud.Stateful(l.resource.Type):
			// a lock that goes with what it is on, which is judged for itself
		default:
			report(cloud.Compare(l.resource, nil), l.path, r)
		}
	}
}

// moved is what is worse about a resource in the file where it is now, beyond
// what is said there of each that is new.
func moved(before, after *cloud.Resource) []cloud.Finding {
	known := map[cloud.Finding]bool{}
	for _, f := range cloud.Compare(nil, after) {
		known[f] = true
	}
	var out []cloud.Finding
	for _, f := range cloud.Compare(before, after) {
		if known[f] {
			continue
		}
		if f.Removed { // its line is one of another file
			f.Removed, f.Line = false, after.Line
		}
		out = append(out, f)
	}
	return out
}

// file notes what one file declares no more, and what it declares now. One that
// cannot be read is reported where it is looked at for itself.
func (w *whole) file(f *change.File) {
	front, from := frontEnd(f.Path), frontEnd(previous(f))
	aside := place.Aside(path.Dir(f.Path))
	switch {
	case front == nil && from == nil:
		return
	case withdrawn(f, aside || front == nil):
		front = nil // nobody deploys what lies there: it is gone
	case f.Before.Body == f.After.Body && f.Before.State == f.After.State:
		return
	}
	var before, after *declared
	if err := bound.Catch(func() { before, after = side(from, previous(f), f.Before), side(front, f.Path, f.After) }); err != nil {
		return
	}
	if before == nil || after == nil {
		return
	}
	for _, key := range sorted(before.resources) {
		if after.resources[key] == nil {
			w.lost = append(w.lost, lost{key, previous(f), before.names[key], before.resources[key]})
		}
	}
	kept := w.kept
	if aside {
		kept = w.aside
	}
	for key, res := range after.resources {
		if before.resources[key] == nil {
			kept[key] = placed{res, f.Path}
		}
	}
	if aside {
		return
	}
	for _, old := range after.aliases {
		w.aliases[old] = true
	}
	for _, name := range after.names {
		w.aliases[name] = true
	}
	for typ, n := range after.loose {
		w.loose[typ] = w.loose[typ] || n > before.loose[typ]
	}
}

// withdrawn says whether a file is renamed to where it is not what it was: out of
// use, or of another environment.
func withdrawn(f *change.File, aside bool) bool {
	from := previous(f)
	if from == f.Path || f.Status == change.Copied {
		return false
	}
	return aside && !place.Aside(path.Dir(from)) || !place.SameEnvironment(from, f.Path)
}

// side is what one side declares: nil where it cannot be read.
func side(front reader, file string, t change.Text) *declared {
	if front == nil {
		return newDeclared()
	}
	d, err := read(front, file, t)
	if err != nil {
		return nil
	}
	return d
}

func previous(f *change.File) string {
	if f.PreviousPath != "" {
		return f.PreviousPath
	}
	return f.Path
}
