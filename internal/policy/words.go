package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

func short(sha string) string { return sha[:min(len(sha), 7)] }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// list writes "a, b or c".
func list(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + words[len(words)-1]
}

// didYouMean names the known word that is nearest to what was written, as the
// end of a sentence, or nothing where none is near.
func didYouMean(written string, known []string) string {
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

func clipTo(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "") + "…"
}
