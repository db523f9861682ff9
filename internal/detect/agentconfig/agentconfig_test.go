package agentconfig

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// sample is a line of testdata/detect/agentconfig.jsonl: one file before and
// after, and the kinds of risk 20 or more that must be seen; none: none.
type sample struct {
	Path          string
	Before, After *string
	Want          []string
}

func (s *sample) file() *change.File {
	f := &change.File{Path: s.Path, Status: change.Modified, Before: change.NoText(), After: change.NoText()}
	if s.Before != nil {
		f.Before = change.TextOf(*s.Before)
	}
	if s.After != nil {
		f.After = change.TextOf(*s.After)
	}
	return f
}

func samples(t testing.TB) []sample {
	f, err := os.Open("../../../testdata/detect/agentconfig.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	for in := bufio.NewScanner(f); in.Scan(); {
		var s sample
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func observe(f *change.File) []detect.Observation {
	d, r := New(), detect.NewReport(f.Path)
	if d.Wants(f) {
		d.Detect(f, r)
	}
	return r.Observations()
}

func TestSamples(t *testing.T) {
	all := samples(t)
	if len(all) < 120 {
		t.Fatalf("only %d samples", len(all))
	}
	for _, s := range all {
		var got []string
		for _, o := range observe(s.file()) {
			if o.Kind.Risk >= 20 {
				got = append(got, o.Kind.ID)
			}
		}
		for _, want := range s.Want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: saw %q, not %s, in\n%s", s.Path, got, want, *s.After)
			}
		}
		if len(s.Want) == 0 && len(got) > 0 {
			t.Errorf("%s: saw %q in\n%s", s.Path, got, *s.After)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	const secret = "ghs_9f8e7d6c5b4a"
	s := sample{Path: ".mcp.json"}
	after := `{"mcpServers":{"x":{"command":"node","env":{"GH_TOKEN":"` + secret + `"},"headers":{"Authorization":"Bearer ` +
		secret + `"}}}}`
	s.After = &after
	found := observe(s.file())
	for _, o := range found {
		if strings.Contains(o.Object+o.Detail, secret) {
			t.Errorf("%s shows the secret: %+v", o.Kind.ID, o)
		}
	}
	if len(found) < 3 {
		t.Errorf("saw %+v", found)
	}
}

func TestHostileTexts(t *testing.T) {
	for name, text := range map[string]string{
		"nesting":  strings.Repeat("[", 1<<16),
		"comments": strings.Repeat("<!--", 1<<13),
		"words":    strings.Repeat("ignore all previous ", 1<<13),
		"quotes":   strings.Repeat("'\"", 1<<16),
		"pipes":    strings.Repeat("a|", 1<<16),
		"invalid":  strings.Repeat("\xff\xfe\u200b", 1<<13),
		"sections": strings.Repeat("[a.b.c]\n", 1<<16),
		"base64":   strings.Repeat("aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM= ", 1<<13),
	} {
		for _, path := range []string{"AGENTS.md", ".mcp.json", ".claude/hooks/a.sh", ".codex/config.toml",
			".claude/hooks/a.py", ".claude/agents/a.md"} {
			f := &change.File{Path: path, Before: change.NoText(), After: change.TextOf(text)}
			if len(observe(f)) > len(shipped.All())*detect.MaxPerFile {
				t.Errorf("%s in %s: too much", name, path)
			}
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range samples(f) {
		if s.After != nil {
			f.Add(s.Path, *s.After)
		}
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		file := &change.File{Path: path, Before: change.NoText(), After: change.TextOf(text)}
		n := len(observe(file))
		file.Before = change.TextOf(text)
		for _, o := range observe(file) {
			if o.Kind != unreadable {
				t.Fatalf("%s was there before (%d seen when new): %+v", o.Kind.ID, n, o)
			}
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	text := strings.Repeat("- Use the Read tool to view files, and run `make test` before each commit; ask when unsure.\n", 200)
	f := &change.File{Path: "AGENTS.md", Before: change.NoText(), After: change.TextOf(text)}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		observe(f)
	}
}
