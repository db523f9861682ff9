package identity

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// refusal matches a statement that turns somebody away.
var refusal = pattern.Of(`(?i)\b(?:raise|throw|abort\(|halt\b|panic\(|sendStatus\(|status\(\s*4|return\s+.*(?:40[139]|false|` +
	`err\w*|forbidden|unauthori[sz]ed|denied|` +
	`redirect)|redirect\w*[ (]|reject\()`)

// aboutAccess matches what speaks of who may: in a path or in a refusal.
var aboutAccess = pattern.Of(`(?i)(?:^|[/_.-])(?:auth\w*|users?|accounts?|login|sessions?|permissions?|polic(?:y|ies)|` +
	`security|access|admin|middlewares?|guards?|oauth|sso|` +
	`tokens?|password\w*|acl|rbac|identity|payments?|billing)(?:[/_.-]|$)`)

var refusesAccess = pattern.Of(`(?i)unauthori[sz]ed|forbidden|permission|denied|not_?allowed|notallowed|invalid_?(?:token|` +
	`credential|signature|password|session)|` +
	`\b40[13]\b|unauthenticated|access|already_?exists?|notverified|not_?verified|expired`)

// maxRefusals bounds what is compared in one file.
const maxRefusals = 400

// narrowed finds refusals that stand as they stood, but under one condition
// more: those who do not meet it are no longer turned away.
func narrowed(f *change.File, r *detect.Report) {
	if !program(f.Path) || f.Before.State != change.Loaded || len(f.Before.Body) > maxBytes || len(f.AddedLines()) == 0 {
		return
	}
	was, is := conditions(f.Before.Body), conditions(f.After.Body)
	about := aboutAccess().MatchString(f.Path)
	for _, statement := range slices.Sorted(maps.Keys(is)) {
		now, old := is[statement], was[statement]
		if len(old) != len(now) || !about && !refusesAccess().MatchString(statement) {
			continue
		}
		for i := range now {
			if more := now[i].beyond(old[i]); more != "" {
				r.Add(detect.Observation{Kind: kindNarrowed, Line: now[i].line, Object: statement, Detail: "only where " + more})
			}
		}
	}
}

// condition is what must hold for a statement to be reached.
type condition struct {
	line  int
	parts []string
	odd   bool // a part of it is an alternative
}

// beyond is a part that a condition has over an older one of which it holds all
// parts; empty where it is not stricter.
func (c condition) beyond(old condition) string {
	if c.odd && len(c.parts) == 1 && len(old.parts) == 1 || old.odd && len(old.parts) == 1 && len(c.parts) == 1 {
		return fewer(old.parts[0], c.parts[0])
	}
	if len(c.parts) <= len(old.parts) || len(old.parts) == 0 || c.odd || old.odd {
		return ""
	}
	have := map[string]bool{}
	for _, p := range c.parts {
		have[p] = true
	}
	for _, p := range old.parts {
		if !have[p] {
			return ""
		}
		delete(have, p)
	}
	for _, p := range c.parts {
		if have[p] {
			return p
		}
	}
	return ""
}

// fewer says that of several conditions, any of which was enough, not all are
// left; empty where none is missing or another has come.
func fewer(old, now string) string {
	split := func(s string) []string {
		var out []string
		for _, p := range strings.Split(strings.ReplaceAll(s, " or ", "||"), "||") {
			out = append(out, strings.Join(strings.Fields(p), " "))
		}
		return out
	}
	was, is := split(old), split(now)
	for _, p := range is {
		if !slices.Contains(was, p) {
			return ""
		}
	}
	if len(is) < len(was) {
		return now
	}
	return ""
}

// limits matches what follows a guard and says where it is not asked.
var limits = pattern.Of(`^\s*(?:,\s*(?:except|only|if|unless):|\.(?:unless|except|only|exclude)\(|->(?:except|only|` +
	`withoutMiddleware)\(|\s(?:unless|if)\s)`)

