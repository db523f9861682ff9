// Package hosts tells whose hosts are whose: whether a secret that is sent to one
// is sent to whom it is for, as far as names tell.
package hosts

import (
	"strings"
)

// vendors are the services whose secrets go by a name of their own, with what
// the names of their hosts hold. A secret of one that goes to a host of none of
// these goes astray, however it is carried.
var vendors = map[string][]string{
	"actions_id_token": {"pypi.org", "amazonaws", "googleapis", "microsoftonline", "azure", "npmjs", "rubygems", "crates.io",
		"octo-sts", "vault", "sigstore", "jfrog", "doppler", "infisical", "hashicorp", "chainguard", "cloudsmith"},
	"anthropic": {"anthropic"}, "aws": {"amazonaws", "aws"}, "azure": {"azure", "microsoft", "windows.net"},
	"cargo": {"crates.io"}, "circleci": {"circleci"}, "cloudflare": {"cloudflare"}, "codecov": {"codecov"},
	"datadog": {"datadog", "ddog"}, "digitalocean": {"digitalocean"}, "dockerhub": {"docker"}, "docker": {"docker"},
	"fly": {"fly.io", "fly.dev", "machines.dev"}, "gcp": {"googleapis", "google"}, "gh": {"github", "ghcr"},
	"ghcr": {"ghcr", "github"}, "github": {"github", "ghcr"}, "gitlab": {"gitlab"}, "heroku": {"heroku"},
	"netlify": {"netlify"}, "npm": {"npmjs", "npm.pkg", "registry"}, "nuget": {"nuget"}, "openai": {"openai"},
	"pulumi": {"pulumi"}, "pypi": {"pypi.org"}, "railway": {"railway"}, "rubygems": {"rubygems"}, "sentry": {"sentry"},
	"slack": {"slack"}, "snyk": {"snyk"}, "sonar": {"sonar"}, "sonatype": {"sonatype"}, "stripe": {"stripe"},
	"supabase": {"supabase"}, "terraform": {"terraform"}, "twilio": {"twilio"}, "twine": {"pypi.org"}, "vercel": {"vercel"},
}

// aliases are short forms that a secret's name has for what its host is called.
var aliases = map[string]string{"cf": "cloudflare", "dd": "datadog", "ifttt": "ifttt", "tg": "telegram", "ovh": "ovh", "lt": "localazy",
	"gpg": "keys", "argo": "argo", "k8s": "k8s", "do": "digitalocean",
	"gcloud": "googleapis", "google": "googleapis", "firebase": "googleapis"}

// generic are words of secrets' names that say nothing about whose they are.
var generic = map[string]bool{"token": true, "key": true, "secret": true, "api": true, "auth": true, "password": true, "pass": true,
	"id": true, "access": true, "client": true, "user": true, "username": true, "url": true, "prod": true, "production": true,
	"staging": true, "private": true, "public": true, "app": true, "bot": true, "ci": true,
	"read": true, "write": true, "admin": true, "my": true, "the": true, "service": true, "account": true, "env": true,
	"pat": true, "db": true, "database": true, "test": true, "dev": true, "org": true, "repo": true, "com": true, "www": true, "x": true}

// Carrier is how a secret stands in a request.
type Carrier uint8

// The carriers.
const (
	InAuth  Carrier = iota // where credentials stand: a header for them, a user
	InOther                // anywhere else: the body, the address, any other header
)

// Astray tells whether a secret that is sent to a host is not meant for it, as
// far as names tell: of a vendor that the host is none of, or in a place where
// nobody puts credentials and for a host that it is not called after.
func Astray(secret, host string, how Carrier) bool {
	host = strings.ToLower(host)
	if Within(host) {
		return false
	}
	name := strings.ToLower(secret)
	known := false
	for _, v := range vendorsOf(name) {
		known = true
		for _, part := range vendors[v] {
			if strings.Contains(host, part) {
				return false
			}
		}
	}
	if calledAfter(name, host) {
		return false
	}
	return known || how == InOther
}

func vendorsOf(name string) []string {
	if strings.HasPrefix(name, "actions_id_token") {
		return []string{"actions_id_token"}
	}
	var out []string
	for _, w := range words(name) {
		if _, ok := vendors[w]; ok {
			out = append(out, w)
		}
	}
	return out
}

// calledAfter tells whether a secret's name and a host have a word in common.
func calledAfter(name, host string) bool {
	for _, w := range words(name) {
		if generic[w] {
			continue
		}
		if len(w) > 2 && strings.Contains(host, w) {
			return true
		}
		if full := aliases[w]; full != "" && strings.Contains(host, full) {
			return true
		}
	}
	return false
}

// Within tells whether a host is the machine or the network of the run, or not
// in the text at all.
func Within(host string) bool {
	if host == "" || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]") {
		return true
	}
	name, _, _ := strings.Cut(host, ":")
	if !strings.Contains(name, ".") || strings.ContainsAny(name[strings.LastIndexByte(name, '.')+1:], "$}{`)%") {
		return true
	}
	for _, end := range [...]string{".local", ".internal", ".svc", ".lan", ".corp", ".localhost"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// Of lists the hosts of the addresses in a text.
func Of(s string) []string {
	var out []string
	for at := 0; len(out) < 50; {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return out
		}
		at += i + 3
		end := at
		for end < len(s) && !strings.ContainsRune("/?#\"'`) \t\n,;\\|>", rune(s[end])) && end-at < 300 {
			end++
		}
		host := s[at:end]
		if user := strings.LastIndexByte(host, '@'); user >= 0 {
			host = host[user+1:]
		}
		out = append(out, host)
	}
	return out
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}
