package checks_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/report"
)

func TestCheckIsCreatedFoundAndPatched(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	if id, err := h.FindCheck(t.Context(), hubtest.Repo, s.HeadID, "gatehold"); id != 0 || err != nil {
		t.Fatalf("found %d, %v", id, err)
	}
	id, err := h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(2))
	if err != nil || id != 1 {
		t.Fatalf("created %d, %v", id, err)
	}
	sent := s.Posts[0]
	if sent["status"] != "completed" || sent["conclusion"] != "action_required" || sent["head_sha"] != s.HeadID ||
		sent["external_id"] == "" || sent["details_url"] == "" {
		t.Errorf("sent %v", sent)
	}
	found, err := h.FindCheck(t.Context(), hubtest.Repo, s.HeadID, "gatehold")
	if found != id || err != nil {
		t.Errorf("found %d, %v", found, err)
	}
	c := hubtest.Check(2)
	c.Conclusion, c.Text = report.Success, ""
	same, err := h.PutCheck(t.Context(), hubtest.Repo, id, c)
	if err != nil || same != id || s.Counts["create"] != 1 || s.Counts["update"] != 1 {
		t.Errorf("patched %d, %v, %v", same, err, s.Counts)
	}
	sent = s.Posts[1]
	if sent["conclusion"] != "success" || sent["head_sha"] != nil {
		t.Errorf("sent %v", sent)
	}
	if text, ok := sent["output"].(map[string]any)["text"]; !ok || text != "" {
		t.Error("an emptied text is not sent, so the old one would stay")
	}
}

// approveID is the identifier of a button of some painting.
const approveID = "aabcdefghijklmno2345"

// The buttons are said with each publication, none as an empty list: what is
// left out would stay as it was.
func TestButtonsAreAlwaysSent(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	c := hubtest.Check(60) // more than one request
	c.Actions = []report.Action{{Label: "Approve", Description: "Release what is shown", Identifier: approveID},
		{Label: "Deny", Description: "Hold it", Identifier: "d" + approveID[1:]}}
	id, err := h.PutCheck(t.Context(), hubtest.Repo, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Actions = nil
	if _, err := h.PutCheck(t.Context(), hubtest.Repo, id, c); err != nil {
		t.Fatal(err)
	}
	if len(s.Posts) != 3 {
		t.Fatalf("%d requests", len(s.Posts))
	}
	for i, want := range []int{2, 2, 0} {
		sent, ok := s.Posts[i]["actions"].([]any)
		if !ok || len(sent) != want {
			t.Errorf("request %d: %v", i, s.Posts[i]["actions"])
		}
	}
	first := s.Posts[0]["actions"].([]any)[0].(map[string]any)
	if len(first) != 3 || first["label"] != "Approve" || first["description"] != "Release what is shown" ||
		first["identifier"] != approveID {
		t.Errorf("sent %v", first)
	}
}

func TestButtonsAreHeldToTheBounds(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	fine := report.Action{Label: strings.Repeat("\u00e4", 20), Description: strings.Repeat("\u00e4", 40), Identifier: approveID}
	change := func(f func(*report.Action)) []report.Action {
		a := fine
		f(&a)
		return []report.Action{a}
	}
	for name, actions := range map[string][]report.Action{
		"four":             {fine, fine, fine, fine},
		"long label":       change(func(a *report.Action) { a.Label += "x" }),
		"no label":         change(func(a *report.Action) { a.Label = "" }),
		"long description": change(func(a *report.Action) { a.Description += "x" }),
		"no description":   change(func(a *report.Action) { a.Description = "" }),
		"unknown":          change(func(a *report.Action) { a.Identifier = "merge" }),
		"of no painting":   change(func(a *report.Action) { a.Identifier = "approve" }),
		"long identifier":  change(func(a *report.Action) { a.Identifier += "a" }),
		"no identifier":    change(func(a *report.Action) { a.Identifier = "" }),
	} {
		c := hubtest.Check(0)
		c.Actions = actions
		if _, err := h.PutCheck(t.Context(), hubtest.Repo, 0, c); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.Requests() != 0 {
		t.Errorf("%v", s.Counts)
	}
	c := hubtest.Check(0)
	c.Actions = []report.Action{fine, fine, fine}
	if _, err := h.PutCheck(t.Context(), hubtest.Repo, 0, c); err != nil {
		t.Error(err)
	}
}

func TestFindCheckTakesOursAndTheNewest(t *testing.T) {
	s := hubtest.NewStub(t)
	run := func(id int, name, head string, app int) map[string]any {
		return map[string]any{"id": id, "name": name, "head_sha": head, "app": map[string]any{"id": app}}
	}
	s.Runs = []map[string]any{
		run(5, "gatehold", s.HeadID, hubtest.AppID), run(9, "gatehold", s.HeadID, hubtest.AppID), run(7, "gatehold", s.HeadID, hubtest.AppID),
		run(20, "gatehold", s.HeadID, 15368), run(21, "other", s.HeadID, hubtest.AppID), run(22, "gatehold", hubtest.SHA("other"), hubtest.AppID),
		{"id": 23, "name": "gatehold", "head_sha": s.HeadID, "app": nil},
	}
	if id, err := s.Hub().FindCheck(t.Context(), hubtest.Repo, s.HeadID, "gatehold"); id != 9 || err != nil {
		t.Errorf("found %d, %v", id, err)
	}
}

func TestAnnotationsGoInBatchesAndOnce(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	id, err := h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(120))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Notes[id]); n != 120 || s.Counts["create"] != 1 || s.Counts["update"] != 2 {
		t.Fatalf("%d annotations, %v", n, s.Counts)
	}
	if _, err := h.PutCheck(t.Context(), hubtest.Repo, id, hubtest.Check(125)); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Notes[id]); n != 125 || s.Counts["update"] != 3 || s.Counts["notes"] != 0 {
		t.Errorf("%d annotations, %v", n, s.Counts)
	}
	// Another process, after a restart, knows nothing of what is on the run.
	if _, err := s.Hub().PutCheck(t.Context(), hubtest.Repo, id, hubtest.Check(60)); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Notes[id]); n != 125 || s.Counts["notes"] != 2 {
		t.Errorf("%d annotations, %v", n, s.Counts)
	}
}

