package wire

import (
	"strings"
	"unicode/utf8"
)

// ShortSHA is how a sentence names a commit: by its first twelve characters.
func ShortSHA(sha string) string { return strings.ToLower(sha[:min(len(sha), 12)]) }

// Clip bounds text from outside to one line of at most n bytes.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// maxEnvironment is GitHub's bound on the name of an environment, in characters.
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
const maxEnvironment = 255

// IsEnvironment holds for the name of an environment. Any character may be in it.
func IsEnvironment(name string) bool {
	return strings.TrimSpace(name) != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxEnvironment
}

// Word is a name out of GitHub's own vocabulary, "" where it is none.
func Word(s string) string {
	if !IsToken(s) {
		return ""
	}
	return s
}

// IsToken holds for delivery ids and event names.
func IsToken(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alnum(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// IsSecret holds for what can stand in a form or a header as it is.
func IsSecret(s string) bool {
	return s != "" && len(s) <= 512 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// IsName holds for the names of accounts and repositories.
func IsName(s string) bool {
	if s == "" || len(s) > 200 || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alnum(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// IsSHA holds for a full object id: SHA-1 or SHA-256 in lower-case hex.
func IsSHA(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// NoCommit is how an event names the commit before a branch was, or after it.
const NoCommit = "0000000000000000000000000000000000000000"

// IsRef holds for names of branches, tags and commits that mean nothing else
// in git's own language of revisions.
func IsRef(ref string) bool {
	if ref == "" || len(ref) > 255 || ref[0] == '-' || strings.Contains(ref, "..") {
		return false
	}
	for i := range len(ref) {
		if c := ref[i]; !alnum(c) && !strings.ContainsRune("-_./+#", rune(c)) {
			return false
		}
	}
	return true
}
