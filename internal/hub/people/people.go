package people

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/lru"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// standingLife is how long an answer about a person is used again, a no as
// well as a yes: somebody who was removed counts that much longer, not more.
const (
	standingLife = 30 * time.Second
	maxStandings = 1 << 15 // answers kept, all installations together
	maxGroups    = 100     // that are asked for one person
)

var (
	userRoute       = api.Route{Name: "GET /user/{account_id}", Max: 1 << 20}
	teamRoute       = api.Route{Name: "GET /orgs/{org}/teams/{team_slug}/memberships/{username}", Need: "members: read", Max: 1 << 20}
	memberRoute     = api.Route{Name: "GET /orgs/{org}/memberships/{username}", Need: "members: read", Max: 1 << 20}
	permissionRoute = api.Route{Name: "GET /repos/{owner}/{repo}/collaborators/{username}/permission", Need: "metadata: read", Max: 1 << 20}
)

// Person asks GitHub who an account is now, by its numeric id, and to which of
// the groups it belongs. The groups are
//
//	@login                              the account that has this login now
//	@org/team                           an active member of the team or of a child of it
//	role:read|triage|write|maintain|admin  at least this role in the repository
//	owner, role:owner                   an active owner of the organisation
//
// Organisations other than the repository's owner, other groups, more than 100
// and what GitHub refuses to tell are Untold. An account that GitHub does not
// find comes without an Actor; one that is not a User, or whose id is another,
// as GitHub names it and without groups. That GitHub is out of reach, limits
// requests or does not take the App's token is an error.
//
// Answers are used for 30 seconds.
func (ps *People) Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	if who.ID <= 0 {
		return gate.Person{}, api.Invalid("A person is asked for by the account's id.")
	}
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return gate.Person{}, err
	}
	i := &inquiry{people: ps, client: c, repo: repo, id: who.ID}
	asks, known := i.plan(groups)
	if !known {
		if err := i.lookUp(ctx); err != nil {
			return gate.Person{}, err
		}
	}
	if i.actor.ID == 0 {
		return gate.Person{Untold: slices.Clone(groups)}, nil
	}
	p := gate.Person{Actor: i.actor, Teams: map[string]int64{}}
	if i.actor.ID != who.ID || i.actor.Type != "User" {
		return p, nil
	}
	if err := i.askAll(ctx, asks); err != nil {
		return gate.Person{}, err
	}
	for _, group := range groups {
		switch in, told := i.belongs(group); {
		case !told:
			p.Untold = append(p.Untold, group)
		case in:
			p.Groups = append(p.Groups, group)
			if id := i.team(group); id != 0 {
				p.Teams[group] = id
			}
		}
	}
	return p, nil
}

// People knows who may decide. It is safe for concurrent use.
type People struct {
	gh *api.GitHub

	mu        sync.Mutex
	standings *lru.Cache[string, remembered] // what GitHub said of people
}

func New(gh *api.GitHub) *People {
	return &People{gh: gh, standings: lru.New[string, remembered](maxStandings)}
}

// standing is what an account is to a repository, a team or an organisation.
type standing int

const (
	untold standing = iota - 1
	none
	read // a member, where there are no roles
	triage
	write
	maintain
	admin
)

var roles = map[string]standing{"none": none, "read": read, "triage": triage, "write": write, "maintain": maintain, "admin": admin}

// answer is what GitHub says to a question: of a team also which it is, where the
// account is of it.
type answer struct {
	standing
	team int64
}

// question is one request, which may answer for several groups: "team/sre",
// "role" or "owner".
type question string

// inquiry is about one account at one moment.
type inquiry struct {
	people *People
	client *api.Client
	repo   gate.Repo
	id     int64
	actor  gate.Actor
	found  map[question]answer
}

// remembered is an answer, and when it was asked for. The account itself is
// remembered as the answer to the question "".
type remembered struct {
	actor  gate.Actor
	answer answer
	asked  time.Time
}

