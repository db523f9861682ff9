package ranges_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func gitActor(name, email, login string, id int64) any {
	a := map[string]any{"name": name, "email": email, "user": nil}
	if login != "" {
		a["user"] = map[string]any{"login": login, "databaseId": id}
	}
	return a
}

// GitHub's own look-up is taken where it gives one, and the trailers beside it.
func TestCoAuthors(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	s.Message = "Fix\n\nCo-authored-by: Ana <ana@example.com>\nCO-AUTHORED-BY: Bo <7+bo@users.noreply.github.com>\n" +
		"Co-Authored-By: Claude <noreply@anthropic.com>\nCo-authored-by: Zed <a@EXAMPLE.com>\nCo-authored-by: nobody\n"
	s.Authors = []any{
		gitActor("A", "a@example.com", "alice", 1), gitActor("Ana", "ana@example.com", "ana", 5),
		gitActor("helper[bot]", "9+helper[bot]@users.noreply.github.com", "helper[bot]", 9),
		gitActor("Claude", "noreply@anthropic.com", "", 0),
	}
	f := hubtest.Facts(t, s.Hub(), s.Hint())
	want := []change.Person{
		{Name: "Ana", Email: "ana@example.com", Login: "ana", ID: 5, Type: change.User},
		{Name: "helper[bot]", Email: "9+helper[bot]@users.noreply.github.com", Login: "helper[bot]", ID: 9, Type: change.Bot},
		{Name: "Claude", Email: "noreply@anthropic.com"},
		{Name: "Bo", Email: "7+bo@users.noreply.github.com", Login: "bo", ID: 7, Type: change.User},
	}
	if got := f.Change.Commits[0].CoAuthors; !reflect.DeepEqual(got, want) || len(f.Change.Gaps) != 0 {
		t.Errorf("got %+v\nwant %+v\ngaps %v", got, want, f.Change.Gaps)
	}
}

// Beyond the hundred commits of the query, and where the query was too much for
// GitHub, the messages tell.
func TestCoAuthorsWithoutGraphQL(t *testing.T) {
	for name, prepare := range map[string]func(*hubtest.Stub){
		"commit 101": func(s *hubtest.Stub) { s.Commits = 101 },
		"light query": func(s *hubtest.Stub) {
			s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if !strings.Contains(string(body), "authors(") {
					return false
				}
				hubtest.Reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
					"message": "Resource limits for this query exceeded."}}})
				return true
			}
			s.PullState["commits"] = nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Fill(1)
			s.Message = "Fix\n\nCo-authored-by: Bo <7+bo@users.noreply.github.com>\nCo-authored-by: Cy <cy@example.com>"
			prepare(s)
			f := hubtest.Facts(t, s.Hub(), s.Hint())
			want := []change.Person{
				{Name: "Bo", Email: "7+bo@users.noreply.github.com", Login: "bo", ID: 7, Type: change.User},
				{Name: "Cy", Email: "cy@example.com"},
			}
			if got := f.Change.Commits[len(f.Change.Commits)-1].CoAuthors; !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestManyCoAuthorsAreAGap(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	const maxCoAuthors = 100
	var message strings.Builder
	message.WriteString("Fix\n\n")
	for i := range maxCoAuthors + 1 {
		fmt.Fprintf(&message, "Co-authored-by: P <p%d@example.com>\n", i)
	}
	s.Message = message.String()
	f := hubtest.Facts(t, s.Hub(), s.Hint())
	if n := len(f.Change.Commits[0].CoAuthors); n != maxCoAuthors || len(f.Change.Gaps) != 1 ||
		!strings.Contains(f.Change.Gaps[0], "co-authors") {
		t.Errorf("%d co-authors, gaps %v", n, f.Change.Gaps)
	}
}
