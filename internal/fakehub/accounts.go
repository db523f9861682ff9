package fakehub

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Account is a user, a bot or an organisation. Nothing of it changes but what
// Rename changes. A machine user is a user: nothing tells it from a human.
type Account struct {
	ID    int64
	Login string
	Type  string // User, Bot, Organization, Mannequin
	Name  string
	Email string // what git shows; GitHub finds the account of a commit by it

	hub        *Hub
	Deleted    bool
	Suspended  bool // it can do nothing, and its tokens are refused
	Unverified bool // nobody has shown that its mail address is theirs
	simple     atomic.Pointer[wire.Raw]
}

// Org is an organisation, with its members and teams.
type Org struct {
	*Account
	Members map[int64]string // role: admin, member
	IPList  bool             // an IP allow list on which nobody is who calls
	SAML    bool             // people's tokens need to be authorized for it
	Teams   map[string]*Team
}

// Team is a team of an organisation. Members of a child are members of its
// parents too.
type Team struct {
	ID   int64
	Slug string

	Org      *Org
	Parent   *Team
	Children []*Team
	Members  map[int64]string // role: member, maintainer
	pending  map[int64]bool
}

// CreateUser adds a human's account. Its mail address is the one GitHub gives
// out, ID+LOGIN@users.noreply.github.com.
func (h *Hub) CreateUser(login string) *Account { return h.create(login, "User", 0) }

// CreateBot adds an App's account: name without the [bot] that logins of bots
// end in.
func (h *Hub) CreateBot(name string) *Account {
	return h.create(strings.TrimSuffix(name, "[bot]")+"[bot]", "Bot", 0)
}

// CreateKnownBot adds the account of an App with the numeric id that it has on
// GitHub: what knows a bot by its id knows it here.
func (h *Hub) CreateKnownBot(name string, id int64) *Account {
	return h.create(strings.TrimSuffix(name, "[bot]")+"[bot]", "Bot", id)
}

// CreateOrg adds an organisation.
func (h *Hub) CreateOrg(login string) *Org {
	a := h.create(login, "Organization", 0)
	h.State.Lock()
	defer h.State.Unlock()
	if o := h.Orgs[a.ID]; o != nil {
		return o
	}
	o := &Org{Account: a, Members: map[int64]string{}, Teams: map[string]*Team{}}
	h.Orgs[a.ID] = o
	return o
}

// create returns the account that has this login already, if there is one.
func (h *Hub) create(login, kind string, id int64) *Account {
	h.State.Lock()
	defer h.State.Unlock()
	if a := h.accounts[Fold(login)]; a != nil {
		return a
	}
	if id == 0 {
		id = h.NextID("account", 100_001)
	}
	return h.addAccount(&Account{ID: id, Login: login, Type: kind, Name: strings.TrimSuffix(login, "[bot]"),
		Email: fmt.Sprintf("%d+%s@users.noreply.github.com", id, login)})
}

func (h *Hub) addAccount(a *Account) *Account {
	a.hub = h
	h.accounts[Fold(a.Login)] = a
	h.AccountByID[a.ID] = a
	h.AccountByEmail[Fold(a.Email)] = a
	return a
}

// Rename gives an account another login. The id stays, and so do commits under
// the old mail address; the old login is free for somebody else. The old names
// of its repositories redirect until somebody takes them.
func (a *Account) Rename(login string) error {
	h := a.hub
	h.State.Lock()
	defer h.State.Unlock()
	if a.Type == "Bot" {
		login = strings.TrimSuffix(login, "[bot]") + "[bot]"
	}
	if other := h.accounts[Fold(login)]; other != nil && other != a {
		return fmt.Errorf("the login %s is taken", login)
	}
	was := a.Login
	if err := h.renameOwner(a, login); err != nil {
		return err
	}
	delete(h.accounts, Fold(was))
	a.Email = fmt.Sprintf("%d+%s@users.noreply.github.com", a.ID, login)
	h.accounts[Fold(login)], h.AccountByEmail[Fold(a.Email)] = a, a
	a.simple.Store(nil)
	for _, r := range h.RepoByID {
		if r.Owner == a {
			r.cached.Store(nil)
		}
	}
	h.emitRenamed(a, was)
	return nil
}

