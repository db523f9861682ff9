package identity

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

// markup tells whether a file is what a browser shows: what it hides there, it
// does not guard.
func markup(p string) bool { return ext(".jsx", ".tsx", ".vue", ".svelte", ".astro")(p) }

// server is a script that is no markup.
func server(p string) bool { return script(p) && !markup(p) }

// guards: checks before what only some may do, and that are gone.
func guards() []linematch.Pattern {
	gone := func(in func(string) bool, expr string, words ...string) linematch.Pattern {
		return linematch.Pattern{Kind: kindGuardRemoved, Gone: true, Words: words, Expr: expr, In: in}
	}
	return []linematch.Pattern{
		gone(java, `@PreAuthorize\b|@PostAuthorize\b|@Secured\b|@RolesAllowed\b|@RequiresRoles\b|@RequiresPermissions\b|`+
			`@Authenticated\b|`+
			`@SaCheck\w+|\.hasRole\(|\.hasAuthority\(|\.hasAnyRole\(|\.hasAnyAuthority\(|\.authenticated\(\)|\.denyAll\(\)|`+
			`\bauthenticate\(\s*["'{]`,
			"preauthorize", "postauthorize", "@secured", "@rolesallowed", "hasrole", "hasauthority", "hasany", "@requires",
			"authenticated",
			"@sacheck", "denyall", "authenticate("),
		gone(python, `@\w*(?:login|permission|permissions|roles?|admin|staff_member|jwt|auth|token|superuser|scopes?)_required\b|`+
			`@[\w.]*(?:user_passes_test|requires_auth|require_auth\w*|roles_accepted|authenticated|has_permissions?|protected)\b|`+
			`\w*(?:LoginRequired|PermissionRequired|UserPassesTest|StaffRequired|SuperuserRequired)Mixin|`+
			`\b(?:IsAuthenticated|IsAdminUser|IsAdmin|IsOwner\w*|DjangoModelPermissions|DjangoObjectPermissions)\b`,
			"_required", "user_passes_test", "requires_auth", "require_auth", "roles_accepted", "authenticated", "has_permission",
			"protected",
			"requiredmixin", "userpassestestmixin", "isadmin", "isowner", "djangomodelpermissions", "djangoobjectpermissions"),
		gone(python, `(?i)\b(?:Depends|Security|Annotated)\(?\[?.*\b[\w.]*(?:auth|user|admin|perm|role|token|login|verify|require|`+
			`scope|api_?key|`+
			`(?:current|active|valid|web|browser|cookie)_?session|session_?(?:cookie|data|info|id)|`+
			`jwt|oauth|staff|tenant|access|check)\w*`, "depends(", "security("),
		gone(python, `\.check_object_permissions\(|\.has_perms?\(|\.is_(?:staff|superuser|authenticated|admin)\b|`+
			`\bpermission_classes\s*=\s*[\[(]\s*\w|`+
			`\bauthentication_classes\s*=\s*[\[(]\s*\w|@method_decorator\(\s*\w*(?:login|permission|staff)`,
			"check_object_permissions", "has_perm", "is_staff", "is_superuser", "is_authenticated", "is_admin", "permission_classes",
			"authentication_classes", "method_decorator"),
		gone(script, `@UseGuards\(|@Roles\(|@Authorized\(|\b(?:require|ensure|check|verify|assert|must)(?:Auth\w*|Admin\w*|Login|`+
			`LoggedIn|Role|`+
			`Permission\w*|Token|Jwt|Owner|User\w*|Session|Signature)\b\s*[,()\]]|\b(?:auth|jwt|session|admin)Middleware\b|`+
			`\bauthenticate(?:Token|JWT|User)?\b\s*[,()\]]|passport\.authenticate\(|<(?:RequireAuth|ProtectedRoute|PrivateRoute|`+
			`AdminRoute)\b|`+
			`\b(?:isAdmin|isAuthenticated|isLoggedIn|hasRole|hasPermission)\s*\(|\bwithAuth\w*\(|\bauth\.protect\(`,
			"useguards", "@roles", "@authorized", "requireauth", "requireadmin", "requirelogin", "requirerole", "requirepermission",
			"requireuser", "requiretoken", "requireowner", "requiresession", "requirejwt", "ensure", "checkauth", "checkadmin",
			"checkrole",
			"checkpermission", "checktoken", "checkowner", "checkuser", "checksession", "checkjwt", "verify", "assertauth", "assertadmin",
			"assertrole", "assertpermission", "assertuser", "assertowner", "mustbe", "authmiddleware", "jwtmiddleware",
			"sessionmiddleware",
			"adminmiddleware", "authenticate", "passport.", "requireauth", "protectedroute", "privateroute", "adminroute", "isadmin(",
			"isauthenticated(", "isloggedin(", "hasrole(", "haspermission(", "withauth", "auth.protect"),
		gone(server, `\bisAdmin\b|\bisAuthenticated\b|\bisSuperuser\b`, "isadmin", "isauthenticated", "issuperuser"),
		gone(server, `(?:\.(?:use|all|get|post|put|patch|delete|route)\(|\bpreHandler\s*:|\bonRequest\s*:|\bbeforeEnter\s*:|`+
			`\bmiddleware\s*:).*\b`+
			`(?:auth|protect|restrictTo|guard|authorize|authorise|authRequired|adminOnly|isLoggedIn|loggedIn|authGuard|checkJwt|`+
			`jwtCheck|`+
			`clerkMiddleware|keycloak\.protect|acl|can|permit|isAuth|isAdmin|authed|verifyJwt|authn|authz)\b`,
			"auth", "protect", "restrictto", "guard", "authorize", "authorise", "adminonly", "loggedin", "checkjwt", "jwtcheck", "acl",
			"permit",
			"isadmin", "verifyjwt"),
		gone(server, `\b(?:protected|admin|authed|private|authenticated)Procedure\b|\bauth\s*:\s*["'{]\s*\w|\bgetServerSession\(|`+
			`\bawait\s+auth\(\)|\brequireUser\w*\(|\bcontext\.auth\b|\brequest\.auth\b|\.currentUser\(\)`,
			"procedure", "auth:", "auth :", "getserversession", "await auth(", "requireuser", "context.auth", "request.auth"),
		gone(rails, `before_action\s+:?(?:authenticate\w*|authori[sz]e\w*|require_\w+|verify_\w+|ensure_\w+|check_\w+|\w*(?:admin|`+
			`login|logged_in|`+
			`signed_in|owner|permission)\w*)|\bauthorize!?[ (]|load_and_authorize_resource|verify_authorized|protect_from_forgery|`+
			`http_basic_authenticate_with|\bauthenticate\s+:\w+|\bauthenticated\s+:\w+|constraints?\(?.*(?i:admin|auth)\w*|`+
			`\bpolicy_scope[ (]`,
			"before_action", "authorize", "load_and_authorize", "verify_authorized", "protect_from_forgery", "http_basic_authenticate",
			"authenticate :", "authenticated :", "constraint", "policy_scope"),
		gone(dotnet, `\[Authorize\b|\.RequireAuthorization\(|\[ValidateAntiForgeryToken\]|\.UseAuthentication\(|\.UseAuthorization\(|`+
			`\bAuthorizeFilter\b|\.RequireRole\(|\.RequireClaim\(|\bFallbackPolicy\b|\.RequireAuthenticatedUser\(|\[RequireHttps\]`,
			"[authorize", "requireauthorization", "antiforgery", "useauthentication", "useauthorization", "authorizefilter",
			"requirerole",
			"requireclaim", "fallbackpolicy", "requireauthenticateduser", "requirehttps"),
		gone(php, `(?:->|::)middleware\(.*["'](?:auth\w*|can|role|permission|admin\w*|verified|signed|password\.confirm|is_?admin)\b|`+
			`\$this->authorize(?:Resource)?\(|\bGate::(?:authorize|allows|denies|check|any)\(|#\[IsGranted|denyAccessUnlessGranted\(|`+
			`\bisGranted\(|\bcurrent_user_can\(|\bcheck_admin_referer\(|\bcheck_ajax_referer\(|\bwp_verify_nonce\(|@can\(|`+
			`['"]permission_callback['"]`,
			"middleware(", "authorize", "gate::", "isgranted", "denyaccessunlessgranted", "current_user_can", "referer(",
			"wp_verify_nonce",
			"@can", "permission_callback"),
		gone(php, `\b(?:VerifyCsrfToken|ValidateCsrfToken|Authenticate|EnsureEmailIsVerified|EnsureUserIs\w+|RequirePassword|`+
			`ThrottleRequests|`+
			`EncryptCookies|Authorize)::class|['"]auth(?::\w+)?['"]\s*,?\s*$`,
			"::class", "'auth", "\"auth"),
		gone(elixir, `pipe_through\b.*:\w*(?:auth|admin|require|ensure|user|login|token|protected|session|member)\w*|`+
			`\bplug\b.*\b\w*(?i:auth|require_|ensure_|verify_|admin|guardian|login)\w*|\bon_mount\b.*(?i:auth|admin|ensure|require)|`+
			`\bBodyguard\.permit`, "pipe_through", "plug", "on_mount", "bodyguard"),
		gone(ext(".go", ".rs", ".php", ".ex", ".exs", ".swift", ".dart", ".clj"), `\b(?:[Rr]equire|[Ee]nsure|[Cc]heck|[Vv]erify|`+
			`[Mm]ust|[Ww]ith|[Aa]ssert)`+
			`\w*(?:Auth\w*|Admin|Login|Role|Permission\w*|User|JWT|Access|Scope|Owner)\w*\(|\b[Aa]uthMiddleware\b|\.(?:Authorize|`+
			`Authenticate|IsAdmin|`+
			`HasPermission|HasRole|Enforce)\(|\bAuthorize\(|\bmiddleware\.(?:BasicAuth|JWT|KeyAuth|RequireAuth)\w*`,
			"require", "ensure", "check", "verify", "must", "with", "assert", "authmiddleware", "authorize", "isadmin", "authenticate",
			"haspermission", "hasrole", "enforce", "middleware."),
		gone(ext(".go", ".rs", ".php", ".ex", ".exs", ".swift", ".dart", ".clj"),
			`\.(?:Use|With|Group|wrap|layer|route_layer)\(.*(?i:auth|jwt|session|admin)\w*`, ".use(", ".with(", ".group(", ".wrap(", "layer("),
		gone(ext(".graphql", ".gql"), `@(?:auth|hasRole|authenticated|requiresScopes|isAuthenticated|requireAuth|aws_auth|`+
			`aws_cognito_user_pools|policy)\b`,
			"@auth", "@hasrole", "@requires", "@isauth", "@requireauth", "@aws_", "@policy"),
		gone(nil, `CsrfViewMiddleware|SecurityMiddleware|AuthenticationMiddleware|django\.contrib\.auth\.password_validation|\bhelmet\(|`+
			`\brateLimit\(|\bcsrfProtection\b|\bdoubleCsrf\w*|\bslowDown\(|\bexpress-rate-limit\b|@(?:Throttle|limiter\.limit)\b`,
			"csrfviewmiddleware", "securitymiddleware", "authenticationmiddleware", "password_validation", "helmet(", "ratelimit(",
			"csrfprotection", "doublecsrf", "slowdown(", "express-rate-limit", "@throttle", "limiter.limit"),
		gone(program, `(?i)\b(?:verify|check|validate|valid|is_?valid|assert|require)\w*_?(?:signature|hmac|webhook)\w*!?\s*\(|`+
			`\bconstruct_?event\(|\bsecure_compare\(|\btimingSafeEqual\(|\bcompare_digest\(|\bhmac\.Equal\(|\bhash_equals\(|`+
			`\bFixedTimeEquals\(|\bcsrf\.Protect\(`,
			"signature", "hmac", "webhook", "constructevent", "construct_event", "secure_compare", "timingsafeequal", "compare_digest",
			"hash_equals", "fixedtimeequals", "csrf.protect"),
		{Kind: kindCheckGone, Gone: true, In: program, Words: []string{"audit", "sanitize", "throttl", "ratelimit", "rate_limit", "bleach",
			"escape", "tenant"},
			Expr: `(?i)\baudit\w*(?:\.\w+)*\(|\b(?:log|record|write)_?audit\w*\(|\.use\b.*audit|\w*sanitize\w*\(|\bbleach\.clean\(|` +
				`\b(?:throttle|rate_?limit)\w*(?:\.\w+)*\(|\bThrottlerGuard\b|\b(?:html_?)?escape_?html\w*\(|\btenant_?id\s*==?=?\s*\w`,
			Not: `(?i)^\s*(?:import|from|func|def|class|const \w+ = require|export)\b|throttle\(\s*(?:\(|async|function|fn)`},
		{Kind: kindPolicy, Gone: true, Words: []string{"default allow"}, Expr: `^\s*default\s+allow\w*\s*:?=\s*false`, In: ext(".rego")},
		{Kind: kindService, Gone: true, Words: []string{"requirepass"}, Expr: `^\s*requirepass\s+\S`, In: config},
	}
}

