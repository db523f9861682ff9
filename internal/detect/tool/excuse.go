package tool

import (
	"slices"
	"strings"
)

// excused reports whether what excuses a row holds for all that the command is
// done to: rm test.db orders.db removes both.
func (r *Row) excused(c *call, list string) bool {
	if strings.HasPrefix(list, "-") {
		return true
	}
	of := ""
	for _, w := range r.With {
		if !strings.HasPrefix(w, "-") {
			of = w
		}
	}
	for i, p := range c.plain {
		low, _, _ := strings.Cut(strings.ToLower(p.text), "?")
		switch {
		case i < c.verbs, p.perhaps && !strings.Contains(p.text, "/"):
		case of != "" && strings.Contains(of, "*") != globs(of, low):
		case !globs(list, low):
			return false
		}
	}
	return true
}

func globs(list, word string) bool {
	for p := range strings.SplitSeq(list, "|") {
		if glob(p, word) {
			return true
		}
	}
	return false
}

// only reports whether a command names addresses, and each is of one of these
// kinds: a part of a path, or "local", the machine itself. What stands behind
// the path, and in a header, is no address.
func (c *call) only(parts []string) bool {
	any := false
	for _, p := range c.plain[min(c.verbs, len(c.plain)):] {
		host, path, is := address(strings.ToLower(p.text))
		if !is {
			continue
		}
		any = true
		if !slices.ContainsFunc(parts, func(part string) bool {
			return part == "local" && slices.Contains(words().Local, host) || part != "local" && strings.Contains(path, part)
		}) {
			return false
		}
	}
	return any
}

// address takes what is fetched apart: https://HOST/PATH, HOST:PORT/PATH, or a
// path alone.
func address(text string) (host, path string, is bool) {
	text, _, _ = strings.Cut(text, "#")
	text, _, _ = strings.Cut(text, "?")
	_, rest, schemed := strings.Cut(text, "://")
	if !schemed {
		rest = text
	}
	host, path, is = strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return host, "/" + path, is || schemed || slices.Contains(words().Local, host)
}