// WebFlow is the account under which GitHub commits and signs for those who
// use its web pages.
func (h *Hub) WebFlow() *Account { return h.webFlow }

// Suspend keeps an account from doing anything; off, lets it again.
func (a *Account) Suspend(yes bool) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.Suspended = yes
}

// VerifyMail says whether the account's mail address is known to be its person's.
// It is, unless told otherwise.
func (a *Account) VerifyMail(yes bool) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.Unverified = !yes
}

// Person says whether somebody can sit before a browser as this account: a user who
// was not deleted or suspended. The caller holds the state's lock.
func (a *Account) Person() bool {
	return a != nil && a.Type == "User" && a != a.hub.webFlow && !a.Deleted && !a.Suspended
}

// AddMember makes a an admin or a member of the organisation.
func (o *Org) AddMember(a *Account, role string) {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	o.Members[a.ID] = role
}

// RemoveMember takes a out of the organisation and of all its teams.
func (o *Org) RemoveMember(a *Account) {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	delete(o.Members, a.ID)
	for _, t := range o.Teams {
		delete(t.Members, a.ID)
		delete(t.pending, a.ID)
	}
}

// CreateTeam adds a team; parent may be nil.
func (o *Org) CreateTeam(slug string, parent *Team) *Team {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	t := &Team{ID: o.hub.NextID("team", 5001), Slug: slug, Org: o, Parent: parent, Members: map[int64]string{}, pending: map[int64]bool{}}
	o.Teams[Fold(slug)] = t
	if parent != nil {
		parent.Children = append(parent.Children, t)
	}
	return t
}

// Rename gives the team another slug; who takes the old one is another team.
func (t *Team) Rename(slug string) {
	t.Org.hub.State.Lock()
	defer t.Org.hub.State.Unlock()
	delete(t.Org.Teams, Fold(t.Slug))
	t.Slug = slug
	t.Org.Teams[Fold(slug)] = t
}

// Add puts a into the team as a member or a maintainer, and into the
// organisation if it is not there yet.
func (t *Team) Add(a *Account, role string) {
	t.Org.hub.State.Lock()
	defer t.Org.hub.State.Unlock()
	t.Members[a.ID] = role
	delete(t.pending, a.ID)
	if t.Org.Members[a.ID] == "" {
		t.Org.Members[a.ID] = "member"
	}
}

// Invite asks a to join the team: its membership is pending.
func (t *Team) Invite(a *Account) {
	t.Org.hub.State.Lock()
	defer t.Org.hub.State.Unlock()
	t.pending[a.ID] = true
}

// Remove takes a out of the team.
func (t *Team) Remove(a *Account) {
	t.Org.hub.State.Lock()
	defer t.Org.hub.State.Unlock()
	delete(t.Members, a.ID)
	delete(t.pending, a.ID)
}

// Role is the strongest role of an account in the team or in a child of it.
func (t *Team) Role(id int64, depth int) (role string, active bool) {
	if r := t.Members[id]; r != "" {
		return r, true
	}
	for _, c := range t.Children {
		if depth > 32 {
			break
		}
		if r, ok := c.Role(id, depth+1); ok {
			return r, true
		}
	}
	if t.pending[id] {
		return "member", false
	}
	return "", false
}

// JSON is GitHub's "simple user".
func (a *Account) JSON() wire.Raw {
	if a == nil {
		return wire.Raw("null")
	}
	if a.Deleted && a.Type == "Bot" {
		return wire.Raw("null")
	}
	if a.Deleted {
		return a.hub.ghost().JSON()
	}
	if r := a.simple.Load(); r != nil {
		return *r
	}
	url := a.hub.URL() + "/users/" + a.Login
	r := wire.Raw(wire.Encode(wire.Object{
		"login", a.Login, "id", a.ID, "node_id", a.NodeID(), "avatar_url", a.hub.URL() + "/avatars/" + a.Login, "gravatar_id", "",
		"url", url, "html_url", a.hub.URL() + "/" + a.Login, "followers_url", url + "/followers",
		"following_url", url + "/following{/other_user}", "gists_url", url + "/gists{/gist_id}", "starred_url",
		url + "/starred{/owner}{/repo}",
		"subscriptions_url", url + "/subscriptions", "organizations_url", url + "/orgs", "repos_url", url + "/repos",
		"events_url", url + "/events{/privacy}", "received_events_url", url + "/received_events", "type", a.Type,
		"user_view_type", "public", "site_admin", false,
	}))
	if a.hub.base.Load() != nil {
		a.simple.Store(&r)
	}
	return r
}

