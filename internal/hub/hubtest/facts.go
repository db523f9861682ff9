package hubtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
)

func (s *Stub) Hint() change.Hint {
	return change.Hint{Head: s.HeadID, BaseRef: "main", Files: len(s.Changed())}
}

func Everything(*change.File) bool { return true }

// Fill gives the stub n changed files: added, modified and removed in turn.
func (s *Stub) Fill(n int) {
	for i := range n {
		path := fmt.Sprintf("dir%d/file%04d.txt", i%10, i)
		old, young := File{change.ModeFile, fmt.Sprintf("old %d\n", i)}, File{change.ModeFile, fmt.Sprintf("new %d\n", i)}
		switch i % 3 {
		case 0:
			s.Head[path] = young
		case 1:
			s.Base[path], s.Head[path] = old, young
		case 2:
			s.Base[path] = old
		}
	}
}

func Facts(t *testing.T, h *hub.Hub, hint change.Hint) change.Facts {
	t.Helper()
	f, err := h.Facts(t.Context(), Pull, hint)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func CodeOf(t *testing.T, err error) *gate.Error {
	t.Helper()
	if err == nil {
		t.Fatal("there was no error")
	}
	return gate.AsError(err)
}

// Answers answers for the account 5, which is @ana, with what a test lays over.
func Answers(s *Stub, answers map[string]any) {
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		path := strings.TrimPrefix(r.URL.Path, "/api/v3")
		if a, ok := answers[path]; ok {
			Reply(w, 200, a)
			return true
		}
		if path == "/user/5" {
			Reply(w, 200, map[string]any{"login": "ana", "id": 5, "type": "User"})
			return true
		}
		if path == WhichTeam {
			Reply(w, 200, map[string]any{"id": 50, "slug": "sre"})
			return true
		}
		return false
	}
}

const WhichTeam = "/orgs/acme/teams/sre"
