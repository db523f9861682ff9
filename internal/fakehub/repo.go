package fakehub

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Repo is a repository.
type Repo struct {
	ID   int64
	Name string

	hub *Hub
	repoState
}

// repoState is what changes of a repository, and is remembered by moments.
type repoState struct {
	Owner         *Account
	Private       bool
	Archived      bool
	Gone          bool // deleted
	DefaultBranch string
	Parent        *Repo // of a fork
	Store         *objects.Store
	Diffs         *objects.Diffs
	Refs          map[string]string // branch: commit
	Pulls         map[int]*Pull
	OpenPulls     int
	nextNumber    int
	issues        issueBook
	Activities    []Activity          // oldest first
	byHead        map[string][]*Pull  // pull requests of ANY repository whose head is this branch of this one
	ByCommit      map[string][]*Pull  // pull requests of this repository that hold the commit
	Checks        map[string][]*Check // by head SHA, oldest first
	Statuses      map[string][]Status // by SHA, oldest first
	Suites        map[string][]*Suite // by head SHA
	Signatures    map[string]*Signature
	collaborators map[int64]string // permission: admin, maintain, write, triage, read
	branchRules   map[string][]wire.Raw
	queues        map[string]*Queue            // by base branch
	teams         map[*Team]string             // permission of a team
	Classic       map[string]classicProtection // by branch
	Created       time.Time
	Pushed        time.Time
	changed       time.Time // its name, owner or settings
	cached        *atomic.Pointer[wire.Raw]
}

// Signature is what GitHub says of a commit's signature.
type Signature struct {
	Valid    bool
	Reason   string   // valid, unsigned, unknown_key, ...
	ByGitHub bool     // GitHub signed it itself
	Signer   *Account // whose key it is; nil where nobody's
}

// NewCommit describes a commit. What is left out comes from where it is made.
type NewCommit struct {
	Message   string
	Author    *Account
	Committer *Account // the author where nil
	// AuthorName and AuthorEmail are written instead of the author's own: git
	// lets anybody write anything here. The same for the committer.
	AuthorName, AuthorEmail       string
	CommitterName, CommitterEmail string
	// Verified: GitHub found the signature good, by the committer's key.
	Verified bool
	// SignedByGitHub: made on GitHub's pages or by its API, committed and
	// signed by GitHub for the author.
	SignedByGitHub bool
	Date           time.Time // the hub's now where zero
	Merge          []string  // further parents
	Files          Files
	// Pusher is who sent it; the author where nil.
	Pusher *Account
}

// CreateRepo adds a private repository with one commit on main that holds
// files.
func (o *Org) CreateRepo(name string, files Files) *Repo {
	return o.hub.CreateRepo(o.Account, name, files)
}

// CreateRepo adds a private repository of any account. It returns the one that
// is there, if the name is taken.
func (h *Hub) CreateRepo(owner *Account, name string, files Files) *Repo {
	h.State.Lock()
	defer h.State.Unlock()
	if r := h.repos[Fold(owner.Login+"/"+name)]; r != nil {
		return r
	}
	r := h.addRepo(owner, name, objects.NewStore(), objects.NewDiffs())
	if _, err := r.commit("main", NewCommit{Message: "Begin", Author: owner, Files: files}, ""); err != nil {
		h.Log.Error("a repository begins without its files", "repository", name, "error", err)
	}
	return r
}

func (h *Hub) addRepo(owner *Account, name string, store *objects.Store, diffs *objects.Diffs) *Repo {
	r := &Repo{ID: h.NextID("repository", 700_000_001), Name: name, hub: h}
	r.repoState = repoState{
		Owner: owner, Private: true, DefaultBranch: "main", Store: store, Diffs: diffs,
		Refs: map[string]string{}, Pulls: map[int]*Pull{}, nextNumber: 1, byHead: map[string][]*Pull{},
		ByCommit: map[string][]*Pull{}, Checks: map[string][]*Check{}, Suites: map[string][]*Suite{},
		Signatures: map[string]*Signature{}, collaborators: map[int64]string{}, branchRules: map[string][]wire.Raw{},
		queues: map[string]*Queue{}, teams: map[*Team]string{},
		Created: h.Now(), Pushed: h.Now(), cached: &atomic.Pointer[wire.Raw]{},
	}
	delete(h.moved, Fold(r.FullName()))
	h.repos[Fold(r.FullName())] = r
	h.RepoByID[r.ID] = r
	h.announce(r)
	return r
}

// Fork copies the repository to another account. Forks share their objects, as
// on GitHub: a commit of one can be read by its id through the other.
func (r *Repo) Fork(to *Account) *Repo {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	if f := h.repos[Fold(to.Login+"/"+r.Name)]; f != nil {
		return f
	}
	f := h.addRepo(to, r.Name, r.Store, r.Diffs)
	f.Parent, f.Private, f.Signatures = r, r.Private, r.Signatures
	for b, sha := range r.Refs {
		f.Refs[b] = sha
	}
	return f
}

// FullName is OWNER/NAME.
func (r *Repo) FullName() string { return r.Owner.Login + "/" + r.Name }

// SetPrivate makes the repository private, or public.
func (r *Repo) SetPrivate(yes bool) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	r.Private = yes
	r.cached.Store(nil)
}

