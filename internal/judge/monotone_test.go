package judge

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
)

// Whatever a change does, a file more makes it no safer: another example of
// anything, or the very text that the change takes away, anywhere but where it
// is certainly applied with what was there.
func TestAFileMoreNeverLowersTheScore(t *testing.T) {
	rules := policy.EnforcedDefault()
	var kinds []*detect.Kind
	for _, d := range catalog.All(policy.FileReader{}) {
		for _, k := range d.Kinds() {
			if k.Build == nil {
				kinds = append(kinds, k)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		before, after := k.FiresBefore, k.Fires
		switch rapid.IntRange(0, 3).Draw(t, "way") {
		case 0: // it all goes
			before, after = before+after, ""
		case 1: // it goes in part
			before, after = before+after, before
		}
		c := &change.Change{Repository: "acme/shop", HeadRef: "copilot/fix", BaseRef: "main",
			Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot}}
		c.Files = append(c.Files, fileOf(k.ExamplePath, before, after))
		base := Change(rules, c)

		other := rapid.SampledFrom(kinds).Draw(t, "other")
		text := rapid.SampledFrom([]string{other.Fires, other.Quiet, before, after,
			strings.TrimSpace(before) + "\n$patch: delete\n", "x\n"}).Draw(t, "text")
		at := rapid.SampledFrom([]string{"attic/" + path.Base(k.ExamplePath), "attic/" + k.ExamplePath, "docs/x" + path.Ext(k.ExamplePath),
			path.Dir(k.ExamplePath) + "/archive/" + path.Base(k.ExamplePath), "other/" + other.ExamplePath, "a.txt",
			"zz/" + path.Base(other.ExamplePath)}).Draw(t, "at")
		if text == "" || at == k.ExamplePath {
			return
		}
		c.Files = append(c.Files, fileOf(at, "", text))
		more := Change(rules, c)
		if more.Score < base.Score || more.Level.Rank() < base.Level.Rank() || base.Held && !more.Held {
			t.Fatalf("%s at %s scores %d, and %d with %s added:\n%s", k.ID, k.ExamplePath, base.Score, more.Score, at, text)
		}
	})
}

func fileOf(path, before, after string) change.File {
	f := change.File{Path: path, Status: change.Modified, Mode: change.ModeFile, Before: change.TextOf(before), After: change.TextOf(after)}
	switch {
	case before == "":
		f.Status, f.Before = change.Added, change.NoText()
	case after == "":
		f.Status, f.After = change.Removed, change.NoText()
	}
	return f
}
