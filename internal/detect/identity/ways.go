package identity

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
	"github.com/gatehold/gatehold/internal/pattern"
)

// goish are languages in which a guard is a function that wraps another.
var goish = ext(".go", ".rs", ".swift", ".kt", ".dart")

// wraps: guards that are called by the package or the names that people give
// them, and what asks who is calling for every request.
func wraps() []linematch.Pattern {
	gone := func(in func(string) bool, says, expr string, words ...string) linematch.Pattern {
		return linematch.Pattern{Kind: kindGuardRemoved, Gone: true, Words: words, Expr: expr, In: in, Says: says}
	}
	token := gone(program, "a token was checked here", `\bjwt\.verify\(|\bjwtVerify\(|\.verifyIdToken\(|\bJWT\.require\(|`+
		`\.parse(?:Signed)?Claims(?:Jws)?\(|\bjwt\.Parse(?:WithClaims)?\(|\bverify_oauth2_token\(|\bJwt::Verifier\b|\.ValidateToken\(`,
		"jwt.verify(", "jwtverify(", "verifyidtoken(", "jwt.require(", "claims", "jwt.parse", "verify_oauth2_token(", "jwt::verifier",
		"validatetoken(")
	token.Kind = kindToken
	hash := gone(program, "passwords were kept by a slow hash", `(?i)\b(?:bcrypt|argon2\w*|scrypt|pbkdf2\w*)\b[.:\w]*\(|`+
		`\bpassword_hash\(|\bnew\s+(?:BCrypt|Argon2|SCrypt|Pbkdf2)PasswordEncoder`,
		"bcrypt", "argon2", "scrypt", "pbkdf2", "password_hash(")
	hash.Kind = kindHash
	return append(frameworks(gone), []linematch.Pattern{token, hash,
		gone(goish, "", `\b(?:auth|authn|authz|authmw|acl|rbac|access|security|guards?|session|sso|iam)(?:::|\.)(?:Require|Must|Only|`+
			`Ensure|Protect|Wrap|Middleware|Check|Guard|Restrict|With|Enforce|Allow|require|ensure|protect)\w*\(`,
			"auth", "acl", "rbac", "access", "security", "guard", "session", "sso", "iam"),
		gone(ext(".go", ".rs"), "", `\.(?:Use|With|Group|wrap|layer|route_layer|Middleware)\(.*\b\w*(?i:require|ensure|must|verify|`+
			`check|guard|protect|restrict|only)\w*(?i:user|login|member|owner|staff|role|perm|scope|token|tenant|signed)\w*`,
			"require", "ensure", "must", "verify", "check", "guard", "protect", "restrict", "only"),
		gone(java, "", `\bhas(?:Any)?(?:Role|Authority|Scope)\(`, "hasrole(", "hasauthority(", "hasanyrole(", "hasanyauthority(",
			"hasscope("),
		gone(python, "asked at each request", `\bbefore_(?:app_)?request\b`, "before_request", "before_app_request"),
		gone(server, "asked at each request", `\baddHook\(\s*["'](?:onRequest|preHandler|preValidation)["'].*(?i:auth|verify|session|`+
			`jwt|user)`, "addhook("),
		{Kind: kindOpened, In: java, Words: []string{"permitall"},
			Expr: `\bauthorize\(\s*(?:anyRequest|"[^"]*(?:admin|internal|actuator|manage|/\*\*")[^"]*"?)\s*,\s*permitAll\b`,
			Not:  `health|info|login|public|static|assets`},
		{Kind: kindOpened, In: ext(".yaml", ".yml", ".php"), Words: []string{"public_access", "is_authenticated_anonymously"},
			Expr: `path['"]?\s*(?::|=>)\s*['"]?\^?/\S*.*\broles?['"]?\s*(?::|=>)\s*\[?\s*['"]?(?:PUBLIC_ACCESS|IS_AUTHENTICATED_ANONYMOUSLY)`,
			Not: `(?i)log_?in|log_?out|register|sign_?up|reset|forgot|password|health|docs?\b|public/|assets|webhook|_wdt|_profiler|` +
				`verify|oauth|connect|contact|locale|home|token`},
		{Kind: kindPolicy, In: ext(".csv", ".conf"), Words: []string{"p,"},
			Expr: `(?i)^\s*p\s*,\s*(?:role:)?(?:anonymous|anyone|everyone|guests?|public|\*)\s*,|` +
				`^\s*p\s*,\s*(?:role:)?(?:users?|members?|viewers?|readers?)\s*,(?:[^,]+,)?\s*/?[^,]*\*\s*,\s*(?:\*|\.\*|write|delete)`},
		{Kind: kindOpened, In: program, Words: []string{"password", "passwd", "passcode", "pin", "otp", "token", "secret"}, Tag: "literal",
			Expr: `(?i)\b(?:if|return|unless|&&|\|\||or|and)\b.*\b\w*(?:password|passwd|passcode|otp|token|pin|secret)\b\s*={2,3}\s*` +
				`(?:["'][^"'\s]{4,}["'])`,
			Not: `(?i)typeof|\.type\b|kind|placeholder|undefined|null|changeme|name\s*=|key\s*=|field|grant|` +
				`["'](?:token|password|secret|string|refresh_token|access_token|bearer|hidden|text|none|true|false|test|otp|totp|email)["']`},
	}...)
}

