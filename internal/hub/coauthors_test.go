package hub

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
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
	s := newStub(t)
	s.fill(1)
	s.message = "Fix\n\nCo-authored-by: Ana <ana@example.com>\nCO-AUTHORED-BY: Bo <7+bo@users.noreply.github.com>\n" +
		"Co-Authored-By: Claude <noreply@anthropic.com>\nCo-authored-by: Zed <a@EXAMPLE.com>\nCo-authored-by: nobody\n"
	s.authors = []any{
		gitActor("A", "a@example.com", "alice", 1), gitActor("Ana", "ana@example.com", "ana", 5),
		gitActor("helper[bot]", "9+helper[bot]@users.noreply.github.com", "helper[bot]", 9),
		gitActor("Claude", "noreply@anthropic.com", "", 0),
	}
	f := facts(t, s.hub(), s.hint())
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
	for name, prepare := range map[string]func(*stub){
		"commit 101": func(s *stub) { s.commits = 101 },
		"light query": func(s *stub) {
			s.intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if !strings.Contains(string(body), "authors(") {
					return false
				}
				reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
					"message": "Resource limits for this query exceeded."}}})
				return true
			}
			s.pr["commits"] = nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			s.fill(1)
			s.message = "Fix\n\nCo-authored-by: Bo <7+bo@users.noreply.github.com>\nCo-authored-by: Cy <cy@example.com>"
			prepare(s)
			f := facts(t, s.hub(), s.hint())
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

// An address that another commit shows the account of is that account here too.
func TestCoAuthorsKnownFromOtherCommits(t *testing.T) {
	c := &client{hub: newStub(t).hub()}
	to := &change.Change{Commits: []change.Commit{
		{SHA: "1", Author: change.Person{Email: "cy@example.com", Login: "cy", ID: 8, Type: change.User}},
		{SHA: "2", Message: "x\n\nco-authored-by: Cy <CY@example.com>", Author: change.Person{Email: "a@example.com"}},
	}}
	c.withCoAuthors(to, &present{state: &state{}})
	if got := to.Commits[1].CoAuthors; len(got) != 1 || got[0].ID != 8 || got[0].Login != "cy" || got[0].Type != change.User {
		t.Errorf("got %+v", got)
	}
}

func TestManyCoAuthorsAreAGap(t *testing.T) {
	s := newStub(t)
	s.fill(1)
	var message strings.Builder
	message.WriteString("Fix\n\n")
	for i := range maxCoAuthors + 1 {
		fmt.Fprintf(&message, "Co-authored-by: P <p%d@example.com>\n", i)
	}
	s.message = message.String()
	f := facts(t, s.hub(), s.hint())
	if n := len(f.Change.Commits[0].CoAuthors); n != maxCoAuthors || len(f.Change.Gaps) != 1 ||
		!strings.Contains(f.Change.Gaps[0], "co-authors") {
		t.Errorf("%d co-authors, gaps %v", n, f.Change.Gaps)
	}
}

func TestNoreply(t *testing.T) {
	for email, want := range map[string]change.Person{
		"7+bo@users.noreply.github.com":                    {Login: "bo", ID: 7},
		"BO@Users.NoReply.GitHub.com":                      {Login: "BO"},
		"9+helper[bot]@users.noreply.github.com":           {Login: "helper[bot]", ID: 9},
		"7+bo@users.noreply.git.acme.example":              {Login: "bo", ID: 7},
		"7+bo@users.noreply.evil.example":                  {},
		"7+bo@users.noreply.github.com.evil.example":       {},
		"noreply@github.com":                               {},
		"-7+bo@users.noreply.github.com":                   {},
		"x+bo@users.noreply.github.com":                    {},
		"99999999999999999999+bo@users.noreply.github.com": {},
		"7+b\u00f6@users.noreply.github.com":               {ID: 7},
		"@users.noreply.github.com":                        {},
		"":                                                 {},
	} {
		if login, id := noreply(email, "api.git.acme.example"); login != want.Login || id != want.ID {
			t.Errorf("%q: %q %d", email, login, id)
		}
	}
	if login, id := noreply("7+bo@users.noreply.git.acme.example", "git.acme.example"); login != "bo" || id != 7 {
		t.Errorf("at an Enterprise Server: %q %d", login, id)
	}
}
