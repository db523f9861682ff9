package board

import (
	"context"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// house says of which groups somebody is.
type house []string

func (h house) Person(_ context.Context, _ gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	p := gate.Person{Actor: who}
	for _, g := range groups {
		if meet([]string{g}, h) {
			p.Groups = append(p.Groups, g)
		}
	}
	return p, nil
}

// What asks for somebody who may read it waits for them, though they may not write; who
// may not read sees nothing of it, whoever it asks for.
func TestWhatConcernsWhom(t *testing.T) {
	s := gateAt(0)
	s.from = []string{"@acme/sre"}
	for name, c := range map[string]struct {
		is   house
		want bool
	}{
		"who may write":                     {house{gate.WriteAccess, readAccess}, true},
		"who may read and is asked for":     {house{readAccess, "@acme/sre"}, true},
		"who may read and is not asked for": {house{readAccess, "@acme/dev"}, false},
		"who is asked for and may not read": {house{"@acme/sre"}, false},
	} {
		b := boardOf(s)
		b.People = c.is
		found := b.waiting("")
		is, unasked := b.groupsOf(t.Context(), gate.Actor{ID: 7, Type: "User"}, found)
		if len(found) != 1 || unasked != 0 || found[0].concerns(is[s.Subject.Repo.ID]) != c.want {
			t.Errorf("%s: %v of %v", name, is, found)
		}
	}
}
