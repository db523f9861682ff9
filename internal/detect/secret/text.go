package secret

import (
	"math"
	"strings"
)

// entropy is Shannon's, in bits per byte.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var count [256]int
	for i := 0; i < len(s); i++ {
		count[s[i]]++
	}
	var out float64
	n := float64(len(s))
	for _, c := range count {
		if c > 0 {
			p := float64(c) / n
			out -= p * math.Log2(p)
		}
	}
	return out
}

// packed tells whether a line is a piece of a longer text in base 64: a word
// that a name seems to hold there is none.
func packed(line string) bool {
	t := strings.Trim(line, " \t\r\n,;+()[]\"'`\\")
	t, _, _ = strings.Cut(t, "\n")
	t = strings.TrimRight(strings.TrimRight(t, " \t\r,;+\"'`\\"), "=")
	if len(t) < 48 {
		return false
	}
	for i := 0; i < len(t); i++ {
		if c := t[i]; !letterOrDigit(c) && c != '+' && c != '/' {
			return false
		}
	}
	return mixed(t)
}

// placeholder tells whether a value stands for a secret rather than being one:
// a reference to be filled in, a word that says so, or one sign repeated.
func placeholder(s string) bool {
	if s == "" || repeated(s) || counted(s) {
		return true
	}
	switch s[0] {
	case '$', '%', '<', '{', '[', '@', '#':
		if reference(s) {
			return true
		}
	}
	l := strings.ToLower(s)
	switch l {
	case "true", "false", "null", "none", "nil", "undefined", "empty", "string", "secret", "password", "token", "test", "todo":
		return true
	}
	for _, w := range [...]string{"example", "placeholder", "changeme", "change-me", "change_me", "your-", "your_", "yourpass",
		"yourtoken", "yoursecret", "yourkey",
		"redacted", "xxxxx", "*****", "dummy", "cleartext", "notasecret", "not-a-secret", "insert_", "insert-", "replace_", "replace-me",
		"replaceme", "fakekey", "fake-", "fake_",
		"abcdefghijklmnopqrstuvwxyz", "....", "00000000000000000000", "-----", "_____", "todo", "<your", "lorem"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// reference tells whether a value is a variable, template or substitution.
func reference(s string) bool {
	switch {
	case strings.HasPrefix(s, "${"), strings.HasPrefix(s, "$("), strings.HasPrefix(s, "{{"), strings.HasPrefix(s, "<%"),
		strings.HasPrefix(s, "#{"):
		return true
	case strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">"), strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"),
		strings.HasPrefix(s, "%") && strings.HasSuffix(s, "%"), strings.HasPrefix(s, "@") && strings.HasSuffix(s, "@"),
		strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}"):
		return true
	case strings.HasPrefix(s, "$"):
		for i := 1; i < len(s); i++ {
			if c := s[i]; c != '_' && c != ':' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				return false
			}
		}
		return true
	}
	return false
}

// counted tells whether a value counts up, as made-up ones do: ten letters or
// digits and more, one after the other, that are a third of it.
func counted(s string) bool {
	run, longest := 1, 0
	for i := 1; i < len(s); i++ {
		if letterOrDigit(s[i]) && (s[i] == s[i-1]+1 || s[i-1] == '9' && (s[i] == '0' || s[i]|0x20 == 'a')) {
			run++
			longest = max(longest, run)
		} else {
			run = 1
		}
	}
	return longest >= 10 && longest*3 >= len(s)
}

// repeated tells whether a value is mostly one sign, or a short piece again
// and again.
func repeated(s string) bool {
	var count [256]int
	most := 0
	for i := 0; i < len(s); i++ {
		count[s[i]]++
		most = max(most, count[s[i]])
	}
	if len(s) >= 4 && most*10 >= len(s)*8 {
		return true
	}
	for n := 1; n <= 4 && n*3 <= len(s); n++ {
		if strings.Count(s, s[:n])*n >= len(s)-n+1 {
			return true
		}
	}
	return false
}
