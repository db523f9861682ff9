package hunk

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2/lexers"
	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
)

// drawn is a hunk as a person reads it; what is marked stands in brackets.
func drawn(h Hunk) string {
	var b strings.Builder
	for _, l := range h.Lines {
		fmt.Fprintf(&b, "%c%d,%d ", l.Kind, l.Old, l.New)
		for _, s := range l.Spans {
			if s.Marked {
				s.Text = "[" + s.Text + "]"
			}
			b.WriteString(s.Text)
		}
		if l.Marked {
			b.WriteString(" !")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func numbered(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, "line %d\n", n)
	}
	return b.String()
}

func TestAHunkShowsBothSides(t *testing.T) {
	before := change.TextOf(numbered(1, 20))
	after := change.TextOf(numbered(1, 9) + "DROP TABLE users;\n" + numbered(11, 20))
	got := Of("a.sql", before, after, []Place{{Line: 10, Object: "users"}, {Line: 99}})
	want := " 7,7 line 7\n 8,8 line 8\n 9,9 line 9\n-10,0 line 10\n+0,10 DROP TABLE [users]; !\n" +
		" 11,11 line 11\n 12,12 line 12\n 13,13 line 13\n"
	if len(got) != 1 || drawn(got[0]) != want || !slices.Equal(got[0].Places, []int{0}) {
		t.Fatalf("%d hunks: %s", len(got), drawn(got[0]))
	}
	if first := got[0].Lines[4].Spans[0]; first.Class != Keyword || first.Text != "DROP" {
		t.Errorf("the colours are %+v", got[0].Lines[4].Spans)
	}
	got = Of("a.sql", before, after, []Place{{Line: 10, Removed: true}})
	if len(got) != 1 || !got[0].Lines[3].Marked || got[0].Lines[3].Kind != Removed {
		t.Errorf("before: %s", drawn(got[0]))
	}
}

// The languages are chroma's own: what it makes of a line, so do we.
func TestLanguagesAreAsChromaHasThem(t *testing.T) {
	const text = "# a\n-- b\nFROM x AS y\nkey: \"value\" # c\nDROP TABLE users;\nresource \"a\" \"b\" { count = 1 }\nif true; then echo 'x'; fi\n"
	for _, name := range []string{"a.sql", "b.tf", "c.yml", "Dockerfile", "d.sh", "e.json", "f.py", "g.ts", "h.rb", "i.toml", "Makefile", "j.html"} {
		ours, theirs := languages().Match(name), lexers.Match(name)
		if ours == nil || theirs == nil {
			t.Errorf("%s: %v, and chroma's is %v", name, ours, theirs)
			continue
		}
		if got, want := tokens(ours, text, 7), tokens(theirs, text, 7); len(got) != 7 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %s otherwise than as chroma's %s:\n%v\n%v", name, ours.Config().Name, theirs.Config().Name, got, want)
		}
	}
	if languages().Match("a.txt") != nil {
		t.Error("plain text has a language")
	}
}

func TestAFileOfOneSide(t *testing.T) {
	added := Of("x", change.NoText(), change.TextOf("a\nb"), []Place{{Line: 2}})
	if len(added) != 1 || drawn(added[0]) != "+0,1 a\n+0,2 b !\n" {
		t.Errorf("%v", added)
	}
	removed := Of("x", change.TextOf("a\nb"), change.NoText(), []Place{{Line: 1, Removed: true}})
	if len(removed) != 1 || drawn(removed[0]) != "-1,0 a !\n-2,0 b\n" {
		t.Errorf("%v", removed)
	}
	half := Of("x", change.Text{State: change.Unreadable}, change.TextOf("a\nb"), []Place{{Line: 1}})
	if len(half) != 1 || drawn(half[0]) != " 0,1 a !\n 0,2 b\n" {
		t.Errorf("%v", half)
	}
	if none := Of("x", change.NoText(), change.Text{}, []Place{{Line: 1}}); none != nil {
		t.Errorf("%v", none)
	}
}

func TestPlacesShareAHunkWhereTheyTouch(t *testing.T) {
	after := change.TextOf(numbered(1, 100))
	got := Of("x", after, after, []Place{{Line: 10}, {Line: 14}, {Line: 50}})
	if len(got) != 2 || !slices.Equal(got[0].Places, []int{0, 1}) || len(got[0].Lines) != 11 {
		t.Errorf("%v", got)
	}
}

func TestAHunkShowsNoSecret(t *testing.T) {
	const secret = "xK9mQ2vLp7wZ"
	got := Of("x.env", change.TextOf("A=1\n"), change.TextOf("A=1\nDB_PASSWORD="+secret+"\nB="+secret+"\n"), []Place{{Line: 2}})
	if len(got) != 1 || strings.Contains(drawn(got[0]), secret) || !strings.Contains(drawn(got[0]), "DB_PASSWORD=[redacted]") {
		t.Errorf("%s", drawn(got[0]))
	}
}

// Whatever the texts are: a hunk has their very lines, in order, and is bounded.
func TestAHunkIsOfItsTexts(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "", "DROP TABLE x;", "-- c", "/*", "*/", "'", "\"", "{", "}", "é\xff", "\r", strings.Repeat("w ", 300)})
	text := rapid.Map(rapid.SliceOfN(line, 0, 40), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		name := rapid.SampledFrom([]string{"a.sql", "b.tf", "c.yml", "Dockerfile", "d.md", "e.html", "f.go", "g.json", "none"}).Draw(t, "name")
		places := []Place{{Line: rapid.IntRange(0, 45).Draw(t, "line")}, {Line: rapid.IntRange(0, 45).Draw(t, "other"), Removed: true, Object: "TABLE"}}
		rows := aligned(before, after)
		old, now := 0, 0
		for _, r := range rows {
			if r.old > 0 {
				old++
			}
			if r.new > 0 {
				now++
			}
			if r.old > 0 && r.old != old || r.new > 0 && r.new != now {
				t.Fatalf("the rows are %v", rows)
			}
		}
		if old != lineCount(before) || now != lineCount(after) {
			t.Fatalf("%d and %d lines of %d and %d", old, now, lineCount(before), lineCount(after))
		}
		texts := [2][]string{slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after))}
		for _, h := range Of(name, change.TextOf(before), change.TextOf(after), places) {
			if len(h.Lines) == 0 || len(h.Lines) > maxLines+2*(around+reach) {
				t.Fatalf("a hunk of %d lines", len(h.Lines))
			}
			for _, l := range h.Lines {
				var got strings.Builder
				for _, s := range l.Spans {
					got.WriteString(s.Text)
				}
				want := ""
				if l.New > 0 {
					want = texts[1][l.New-1]
				} else {
					want = texts[0][l.Old-1]
				}
				want = strings.TrimRight(want, "\r\n")
				if len(want) > maxWidth {
					want = strings.ToValidUTF8(want[:maxWidth], "")
				}
				if got.String() != want {
					t.Fatalf("%q is shown as %q", want, got.String())
				}
			}
		}
	})
}
