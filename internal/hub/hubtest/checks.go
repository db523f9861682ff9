package hubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/report"
)

func (s *Stub) Checks(w http.ResponseWriter, r *http.Request, rest string, body []byte) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	var sent map[string]any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &sent); err != nil {
			s.T.Errorf("%s %s: %v", r.Method, rest, err)
		}
		s.Posts = append(s.Posts, sent)
	}
	var id int64
	switch n, _ := fmt.Sscanf(rest, "check-runs/%d", &id); {
	case r.Method == http.MethodPost && rest == "check-runs":
		s.Counts["create"]++
		run := map[string]any{"id": int64(len(s.Runs) + 1), "name": sent["name"], "head_sha": sent["head_sha"],
			"app": map[string]any{"id": AppID}}
		s.Runs = append(s.Runs, run)
		s.note(int64(len(s.Runs)), sent)
		Reply(w, 201, run)
	case n == 1 && strings.HasSuffix(rest, "/annotations"):
		s.Counts["notes"]++
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*100, len(s.Notes[id]))
		Reply(w, 200, append([]any{}, s.Notes[id][from:min(from+100, len(s.Notes[id]))]...))
	case n == 1 && r.Method == http.MethodPatch && id <= int64(len(s.Runs)):
		s.Counts["update"]++
		s.note(id, sent)
		Reply(w, 200, s.Runs[id-1])
	case strings.HasSuffix(rest, "/check-runs"):
		s.Counts["list"]++
		Reply(w, 200, map[string]any{"check_runs": s.Runs})
	default:
		Reply(w, 404, map[string]any{"message": "Not Found"})
	}
}

func (s *Stub) note(id int64, sent map[string]any) {
	output, _ := sent["output"].(map[string]any)
	notes, _ := output["annotations"].([]any)
	if len(notes) > 50 {
		s.T.Errorf("%d annotations in one request", len(notes))
	}
	s.Notes[id] = append(s.Notes[id], notes...)
}

func Check(notes int) report.Check {
	c := report.Check{
		Name: "gatehold", HeadSHA: SHA("head"), ExternalID: "check/99/" + SHA("head"), DetailsURL: "https://gatehold.example/x",
		Conclusion: report.ActionRequired, Title: "Held", Summary: "Why", Text: "JSON",
	}
	for i := range notes {
		c.Annotations = append(c.Annotations, report.Annotation{Path: "a.sql", StartLine: i + 1, EndLine: i + 1,
			Level: "warning", Title: "Drops a table", Message: fmt.Sprintf("note %d", i)})
	}
	return c
}
