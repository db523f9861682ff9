package kubernetes

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
)

// held is an object in a file of the change.
type held struct {
	*object
	file *change.File
	from string // where the file was before
	env  string // place.Key of that

	within map[string]bool // the directives of a template on which it hangs
}

// whereabouts names what one thing may be, to be found without looking at all:
// the same object in the same environment.
func (h held) whereabouts() string { return h.env + "\n" + h.identity() }

// DetectChange reports the objects that the change takes away. One that
// another file holds now is compared with what it was.
func (d detector) DetectChange(c *change.Change, r *detect.Report) {
	gone := map[string][]held{}
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && f.Status != change.Copied && f.After.State != change.Unreadable &&
			f.Before.State == change.Loaded {
			losses(gone, f)
		}
	}
	unlisted(c, gone, r)
	if len(gone) == 0 {
		return
	}
	now, names, lists := map[string][]held{}, namesOf(gone), listsOf(c)
	for i := range c.Files {
		if f := &c.Files[i]; applied(f.Path) && isManifest(f.After, f.Path) {
			keep(now, gone, names, f)
		}
	}
	ids := make([]string, 0, len(gone))
	for id := range gone {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		for _, o := range gone[id] {
			judge(o, now[o.whereabouts()], lists, r)
		}
	}
}

// identity is what makes two objects of different files one.
func (o *object) identity() string {
	return o.group + "/" + o.kind + "/" + o.namespace + "/" + o.name
}

// applied says whether a file of that name is applied as it is, by people or
// by a chart. Helm leaves out files whose names start with an underscore.
func applied(p string) bool {
	base := path.Base(p)
	return wanted(p) && path.Ext(p) != ".tpl" && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "_")
}

// losses files the objects that are not where they were. A file that is
// renamed keeps its objects, as long as whoever applied it certainly still does.
func losses(gone map[string][]held, f *change.File) {
	if !applied(previous(f)) || !isManifest(f.Before, previous(f)) {
		return
	}
	seen := *f
	if !applied(f.Path) || !place.SameEnvironment(previous(f), f.Path) || !together(previous(f), f.Path) {
		seen.After = change.NoText() // for whom it was, it is not any more
	} else if f.Before.State == f.After.State && f.Before.Body == f.After.Body {
		return
	}
	before, after, err := changedObjects(&seen)
	if err != nil {
		return // an unreadable file is reported by Detect
	}
	still := map[string]bool{}
	for _, o := range after {
		still[o.id()] = still[o.id()] || !inert(o)
	}
	for id := range renames(before, after) {
		still[id] = true
	}
	env, had := place.Key(previous(f)), enclosuresOf(f.Before.Body)
	lose := func(o *object) {
		if !inert(o) && o.kind != jsonPatch && (o.kind != "Kustomization" || isFlux(o)) {
			o.path = f.Path
			gone[o.identity()] = append(gone[o.identity()], held{object: o, file: f, from: previous(f), env: env, within: had.around(o)})
		}
	}
	for _, o := range before {
		if !still[o.id()] {
			lose(o)
		}
	}
	if seen.After.State == change.Loaded {
		for _, o := range shutIn(&seen) {
			lose(o)
		}
	}
}

// keep notes where the lost objects are now.
func keep(now, gone map[string][]held, names nameSet, f *change.File) {
	var docs []document
	for _, d := range documents(f.Path, f.After.Body) {
		if names.mayStandIn(d.text) {
			docs = append(docs, d)
		}
	}
	after, err := objects(f.Path, docs)
	if err != nil {
		return
	}
	env, within := place.Key(f.Path), enclosuresOf(f.After.Body)
	for _, o := range after {
		h := held{object: o, file: f, from: f.Path, env: env}
		if at := h.whereabouts(); len(gone[o.identity()]) > 0 && len(now[at]) <= maxPairs { // more are too many
			h.within = within.around(o)
			now[at] = append(now[at], h)
		}
	}
}

// nameSet is the names of the lost objects, so that only documents in which
// one stands are parsed. All says that a name is not one plain word.
type nameSet struct {
	words    map[string]bool
	all      bool
	template bool // a name is filled in by a template
}

func namesOf(gone map[string][]held) nameSet {
	s := nameSet{words: map[string]bool{}}
	for _, list := range gone {
		name := list[0].name
		s.words[name] = true
		s.template = s.template || strings.Contains(name, "TPL")
		s.all = s.all || name == "" || strings.IndexFunc(name, func(r rune) bool { return r > 127 || !nameByte[byte(r)] }) >= 0
	}
	return s
}

// nameByte marks the bytes of which names are made.
var nameByte = func() (set [256]bool) {
	for c := range set {
		set[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':'
	}
	return set
}()

func (s nameSet) mayStandIn(text string) bool {
	if s.all || s.template && isTemplated(text) {
		return true
	}
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && nameByte[text[i]] {
			continue
		}
		if start < i && s.words[text[start:i]] {
			return true
		}
		start = i + 1
	}
	return false
}

// maxPairs is with how many objects one that is lost is compared.
const maxPairs = 20

// judge compares a lost object with those that may be it now, and reports it
// as deleted where none of them certainly is.
func judge(lost held, now []held, lists kustomizations, r *detect.Report) {
	stays, pairs := false, 0
	for _, o := range now {
		if pairs++; pairs > maxPairs {
			r.Add(detect.Observation{Kind: kinds.unreadable, Path: lost.path, Line: lost.body.At(), Removed: true, Bound: true,
				Object: lost.label(), Detail: fmt.Sprintf("held by more files than the %d that it is compared with", maxPairs)})
			break
		}
		if lost.file != o.file || lost.from != o.file.Path { // what a file says of itself, Detect compares
			moved(lost, o, r)
		}
		stays = stays || lists.certain(lost, o)
	}
	if kind := removal(lost.object); kind != nil && !stays && !passing(lost.object) {
		r.Add(detect.Observation{Kind: kind, Path: lost.path, Line: lost.body.At(), Removed: true, Object: lost.label()})
	}
}

// certain says that two objects of one identity are one thing in the cluster:
// whoever applies the file in which it was applies the one in which it is, and
// what is there now is the object and not a patch to it. In a template the
// directives around it may decide it.
func (k kustomizations) certain(lost, now held) bool {
	return together(lost.from, now.file.Path) && k.take(now.file.Path) && !inert(now.object) &&
		(!lost.body.Has("spec") || now.body.Has("spec")) && noMore(now.within, lost.within)
}

// moved compares an object with what it is in the file that holds it now.
// What that file's own comparison reports of every new object is left to it.
func moved(before, after held, r *detect.Report) {
	news := map[detect.Observation]bool{}
	if !strings.Contains(after.file.Before.Body, after.name) {
		fresh := detect.NewReport(after.file.Path)
		compare(nil, after.object, fresh)
		for _, o := range fresh.Observations() {
			news[o] = true
		}
	}
	one := detect.NewReport(after.file.Path)
	compare(before.object, after.object, one)
	for _, o := range one.Observations() {
		if news[o] {
			continue
		}
		if o.Removed { // its line is in another file: it is shown where it is missing
			o.Removed, o.Line = false, after.body.At()
		}
		r.Add(o)
	}
	r.Hidden += one.Hidden
}
