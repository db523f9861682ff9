package checks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/report"
)

// The platform's bounds on what a check run shows, in characters; gatehold
// counts bytes. The last is its own.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	maxTitle           = 255
	maxAnnotationTitle = 255
	maxAnnotationText  = 64 << 10
	maxAnnotationsEver = 500 // ten requests; the summary tells the rest
)

var listNotes = api.Route{Name: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", Need: "checks: read"}

// noteBody holds an annotation to the platform's bounds.
func noteBody(n report.Annotation) map[string]any {
	note := map[string]any{
		"path":             n.Path,
		"start_line":       n.StartLine,
		"end_line":         n.EndLine,
		"annotation_level": n.Level,
		"message":          n.Message,
	}
	if n.Title != "" {
		note["title"] = n.Title
	}
	return note
}

// bounded brings annotations into the form in which they are sent and later
// found again.
func bounded(notes []report.Annotation) []report.Annotation {
	if len(notes) > maxAnnotationsEver {
		notes = notes[:maxAnnotationsEver]
	}
	out := make([]report.Annotation, 0, len(notes))
	for _, n := range notes {
		n.StartLine = max(n.StartLine, 1)
		n.EndLine = max(n.EndLine, n.StartLine)
		if n.Level != "notice" && n.Level != "failure" {
			n.Level = "warning"
		}
		n.Title, n.Message = cut(n.Title, maxAnnotationTitle), cut(n.Message, maxAnnotationText)
		if n.Path == "" || n.Message == "" {
			continue
		}
		out = append(out, n)
	}
	return out
}

func split(notes []report.Annotation) (first, rest []report.Annotation) {
	n := min(len(notes), report.MaxAnnotations)
	return notes[:n], notes[n:]
}

// cut bounds a text in bytes, which is stricter than in characters, and takes
// out what GitHub's store does not hold.
func cut(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= n {
		return s
	}
	n -= len("\u2026")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "\u2026"
}

func noteKey(run int64, n report.Annotation) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%d\x00%d\x00%s\x00%s\x00%s", run, n.Path, n.StartLine, n.EndLine,
		n.Level, n.Title, n.Message))
	return hex.EncodeToString(sum[:16])
}

// fresh is which of the check's annotations are not on the run yet. GitHub is
// asked where this process did not write the run itself.
func (p *putting) fresh(ctx context.Context, id int64) ([]report.Annotation, error) {
	notes := bounded(p.check.Annotations)
	if len(notes) == 0 {
		return nil, nil
	}
	if !p.checks.isMarked(runKey(id)) {
		if err := p.readNotes(ctx, id); err != nil {
			return nil, err
		}
	}
	out := make([]report.Annotation, 0, len(notes))
	for _, n := range notes {
		if !p.checks.isMarked(noteKey(id, n)) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (p *putting) readNotes(ctx context.Context, id int64) error {
	const perPage = 100
	for page := 1; page <= maxAnnotationsEver/perPage; page++ {
		var list []struct {
			Path    string `json:"path"`
			Start   int    `json:"start_line"`
			End     int    `json:"end_line"`
			Level   string `json:"annotation_level"`
			Title   string `json:"title"`
			Message string `json:"message"`
		}
		err := p.client.Get(ctx, api.Request{
			Route: listNotes,
			URL:   fmt.Sprintf("%s/check-runs/%d/annotations?per_page=%d&page=%d", api.RepoPath(p.repo), id, perPage, page),
			Doing: "read the annotations on the check of " + p.repo.FullName() + "@" + p.check.HeadSHA,
		}, api.Into(&list))
		if err != nil {
			return err
		}
		notes := make([]report.Annotation, 0, len(list))
		for _, n := range list {
			notes = append(notes, report.Annotation{Path: n.Path, StartLine: n.Start, EndLine: n.End, Level: n.Level,
				Title: n.Title, Message: n.Message})
		}
		p.checks.mark(id, notes)
		if len(list) < perPage {
			break
		}
	}
	return nil
}

// mark remembers that a run is known, and what is on it.
func (cs *Checks) mark(run int64, notes []report.Annotation) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, n := range notes {
		cs.marked.Put(noteKey(run, n), struct{}{}, 1)
	}
	cs.marked.Put(runKey(run), struct{}{}, 1)
}

func (cs *Checks) isMarked(key string) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	_, ok := cs.marked.Get(key)
	return ok
}

func runKey(run int64) string { return strconv.FormatInt(run, 10) }

// doubt remembers a creation that may have happened without our being told:
// creating is not idempotent, so the next attempt looks for the run first.
func (cs *Checks) doubt(repo gate.Repo, c report.Check, yes bool) {
	key := fmt.Sprintf("%d/%s/%s", repo.ID, c.HeadSHA, c.Name)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if yes {
		cs.doubtful.Put(key, struct{}{}, 1)
	} else {
		cs.doubtful.Remove(key)
	}
}

func (cs *Checks) inDoubt(repo gate.Repo, c report.Check) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	_, ok := cs.doubtful.Get(fmt.Sprintf("%d/%s/%s", repo.ID, c.HeadSHA, c.Name))
	return ok
}
