package kubernetes

import (
	"slices"
	"strings"
)

// secretWords are parts of names that secrets go by.
var secretWords = []string{"password", "passwd", "passphrase", "secret", "api_key", "apikey", "access_key", "accesskey",
	"private_key", "privatekey", "auth_token", "access_token",
	"client_secret", "credentials", "connection_string", "token"}

// notSecret are endings and parts that make a name one of a place or a setting.
var notSecret = []string{"_file", "-file", "_path", "_name", "-name", "_url", "_uri", "_host", "_ttl", "_arn", "_id", "_ref",
	"secretname", "secretref", "_expiry", "_expiration", "_length", "_policy",
	"_min", "_max", "_type", "_enabled", "_lifetime", "_timeout", "_header", "_issuer", "_key_name", "_manager", "_store",
	"_provider", "_dir", "_algorithm", "_endpoint", "tokenizer", "max_tokens", "_tokens", "_namespace", "_mount", "_rotation", "_class"}

// looksSecret says whether a name goes with a secret and the value is one,
// not a reference, a placeholder or a switch.
func looksSecret(name, value string) bool {
	n := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	if len(value) < 4 || filledIn(value) || strings.ContainsAny(value, " \n") {
		return false
	}
	return holdsAny(n, secretWords) && !holdsAny(n, notSecret) && !standsFor(strings.ToLower(value))
}

var (
	// switches are values that turn a secret's use on or off.
	switches = map[string]bool{"true": true, "false": true, "none": true, "null": true, "required": true, "optional": true,
		"enabled": true, "disabled": true}
	// references begin the values that say where a secret is.
	references = []string{"/", "./", "http://", "https://", "vault:", "ref+", "arn:"}
	// stopgaps are parts of values that somebody is to replace.
	stopgaps = []string{"changeme", "placeholder", "replace_me", "replaceme", "your-", "your_"}
)

// standsFor says whether a value, in lower case, is a switch, a reference, a
// placeholder or a small number.
func standsFor(low string) bool {
	return switches[low] || beginsWithAny(low, references) || holdsAny(low, stopgaps) ||
		strings.Trim(low, "x*.-") == "" || strings.Trim(low, "0123456789") == "" && len(low) < 6
}

func holdsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

func beginsWithAny(s string, heads []string) bool {
	return slices.ContainsFunc(heads, func(head string) bool { return strings.HasPrefix(s, head) })
}

func endsWithAny(s string, tails []string) bool {
	return slices.ContainsFunc(tails, func(tail string) bool { return strings.HasSuffix(s, tail) })
}

// secretIssues: a Secret in a repository is one that everybody with access to
// it has, base64 or not.
func secretIssues(o *object) []issue {
	if strings.Contains(o.body.Get("type").Str(), "service-account-token") || o.body.Has("sops") {
		return nil
	}
	var out []issue
	for _, field := range []string{"data", "stringData"} {
		for _, e := range o.body.Get(field).Entries() {
			v := strings.TrimSpace(e.Value.Str())
			if len(v) < 4 || filledIn(v) || placeholder(v) {
				continue
			}
			out = append(out, issue{kind: kinds.plainSecret, key: "secret:" + e.Key + ":" + v, detail: field + " " + e.Key, line: e.Line})
		}
	}
	return out
}

func placeholder(v string) bool {
	low := strings.ToLower(v)
	return strings.Contains(low, "changeme") || strings.Contains(low, "change-me") || strings.Contains(low, "placeholder") ||
		strings.Contains(low, "replace") || strings.Trim(low, "x*.-=") == "" || strings.HasPrefix(low, "ref+") ||
		strings.HasPrefix(low, "vault:")
}

// configIssues finds secrets in a ConfigMap: under a name for one, or in the
// lines of a file that it holds.
func configIssues(o *object) []issue {
	var out []issue
	for _, e := range o.body.Get("data").Entries() {
		v := e.Value.Str()
		if looksSecret(e.Key, v) {
			out = append(out, issue{kind: kinds.plainSecret, key: "config:" + e.Key + v, detail: "data " + e.Key, line: e.Line})
			continue
		}
		line := e.Value.At()
		lines := 0
		for text := range strings.Lines(v) {
			if lines++; lines > 2_000 {
				break
			}
			name, value, ok := strings.Cut(text, "=")
			if !ok || strings.Contains(name, ":") {
				name, value, ok = strings.Cut(text, ": ")
			}
			name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "export "))
			if ok && len(name) < 60 && !strings.ContainsAny(name, " #/") && looksSecret(name, value) {
				out = append(out, issue{kind: kinds.plainSecret, key: "config:" + e.Key + name + value,
					detail: "data " + e.Key + ", " + name, line: line})
				break
			}
		}
	}
	return out
}