func TestCheckThatIsNotOursIsCreatedAnew(t *testing.T) {
	for _, status := range []int{403, 404} {
		s := hubtest.NewStub(t)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method != http.MethodPatch {
				return false
			}
			hubtest.Reply(w, status,
				map[string]any{"message": "Invalid app_id `1` - check run can only be modified by the GitHub App that created it."})
			return true
		}
		id, err := s.Hub().PutCheck(t.Context(), hubtest.Repo, 5, hubtest.Check(0))
		if err != nil || id != 1 {
			t.Errorf("%d: %d, %v", status, id, err)
		}
	}
	for _, status := range []int{429, 500, 422} {
		s := hubtest.NewStub(t)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method != http.MethodPatch {
				return false
			}
			hubtest.Reply(w, status, map[string]any{"message": "no"})
			return true
		}
		id, err := s.Hub().PutCheck(t.Context(), hubtest.Repo, 5, hubtest.Check(0))
		if err == nil || id != 5 || s.Counts["create"] != 0 {
			t.Errorf("%d: %d, %v: another run was created", status, id, err)
		}
	}
}

// Creating is not idempotent: where the answer was lost, the run is looked for
// before another one is made.
func TestLostAnswerMakesNoSecondRun(t *testing.T) {
	s := hubtest.NewStub(t)
	lost := true
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/check-runs") || !lost {
			return false
		}
		lost = false
		s.Checks(&blackHole{}, r, "check-runs", body)
		hijack, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return true
		}
		hijack.Close()
		return true
	}
	h := s.Hub()
	id, err := h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(1))
	if e := hubtest.CodeOf(t, err); id != 0 || e.Code != "github_unavailable" {
		t.Fatalf("%d, %v", id, err)
	}
	id, err = h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(1))
	if err != nil || id != 1 || len(s.Runs) != 1 || len(s.Notes[1]) != 1 {
		t.Errorf("%d, %v, %d runs, notes %v", id, err, len(s.Runs), s.Notes)
	}
	if _, err = h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(0)); err != nil || s.Counts["list"] != 1 {
		t.Errorf("doubt remains after %v, %v", s.Counts, err)
	}
}

type blackHole struct{ header http.Header }

func (b *blackHole) Header() http.Header {
	if b.header == nil {
		b.header = http.Header{}
	}
	return b.header
}
func (*blackHole) Write(p []byte) (int, error) { return len(p), nil }
func (*blackHole) WriteHeader(int)             {}

func TestCheckIsHeldToTheBounds(t *testing.T) {
	s := hubtest.NewStub(t)
	c := hubtest.Check(0)
	c.Title = strings.Repeat("t", 1000)
	c.Summary = strings.Repeat("\u00e4", 60000)
	c.Text = "a\x00b\xff"
	c.Annotations = []report.Annotation{
		{Path: "a", StartLine: 0, EndLine: -5, Level: "fatal", Title: strings.Repeat("x", 300), Message: strings.Repeat("m", 100000)},
		{Path: "", Message: "no path"}, {Path: "b"},
	}
	if _, err := s.Hub().PutCheck(t.Context(), hubtest.Repo, 0, c); err != nil {
		t.Fatal(err)
	}
	out := s.Posts[0]["output"].(map[string]any)
	for key, limit := range map[string]int{"title": 255, "summary": 65535, "text": 65535} {
		if text := out[key].(string); len(text) > limit || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Errorf("%s has %d bytes", key, len(text))
		}
	}
	notes := out["annotations"].([]any)
	if len(notes) != 1 {
		t.Fatalf("annotations %v", notes)
	}
	note := notes[0].(map[string]any)
	if note["start_line"] != 1.0 || note["end_line"] != 1.0 || note["annotation_level"] != "warning" ||
		len(note["title"].(string)) > 255 || len(note["message"].(string)) > 64<<10 {
		t.Errorf("annotation %.200v", note)
	}
}

func TestNothingPassesByMistake(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	for _, conclusion := range []report.Conclusion{"neutral", "skipped", "stale", "timed_out"} {
		c := hubtest.Check(0)
		c.Conclusion = conclusion
		if _, err := h.PutCheck(t.Context(), hubtest.Repo, 0, c); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%q: %v", conclusion, err)
		}
	}
	for name, change := range map[string]func(*report.Check){
		"name": func(c *report.Check) { c.Name = "" }, "title": func(c *report.Check) { c.Title = "" },
		"summary": func(c *report.Check) { c.Summary = "" }, "sha": func(c *report.Check) { c.HeadSHA = "main" },
	} {
		c := hubtest.Check(0)
		change(&c)
		if _, err := h.PutCheck(t.Context(), hubtest.Repo, 0, c); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.Requests() != 0 {
		t.Errorf("%v", s.Counts)
	}
}
