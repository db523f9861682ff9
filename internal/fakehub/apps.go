package fakehub

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// NewApp is what an App is registered with.
type NewApp struct {
	ID          int64 // chosen where zero
	Slug        string
	Owner       *Account        // the App's own bot where nil
	PublicKey   *rsa.PublicKey  // with PrivateKey nil: only this can verify its JWTs
	PrivateKey  *rsa.PrivateKey // both nil: a new pair of 2048 bits
	Permissions map[string]string
	Events      []string

	WebhookURL    string // "" sends nothing
	WebhookSecret string

	ClientSecret string   // "": there is none, and nobody signs in through a browser
	Callbacks    []string // where browsers may be sent back to
}

// DefaultPermissions are what a gate asks of its organisation.
func DefaultPermissions() map[string]string {
	return map[string]string{"metadata": "read", "checks": "write", "contents": "read", "pull_requests": "read",
		"actions": "read", "deployments": "write", "merge_queues": "read", "members": "read"}
}

// DefaultEvents are what a gate listens to.
func DefaultEvents() []string {
	return []string{"pull_request", "push", "check_run", "check_suite", "merge_group", "deployment_protection_rule",
		"deployment", "deployment_status", "workflow_run", "workflow_job"}
}

// App is a registered GitHub App.
type App struct {
	ID   int64
	Slug string
	Bot  *Account // SLUG[bot]

	hub         *Hub
	owner       *Account
	private     *rsa.PrivateKey
	PublicKey   *rsa.PublicKey
	Permissions map[string]string
	Events      map[string]bool
	Hook        hooks.Hook
	NoDevices   bool     // the device flow is switched off
	Secret      string   // of the client; "": none was made
	Callbacks   []string // where browsers may be sent back to, the usual one first
	created     time.Time
	Installs    []*Installation
	deleted     bool
}

// Installation is an App installed on one account.
type Installation struct {
	ID int64

	App         *App
	Account     *Account
	Permissions map[string]string
	all         bool
	repos       map[int64]bool // where not all
	Suspended   bool
	Gone        bool
	created     time.Time
}

// CreateApp registers an App and its bot account.
func (h *Hub) CreateApp(n NewApp) (*App, error) {
	a := &App{ID: n.ID, Slug: n.Slug, hub: h, owner: n.Owner, private: n.PrivateKey, PublicKey: n.PublicKey,
		Permissions: n.Permissions, Events: map[string]bool{}, Secret: n.ClientSecret, Callbacks: slices.Clone(n.Callbacks)}
	if a.private == nil && a.PublicKey == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("no key for the app %s: %w", n.Slug, err)
		}
		a.private = key
	}
	if a.private != nil {
		a.PublicKey = &a.private.PublicKey
	}
	if a.Permissions == nil {
		a.Permissions = DefaultPermissions()
	}
	if n.Events == nil {
		n.Events = DefaultEvents()
	}
	for _, e := range n.Events {
		a.Events[e] = true
	}
	a.Bot = h.CreateBot(n.Slug)
	if a.owner == nil {
		a.owner = a.Bot
	}
	h.State.Lock()
	defer h.State.Unlock()
	if a.ID == 0 {
		a.ID = h.NextID("app", 300_001)
	}
	if h.Apps[a.ID] != nil {
		return nil, fmt.Errorf("there is an app %d already", a.ID)
	}
	a.Hook = hooks.Hook{App: a.ID, ID: h.NextID("hook", 400_001), URL: n.WebhookURL, Secret: n.WebhookSecret}
	a.created = h.Now()
	h.Apps[a.ID] = a
	h.appList = append(h.appList, a)
	return a, nil
}

// PrivateKeyPEM is the App's private key as GitHub hands it out, nil where only
// its public key is known.
func (a *App) PrivateKeyPEM() []byte {
	if a.private == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(a.private)})
}

// Owner is the account that the App belongs to.
func (a *App) Owner() *Account { return a.owner }

// ClientID names the App in the flows by which people sign in.
func (a *App) ClientID() string { return a.clientID() }

func (a *App) clientID() string { return fmt.Sprintf("Iv23li%014d", a.ID) }

// SetClientSecret changes the secret by which the App shows that a code is its own.
func (a *App) SetClientSecret(secret string) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.Secret = secret
}

