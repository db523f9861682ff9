package detecttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// Lines runs a detector over the archives of a directory, of which there must
// be at least some number, and wants exactly the ids and lines that each case
// names: what is found, and what is not.
func Lines(t *testing.T, d detect.Detector, dir string, least int) {
	t.Helper()
	archives, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(archives) < least {
		t.Fatalf("cases are missing: %v %v", archives, err)
	}
	for _, name := range archives {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases(string(body)) {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar")+"/"+c.name, func(t *testing.T) {
				if got := strings.Join(c.found(d), "\n"); got != strings.TrimSpace(c.want) {
					t.Errorf("found\n%s\nwant\n%s", got, c.want)
				}
			})
		}
	}
}

type testCase struct {
	name, want string
	file       change.File
}

// found returns id:line of what the detector reports.
func (c *testCase) found(d detect.Detector) []string {
	var out []string
	for _, o := range Observe(d, c.file) {
		out = append(out, fmt.Sprintf("%s:%d", o.Kind.ID, o.Line))
	}
	return out
}

// cases cuts an archive: "-- case/want --", "-- case/after/path --".
func cases(archive string) []*testCase {
	var out []*testCase
	side, path, body := "", "", ""
	flush := func() {
		if len(out) == 0 {
			return
		}
		switch c := out[len(out)-1]; side {
		case "want":
			c.want = body
		case "before":
			c.file.Path, c.file.Before, c.file.Status = path, change.TextOf(body), change.Modified
		case "after":
			c.file.Path, c.file.After = path, change.TextOf(body)
		}
	}
	for line := range strings.Lines(archive) {
		head, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		head, ok2 := strings.CutSuffix(head, " --")
		if !ok || !ok2 {
			body += line
			continue
		}
		flush()
		name, rest, _ := strings.Cut(head, "/")
		if len(out) == 0 || out[len(out)-1].name != name {
			out = append(out, &testCase{name: name, file: change.File{Status: change.Added, Before: change.NoText(),
				After: change.NoText()}})
		}
		side, path, _ = strings.Cut(rest, "/")
		body = ""
	}
	flush()
	for _, c := range out {
		if c.file.After.State == change.Absent {
			c.file.Status = change.Removed
		}
	}
	return out
}
