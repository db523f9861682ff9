package fakehub

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
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
	owner         *Account
	private       bool
	archived      bool
	gone          bool // deleted
	defaultBranch string
	parent        *Repo // of a fork
	store         *objects.Store
	diffs         *diffCache
	refs          map[string]string // branch: commit
	pulls         map[int]*Pull
	openPulls     int
	nextNumber    int
	issues        issueBook
	activities    []activity               // oldest first
	byHead        map[string][]*Pull       // pull requests of ANY repository whose head is this branch of this one
	byCommit      map[string][]*Pull       // pull requests of this repository that hold the commit
	checks        map[string][]*checkRun   // by head SHA, oldest first
	suites        map[string][]*checkSuite // by head SHA
	signatures    map[string]*Signature
	collaborators map[int64]string // permission: admin, maintain, write, triage, read
	branchRules   map[string][]raw
	environments  []*Environment
	workflows     map[string]*workflow // by path
	workflowRuns  []*WorkflowRun
	openRuns      map[int64]*WorkflowRun // those that have not ended
	deployments   []*deployment
	queues        map[string]*Queue            // by base branch
	teams         map[*Team]string             // permission of a team
	classic       map[string]classicProtection // by branch
	created       time.Time
	pushed        time.Time
	changed       time.Time // its name, owner or settings
	cached        *atomic.Pointer[raw]
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
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.repos[fold(owner.Login+"/"+name)]; r != nil {
		return r
	}
	r := h.addRepo(owner, name, objects.NewStore(), newDiffCache())
	if _, err := r.commit("main", NewCommit{Message: "Begin", Author: owner, Files: files}, ""); err != nil {
		h.log.Error("a repository begins without its files", "repository", name, "error", err)
	}
	return r
}

func (h *Hub) addRepo(owner *Account, name string, store *objects.Store, diffs *diffCache) *Repo {
	r := &Repo{ID: h.id("repository", 700_000_001), Name: name, hub: h}
	r.repoState = repoState{
		owner: owner, private: true, defaultBranch: "main", store: store, diffs: diffs,
		refs: map[string]string{}, pulls: map[int]*Pull{}, nextNumber: 1, byHead: map[string][]*Pull{},
		byCommit: map[string][]*Pull{}, checks: map[string][]*checkRun{}, suites: map[string][]*checkSuite{},
		signatures: map[string]*Signature{}, collaborators: map[int64]string{}, branchRules: map[string][]raw{},
		queues: map[string]*Queue{}, teams: map[*Team]string{},
		workflows: map[string]*workflow{}, openRuns: map[int64]*WorkflowRun{},
		created: h.now(), pushed: h.now(), cached: &atomic.Pointer[raw]{},
	}
	delete(h.moved, fold(r.fullName()))
	h.repos[fold(r.fullName())] = r
	h.repoByID[r.ID] = r
	h.announce(r)
	return r
}

// Fork copies the repository to another account. Forks share their objects, as
// on GitHub: a commit of one can be read by its id through the other.
func (r *Repo) Fork(to *Account) *Repo {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.repos[fold(to.Login+"/"+r.Name)]; f != nil {
		return f
	}
	f := h.addRepo(to, r.Name, r.store, r.diffs)
	f.parent, f.private, f.signatures = r, r.private, r.signatures
	for b, sha := range r.refs {
		f.refs[b] = sha
	}
	return f
}

// FullName is OWNER/NAME.
func (r *Repo) FullName() string { return r.fullName() }

func (r *Repo) fullName() string { return r.owner.Login + "/" + r.Name }

// SetPrivate makes the repository private, or public.
func (r *Repo) SetPrivate(yes bool) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.private = yes
	r.cached.Store(nil)
}

// SetDefaultBranch changes which branch is the default.
func (r *Repo) SetDefaultBranch(name string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	was := r.defaultBranch
	if was == name || r.refused() != nil {
		return
	}
	r.defaultBranch = name
	r.cached.Store(nil)
	r.emitChange("edited", nil, "changes", obj{"default_branch", obj{"from", was}})
}

// Collaborate gives an account a permission: admin, maintain, write, triage,
// read, or "" to take it away.
func (r *Repo) Collaborate(a *Account, permission string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.collaborators[a.ID] = permission
}