// SetDefaultBranch changes which branch is the default.
func (r *Repo) SetDefaultBranch(name string) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	was := r.DefaultBranch
	if was == name || r.Refused() != nil {
		return
	}
	r.DefaultBranch = name
	r.cached.Store(nil)
	r.emitChange("edited", nil, "changes", wire.Object{"default_branch", wire.Object{"from", was}})
}

// Collaborate gives an account a permission: admin, maintain, write, triage,
// read, or "" to take it away.
func (r *Repo) Collaborate(a *Account, permission string) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	r.collaborators[a.ID] = permission
}

// CollaborateTeam gives a team a permission, which its members and those of
// its children have then: admin, maintain, write, triage, read, or "" to take
// it away.
func (r *Repo) CollaborateTeam(t *Team, permission string) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	r.teams[t] = permission
}

// SetBranchRules says which rules are in force on a branch: JSON objects as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them.
func (r *Repo) SetBranchRules(branch string, rules ...string) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	r.branchRules[branch] = nil
	for _, rule := range rules {
		r.branchRules[branch] = append(r.branchRules[branch], wire.Raw(rule))
	}
}

// Tip is the commit that a branch points at, "" where there is none.
func (r *Repo) Tip(branch string) string {
	r.hub.State.RLock()
	defer r.hub.State.RUnlock()
	return r.Refs[branch]
}

// Commit makes a commit on a branch and pushes it. A branch that does not exist
// begins at the default branch.
func (r *Repo) Commit(branch string, c NewCommit) (sha string, err error) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	from := r.Refs[branch]
	if from == "" {
		from = r.Refs[r.DefaultBranch]
	}
	return r.commit(branch, c, from)
}

// CommitOn is Commit on a parent of your choice: a forced push, where it is
// not the tip of the branch.
func (r *Repo) CommitOn(parent, branch string, c NewCommit) (sha string, err error) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	return r.commit(branch, c, parent)
}

// SetBranch points a branch at a commit: a push of what is there already.
func (r *Repo) SetBranch(branch, sha string, pusher *Account) error {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	if err := r.Refused(); err != nil {
		return err
	}
	if r.Store.Commit(sha) == nil {
		return fmt.Errorf("%s has no commit %s", r.FullName(), sha)
	}
	r.move(branch, sha, pusher)
	return nil
}

// DeleteBranch removes a branch; open pull requests from it are closed, as
// GitHub does. Of an archived repository none is removed.
func (r *Repo) DeleteBranch(branch string, by *Account) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	if r.Refused() != nil {
		return
	}
	for _, p := range r.byHead[branch] {
		if p.Status == "open" {
			p.close(by)
		}
	}
	r.move(branch, "", by)
}

func (r *Repo) commit(branch string, c NewCommit, parent string) (string, error) {
	if err := r.Refused(); err != nil {
		return "", err
	}
	obj, sig, err := r.build(c, parent)
	if err != nil {
		return "", err
	}
	sha, err := r.Store.PutCommit(obj)
	if err != nil {
		return "", err
	}
	if sig != nil {
		r.Signatures[sha] = sig
	}
	pusher := c.Pusher
	if pusher == nil {
		pusher = c.Author
	}
	if pusher == nil {
		pusher = r.Owner
	}
	r.move(branch, sha, pusher)
	return sha, nil
}

// build makes the commit object and what GitHub will say of its signature.
func (r *Repo) build(c NewCommit, parent string) (*objects.Commit, *Signature, error) {
	if c.Author == nil {
		c.Author = r.Owner
	}
	if c.SignedByGitHub {
		c.Committer = r.hub.webFlow
	} else if c.Committer == nil {
		c.Committer = c.Author
	}
	if c.Date.IsZero() {
		c.Date = r.hub.Now()
	}
	tree := objects.EmptyTree
	obj := &objects.Commit{Message: c.Message,
		Author:    person(c.Author, c.AuthorName, c.AuthorEmail, c.Date),
		Committer: person(c.Committer, c.CommitterName, c.CommitterEmail, c.Date)}
	if parent != "" {
		p := r.Store.Commit(parent)
		if p == nil {
			return nil, nil, fmt.Errorf("%s has no commit %s", r.FullName(), parent)
		}
		tree = p.Tree
		obj.Parents = append([]string{parent}, c.Merge...)
	}
	changes, err := c.Files.changes(r.Store)
	if err != nil {
		return nil, nil, err
	}
	if obj.Tree, err = r.Store.Apply(tree, changes); err != nil {
		return nil, nil, err
	}
	switch {
	case c.SignedByGitHub:
		obj.Signature = "-----BEGIN PGP SIGNATURE-----\n\nfakehub/github\n-----END PGP SIGNATURE-----"
		return obj, &Signature{Valid: true, Reason: "valid", ByGitHub: true, Signer: r.hub.webFlow}, nil
	case c.Verified:
		obj.Signature = "-----BEGIN SSH SIGNATURE-----\nfakehub/" + c.Committer.Login + "\n-----END SSH SIGNATURE-----"
		return obj, &Signature{Valid: true, Reason: "valid", Signer: c.Committer}, nil
	}
	return obj, nil, nil
}

func person(a *Account, name, email string, date time.Time) objects.Person {
	p := objects.Person{Name: a.Name, Email: a.Email, Date: date}
	if strings.HasSuffix(a.Login, "[bot]") {
		p.Name = a.Login
	}
	if name != "" {
		p.Name = name
	}
	if email != "" {
		p.Email = email
	}
	return p
}
