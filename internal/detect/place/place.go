// Package place tells from paths which environment a file belongs to. What is
// taken from production and declared in staging is gone from production,
// however much the two look alike: whoever pairs a removal with an addition
// asks here first.
//
// A path names an environment by a word that is one (production, stg, qa) or
// by the folder that follows a word for many of them (overlays/eu, clusters/a).
// Paths are read without case. Nothing is known of boundaries that a rules file
// declares: those are compared by internal/policy.
package place

import (
	"slices"
	"strings"
)

// words are environments and their usual short forms.
var words = map[string]string{
	"production": "production", "prod": "production", "prd": "production", "live": "production",
	"staging": "staging", "stage": "staging", "stg": "staging", "uat": "staging", "preprod": "preproduction",
	"preproduction": "preproduction", "nonprod": "nonproduction",
	"development": "development", "develop": "development", "dev": "development",
	"test": "test", "testing": "test", "tests": "test", "qa": "test", "e2e": "test", "ci": "test", "integration": "test", "perf": "test",
	"sandbox": "sandbox", "demo": "demo", "preview": "preview", "canary": "canary", "local": "local", "example": "example",
	"examples": "example",
	"dr":       "recovery", "disaster": "recovery", "recovery": "recovery", "backup": "backup", "backups": "backup",
}

// holders are folders whose sub-folders are one environment each.
var holders = map[string]bool{
	"env": true, "envs": true, "environment": true, "environments": true, "overlay": true, "overlays": true, "cluster": true,
	"clusters": true,
	"region":   true, "regions": true, "tenant": true, "tenants": true, "account": true, "accounts": true, "stages": true,
	"workspaces": true,
	"customers":  true, "projects": true, "subscriptions": true,
}

// Environments lists what environments a path names, each once, sorted.
func Environments(p string) []string {
	segments := strings.Split(strings.ToLower(p), "/")
	var out []string
	for i, s := range segments {
		if i == len(segments)-1 {
			s, _, _ = strings.Cut(s, ".")
		} else if i > 0 && holders[segments[i-1]] && words[s] == "" {
			out = append(out, segments[i-1]+"/"+s)
		}
		for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
			if words[w] != "" {
				out = append(out, words[w])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// SameEnvironment says whether two paths name the same environments, or
// neither names any.
func SameEnvironment(a, b string) bool { return slices.Equal(Environments(a), Environments(b)) }

// Key is the same for paths of the same environments, and for no others.
func Key(p string) string { return strings.Join(Environments(p), ",") }

// Within says whether one of two folders holds the other, or both are one.
func Within(a, b string) bool {
	return a == b || a == "." || b == "." || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}
