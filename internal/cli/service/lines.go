package service

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/web/hunk"
	"github.com/gatehold/gatehold/internal/web/source"
)

// dangerous reads the lines of a change that are dangerous, for messages: as the pages
// show them, without what reads as a secret, and few of them.
type dangerous struct{ source *source.Reader }

// Bounds of the lines in a message.
const (
	toldFiles  = 3
	toldHunks  = 4
	toldAround = 4 // lines beside one that is marked
)

// Hunks are the lines of the gravest findings.
func (d dangerous) Hunks(ctx context.Context, repo gate.Repo, v *gate.Verdict) ([]notify.Hunk, error) {
	grave := slices.DeleteFunc(slices.Clone(v.Findings), func(f gate.Finding) bool { return f.Observe || f.Path == "" || f.Line == 0 })
	slices.SortStableFunc(grave, func(a, b gate.Finding) int { return cmp.Compare(b.Risk, a.Risk) })
	var paths []string
	places := map[string][]hunk.Place{}
	for _, f := range grave {
		if _, known := places[f.Path]; !known {
			if len(paths) == toldFiles {
				continue
			}
			paths = append(paths, f.Path)
		}
		places[f.Path] = append(places[f.Path], hunk.Place{Line: f.Line, Removed: f.Removed, Object: f.Object})
	}
	if len(paths) == 0 {
		return nil, nil
	}
	sides, err := d.source.Lines(ctx, repo, v.Base, v.Head, paths)
	if err != nil {
		return nil, err
	}
	var out []notify.Hunk
	for _, path := range paths {
		for _, h := range hunk.Of(path, sides[path].Before, sides[path].After, places[path]) {
			if len(out) < toldHunks {
				out = append(out, notify.Hunk{Path: path, Lines: marked(h)})
			}
		}
	}
	return out, nil
}

// marked are the lines of a hunk from before the first that is marked to after the last.
func marked(h hunk.Hunk) []string {
	is := func(l hunk.Line) bool {
		return l.Marked || slices.ContainsFunc(l.Spans, func(s hunk.Span) bool { return s.Marked })
	}
	first := max(0, slices.IndexFunc(h.Lines, is))
	last := first
	for i, l := range h.Lines {
		if is(l) && i < first+2*toldAround {
			last = i
		}
	}
	var out []string
	for _, l := range h.Lines[max(0, first-toldAround):min(len(h.Lines), last+toldAround+1)] {
		var text strings.Builder
		text.WriteByte(byte(l.Kind))
		for _, s := range l.Spans {
			text.WriteString(s.Text)
		}
		if l.Cut {
			text.WriteString("…")
		}
		out = append(out, text.String())
	}
	return out
}
