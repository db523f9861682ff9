package identity

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

func hasura(p string) bool {
	l := strings.ToLower(p)
	return strings.Contains(l, "hasura") || strings.Contains(l, "metadata/") || strings.HasSuffix(l, "tables.yaml")
}

func supabase(p string) bool {
	l := strings.ToLower(p)
	return strings.Contains(l, "supabase") || path.Base(l) == "config.toml"
}

// openAPI tells whether a path is the description of an interface.
func openAPI(p string) bool {
	l := strings.ToLower(path.Base(p))
	return config(p) && (strings.Contains(l, "openapi") || strings.Contains(l, "swagger") || strings.Contains(l, "api."))
}

func rulesFile(p string) bool {
	return strings.HasSuffix(p, ".rules") || strings.HasSuffix(p, "rules.json")
}

// backends: the rules of hosted back ends, by which anybody may read or write.
func backends() []linematch.Pattern {
	return []linematch.Pattern{
		{Kind: kindGuardRemoved, Gone: true, Tag: "sole", In: rulesFile,
			Words: []string{"request.auth", "resource.data", "auth.uid", "auth.token", "get(/"},
			Expr:  `request\.auth\.(?:uid|token)|\bauth\.uid\b|\bauth\.token\b|resource\.data\.|\bget\(/|exists\(/`,
			Says:  "a rule that asked for more"},
		{Kind: kindPolicy, Words: []string{"role: anonymous", "role: public", "role: unauthorized", "role: anon", `"role": "anonymous"`,
			`"role":"anonymous"`, "role: guest"}, In: hasura,
			Expr: `^\s*-?\s*["']?role["']?\s*:\s*["']?(?:anonymous|public|unauthorized|anon|guest)\b`},
		{Kind: kindGuardRemoved, Gone: true, Tag: "sole", In: hasura, Words: []string{"x-hasura-"},
			Expr: `(?i)_(?:eq|in)["']?\s*:\s*["']?x-hasura-[\w-]+`, Says: "rows were only those of who asks"},
		{Kind: kindGuardRemoved, Gone: true, Tag: "sole", In: config, Words: []string{"authorizer", "authorizationtype",
			"authorizertype"},
			Expr: `(?i)^\s*["']?authorizer["']?\s*:|^\s*["']?Authoriz(?:ation|er)Type["']?\s*:\s*["']?(?:aws_iam|custom|cognito\w*|jwt)`},
		{Kind: kindGuardRemoved, Gone: true, Tag: "sole", In: openAPI, Words: []string{"security"},
			Expr: `^\s*["']?security["']?\s*:\s*(?:\[\s*\{.*)?$`},
		{Kind: kindOpened, In: openAPI, Words: []string{"security"}, Expr: `^\s*["']?security["']?\s*:\s*\[\s*(?:\{\s*\}\s*)?\]`},
		{Kind: kindOpened, In: base("staticwebapp.config.json"), Words: []string{"allowedroles"},
			Expr: `allowedRoles["']\s*:\s*\[\s*["']anonymous`},
		{Kind: kindPolicy, Words: []string{"unauthorized_role", "unauthorized-role"},
			Expr: `(?i)HASURA_GRAPHQL_UNAUTHORIZED_ROLE["']?\s*[:=]\s*["']?\w|--unauthorized-role`},
		{Kind: kindPolicy, Words: []string{"rule"}, In: ext(".js", ".ts", ".json", ".go"),
			Expr: `["']?\b(?:list|view|create|update|delete)Rule["']?\s*[:=]\s*(?:["']{2}|types\.Pointer\(""\))`},
		{Kind: kindPolicy, Words: []string{"role.any", "role:all", "any", "guests"},
			Expr: `Permission\.(?:write|update|delete|create)\(\s*Role\.(?:any|guests)|(?:write|update|delete|create)\(\\?["'](?:any|` +
				`guests)\\?["']\)`},
		{Kind: kindOpened, Words: []string{"role.any", "any"},
			Expr: `Permission\.read\(\s*Role\.any|read\(\\?["']any\\?["']\)`},
		{Kind: kindService, Words: []string{"verify_jwt", "no-verify-jwt"},
			Expr: `\bverify_jwt\s*=\s*false|--no-verify-jwt\b`},
		{Kind: kindOpened, Words: []string{"enable_anonymous_sign_ins"}, Expr: `enable_anonymous_sign_ins\s*=\s*true`, In: supabase},
		{Kind: kindSSO, Words: []string{"enable_confirmations", "secure_password_change", "double_confirm_changes"}, In: supabase,
			Expr: `(?:enable_confirmations|secure_password_change|double_confirm_changes)\s*=\s*false`},
		{Kind: kindOpened, Words: []string{"public"}, In: supabase, Expr: `^\s*public\s*=\s*true|` +
			`createBucket\([^)]*public["']?\s*:\s*true`},
		{Kind: kindOpened, Words: []string{"allow"},
			Expr: `\ballow\.(?:publicApiKey|guest)\(\)|\ballow\.guest\.to\(|` +
				`@auth\(.*allow:\s*public|\ballow:\s*["']?public\b|setPublicWriteAccess\(\s*true`},
		{Kind: kindService, Words: []string{"0.0.0.0/0", "::/0"}, In: base("render.yaml", "render.yml"),
			Expr: `(?:source|cidr)["']?\s*:\s*["']?(?:0\.0\.0\.0/0|::/0)`},
		{Kind: kindService, Words: []string{"passwordprotection", "deploymentprotection", "ssoprotection", "trustedips"},
			Expr: `["']?(?:passwordProtection|ssoProtection|deploymentProtection|trustedIps)["']?\s*[:=]\s*(?:null|false)`},
		{Kind: kindOpened, Words: []string{"return_true", "_access"},
			Expr: `['"]permission_callback['"]\s*=>\s*['"]__return_true|^\s*_access\s*:\s*['"]?TRUE`},
		{Kind: kindOpened, Words: []string{"publicprocedure"}, In: server, Expr: `\b(?:delete|remove|admin|update|create|` +
			`set)\w*\s*:\s*publicProcedure\b`},
		{Kind: kindOpened, Words: []string{"auth: false", "auth:false", "allowunauthenticated"}, In: server,
			Expr: `\bauth\s*:\s*false\b|\ballowUnauthenticated\w*\s*:\s*true`},
		{Kind: kindOpened, Words: []string{"exposure.include", "h2.console", "include:"},
			Expr: `management\.endpoints\.web\.exposure\.include\s*[:=]\s*["']?\*|spring\.h2\.console\.enabled\s*[:=]\s*true|` +
				`web-allow-others\s*[:=]\s*true`},
	}
}

