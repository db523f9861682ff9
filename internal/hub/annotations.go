package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
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

var listNotes = route{name: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", need: "checks: read"}

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
	h := p.client.hub
	if !h.isMarked(runKey(id)) {
		if err := p.readNotes(ctx, id); err != nil {
			return nil, err
		}
	}
	out := make([]report.Annotation, 0, len(notes))
	for _, n := range notes {
		if !h.isMarked(noteKey(id, n)) {
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
		err := p.client.get(ctx, request{
			route: listNotes,
			url:   fmt.Sprintf("%s/check-runs/%d/annotations?per_page=%d&page=%d", repoPath(p.repo), id, perPage, page),
			doing: "read the annotations on the check of " + p.repo.FullName() + "@" + p.check.HeadSHA,
		}, into(&list))
		if err != nil {
			return err
		}
		notes := make([]report.Annotation, 0, len(list))
		for _, n := range list {
			notes = append(notes, report.Annotation{Path: n.Path, StartLine: n.Start, EndLine: n.End, Level: n.Level,
				Title: n.Title, Message: n.Message})
		}
		p.client.hub.mark(id, notes)
		if len(list) < perPage {
			break
		}
	}
	return nil
}

// mark remembers that a run is known, and what is on it.
func (h *Hub) mark(run int64, notes []report.Annotation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range notes {
		h.marked.put(noteKey(run, n), struct{}{}, 1)
	}
	h.marked.put(runKey(run), struct{}{}, 1)
}

func (h *Hub) isMarked(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.marked.get(key)
	return ok
}

func runKey(run int64) string { return strconv.FormatInt(run, 10) }

// doubt remembers a creation that may have happened without our being told:
// creating is not idempotent, so the next attempt looks for the run first.
func (h *Hub) doubt(repo gate.Repo, c report.Check, yes bool) {
	key := fmt.Sprintf("%d/%s/%s", repo.ID, c.HeadSHA, c.Name)
	h.mu.Lock()
	defer h.mu.Unlock()
	if yes {
		h.doubtful.put(key, struct{}{}, 1)
	} else {
		h.doubtful.remove(key)
	}
}

func (h *Hub) inDoubt(repo gate.Repo, c report.Check) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.doubtful.get(fmt.Sprintf("%d/%s/%s", repo.ID, c.HeadSHA, c.Name))
	return ok
}