// everywhere matches what is asked of every request: it goes with nothing.
var everywhere = pattern.Of(`\bbefore_(?:app_)?request\b|\baddHook\(|\bjwt\.verify\(|\bparseClaims`)

// owned matches a line that looks something up by whose it is, and lookup one
// that looks something up.
var (
	lookup = pattern.Of(`(?i)\b(?:where|find\w*|filter\w*|get_object_or_404|get_by|first|scoped?|select|delete\w*|update\w*|destroy\w*)\b`)
	owned  = pattern.Of(`(?i)\b(?:owner|user|tenant|org|organi[sz]ation|account|workspace|customer|member|author|created_?by)(?:_?id)?` +
		`["']?\s*(?::|=>|={1,3})\s*\S*?\b(?:req|request|ctx|context|c|session|auth|current_?user|viewer|me|principal)\b[.\[(]|` +
		`\b(?:owner|user|tenant|org|organi[sz]ation|account|workspace|customer)(?:_?id)?["']?\s*(?::|=>|={1,3})\s*@?current_?user\b`)
	keyed = pattern.Of(`(?i)\b(?:owner|user|tenant|org|organi[sz]ation|account|workspace|customer|member|author|created_?by)(?:_?id)?\b|` +
		`current_?user`)
	identified = pattern.Of(`(?i)\b(?:params|id|pk|uuid|slug)\b`)
)

// strangers finds look-ups that asked whose a thing is and that take anybody's
// now: the line that takes the place of one says nothing of an owner.
func strangers(f *change.File, r *detect.Report) {
	if !program(f.Path) || f.Before.State != change.Loaded {
		return
	}
	var was []string
	for _, l := range f.RemovedLines() {
		if len(l.Text) <= 400 && lookup().MatchString(l.Text) && owned().MatchString(l.Text) {
			was = append(was, beginning(l.Text))
		}
	}
	if len(was) == 0 || len(was) > 200 {
		return
	}
	for _, l := range f.AddedLines() {
		if len(l.Text) > 400 || keyed().MatchString(l.Text) || !lookup().MatchString(l.Text) || !identified().MatchString(l.Text) {
			continue
		}
		for _, w := range was {
			if w != "" && beginning(l.Text) == w {
				r.Add(detect.Observation{Kind: kindNarrowed, Line: l.Number, Object: w, Detail: "whose it is, is no longer asked"})
				break
			}
		}
	}
}

// beginning is what a line says before the first bracket that opens arguments.
func beginning(line string) string {
	t := strings.TrimSpace(line)
	if i := strings.IndexByte(t, '('); i > 6 {
		return t[:i]
	}
	return ""
}