// SetCallbacks changes where browsers may be sent back to: where nothing else is
// asked for, to the first.
func (a *App) SetCallbacks(urls ...string) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.Callbacks = slices.Clone(urls)
}

// SetWebhook changes where webhooks go and how they are signed from now on.
func (a *App) SetWebhook(url, secret string) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.Hook.URL, a.Hook.Secret = url, secret
}

// Install installs the App on an organisation with the App's permissions: on
// these repositories, or on all where none is named.
func (a *App) Install(org *Org, repos ...*Repo) *Installation {
	return a.InstallOn(org.Account, repos...)
}

// InstallOn is Install for any account.
func (a *App) InstallOn(account *Account, repos ...*Repo) *Installation {
	h := a.hub
	h.State.Lock()
	defer h.State.Unlock()
	in := &Installation{ID: h.NextID("installation", 50_000_001), App: a, Account: account, Permissions: maps.Clone(a.Permissions),
		all: len(repos) == 0, repos: map[int64]bool{}, created: h.Now()}
	for _, r := range repos {
		in.repos[r.ID] = true
	}
	h.Installs[in.ID] = in
	a.Installs = append(a.Installs, in)
	h.emitInstallation(in, "created")
	return in
}

// Grant replaces the permissions of the installation.
func (in *Installation) Grant(permissions map[string]string) {
	in.App.hub.State.Lock()
	defer in.App.hub.State.Unlock()
	in.Permissions = maps.Clone(permissions)
}

// AcceptPermissions is what an administrator does when the App has asked for
// others: the installation has them from now on, and the App hears of it.
func (in *Installation) AcceptPermissions(permissions map[string]string) {
	h := in.App.hub
	h.State.Lock()
	defer h.State.Unlock()
	in.Permissions = maps.Clone(permissions)
	h.emitInstallation(in, "new_permissions_accepted")
}

// Select limits the installation to these repositories. The App hears which
// were added, and which were removed.
func (in *Installation) Select(repos ...*Repo) {
	h := in.App.hub
	h.State.Lock()
	defer h.State.Unlock()
	before := in.covered()
	in.all, in.repos = false, map[int64]bool{}
	for _, r := range repos {
		in.repos[r.ID] = true
	}
	h.emitSelection(in, before, in.covered())
}

// SelectAll gives the installation all repositories, those to come included.
func (in *Installation) SelectAll() {
	h := in.App.hub
	h.State.Lock()
	defer h.State.Unlock()
	before := in.covered()
	in.all = true
	h.emitSelection(in, before, in.covered())
}

// Uninstall ends the installation, and all its tokens with it.
func (in *Installation) Uninstall() {
	h := in.App.hub
	h.State.Lock()
	defer h.State.Unlock()
	if in.Gone {
		return
	}
	h.emitInstallation(in, "deleted")
	in.Gone = true
	delete(h.Installs, in.ID)
	in.App.Installs = slices.DeleteFunc(slices.Clone(in.App.Installs), func(o *Installation) bool { return o == in })
}

// Suspend stops the installation, or lets it go on.
func (in *Installation) Suspend(yes bool) {
	in.App.hub.State.Lock()
	defer in.App.hub.State.Unlock()
	in.Suspended = yes
	if yes {
		in.App.hub.emitInstallation(in, "suspend")
	} else {
		in.App.hub.emitInstallation(in, "unsuspend")
	}
}

// Covers says whether the installation was given the repository.
func (in *Installation) Covers(r *Repo) bool {
	return !in.Gone && r.Owner == in.Account && (in.all || in.repos[r.ID])
}

// covered are the repositories of the installation, by their ids.
func (in *Installation) covered() []*Repo {
	var out []*Repo
	for _, r := range in.App.hub.RepoByID {
		if in.Covers(r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *Repo) int { return int(a.ID - b.ID) })
	return out
}

// Selection says whether the installation has all repositories or selected ones.
func (in *Installation) Selection() string {
	if in.all {
		return "all"
	}
	return "selected"
}

// InstallationFor is the App's installation that covers a repository, or nil.
func (a *App) InstallationFor(r *Repo) *Installation {
	for _, in := range a.Installs {
		if in.Covers(r) {
			return in
		}
	}
	return nil
}

