package agent

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
)

func TestTrailers(t *testing.T) {
	for name, tc := range map[string]struct {
		message string
		want    []trailer
	}{
		"none":                   {"Fix", nil},
		"subject is no trailer":  {"fix: cache", []trailer{{"fix", "cache"}}},
		"last block":             {"Fix\n\nA: 1\nB: 2\n", []trailer{{"a", "1"}, {"b", "2"}}},
		"folded":                 {"Fix\n\nA: 1\n  2\n", []trailer{{"a", "1 2"}}},
		"prose is no block":      {"Fix\n\nNote: this\nis prose.\n", nil},
		"mixed, with git's own":  {"Fix\n\nprose\nSigned-off-by: M <m@x>\nA: 1\n", []trailer{{"signed-off-by", "M <m@x>"}, {"a", "1"}}},
		"too much prose":         {"Fix\n\na\nb\nc\nd\nSigned-off-by: M <m@x>\n", nil},
		"cherry-pick":            {"Fix\n\nA: 1\n(cherry picked from commit 12ab)\n", []trailer{{"a", "1"}}},
		"middle is not the last": {"Fix\n\nA: 1\n\nprose\n", nil},
		"references are skipped": {"Fix\n\nA: 1\n\nCloses #12\n[1]: https://x\n", []trailer{{"a", "1"}}},
		"a key has no blanks":    {"Fix\n\nsee here: 1\n", nil},
	} {
		if got := trailers(tc.message); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestNameAndEmail(t *testing.T) {
	for value, want := range map[string][2]string{
		"Claude <noreply@anthropic.com>": {"Claude", "noreply@anthropic.com"},
		"Claude noreply@anthropic.com":   {"Claude", "noreply@anthropic.com"},
		"<a@b>":                          {"", "a@b"},
		"a@b":                            {"", "a@b"},
		"Ola (ola@b)":                    {"Ola", "ola@b"},
		"@ola":                           {"@ola", ""},
		"Ola <ola@b":                     {"Ola", "ola@b"},
		"":                               {"", ""},
	} {
		if name, email := nameAndEmail(value); name != want[0] || email != want[1] {
			t.Errorf("%q: %q %q", value, name, email)
		}
	}
}

func FuzzAttribute(f *testing.F) {
	for _, e := range examples(f) {
		message, name := "", ""
		if len(e.Commits) > 0 {
			message, name = e.Commits[0].Message, e.Commits[0].Author.Name
		}
		f.Add(e.Author.Login, e.HeadRef, e.Body, message, name, e.Author.ID)
	}
	f.Fuzz(func(t *testing.T, login, ref, body, message, name string, id int64) {
		c := change.Change{
			Author: change.Actor{Login: login, ID: id}, HeadRef: ref, Body: body, Labels: []string{name},
			Commits: []change.Commit{{Message: message, Author: change.Person{Name: name, Email: login}}},
		}
		got := Attribute(&c, Options{})
		if got.Is != (len(got.Names) > 0) || got.Is != (len(got.Evidence) > 0) {
			t.Fatalf("%+v", got)
		}
		for _, e := range got.Evidence {
			if utf8.RuneCountInString(e.Text) > maxShown || !utf8.ValidString(e.Text) {
				t.Fatalf("%q", e.Text)
			}
		}
		more := c
		more.Commits = append(more.Commits[:1:1], change.Commit{Message: "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>"})
		if after := Attribute(&more, Options{}); after.Strength.Rank() < got.Strength.Rank() || !after.Is {
			t.Fatalf("a commit more lowered %s to %s", got.Strength, after.Strength)
		}
	})
}

func BenchmarkAttribute(b *testing.B) {
	all := examples(b)
	typical := change.Change{Author: change.Actor{Login: "mira", ID: 7, Type: change.User}, HeadRef: "fix", Body: "## Summary\n\n"}
	for range 40 {
		typical.Body += "- what it does, in a line of some length that says why as well\n"
	}
	for range 5 {
		typical.Commits = append(typical.Commits, change.Commit{SHA: "1", Message: "Fix the cache\n\nIt kept stale keys, which nobody saw.\n\nCo-Authored-By: Claude <noreply@anthropic.com>", Author: change.Person{Name: "Mira Solberg", Email: "mira@example.com", Login: "mira"}})
	}
	b.Run("typical", func(b *testing.B) {
		for b.Loop() {
			Attribute(&typical, Options{})
		}
	})
	b.Run("examples", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			Attribute(all[i%len(all)].change(), Options{})
		}
	})
	hostile := typical
	for range 250 {
		hostile.Commits = append(hostile.Commits, change.Commit{Message: string(slices.Repeat([]byte("> generated with claude code https://app.devin.ai/sessions/ `\n\n* A: 1\n"), 1000))})
	}
	b.Run("hostile", func(b *testing.B) {
		for b.Loop() {
			Attribute(&hostile, Options{})
		}
	})
}
