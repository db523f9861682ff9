package graph

import (
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// commitAuthors is the git author, and then those whom Co-authored-by trailers
// in the last paragraph of the message name, each address once.
func commitAuthors(x *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	people := []objects.Person{c.Author}
	last := strings.TrimSpace(c.Message)
	if i := strings.LastIndex(last, "\n\n"); i >= 0 {
		last = last[i+2:]
	} else {
		last = "" // the subject is no trailer
	}
	seen := map[string]bool{fakehub.Fold(c.Author.Email): true}
	for line := range strings.Lines(last) {
		key, value, _ := strings.Cut(line, ":")
		name, rest, _ := strings.Cut(value, "<")
		email, _, closed := strings.Cut(rest, ">")
		if !strings.EqualFold(key, "Co-authored-by") || !closed || seen[fakehub.Fold(email)] {
			continue
		}
		seen[fakehub.Fold(email)] = true
		people = append(people, objects.Person{Name: strings.TrimSpace(name), Email: email, Date: c.Author.Date})
	}
	return paginate(a, "authors", "GitActorConnection", len(people),
		func(i int) node { return node{"GitActor", gitPerson{x.hub, people[i]}} })
}
