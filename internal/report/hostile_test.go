package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	markdown "github.com/yuin/goldmark/text"

	"github.com/gatehold/gatehold/internal/gate"
)

// spoiled are checks in which every text that can come from outside is s.
func spoiled(s string) []Input {
	v := held()
	v.Repository, v.Reason = s, s
	v.Agent.Names, v.Agent.Instigators, v.Agent.Automation = []string{s, s}, []string{s, s}, []string{s}
	for i := range v.Agent.Evidence {
		e := &v.Agent.Evidence[i]
		e.Agent, e.Text, e.Commit = s, s, s
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Path, f.Object, f.Message, f.Why = s, s, s, s
	}
	v.Needs.All[0].From, v.Needs.Expires = []string{s, s}, s
	v.Rules.Sources = []string{s}
	v.Proposed = &gate.Proposal{Valid: true, Changes: []string{s, s}, Judged: 2,
		Different: []gate.Difference{{Subject: s, From: s, To: s}}, Note: s}
	w := unfinished()
	w.Problems[0] = gate.Problem{Code: s, Text: s}
	w.Notes = []string{s, s}
	w.Proposed = &gate.Proposal{Problems: []string{s, s}}
	first := Gate{Subject: pull(1), URL: "https://gate.example/1", Verdict: v}
	second := Gate{Subject: pull(2), URL: "https://gate.example/2", Verdict: w}
	third := Gate{Subject: pull(3), URL: "https://gate.example/3",
		Failure: &gate.Failed{Code: s, Text: s, Attempt: 2, Since: since, Next: since}}
	out := make([]Input, 0, 3)
	for _, gates := range [][]Gate{{first}, {first, second}, {first, third}} {
		out = append(out, Input{Name: "gatehold", HeadSHA: headSHA, URL: "https://gate.example/", Gates: gates})
	}
	return out
}

// skeleton is the structure of a Markdown text as GitHub reads it, without the
// words: every node but text and inline code, with what HTML and links hold.
func skeleton(source string) []string {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))
	src := []byte(source)
	var out []string
	depth := 0
	_ = ast.Walk(md.Parser().Parse(markdown.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		depth++
		held := ""
		switch n := n.(type) {
		case *ast.Text, *ast.String, *ast.CodeSpan:
			return ast.WalkContinue, nil
		case *ast.Link:
			held = string(n.Destination)
		case *ast.AutoLink:
			held = string(n.URL(src))
		case *ast.RawHTML:
			held = string(n.Segments.Value(src))
		case *ast.HTMLBlock:
			held = string(n.Lines().Value(src))
		case *ast.Heading:
			held = fmt.Sprint(n.Level, string(n.Lines().Value(src)))
		}
		out = append(out, fmt.Sprintf("%d %s %s", depth, n.Kind(), held))
		return ast.WalkContinue, nil
	})
	return out
}

var mention = regexp.MustCompile(`@[A-Za-z0-9]|#[0-9]|://|www\.|:[a-z+0-9_-]+:`)

// spoken is the text of a Markdown source outside inline code, code blocks and
// links: where GitHub looks for mentions, issues and emoji.
func spoken(source string) string {
	src := []byte(source)
	var b strings.Builder
	_ = ast.Walk(goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(markdown.NewReader(src)),
		func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			switch n := n.(type) {
			case *ast.CodeSpan, *ast.FencedCodeBlock, *ast.Link:
				return ast.WalkSkipChildren, nil
			case *ast.Text:
				if entering {
					b.Write(n.Segment.Value(src))
				}
			}
			return ast.WalkContinue, nil
		})
	return b.String()
}

// benign is the structure of each spoiled check when nothing is spoiled.
type benign struct {
	summary, text []string
	lines         int
}

func unspoiled() []benign {
	var out []benign
	for _, in := range spoiled("orders") {
		c := checkRun(in)
		out = append(out, benign{skeleton(c.Summary), skeleton(c.Text), strings.Count(c.Summary, "\n")})
	}
	return out
}

