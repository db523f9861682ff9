//go:build linux && !race

package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile/codeowners"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
)

// units are pieces of what people write of a change. Each is repeated to a text;
// § is a number.
var units = []string{
	"a", "a ", "a\n", "\n", " \n", "\n\n", "@a ", "@a§ ", "#1 ", "closes #§, ", "Reverts #§\n",
	"This reverts commit 3f2a91c3f2a91c3f2a91c3f2a91c3f2a91c3f2a9.\n",
	"`", "```\n", "~~~\n", "<!-- ", "<!-- a -->\n", "> ", "- [ ] a\n", "# a\n", "<a ", "[a](", "\\", "\"'", "(", "{", "=", ":",
	"Co-authored-by: a§ <a§@b.c>\n", "Co-authored-by: ", "Signed-off-by: Claude <a@b.c>\n", "Assisted-by: a:b§\n", "A-b§: c\n",
	"A: b\n c\n", "Made-with: Cursor\n",
	"Generated with [Claude Code](https://claude.com/claude-code)\n", "Written by Claude\n",
	"Agent-Logs-Url: https://github.com/a/b/sessions/§\n", "# Conflicts:\n#\ta\n",
	"paths: [a§]\n", "```gatehold\npaths: [a]\n```\n", "intent: a§\n", "password=a§ ", "Authorization: Bearer a§ ",
	"https://a:b§@c ", "--token a§ ", "-p a§ ", "AKIA", "-----BEGIN RSA PRIVATE KEY-----\n",
	"a.a.a.", "a@", "://", "ghp_", "token: ", "SET PASSWORD = 'a§' ", "\u00a0", "\u200b", "é",
}

// What is read beside files is read in time that grows with it alone: what a
// change, a commit and an issue say, and what is shown of it.
func TestWordsAreReadInLinearTime(t *testing.T) {
	r := policy.EnforcedDefault()
	judged := func(edit func(c *change.Change, text string)) func(text string) func() {
		return func(text string) func() {
			c := byAgent(added("a.txt", "a\n"))
			c.Author = change.Actor{Login: "ana", ID: 1, Type: change.User}
			edit(c, text)
			return func() { Change(r, c); Origin(c); change.Reverts(c); Resolves(c.Body) }
		}
	}
	for n, unit := range units {
		for m, place := range []struct {
			name string
			of   func(text string) func()
		}{
			{"the body", judged(func(c *change.Change, text string) { c.Body = text })},
			{"a commit's message", judged(func(c *change.Change, text string) {
				c.Commits = []change.Commit{{SHA: "h", Message: "a\n\n" + text, Author: change.Person{Name: "a", Email: "a@b.c"}}}
			})},
			{"an issue", judged(func(c *change.Change, text string) {
				c.Issues = []change.Issue{{Number: 1, Title: "a", Body: text, Author: change.Actor{Login: "ana", ID: 1, Type: change.User}}}
			})},
			{"the title and the branch", judged(func(c *change.Change, text string) { c.Title, c.HeadRef = text, text })},
			{"a path and its symbolic link", judged(func(c *change.Change, text string) {
				c.Files = []change.File{{Path: text, Mode: change.ModeSymlink, Status: change.Added, Before: change.NoText(),
					After: change.TextOf(text)}}
			})},
			{"what is shown", func(text string) func() { return func() { redact.Text(text); redact.Of(text, text).Text(text) } }},
			{"lines of both sides", func(text string) func() {
				f := change.File{Path: "a", Status: change.Modified, Before: change.TextOf(text + "x\n" + text),
					After: change.TextOf("y\n" + text + text + "z")}
				return func() { newSameness(byAgent(f)).content(&f) }
			}},
		} {
			if (n+m)%7 != 0 || testing.Short() && n%8 != 0 { // each unit in one place, and each place with some
				continue
			}
			if detecttest.Cost(place.of(detecttest.Repeated(unit, 64<<10))) < 8*time.Millisecond {
				continue // it is read at many megabytes a second
			}
			detecttest.Linear(t, fmt.Sprintf("%q as %s", unit, place.name), 16<<10,
				func(size int) func() { return place.of(detecttest.Repeated(unit, size)) })
		}
	}
}

