package change_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
)

// TestLinesAreComparedAsAMultiset compares the quick way with the plain one,
// over texts that share many lines, with and without a last line ending.
func TestLinesAreComparedAsAMultiset(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "ab", "", "a\r", strings.Repeat("x", 70), strings.Repeat("x", 70) + "y"})
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "lines"), "\n") + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "end")
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		if rapid.Bool().Draw(t, "edit") { // mostly the same
			i := rapid.IntRange(0, len(before)).Draw(t, "at")
			after = before[:i] + rapid.SampledFrom([]string{"", "z", "\n", "z\nz\n"}).Draw(t, "new") + before[i:]
		}
		f := change.File{Before: change.TextOf(before), After: change.TextOf(after)}
		check := func(got []change.Line, these, others string) {
			lines := split(these)
			for i, l := range got {
				if l.Number < 1 || l.Number > len(lines) || lines[l.Number-1] != l.Text {
					t.Fatalf("line %d is %q, the text is %q", l.Number, l.Text, these)
				}
				if i > 0 && got[i-1].Number >= l.Number {
					t.Fatalf("lines are not in order: %v", got)
				}
			}
			var texts []string
			for _, l := range got {
				texts = append(texts, l.Text)
			}
			want := minus(lines, split(others))
			slices.Sort(texts)
			slices.Sort(want)
			if !slices.Equal(texts, want) {
				t.Fatalf("%q less %q is %q, want %q", these, others, texts, want)
			}
		}
		check(f.AddedLines(), after, before)
		check(f.RemovedLines(), before, after)
	})
}

func split(s string) (out []string) {
	for l := range strings.Lines(s) {
		out = append(out, strings.TrimRight(l, "\r\n"))
	}
	return out
}

func minus(a, b []string) (out []string) {
	left := slices.Clone(b)
	for _, l := range a {
		if i := slices.Index(left, l); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		out = append(out, l)
	}
	return out
}

func TestALineThatIsNotLoadedIsNotCompared(t *testing.T) {
	f := change.File{After: change.TextOf("a\nb\n")}
	if got := f.AddedLines(); len(got) != 2 {
		t.Errorf("%v: every line counts as added where before is not known", got)
	}
	if got := f.RemovedLines(); got != nil {
		t.Errorf("%v was removed from nothing", got)
	}
}
