package identity

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
	"github.com/gatehold/gatehold/internal/pattern"
)

type goneOf func(in func(string) bool, says, expr string, words ...string) linematch.Pattern

// frameworks: how further frameworks write a guard, and that there is none.
func frameworks(gone goneOf) []linematch.Pattern {
	return []linematch.Pattern{
		gone(ext(".go"), "", `\b\w*(?:Auth|Admin|Login|Member|Role|Token)\w*(?:Required|Only|Guard|Middleware|Handler)\(|`+
			`\b(?:Unary|Stream|Chain\w*)(?:Server)?Interceptor\(.*(?i:auth|jwt|session|token)|\bgrpc\.Creds\(`,
			"required(", "only(", "guard(", "middleware(", "handler(", "interceptor(", "grpc.creds("),
		gone(ext(".swift"), "", `\.authenticator\(\)|\bguardMiddleware\(`, "authenticator()", "guardmiddleware("),
		gone(ext(".scala"), "", `\b(?:auth\w*|admin\w*|user|secured|authenticated)Action\b|\bsilhouette\.\w*Secured|\bAuthenticated\(`,
			"action", "silhouette", "authenticated("),
		gone(rails, "only some could", `^\s*can\s+:\w+.*\bif\b`, "can :"),
		gone(php, "", `->add\(.*(?:Auth|Admin|Guard|Jwt|JWT|Permission|Role)\w*`, "->add("),
		gone(python, "", `@[\w.]*(?:requires|authorized?|secured?|restricted|admin_only|roles?|scopes?|permissions?)\(|`+
			`\bguards\s*=\s*\[\s*\w|\bNinjaAPI\(.*\bauth\s*=\s*\w*(?:Auth|Key|Bearer|Session)|hmac\.compare_digest\(`,
			"@", "guards", "ninjaapi(", "compare_digest("),
		gone(ext(".razor", ".cshtml"), "", `^\s*@attribute\s+\[Authorize|<AuthorizeView\b`, "[authorize", "authorizeview"),
		gone(server, "a signature was compared", `\btimingSafeEqual\(|\bconstructEvent\(|\bwebhooks\.verify\w*\(`, "timingsafeequal(",
			"constructevent(", "webhooks.verify"),
		{Kind: kindPolicy, In: rails, Words: []string{"can :manage"}, Expr: `^\s*can\s+:manage\s*,\s*:all\s*(?:#.*)?$`},
		{Kind: kindOpened, In: python, Words: []string{"auth", "guards"},
			Expr: `\b(?:NinjaAPI|Router|api\.\w+|router\.\w+)\(.*\bauth\s*=\s*None\b|^\s*guards\s*=\s*\[\s*\]`},
		{Kind: kindOpened, In: java, Words: []string{"is_anonymous", "isanonymous"},
			Expr: `@Secured\(\s*(?:SecurityRule\.IS_ANONYMOUS|"isAnonymous\(\)")`},
		{Kind: kindOpened, In: program, Words: []string{"true"},
			Expr: `(?i)^\s*(?:return|if)\b.*(?:user|role|owner|admin|staff|auth|perm|allow|token|member|can|valid).*(?:\bor\s+true\b|\|\|\s*true\b)`,
			Not:  `(?i)=\s*true|\.get\(|default|process\.env`},
	}
}

// scoped matches a group of routes that is asked as a whole, by the name that it
// is given and by its guards.
var scoped = pattern.Of(`^\s*(?:let\s+|const\s+|var\s+|val\s+)?(\w+)\s*(?::=|=)\s*[\w.]*(?:\b|\.)` +
	`(?:Group|group|grouped|scope|Router|With)\((.*)\)`)

// groups are the guards of the groups of routes that a change brings, by the
// addresses that stand in them now.
func groups(f *change.File) map[string][]string {
	named := map[string][]string{}
	out := map[string][]string{}
	for _, l := range f.AddedLines() {
		text := strings.TrimSpace(l.Text[:min(len(l.Text), 400)])
		if m := scoped().FindStringSubmatch(text); m != nil && len(named) < 50 {
			guards := strings.Split(m[2], ",")
			named[m[1]] = guards[:min(len(guards), 8)]
			continue
		}
		name, _, ok := strings.Cut(text, ".")
		if route := address().FindString(text); ok && named[name] != nil && route != "" {
			out[route] = named[name]
		}
	}
	return out
}

// within tells whether the route on a line stands in a group now, one of whose
// guards stood on that line.
func within(groups map[string][]string, line string) bool {
	if len(groups) == 0 {
		return false
	}
	for _, g := range groups[address().FindString(line)] {
		if g = strings.TrimSpace(g); len(g) > 3 && g[0] != '"' && strings.Contains(line, g) {
			return true
		}
	}
	return false
}

// answer tells whether a statement is an answer, whole on its line.
func answer(t string) bool {
	return strings.HasPrefix(t, "return") && !strings.HasSuffix(t, "{") && !strings.HasSuffix(t, "(") && !strings.HasSuffix(t, ",")
}

// goesOn tells whether the line behind an answer is the next statement of the
// same block, and stood there before.
func goesOn(f *change.File, line, next string) bool {
	n := strings.TrimSpace(next)
	return n != "" && indent(next) == indent(line) && n[0] != '}' && n[0] != '.' && strings.Contains(f.Before.Body, n) &&
		!strings.HasPrefix(n, "def ") && !strings.HasPrefix(n, "case ") && !strings.HasPrefix(n, "end")
}

// dead finds functions that ask who may and that answer now before they ask:
// what stands behind the answer is never reached.
func dead(f *change.File, r *detect.Report) {
	if !program(f.Path) || f.Before.State != change.Loaded {
		return
	}
	var lines []string
	for _, l := range f.AddedLines() {
		if !answer(strings.TrimSpace(l.Text)) {
			continue
		}
		if lines == nil {
			lines = strings.Split(f.After.Body, "\n")
		}
		if l.Number >= len(lines) {
			return
		}
		if !goesOn(f, l.Text, lines[l.Number]) {
			continue
		}
		above(lines, l.Number-1, func(line string) bool {
			if name := declared(line); name != "" && asksWho().MatchString(snake(name)) &&
				strings.Contains(f.Before.Body, strings.TrimSpace(line)) && straight(lines[:l.Number-1], line) {
				r.Add(detect.Observation{Kind: kindGuardRemoved, Line: l.Number, Object: name, Detail: "answers before it asks"})
			}
			return false
		})
	}
}