// program tells whether a file holds program text.
func program(p string) bool {
	return python(p) || server(p) || java(p) || rails(p) || dotnet(p) || php(p) || elixir(p) || ext(".go", ".rs", ".swift")(p)
}

// refusals: answers to who may not, and that nothing gives any more.
func refusals() []linematch.Pattern {
	return []linematch.Pattern{
		{Kind: kindGuardRemoved, Gone: true, In: program, Words: []string{"403", "401", "forbidden", "unauthorized", "permissiondenied",
			"accessdenied", "permission_denied", "unauthenticated"},
			Expr: `\b(?:abort|halt|sendStatus|status|send_error|HTTPException|error|Error|AbortWithStatus\w*|JSON|head|render|` +
				`createError|` +
				`StatusCode|http_response_code|put_status|ApiError|HttpException|AppError|Response)\(?\s*\(?[^\n]{0,40}?(?:\b40[13]\b|` +
				`HTTP_40[13]|` +
				`(?i:forbidden|unauthorized)\b)|\b(?:raise|throw|throws?\s+new|return|head)\b[^\n]{0,60}(?i:forbidden|unauthori[sz]ed|` +
				`permission_?denied|access_?denied|unauthenticated|not_?authori[sz]ed)`,
			Not: `(?i)\bexpect|\bassert|\bdescribe\(|\bit\(|\bcatch\b|\bexcept\b|[=!]==?\s*[\w.]*(?:unauth|forbid|denied)|@ApiResponse|` +
				`=== ?40[13]|== ?40[13]`},
	}
}

// indent is how far a line is set in; a tab counts as four.
func indent(line string) int {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// above calls each with the lines that enclose a line, the nearest first: those
// before it that are set in less than all between.
func above(lines []string, at int, each func(string) bool) {
	depth := indent(lines[at])
	for i, looked := at-1, 0; i >= 0 && depth > 0 && looked < 200; i, looked = i-1, looked+1 {
		if t := strings.TrimSpace(lines[i]); t == "" {
			continue
		}
		if d := indent(lines[i]); d < depth {
			depth = d
			if !each(lines[i]) {
				return
			}
		}
	}
}
