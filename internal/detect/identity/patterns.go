package identity

import (
	"path"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

func ext(list ...string) func(string) bool {
	return func(p string) bool {
		e := strings.ToLower(path.Ext(p))
		for _, l := range list {
			if e == l {
				return true
			}
		}
		return false
	}
}

func base(list ...string) func(string) bool {
	return func(p string) bool {
		b := path.Base(p)
		for _, l := range list {
			if b == l || strings.HasSuffix(b, l) {
				return true
			}
		}
		return false
	}
}

var (
	python = ext(".py")
	script = ext(".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".astro")
	java   = ext(".java", ".kt", ".kts", ".scala", ".groovy")
	rails  = ext(".rb")
	dotnet = ext(".cs")
	php    = ext(".php")
	elixir = ext(".ex", ".exs")
	config = ext(".yml", ".yaml", ".toml", ".ini", ".conf", ".cfg", ".properties", ".env", ".json", ".xml", "")
)

// production tells whether a path reads as settings that are in force where
// users are.
func production(p string) bool {
	l := strings.ToLower(p)
	return strings.Contains(l, "prod") || strings.HasSuffix(l, "settings.py") || strings.Contains(l, "settings/base")
}

// set is all patterns. Each matches a line as it is usually written.
var set = sync.OnceValue(func() *linematch.Set {
	var all []linematch.Pattern
	for _, group := range [][]linematch.Pattern{transport(), tokens(), access(), guards(), sessions(), services(), refusals(),
		proxies(), backends(), origins(), wraps()} {
		all = append(all, group...)
	}
	return linematch.New(all)
})

// transport: the other side of a connection is no longer checked.
func transport() []linematch.Pattern {
	k := kindTLS
	return []linematch.Pattern{
		{Kind: k, Words: []string{"insecureskipverify"}, Expr: `InsecureSkipVerify\s*[:=]+\s*true`, In: ext(".go")},
		{Kind: k, Words: []string{"verify", "cert_none", "check_hostname"},
			Expr: `\bverify\s*=\s*False|_create_unverified_context|\bCERT_NONE\b|check_hostname\s*=\s*False|` +
				`verify_ssl\s*=\s*False|disable_warnings\(`, Not: `verify\s*=\s*False.*(?:jwt|signature)|jwt\.decode|` +
				`disable_warnings\(\)?\s*$`, In: python},
		{Kind: k, Words: []string{"rejectunauthorized", "node_tls_reject", "strictssl"},
			Expr: `rejectUnauthorized["']?\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED["'\]]*\s*[:=]\s*["']?0|strictSSL\s*:\s*false`},
		{Kind: k, Words: []string{"hostnameverifier", "trustall", "allow_all_hostname"},
			Expr: `NoopHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER|TrustAllStrategy|trustAllCert\w*|` +
				`setHostnameVerifier\(\s*\([^)]*\)\s*->\s*true`, In: java},
		{Kind: k, Words: []string{"verify_none"}, Expr: `VERIFY_NONE|:verify_none\b`,
			In: ext(".rb", ".ex", ".exs", ".erl")},
		{Kind: k, Words: []string{"ssl_verify"}, Expr: `CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*(?:,|=>)\s*(?:false|0)`},
		{Kind: k, Words: []string{"servercertificate", "dangerousaccept", "danger_accept"},
			Expr: `ServerCertificate(?:Custom)?ValidationCallback\s*\+?=\s*.*true|` +
				`DangerousAcceptAnyServerCertificateValidator|danger_accept_invalid_(?:certs|hostnames)\(\s*true`},
		{Kind: k, Words: []string{"insecure_skip_verify", "tls_verify", "ssl_verify", "verify_ssl", "verify_certs", "sslmode",
			"tlsskipverify", "skip_tls", "insecureskiptls"},
			Expr: `(?i)["']?(?:insecure_?skip_?(?:tls_?)?verify|tls_?skip_?verify|` +
				`skip_tls_verif\w*)["']?\s*[:=]\s*["']?(?:true|yes|1)\b|["']?(?:tls_verify|ssl_verify|verify_ssl|` +
				`verify_certs)["']?\s*[:=]\s*["']?(?:false|no|off|0)\b|sslmode=disable.*prod`, In: config},
	}
}

// tokens: a token or assertion counts though nobody signed it.
func tokens() []linematch.Pattern {
	k := kindToken
	return []linematch.Pattern{
		{Kind: k, Words: []string{"verify_signature", "verify_exp", "verify_aud", "jwt.decode"},
			Expr: `["']?verify_(?:signature|exp|aud|iss)["']?\s*[:=]+>?\s*(?:False|false)|jwt\.decode\(.*(?:verify\s*=\s*False|` +
				`nil,\s*false)`},
		{Kind: k, Words: []string{"none"}, Expr: `(?i)\balg(?:orithms?)?["']?\s*(?:[:=]|=>)\s*[\[({]?[^#]{0,60}["']none["']`,
			Not: `(?i)(?:align|!=|not in|assert|reject|throw|if )`},
		{Kind: k, Words: []string{"unsafeallownone", "parseunverified", "withoutclaimsvalidation", "insecuredecode"},
			Expr: `UnsafeAllowNoneSignatureType|\.ParseUnverified\(|WithoutClaimsValidation\(|insecure_?decode`,
			In:   ext(".go", ".rs", ".ts", ".js")},
		{Kind: k, Words: []string{"ignoreexpiration", "ignorenotbefore"},
			Expr: `ignore(?:Expiration|NotBefore)["']?\s*:\s*true`, In: script},
		{Kind: k, Words: []string{"validateissuer", "validateaudience", "validatelifetime", "requiresignedtokens",
			"validateissuersigningkey"},
			Expr: `(?:Validate(?:Issuer(?:SigningKey)?|Audience|Lifetime)|RequireSignedTokens)\s*=\s*false`, In: dotnet},
		{Kind: kindSSO, Words: []string{"signed", "skipissuer", "emailverified", "email_verified", "unverified_email"},
			Expr: `(?i)["']?(?:want_?assertions?_?signed|want_?authn_?requests?_?signed|want_?authn_?response_?signed|` +
				`want_?messages?_?signed|authnRequestsSigned|wantNameIdSigned)["']?\s*[:=]\s*["']?(?:false|no|0)|` +
				`(?:skip_?issuer_?check|insecure_?skip_?email_?verified|insecureSkipIssuerCallbackDomainCheck|` +
				`allow_?unverified_?email\w*|insecure_?oidc_?allow_?unverified_?email)["']?\s*[:=]\s*["']?true`},
		{Kind: kindSSO, Words: []string{"mfa", "2fa", "two_factor", "twofactor", "otp_required", "totp"},
			Expr: `(?i)["']?\b\w*(?:require_?mfa|mfa_?required|require_?2fa|enforce_?mfa|enforce_?2fa|two_?factor_?required|` +
				`otp_?required\w*|mfa_?delete)["']?\s*[:=]\s*["']?(?:false|no|off|optional|none|disabled)\b`},
		// In a program it is what a user chose for themselves.
		{Kind: kindSSO, Words: []string{"mfa", "two_factor", "twofactor"}, In: config,
			Expr: `(?i)["']?\b\w*(?:mfa_?enabled|two_?factor\w*)["']?\s*[:=]\s*["']?(?:false|no|off|optional|none|disabled)\b`},
	}
}

// access: what only some might do is open to everybody.
func access() []linematch.Pattern {
	k := kindOpened
	return []linematch.Pattern{
		{Kind: k, Words: []string{"allowany", "permission_classes", "authentication_classes"},
			Expr: `permission_classes\s*=\s*[\[(]\s*(?:\w+\.)?AllowAny|permission_classes\s*=\s*[\[(]\s*[\])]|` +
				`authentication_classes\s*=\s*[\[(]\s*[\])]|@permission_classes\(\s*\[\s*(?:\w+\.)?AllowAny`, In: python},
		{Kind: k, Words: []string{"permitall", "allowanonymous", "@public()"},
			Expr: `^\s*@PermitAll\b|\[AllowAnonymous\]|^\s*@Public\(\)|Matchers\([^)]*(?:admin|actuator|internal|manage|` +
				`/api/\*\*)[^)]*\)` +
				`\s*\.permitAll\(\)`, Not: `actuator/(?:health|info)[^)]*\)\s*\.permitAll`},
		{Kind: kindAllOpened, Words: []string{"permitall", "allowany", "ignoring()"},
			Expr: `anyRequest\(\)\s*\.?\s*permitAll\(\)|(?:request|ant|mvc)Matchers\(\s*"/?\*\*"\s*\)\.permitAll\(\)|` +
				`web\.ignoring\(\)\.\w+\(\s*"/?\*\*"|DEFAULT_PERMISSION_CLASSES.*AllowAny|rest_framework\.permissions\.AllowAny|` +
				`anyExchange\(\)\s*\.?\s*permitAll\(\)`},
		{Kind: k, Words: []string{"skip_before_action", "skip_authorization", "skip_after_action"},
			Expr: `skip_(?:before|after)_action\s+:(?:authenticate\w*|authorize\w*|require_\w+|verify_\w*(?:auth|admin|` +
				`login|user)\w*)|\bskip_authorization_check\b`, In: rails},
		{Kind: k, Words: []string{"auth", "allow-unauthenticated"},
			Expr: `(?i)["']?\b(?:disable_?auth(?:entication|orization)?|auth(?:entication)?_?disabled|` +
				`skip_?auth(?:entication|orization)?|bypass_?auth\w*|no_?auth|anonymous_?access|` +
				`allow_?anonymous(?:_access)?|allow_?unauthenticated|insecure_?no_?auth)["']?\s*[:=]\s*["']?(?:true|yes|` +
				`on|1|enabled)\b|--(?:allow-unauthenticated|no-auth|disable-auth|insecure-no-auth)\b`, Not: `(?i)autocomplete`},
		{Kind: k, Words: []string{"auth"},
			Expr: `(?i)["']?\b(?:require_?auth(?:entication|orization)?|auth(?:entication)?_?(?:required|enabled)|` +
				`enable_?auth(?:entication|orization)?|requires_?login|authorization)["']?\s*[:=]\s*["']?(?:false|no|off|` +
				`0|disabled|none)\b`, Not: `(?i)(?:header|proxy_set|os\.environ|basic|bearer|<|const |let |var |useState|type |` +
				`interface )`},
		{Kind: kindPolicy, Words: []string{"default allow"}, Expr: `^\s*default\s+allow\w*\s*:?=\s*true`, In: ext(".rego")},
		{Kind: kindPolicy, Words: []string{"permit"}, Expr: `^\s*permit\s*\(\s*principal\s*,\s*action\s*,\s*resource\s*\)\s*;`,
			In: ext(".cedar")},
		{Kind: kindPolicy, Words: []string{"allow"},
			Expr: `allow\s+[\w, ]*(?:read|write|create|update|delete|get|list)[\w, ]*\s*(?:;|:\s*if\s+true)`,
			In:   base("firestore.rules", "storage.rules", ".rules")},
		{Kind: kindPolicy, Words: []string{".read", ".write"}, Expr: `"\.(?:read|write)"\s*:\s*(?:true|"true")`, In: ext(".json")},
		{Kind: kindPolicy, Words: []string{"p,"}, Expr: `^\s*p\s*,\s*\*\s*,\s*\*\s*,\s*\*`, In: ext(".csv")},
		{Kind: kindCSRF, Words: []string{"csrf", "verify_authenticity_token", "xsrf"},
			Expr: `(?i)@csrf_exempt|csrf_exempt\(|\.csrf\(\)\s*\.\s*disable\(|` +
				`csrf\(\s*(?:AbstractHttpConfigurer::disable|\w+\s*->\s*\w+\.disable\(\)|CsrfConfigurer::disable)|` +
				`csrf\s*\{\s*it\.disable|skip_(?:before_action|forgery_protection)\s*:?verify_authenticity_token|` +
				`skip_forgery_protection|WTF_CSRF_(?:ENABLED|CHECK_DEFAULT)["'\]]*\s*=\s*False|` +
				`csrf(?:_?protection)?["']?\s*[:=]\s*["']?false\b|\[IgnoreAntiforgeryToken\]`},
	}
}

// sessions: cookies, hosts, passwords and debug modes.
func sessions() []linematch.Pattern {
	k := kindSession
	return []linematch.Pattern{
		{Kind: k, Words: []string{"cookie_secure", "cookie_httponly", "ssl_redirect", "hsts", "force_ssl"},
			Expr: `(?:SESSION|CSRF)_COOKIE_(?:SECURE|HTTPONLY)\s*=\s*False|SECURE_SSL_REDIRECT\s*=\s*False|` +
				`SECURE_HSTS_SECONDS\s*=\s*0\b|config\.force_ssl\s*=\s*false`},
		{Kind: k, Words: []string{"httponly", "secure:"},
			Expr: `(?i)\bhttpOnly["']?\s*[:=]\s*false|cookie\s*:\s*\{[^}]*secure\s*:\s*false`},
		{Kind: k, Words: []string{"allowed_hosts"}, Expr: `ALLOWED_HOSTS\s*=\s*\[\s*["']\*["']`, In: python},
		{Kind: kindDebug, Words: []string{"debug"},
			Expr: `^\s*(?:export\s+)?(?:APP_|FLASK_|DJANGO_)?DEBUG\s*[:=]\s*["']?(?:True|true|1)\b`, In: production},
		{Kind: kindDebug, Words: []string{"consider_all_requests_local"}, Expr: `consider_all_requests_local\s*=\s*true`, In: production},
		{Kind: kindHash, Words: []string{"md5", "sha1"},
			Expr: `(?i)(?:hashlib\.(?:md5|sha1)|\b(?:md5|sha1)\(|createHash\(\s*["'](?:md5|sha1)["']|` +
				`MessageDigest\.getInstance\(\s*"(?:MD5|SHA-?1)"|Digest::(?:MD5|SHA1)).*(?:passw|pwd)|(?:passw|` +
				`pwd)\w*\s*[:=].*(?:hashlib\.(?:md5|sha1)|\b(?:md5|sha1)\(|createHash\(\s*["'](?:md5|sha1))|` +
				`(?:Unsalted)?(?:MD5|SHA1)PasswordHasher`},
		{Kind: kindHash, Words: []string{"plaintext", "noop"},
			Expr: `NoOpPasswordEncoder|PlaintextPasswordHasher|password_encoder.*noop|` +
				`\{noop\}[\w$!@#%^&*-]|["']\{noop\}["']`},
	}
}

// services: servers that let anybody in.
func services() []linematch.Pattern {
	k := kindService
	return []linematch.Pattern{
		{Kind: k, Words: []string{"trust"}, Expr: `^\s*(?:host|hostssl|hostnossl|local)\s+\S+\s+\S+.*\btrust\s*$`,
			In: base("pg_hba.conf", "pg_hba.conf.j2", "pg_hba.conf.template")},
		{Kind: k, Words: []string{"permitrootlogin", "passwordauthentication", "permitemptypasswords"},
			Expr: `(?i)^\s*(?:PermitRootLogin|PasswordAuthentication|PermitEmptyPasswords)\s+yes`,
			In:   base("sshd_config", ".conf", "sshd_config.j2")},
		{Kind: k, Words: []string{"nopasswd"}, Expr: `NOPASSWD:\s*ALL`},
		{Kind: k, Words: []string{"protected-mode", "auth_basic", "allow_anonymous"},
			Expr: `^\s*protected-mode\s+no|^\s*auth_basic\s+off|^\s*allow_anonymous\s+true`, In: config},
		{Kind: k, Words: []string{"xpack.security", "plugins.security.disabled", "allow.everyone"},
			Expr: `xpack\.security\.enabled["']?\s*[:=]\s*["']?false|plugins\.security\.disabled["']?\s*[:=]\s*["']?true|` +
				`DISABLE_SECURITY_PLUGIN["']?\s*[:=]\s*["']?true|allow\.everyone\.if\.no\.acl\.found\s*=\s*true`},
		{Kind: kindKeyAdded, Words: []string{"ssh-rsa", "ssh-ed25519", "ecdsa-sha2"},
			Expr: `\b(ssh-rsa|ssh-ed25519|ecdsa-sha2-\w+)\s+AAAA`, In: base("authorized_keys")},
	}
}
