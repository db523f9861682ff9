package fakehub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
	Checks               []checkView
	Mood, Headline, Told string   // of all checks together
	Requires             bool     // the base requires checks
	Missing              []string // those of them that do not pass
	Queue                bool     // the base takes merges through a queue only
	Place                int      // in that queue, from 1; 0: not in it
	Files                []fileView
	MoreFiles            int
}

// checkView is the newest run of one App and name.
type checkView struct {
	CheckRun
	App, Mood, Word string
	Required        bool
	Note            string // what the conclusion means
	Frame           *frameView
}

// frameView is the page that checks are shown on: where their buttons are, who
// presses them, and which was pressed last.
type frameView struct {
	Here, As     string
	Run, Pressed string
	Waiting      bool
}

func framed(checks []checkView, f *frameView) {
	for i := range checks {
		checks[i].Frame = f
	}
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
	Remarks              []Annotation
}

func (p *Pull) shownState() string {
	switch {
	case !p.merged.IsZero():
		return "merged"
	case p.state == "open" && p.draft:
		return "draft"
	}
	return p.state
}

func (p *Pull) line() pullLine {
	mood, _, _ := together(p.checkViews())
	return pullLine{Number: p.Number, Title: p.title, Author: p.author.Login, State: p.shownState(), Mood: mood, Created: p.created}
}

// page is the whole view. The caller holds h.mu.
func (p *Pull) page() pullView {
	d := p.files()
	v := pullView{
		Number: p.Number, Title: p.title, Body: p.body, Author: p.author.Login, Bot: p.author.Type == "Bot", State: p.shownState(),
		Into: p.base, From: p.branch, Commits: len(p.commits().Ahead), Additions: d.additions, Deletions: d.deletions,
		Created: p.created, Head: p.head, Checks: p.checkViews(),
	}
	if p.from != p.repo {
		v.From = p.from.owner.Login + ":" + p.branch
	}
	v.Mood, v.Headline, v.Told = together(v.Checks)
	v.Requires, v.Missing = len(p.repo.required(p.base)) > 0, p.missing(v.Checks)
	_, v.Queue = p.repo.queueRule(p.base)
	if q := p.queued(); q != nil {
		v.Place = q.index(p) + 1
	}
	remarks := map[string][]Annotation{}
	for _, c := range v.Checks {
		for _, a := range c.Annotations {
			key := a.Path + "\x00" + strconv.Itoa(a.EndLine)
			remarks[key] = append(remarks[key], a)
		}
	}
	for _, delta := range d.deltas[:min(len(d.deltas), maxPageFiles)] {
		v.Files = append(v.Files, p.repo.fileView(delta, remarks))
	}
	v.MoreFiles = len(d.deltas) - len(v.Files)
	return v
}

// checkViews are the newest runs on the head, what is worst first.
func (p *Pull) checkViews() []checkView { return p.repo.checkViews(p.head, p.repo.required(p.base)) }

func (r *Repo) checkViews(sha string, required []requiredCheck) []checkView {
	var out []checkView
	for _, c := range slices.Backward(r.checks[sha]) {
		if slices.ContainsFunc(out, func(o checkView) bool { return o.AppID == c.suite.app.ID && o.Name == c.name }) {
			continue
		}
		v := checkView{CheckRun: c.view(), App: c.suite.app.Slug}
		v.Mood, v.Word, v.Note = mood(v.Status, v.Conclusion)
		v.Required = slices.ContainsFunc(required, func(r requiredCheck) bool { return r.met(c) })
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b checkView) int { return moodRank(a.Mood) - moodRank(b.Mood) })
	return out
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

// together is the heading over all checks.
func together(checks []checkView) (mood, headline, told string) {
	if len(checks) == 0 {
		return "quiet", "No checks", "No App has reported on this commit yet."
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
	told = strings.Join(parts, ", ")
	if len(checks) == 1 {
		told += " check"
	} else {
		told += " checks"
	}
	mood = checks[0].Mood
	switch mood {
	case "bad":
		headline = "Some checks were not successful"
	case "action":
		headline = "Some checks need somebody to act"
	case "waiting":
		headline = "Some checks haven’t completed yet"
	default:
		headline = "All checks have passed"
	}
	return mood, headline, told
}

// requiredCheck is a check that the rules of a branch require; app 0 is any.
type requiredCheck struct {
	Context string `json:"context"`
	App     int64  `json:"integration_id"`
}

func (r requiredCheck) met(c *checkRun) bool {
	return c.name == r.Context && (r.App == 0 || r.App == c.suite.app.ID)
}

// required are the checks that the rules in force on a branch require.
func (r *Repo) required(branch string) (out []requiredCheck) {
	for _, rule := range r.rulesOn(branch) {
		var parsed struct {
			Type       string `json:"type"`
			Parameters struct {
				Checks []requiredCheck `json:"required_status_checks"`
			} `json:"parameters"`
		}
		if json.Unmarshal(rule, &parsed) == nil && parsed.Type == "required_status_checks" {
			out = append(out, parsed.Parameters.Checks...)
		}
	}
	return out
}

// missing names the required checks that do not let the pull request merge.
func (p *Pull) missing(checks []checkView) (names []string) {
	for _, r := range p.repo.required(p.base) {
		passes := slices.ContainsFunc(checks, func(c checkView) bool {
			return c.Name == r.Context && (r.App == 0 || r.App == c.AppID) && (c.Mood == "good" || c.Mood == "quiet")
		})
		if !passes && !slices.Contains(names, r.Context) {
			names = append(names, r.Context)
		}
	}
	return names
}

func (r *Repo) fileView(d objects.Delta, remarks map[string][]Annotation) fileView {
	st, patch := objects.Patch(r.store.Content(d.OldMode, d.OldSHA), r.store.Content(d.NewMode, d.NewSHA), r.hub.opt.PatchLimit)
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
