package state

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

type class map[string]bool

// vocabulary is words.txt, by class.
type vocabulary struct {
	guard, grave, opener, outright, opened, allowing, hazard, stateful, strict, loose, boundless, little, much, who, plain, listed,
	admitting, least, most, limited, doing, unasked, agents, identity, aside, against, thing,
	nobody, guarding, running, developing, where class
}

var words = sync.OnceValue(func() *vocabulary {
	by := map[string]class{}
	for line := range strings.Lines(wordsText) {
		name, members, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		c := class{}
		for _, w := range strings.Fields(members) {
			c[w] = true
		}
		by[name] = c
	}
	return &vocabulary{guard: by["guard"], grave: by["grave"], opener: by["opener"], outright: by["outright"], opened: by["opened"],
		allowing: by["allowing"], hazard: by["hazard"], stateful: by["stateful"], strict: by["strict"], loose: by["loose"],
		boundless: by["boundless"], little: by["little"], much: by["much"], who: by["who"], plain: by["plain"], listed: by["listed"],
		admitting: by["admitting"], least: by["least"], most: by["most"], limited: by["limited"], doing: by["doing"],
		unasked: by["unasked"], agents: by["agents"], identity: by["identity"], aside: by["aside"],
		against: by["against"], thing: by["thing"],
		nobody: by["nobody"], guarding: by["guarding"],
		running: by["running"], developing: by["developing"], where: by["where"]}
})

// any of some words is in a class.
func (c class) any(list []string) bool {
	for _, w := range list {
		if c[w] {
			return true
		}
	}
	return false
}

// split is a name as its words in small letters: requireMFA is require, mfa.
func split(name string) []string {
	var out []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, strings.ToLower(name[start:end]))
			start = -1
		}
	}
	for i := 0; i < len(name) && i < 400; i++ {
		c := name[i]
		upper := c >= 'A' && c <= 'Z'
		letter := upper || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		switch {
		case !letter:
			flush(i)
		case start < 0:
			start = i
		case upper && (low(name[i-1]) || i+1 < len(name) && low(name[i+1]) && name[i-1] >= 'A' && name[i-1] <= 'Z'):
			flush(i)
			start = i
		}
	}
	flush(min(len(name), 400))
	return out
}

func low(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// plainly is a value as the lists of words have it.
func plainly(v string) string {
	v = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(v)), "role:")
	if len(v) > 60 {
		return ""
	}
	if i := strings.LastIndexAny(v, ".:"); i >= 0 && i+1 < len(v) && v[i+1] >= 'a' {
		v = v[i+1:] // VerifyMode.none
	}
	return strings.NewReplacer("_", "-", " ", "-").Replace(v)
}

func isOn(v string) bool {
	switch v {
	case "true", "on", "yes", "1", "enabled", "enable", "active", "always":
		return true
	}
	return false
}

func isOff(v string) bool {
	switch v {
	case "false", "off", "no", "0", "disabled", "disable", "never", "none", "inactive", "nil":
		return true
	}
	return false
}

// general are keys that say nothing of what they switch: what they stand in does.
var general = class{"enabled": true, "enable": true, "active": true, "value": true, "on": true, "use": true, "isenabled": true,
	"status": true,
	"state":  true, "default": true, "mode": true, "type": true, "required": true, "action": true, "permission": true, "level": true}

// wild says of a value that it means everybody or everything.
func wild(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "*", ".*", "**", "*:*", "/*", ".+", "^.*$", "*.*", "**/*", "/**", "everyone", "all", "any", "allusers", "allauthenticatedusers",
		"anonymous", "public", "0.0.0.0/0", "::/0", "world", "system:authenticated", "system:anonymous", "system:unauthenticated",
		"all_users", "@all", "all-users", "registered users", "anonymous users":
		return true
	}
	return false
}
