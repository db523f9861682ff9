package judge

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// Wherever in what a change says of itself a secret stands, neither the verdict
// nor what led to the change tells it: names of agents and of people included.
func TestNoSecretInWhatAChangeSaysOfItself(t *testing.T) {
	message := func(text string) func(c *change.Change, word string) {
		return func(c *change.Change, word string) {
			c.Commits = []change.Commit{{SHA: "1", Message: "Fix\n\n" + strings.ReplaceAll(text, "$", word) + "\n"}}
		}
	}
	body := func(text string) func(c *change.Change, word string) {
		return func(c *change.Change, word string) { c.Body = strings.ReplaceAll(text, "$", word) }
	}
	written := func(name, email string) func(c *change.Change, word string) {
		return func(c *change.Change, word string) {
			p := change.Person{Name: strings.ReplaceAll(name, "$", word), Email: strings.ReplaceAll(email, "$", word)}
			c.Commits = []change.Commit{{SHA: "1", Message: "Fix", Author: p, Committer: p}}
		}
	}
	r := policy.EnforcedDefault()
	for name, edit := range map[string]func(c *change.Change, word string){
		"an agent by its model":  message("Assisted-by: $:model"),
		"an agent's arguments":   message("Assisted-by: Claude --token $"),
		"a co-author":            message("Co-authored-by: $ <x@y.example>"),
		"a co-author's address":  message("Co-authored-by: Claude <$>"),
		"a session's trailer":    message("Agent-Session: $"),
		"a bot's name":           written("$[bot]", "a@b.example"),
		"a bot's address":        written("x", "7+$[bot]@users.noreply.github.com"),
		"an author's mark":       written("Ana (claude-sonnet) $", "$@x.example"),
		"who asked":              body("Link to Devin run: x\n\nRequested by: $"),
		"who asked, by a login":  body("Link to Devin run: x\n\nRequested by: @$"),
		"a footer":               body("Generated with Claude Code $"),
		"a session":              body("https://claude.ai/code/$"),
		"a session's repository": body("https://github.com/a/$/sessions/1"),
		"an intent":              body("```gatehold\npaths: [$]\n$: 1\n```"),
		"a branch":               func(c *change.Change, word string) { c.HeadRef = "copilot/" + word },
		"a base":                 func(c *change.Change, word string) { c.BaseRef = word },
		"a label":                func(c *change.Change, word string) { c.Labels = []string{"codex-" + word, word} },
		"an App":                 func(c *change.Change, word string) { c.Via = word },
		"an issue": func(c *change.Change, word string) {
			c.Issues = []change.Issue{{Number: 1, Title: word, Body: "```gatehold\npaths: [" + word + "]\n```\n",
				Author: change.Actor{Login: "ana", ID: 1, Type: change.User}}}
		},
		"why issues are not seen": func(c *change.Change, word string) { c.IssuesUnseen = word },
		"why a file is not read": func(c *change.Change, word string) {
			c.Files[0].After = change.Text{State: change.Unreadable, Reason: word}
		},
		"a symbolic link": func(c *change.Change, word string) {
			c.Files[0].Mode, c.Files[0].After = change.ModeSymlink, change.TextOf(word)
		},
		"where a file was": func(c *change.Change, word string) {
			c.Files[0].Status, c.Files[0].PreviousPath, c.Files[0].Before = change.Renamed, "x/"+word+".sql", c.Files[0].After
		},
		"a fork": func(c *change.Change, word string) { c.HeadRepository = "a/" + word },
	} {
		for _, word := range plantedWords {
			c := byAgent(added("db/migrations/1.sql", "DROP TABLE a;\n"))
			edit(c, word)
			text, err := json.Marshal(struct {
				Verdict gate.Verdict
				Origin  []gate.Link
			}{Change(r, c), Origin(c)})
			if err != nil {
				t.Fatal(err)
			}
			low := strings.ToLower(string(text))
			if i := strings.Index(low, strings.ToLower(core)); i >= 0 {
				t.Errorf("%s with %s: %s", name, word, low[max(0, i-100):min(len(low), i+60)])
			}
		}
	}
}
