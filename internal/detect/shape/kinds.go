package shape

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

var (
	looks   = []string{detect.ASI09, detect.ASI05, detect.MaestroL5, detect.Measure27}
	content = []string{detect.ASI04, detect.ASI05, detect.MaestroL4, detect.Govern61}
	amount  = []string{detect.ASI08, detect.ASI09, detect.MaestroL5, detect.Manage24}
)

var bidirectional = &detect.Kind{
	ID: "shape/bidirectional-text", Risk: 60, Title: "turns the direction of writing round", Controls: looks, ExamplePath: "main.go",
	Why:   "What reviewers see is not what runs: code can stand in what looks like a comment, and nobody notices afterwards either.",
	Fires: "// \u202e } if admin { \u2066\n", Quiet: "// שלום\n",
}

var hiddenPayload = &detect.Kind{
	ID: "shape/hidden-payload", Risk: 60, Title: "holds a run of characters that show nothing", Controls: looks, ExamplePath: "main.js",
	Why:   "Text that nobody can see is there for a program, or for an agent that reads the file and follows it.",
	Fires: "const s = `\U000e0101\U000e0102\U000e0103\U000e0104\U000e0105\U000e0106\U000e0107\U000e0108`\n", Quiet: "const flag = \"🏴󠁧󠁢󠁥󠁮󠁧󠁿\"\n",
}

var invisible = &detect.Kind{
	ID: "shape/invisible-character", Risk: 25, Title: "holds a character that shows nothing", Controls: looks, ExamplePath: "main.go",
	Why:   "Two names that look the same are not, and a comparison that looks right never holds.",
	Fires: "if user == \"admin\u200b\" {\n", Quiet: "if user == \"admín\" {\n",
}

var mixedScript = &detect.Kind{
	ID: "shape/mixed-script", Risk: 15, Title: "mixes alphabets that look alike in one word", Controls: looks, ExamplePath: "main.go",
	Why:   "A name that looks like another one can stand for something else, and reviewers take it for the one they know.",
	Fires: "func is\u0410dmin() bool { return true }\n", Quiet: "// \u041f\u0440\u0438\u0432\u0435\u0442, admin\n",
}

var becameBinary = &detect.Kind{
	ID: "shape/became-binary", Risk: 40, Title: "was text and no longer is", Controls: looks, Build: built,
	Why:   "What cannot be read cannot be reviewed, and whatever read the file before gets what nobody has seen.",
	Fires: "config.txt was text and is binary now", Quiet: "config.txt was text and is text",
}

var unreadable = &detect.Kind{
	ID: "shape/unreadable", Risk: 20, Title: "could not be read", Controls: looks, ExamplePath: "data.txt",
	Why:   "What cannot be read cannot be judged: nobody knows what it would do.",
	Fires: "(a file that is too large or not text)", Quiet: "hello\n",
}

var linkOutside = &detect.Kind{
	ID: "shape/link-outside", Risk: 50, Title: "is a link that leads out of the repository", Controls: content, Build: built,
	Why:   "Whatever follows it reads or overwrites files of the machine it runs on: keys on a runner, or a person's own.",
	Fires: "docs/a is a link to ../../etc/passwd", Quiet: "docs/a is a link to b",
}

var linkInside = &detect.Kind{
	ID: "shape/link", Risk: 10, Title: "is a link", Controls: content, Build: built,
	Why:   "A path that is a link is written to and read from somewhere else than rules and reviewers think.",
	Fires: "docs/a is a link to b", Quiet: "config.txt was text and is text",
}

var becameLink = &detect.Kind{
	ID: "shape/became-link", Risk: 35, Title: "was a file and is a link now", Controls: content, Build: built,
	Why:   "Whoever writes to the file from now on writes somewhere else, and rules for its path no longer see what it holds.",
	Fires: "docs/a was a file and is a link to b", Quiet: "config.txt was text and is text",
}

var submodule = &detect.Kind{
	ID: "shape/submodule", Risk: 30, Title: "brings in another commit of another repository", Controls: content, Build: built,
	Why:   "What comes in with it is no part of this review; builds run it all the same.",
	Fires: "lib/x is a submodule", Quiet: "config.txt was text and is text",
}

var submoduleSource = &detect.Kind{
	ID: "shape/submodule-source", Risk: 40, Title: "takes a submodule from somewhere else", Controls: content, ExamplePath: ".gitmodules",
	Why:   "Whoever owns that address decides what is built and run here from the next update on.",
	Fires: "[submodule \"x\"]\n\tpath = lib/x\n\turl = https://git.example/x\n", Quiet: "[submodule \"x\"]\n\tpath = lib/x\n",
}

var program = &detect.Kind{
	ID: "shape/program-file", Risk: 35, Title: "is a program in a form that nobody can read", Controls: content, Build: built,
	Why:   "It can do anything where it runs, and nothing in the review says what.",
	Fires: "tools/helper.exe is added", Quiet: "tools/helper.py is added",
}

var archive = &detect.Kind{
	ID: "shape/archive", Risk: 20, Title: "is an archive whose content nobody can review", Controls: content, Build: built,
	Why:   "What is unpacked from it was seen by nobody.",
	Fires: "assets/data.zip is added", Quiet: "assets/data.json is added",
}

var executable = &detect.Kind{
	ID: "shape/executable", Risk: 10, Title: "can be run now", Controls: content, Build: built,
	Why:   "A file that was data becomes a program for whoever calls it by its name.",
	Fires: "run was a file and is executable", Quiet: "config.txt was text and is text",
}

var minified = &detect.Kind{
	ID: "shape/minified", Risk: 20, Title: "is code on one endless line", Controls: looks, Build: built,
	Why:   "Nobody reviews a line of thousands of characters: what it does is found out when it runs.",
	Fires: "app.js has a line of 6000 characters", Quiet: "app.js has a line of 60 characters",
}

var generatedEdited = &detect.Kind{
	ID: "shape/generated", Risk: 10, Title: "changes in a file that a program writes", Controls: looks, ExamplePath: "api.go",
	Why:         "The next run of the generator undoes it, or the change hides among what nobody reads.",
	FiresBefore: "// Code generated by x. DO NOT EDIT.\nvar a = 1\n", Fires: "// Code generated by x. DO NOT EDIT.\nvar a = 2\n",
	QuietBefore: "var a = 1\n", Quiet: "var a = 2\n",
}

var bulkDeletion = &detect.Kind{
	ID: "shape/bulk-deletion", Risk: 40, Title: "deletes files in bulk", Controls: amount, Build: built,
	Why:   "Among so many files nobody notices the one that mattered; history brings it back only once somebody misses it.",
	Fires: "30 files are deleted", Quiet: "3 files are deleted",
}

var veryLarge = &detect.Kind{
	ID: "shape/very-large", Risk: 20, Title: "is too large to be reviewed with care", Controls: amount, Build: built,
	Why:   "Reviews of changes of this size miss what small ones show; what should be split can be hidden.",
	Fires: "400 files are changed", Quiet: "40 files are changed",
}

var kinds = []*detect.Kind{
	bidirectional, hiddenPayload, invisible, mixedScript, becameBinary, unreadable, linkOutside, linkInside, becameLink,
	submodule, submoduleSource, program, archive, executable, minified, generatedEdited, bulkDeletion, veryLarge,
}

// built makes the change that an example speaks of.
func built(example string) change.Change {
	var n int
	f := change.File{Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile, Before: change.TextOf("a\n"), After: change.TextOf("b\n")}
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
