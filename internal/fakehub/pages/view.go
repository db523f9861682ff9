package pages

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// The bounds of what a page shows.
const (
	maxPageFiles = 300
	maxPageLines = 400 // of one file; the rest is said
)

// pullLine is a pull request in a list.
type pullLine struct {
	Number                     int
	Title, Author, State, Mood string
	Created                    time.Time
}

// pullView is a pull request as its page shows it.
type pullView struct {
	Number               int
	Title, Body, Author  string
	State                string // open, draft, closed, merged
	Bot                  bool
	Into, From           string
	Commits              int
	Additions, Deletions int
	Created              time.Time
	Head                 string
	Checks               checksView
	Requires             bool     // the base requires checks
	Missing              []string // those of them that do not pass
	Queue                bool     // the base takes merges through a queue only
	Place                int      // in that queue, from 1; 0: not in it
	CanMerge             bool     // whoever reads
	Files                []fileView
	MoreFiles            int
}

// checksView are the checks on a commit, what is worst first.
type checksView struct {
	List                 []checkView
	Mood, Headline, Told string // of all together
}

// checkView is the newest run of one App and name.
type checkView struct {
	fakehub.CheckRun
	App, Mood, Word string
	Required        bool
	Note            string // what the conclusion means
}

// frameView is the page that checks are shown on: where their buttons are, who
// presses them, and which was pressed last.
type frameView struct {
	Here, As     string
	Run, Pressed string
	Waiting      bool
}

// fileView is a file of the diff.
type fileView struct {
	Path, Previous, Status string
	Additions, Deletions   int
	Lines                  []lineView
	Whole                  bool // all of the patch is shown
	Note                   string
}

// lineView is a line of a patch, with what is annotated there.
type lineView struct {
	Old, New, Kind, Text string
	Remarks              []fakehub.Annotation
}

func listed(p *fakehub.Pull) pullLine {
	return pullLine{Number: p.Number, Title: p.Title, Author: p.Author.Login, State: p.ShownState(), Mood: pullChecks(p).Mood,
		Created: p.Created}
}

// viewOf is the whole view. The caller holds the lock State.
func viewOf(p *fakehub.Pull) pullView {
	d := p.Files()
	v := pullView{
		Number: p.Number, Title: p.Title, Body: p.Body, Author: p.Author.Login, Bot: p.Author.Type == "Bot", State: p.ShownState(),
		Into: p.Base, From: p.Branch, Commits: len(p.Commits().Ahead), Additions: d.Additions, Deletions: d.Deletions,
		Created: p.Created, Head: p.Head, Checks: pullChecks(p),
	}
	if p.From != p.Repo {
		v.From = p.From.Owner.Login + ":" + p.Branch
	}
	v.Requires, v.Missing = len(p.Repo.Required(p.Base)) > 0, p.Missing()
	_, v.Queue = p.Repo.QueueRule(p.Base)
	if q := p.Queued(); q != nil {
		v.Place = q.Index(p) + 1
	}
	remarks := map[string][]fakehub.Annotation{}
	for _, c := range v.Checks.List {
		for _, a := range c.Annotations {
			key := a.Path + "\x00" + strconv.Itoa(a.EndLine)
			remarks[key] = append(remarks[key], a)
		}
	}
	for _, delta := range d.Deltas[:min(len(d.Deltas), maxPageFiles)] {
		v.Files = append(v.Files, diffOf(p.Repo, delta, remarks))
	}
	v.MoreFiles = len(d.Deltas) - len(v.Files)
	return v
}

// pullChecks are the newest runs on the head.
func pullChecks(p *fakehub.Pull) checksView {
	return checkViews(p.Repo, p.Head, p.Repo.Required(p.Base))
}

func checkViews(r *fakehub.Repo, sha string, required []fakehub.RequiredCheck) checksView {
	var list []checkView
	for _, c := range r.NewestChecks(sha) {
		v := checkView{CheckRun: c.View(), App: c.Suite.App.Slug}
		v.Mood, v.Word, v.Note = mood(v.Status, v.Conclusion)
		v.Required = slices.ContainsFunc(required, func(r fakehub.RequiredCheck) bool { return r.Met(c) })
		list = append(list, v)
	}
	slices.SortStableFunc(list, func(a, b checkView) int { return moodRank(a.Mood) - moodRank(b.Mood) })
	return together(list)
}

