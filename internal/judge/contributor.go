package judge

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// What somebody did who is the author of no commit.
const (
	roleOpened     = gate.RoleOpened
	rolePushedHead = "pushed the head"
	rolePushed     = "pushed to it"
	roleCommitted  = "committed to it"
	roleCoAuthored = "is named as a co-author of it"
	roleInstigated = "had an agent make it"
)

// contributors are the accounts that had a part in a change. None of them can
// release it, so that one too many does no harm and one too few does: what a
// commit says of its people counts here, although anybody can write it. They
// are known by their accounts' ids wherever GitHub told them: a login can be
// changed between the verdict and the choice.
func contributors(c *change.Change, a gate.Attribution) []gate.Contributor {
	var all participants
	add := func(login string, id int64, role string) {
		if (change.Actor{Login: login, ID: id}).IsTransport() {
			return
		}
		one := gate.Contributor{Login: login, ID: id, Role: role}
		if names := knownAs(c, login, id); len(names) > 1 {
			one.Known = names[1:]
		}
		all.add(one)
	}
	add(c.Author.Login, c.Author.ID, roleOpened)
	add(c.Pusher.Login, c.Pusher.ID, rolePushedHead)
	for _, who := range c.Pushers {
		add(who.Login, who.ID, rolePushed)
	}
	for i := range c.Commits {
		add(c.Commits[i].Author.Login, c.Commits[i].Author.ID, "wrote a commit of it")
		add(c.Commits[i].Committer.Login, c.Commits[i].Committer.ID, roleCommitted)
	}
	for i := range c.Commits {
		for _, who := range c.Commits[i].CoAuthors {
			add(who.Login, who.ID, roleCoAuthored)
		}
	}
	for _, who := range c.Assignees {
		if a.Is && !a.ByAutomation() { // a person's change, or automation's, is nobody's task
			add(who.Login, who.ID, roleInstigated)
		}
	}
	for _, who := range a.Instigators {
		if !strings.ContainsAny(who, "<> ") {
			add(strings.TrimPrefix(who, "@"), 0, roleInstigated)
		}
	}
	return all.list
}

// participants are accounts that had a part in something, each once, under the
// first role that it is added with.
type participants struct {
	list  []gate.Contributor
	known map[account]bool
}

type account struct {
	login string // in small letters
	id    int64
}

// add leaves out who is there already. Two accounts can have had one login, one
// after the other; a login alone is of whoever is known by it.
func (p *participants) add(c gate.Contributor) {
	who, named := account{strings.ToLower(c.Login), c.ID}, account{login: strings.ToLower(c.Login)}
	if who == (account{}) || p.known[who] {
		return
	}
	if p.known == nil {
		p.known = map[account]bool{}
	}
	// The id that a text claims for a login must not hide whom another text names by it.
	if p.known[who] = true; c.Login != "" && c.Role != roleCoAuthored {
		p.known[named] = true
	}
	p.list = append(p.list, c)
}

// unknown is what rules call who has no account, or one that they do not know.
const unknown = "unknown"

// knownAs are the names by which rules know an account, its login first: they know
// it by one that it had when they named it first, and do not by one that another
// had then.
func knownAs(c *change.Change, login string, id int64) []string {
	names := []string{strings.ToLower(login)}
	if names[0] == "" {
		names[0] = unknown
	}
	if bound, is := c.Names[names[0]]; is && bound != id {
		names = append(names, unknown)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Names)) {
		if id != 0 && c.Names[name] == id && name != names[0] {
			names = append(names, name)
		}
	}
	return names
}

// anyOf reports whether actors' patterns match one of the names at least.
func anyOf(globs []rulesfile.NameGlob, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return rulesfile.MatchName(globs, strings.ToLower(name)) })
}
