package people_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

const (
	teamPath       = "/orgs/acme/teams/sre/memberships/ana"
	ownerPath      = "/orgs/acme/memberships/ana"
	permissionPath = "/repositories/99/collaborators/ana/permission"
)

// An answer counts only where it is about the very account, and says yes in
// the words that GitHub has for it.
func TestAnswersAboutPeople(t *testing.T) {
	ana, other := map[string]any{"login": "ana", "id": 5}, map[string]any{"login": "ana", "id": 6}
	all := []string{"@acme/sre", "owner", "role:read", "role:triage", "role:write", "role:maintain", "role:admin"}
	role := func(permission, name string, user any) map[string]any {
		return map[string]any{permissionPath: map[string]any{"permission": permission, "role_name": name, "user": user}}
	}
	for name, test := range map[string]struct {
		answers     map[string]any
		yes, untold string
	}{
		"nothing found": {nil, "", ""},
		"active member": {map[string]any{teamPath: map[string]any{"state": "active", "role": "member"}}, "@acme/sre", ""},
		"a team of no id": {map[string]any{teamPath: map[string]any{"state": "active"},
			hubtest.WhichTeam: map[string]any{"id": 50, "slug": "other"}}, "", "error"},
		"pending member":       {map[string]any{teamPath: map[string]any{"state": "pending", "role": "maintainer"}}, "", ""},
		"a member in no state": {map[string]any{teamPath: map[string]any{}}, "", ""},
		"owner": {map[string]any{ownerPath: map[string]any{"state": "active", "role": "admin",
			"user": ana}}, "owner", ""},
		"member, no owner": {map[string]any{ownerPath: map[string]any{"state": "active", "role": "member",
			"user": ana}}, "", ""},
		"invited as owner": {map[string]any{ownerPath: map[string]any{"state": "pending", "role": "admin",
			"user": ana}}, "", ""},
		"somebody else is owner": {map[string]any{ownerPath: map[string]any{"state": "active", "role": "admin",
			"user": other}}, "", "owner"},
		"owner, it is not said who":   {map[string]any{ownerPath: map[string]any{"state": "active", "role": "admin"}}, "", "owner"},
		"maintain":                    {role("write", "maintain", ana), "role:read role:triage role:write role:maintain", ""},
		"triage":                      {role("read", "triage", ana), "role:read role:triage", ""},
		"custom role on write":        {role("write", "release-captain", ana), "role:read role:triage role:write", ""},
		"custom role on admin":        {role("admin", "superuser", ana), strings.Join(all[2:], " "), ""},
		"no role's name":              {role("write", "", ana), "role:read role:triage role:write", ""},
		"a name above the permission": {role("read", "admin", ana), "role:read", ""},
		"maintain without write":      {role("read", "maintain", ana), "role:read", ""},
		"none":                        {role("none", "", ana), "", ""},
		"a permission of tomorrow":    {role("steward", "maintain", ana), "", strings.Join(all[2:], " ")},
		"somebody else's permission":  {role("admin", "admin", other), "", strings.Join(all[2:], " ")},
		"nobody's permission":         {role("admin", "admin", nil), "", strings.Join(all[2:], " ")},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			hubtest.Answers(s, test.answers)
			p, err := s.Hub().Person(t.Context(), hubtest.Repo, gate.Actor{ID: 5}, all)
			if test.untold == "error" {
				if err == nil || len(p.Groups) > 0 {
					t.Errorf("%+v, %v", p, err)
				}
				return
			}
			if p.Teams["@acme/sre"] == 50 != slices.Contains(p.Groups, "@acme/sre") {
				t.Errorf("of the teams %v", p.Teams)
			}
			if err != nil || p.Actor != (gate.Actor{Login: "ana", ID: 5, Type: "User"}) ||
				strings.Join(p.Groups, " ") != test.yes || strings.Join(p.Untold, " ") != test.untold {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

func TestAccountsThatAreNotWhoWasAskedFor(t *testing.T) {
	groups := []string{"@ana", "owner"}
	for name, test := range map[string]struct {
		user map[string]any
		want gate.Actor
		code string
	}{
		"another id": {map[string]any{"login": "ana", "id": 6, "type": "User"}, gate.Actor{Login: "ana", ID: 6, Type: "User"}, ""},
		"a bot": {map[string]any{"login": "ana[bot]", "id": 5, "type": "Bot"},
			gate.Actor{Login: "ana[bot]", ID: 5, Type: "Bot"}, ""},
		"of no type": {map[string]any{"login": "ana", "id": 5}, gate.Actor{Login: "ana", ID: 5}, ""},
		"a mannequin": {map[string]any{"login": "ana", "id": 5, "type": "Mannequin"},
			gate.Actor{Login: "ana", ID: 5, Type: "Mannequin"}, ""},
		"of no id":        {map[string]any{"login": "ana", "type": "User"}, gate.Actor{}, "github_unavailable"},
		"of no login":     {map[string]any{"id": 5, "type": "User"}, gate.Actor{}, "github_unavailable"},
		"an odd login":    {map[string]any{"login": "../ana", "id": 5, "type": "User"}, gate.Actor{}, "github_unavailable"},
		"a Cyrillic name": {map[string]any{"login": "\u0430na", "id": 5, "type": "User"}, gate.Actor{}, "github_unavailable"},
	} {
		s := hubtest.NewStub(t)
		hubtest.Answers(s, map[string]any{"/user/5": test.user, ownerPath: map[string]any{"state": "active", "role": "admin",
			"user": map[string]any{"id": 5}}})
		p, err := s.Hub().Person(t.Context(), hubtest.Repo, gate.Actor{ID: 5, Login: "ana", Type: "User"}, groups)
		if test.code != "" && (err == nil || gate.AsError(err).Code != test.code) || test.code == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if p.Actor != test.want || len(p.Groups) != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Answers of one installation, or about one repository, say nothing of others.
func TestStandingsAreKeptApart(t *testing.T) {
	s := hubtest.NewStub(t)
	ana := map[string]any{"login": "ana", "id": 5}
	hubtest.Answers(s, map[string]any{
		teamPath: map[string]any{"state": "active"}, ownerPath: map[string]any{"state": "active", "role": "admin", "user": ana},
		permissionPath: map[string]any{"permission": "admin", "role_name": "admin", "user": ana},
		"/repositories/100/collaborators/ana/permission": map[string]any{"permission": "read", "role_name": "read", "user": ana},
	})
	h := s.Hub()
	groups := []string{"@acme/sre", "owner", "role:admin"}
	ask := func(repo gate.Repo) string {
		p, err := h.Person(t.Context(), repo, gate.Actor{ID: 5}, groups)
		if err != nil {
			t.Error(err)
		}
		return strings.Join(p.Groups, " ")
	}
	docs, beta := hubtest.Repo, hubtest.Repo
	docs.ID, docs.Name = 100, "docs"
	beta.Owner, beta.ID = "beta", 101
	for range 2 {
		if got := ask(hubtest.Repo); got != strings.Join(groups, " ") {
			t.Errorf("in shop: %q", got)
		}
		if got := ask(docs); got != "@acme/sre owner" {
			t.Errorf("in docs: %q", got)
		}
		if got := ask(beta); got != "" {
			t.Errorf("in another organisation: %q", got)
		}
	}
}

func TestTooManyGroupsAreUntold(t *testing.T) {
	s := hubtest.NewStub(t)
	hubtest.Answers(s, nil)
	const maxGroups = 100
	var groups []string
	for range maxGroups + 5 {
		groups = append(groups, "@acme/"+hubtest.SHA(strings.Repeat("x", len(groups)))[:10])
	}
	asked := 0
	inner := s.Intercept
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if strings.Contains(r.URL.Path, "/teams/") {
			s.Set(func() { asked++ })
		}
		return inner(w, r, body)
	}
	p, err := s.Hub().Person(t.Context(), hubtest.Repo, gate.Actor{ID: 5}, groups)
	if err != nil || asked != maxGroups || len(p.Groups) != 0 || !slices.Equal(p.Untold, groups[maxGroups:]) {
		t.Errorf("%d requests, %+v, %v", asked, p, err)
	}
}