// NodeID is the account's global id.
func (a *Account) NodeID() string {
	switch a.Type {
	case "Bot":
		return wire.NodeID("BOT", a.ID)
	case "Organization":
		return wire.NodeID("O", a.ID)
	case "Mannequin":
		return wire.NodeID("M", a.ID)
	}
	return wire.NodeID("U", a.ID)
}

// OrgJSON is an organisation as webhooks show it.
func (a *Account) OrgJSON() wire.Object {
	url := a.hub.URL() + "/orgs/" + a.Login
	return wire.Object{
		"login", a.Login, "id", a.ID, "node_id", a.NodeID(), "url", url, "repos_url", url + "/repos", "events_url", url + "/events",
		"hooks_url", url + "/hooks", "issues_url", url + "/issues", "members_url", url + "/members{/member}",
		"public_members_url", url + "/public_members{/member}", "avatar_url", a.hub.URL() + "/avatars/" + a.Login, "description", "",
	}
}

// UseIPAllowList makes the organisation take requests from no address that
// anybody has here; off, from all.
func (o *Org) UseIPAllowList(yes bool) {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	o.IPList = yes
}

// EnforceSAML makes people's tokens useless for the organisation, until each
// was authorized with AuthorizeSAML. Installations go on.
func (o *Org) EnforceSAML(yes bool) {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	o.SAML = yes
}

// ghostID is the account that GitHub shows in place of those whose people
// deleted them.
const ghostID = 10137

// Accounts that are not what one expects: deleted ones, whose work stays, and
// kinds other than users, bots and organisations.

// DeleteAccount deletes a user's account. What it made stays: REST shows the
// account ghost there, and GraphQL null. Its login is free. An account that
// owns repositories cannot be deleted.
func (h *Hub) DeleteAccount(a *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	for _, r := range h.RepoByID {
		if r.Owner == a {
			return fmt.Errorf("%s owns %s: it has to be deleted or transferred first", a.Login, r.FullName())
		}
	}
	h.vanish(a)
	return nil
}

// vanish takes an account out of everything but what it made.
func (h *Hub) vanish(a *Account) {
	delete(h.accounts, Fold(a.Login))
	delete(h.AccountByID, a.ID)
	maps.DeleteFunc(h.AccountByEmail, func(_ string, of *Account) bool { return of == a })
	for _, o := range h.Orgs {
		delete(o.Members, a.ID)
		for _, t := range o.Teams {
			delete(t.Members, a.ID)
			delete(t.pending, a.ID)
		}
	}
	for _, r := range h.RepoByID {
		delete(r.collaborators, a.ID)
	}
	a.Deleted = true
	a.simple.Store(nil)
}

// ghost stands in REST where a deleted account was.
func (h *Hub) ghost() *Account {
	if g := h.ghostAccount.Load(); g != nil {
		return g
	}
	g := &Account{ID: ghostID, Login: "ghost", Type: "User", Name: "Deleted user", hub: h}
	h.ghostAccount.CompareAndSwap(nil, g)
	return h.ghostAccount.Load()
}

// Delete deletes the App: it is uninstalled everywhere, its tokens end, and
// what it made stays. Its bot is null then in REST and in GraphQL, and so is
// the App itself on its check runs.
func (a *App) Delete() {
	for _, in := range a.Installations() {
		in.Uninstall()
	}
	h := a.hub
	h.State.Lock()
	defer h.State.Unlock()
	delete(h.Apps, a.ID)
	h.appList = slices.DeleteFunc(slices.Clone(h.appList), func(o *App) bool { return o == a })
	a.deleted = true
	h.vanish(a.Bot)
}

// Installations are those that the App has now.
func (a *App) Installations() []*Installation {
	a.hub.State.RLock()
	defer a.hub.State.RUnlock()
	return slices.Clone(a.Installs)
}

// CreateMannequin adds an account that an import made for somebody who has
// none: it can have written things, and can do nothing.
func (h *Hub) CreateMannequin(login string) *Account { return h.create(login, "Mannequin", 0) }
