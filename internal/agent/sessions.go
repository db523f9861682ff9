package agent

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// Session is where an agent worked on a change, by its own word: the address
// that it left in the body of the pull request or in a commit's message.
type Session struct {
	Agent string
	// URL is https, on one of the agents' own hosts, without query and fragment,
	// which could hold a token; ASCII, at most maxAddress bytes.
	URL string
}

// Bounds of what is returned.
const (
	maxSessions = 8
	maxAddress  = 160 // bytes of one address
	maxSegment  = 100 // bytes between two slashes: an id, a name
)

// Sessions finds the addresses of the sessions in which agents made a change,
// in the order of its body and commits, each once and at most maxSessions. What
// is quoted or code is somebody else's word and left out. Nothing of it is
// proven: it can be forged like all that a change says of itself.
func Sessions(c *change.Change) []Session {
	var out []Session
	add := func(text string) {
		if len(out) < maxSessions {
			out = addresses(out, text)
		}
	}
	add(c.Body)
	for i := range c.Commits {
		add(c.Commits[i].Message)
	}
	return out
}

const scheme = "https://"

// addresses adds the sessions that one text names.
func addresses(out []Session, text string) []Session {
	if !strings.Contains(text, "://") {
		return out
	}
	if len(text) > maxText {
		text = text[:maxText/2] + "\n" + text[len(text)-maxText/2:]
	}
	lines := mark(text)
	for from, tries := 0, 0; tries < maxTries && len(out) < maxSessions; tries++ {
		at := strings.Index(text[from:], scheme)
		if at < 0 {
			break
		}
		at += from
		from = at + len(scheme)
		s, ok := session(text[from:min(len(text), from+2*maxAddress)])
		if !ok || slices.Contains(out, s) {
			continue
		}
		if plain(text, around(lines, at), at, false) {
			out = append(out, s)
		}
	}
	return out
}

// session reads an address behind its scheme. A host with a user or a port is
// another host.
func session(rest string) (Session, bool) {
	end := strings.IndexFunc(rest, func(r rune) bool { return !inAddress(r) })
	if end >= 0 {
		rest = rest[:end]
	}
	rest = strings.TrimRight(rest, "./~-")
	slash := strings.IndexByte(rest, '/')
	if slash < 0 || len(scheme)+len(rest) > maxAddress {
		return Session{}, false
	}
	host, path := strings.ToLower(rest[:slash]), rest[slash:]
	for _, p := range shipped().sessions {
		if p.sign.Host == host && under(path, p.sign.Path, p.sign.Bare) {
			return Session{Agent: p.agent, URL: scheme + host + path}, true
		}
	}
	return Session{}, false
}

// inAddress holds for the characters that the addresses of sessions are made of:
// no query, no fragment, no escape, nothing that ends a link in any markup.
func inAddress(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~/", r)
}

// under reports whether a path is a place with an id behind it, or with bare
// the place itself as well.
func under(path, place string, bare bool) bool {
	got, want := strings.Split(path, "/"), strings.Split(strings.TrimSuffix(place, "/"), "/")
	if len(got) < len(want) || len(got) == len(want) && !bare || len(got) > len(want)+3 {
		return false
	}
	for i, segment := range got {
		switch {
		case i > 0 && (segment == "" || len(segment) > maxSegment || strings.Trim(segment, ".") == ""):
			return false
		case i < len(want) && want[i] != "*" && want[i] != segment:
			return false
		}
	}
	return true
}