// origins: which sites may call from a browser.
func origins() []linematch.Pattern {
	return []linematch.Pattern{
		{Kind: kindCORS, Words: []string{"cors", "allow-origin", "allow_origin", "alloworigin", "allowanyorigin",
			"allowallorigins", "origins", "originallowed", "http_origin"},
			Expr: `(?i)Access-Control-Allow-Origin["']?\s*[:,=]\s*["']?\*|` +
				`Access-Control-Allow-Origin["']?\s*,\s*["']?value["']?\s*:\s*["']\*|` +
				`Access-Control-Allow-Origin["']?\s*[,:]?\s*["']?(?:\$http_origin|req\.headers\.origin|req\.get\(|req\.header\(|` +
				`request\.headers)|` +
				`CORS_(?:ORIGIN_)?ALLOW_ALL(?:_ORIGINS)?\s*=\s*True|allow_origins\s*=\s*\[\s*["']\*|allow_origin_regex\s*=\s*r?["']\.?\*|` +
				`` +
				`` +
				`\.AllowAnyOrigin\(\)|AllowAllOrigins\s*:\s*true|@CrossOrigin\(\s*(?:origins\s*=\s*)?["']\*|\buse\(\s*cors\(\s*\)|` +
				`cors\(\s*\{\s*origin\s*:\s*(?:true|["']\*)|setAllowedOrigins\([^)]*["']\*|\.allowedOrigin(?:s|Patterns)\(\s*["']\*|` +
				`Allow(?:ed)?Origins\s*:\s*\[\]string\{\s*"\*"|["']allowed_origins(?:_patterns)?["']\s*=>\s*\[\s*["']\*|` +
				`\borigins\s+["']\*|` +
				`SetIsOriginAllowed\(\s*\w+\s*=>\s*true|AllowOriginFunc\s*:.*return true|` +
				`origin\s*:\s*\(\s*\w+\s*,\s*\w+\s*\)\s*=>\s*\w+\(\s*null\s*,\s*true|` +
				`\bCORS\(\s*app\s*\)|\bCORS\(.*origins\s*=\s*["']\*`},
	}
}
