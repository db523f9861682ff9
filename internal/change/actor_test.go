package change

import "testing"

func TestWhoIsAPerson(t *testing.T) {
	for name, tc := range map[string]struct {
		actor             Actor
		person, transport bool
	}{
		"a user":                         {Actor{"ana", 5, User}, true, false},
		"without an id":                  {Actor{"ana", 0, User}, false, false},
		"with a negative id":             {Actor{"ana", -1, User}, false, false},
		"without a type":                 {Actor{"ana", 5, ""}, false, false},
		"nobody":                         {Actor{}, false, false},
		"ghost":                          {Actor{"ghost", 10137, User}, false, false},
		"ghost by name":                  {Actor{"Ghost", 7, User}, false, false},
		"a bot":                          {Actor{"x[bot]", 5, Bot}, false, false},
		"an organisation":                {Actor{"acme", 5, Organization}, false, false},
		"a mannequin":                    {Actor{"old", 5, Mannequin}, false, false},
		"an enterprise's":                {Actor{"eua", 5, "EnterpriseUserAccount"}, false, false},
		"the merge queue":                {Actor{"github-merge-queue[bot]", 118344674, Bot}, false, true},
		"the merge queue, without an id": {Actor{"github-merge-queue[bot]", 0, Bot}, false, true},
		"its name on another account":    {Actor{"github-merge-queue[bot]", 9, Bot}, false, false},
		"web-flow":                       {Actor{"web-flow", 19864447, User}, false, true},
		"web-flow's name, taken":         {Actor{"web-flow", 9, User}, true, false},
	} {
		if tc.actor.IsPerson() != tc.person || tc.actor.IsTransport() != tc.transport {
			t.Errorf("%s: person %v, transport %v", name, tc.actor.IsPerson(), tc.actor.IsTransport())
		}
	}
}
