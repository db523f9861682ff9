package ranges

import (
	"testing"

	"github.com/gatehold/gatehold/internal/change"
)

// An address that another commit shows the account of is that account here too.
func TestCoAuthorsKnownFromOtherCommits(t *testing.T) {
	to := &change.Change{Commits: []change.Commit{
		{SHA: "1", Author: change.Person{Email: "cy@example.com", Login: "cy", ID: 8, Type: change.User}},
		{SHA: "2", Message: "x\n\nco-authored-by: Cy <CY@example.com>", Author: change.Person{Email: "a@example.com"}},
	}}
	withCoAuthors("github.com", to, nil)
	if got := to.Commits[1].CoAuthors; len(got) != 1 || got[0].ID != 8 || got[0].Login != "cy" || got[0].Type != change.User {
		t.Errorf("got %+v", got)
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