// passable matches a condition on what whoever calls, or whoever starts the
// program, can say; through matches what lets them by.
var (
	passable = pattern.Of(`(?i)^\s*(?:\}?\s*else\s+)?(?:if|unless|elif|elsif)\b.*(?:\bheaders?\b|` +
		`\.header\(|\bget_?header\b|getenv|environ\b|` +
		`process\.env|\bENV\[|\bquery\b|\bcookies?\b|\bparams\b|user_?agent|hostname|remote_?addr)`)
	through = pattern.Of(`(?i)\breturn\s+(?:await\s+)?(?:next\(|true\b|nil\b|null\b|self\.get_response\(|get_response\(|call_next\(|` +
		`ok\(|handler\(|next\.\w+\(|chain\.|app\.call|f\(|view\()|^\s*(?:next\(\)|chain\.doFilter\(|next\.ServeHTTP\(|await next\()`)
	usual = pattern.Of(`(?i)options|preflight|content-type|accept\b|upgrade|health|if-none-match|etag|csrf|origin|=== ?["']test["']|` +
		`authorization|api_?key|signature|bearer|x-hub|startswith\(|!`)
)

// around finds a way round a check: in a file that asks who may, whoever sends a
// header, or sets a variable of the environment, is let by.
func around(f *change.File, r *detect.Report) {
	if !program(f.Path) || f.Before.State != change.Loaded ||
		!asksPath().MatchString(path.Base(f.Path)) && !refusesAccess().MatchString(f.Before.Body) {
		return
	}
	added := f.AddedLines()
	for i, l := range added {
		if len(l.Text) > 400 || !passable().MatchString(l.Text) || usual().MatchString(l.Text) {
			continue
		}
		lets := through().MatchString(l.Text)
		for _, next := range added[i+1 : min(len(added), i+3)] {
			lets = lets || next.Number <= l.Number+2 && through().MatchString(next.Text)
		}
		if lets {
			t := strings.TrimSpace(l.Text)
			r.Add(detect.Observation{Kind: kindNarrowed, Line: l.Number, Object: t[:min(60, len(t))], Detail: "whoever meets this is not asked"})
		}
	}
}

// asksPath matches names of files in which it is asked who may.
var asksPath = pattern.Of(`(?i)auth|login|session|guard|middleware|permission|polic|access|acl|rbac|security`)

// ruling matches what a rule about access answers by: a comparison with who asks.
var ruling = pattern.Of(`(?i)^\s*return\b.*(?:\buser\b|owner|role|\bid\b|admin|member|can\(|->can|hasPermission)`)

// answers finds a rule of who may, a method of a file of such rules, whose
// comparison went and that says yes now.
func answers(f *change.File, r *detect.Report) {
	if !program(f.Path) || !strings.Contains(strings.ToLower(f.Path), "polic") && !strings.Contains(strings.ToLower(f.Path), "permission") {
		return
	}
	ruled := 0
	for _, l := range f.RemovedLines() {
		if ruling().MatchString(l.Text) {
			ruled++
		}
	}
	for _, l := range f.AddedLines() {
		if ruled > 0 && saysYes().MatchString(l.Text) {
			ruled--
			r.Add(detect.Observation{Kind: kindGuardRemoved, Line: l.Number, Object: path.Base(f.Path), Detail: "says yes to everybody"})
		}
	}
}

// lifted counts the guards that an enclosing class, group or scope of a file
// asks now, by their text: those below that said the same went with it.
func lifted(f *change.File) map[string]int {
	out := map[string]int{}
	for _, l := range f.AddedLines() {
		t := strings.TrimSpace(l.Text)
		if t != "" && (t[0] == '@' || t[0] == '[' || t[0] == '#') {
			if d, ok := out[t]; !ok || indent(l.Text) < d {
				out[t] = indent(l.Text)
			}
		}
	}
	return out
}
