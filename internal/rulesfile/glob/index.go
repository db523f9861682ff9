package glob

import (
	"slices"
	"strings"
)

// Index answers for many sets at once which of them hold a path. Each pattern
// is filed under something that a path which it matches must have: its name,
// its extension, one of its folders. Only what is filed under what a path has
// is compared with it.
type Index struct {
	sets []*Set

	byPath  map[string][]ref // the whole path
	byName  map[string][]ref // the last segment
	byExt   map[string][]ref // the last segment's last extension, with its dot
	byDir   map[string][]ref // any segment
	byRoot  map[string][]ref // the first segment
	byStart [256][]ref       // the first byte of the last segment
	rest    []ref
}

// ref is one alternative of one of a set's patterns.
type ref struct {
	set int
	alt *alternative
}

// NewIndex files the patterns of sets. nil sets hold nothing.
func NewIndex(sets []*Set) *Index {
	x := &Index{
		sets: sets, byPath: map[string][]ref{}, byName: map[string][]ref{}, byExt: map[string][]ref{},
		byDir: map[string][]ref{}, byRoot: map[string][]ref{},
	}
	for i, s := range sets {
		if s == nil {
			continue
		}
		for k, p := range s.patterns {
			if s.negated[k] {
				continue
			}
			for a := range p.alts {
				x.file(ref{i, &p.alts[a]})
			}
		}
	}
	return x
}

func (x *Index) file(r ref) {
	a := r.alt
	dir, _, _ := strings.Cut(a.text, "/")
	switch a.shape {
	case literal:
		x.byPath[a.text] = append(x.byPath[a.text], r)
	case named:
		name := a.text[strings.LastIndexByte(a.text, '/')+1:]
		x.byName[name] = append(x.byName[name], r)
	case below, lastUnder:
		x.byRoot[dir] = append(x.byRoot[dir], r)
	case inFolder, lastFar, lastNear:
		x.byDir[dir] = append(x.byDir[dir], r)
	case lastIn:
		if dir != "" {
			x.byRoot[dir] = append(x.byRoot[dir], r)
		} else {
			x.fileByName(r, a.parts)
		}
	case lastAny:
		x.fileByName(r, a.parts)
	default:
		x.fileGeneral(r)
	}
}

// fileByName files a pattern of which only the last segment is known.
func (x *Index) fileByName(r ref, parts []string) {
	tail := parts[len(parts)-1]
	if i := strings.LastIndexByte(tail, '.'); i >= 0 {
		x.byExt[tail[i:]] = append(x.byExt[tail[i:]], r)
		return
	}
	if head := parts[0]; head != "" {
		x.byStart[head[0]] = append(x.byStart[head[0]], r)
		return
	}
	x.rest = append(x.rest, r)
}

func (x *Index) fileGeneral(r ref) {
	if i := strings.IndexByte(r.alt.first, '/'); i > 0 {
		x.byRoot[r.alt.first[:i]] = append(x.byRoot[r.alt.first[:i]], r)
		return
	}
	tail := r.alt.last[strings.LastIndexByte(r.alt.last, '/')+1:]
	if i := strings.LastIndexByte(tail, '.'); i >= 0 {
		x.byExt[tail[i:]] = append(x.byExt[tail[i:]], r)
		return
	}
	x.rest = append(x.rest, r)
}

// Match appends to found the numbers of the sets that hold path, in order and
// each once. folded is Fold(path).
func (x *Index) Match(path, folded string, found []int) []int {
	start := len(found)
	m := matching{path: folded, found: found, start: start}
	name := folded[strings.LastIndexByte(folded, '/')+1:]
	m.try(x.byPath[folded])
	m.try(x.byName[name])
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		m.try(x.byExt[name[i:]])
	}
	if name != "" {
		m.try(x.byStart[name[0]])
	}
	m.try(x.rest)
	for rest, root := folded, true; rest != ""; root = false {
		var segment string
		segment, rest, _ = strings.Cut(rest, "/")
		if root {
			m.try(x.byRoot[segment])
		}
		m.try(x.byDir[segment])
	}
	found = m.found
	if len(found)-start > 1 {
		slices.Sort(found[start:])
		found = found[:start+len(slices.Compact(found[start:]))]
	}
	kept := found[:start]
	for _, set := range found[start:] {
		if s := x.sets[set]; !s.takesOut || s.Match(path, folded) {
			kept = append(kept, set)
		}
	}
	return kept
}

// matching collects the sets of which some pattern matches.
type matching struct {
	path  string
	found []int
	start int
}

func (m *matching) try(refs []ref) {
	for i := range refs {
		r := &refs[i]
		// The same set often stands there several times in a row.
		if n := len(m.found); n > m.start && m.found[n-1] == r.set {
			continue
		}
		if r.alt.match(m.path) {
			m.found = append(m.found, r.set)
		}
	}
}