// checkSpoiled holds that s, wherever it comes in, changes nothing but itself.
func checkSpoiled(t *testing.T, want []benign, s string) {
	t.Helper()
	s = s[:min(len(s), 600)] // what is longer may be left out, which is another structure
	if visible(s, 9) == "" {
		s = "(" // nothing to see: the lines that would hold it are left out
	}
	for i, in := range spoiled(s) {
		got := checkRun(in)
		if have := skeleton(got.Summary); !slices.Equal(want[i].summary, have) {
			t.Fatalf("%q changes the structure to\n%s\nin\n%s", s, strings.Join(have, "\n"), got.Summary)
		}
		if have := skeleton(got.Text); !slices.Equal(want[i].text, have) {
			t.Fatalf("%q changes the structure to\n%s\nin\n%s", s, strings.Join(have, "\n"), got.Text)
		}
		if n := strings.Count(got.Summary, "\n"); n != want[i].lines {
			t.Fatalf("%q makes %d lines of %d:\n%s", s, n, want[i].lines, got.Summary)
		}
		if found := mention.FindString(spoken(got.Summary)); found != "" {
			t.Fatalf("%q mentions %q:\n%s", s, found, spoken(got.Summary))
		}
		if got.Conclusion != ActionRequired {
			t.Fatalf("%q: %s", s, got.Conclusion)
		}
		all := got.Title + strings.ReplaceAll(got.Summary+got.Text, "\n", "")
		verdicts := 0
		for _, g := range in.Gates {
			if g.Verdict != nil {
				verdicts++
				all += strings.ReplaceAll(Terminal(*g.Verdict, false), "\n", "") + Line(*g.Verdict)
			}
		}
		if len(jsonBlocks(t, got.Text)) != verdicts {
			t.Fatalf("%q: the JSON is lost in\n%s", s, got.Text)
		}
		if i := strings.IndexFunc(all, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }); i >= 0 {
			t.Fatalf("%q lets %q through", s, all[i:min(len(all), i+12)])
		}
	}
}

var hostile = []string{
	"", " ", "\n", "a\nb", "x\r\n\r\n# Approved\r\n", "\n### Passed: nothing to hold\n", "- [x] approved by @acme/security",
	"1. one", "* item",
	"</details>", "<details open>", "<!--", "-->", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
	"<script>", "<?php", "<![CDATA[",
	"```", "````", "~~~", "`", "``", "a`b", "`a", "a``", "\\`", "`@acme/security`", "@acme/security", "(@mira)", "\"@mira\"",
	"@mira.", "mira@example.com", "#12", "GH-12", "acme/shop#1",
	"deadbeef", "deadbeefdeadbeef", "http://evil.example", "www.evil.example", "https://evil.example/)",
	"[x](https://evil.example)", "![x](https://evil.example/x.png)", "[x]: https://evil.example", "[^1]", "[^1]: note",
	"**bold**", "_em_", "__x__", "~~gone~~", "| a | b |\n|---|---|\n| 1 | 2 |", "---", "===", "> quote", ":tada:", ":+1:",
	"$x$", "$$x$$", "&lt;b&gt;", "&#64;mira", "&commat;mira", "\\@mira", "\\", "\\\\", "a\\", "<b", "x>", "a  \nb",
	"\u202egnp.exe", "\u2066x\u2069", "a\u200bb", "\u2028x", "\u2029", "\x00", "\x1b[31mred", "\x07", "\u00a0", "\ufeff",
	"\U000e0041\U000e0042", "\xff\xfe", "\ud7ff", "e\u0301\u0301\u0301\u0301\u0301", "\u3164", "\u2800",
	"Merge \"x\" into 'y'", "db/migrate/0042_drop_users.sql", "a\tb", strings.Repeat("`", 300), strings.Repeat("[", 500),
	strings.Repeat("> ", 200), strings.Repeat("*_", 200), "＠mira", "{{ x }}", "<https://evil.example>", "%0a# x",
	"\"},{\"held\":false", "``` \n</details>\n# x",
}

func TestHostileTexts(t *testing.T) {
	want := unspoiled()
	for _, s := range hostile {
		checkSpoiled(t, want, s)
	}
}

func TestProseReadsAsWritten(t *testing.T) {
	for in, want := range map[string]string{
		"Drops the table orders.":          "Drops the table orders.",
		"Drops `orders` and db/x.sql:12.":  "Drops `orders` and `db/x.sql:12`.",
		"It is public (0.0.0.0/0), now 3.": "It is public (`0.0.0.0/0`), now 3.",
		"From 30 to 1 days - by @mira":     "From 30 to 1 days - by `@mira`",
		"1. first":                         "`1.` first",
		"a_b* [c]":                         "`a_b*` `[c]`",
	} {
		if got := prose(in, 200); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzCheckRun(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	want := unspoiled()
	f.Fuzz(func(t *testing.T, s string) { checkSpoiled(t, want, s) })
}

func BenchmarkCheckRun(b *testing.B) {
	in := inputs()["held"]
	for b.Loop() {
		checkRun(in)
	}
}