// Many of anything cost as much as they are.
func TestManyAreJudgedInLinearTime(t *testing.T) {
	r := strictRules(t)
	owned := rulesOf(t,
		"version: 1\nextends: []\nrules:\n  - { id: a, title: A, paths: [\"**\"], risk: 60, need: { approvals: 1, from: [codeowners] } }\n")
	judged := func(r *policy.Rules, edit func(c *change.Change, n int)) func(n int) func() {
		return func(n int) func() {
			c := byAgent(added("a.txt", "a\n"))
			edit(c, n/64)
			return func() { Change(r, c); Origin(c) }
		}
	}
	person := func(i int) change.Actor {
		return change.Actor{Login: fmt.Sprint("a", i), ID: int64(i + 1), Type: change.User}
	}
	for name, of := range map[string]func(n int) func(){
		"files": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Files = append(c.Files, added(fmt.Sprintf("a/b%d/c%d.go", i%100, i), "package a\n"))
			}
		}),
		"files that go": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Files = append(c.Files, change.File{Path: fmt.Sprintf("db/%d.sql", i), Status: change.Removed,
					Before: change.TextOf("CREATE TABLE a (b int);\n"), After: change.NoText()})
			}
		}),
		"files that move": judged(r, func(c *change.Change, n int) {
			for i := range n {
				text := change.TextOf(fmt.Sprintf("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a%d}\nspec: {}\n", i))
				c.Files = append(c.Files, change.File{Path: fmt.Sprintf("k8s/b%d.yaml", i),
					PreviousPath: fmt.Sprintf("k8s/a%d.yaml", i), Status: change.Renamed, Before: text, After: text})
			}
		}),
		"commits": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Commits = append(c.Commits, change.Commit{SHA: fmt.Sprint(i),
					Message: fmt.Sprintf("a%d\n\nCo-authored-by: b%d <b%d@c.d>\nReverts #%d\n", i, i, i, i),
					Author:  change.Person{Name: fmt.Sprint("a", i), Email: fmt.Sprintf("a%d@b.c", i)}})
			}
		}),
		"people": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Assignees, c.Pushers = append(c.Assignees, person(i)), append(c.Pushers, person(i))
			}
		}),
		"labels": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Labels = append(c.Labels, fmt.Sprint("a", i))
			}
		}),
		"issues": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Issues = append(c.Issues, change.Issue{Number: i + 1, Title: "a", Body: fmt.Sprintf("paths: [a%d]\n", i),
					Author: person(i)})
			}
		}),
		"gaps": judged(r, func(c *change.Change, n int) {
			for i := range n {
				c.Gaps = append(c.Gaps, fmt.Sprint("a", i))
			}
		}),
		"files with owners": judged(owned, func(c *change.Change, n int) {
			c.Owners = change.RulesFile{State: change.RulesFound, Name: "CODEOWNERS",
				Text: []byte("* @acme/a\n/a/ @acme/b\n**/c @acme/c\n")}
			for i := range n {
				c.Files = append(c.Files, added(fmt.Sprintf("a/b%d/c%d.go", i%100, i), "package a\n"))
			}
		}),
		"lines of CODEOWNERS": func(n int) func() {
			text := detecttest.Repeated("/a§/**/b*/ @acme/a§\n", n)
			return func() { codeowners.Parse(text) }
		},
		"stars of a pattern": func(n int) func() {
			p, err := glob.Compile(strings.Repeat("**/a*/", 10)+"b", true)
			if err != nil {
				t.Fatal(err)
			}
			path := strings.Repeat("aa/", n/3) + "c"
			return func() { p.Match(path) }
		},
		"rules": func(n int) func() {
			text := []byte("version: 1\nrules:\n" + detecttest.Repeated("  - { id: a§, title: A, paths: [\"a§/**\"], risk: 10 }\n", n))
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"patterns of a rule": func(n int) func() {
			text := []byte("version: 1\nrules:\n  - { id: a, title: A, risk: 10, paths: [" + detecttest.Repeated("a§, ", n) +
				detecttest.Repeated("\"!b§\", ", n) + "c] }\n")
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"boundaries": func(n int) func() {
			text := []byte("version: 1\nboundaries:\n" + detecttest.Repeated("  b§: { paths: [\"b§/**\"] }\n", n) + "separate: [[b1, b2]]\n")
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"a condition": func(n int) func() {
			text := []byte("version: 1\nrules:\n  - { id: a, title: A, risk: 10, when: '" + detecttest.Repeated("change.draft || ", n) + "true' }\n")
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"aliases": func(n int) func() {
			text := []byte("version: 1\na: &a [x, x]\n" + detecttest.Repeated("a§: &a§ [*a, *a]\n", n))
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"brackets": func(n int) func() {
			text := []byte("version: 1\na: " + strings.Repeat("[", n))
			return func() {
				policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Text: text})
			}
		},
		"rules that are proposed": judged(r, func(c *change.Change, n int) {
			text := detecttest.Repeated("  - { id: a§, title: A, paths: [\"a§/**\"], risk: 10 }\n", n*64)
			c.Files = append(c.Files, change.File{Path: ".github/gatehold.yml", Status: change.Modified, Mode: change.ModeFile,
				Before: change.TextOf("version: 1\nrules:\n" + text),
				After:  change.TextOf("version: 1\nrules:\n" + strings.ReplaceAll(text, "risk: 10", "risk: 9"))})
		}),
	} {
		detecttest.Linear(t, name, 16<<10, of)
	}
}
