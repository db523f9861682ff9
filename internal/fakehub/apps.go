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
	public      *rsa.PublicKey
	permissions map[string]string
	events      map[string]bool
	hookID      int64
	hookURL     string
	secret      string
	noDevices   bool // the device flow is switched off
	created     time.Time
	installs    []*Installation
	deleted     bool
}

// Installation is an App installed on one account.
type Installation struct {
	ID int64

	app         *App
	account     *Account
	permissions map[string]string
	all         bool
	repos       map[int64]bool // where not all
	suspended   bool
	gone        bool
	created     time.Time
}

// CreateApp registers an App and its bot account.
func (h *Hub) CreateApp(n NewApp) (*App, error) {
	a := &App{ID: n.ID, Slug: n.Slug, secret: n.WebhookSecret, hub: h, owner: n.Owner, private: n.PrivateKey, public: n.PublicKey,
		permissions: n.Permissions, events: map[string]bool{}, hookURL: n.WebhookURL}
	if a.private == nil && a.public == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("no key for the app %s: %w", n.Slug, err)
		}
		a.private = key
	}
	if a.private != nil {
		a.public = &a.private.PublicKey
	}
	if a.permissions == nil {
		a.permissions = DefaultPermissions()
	}
	if n.Events == nil {
		n.Events = DefaultEvents()
	}
	for _, e := range n.Events {
		a.events[e] = true
	}
	a.Bot = h.CreateBot(n.Slug)
	if a.owner == nil {
		a.owner = a.Bot
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if a.ID == 0 {
		a.ID = h.id("app", 300_001)
	}
	if h.apps[a.ID] != nil {
		return nil, fmt.Errorf("there is an app %d already", a.ID)
	}
	a.hookID = h.id("hook", 400_001)
	a.created = h.now()
	h.apps[a.ID] = a
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

// ClientID names the App in the flows by which people sign in.
func (a *App) ClientID() string { return a.clientID() }

func (a *App) clientID() string { return fmt.Sprintf("Iv23li%014d", a.ID) }

// SetWebhook changes where webhooks go and how they are signed from now on.
func (a *App) SetWebhook(url, secret string) {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	a.hookURL, a.secret = url, secret
}

// Install installs the App on an organisation with the App's permissions: on
// these repositories, or on all where none is named.
func (a *App) Install(org *Org, repos ...*Repo) *Installation {
	return a.InstallOn(org.Account, repos...)
}

// InstallOn is Install for any account.
func (a *App) InstallOn(account *Account, repos ...*Repo) *Installation {
	h := a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	in := &Installation{ID: h.id("installation", 50_000_001), app: a, account: account, permissions: maps.Clone(a.permissions),
		all: len(repos) == 0, repos: map[int64]bool{}, created: h.now()}
	for _, r := range repos {
		in.repos[r.ID] = true
	}
	h.installs[in.ID] = in
	a.installs = append(a.installs, in)
	h.emitInstallation(in, "created")
	return in
}

// Grant replaces the permissions of the installation.
func (in *Installation) Grant(permissions map[string]string) {
	in.app.hub.mu.Lock()
	defer in.app.hub.mu.Unlock()
	in.permissions = maps.Clone(permissions)
}

// AcceptPermissions is what an administrator does when the App has asked for
// others: the installation has them from now on, and the App hears of it.
func (in *Installation) AcceptPermissions(permissions map[string]string) {
	h := in.app.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	in.permissions = maps.Clone(permissions)
	h.emitInstallation(in, "new_permissions_accepted")
}

// Select limits the installation to these repositories. The App hears which
// were added, and which were removed.
func (in *Installation) Select(repos ...*Repo) {
	h := in.app.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	before := in.covered()
	in.all, in.repos = false, map[int64]bool{}
	for _, r := range repos {
		in.repos[r.ID] = true
	}
	h.emitSelection(in, before, in.covered())
}

// SelectAll gives the installation all repositories, those to come included.
func (in *Installation) SelectAll() {
	h := in.app.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	before := in.covered()
	in.all = true
	h.emitSelection(in, before, in.covered())
}

// Uninstall ends the installation, and all its tokens with it.
func (in *Installation) Uninstall() {
	h := in.app.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if in.gone {
		return
	}
	h.emitInstallation(in, "deleted")
	in.gone = true
	delete(h.installs, in.ID)
	in.app.installs = slices.DeleteFunc(slices.Clone(in.app.installs), func(o *Installation) bool { return o == in })
}

// Suspend stops the installation, or lets it go on.
func (in *Installation) Suspend(yes bool) {
	in.app.hub.mu.Lock()
	defer in.app.hub.mu.Unlock()
	in.suspended = yes
	if yes {
		in.app.hub.emitInstallation(in, "suspend")
	} else {
		in.app.hub.emitInstallation(in, "unsuspend")
	}
}

// covers says whether the installation was given the repository.
func (in *Installation) covers(r *Repo) bool {
	return !in.gone && r.owner == in.account && (in.all || in.repos[r.ID])
}

// covered are the repositories of the installation, by their ids.
func (in *Installation) covered() []*Repo {
	var out []*Repo
	for _, r := range in.app.hub.repoByID {
		if in.covers(r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *Repo) int { return int(a.ID - b.ID) })
	return out
}

func (in *Installation) selection() string {
	if in.all {
		return "all"
	}
	return "selected"
}

// installationFor is the App's installation that covers a repository, or nil.
func (a *App) installationFor(r *Repo) *Installation {
	for _, in := range a.installs {
		if in.covers(r) {
			return in
		}
	}
	return nil
}

// allows says whether granted permissions include name at level.
func allows(granted map[string]string, name, level string) bool {
	rank := map[string]int{"": 0, "read": 1, "write": 2, "admin": 3}
	if name == "metadata" && level == "read" {
		return len(granted) > 0
	}
	return rank[granted[name]] >= rank[level]
}

func permissionsJSON(p map[string]string) obj {
	o := obj{}
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
	return a.json()
}

// json is the App as GET /app shows it.
func (a *App) json() obj {
	events := slices.Sorted(maps.Keys(a.events))
	return obj{
		"id", a.ID, "slug", a.Slug, "node_id", nodeID("A", a.ID), "client_id", a.clientID(), "owner", a.owner.json(),
		"name", a.Slug, "description", "", "external_url", a.hub.URL() + "/apps/" + a.Slug, "html_url", a.hub.URL() + "/apps/" + a.Slug,
		"created_at", a.created, "updated_at", a.created, "permissions", permissionsJSON(a.permissions), "events", events,
	}
}

func (in *Installation) json() obj {
	api := in.app.hub.URL()
	var suspendedAt, suspendedBy any
	if in.suspended {
		suspendedAt, suspendedBy = in.created, in.account.json()
	}
	return obj{
		"id", in.ID, "client_id", in.app.clientID(), "account", in.account.json(), "repository_selection", in.selection(),
		"access_tokens_url", fmt.Sprintf("%s/app/installations/%d/access_tokens", api, in.ID),
		"repositories_url", api + "/installation/repositories", "html_url", fmt.Sprintf("%s/settings/installations/%d", api, in.ID),
		"app_id", in.app.ID, "app_slug", in.app.Slug, "target_id", in.account.ID, "target_type", in.account.Type,
		"permissions", permissionsJSON(in.permissions), "events", slices.Sorted(maps.Keys(in.app.events)),
		"created_at", in.created, "updated_at", in.created, "single_file_name", nil, "has_multiple_single_files", false,
		"single_file_paths", list{}, "suspended_by", suspendedBy, "suspended_at", suspendedAt,
	}
}
