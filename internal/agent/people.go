package agent

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// people gathers humans, each once: by login where one is known, by e-mail
// else, by name where there is nothing else.
type people struct {
	table  *table
	secret func(string) bool // see collector
	logins map[string]string // lower e-mail to login, as GitHub looked it up
	keys   map[string]bool
	out    []string
}

// instigators names the humans on whose behalf an agent worked, those that
// GitHub vouches for first: who opened the change, who pushed it and who was
// assigned to it; then committers, authors, co-authors and requesters. A name
// that is forged here keeps a person from approving, nothing more.
func instigators(c *change.Change, k *collector, asked bool) []string {
	p := &people{table: k.table, secret: k.secret, logins: map[string]string{}, keys: map[string]bool{}, out: []string{}}
	for i := range c.Commits {
		for _, who := range append([]change.Person{c.Commits[i].Author, c.Commits[i].Committer}, c.Commits[i].CoAuthors...) {
			if who.Login != "" && who.Email != "" {
				p.logins[strings.ToLower(who.Email)] = who.Login
			}
		}
	}
	p.actor(c.Author)
	p.actor(c.Pusher)
	for _, a := range c.Pushers {
		p.actor(a)
	}
	if asked {
		for _, a := range c.Assignees {
			p.actor(a)
		}
	}
	for i := range c.Commits {
		p.person(c.Commits[i].Committer)
		p.person(c.Commits[i].Author)
	}
	for _, value := range k.coauthors {
		p.identity(nameAndEmail(value))
	}
	for _, who := range k.requesters {
		p.requested(who)
	}
	return p.out
}

func (p *people) actor(a change.Actor) {
	if a.Type != change.User && a.Type != "" || p.table.id(a.ID) != nil || a.Type == "" && a.ID == 0 {
		return
	}
	p.login(a.Login)
}

func (p *people) person(who change.Person) {
	if who.Type == change.Bot || p.table.id(who.ID) != nil {
		return
	}
	if who.Login != "" {
		p.login(who.Login)
		return
	}
	p.identity(who.Name, who.Email)
}

func (p *people) login(login string) {
	low := strings.ToLower(login)
	if low == "" || low == "web-flow" || low == "ghost" || strings.HasSuffix(low, "[bot]") || p.table.login(low) != nil {
		return
	}
	p.once(low, login)
}

func (p *people) identity(name, email string) {
	if p.secret(name) || p.secret(name+" <"+email+">") {
		name = "" // nobody is called so
	}
	if p.secret(email) {
		email = ""
	}
	name, email = show(strings.TrimSuffix(name, " (aider)")), show(email)
	low := strings.ToLower(email)
	if low == "noreply@github.com" || p.table.email(email) != nil || (name == "" && email == "") {
		return
	}
	if login := p.logins[low]; login != "" {
		p.login(login)
		return
	}
	if login := loginOf(email); login != "" {
		p.login(login)
		return
	}
	if agent, sure := p.table.tool(name); agent != "" && sure {
		return
	}
	key := low
	if key == "" {
		key = strings.ToLower(name)
	}
	switch {
	case email == "":
		p.once(key, name)
	case name == "" || name == email:
		p.once(key, email)
	default:
		p.once(key, name+" <"+email+">")
	}
}

func (p *people) once(key, shown string) {
	if p.keys[key] || len(p.out) >= maxPeople {
		return
	}
	p.keys[key] = true
	p.out = append(p.out, show(shown))
}

// askedBy is how Devin says who asked.
const askedBy = "requested by:"

// requested reads who asked: an e-mail, a name with an e-mail, or "@login".
func (p *people) requested(who string) {
	who = strings.Trim(who, "*_ \t")
	name, email := nameAndEmail(who)
	if email == "" {
		for word := range strings.FieldsSeq(name) { // "Ana Lima (@ana)"
			if login, ok := strings.CutPrefix(strings.Trim(word, "(),"), "@"); ok && !p.secret(login) {
				p.login(login)
				return
			}
		}
	}
	p.identity(strings.TrimSpace(strings.TrimRight(name, "(")), email)
}

// provenHuman reports whether GitHub vouches that the person who opened the
// change made every commit of it: signed with that person's own key, as author
// and as committer. A commit that GitHub signed itself is no such proof: the
// person's token makes those as well, and a token is what an agent works with.
func provenHuman(c *change.Change) bool {
	if c.Author.Type != change.User || c.Via != "" || len(c.Commits) == 0 || len(c.Gaps) > 0 {
		return false
	}
	if c.Pusher != (change.Actor{}) && !sameActor(c.Pusher.ID, c.Pusher.Login, c.Author) {
		return false
	}
	return !slices.ContainsFunc(c.Commits, func(k change.Commit) bool { return !ownCommit(&k, c.Author) })
}

// claimedByAuthor reports whether the person who opened the change signed by passkey that
// it is theirs. What others pushed, or wrote by their accounts, nobody can claim; nor what
// was not read whole.
func claimedByAuthor(c *change.Change) bool {
	by := c.Author
	other := func(a change.Actor) bool { return !a.IsTransport() && !sameActor(a.ID, a.Login, by) }
	if by.ID == 0 || c.Claimed.ID != by.ID || by.Type != change.User || c.Via != "" || len(c.Commits) == 0 || len(c.Gaps) > 0 ||
		c.Pusher != (change.Actor{}) && other(c.Pusher) || slices.ContainsFunc(c.Pushers, other) {
		return false
	}
	return !slices.ContainsFunc(c.Commits, func(k change.Commit) bool {
		return k.Author.ID != 0 && k.Author.ID != by.ID || len(k.CoAuthors) > 0
	})
}

func ownCommit(k *change.Commit, by change.Actor) bool {
	if !k.Verified || k.SignedByGitHub || !sameActor(k.Author.ID, k.Author.Login, by) {
		return false
	}
	// Where a source does not tell the committer, it is the author.
	return k.Committer == (change.Person{}) || sameActor(k.Committer.ID, k.Committer.Login, by)
}

// sameActor compares by id, and by login only where one side has no id.
func sameActor(id int64, login string, with change.Actor) bool {
	if id != 0 && with.ID != 0 {
		return id == with.ID
	}
	return login != "" && strings.EqualFold(login, with.Login)
}
