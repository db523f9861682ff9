package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/detect/renamed"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// A judgement has a budget, in bytes and never in time: the CLI, the check and
// the gate come to the same end. It is for all files together. Past it nothing
// more is read, which counts as the worst that could stand there: whatever is
// added to a change lowers nothing.
const (
	// maxWork is some hundred times what most changes cost, and takes a slow core a
	// minute at the worst.
	maxWork = 64 << 20
	// perReading and perObservation are what a detector's look at a file costs
	// beside its bytes, and what it costs to say what it saw; perSecret is what a
	// byte costs in which secrets are looked for.
	perReading     = 4 << 10
	perObservation = 16 << 10
	perSecret      = 4
	// glances is how many bytes a search for words goes over in the time in which one
	// is read closely.
	glances = 16
)

// budget is what was spent, and what was not read for want of more.
type budget struct {
	most   int // what may be spent
	spent  int
	texts  int    // bytes of all files that a detector wants
	unread int    // files
	first  string // path of the first of them
	last   string // and of the last
}

// has reports whether the texts of a file are among those that are read. It is
// asked once for each file that a detector wants.
func (b *budget) has(f *change.File) bool {
	b.texts += len(f.Before.Body) + len(f.After.Body)
	return b.texts <= change.MaxTexts && f.Before.Reason != change.PastMaxTexts && f.After.Reason != change.PastMaxTexts
}

// pays takes what it costs that a detector reads a file. Once it is too much, it
// is too much for everything that comes.
func (b *budget) pays(d detect.Detector, f *change.File) bool {
	whole := len(f.Before.Body) + len(f.After.Body)
	closely := whole
	if g, ok := d.(detect.Glancing); ok && whole > perReading {
		closely = min(whole, whole/glances+g.Closely(f))
	}
	b.spent += perReading + closely
	return b.spent <= b.most
}

// saw takes what it costs to say what a detector saw in a file.
func (b *budget) saw(n int) { b.spent += n * perObservation }

// looksForSecrets takes what it costs to find the secrets of a file.
func (b *budget) looksForSecrets(f *change.File) {
	b.spent += perSecret * min(len(f.Before.Body)+len(f.After.Body), redact.MaxScanned)
}

// leaves notes a file for which nothing is left.
func (b *budget) leaves(path string) {
	if b.unread == 0 {
		b.first = path
	}
	if b.unread == 0 || b.last != path {
		b.unread++
	}
	b.last = path
}

// looked is what was found out of a file while detectors are asked about it.
type looked struct{ touched, wanted, has bool }

// reads reports whether a detector in force is to read a file. What it would read
// is noted, whether or not there is anything left for it.
func (j *judgement) reads(d detect.Detector, f *change.File, seen *looked) bool {
	if !seen.touched && touches(d, f) {
		seen.touched = true
		j.found.same.touched(f)
	}
	if !renamed.Wants(d, f) {
		return false
	}
	if !seen.wanted {
		seen.wanted, seen.has = true, j.work.has(f)
	}
	if !seen.has || !j.work.pays(d, f) {
		j.work.leaves(f.Path)
		return false
	}
	return true
}

// What is large and cannot be read may have been made so, and what stops a reader
// at a bound was: a text that a reader gives up at weighs as much as what would be
// held. Who looks for what leaks gives up at harmless texts, and destroys nothing.
const (
	largeText = 32 << 10
	largeRisk = 60
)

var leaks = map[string]bool{"secret": true, "shape": true}

// graver raises the risk of what a detector could not read of a large text, or
// gave up at.
func graver(d detect.Detector, large bool, seen []detect.Observation) []detect.Observation {
	if leaks[d.Name()] {
		return seen
	}
	for i := range seen {
		if k := seen[i].Kind; (large || seen[i].Bound) && k.Risk < largeRisk && strings.HasSuffix(k.ID, "/unreadable") {
			graver := *k
			graver.Risk = largeRisk
			seen[i].Kind = &graver
		}
	}
	return seen
}

// paysWhole takes what it costs that a detector looks at all files together.
func (j *judgement) paysWhole(d detect.Detector) bool {
	files := j.change.Files
	if j.whole != nil {
		files = slices.Concat(files, j.whole.Files)
	}
	for i := range files {
		if f := &files[i]; d.Wants(f) && !j.work.pays(d, f) {
			if j.work.unread == 0 {
				j.work.leaves(f.Path)
			}
			return false
		}
	}
	return j.work.spent <= j.work.most
}

// pastBudget is the kind of what was not read for want of it.
var pastBudget = &detect.Kind{
	ID: "change/unreadable", Risk: 100, Title: "could not be read",
	Why: "The change holds more than gatehold reads of one change. What is not read may hold anything, and may have " +
		"been put there for that.",
	Controls: []string{detect.Measure27},
}

// judgeUnread has what was not read count, and says so.
func (j *judgement) judgeUnread() {
	w := &j.work
	if w.unread == 0 {
		return
	}
	why := change.PastMaxTexts
	if w.unread > 1 {
		why = "nor could " + words.Plural(w.unread-1, "more file") + ": " + why
	}
	j.unreadable(detect.Observation{Kind: pastBudget, Path: w.first, Detail: why})
	j.problems = append(j.problems, gate.Problem{Code: "change_incomplete", Text: fmt.Sprintf(
		"%s could not be read, %s first: %s. What is not read is not judged harmless: %s.",
		words.Plural(w.unread, "file"), redact.Quote(words.ClipTo(w.first, 200)), change.PastMaxTexts, j.restIsLookedAt())})
}

// restIsLookedAt says what becomes of what is not read: what was merged can hardly be
// split.
func (j *judgement) restIsLookedAt() string {
	if j.merged {
		return "somebody has to look at the rest"
	}
	return "split the change, or have it released by hand"
}

// readable are the files with those sides taken away that are larger than is read
// of one file, at whatever door they came in. The given ones are not altered.
func readable(files []change.File) []change.File {
	out := files
	for i := range files {
		for _, side := range []func(*change.File) *change.Text{before, after} {
			t := side(&files[i])
			if t.State != change.Loaded || len(t.Body) <= change.MaxText {
				continue
			}
			if &out[0] == &files[0] {
				out = slices.Clone(files)
			}
			*side(&out[i]) = change.TooLarge(t.Blob, int64(len(t.Body)), change.MaxText)
		}
	}
	return out
}

func before(f *change.File) *change.Text { return &f.Before }
func after(f *change.File) *change.Text  { return &f.After }
