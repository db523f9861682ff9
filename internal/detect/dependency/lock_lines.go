package dependency

import "strings"

func goSum(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		f := strings.Fields(line)
		if len(f) == 3 && len(out) < maxEntries {
			out = append(out, entry{name: f[0], version: f[1], hash: f[2], line: n})
		}
	}
	return out
}

func tomlLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		if t == "[[package]]" {
			if len(out) < maxEntries {
				out = append(out, entry{line: n})
			}
			continue
		}
		if len(out) == 0 {
			continue
		}
		e := &out[len(out)-1]
		e.hashed = e.hashed || strings.Contains(t, `hash = "`)
		key, value, ok := strings.Cut(t, " = ")
		if !ok {
			continue
		}
		text := strings.Trim(value, `"`)
		switch key {
		case "name":
			e.name = text
		case "version":
			e.version = text
		case "checksum":
			e.hash = text
		case "url": // of Poetry's [package.source]
			if e.resolved == "" {
				e.resolved, e.line = text, n
			}
		case "source":
			e.resolved, e.line = tomlSource(value), n
		}
	}
	return out
}

// tomlSource is the URL of a source: "registry+https://...", or uv's
// { registry = "https://..." }.
func tomlSource(v string) string {
	for _, key := range [...]string{"registry", "git", "url"} {
		if _, rest, ok := strings.Cut(v, key+` = "`); ok {
			url, _, _ := strings.Cut(rest, `"`)
			if key == "git" {
				return "git+" + url
			}
			return url
		}
	}
	return strings.TrimPrefix(strings.Trim(v, `"`), "registry+")
}

func composerLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		if v, ok := quotedAfter(t, "name"); ok && strings.Contains(v, "/") && len(out) < maxEntries {
			out = append(out, entry{name: v, line: n})
			continue
		}
		if len(out) == 0 {
			continue
		}
		e := &out[len(out)-1]
		if v, ok := quotedAfter(t, "version"); ok && e.version == "" {
			e.version = v
		} else if v, ok := quotedAfter(t, "url"); ok && e.resolved == "" {
			e.resolved, e.line = strings.ReplaceAll(v, `\/`, "/"), n
		} else if v, ok := quotedAfter(t, "shasum"); ok {
			e.hash = v
		}
	}
	return out
}

// pipLock reads Pipfile.lock, as pipenv writes it: one member on a line.
func pipLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case indent == 8 && strings.HasPrefix(t, `"`) && strings.HasSuffix(t, "{") && len(out) < maxEntries:
			name, _, _ := strings.Cut(t[1:], `"`)
			out = append(out, entry{name: name, line: n})
		case len(out) == 0:
		case strings.HasPrefix(t, `"sha256:`):
			out[len(out)-1].hashed = true
		default:
			if v, ok := quotedAfter(t, "version"); ok {
				out[len(out)-1].version = v
			}
		}
	}
	return out
}

// bunLock reads bun.lock: "name": ["name@version", "", {...}, "sha512-..."], one
// package on a line.
func bunLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		_, rest, ok := strings.Cut(t, `": ["`)
		if !ok || !strings.HasPrefix(t, `"`) || len(out) >= maxEntries {
			continue
		}
		id, tail, _ := strings.Cut(rest, `"`)
		at := strings.LastIndexByte(id, '@')
		if at <= 0 {
			continue
		}
		e := entry{name: id[:at], version: id[at+1:], line: n}
		if i := strings.LastIndex(tail, `"sha`); i >= 0 {
			e.hash, _, _ = strings.Cut(tail[i+1:], `"`)
		}
		if where, _, ok := strings.Cut(strings.TrimPrefix(tail, `, "`), `"`); ok && strings.HasPrefix(where, "http") {
			e.resolved = where
		}
		out = append(out, e)
	}
	return out
}