// PermissionsJSON is what was granted, by name.
func PermissionsJSON(p map[string]string) wire.Object {
	o := wire.Object{}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		o = append(o, name, p[name])
	}
	return o
}

// shown is the App on what it made: null when it was deleted.
func (a *App) shown() any {
	if a.deleted {
		return nil
	}
	return a.JSON()
}

// JSON is the App as GET /app shows it.
func (a *App) JSON() wire.Object {
	events := slices.Sorted(maps.Keys(a.Events))
	return wire.Object{
		"id", a.ID, "slug", a.Slug, "node_id", wire.NodeID("A", a.ID), "client_id", a.clientID(), "owner", a.owner.JSON(),
		"name", a.Slug, "description", "", "external_url", a.URL(), "html_url", a.URL(),
		"created_at", a.created, "updated_at", a.created, "permissions", PermissionsJSON(a.Permissions), "events", events,
	}
}

// JSON is the installation as REST and webhooks show it.
func (in *Installation) JSON() wire.Object {
	api := in.App.hub.URL()
	var suspendedAt, suspendedBy any
	if in.Suspended {
		suspendedAt, suspendedBy = in.created, in.Account.JSON()
	}
	return wire.Object{
		"id", in.ID, "client_id", in.App.clientID(), "account", in.Account.JSON(), "repository_selection", in.Selection(),
		"access_tokens_url", fmt.Sprintf("%s/app/installations/%d/access_tokens", api, in.ID),
		"repositories_url", api + "/installation/repositories", "html_url", fmt.Sprintf("%s/settings/installations/%d", api, in.ID),
		"app_id", in.App.ID, "app_slug", in.App.Slug, "target_id", in.Account.ID, "target_type", in.Account.Type,
		"permissions", PermissionsJSON(in.Permissions), "events", slices.Sorted(maps.Keys(in.App.Events)),
		"created_at", in.created, "updated_at", in.created, "single_file_name", nil, "has_multiple_single_files", false,
		"single_file_paths", wire.List{}, "suspended_by", suspendedBy, "suspended_at", suspendedAt,
	}
}

// SetDeviceFlow says whether people can sign in to the App through the device
// flow. They can, unless told otherwise; on GitHub it has to be switched on.
func (a *App) SetDeviceFlow(on bool) {
	a.hub.State.Lock()
	defer a.hub.State.Unlock()
	a.NoDevices = !on
}

// AppByClient finds the App of a client id.
func (h *Hub) AppByClient(id string) *App {
	for _, a := range h.appList {
		if a.clientID() == id {
			return a
		}
	}
	return nil
}

// Pick finds the repositories that a token is narrowed to; all must be the
// installation's.
func (in *Installation) Pick(names []string, ids []int64) (repos []*Repo, ok bool) {
	h := in.App.hub
	for _, name := range names {
		r := h.repos[Fold(in.Account.Login+"/"+name)]
		if r == nil || !in.Covers(r) {
			return nil, false
		}
		repos = append(repos, r)
	}
	for _, id := range ids {
		r := h.RepoByID[id]
		if r == nil || !in.Covers(r) {
			return nil, false
		}
		repos = append(repos, r)
	}
	return repos, true
}

// ActionsAppID is the id of GitHub's own App, under which workflows act.
const ActionsAppID = 15368

// ActionsApp is GitHub's own App, under which workflows act.
func (h *Hub) ActionsApp() wire.Object {
	const began = "2018-07-30T09:30:17Z"
	owner := Account{ID: 9919, Login: "github", Type: "Organization", hub: h}
	return wire.Object{"id", ActionsAppID, "slug", "github-actions", "node_id", wire.NodeID("A", ActionsAppID),
		"client_id", "Iv1.05c79e9ad1f6bdfa",
		"owner", owner.JSON(), "name", "GitHub Actions", "description", "Automate your workflow from idea to production",
		"external_url", "https://help.github.com/en/actions", "html_url", h.URL() + "/apps/github-actions", "created_at", began,
		"updated_at", began,
		"permissions", wire.Object{"actions", "write", "checks", "write", "contents", "write", "deployments", "write", "metadata",
			"read"}, "events", wire.List{}}
}

// URL is the App's page.
func (a *App) URL() string { return a.hub.URL() + "/apps/" + a.Slug }
