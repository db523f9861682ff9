package glob

import (
	"regexp"
	"strings"
)

type shape uint8

const (
	never     shape = iota
	always          // **
	literal         // a/b.c
	below           // a/b/**
	named           // **/name, **/dir/name
	inFolder        // **/dir/**
	lastAny         // **/*x*.y: the last segment, in any folder
	lastIn          // a/b/*x*: the last segment, in this folder
	lastUnder       // a/b/**/*x*: the last segment, below this folder
	lastFar         // **/dir/**/*x*: the last segment, below such a folder
	lastNear        // **/dir/*x*: the last segment, in such a folder
	general         // by regular expression
)

// alternative is one pattern without braces, in the cheapest form that can
// match it.
type alternative struct {
	shape shape
	text  string   // a path, a name or a folder, by shape
	parts []string // of the last segment, between its stars
	first string   // general: a literal that every match begins with
	last  string   // general: a literal that every match ends with
	re    *regexp.Regexp
}

func (a *alternative) match(path string) bool {
	switch a.shape {
	case always:
		return true
	case literal:
		return path == a.text
	case below:
		return under(path, a.text)
	case named:
		return endsWithSegments(path, a.text)
	case inFolder:
		return hasSegments(path, a.text)
	case general:
		return strings.HasPrefix(path, a.first) && strings.HasSuffix(path, a.last) && a.re.MatchString(path)
	case never:
		return false
	}
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	if !matchParts(a.parts, name) {
		return false
	}
	switch a.shape {
	case lastIn:
		return dir == a.text
	case lastUnder:
		return under(dir, a.text)
	case lastFar:
		return hasSegments(dir, a.text)
	case lastNear:
		return endsWithSegments(dir, a.text)
	}
	return true // lastAny
}

func under(path, dir string) bool {
	return strings.HasPrefix(path, dir) && (len(path) == len(dir) || path[len(dir)] == '/')
}

func endsWithSegments(path, tail string) bool {
	return strings.HasSuffix(path, tail) && (len(path) == len(tail) || path[len(path)-len(tail)-1] == '/')
}

// hasSegments reports whether dir ("a" or "a/b") is among path's segments.
func hasSegments(path, dir string) bool {
	for from := 0; ; {
		i := strings.Index(path[from:], dir)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(dir)
		if (i == 0 || path[i-1] == '/') && (end == len(path) || path[end] == '/') {
			return true
		}
		from = i + 1
	}
}

// matchParts matches a name against the texts between a pattern's stars, in
// one pass: each is looked for behind the one before it.
func matchParts(parts []string, name string) bool {
	first, rest := parts[0], parts[1:]
	if len(rest) == 0 {
		return name == first
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	name = name[len(first):]
	for _, part := range rest[:len(rest)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, rest[len(rest)-1])
}

// compileAlternative picks the cheapest way to match a pattern without braces.
func compileAlternative(text string) (alternative, error) {
	if err := check(text); err != nil {
		return alternative{}, err // "{a,}" may leave an empty pattern
	}
	if onlyStars(text) {
		return alternative{shape: always}, nil
	}
	o := outlineOf(text)
	if !o.simple() {
		return compileGeneral(text)
	}
	dir := unescape(o.dir)
	if o.last == "**" {
		if o.deep {
			return alternative{shape: inFolder, text: dir}, nil
		}
		return alternative{shape: below, text: dir}, nil
	}
	parts := strings.Split(o.last, "*")
	exact := len(parts) == 1
	switch {
	case exact && !o.deep && !o.far:
		return alternative{shape: literal, text: join(dir, o.last)}, nil
	case exact && o.deep && !o.far:
		return alternative{shape: named, text: join(dir, o.last)}, nil
	}
	return alternative{shape: shapeOfLast(dir, o.deep, o.far), text: dir, parts: parts}, nil
}

// outline is a pattern taken apart: **/dir/**/last.
type outline struct {
	deep bool   // it begins with `**`
	dir  string // what stands between
	far  bool   // `**` right before the last segment
	last string
}

func outlineOf(text string) outline {
	var o outline
	segments := strings.Split(text, "/")
	for len(segments) > 1 && segments[0] == "**" {
		o.deep, segments = true, segments[1:]
	}
	o.last = segments[len(segments)-1]
	dirs := segments[:len(segments)-1]
	for len(dirs) > 0 && dirs[len(dirs)-1] == "**" {
		o.far, dirs = true, dirs[:len(dirs)-1]
	}
	o.dir = strings.Join(dirs, "/")
	return o
}

// simple reports whether a shape can match it without a regular expression.
func (o outline) simple() bool {
	if !plain(o.dir) || o.dir == "" && o.far {
		return false
	}
	if o.last == "**" {
		return !o.far
	}
	return !strings.ContainsAny(o.last, `?[\`)
}

// shapeOfLast is where the last segment lies, of which stars leave parts open.
func shapeOfLast(dir string, deep, far bool) shape {
	switch {
	case dir == "" && deep:
		return lastAny
	case deep && far:
		return lastFar
	case deep:
		return lastNear
	case far:
		return lastUnder
	}
	return lastIn
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
