package judge

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
)

// findingsDigest is what an approval with `keep: same_findings` is for.
func findingsDigest(r *policy.Rules, files ...change.File) string {
	c := &change.Change{HeadRef: "copilot/x", BaseRef: "main", Files: files}
	return Change(r, c).FindingsDigest
}

// An approval that outlives a push ends where the push touches any file that a
// detector in force reads, whatever it finds there.
func TestKeepEndsWhereAnyFileIsRead(t *testing.T) {
	r := rulesOf(t, "version: 1\nextends: []\nrules:\n  - { id: sql, title: SQL, detect: [\"sql/*\"], paths: [\"db/**\"] }\n")
	approved := change.File{Path: "db/1.sql", Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
		After: change.TextOf("DROP TABLE x;\n")}
	harmless, blob := change.TextOf("SELECT 1;\n"), change.Text{State: change.Unreadable, Blob: "b10b", Reason: "it is binary"}
	first := findingsDigest(r, approved)
	if first == "" {
		t.Fatal("no digest of the findings")
	}
	was := change.Text{Blob: "01d"}
	for name, f := range map[string]change.File{
		"an added file": {Path: "db/2.sql", Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
			After: harmless},
		"a changed file": {Path: "db/2.sql", Status: change.Modified, Mode: change.ModeFile,
			Before: change.TextOf("SELECT 2;\n"), After: harmless},
		"lines in another order": {Path: "db/2.sql", Status: change.Modified, Mode: change.ModeFile,
			Before: change.TextOf("a;\nb;\n"), After: change.TextOf("b;\na;\n")},
		"a deleted file": {Path: "db/2.sql", Status: change.Removed, PreviousMode: change.ModeFile, Before: harmless,
			After: change.NoText()},
		"a file renamed into it": {Path: "db/2.sql", PreviousPath: "docs/2.txt", Status: change.Renamed,
			Mode: change.ModeFile, Before: harmless, After: harmless},
		"a file renamed out of it": {Path: "docs/2.txt", PreviousPath: "db/2.sql", Status: change.Renamed,
			Mode: change.ModeFile, Before: harmless, After: harmless},
		"a file become a link": {Path: "db/2.sql", Status: change.Changed, PreviousMode: change.ModeFile,
			Mode: change.ModeSymlink, Before: was, After: blob},
		"an added link": {Path: "db/2.sql", Status: change.Added, Mode: change.ModeSymlink, Before: change.NoText(),
			After: blob},
		"an added submodule": {Path: "db/2.sql", Status: change.Added, Mode: change.ModeSubmodule,
			Before: change.NoText(), After: blob},
		"an executable bit": {Path: "db/2.sql", Status: change.Changed, PreviousMode: change.ModeFile,
			Mode: change.ModeExecutable, Before: harmless, After: harmless},
	} {
		if findingsDigest(r, approved, f) == first {
			t.Errorf("%s has the same digest", name)
		}
	}
	for name, f := range map[string]change.File{
		"a file that no rule asks about": {Path: "src/2.sql", Status: change.Added, Mode: change.ModeFile,
			Before: change.NoText(), After: harmless},
		"a file that no detector reads": {Path: "db/notes.txt", Status: change.Added, Mode: change.ModeFile,
			Before: change.NoText(), After: harmless},
	} {
		if findingsDigest(r, approved, f) != first {
			t.Errorf("%s has another digest", name)
		}
	}
}

// What a detector would have read and could not, for its size say, is read as
// far as keeping goes: known by its content, or not the same as anything.
func TestKeepCountsWhatCouldNotBeRead(t *testing.T) {
	r := rulesOf(t, "version: 1\nextends: []\nrules:\n  - { id: sql, title: SQL, detect: [\"sql/drop-table\"] }\n")
	approved := change.File{Path: "db/1.sql", Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
		After: change.TextOf("DROP TABLE x;\n")}
	large := func(blob string) change.File {
		return change.File{Path: "db/2.sql", Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
			After: change.Text{State: change.Unreadable, Blob: blob, Reason: "it has 2000000 bytes"}}
	}
	first := findingsDigest(r, approved, large("1"))
	if first == "" || first == findingsDigest(r, approved) || first == findingsDigest(r, approved, large("2")) {
		t.Error("what could not be read makes no difference")
	}
	if got := findingsDigest(r, approved, large("")); got != "" {
		t.Errorf("content that nobody knows has the digest %s", got)
	}
}

// Lines that move within a file that is known are a change of it.
func TestKeepSeesLinesMove(t *testing.T) {
	r := rulesOf(t, "version: 1\nextends: []\nrules:\n  - { id: sql, title: SQL, detect: [\"sql/*\"] }\n")
	at := func(before, after string) string {
		return findingsDigest(r, change.File{Path: "db/1.sql", Status: change.Modified, Mode: change.ModeFile,
			Before: change.TextOf(before), After: change.TextOf(after)})
	}
	before := strings.Repeat("-- what was there\n", 30) + "BEGIN;\nDELETE FROM a\nWHERE id = 1;\nDELETE FROM b\nWHERE id = 2;\nCOMMIT;\n"
	first := at(before, before+"DROP TABLE x;\n")
	if got := at("-- of the base\n"+before, "-- of the base\n"+before+"DROP TABLE x;\n"); got != first {
		t.Error("a line of the base far from it changed the digest")
	}
	if got := at(before,
		strings.Repeat("-- what was there\n",
			30)+"BEGIN;\nDELETE FROM b\nWHERE id = 1;\nDELETE FROM a\nWHERE id = 2;\nCOMMIT;\nDROP TABLE x;\n"); got == first {
		t.Error("lines were exchanged, and the digest is the same")
	}
	if got := at(before, "DROP TABLE x;\n"+before); got == first {
		t.Error("an added line moved, and the digest is the same")
	}
}

// Whatever else a change does to a file that the shipped rules read, an approval
// of what it was before is not for it.
func TestKeepIsForTheSameFilesOnly(t *testing.T) {
	r := strictRules(t)
	var files []change.File
	for _, k := range catalog.Kinds() {
		if k.Build == nil && k.ExamplePath != "" {
			files = append(files, exampleFile(k.ExamplePath, k.FiresBefore, k.Fires), exampleFile(k.ExamplePath, k.QuietBefore, k.Quiet))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		picked := rapid.SliceOfNDistinct(rapid.SampledFrom(files), 2, 4, func(f change.File) string { return f.Path }).Draw(t, "files")
		all, fewer := findingsDigest(r, picked...), findingsDigest(r, picked[1:]...)
		if all != "" && all == fewer {
			t.Fatalf("%s makes no difference", picked[0].Path)
		}
		other := slices.Clone(picked)
		if f := &other[0]; f.After.State == change.Loaded {
			f.After.Body += "x\n"
			if got := findingsDigest(r, other...); got != "" && got == all {
				t.Fatalf("another line in %s makes no difference", f.Path)
			}
		}
	})
}
