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
	real     string // what npm says that the package calls itself
	asked    bool   // something asks for it under this name
	told     bool   // the first that asks for this alias
	script   bool   // it runs something when it is installed
	hashed   bool   // it has hashes of its files, one or many
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
	case "Pipfile.lock":
		return pipLock
	case "bun.lock":
		return bunLock
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
		} else if v, ok := quotedAfter(t, "name"); ok {
			out[cur].real = v
		} else if strings.HasPrefix(t, `"hasInstallScript": true`) {
			out[cur].script, out[cur].line = true, n
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

// pnpmLock reads the packages: what stands under snapshots has the same keys, and
// no hashes.
func pnpmLock(body string) []entry {
	var out []entry
	n := 0
	packages := false
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case t == "":
		case indent == 0:
			packages = t == "packages:"
		case !packages:
		case indent == 2 && strings.HasSuffix(t, ":"):
			key := strings.Trim(strings.TrimSuffix(t, ":"), `'"/`)
			key, _, _ = strings.Cut(key, "(")
			if at := strings.LastIndexByte(key, '@'); at > 0 && len(out) < maxEntries {
				out = append(out, entry{name: key[:at], version: key[at+1:], line: n})
			}
		case len(out) > 0:
			out[len(out)-1].pnpm(t, n)
		}
	}
	return out
}

// pnpm reads one line of a package.
func (e *entry) pnpm(t string, n int) {
	if t == "requiresBuild: true" {
		e.script, e.line = true, n
	}
	if !strings.HasPrefix(t, "resolution:") {
		return
	}
	e.line = n
	for part := range strings.FieldsFuncSeq(t, func(r rune) bool { return r == '{' || r == '}' || r == ',' }) {
		key, value, _ := strings.Cut(strings.TrimSpace(part), ": ")
		switch key {
		case "integrity", "resolution:integrity":
			e.hash = value
		case "tarball", "repo":
			e.resolved = strings.Trim(value, `'"`)
		}
	}
}
