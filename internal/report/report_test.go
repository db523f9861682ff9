package report

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
)

var update = flag.Bool("update", false, "write the golden files anew")

const headSHA = "5b0c5d1d2f7c1b8a9e3c4d5e6f708192a3b4c5d6"

func pull(number int) gate.Subject {
	return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "shop"}, Number: number}
}

func text(s string) *string { return &s }

func held() *gate.Verdict {
	return &gate.Verdict{
		Repository: "acme/shop", Number: 12, Head: headSHA, Score: 72, Level: gate.High, Held: true, Mode: "enforce",
		Reason: "An agent's change of level high needs a person's approval.",
		Agent: gate.Attribution{
			Is: true, Strength: gate.Verified, Names: []string{"copilot", "claude-code"},
			Instigators: []string{"mira", "Ola Nord <ola@example.com>"},
			Evidence: []gate.Evidence{
				{Agent: "copilot", Strength: gate.Verified, Kind: "login", Text: "Copilot"},
				{Agent: "claude-code", Strength: gate.Declared, Kind: "trailer",
					Text: "co-authored-by: Claude <noreply@anthropic.com>", Commit: headSHA},
				{Agent: "copilot", Strength: gate.Suspected, Kind: "branch", Text: "copilot/fix-12"},
			},
		},
		Findings: []gate.Finding{
			{Rule: "migrations/drop", Pack: "migrations", Observation: text("sql/drop-table"), Risk: 60, Level: gate.High,
				Path: "db/migrate/0042.sql", Line: 3, Object: "orders", Message: "Drops the table orders.",
				Why: "Its rows are gone; only a backup brings them back.", Controls: []string{"owasp-asi02"}},
			{Rule: "ci/workflows", Pack: "ci", Risk: 30, Path: ".github/workflows/deploy.yml", Message: "Changes a workflow.",
				Why: "A workflow runs with the repository's secrets.", Controls: []string{}},
			{Rule: "migrations/drop", Pack: "migrations", Observation: text("sql/drop-table"), Risk: 60, Level: gate.High,
				Path: "db/old.sql", Line: 9, Removed: true, Object: "carts", Message: "Drops the table carts.", Controls: []string{}},
			{Rule: "size", Pack: "shape", Risk: 10, Message: "Touches 300 files.", Controls: []string{}, Observe: true},
		},
		Needs: &gate.Need{All: []gate.Need{{Approvals: 1, From: []string{"@acme/sre"}, Via: []string{"passkey"}},
			{Approvals: 2, From: []string{"@acme/security", "@acme/dba"}}}, Expires: "24h", Reason: true, Keep: "same_findings"},
		Rules: gate.RulesRef{Digest: "0123456789abcdef0123",
			Sources: []string{"acme/.github/.github/gatehold.yml@1a2b3c4", "acme/shop/.github/gatehold.yml@5d6e7f8"}},
		Digest: "fedcba9876543210fedc",
	}
}

// Where a part of a need takes a passkey alone, the check leads to where one signs.
func TestACheckLeadsToThePasskey(t *testing.T) {
	for url, want := range map[string]string{
		"https://gate.acme.test/gates/pr/42/12": "[open the gate's page](<https://gate.acme.test/gates/pr/42/12>), sign in",
		"":                                      "this server serves none",
	} {
		v, subject := held(), gate.Subject{Kind: gate.PullRequest, Number: 12}
		run := CheckRun(Input{Gates: []Gate{{Subject: subject, Standing: gate.IsHeld, Verdict: v, URL: url}}})
		if !strings.Contains(run.Summary, want) {
			t.Errorf("%q: %s", url, run.Summary)
		}
		v.Needs = &gate.Need{Approvals: 1, From: []string{"@acme/sre"}}
		run = CheckRun(Input{Gates: []Gate{{Subject: subject, Standing: gate.IsHeld, Verdict: v, URL: url}}})
		if strings.Contains(run.Summary, want) {
			t.Errorf("%q leads there where a button is enough", url)
		}
	}
}

func passed() *gate.Verdict {
	return &gate.Verdict{
		Repository: "acme/shop", Number: 13, Head: headSHA, Level: gate.Low, Mode: "enforce",
		Reason: "A human's change; the rules hold agents' changes only.",
		Agent: gate.Attribution{Strength: gate.None, Names: []string{}, Evidence: []gate.Evidence{}, Instigators: []string{},
			Automation: []string{"dependabot"}},
		Rules: gate.RulesRef{Digest: "0123456789abcdef0123", Sources: []string{"built-in default"}}, Findings: []gate.Finding{},
		Digest: "aa",
	}
}

