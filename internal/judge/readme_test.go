package judge

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

const (
	observations = "../../rules/observations"
)

// TestReadme holds the chapter on packs, the list of observations and the page
// of each detector's to the code. With -update it writes them.
func TestReadme(t *testing.T) {
	old := rulestest.ReadPage(t, "README.md")
	text := chapter(t, old, "packs", packChapter(t))
	text = chapter(t, text, "observations", observationList())
	want := map[string]string{rulestest.Page(t, "README.md"): text}
	for _, kinds := range byDetector() {
		name := catalog.Namespace(kinds[0].ID)
		want[filepath.Join(observations, name+".md")] = observationPage(name, kinds)
	}
	there, err := filepath.Glob(filepath.Join(observations, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if _, ours := want[file]; !ours {
			t.Errorf("%s is the page of no detector", file)
		}
	}
	for file, text := range want {
		if now, err := os.ReadFile(file); err == nil && string(now) == text {
			continue
		}
		if !*update {
			t.Errorf("%s is stale: go test ./internal/judge -run TestReadme -update", file)
		} else if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// chapter replaces what stands between a chapter's two marks.
func chapter(t *testing.T, text, name, body string) string {
	begin := strings.Index(text, "<!-- "+name+":")
	end := strings.Index(text, "<!-- /"+name+" -->")
	if begin < 0 || end < begin {
		t.Fatalf("rules/README.md has lost the marks of its chapter %q", name)
	}
	begin += strings.Index(text[begin:], "\n") + 1
	return text[:begin] + body + text[end:]
}

func packChapter(t *testing.T) string {
	var b strings.Builder
	b.WriteString("\n| rule | risk | what |\n|---|---|---|\n")
	for _, name := range rulesfile.PackNames() {
		f, err := rulesfile.Pack(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Rules {
			risk := fmt.Sprint(r.Risk)
			if r.Risk == 0 {
				risk = "as observed"
			}
			if r.Level != "" {
				risk += ", at least " + string(r.Level)
			}
			what := r.Title
			if r.Detect != nil {
				what += ": `" + strings.Join(r.Detect.Written, "`, `") + "`"
			}
			if r.Everyone {
				what += " (for everyone)"
			}
			fmt.Fprintf(&b, "| `%s/%s` | %s | %s |\n", name, r.ID, risk, what)
		}
	}
	return b.String() + "\n"
}

// byDetector are all kinds, those of a detector together.
func byDetector() (out [][]*detect.Kind) {
	for _, k := range catalog.Kinds() {
		if len(out) == 0 || catalog.Namespace(out[len(out)-1][0].ID) != catalog.Namespace(k.ID) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], k)
	}
	return out
}

func observationList() string {
	var b strings.Builder
	b.WriteString("\n| detector | kinds | the gravest |\n|---|---|---|\n")
	for _, kinds := range byDetector() {
		name, worst := catalog.Namespace(kinds[0].ID), slices.MaxFunc(kinds, func(a, b *detect.Kind) int { return a.Risk - b.Risk })
		fmt.Fprintf(&b, "| [`%s`](observations/%s.md) | %d | %d: %s |\n", name, name, len(kinds), worst.Risk, worst.Title)
	}
	return b.String() + "\n"
}

func observationPage(name string, kinds []*detect.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b,
		"# Observations of `%s`\n\nWritten by `go test ./internal/judge -run TestReadme -update` from what the code "+
			"reports.\nHow rules ask for them: [the rules file](../README.md).\n\n", name)
	for _, k := range kinds {
		fmt.Fprintf(&b, "## %s\n\nRisk %d. Reported where something %s. %s", k.ID, k.Risk, k.Title, k.Why)
		if len(k.Controls) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(k.Controls, ", "))
		}
		b.WriteString("\n\n")
		writeExample(&b, k, "Reported", k.FiresBefore, k.Fires)
		writeExample(&b, k, "Not reported", k.QuietBefore, k.Quiet)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// writeExample shows an example: as a difference where there was something
// before, in one line where it is one.
func writeExample(b *strings.Builder, k *detect.Kind, what, before, after string) {
	before, after = visible(veil(k, before)), visible(veil(k, after))
	if k.ExamplePath != "" {
		what += " in `" + k.ExamplePath + "`"
	}
	one := strings.TrimSpace(after)
	if before == "" && !strings.ContainsAny(one, "\n`") {
		fmt.Fprintf(b, "%s: `%s`\n\n", what, one)
		return
	}
	kind, text := "text", strings.Trim(after, "\n")
	if before != "" {
		kind, text = "diff", difference(before, after)
	}
	if after == "" {
		what += ", deleted"
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "%s:\n\n%s%s\n%s\n%s\n\n", what, fence, kind, text, fence)
}

// difference writes what came and went between two small texts, line by line.
func difference(before, after string) string {
	a, b := linesOf(before), linesOf(after)
	common := make([][]int, len(a)+1) // of a[i:] and b[k:], in lines
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				common[i][k] = common[i+1][k+1] + 1
			} else {
				common[i][k] = max(common[i+1][k], common[i][k+1])
			}
		}
	}
	var out []string
	i, k := 0, 0
	for i < len(a) || k < len(b) {
		switch {
		case i < len(a) && k < len(b) && a[i] == b[k]:
			out = append(out, " "+a[i])
			i, k = i+1, k+1
		case i < len(a) && (k == len(b) || common[i+1][k] >= common[i][k+1]):
			out = append(out, "-"+a[i])
			i++
		default:
			out = append(out, "+"+b[k])
			k++
		}
	}
	return strings.Join(out, "\n")
}

func linesOf(text string) []string {
	text = strings.Trim(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// visible writes out characters that nobody sees: some examples are about them.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r < 0x7f || r > 0x7f && !hiddenRune(r) {
			return r
		}
		return '�'
	}, text)
}

func hiddenRune(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r == 0xad || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e ||
		r >= 0x2060 && r <= 0x206f || r == 0xfeff || r >= 0xe0000
}

var longWord = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)

// veil shortens what looks like a secret in the examples of detectors that look
// for secrets: hosts refuse text that holds one, even one that opens nothing.
func veil(k *detect.Kind, text string) string {
	if catalog.Namespace(k.ID) != "secret" {
		return text
	}
	return longWord.ReplaceAllStringFunc(text, func(s string) string { return s[:4] + "…" })
}
