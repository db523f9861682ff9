package agent

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
)

// TestTrailers: which lines of a message count as trailers. Those of other keys
// tell nothing of who wrote it.
func TestTrailers(t *testing.T) {
	const claude = "Co-authored-by: Claude <noreply@anthropic.com>"
	one := []trailer{{"co-authored-by", "Claude <noreply@anthropic.com>"}}
	for name, tc := range map[string]struct {
		message string
		want    []trailer
	}{
		"none":          {"Fix", nil},
		"other keys":    {"Fix\n\nA: 1\nNote: this\n", nil},
		"last block":    {"Fix\n\n" + claude + "\n", one},
		"folded":        {"Fix\n\nCo-authored-by: Claude\n  <noreply@anthropic.com>\n", one},
		"in the middle": {"Fix\n\n" + claude + "\n\nMore of it.\n", one},
		"in a squash":   {"A (#1)\n\n* one\n\n" + claude + "\n\n* two: tidy\n\n- move\n", one},
		"collected by git, indented": {"Squashed commit of the following:\n\ncommit 12\nDate:   Mon\n\n    Fix\n\n    " +
			claude + "\n", one},
		"indented by a tab": {"Fix\n\n\tFix it\n\n\t" + claude + "\n\nDone\n", one},
		"above a dotted key": {"Fix\n\n" + claude + "\n\nhook.version: 2.4.0\n\nSigned-off-by: M <m@x>\n",
			append(one[:1:1], trailer{"signed-off-by", "M <m@x>"})},
		"above conflicts":               {"Merge\n\n" + claude + "\n\n# Conflicts:\n#\ta.yml\n", one},
		"above references":              {"Fix\n\n" + claude + "\n\nCloses #12\n[1]: https://x\n", one},
		"in a list":                     {"Fix\n\n- " + claude + "\n", one},
		"in bold":                       {"Fix\n\n**Assisted-by:** Codex\n", []trailer{{"assisted-by", "Codex"}}},
		"with lines of Windows":         {readable("Fix\r\n\r\n" + claude + "\r\n\r\nMore\r\n"), one},
		"below a fence that stays open": {"Written\n\n```\nAdd a form.\n\n" + claude + "\n", one},
		"made again from a revert":      {"Reland \"Fix\"\n\nOriginal message:\n\nFix\n\n" + claude + "\n", one},
		"a revert that an agent made":   {"Revert \"Fix\"\n\nThis reverts commit 12.\n\n" + claude + "\n", one},

		"quoted":                    {"Revert \"Fix\"\n\n> " + claude + "\n\nIt broke.\n", nil},
		"what a revert repeats":     {"Revert \"Fix\"\n\nOriginal message:\n\nFix\n\n" + claude + "\n", nil},
		"in a fence":                {"We strip:\n\n```\n" + claude + "\n```\n", nil},
		"in a fence of four":        {"We strip:\n\n~~~~\n```\n" + claude + "\n~~~~\n", nil},
		"shown by indentation":      {"We had:\n\n    Fix\n\n    " + claude + "\n\nNo more.\n", nil},
		"shown in a list":           {"We look for:\n- " + claude + "\n- others\n", nil},
		"shown below a colon":       {"We strip this:\n\n" + claude + "\n\nNobody wants it.\n", nil},
		"the subject of a sentence": {"Explain\n\n" + claude + "\n\nis what we looked for.\n", nil},
		"in a template":             {"Fix\n\n<!-- If a tool helped, say\nAssisted-by: Claude\nor so -->\n", nil},
		"in backticks":              {"Drop `" + claude + "`\n", nil},
		"within a line":             {"Drop the line Co-authored-by: Claude <noreply@anthropic.com>\n", nil},
		"a key has no blanks":       {"Fix\n\nsee co-authored-by here: 1\n", nil},
	} {
		if got := trailers(tc.message, mark(tc.message), builtin().tells); !slices.Equal(got, tc.want) {
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
		if got.Is != (len(got.Evidence)+len(got.Unknown) > 0) || len(got.Names) > len(got.Evidence) || !got.Is && id == 0 {
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
		typical.Commits = append(typical.Commits,
			change.Commit{SHA: "1",
				Message: "Fix the cache\n\nIt kept stale keys, which nobody saw.\n\nCo-Authored-By: Claude " +
					"<noreply@anthropic.com>", Author: change.Person{Name: "Mira Solberg", Email: "mira@example.com", Login: "mira"}})
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
		hostile.Commits = append(hostile.Commits,
			change.Commit{Message: string(slices.Repeat([]byte("> generated with claude code https://app.devin.ai/sessions/ "+
				"`\n\n* A: 1\n"), 1000))})
	}
	b.Run("hostile", func(b *testing.B) {
		for b.Loop() {
			Attribute(&hostile, Options{})
		}
	})
}