func watching() *gate.Verdict {
	v := held()
	v.Held, v.WouldHold, v.Mode, v.Number = false, true, "observe", 14
	v.Rules = gate.RulesRef{Digest: "99", Sources: []string{"built-in default"}, Builtin: true}
	return v
}

// proposing is a held change that brings a rules file.
func proposing() *gate.Verdict {
	v := held()
	v.Proposed = &gate.Proposal{
		Valid: true,
		Changes: []string{"The mode becomes `enforce`: what is only shown now is held then.",
			"Raises the rule `migrations/sql` from risk 30 to risk 60.",
			"Adds the environment `production`: hold agent_changes, needs 1 approval from @acme/sre."},
		Judged: 9, Different: []gate.Difference{{Subject: "#7 Drop `carts`",
			From: "only watched: high risk, score 60, needs 1 approval", To: "held: high risk, score 60, needs 1 approval from @acme/sre"}},
		Note: "Not counted: 1 merged change that could not be read whole.",
	}
	return v
}

// breaking brings a rules file that cannot be used.
func breaking() *gate.Verdict {
	v := unfinished()
	v.Problems = []gate.Problem{{Code: "proposed_rules_invalid",
		Text: "The rules file that this change brings cannot be used: .github/gatehold.yml:2:1: a rules file has no key \"rulez\"."}}
	v.Proposed = &gate.Proposal{Problems: []string{".github/gatehold.yml:2:1: a rules file has no key \"rulez\": did you mean \"rules\"?"}}
	return v
}

func unfinished() *gate.Verdict {
	v := held()
	v.Needs, v.Findings = nil, nil
	v.Problems = []gate.Problem{{Code: "change_incomplete",
		Text: "GitHub listed 3000 of 4120 files. Split the change, or have it judged by gatehold score."}}
	return v
}

var since = time.Date(2026, 3, 4, 9, 58, 0, 0, time.UTC)

func inputs() map[string]Input {
	in := func(gates ...Gate) Input {
		return Input{Name: "gatehold", HeadSHA: headSHA, Stream: "check/2/" + headSHA,
			URL: "https://gate.example/gates/check/2", Gates: gates}
	}
	failed := &gate.Failed{Step: "assess", Code: "github_unavailable", Text: "GitHub answered 502", Attempt: 3, Since: since,
		Next: since.Add(6 * time.Minute)}
	refused := &gate.Failed{Step: "assess", Code: "permission_missing",
		Text: "The App may not read pull requests here. An owner has to accept its permissions.", Attempt: 1, Since: since}
	noted := passed()
	noted.Notes = []string{"What issue #12 by @sentry[bot] declares does not count: @sentry[bot] is a bot."}
	human := passed()
	human.Agent.Automation = nil
	presumed := held()
	presumed.Agent = gate.Attribution{Is: true, Presumed: true, Strength: gate.None, Instigators: []string{"mira"}}
	return map[string]Input{
		"held":       in(Gate{Subject: pull(12), Verdict: held(), URL: "https://gate.example/gates/pr/2/12"}),
		"passed":     in(Gate{Subject: pull(13), Verdict: passed()}),
		"noted":      in(Gate{Subject: pull(13), Verdict: noted}),
		"human":      in(Gate{Subject: pull(13), Verdict: human}),
		"watching":   in(Gate{Subject: pull(14), Verdict: watching()}),
		"incomplete": in(Gate{Subject: pull(12), Verdict: unfinished()}),
		"proposing":  in(Gate{Subject: pull(12), Verdict: proposing()}),
		"breaking":   in(Gate{Subject: pull(12), Verdict: breaking()}),
		"failing":    in(Gate{Subject: pull(12), Failure: failed}),
		"refused":    in(Gate{Subject: pull(12), Verdict: passed(), Failure: refused}),
		"pending":    in(Gate{Subject: pull(12)}),
		"presumed":   in(Gate{Subject: pull(12), Verdict: presumed}),
		"several": in(Gate{Subject: pull(13), Verdict: passed(), URL: "https://gate.example/gates/pr/2/13"},
			Gate{Subject: pull(12), Verdict: held(), URL: "https://gate.example/gates/pr/2/12"}, Gate{Subject: pull(15)}),
		"empty": in(),
	}
}

func TestGolden(t *testing.T) {
	for name, in := range inputs() {
		c := checkRun(in)
		notes, err := json.MarshalIndent(c.Annotations, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got := string(c.Conclusion) + "\n" + c.Title + "\n\n" + c.Summary + "\n=== text\n" + c.Text + "\n=== annotations\n" +
			string(notes) + "\n"
		for _, g := range in.Gates {
			if g.Verdict != nil {
				got += "\n=== terminal #" + g.Subject.String() + "\n" + Terminal(*g.Verdict, false) + Line(*g.Verdict) + "\n"
			}
		}
		path := filepath.Join("..", "..", "testdata", "report", name+".md")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s; go test -update writes it anew. Now:\n%s", name, path, got)
		}
	}
}

