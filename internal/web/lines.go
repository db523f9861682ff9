package web

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/hunk"
	"github.com/gatehold/gatehold/internal/web/page"
	"github.com/gatehold/gatehold/internal/web/source"
)

// Source is GitHub, read when a page is looked at.
type Source interface {
	Lines(ctx context.Context, repo gate.Repo, base, head string, paths []string) (map[string]source.Sides, error)
	Around(ctx context.Context, s gate.Subject, head string) source.Around
}

// blocks are the findings of a verdict by the places that they are about, with the
// lines there as far as they can be had: the gravest first. why says in a sentence
// why none can.
func (p *pages) blocks(ctx context.Context, repo gate.Repo, v *gate.Verdict) (out []page.Block, why string) {
	var paths []string
	of := map[string][]gate.Finding{}
	for _, f := range v.Findings {
		if _, known := of[f.Path]; !known {
			paths = append(paths, f.Path)
		}
		of[f.Path] = append(of[f.Path], f)
	}
	sides, why := p.sides(ctx, repo, v, paths, of)
	for _, path := range paths {
		out = append(out, blocksOf(path, of[path], sides)...)
	}
	slices.SortStableFunc(out, func(a, b page.Block) int { return cmp.Compare(worstOf(b.Findings), worstOf(a.Findings)) })
	return out, why
}

// sides are the texts of the files in which findings name lines, the gravest first.
func (p *pages) sides(
	ctx context.Context, repo gate.Repo, v *gate.Verdict, paths []string, of map[string][]gate.Finding,
) (map[string]source.Sides, string) {
	wanted := slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		return path == "" || !slices.ContainsFunc(of[path], func(f gate.Finding) bool { return f.Line > 0 })
	})
	if len(wanted) == 0 || p.source == nil {
		return nil, ""
	}
	slices.SortStableFunc(wanted, func(a, b string) int { return cmp.Compare(worstOf(of[b]), worstOf(of[a])) })
	sides, err := p.source.Lines(ctx, repo, v.Base, v.Head, wanted)
	if err != nil {
		known := gate.AsError(err)
		p.slog.Warn("the lines of a change cannot be shown", "repository", repo.FullName(), "code", known.Code, "error", err)
		return nil, "The lines cannot be shown now. " + known.Text
	}
	return sides, ""
}

func worstOf(list []gate.Finding) int {
	most := 0
	for _, f := range list {
		if !f.Observe {
			most = max(most, f.Risk)
		}
	}
	return most
}

// blocksOf are the findings of one file: a block for each hunk, and one for those that
// are in none.
func blocksOf(path string, list []gate.Finding, sides map[string]source.Sides) []page.Block {
	places := make([]hunk.Place, len(list))
	for i, f := range list {
		places[i] = hunk.Place{Line: f.Line, Removed: f.Removed, Object: f.Object}
	}
	s, read := sides[path]
	var out []page.Block
	shown := map[int]bool{}
	for _, h := range hunk.Of(path, s.Before, s.After, places) {
		b := page.Block{Path: path, Lines: h.Lines}
		for _, i := range h.Places {
			shown[i] = true
			b.Findings = append(b.Findings, list[i])
		}
		out = append(out, b)
	}
	rest := page.Block{Path: path}
	for i, f := range list {
		if !shown[i] {
			rest.Findings = append(rest.Findings, f)
		}
	}
	if len(rest.Findings) == 0 {
		return out
	}
	if read {
		rest.Why = unreadable(s)
	}
	return append(out, rest)
}

// unreadable says why a file that was asked for has no lines.
func unreadable(s source.Sides) string {
	for _, t := range []change.Text{s.After, s.Before} {
		if t.State == change.Unreadable {
			return "Its lines cannot be shown: " + t.Reason + "."
		}
	}
	return ""
}

// ruleLines are the lines of a repository's rules file, as it was when a gate was
// judged, on which the rules stand that found something. Where that cannot be had, the
// page leads to the file.
func (p *pages) ruleLines(ctx context.Context, s gate.State) map[string]int {
	own := func(f gate.Finding) bool { return f.Pack == "repository" }
	if p.source == nil || s.Verdict == nil || s.RulesAt.Tip == "" || !slices.ContainsFunc(s.Verdict.Findings, own) {
		return nil
	}
	sides, err := p.source.Lines(ctx, s.Subject.Repo, "", s.RulesAt.Tip, []string{page.RulesPath})
	if err != nil {
		return nil
	}
	return idLines(sides[page.RulesPath].After.Body)
}

// idLines finds the ids in a rules file, without reading it as one: each is on a line
// of its own, or first within braces.
func idLines(text string) map[string]int {
	out := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimLeft(line, " \t-{")
		id, is := strings.CutPrefix(line, "id:")
		if !is {
			continue
		}
		id = strings.TrimSpace(id)
		if end := strings.IndexAny(id, " ,}#"); end >= 0 {
			id = id[:end]
		}
		if id = strings.Trim(id, `"'`); id != "" && out[id] == 0 {
			out[id] = n
		}
	}
	return out
}