// ask says what has to be asked about a group, and from which standing on the
// answer is a yes. Nothing has to be asked about a login; ok is false for what
// is no group here.
func (i *inquiry) ask(group string) (q question, least standing, ok bool) {
	if role, is := strings.CutPrefix(group, "role:"); is && role != "owner" {
		least = roles[role]
		return "role", least, least > none
	}
	if group == "owner" || group == "role:owner" {
		return "owner", read, true
	}
	name, is := strings.CutPrefix(group, "@")
	if !is {
		return "", none, false
	}
	org, team, isTeam := strings.Cut(name, "/")
	if !isTeam {
		return "", none, wire.IsName(name)
	}
	// Both are plain ASCII here, so that no look-alike letter is folded into one.
	ok = wire.IsName(org) && wire.IsName(team) && strings.EqualFold(org, i.repo.Owner)
	return question("team/" + strings.ToLower(team)), read, ok
}

// plan lists what has to be asked, each question once. It is known who the
// account is where nothing has to be asked; else the account is looked up
// again, so that no login is used that might have changed hands.
func (i *inquiry) plan(groups []string) (asks []question, known bool) {
	i.found = map[question]answer{}
	had, known := i.recall("")
	i.actor = had.actor
	for n, group := range groups {
		q, _, ok := i.ask(group)
		if !ok || q == "" || n >= maxGroups || slices.Contains(asks, q) {
			continue
		}
		if had, ok := i.recall(q); ok {
			i.found[q] = had.answer
			continue
		}
		asks = append(asks, q)
	}
	return asks, known && len(asks) == 0
}

// belongs reads the answers.
func (i *inquiry) belongs(group string) (in, told bool) {
	q, least, ok := i.ask(group)
	if !ok {
		return false, false
	}
	if q == "" {
		return strings.EqualFold(group[1:], i.actor.Login), true
	}
	got, asked := i.found[q]
	if !asked || got.standing == untold {
		return false, false
	}
	return got.standing >= least, true
}

// team is the id of a group that is a team which the account is of; 0 for others.
func (i *inquiry) team(group string) int64 {
	q, _, _ := i.ask(group)
	return i.found[q].team
}

func (i *inquiry) askAll(ctx context.Context, asks []question) error {
	answers, errs := make([]answer, len(asks)), make([]error, len(asks))
	var wg sync.WaitGroup
	for n, q := range asks {
		wg.Go(func() {
			asked := i.people.gh.Now()
			if answers[n], errs[n] = i.answer(ctx, q); errs[n] == nil {
				i.remember(q, remembered{answer: answers[n], asked: asked})
			}
		})
	}
	wg.Wait()
	for n, q := range asks {
		if errs[n] != nil {
			return errs[n]
		}
		i.found[q] = answers[n]
	}
	return nil
}

func (i *inquiry) answer(ctx context.Context, q question) (a answer, err error) {
	switch q {
	case "role":
		a.standing, err = i.role(ctx)
	case "owner":
		a.standing, err = i.owner(ctx)
	default:
		return i.member(ctx, strings.TrimPrefix(string(q), "team/"))
	}
	return a, err
}

// lookUp asks which account has the id. An account that is gone, or that the
// App may not see, leaves the actor empty.
// https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
func (i *inquiry) lookUp(ctx context.Context) error {
	var user wire.Account
	asked := i.people.gh.Now()
	i.actor = gate.Actor{}
	refused, err := i.get(ctx, userRoute, fmt.Sprintf("user/%d", i.id), &user)
	if err != nil || refused != "" {
		return err
	}
	if user.ID <= 0 || !wire.IsName(strings.TrimSuffix(user.Login, "[bot]")) {
		return api.Malformed("it does not say whose account it is")
	}
	i.actor = gate.Actor{Login: user.Login, ID: user.ID, Type: wire.Clip(user.Type, 40)}
	i.remember("", remembered{actor: i.actor, asked: asked})
	return nil
}