// mood is how a run is painted, and what GitHub calls it.
func mood(status, conclusion string) (mood, word, note string) {
	if status != "completed" {
		return "waiting", strings.ReplaceAll(status, "_", " "), "It has not completed yet."
	}
	switch conclusion {
	case "success":
		return "good", "Successful", ""
	case "neutral", "skipped":
		return "quiet", strings.ToUpper(conclusion[:1]) + conclusion[1:], "This lets a required check pass."
	case "action_required":
		return "action", "Action required", "Somebody has to act before this passes."
	}
	return "bad", "Failing: " + strings.ReplaceAll(conclusion, "_", " "), ""
}

func moodRank(mood string) int {
	return slices.Index([]string{"bad", "action", "waiting", "quiet", "good"}, mood)
}

// together puts a heading over checks, of which the worst is the first.
func together(checks []checkView) checksView {
	if len(checks) == 0 {
		return checksView{Mood: "quiet", Headline: "No checks", Told: "No App has reported on this commit yet."}
	}
	counts := map[string]int{}
	for _, c := range checks {
		counts[c.Mood]++
	}
	var parts []string
	for _, m := range [][2]string{{"bad", "failing"}, {"action", "action required"}, {"waiting", "in progress"},
		{"quiet", "neutral"}, {"good", "successful"}} {
		if n := counts[m[0]]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, m[1]))
		}
	}
	told := strings.Join(parts, ", ")
	if len(checks) == 1 {
		told += " check"
	} else {
		told += " checks"
	}
	return checksView{List: checks, Mood: checks[0].Mood, Headline: headline(checks[0].Mood), Told: told}
}

// headline says how checks stand, the worst of which are of a mood.
func headline(mood string) string {
	switch mood {
	case "bad":
		return "Some checks were not successful"
	case "action":
		return "Some checks need somebody to act"
	case "waiting":
		return "Some checks haven’t completed yet"
	}
	return "All checks have passed"
}

func diffOf(r *fakehub.Repo, d objects.Delta, remarks map[string][]fakehub.Annotation) fileView {
	st, patch := r.Patch(d)
	v := fileView{Path: d.Path, Previous: d.Previous, Status: d.Status, Additions: st.Additions, Deletions: st.Deletions, Whole: true}
	switch {
	case d.OldMode != "" && d.NewMode != "" && d.OldMode != d.NewMode:
		v.Note = "Mode " + d.OldMode + " became " + d.NewMode + "."
	case d.NewMode == objects.ModeSymlink:
		v.Note = "A symbolic link."
	case d.NewMode == objects.ModeSubmodule:
		v.Note = "A submodule."
	case st.Binary:
		v.Note = "Binary file not shown."
	case patch == "" && st.Additions+st.Deletions > 0:
		v.Note = "Large diffs are not rendered."
	case patch == "":
		v.Note = "File without changes."
	}
	was, is := 0, 0
	for text := range strings.Lines(patch) {
		if len(v.Lines) >= maxPageLines {
			v.Whole = false
			break
		}
		line := patchLine(strings.TrimSuffix(text, "\n"), &was, &is)
		if line.New != "" {
			line.Remarks = remarks[d.Path+"\x00"+line.New]
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

// patchLine reads one line of a patch and counts on.
func patchLine(text string, was, is *int) lineView {
	count := func(n *int) string {
		*n++
		return strconv.Itoa(*n - 1)
	}
	switch {
	case strings.HasPrefix(text, "@@"):
		for _, field := range strings.Fields(text)[1:min(3, len(strings.Fields(text)))] {
			first, _, _ := strings.Cut(field[1:], ",")
			n, _ := strconv.Atoi(first) // our own patches have numbers here
			if field[0] == '-' {
				*was = n
			} else {
				*is = n
			}
		}
		return lineView{Kind: "hunk", Text: text}
	case strings.HasPrefix(text, "+"):
		return lineView{New: count(is), Kind: "added", Text: text[1:]}
	case strings.HasPrefix(text, "-"):
		return lineView{Old: count(was), Kind: "removed", Text: text[1:]}
	case strings.HasPrefix(text, `\`):
		return lineView{Kind: "hunk", Text: text}
	}
	return lineView{Old: count(was), New: count(is), Kind: "same", Text: strings.TrimPrefix(text, " ")}
}
