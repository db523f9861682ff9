package dependency

import (
	"strings"
)

// entry is one locked package.
type entry struct {
	name     string
	version  string
	resolved string // the URL it comes from, "" where the format has none
	hash     string
	alias    string // the package that stands in for name
	line     int
}

// maxEntries bounds what is kept of one lock file; npm's largest have some
// ten thousand.
const maxEntries = 60_000

// lockOf says how a lock file is read; nil for other files.
func lockOf(base string) func(string) []entry {
	switch base {
	case "package-lock.json", "npm-shrinkwrap.json":
		return npmLock
	case "yarn.lock":
		return yarnLock
	case "pnpm-lock.yaml":
		return pnpmLock
	case "go.sum":
		return goSum
	case "Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock":
		return tomlLock
	case "composer.lock":
		return composerLock
	}
	return nil
}

// quotedAfter reads the JSON string after a key: "key": "value".
func quotedAfter(line, key string) (string, bool) {
	rest, ok := strings.CutPrefix(line, `"`+key+`"`)
	if !ok {
		return "", false
	}
	rest = strings.TrimLeft(rest, " \t:")
	if !strings.HasPrefix(rest, `"`) {
		return "", false
	}
	value, _, ok := strings.Cut(rest[1:], `"`)
	return value, ok
}

// npmLock reads package-lock.json line by line, as npm writes it: one member
// on a line. It is read so because real ones are larger than what a tree of
// them may cost.
func npmLock(body string) []entry {
	var out []entry
	var path []string
	cur := -1
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		if strings.HasSuffix(t, "{") && strings.HasPrefix(t, `"`) {
			key, _, _ := strings.Cut(t[1:], `"`)
			path = append(path, key)
			if name, ok := npmName(path); ok && len(out) < maxEntries {
				out = append(out, entry{name: name, line: n})
				cur = len(out) - 1
			} else if len(path) > 0 && path[len(path)-1] != "packages" && path[len(path)-1] != "dependencies" {
				cur = -1
			}
			continue
		}
		if strings.HasPrefix(t, "}") {
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
			cur = -1
			continue
		}
		if v, ok := aliased(t); ok && len(out) < maxEntries {
			key, _, _ := strings.Cut(strings.TrimPrefix(t, `"`), `"`)
			out = append(out, entry{name: key, alias: v, line: n})
			continue
		}
		if cur < 0 {
			continue
		}
		if v, ok := quotedAfter(t, "version"); ok {
			out[cur].version, out[cur].line = v, n
		} else if v, ok := quotedAfter(t, "resolved"); ok {
			out[cur].resolved, out[cur].line = v, n
		} else if v, ok := quotedAfter(t, "integrity"); ok {
			out[cur].hash, out[cur].line = v, n
		}
	}
	return out
}

// npmName is the package of a path of keys: packages > node_modules/a, or
// dependencies > a in the older form.
func npmName(path []string) (string, bool) {
	last := path[len(path)-1]
	if i := strings.LastIndex(last, "node_modules/"); i >= 0 {
		return last[i+len("node_modules/"):], true
	}
	if len(path) >= 2 && path[len(path)-2] == "dependencies" && len(path)%2 == 0 {
		return last, true
	}
	return "", false
}

// aliased reads "string-width-cjs": "npm:string-width@^4.2.0".
func aliased(t string) (string, bool) {
	_, rest, ok := strings.Cut(t, `": "npm:`)
	if !ok || !strings.HasPrefix(t, `"`) {
		return "", false
	}
	value, _, ok := strings.Cut(rest, `"`)
	return value, ok
}

func yarnLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		line = strings.TrimRight(line, "\r\n")
		t := strings.TrimSpace(line)
		switch {
		case t == "" || t[0] == '#':
		case line[0] != ' ' && strings.HasSuffix(t, ":"):
			if len(out) < maxEntries {
				name, alias := yarnName(t)
				out = append(out, entry{name: name, alias: alias, line: n})
			}
		case len(out) == 0:
		default:
			e := &out[len(out)-1]
			key, value, _ := strings.Cut(t, " ")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.TrimSuffix(key, ":") {
			case "version":
				e.version = value
			case "resolved":
				e.resolved, e.line = value, n
			case "resolution":
				if _, url, ok := strings.Cut(value, "@http"); ok {
					e.resolved, e.line = "http"+url, n
				}
			case "integrity", "checksum":
				e.hash = value
			}
		}
	}
	return out
}

// yarnName reads the first descriptor of a header: "a@^1, a@^2":
func yarnName(t string) (name, alias string) {
	first, _, _ := strings.Cut(strings.TrimSuffix(t, ":"), ",")
	first = strings.Trim(first, `" `)
	at := strings.LastIndexByte(first, '@')
	if i := strings.Index(first, "@npm:"); i > 0 {
		rest := first[i+len("@npm:"):]
		if strings.LastIndexByte(rest, '@') > 0 {
			alias = rest
		}
		at = i
	}
	if at <= 0 {
		return first, alias
	}
	return first[:at], alias
}

func pnpmLock(body string) []entry {
	var out []entry
	n := 0
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case indent == 2 && strings.HasSuffix(t, ":"):
			key := strings.Trim(strings.TrimSuffix(t, ":"), `'"/`)
			key, _, _ = strings.Cut(key, "(")
			if at := strings.LastIndexByte(key, '@'); at > 0 && len(out) < maxEntries {
				out = append(out, entry{name: key[:at], version: key[at+1:], line: n})
			}
		case strings.HasPrefix(t, "resolution:") && len(out) > 0:
			e := &out[len(out)-1]
			e.line = n
			for part := range strings.FieldsFuncSeq(t, func(r rune) bool { return r == '{' || r == '}' || r == ',' }) {
				key, value, _ := strings.Cut(strings.TrimSpace(part), ": ")
				switch key {
				case "integrity":
					e.hash = value
				case "tarball", "repo":
					e.resolved = strings.Trim(value, `'"`)
				}
			}
		}
	}
	return out
}

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