// member asks about a team, and of which it is a member's, whose it is: its name may
// be another team's now. GitHub counts members of its children too. The answer names
// no account; the login in it is moments old.
// https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user
func (i *inquiry) member(ctx context.Context, team string) (answer, error) {
	var is struct {
		State string `json:"state"`
	}
	refused, err := i.get(ctx, teamRoute,
		"orgs/"+url.PathEscape(i.repo.Owner)+"/teams/"+url.PathEscape(team)+"/memberships/"+url.PathEscape(i.actor.Login), &is)
	switch {
	case err != nil || refused == "no_permission":
		return answer{standing: untold}, err
	case refused != "" || is.State != "active":
		return answer{standing: none}, nil
	}
	id, err := teamNamed(ctx, i.client, i.repo.Owner, team)
	switch {
	case err != nil && api.StatusOf(err) == http.StatusForbidden && gate.AsError(err).Code == "no_permission":
		return answer{standing: untold}, nil
	case err != nil || id == 0: // it has gone meanwhile
		return answer{standing: none}, err
	}
	return answer{standing: read, team: id}, nil
}

// owner asks about the organisation.
// https://docs.github.com/en/rest/orgs/members#get-organization-membership-for-a-user
func (i *inquiry) owner(ctx context.Context) (standing, error) {
	var is struct {
		State string        `json:"state"`
		Role  string        `json:"role"`
		User  *wire.Account `json:"user"`
	}
	refused, err := i.get(ctx, memberRoute, "orgs/"+url.PathEscape(i.repo.Owner)+"/memberships/"+url.PathEscape(i.actor.Login), &is)
	switch {
	case err != nil || refused == "no_permission":
		return untold, err
	case refused != "":
		return none, nil
	case !i.about(is.User):
		return untold, nil
	case is.State == "active" && is.Role == "admin":
		return read, nil
	}
	return none, nil
}

// role asks about the repository. The permission is one of four and counts; the
// role's name refines it where it is one of GitHub's own: a custom role counts
// as what it builds upon.
// https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
func (i *inquiry) role(ctx context.Context) (standing, error) {
	var is struct {
		Permission string        `json:"permission"`
		Role       string        `json:"role_name"`
		User       *wire.Account `json:"user"`
	}
	refused, err := i.get(ctx, permissionRoute, api.RepoPath(i.repo)+"/collaborators/"+url.PathEscape(i.actor.Login)+"/permission", &is)
	switch {
	case err != nil || refused == "no_permission":
		return untold, err
	case refused != "":
		return none, nil
	case !i.about(is.User):
		return untold, nil
	}
	switch got, ok := roles[is.Permission]; {
	case !ok:
		return untold, nil
	case got == write && is.Role == "maintain":
		return maintain, nil
	case got == read && is.Role == "triage":
		return triage, nil
	default:
		return got, nil
	}
}

// about holds an answer to the account that was asked for: by the time it came,
// the login could have been somebody else's.
func (i *inquiry) about(user *wire.Account) bool { return user != nil && user.ID == i.id }

// get reads an answer. What GitHub refuses to tell, or does not find, is said
// by its code; trouble with GitHub or with the App's own token is an error.
func (i *inquiry) get(ctx context.Context, r api.Route, path string, to any) (refused string, err error) {
	err = i.client.Get(ctx, api.Request{Route: r, URL: path, Doing: fmt.Sprintf("ask who the account %d is in %s", i.id,
		i.repo.FullName())}, api.Into(to))
	if err == nil {
		return "", nil
	}
	code, status := gate.AsError(err).Code, api.StatusOf(err)
	if code == "no_permission" && status == http.StatusForbidden || code == "not_found" && status == http.StatusNotFound {
		return code, nil
	}
	return "", err
}

// key names an answer: roles are a repository's, the rest an installation's.
func (i *inquiry) key(q question) string {
	var repo int64
	if q == "role" {
		repo = i.repo.ID
	}
	return fmt.Sprintf("%d/%d/%d/%s/%s", i.client.Installation, i.id, repo, strings.ToLower(i.repo.Owner), q)
}

func (i *inquiry) recall(q question) (remembered, bool) {
	ps := i.people
	ps.mu.Lock()
	defer ps.mu.Unlock()
	had, ok := ps.standings.Get(i.key(q))
	age := ps.gh.Now().Sub(had.asked)
	return had, ok && age >= 0 && age < standingLife
}

func (i *inquiry) remember(q question, r remembered) {
	ps := i.people
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.standings.Put(i.key(q), r, 1)
}