// CollaborateTeam gives a team a permission, which its members and those of
// its children have then: admin, maintain, write, triage, read, or "" to take
// it away.
func (r *Repo) CollaborateTeam(t *Team, permission string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.teams[t] = permission
}

// SetBranchRules says which rules are in force on a branch: JSON objects as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them.
func (r *Repo) SetBranchRules(branch string, rules ...string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.branchRules[branch] = nil
	for _, rule := range rules {
		r.branchRules[branch] = append(r.branchRules[branch], raw(rule))
	}
}

// Tip is the commit that a branch points at, "" where there is none.
func (r *Repo) Tip(branch string) string {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	return r.refs[branch]
}

// Commit makes a commit on a branch and pushes it. A branch that does not exist
// begins at the default branch.
func (r *Repo) Commit(branch string, c NewCommit) (sha string, err error) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	from := r.refs[branch]
	if from == "" {
		from = r.refs[r.defaultBranch]
	}
	return r.commit(branch, c, from)
}

// CommitOn is Commit on a parent of your choice: a forced push, where it is
// not the tip of the branch.
func (r *Repo) CommitOn(parent, branch string, c NewCommit) (sha string, err error) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	return r.commit(branch, c, parent)
}

// SetBranch points a branch at a commit: a push of what is there already.
func (r *Repo) SetBranch(branch, sha string, pusher *Account) error {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if err := r.refused(); err != nil {
		return err
	}
	if r.store.Commit(sha) == nil {
		return fmt.Errorf("%s has no commit %s", r.fullName(), sha)
	}
	r.move(branch, sha, pusher)
	return nil
}

// DeleteBranch removes a branch; open pull requests from it are closed, as
// GitHub does. Of an archived repository none is removed.
func (r *Repo) DeleteBranch(branch string, by *Account) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.refused() != nil {
		return
	}
	for _, p := range r.byHead[branch] {
		if p.state == "open" {
			p.close(by)
		}
	}
	r.move(branch, "", by)
}

func (r *Repo) commit(branch string, c NewCommit, parent string) (string, error) {
	if err := r.refused(); err != nil {
		return "", err
	}
	obj, sig, err := r.build(c, parent)
	if err != nil {
		return "", err
	}
	sha, err := r.store.PutCommit(obj)
	if err != nil {
		return "", err
	}
	if sig != nil {
		r.signatures[sha] = sig
	}
	pusher := c.Pusher
	if pusher == nil {
		pusher = c.Author
	}
	if pusher == nil {
		pusher = r.owner
	}
	r.move(branch, sha, pusher)
	return sha, nil
}

// build makes the commit object and what GitHub will say of its signature.
func (r *Repo) build(c NewCommit, parent string) (*objects.Commit, *Signature, error) {
	if c.Author == nil {
		c.Author = r.owner
	}
	if c.SignedByGitHub {
		c.Committer = r.hub.webFlow
	} else if c.Committer == nil {
		c.Committer = c.Author
	}
	if c.Date.IsZero() {
		c.Date = r.hub.now()
	}
	tree := objects.EmptyTree
	obj := &objects.Commit{Message: c.Message,
		Author:    person(c.Author, c.AuthorName, c.AuthorEmail, c.Date),
		Committer: person(c.Committer, c.CommitterName, c.CommitterEmail, c.Date)}
	if parent != "" {
		p := r.store.Commit(parent)
		if p == nil {
			return nil, nil, fmt.Errorf("%s has no commit %s", r.fullName(), parent)
		}
		tree = p.Tree
		obj.Parents = append([]string{parent}, c.Merge...)
	}
	changes, err := c.Files.changes(r.store)
	if err != nil {
		return nil, nil, err
	}
	if obj.Tree, err = r.store.Apply(tree, changes); err != nil {
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

// diffCache remembers what differs between two trees; a store and all its
// forks share one.
type diffCache struct {
	mu    sync.Mutex
	diffs map[[2]string]*treeDiff
	stats map[[2]string]objects.Stat
}

type treeDiff struct {
	deltas               []objects.Delta
	additions, deletions int
}

func newDiffCache() *diffCache {
	return &diffCache{diffs: map[[2]string]*treeDiff{}, stats: map[[2]string]objects.Stat{}}
}
