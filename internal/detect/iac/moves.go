package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

// lost is a resource that its file declares no more.
type lost struct {
	key, path string
	name      string
	resource  *cloud.Resource
}

// on is what a resource of Bicep's says it is on: a symbol, of a loop one of many.
func (l *lost) on() string {
	symbol, _, _ := strings.Cut(l.resource.Body.Get("scope").Str(), "[")
	return symbol
}

// whole is what the files of a change declare together.
type whole struct {
	lost    []lost
	kept    map[string]*cloud.Resource // after the change, in any file
	at      map[string]string          // in which
	loose   map[string]bool            // types of which more names are known to nobody than before
	aliases map[string]bool            // keys and names that something has after
}

// DetectChange reports what no file declares any more, and what came back in
// another file but worse. A name that is made when the program runs may be that
// of what is gone: of its type, nothing counts as deleted.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	w := whole{kept: map[string]*cloud.Resource{}, at: map[string]string{}, loose: map[string]bool{}, aliases: map[string]bool{}}
	for i := range c.Files {
		w.file(&c.Files[i])
	}
	symbols := map[string]bool{}
	for _, l := range w.lost {
		symbols[l.path+"\x00"+l.resource.Address] = true
	}
	for _, l := range w.lost {
		now := w.kept[l.key]
		typ, _, _ := strings.Cut(l.key, "\x00")
		switch {
		case now != nil:
			report(moved(l.resource, now), w.at[l.key], r)
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
	front := frontEnd(f.Path)
	from := frontEnd(previous(f))
	if front == nil && from == nil || f.Before.Body == f.After.Body && f.Before.State == f.After.State {
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
	for key, res := range after.resources {
		if before.resources[key] == nil {
			w.kept[key], w.at[key] = res, f.Path
		}
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
