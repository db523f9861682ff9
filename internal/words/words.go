// Package words holds what every room needs to put a word into a sentence: clipped,
// counted, listed.
package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Short is a commit as GitHub shows it: its first seven characters.
func Short(sha string) string { return sha[:min(len(sha), 7)] }

// Plural is "1 finding" or "3 findings".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Clip bounds a text to 60 bytes.
func Clip(s string) string {
	return ClipTo(s, 60)
}

// List writes "a, b or c".
func List(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + words[len(words)-1]
}

// DidYouMean names the known word that is nearest to what was written, as the
// end of a sentence, or nothing where none is near.
func DidYouMean(written string, known []string) string {
	if len(written) > 64 {
		return ""
	}
	best, bestDistance := "", 3
	if len(written) <= 4 {
		bestDistance = 2
	}
	known = slices.Sorted(slices.Values(known))
	for _, word := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(written), word); d < bestDistance {
			best, bestDistance = word, d
		}
	}
	if best == "" {
		for _, word := range known {
			if len(written) >= 3 && (strings.HasPrefix(word, written) || len(word) >= 3 && strings.HasPrefix(written, word)) {
				best = word
				break
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// ClipTo bounds a text to max bytes, and leaves no half of a character.
func ClipTo(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "") + "…"
}

// Union is a and what b has beside it. It does not alter a.
func Union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}
