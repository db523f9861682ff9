package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// frame is a directive of a template on which what stands between it and its end
// hangs; up is the one around it.
type frame struct {
	words string
	up    *frame
}

// enclosures are, by line from 1, the innermost directive around it; nil where the
// text is no template.
type enclosures []*frame

// maxEnclosed bounds how many directives around a line are told apart. Past it, all
// further ones are one.
const maxEnclosed = 50

// enclosuresOf reads which lines of a template hang on which directives.
func enclosuresOf(text string) enclosures {
	if !isTemplated(text) {
		return nil
	}
	out := enclosures{nil}
	var top *frame
	line := func(s string) {
		for range strings.Count(s, "\n") {
			out = append(out, top)
		}
	}
	out = append(out, nil)
	for {
		before, rest, found := strings.Cut(text, "{{")
		line(before)
		if !found {
			return out
		}
		directive, after, _ := strings.Cut(rest, "}}")
		top = top.at(strings.Fields(strings.Trim(directive, "- \t\r\n")))
		line(directive)
		text = after
	}
}

// at is the innermost directive behind another one.
func (f *frame) at(words []string) *frame {
	if len(words) == 0 {
		return f
	}
	switch words[0] {
	case "if", "with", "range", "define", "block":
		return &frame{strings.Join(words, " "), f}
	case "else":
		if f == nil {
			return nil
		}
		return &frame{f.words + " " + strings.Join(words, " "), f.up}
	case "end":
		if f != nil {
			return f.up
		}
	}
	return f
}

// around are the directives on which any part of an object hangs by which it is
// one.
func (e enclosures) around(o *object) map[string]bool {
	var out map[string]bool
	parts := [...]int{o.body.At(), o.body.Get("kind").At(), o.body.Get("metadata").At(), o.body.Get("metadata", "name").At()}
	var last *frame
	for _, at := range parts {
		if at <= 0 || at >= len(e) || e[at] == nil || e[at] == last {
			continue
		}
		last = e[at]
		depth := 0
		for f := last; f != nil; f = f.up {
			if depth++; depth > maxEnclosed {
				out = with(out, "…")
				break
			}
			out = with(out, f.words)
		}
	}
	return out
}

func with(set map[string]bool, word string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[word] = true
	return set
}

func noMore(now, had map[string]bool) bool {
	for c := range now {
		if !had[c] {
			return false
		}
	}
	return true
}

// shutIn are the objects of a file that are where they were and hang on a
// directive on which they did not: it may leave them out.
func shutIn(f *change.File) []*object {
	within := enclosuresOf(f.After.Body)
	if within == nil {
		return nil
	}
	before, err := objects(previous(f), documents(previous(f), f.Before.Body))
	if err != nil {
		return nil
	}
	after, err := objects(f.Path, documents(f.Path, f.After.Body))
	if err != nil {
		return nil // an unreadable file is reported by Detect
	}
	had, now := enclosuresOf(f.Before.Body), map[string][]map[string]bool{}
	for _, o := range after {
		now[o.id()] = append(now[o.id()], within.around(o))
	}
	var out []*object
	for _, o := range before {
		stays, was := false, map[string]bool(nil)
		for i, is := range now[o.id()] {
			if i == 0 {
				was = had.around(o)
			}
			if stays = i < maxPairs && noMore(is, was); stays || i == maxPairs { // more are too many
				break
			}
		}
		if !stays && len(now[o.id()]) > 0 {
			out = append(out, o)
		}
	}
	return out
}
