package ranges

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxCoAuthors bounds the co-authors of one commit. GraphQL is asked for the
// first twenty, with their accounts.
const maxCoAuthors = 100

// gitActors is what GraphQL says of a commit's authors: the git author first,
// then those of the Co-authored-by trailers.
// https://docs.github.com/en/graphql/reference/objects#commit
type gitActors struct {
	Nodes []struct {
		Name  string `json:"name"`
		Email string `json:"email"`
		User  *struct {
			Login string `json:"login"`
			ID    int64  `json:"databaseId"`
		} `json:"user"`
	} `json:"nodes"`
}

// withCoAuthors adds to each commit whom it names beside its author. GraphQL
// knows the accounts, of the first hundred commits; the trailers of the
// messages tell the rest, with the account that an address of GitHub's names
// or that another commit shows for it. What cannot be told whole is a gap.
func withCoAuthors(host string, to *change.Change, told map[string]*Told) {
	known := accountsByEmail(to.Commits, told)
	for i := range to.Commits {
		commit := &to.Commits[i]
		named := told[commit.SHA].people(commit.Author.Email)
		trailers, whole := trailerPeople(commit.Message)
		if !whole {
			to.Gaps = append(to.Gaps, fmt.Sprintf("The commit %s names more than %d co-authors; not all were read.",
				wire.ShortSHA(commit.SHA), maxCoAuthors))
		}
		for _, who := range append(named, trailers...) {
			if has(commit.CoAuthors, who.Email) || strings.EqualFold(who.Email, commit.Author.Email) {
				continue
			}
			commit.CoAuthors = append(commit.CoAuthors, accountOf(host, who, known))
		}
	}
}

// people leaves out the git author.
func (t *Told) people(author string) []change.Person {
	if t == nil {
		return nil
	}
	var out []change.Person
	for i, n := range t.Authors.Nodes {
		if i == 0 && strings.EqualFold(n.Email, author) || n.Email == "" && n.Name == "" {
			continue
		}
		who := change.Person{Name: n.Name, Email: n.Email}
		if n.User != nil {
			who.Login, who.ID, who.Type = n.User.Login, n.User.ID, accountType(n.User.Login)
		}
		out = append(out, who)
	}
	return out
}

// accountType is that of a commit's account: GraphQL shows bots as users there,
// by a login that no person can have.
func accountType(login string) change.ActorType {
	if strings.HasSuffix(login, "[bot]") {
		return change.Bot
	}
	return change.User
}

// accountsByEmail is whom GitHub found for the addresses of these commits.
func accountsByEmail(commits []change.Commit, told map[string]*Told) map[string]change.Person {
	known := map[string]change.Person{}
	for i := range commits {
		named := append(told[commits[i].SHA].people(""), commits[i].Author, commits[i].Committer)
		for _, who := range named {
			if who.ID != 0 && who.Email != "" {
				known[strings.ToLower(who.Email)] = who
			}
		}
	}
	return known
}

// accountOf fills in who a git identity is, where its address tells.
func accountOf(host string, who change.Person, known map[string]change.Person) change.Person {
	if who.ID != 0 || who.Email == "" {
		return who
	}
	if found, ok := known[strings.ToLower(who.Email)]; ok {
		who.Login, who.ID, who.Type = found.Login, found.ID, found.Type
		return who
	}
	who.Login, who.ID = noreply(who.Email, host)
	if who.Login != "" {
		who.Type = accountType(who.Login)
	}
	return who
}

// noreply reads the account out of an address that GitHub gives out itself:
// ID+LOGIN@users.noreply.github.com, the older LOGIN@..., or the same at an
// Enterprise Server. The login is the one that the account had then.
// https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
func noreply(email, apiHost string) (login string, id int64) {
	local, domain, _ := strings.Cut(email, "@")
	place, ok := strings.CutPrefix(strings.ToLower(domain), "users.noreply.")
	if !ok || place != "github.com" && !strings.EqualFold(place, strings.TrimPrefix(apiHost, "api.")) {
		return "", 0
	}
	if number, rest, numbered := strings.Cut(local, "+"); numbered {
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n <= 0 {
			return "", 0
		}
		local, id = rest, n
	}
	if !wire.IsName(strings.TrimSuffix(local, "[bot]")) {
		return "", id
	}
	return local, id
}

// trailerPeople reads the Co-authored-by lines of a message, wherever in it
// they stand: one more is a person who cannot approve, one less is a hole.
func trailerPeople(message string) (people []change.Person, whole bool) {
	const key = "co-authored-by:"
	for line := range strings.Lines(message) {
		line = strings.TrimSpace(line)
		if len(line) < len(key) || !strings.EqualFold(line[:len(key)], key) {
			continue
		}
		name, rest, ok := strings.Cut(line[len(key):], "<")
		email, _, closed := strings.Cut(rest, ">")
		who := change.Person{Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
		if !ok || !closed || who.Email == "" || has(people, who.Email) {
			continue
		}
		if len(people) == maxCoAuthors {
			return people, false
		}
		people = append(people, who)
	}
	return people, true
}

func has(people []change.Person, email string) bool {
	for i := range people {
		if strings.EqualFold(people[i].Email, email) {
			return true
		}
	}
	return false
}