// limited finds guards that stand as they stood, with an exception behind them.
func limited(f *change.File, r *detect.Report) {
	if !program(f.Path) {
		return
	}
	was := map[string]bool{}
	for _, l := range f.RemovedLines() {
		if t := strings.TrimRight(strings.TrimSpace(l.Text), ";,)"); guard().MatchString(t) || strings.Contains(t, "before_action") ||
			strings.Contains(t, "iddleware") {
			was[t] = true
		}
	}
	if len(was) == 0 {
		return
	}
	for _, l := range f.AddedLines() {
		t := strings.TrimSpace(l.Text)
		if len(t) > 400 {
			continue
		}
		for i := 8; i < len(t); i++ {
			if (t[i] == ',' || t[i] == '.' || t[i] == '-' || t[i] == ' ' || t[i] == ')') && was[strings.TrimRight(t[:i], ";,)")] &&
				limits().MatchString(strings.TrimLeft(t[i:], ")")) {
				r.Add(detect.Observation{Kind: kindNarrowed, Line: l.Number, Object: t[:i], Detail: "not asked everywhere"})
				break
			}
		}
	}
}

// conditions are those of the refusals of a text, by statement, in order.
func conditions(text string) map[string][]condition {
	out := map[string][]condition{}
	lines := strings.Split(text, "\n")
	n := 0
	for i, line := range lines {
		if len(line) > 400 || !refusal().MatchString(line) || n >= maxRefusals {
			continue
		}
		t := strings.TrimSpace(line)
		c := condition{line: i + 1}
		if test, rest, ok := oneLine(t); ok {
			c.add(test)
			t = rest
		}
		above(lines, i, func(l string) bool {
			l = strings.TrimSpace(l)
			if test, ok := tested(l); ok {
				c.add(test)
			}
			return len(c.parts) < 12 && !function(l)
		})
		if len(c.parts) > 0 {
			out[t] = append(out[t], c)
			n++
		}
	}
	return out
}

func function(l string) bool {
	for _, w := range [...]string{"def ", "func ", "function ", "async ", "fn ", "class ", "public ", "private ", "protected ",
		"fun ", "export "} {
		if strings.HasPrefix(l, w) {
			return true
		}
	}
	return strings.HasSuffix(l, "=> {")
}

// tested is the condition of a line that only begins a block.
func tested(l string) (string, bool) {
	l = strings.TrimPrefix(l, "} ")
	for _, w := range [...]string{"if ", "if(", "elif ", "else if ", "elsif "} {
		if strings.HasPrefix(l, w) {
			return strings.TrimRight(l[strings.IndexAny(l, " (")+1-strings.Count(w[len(w)-1:], "("):], " {:"), true
		}
	}
	return "", false
}

// oneLine takes "if (a) throw b" and "b if a" apart.
func oneLine(l string) (test, rest string, ok bool) {
	if strings.HasPrefix(l, "if (") || strings.HasPrefix(l, "if(") {
		depth := 0
		for i := strings.IndexByte(l, '('); i < len(l); i++ {
			switch l[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					return l[strings.IndexByte(l, '(') : i+1], strings.Trim(l[i+1:], " {}"), true
				}
			}
		}
		return "", "", false
	}
	if i := strings.Index(l, " if "); i > 0 && !strings.Contains(l, " else ") {
		return l[i+4:], l[:i], true
	}
	return "", "", false
}

// add takes a condition into its parts.
func (c *condition) add(test string) {
	test = strings.TrimSpace(test)
	for len(test) > 1 && test[0] == '(' && closes(test) {
		test = strings.TrimSpace(test[1 : len(test)-1])
	}
	if strings.Contains(test, "||") || strings.Contains(test, " or ") {
		c.odd = true
	}
	for _, p := range strings.Split(strings.ReplaceAll(test, " and ", "&&"), "&&") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			c.parts = append(c.parts, p)
		}
	}
}

// closes tells whether the first bracket of a text ends with it.
func closes(s string) bool {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i == len(s)-1
			}
		}
	}
	return false
}
