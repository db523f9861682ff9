package shape

import (
	"embed"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("shape", files)

var (
	bidirectional    = shipped.Of("bidirectional-text")
	hiddenPayload    = shipped.Of("hidden-payload")
	invisible        = shipped.Of("invisible-character")
	mixedScript      = shipped.Of("mixed-script")
	becameBinary     = shipped.Built("became-binary", built)
	unreadable       = shipped.Of("unreadable")
	linkOutside      = shipped.Built("link-outside", built)
	linkInside       = shipped.Built("link", built)
	becameLink       = shipped.Built("became-link", built)
	submodule        = shipped.Built("submodule", built)
	submoduleRuns    = shipped.Built("submodule-runs", built)
	contentElsewhere = shipped.Of("content-elsewhere")
	submoduleSource  = shipped.Of("submodule-source")
	program          = shipped.Built("program-file", built)
	archive          = shipped.Built("archive", built)
	executable       = shipped.Built("executable", built)
	minified         = shipped.Built("minified", built)
	generatedEdited  = shipped.Of("generated")
	bulkDeletion     = shipped.Built("bulk-deletion", built)
	hiddenFromReview = shipped.Of("hidden-from-review")
	veryLarge        = shipped.Built("very-large", built)
)

// built makes the change that an example speaks of.
func built(example string) change.Change {
	var n int
	f := change.File{Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
		Before: change.TextOf("a\n"), After: change.TextOf("b\n")}
	name, said, _ := strings.Cut(example, " ")
	f.Path = name
	_, target, linked := strings.Cut(said, "link to ")
	switch {
	case strings.Contains(said, "binary now"):
		f.After = change.Text{State: change.Unreadable, Reason: "binary"}
	case linked:
		f.Mode, f.After = change.ModeSymlink, change.TextOf(target)
		if !strings.HasPrefix(said, "was a file") {
			f.Status, f.PreviousMode, f.Before = change.Added, "", change.NoText()
		}
	case strings.Contains(said, "submodule"):
		f.Mode, f.PreviousMode, f.Status = change.ModeSubmodule, "", change.Added
	case strings.Contains(said, "is added"):
		f.Status, f.PreviousMode, f.Before = change.Added, "", change.NoText()
	case strings.Contains(said, "executable"):
		f.Mode = change.ModeExecutable
	case strings.HasPrefix(said, "has a line of "):
		_, _ = fmt.Sscanf(said, "has a line of %d", &n)
		f.After = change.TextOf(strings.Repeat("x", n) + "\n")
	case strings.HasPrefix(said, "files are "):
		_, _ = fmt.Sscanf(name, "%d", &n)
		var c change.Change
		for i := range n {
			f.Path = fmt.Sprintf("src/f%d.go", i)
			if strings.HasSuffix(said, "deleted") {
				f.Status, f.After = change.Removed, change.NoText()
			}
			c.Files = append(c.Files, f)
		}
		return c
	}
	return change.Change{Files: []change.File{f}}
}
