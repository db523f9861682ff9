package catalog_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
)

// Every kind's two examples are run by its own detector: documentation that
// is wrong fails here.
func TestExamples(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range catalog.All(policy.FileReader{}) {
		for _, k := range d.Kinds() {
			t.Run(k.ID, func(t *testing.T) {
				if seen[k.ID] {
					t.Fatalf("the id %s is used twice", k.ID)
				}
				seen[k.ID] = true
				checkKind(t, d, k)
			})
		}
	}
}

func checkKind(t *testing.T, d detect.Detector, k *detect.Kind) {
	t.Helper()
	if !strings.HasPrefix(k.ID, d.Name()+"/") {
		t.Errorf("the id %q does not begin with the detector's name %q", k.ID, d.Name())
	}
	if k.Risk < 1 || k.Risk > 100 {
		t.Errorf("risk %d is not between 1 and 100", k.Risk)
	}
	if k.Title == "" || len(k.Why) < 30 || len(k.Controls) == 0 {
		t.Error("a kind needs a title, a sentence that says why, and controls")
	}
	if k.Fires == "" && k.FiresBefore == "" || k.Quiet == "" && k.QuietBefore == "" {
		t.Fatal("a kind needs an example that fires and one that does not")
	}
	if k.Build != nil {
		if !firesOn(d, k.ID, k.Build(k.Fires)) || firesOn(d, k.ID, k.Build(k.Quiet)) {
			t.Errorf("%q must fire and %q must not", k.Fires, k.Quiet)
		}
		return
	}
	if strings.HasSuffix(k.ID, "/unreadable") && firesUnread(d, k) {
		// A text that could not be had is an example that no text can give.
	} else if !fires(d, k.ID, k.ExamplePath, k.FiresBefore, k.Fires) {
		t.Errorf("the example that must fire does not:\n%s", k.Fires)
	}
	if fires(d, k.ID, k.ExamplePath, k.QuietBefore, k.Quiet) {
		t.Errorf("the example that must be quiet fires:\n%s", k.Quiet)
	}
}

// What a detector reports it has read: no more than a glance would be said of a
// file that costs nothing, and is looked at for nothing in a change that is large.
func TestWhatIsReportedIsReadClosely(t *testing.T) {
	glancing := 0
	for _, d := range catalog.All(policy.FileReader{}) {
		g, ok := d.(detect.Glancing)
		if !ok {
			continue
		}
		glancing++
		for _, k := range d.Kinds() {
			f := example(k.ExamplePath, k.FiresBefore, k.Fires)
			if k.Build != nil || !firesOn(d, k.ID, change.Change{Repository: "acme/shop", Files: []change.File{f}}) {
				continue // by its path or mode alone, or in parts
			}
			if n := g.Closely(&f); n <= 0 || n > len(f.Before.Body)+len(f.After.Body)+2 {
				t.Errorf("%s is reported of a file of %d bytes, of which %d are read closely", k.ID, len(f.Before.Body)+len(f.After.Body), n)
			}
		}
	}
	if glancing < 7 {
		t.Errorf("%d detectors see at a glance what is none of theirs", glancing)
	}
}

// fires runs one example: empty text on a side means that the file is not
// there on that side.
func fires(d detect.Detector, id, path, before, after string) bool {
	return firesOn(d, id, change.Change{Repository: "acme/shop", Files: []change.File{example(path, before, after)}})
}

func example(path, before, after string) change.File {
	f := change.File{Path: path, Status: change.Modified, Mode: change.ModeFile,
		Before: change.TextOf(before), After: change.TextOf(after)}
	if before == "" {
		f.Status, f.Before = change.Added, change.NoText()
	}
	if after == "" {
		f.Status, f.After = change.Removed, change.NoText()
	}
	return f
}

func firesOn(d detect.Detector, id string, c change.Change) bool {
	r := detect.NewReport("")
	for i := range c.Files {
		if d.Wants(&c.Files[i]) {
			d.Detect(&c.Files[i], r)
		}
	}
	if w, ok := d.(detect.Whole); ok {
		w.DetectChange(&c, r)
	}
	for _, o := range r.Observations() {
		if o.Kind.ID == id {
			return true
		}
	}
	return false
}

func firesUnread(d detect.Detector, k *detect.Kind) bool {
	f := change.File{Path: k.ExamplePath, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
		After: change.Text{State: change.Unreadable, Reason: "binary"}}
	r := detect.NewReport(f.Path)
	d.Detect(&f, r)
	for _, o := range r.Observations() {
		if o.Kind.ID == k.ID {
			return true
		}
	}
	return false
}
