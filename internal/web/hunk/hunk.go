// Package hunk cuts out of a file's two texts the lines that a reader has to see.
//
// # Contract
//
// A hunk is a few lines around one or more places, before and after, in the order of
// a diff. What reads as a secret is not in it, and its lines are numbered as the texts
// are. It is made of text only: which colour a part of a line has is a Class, and what
// of it the finding is about is marked. Whatever the texts are, the time is near linear
// in them, and what comes out is bounded.
package hunk

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/redact"
)

// Place is a line that a finding is about.
type Place struct {
	Line    int
	Removed bool   // it counts in the text before
	Object  string // what of the line it is about, as far as the line has it; empty: the line
}

// Line is one line of a hunk.
type Line struct {
	Kind     Kind
	Old, New int // numbers, from 1; 0: it is not on that side
	Marked   bool
	Spans    []Span
	Cut      bool // it is longer
}

// Kind says on which side a line stands.
type Kind byte

// The kinds.
const (
	Both    Kind = ' '
	Added   Kind = '+'
	Removed Kind = '-'
)

// Span is a part of a line.
type Span struct {
	Class  Class
	Text   string
	Marked bool // what a finding is about
}

// Hunk is some lines of a file in a row, and which of the places asked for are in it.
type Hunk struct {
	Lines  []Line
	Places []int
}

// The bounds of what is shown.
const (
	around   = 3   // lines beside a place
	reach    = 6   // further lines of the same change, on each side
	maxLines = 60  // of one hunk
	maxWidth = 400 // bytes of one line
)

// Of are the hunks around places of a file, by their lines. A place that the texts
// do not have is in none.
func Of(path string, before, after change.Text, places []Place) []Hunk {
	rows := align(before, after)
	if len(rows) == 0 {
		return nil
	}
	at := make([]int, len(places))
	var windows []window
	for i, p := range places {
		at[i] = slices.IndexFunc(rows, func(r row) bool { return p.Line > 0 && (p.Removed && r.old == p.Line || !p.Removed && r.new == p.Line) })
		if at[i] >= 0 {
			windows = append(windows, windowAt(rows, at[i]))
		}
	}
	known := redact.Of(before.Body, after.Body)
	old, now := redact.Lines(before.Body, known), redact.Lines(after.Body, known)
	var out []Hunk
	for _, w := range merged(windows) {
		h := Hunk{}
		for _, r := range rows[w.from:w.to] {
			text := ""
			if r.new > 0 {
				text = now[r.new-1]
			} else {
				text = old[r.old-1]
			}
			l := Line{Kind: r.kind, Old: r.old, New: r.new}
			if len(text) > maxWidth {
				text, l.Cut = strings.ToValidUTF8(text[:maxWidth], ""), true
			}
			l.Spans = []Span{{Text: text}}
			h.Lines = append(h.Lines, l)
		}
		coloured(path, h.Lines)
		for i, p := range places {
			if k := at[i] - w.from; at[i] >= w.from && at[i] < w.to {
				h.Places = append(h.Places, i)
				h.Lines[k].mark(p.Object)
			}
		}
		out = append(out, h)
	}
	return out
}

// window is rows from from to before to.
type window struct{ from, to int }

func windowAt(rows []row, i int) window {
	from, to := i, i+1
	for n := 0; n < reach && from > 0 && rows[from-1].kind != Both && rows[i].kind != Both; n++ {
		from--
	}
	for n := 0; n < reach && to < len(rows) && rows[to].kind != Both && rows[i].kind != Both; n++ {
		to++
	}
	return window{max(0, from-around), min(len(rows), to+around)}
}

// merged puts windows together that touch, as far as one hunk may go.
func merged(windows []window) []window {
	slices.SortFunc(windows, func(a, b window) int { return a.from - b.from })
	var out []window
	for _, w := range windows {
		if n := len(out) - 1; n >= 0 && w.from <= out[n].to {
			if w.to-out[n].from <= maxLines {
				out[n].to = max(out[n].to, w.to)
				continue
			}
			w.from = out[n].to
		}
		if w.from < w.to {
			out = append(out, w)
		}
	}
	return out
}

// mark marks a line, and in it the words that a finding is about.
func (l *Line) mark(object string) {
	l.Marked = true
	if object == "" {
		return
	}
	var out []Span
	for _, s := range l.Spans {
		for !s.Marked {
			i := strings.Index(s.Text, object)
			if i < 0 {
				break
			}
			if i > 0 {
				out = append(out, Span{Class: s.Class, Text: s.Text[:i]})
			}
			out = append(out, Span{Class: s.Class, Text: object, Marked: true})
			s.Text = s.Text[i+len(object):]
		}
		if s.Text != "" {
			out = append(out, s)
		}
	}
	l.Spans = out
}
