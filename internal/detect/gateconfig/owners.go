package gateconfig

import (
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// entry is one line of CODEOWNERS.
type entry struct {
	pattern string // as written
	owners  []string
	line    int
}

const maxEntries = 5000

// parseOwners reads CODEOWNERS. Of a pattern that stands twice, the last line
// counts, as GitHub has it.
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
func parseOwners(text string) (list []entry, byPattern map[string]entry) {
	byPattern = map[string]entry{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if i := strings.IndexByte(line, '#'); i >= 0 && (i == 0 || line[i-1] != '\\') {
			line = line[:i]
		}
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "[") || strings.HasPrefix(fields[0], "^[") || len(list) >= maxEntries {
			continue
		}
		e := entry{pattern: fields[0], owners: fields[1:], line: n}
		sort.Strings(e.owners)
		list = append(list, e)
		byPattern[normal(e.pattern)] = e
	}
	return list, byPattern
}

// normal is a pattern as what it matches: "docs", "docs/" and "docs/**" name
// the same files, and so do "/*" and "*" at the top for most of them.
func normal(pattern string) string {
	pattern = strings.TrimSuffix(strings.TrimSuffix(pattern, "/**"), "/")
	switch pattern {
	case "", "**", "/**", "/":
		return "*"
	}
	if strings.Contains(strings.TrimPrefix(pattern, "/"), "/") {
		return strings.TrimPrefix(pattern, "/") // anchored by its own slash
	}
	return pattern
}

func compareOwners(before, after string, r *detect.Report) {
	oldList, old := parseOwners(before)
	nowList, now := parseOwners(after)
	for _, e := range oldList {
		key := normal(e.pattern)
		if old[key].line != e.line {
			continue // another line counts
		}
		have, ok := now[key]
		if !ok && !strings.HasPrefix(key, "/") {
			have, ok = now["/"+key]
		}
		switch {
		case !ok:
			r.Add(detect.Observation{Kind: ownerRemoved, Line: e.line, Removed: true, Object: e.pattern,
				Detail: "owned by " + strings.Join(e.owners, " ")})
		case len(minus(e.owners, have.owners)) > 0:
			r.Add(detect.Observation{Kind: ownerRemoved, Line: have.line, Object: e.pattern,
				Detail: "no longer " + strings.Join(minus(e.owners, have.owners), " ")})
		case len(minus(have.owners, e.owners)) > 0:
			r.Add(detect.Observation{Kind: ownerAdded, Line: have.line, Object: e.pattern,
				Detail: "also " + strings.Join(minus(have.owners, e.owners), " ")})
		}
	}
	for _, e := range nowList {
		if _, ok := old[normal(e.pattern)]; !ok && len(e.owners) == 0 {
			r.Add(detect.Observation{Kind: ownerRemoved, Line: e.line, Object: e.pattern, Detail: "nobody owns it"})
		}
	}
	was := shadows(oldList)
	for pair, line := range ordered(shadows(nowList)) {
		if _, ok := was[pair]; !ok && known(old, pair.shadowed) {
			r.Add(detect.Observation{Kind: ownerShadowed, Line: line, Object: pair.shadowed, Detail: "by the later line for " + pair.by})
		}
	}
}

func known(old map[string]entry, pattern string) bool {
	_, ok := old[normal(pattern)]
	return ok
}

func minus(a, b []string) []string {
	have := map[string]bool{}
	for _, s := range b {
		have[strings.ToLower(s)] = true
	}
	var out []string
	for _, s := range a {
		if !have[strings.ToLower(s)] {
			out = append(out, s)
		}
	}
	return out
}

// shade is a line that has no effect because a later, wider one covers it.
type shade struct{ shadowed, by string }

// shadows finds lines that a later line for a folder above them covers, with
// other owners.
func shadows(list []entry) map[shade]int {
	last := map[string]int{}
	for i, e := range list {
		last[normal(e.pattern)] = i
	}
	out := map[shade]int{}
	for i, e := range list {
		for _, above := range parents(normal(e.pattern)) {
			if j, ok := last[above]; ok && j > i && strings.Join(list[j].owners, " ") != strings.Join(e.owners, " ") {
				out[shade{e.pattern, list[j].pattern}] = list[j].line
			}
		}
	}
	return out
}

func parents(pattern string) []string {
	if pattern == "*" {
		return nil
	}
	out := []string{"*"}
	bare := strings.TrimPrefix(pattern, "/")
	for i := 0; i < len(bare) && len(out) < 60; i++ {
		if bare[i] == '/' {
			out = append(out, bare[:i], "/"+bare[:i])
		}
	}
	return out
}

// ordered goes through shades by line, so that equal changes read equal.
func ordered(m map[shade]int) func(yield func(shade, int) bool) {
	keys := make([]shade, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if m[a] != m[b] {
			return m[a] < m[b]
		}
		return a.shadowed+"\x00"+a.by < b.shadowed+"\x00"+b.by
	})
	return func(yield func(shade, int) bool) {
		for _, k := range keys {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