func TestConclusion(t *testing.T) {
	success := map[string]bool{"passed": true, "human": true, "noted": true, "watching": true}
	for name, in := range inputs() {
		got := checkRun(in).Conclusion
		if (got == Success) != success[name] || got != Success && got != ActionRequired {
			t.Errorf("%s concludes %s", name, got)
		}
	}
	in := inputs()["passed"]
	in.HeadSHA = strings.Repeat("f", 40)
	if got := checkRun(in); got.Conclusion == Success {
		t.Errorf("a verdict on another commit let this one pass: %s", got.Title)
	}
	problem := passed()
	problem.Problems = []gate.Problem{{Code: "x", Text: "y"}}
	if got := checkRun(Input{HeadSHA: headSHA, Gates: []Gate{{Verdict: problem}}}); got.Conclusion == Success {
		t.Error("an incomplete verdict passed")
	}
}

func TestTitles(t *testing.T) {
	in := inputs()
	for name, want := range map[string]string{
		"held":     "Held: needs 1 approval from @acme/sre by passkey and 2 approvals from @acme/security or @acme/dba - score 72, high",
		"human":    "Passed: human change, nothing to hold",
		"watching": "Watching only: would be held - score 72, high",
		"failing":  "Held: gatehold could not finish judging - GitHub answered 502, next try 10:04 UTC",
		"passed":   "Passed: automation (dependabot), nothing to hold",
	} {
		if got := checkRun(in[name]).Title; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	late := *in["failing"].Gates[0].Failure
	late.Next = since.Add(20 * time.Hour)
	if got := nextTry(&late); got != ", next try 2026-03-05 05:58 UTC" {
		t.Errorf("%q", got)
	}
}

func TestBounds(t *testing.T) {
	v := held()
	long := strings.Repeat("ä<@x/", 400)
	for i := range 1200 {
		f := v.Findings[0]
		f.Line, f.Path, f.Message, f.Why, f.Object = i+1, long, long, long, long
		f.Rule = "r" + strings.Repeat("x", i%60)
		v.Findings = append(v.Findings, f)
	}
	for range 400 {
		v.Agent.Instigators = append(v.Agent.Instigators, long)
		v.Agent.Evidence = append(v.Agent.Evidence, gate.Evidence{Strength: gate.Declared, Kind: "trailer", Text: long})
		v.Problems = append(v.Problems, gate.Problem{Code: long, Text: long})
	}
	var in Input
	in.HeadSHA = headSHA
	for i := range 12 {
		in.Gates = append(in.Gates, Gate{Subject: pull(i), Verdict: v})
	}
	c := checkRun(in)
	if len(c.Title) > 255 || len(c.Summary) > MaxSummary || len(c.Text) > MaxSummary {
		t.Errorf("title %d, summary %d, text %d bytes", len(c.Title), len(c.Summary), len(c.Text))
	}
	if len(c.Annotations) != allAnnotations {
		t.Errorf("%d annotations", len(c.Annotations))
	}
	for _, n := range c.Annotations {
		if len(n.Title) > 255 || len(n.Message) > 64<<10 || !utf8.ValidString(n.Title+n.Message) {
			t.Errorf("annotation of %d and %d bytes", len(n.Title), len(n.Message))
		}
	}
	blocks := jsonBlocks(t, c.Text)
	if len(blocks) != maxDetails {
		t.Errorf("%d blocks of JSON", len(blocks))
	}
	for _, b := range blocks {
		if b.Hidden == 0 || b.Digest != v.Digest {
			t.Errorf("hidden %d, digest %s", b.Hidden, b.Digest)
		}
	}
	v.Reason, v.Rules.Sources = strings.Repeat(long, 100), []string{strings.Repeat(long, 100)}
	if body, _ := bounded(v, 10000); len(body) > 10000 || !json.Valid([]byte(body)) {
		t.Errorf("%d bytes: %s", len(body), body)
	}
}

func jsonBlocks(t testing.TB, text string) []gate.Verdict {
	t.Helper()
	var out []gate.Verdict
	for _, part := range strings.Split(text, "\n```json\n")[1:] {
		body, _, ok := strings.Cut(part, "\n```\n")
		if !ok {
			t.Fatal("a fence stays open")
		}
		var v gate.Verdict
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		out = append(out, v)
	}
	return out
}

func TestAnnotations(t *testing.T) {
	notes := checkRun(inputs()["held"]).Annotations
	if len(notes) != 1 || notes[0].Path != "db/migrate/0042.sql" || notes[0].StartLine != 3 || notes[0].Level != "failure" {
		t.Errorf("%+v", notes)
	}
}
