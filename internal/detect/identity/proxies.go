package identity

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

// proxy is the settings of a server in front of others.
func proxy(p string) bool {
	l := strings.ToLower(p)
	b := path.Base(l)
	for _, w := range [...]string{"nginx", "caddy", "traefik", "haproxy", "envoy", "apache", "httpd", "proxy", "gateway",
		"ingress", "kong",
		"oathkeeper", "sites-enabled", "sites-available", "conf.d", "vhost"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return b == ".htaccess" || config(p) || ext(".tpl", ".template", ".j2", ".caddy", ".conf")(p)
}

// proxies: what servers ask before they hand a request on, and servers that ask
// nothing.
func proxies() []linematch.Pattern {
	gone := func(expr string, words ...string) linematch.Pattern {
		return linematch.Pattern{Kind: kindGuardRemoved, Gone: true, Words: words, Expr: expr, In: proxy, Tag: "sole"}
	}
	open := func(k *kind, expr string, words ...string) linematch.Pattern {
		return linematch.Pattern{Kind: k, Words: words, Expr: expr}
	}
	return []linematch.Pattern{
		gone(`^\s*auth_basic\s+["'$\w]`, "auth_basic "),
		gone(`^\s*auth_request\s+[/@"]|^\s*auth_jwt\s+["'$]|^\s*access_by_lua|^\s*auth_ldap\s+`, "auth_request ", "auth_jwt ",
			"access_by_lua", "auth_ldap "),
		gone(`^\s*deny\s+all\s*;|^\s*ssl_verify_client\s+on|^\s*satisfy\s+all`, "deny all", "ssl_verify_client", "satisfy all"),
		gone(`^\s*(?:forward_auth|basic_?auth|authorize with|authenticate with|jwtauth|client_auth)\b`, "forward_auth", "basicauth",
			"basic_auth",
			"authorize with", "authenticate with", "jwtauth", "client_auth"),
		gone(`(?i)\b(?:forwardAuth|digestAuth|basicAuth|ipWhiteList|ipAllowList)\s*:`, "forwardauth", "digestauth", "basicauth",
			"ipwhitelist",
			"ipallowlist"),
		gone(`(?i)traefik\.[\w.-]+\.middlewares\s*[:=].*auth|traefik\.[\w.-]+\.(?:basicauth|forwardauth)`, "traefik."),
		gone(`(?i)^\s*-\s*["']?[\w-]*(?:auth|oauth|sso|authelia|authentik)[\w-]*(?:@\w+)?["']?\s*$`, "auth", "sso"),
		gone(`\bhttp-request\s+(?:auth|deny)\b|\bacl\b.*http_auth`, "http-request", "http_auth"),
		gone(`envoy\.filters\.http\.(?:jwt_authn|ext_authz|rbac|oauth2|basic_auth)|\bjwt_authn\b`, "envoy.filters", "jwt_authn"),
		gone(`(?i)^\s*Require\s+(?:valid-user|user|group|ip|host|ldap\S*)\b|^\s*AuthType\s+\w+|^\s*Require\s+all\s+denied`,
			"require ", "authtype"),
		gone(`nginx\.ingress\.kubernetes\.io/(?:auth-url|auth-type|auth-secret|auth-signin|whitelist-source-range|auth-tls-secret)|`+
			`haproxy\.org/auth-type|traefik\.ingress\.kubernetes\.io/router\.middlewares`, "ingress.kubernetes.io/", "haproxy.org/"),
		gone(`(?i)^\s*-?\s*name:\s*["']?(?:key-auth|jwt|oauth2|basic-auth|acl|hmac-auth|ldap-auth|openid-connect)["']?\s*$`, "name:"),
		open(kindDashboard, `^\s*["']?insecure["']?\s*[:=]\s*true|--api\.insecure(?:=true)?\b|`+
			`TRAEFIK_API_INSECURE["']?\s*[:=]\s*["']?true`, "insecure"),
		open(kindOpened, `(?i)^\s*Require\s+all\s+granted`, "require all"),
		open(kindService, `(?i)handler:\s*["']?(?:noop|anonymous|allow)["']?\s*$`, "handler"),
		open(kindService, `(?i)(?:skip_auth_routes|skip_auth_regex|--skip-auth-(?:regex|route)s?)[\s=:\["']*(?:\^?/?\.\*|\^/)["']?|`+
			`email_domains["']?\s*[:=]\s*\[?\s*["']\*`, "skip_auth", "skip-auth", "email_domains"),
		open(kindService, `GF_AUTH_ANONYMOUS_ENABLED["']?\s*[:=]\s*["']?true|NotebookApp\.(?:token|password)\s*=\s*(?:''|""|u''|$)|`+
			`ServerApp\.(?:token|password)\s*=\s*(?:''|"")|AUTH_ROLE_PUBLIC\s*=\s*["']Admin|PUBLIC_ROLE_LIKE\w*\s*=\s*["'](?:Admin|`+
			`Alpha)|`+
			`airflow\.api\.auth\.backend\.default`, "gf_auth_anonymous", "notebookapp", "serverapp", "auth_role_public",
			"public_role_like",
			"auth.backend.default"),
		open(kindService, `(?i)^\s*authorization["']?\s*:\s*["']?disabled|--noauth\b|^\s*skip-grant-tables|--skip-grant-tables|`+
			`--anonymous-auth=true|authorization-mode=AlwaysAllow|--client-cert-auth=false|`+
			`server\.disable\.auth["']?\s*[:=]\s*["']?true|`+
			`policy\.default["']?\s*:\s*["']?role:admin|tcp://0\.0\.0\.0:2375|default_policy["']?\s*[:=]\s*["']allow|`+
			`MYSQL_ALLOW_EMPTY_PASSWORD`+
			`["']?\s*[:=]\s*["']?(?:yes|true|1).*prod|POSTGRES_HOST_AUTH_METHOD["']?\s*[:=]\s*["']?trust.*prod`, "authorization",
			"noauth",
			"skip-grant-tables", "anonymous-auth", "alwaysallow", "client-cert-auth", "server.disable.auth", "policy.default", ":2375",
			"default_policy", "allow_empty_password", "host_auth_method"),
	}
}
