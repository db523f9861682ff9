package fakehub

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// maxPullCommits is how many commits of a pull request GitHub lists.
const maxPullCommits = 250

// Pull is a pull request.
type Pull struct {
	Number int
	ID     int64

	repo *Repo // of the base
	pullState
}

// pullState is what changes of a pull request, and is remembered by moments.
type pullState struct {
	from      *Repo // of the head
	branch    string
	head      string // SHA
	base      string // branch
	baseSHA   string // its tip when the pull request was opened, pushed or retargeted
	state     string // open, closed
	draft     bool
	title     string
	body      string
	author    *Account
	labels    []string
	assignees []*Account
	created   time.Time
	updated   time.Time
	closed    time.Time
	merged    time.Time
	mergedBy  *Account
	mergeSHA  string
}

// NewPull describes a pull request. Either Files, or Commits, or a Head branch
// that exists already, give it content.
type NewPull struct {
	Author    *Account
	Title     string
	Body      string
	Base      string // the default branch where ""
	Head      string // a new branch of its own where ""
	From      *Repo  // the fork that the head is in; the repository itself where nil
	Files     Files  // one commit with these
	Message   string // of that commit; the title where ""
	Commits   []NewCommit
	Draft     bool
	Labels    []string
	Assignees []*Account
}

// OpenPull pushes what the pull request brings and opens it.
func (r *Repo) OpenPull(n NewPull) (*Pull, error) {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := r.refused(); err != nil {
		return nil, err
	}
	if n.Author == nil {
		n.Author = r.owner
	}
	n.Base = orElse(n.Base, r.defaultBranch)
	if n.From == nil {
		n.From = r
	}
	if n.Head == "" {
		n.Head = fmt.Sprintf("change-%d", r.nextNumber)
	}
	if r.refs[n.Base] == "" {
		return nil, fmt.Errorf("%s has no branch %s to open a pull request against", r.fullName(), n.Base)
	}
	if n.From != r && n.From.store != r.store {
		return nil, fmt.Errorf("%s is no fork of %s", n.From.fullName(), r.fullName())
	}
	if err := n.push(r); err != nil {
		return nil, err
	}
	return r.open(n)
}

// push brings the commits of a new pull request to its head branch.
func (n NewPull) push(r *Repo) error {
	commits := n.Commits
	if n.Files != nil {
		commits = append(commits, NewCommit{Message: orElse(n.Message, n.Title), Files: n.Files})
	}
	for _, c := range commits {
		if c.Author == nil {
			c.Author = n.Author
		}
		from := n.From.refs[n.Head]
		if from == "" {
			from = r.refs[n.Base]
		}
		if _, err := n.From.commit(n.Head, c, from); err != nil {
			return err
		}
	}
	return nil
}

func (r *Repo) open(n NewPull) (*Pull, error) {
	h := r.hub
	head := n.From.refs[n.Head]
	if head == "" {
		return nil, fmt.Errorf("%s has no branch %s to open a pull request from", n.From.fullName(), n.Head)
	}
	if rg := r.store.Between(r.refs[n.Base], head); len(rg.Ahead) == 0 {
		return nil, fmt.Errorf("no commits between %s and %s", n.Base, n.Head)
	}
	for _, p := range n.From.byHead[n.Head] {
		if p.repo == r && p.base == n.Base && p.state == "open" {
			return nil, fmt.Errorf("a pull request already exists for %s:%s", n.From.owner.Login, n.Head)
		}
	}
	p := &Pull{Number: r.nextNumber, ID: h.id("pull", 900_000_001), repo: r}
	p.pullState = pullState{
		from: n.From, branch: n.Head, head: head, base: n.Base,
		baseSHA: r.refs[n.Base], state: "open", draft: n.Draft, title: n.Title, body: n.Body, author: n.Author,
		labels: slices.Clone(n.Labels), assignees: slices.Clone(n.Assignees), created: h.now(), updated: h.now(),
	}
	r.nextNumber++
	r.openPulls++
	r.pulls[p.Number] = p
	n.From.byHead[n.Head] = append(n.From.byHead[n.Head], p)
	p.index()
	r.cached.Store(nil)
	p.emit("opened", p.author)
	return p, nil
}

func (r *Repo) countOpen(n int) {
	r.openPulls += n
	r.cached.Store(nil)
}

// index notes which commits the pull request holds.
func (p *Pull) index() {
	rg := p.commits()
	for _, sha := range rg.Ahead[max(0, len(rg.Ahead)-maxPullCommits):] {
		p.repo.associate(sha, p)
	}
}

// associate notes that a commit belongs to a pull request: it holds it, or was
// merged by it.
func (r *Repo) associate(sha string, p *Pull) {
	if !slices.Contains(r.byCommit[sha], p) {
		r.byCommit[sha] = append(r.byCommit[sha], p)
	}
}

func (p *Pull) synchronize(before, after string, by *Account) {
	p.leave(leftForeign, by)
	p.head, p.baseSHA, p.updated = after, p.repo.refs[p.base], p.repo.hub.now()
	p.index()
	p.emit("synchronize", by, "before", orElse(before, zeroSHA), "after", after)
}

// commits is what the pull request would bring to its base as it is now.
func (p *Pull) commits() objects.Range {
	return p.repo.store.Between(p.baseTip(), p.head)
}

// baseTip is where the base branch is now, or was last, if it is gone; for a
// closed pull request, where it was.
func (p *Pull) baseTip() string {
	if tip := p.repo.refs[p.base]; tip != "" && p.state == "open" {
		return tip
	}
	return p.baseSHA
}

// files is the three-dot diff, as GitHub shows it.
func (p *Pull) files() *treeDiff {
	_, d := p.repo.between(p.baseTip(), p.head)
	return d
}

// HeadSHA is the commit that the pull request proposes now.
func (p *Pull) HeadSHA() string {
	p.repo.hub.mu.RLock()
	defer p.repo.hub.mu.RUnlock()
	return p.head
}

// HeadBranch is the branch that it comes from.
func (p *Pull) HeadBranch() string { return p.branch }

// Repo is the repository that it is opened in.
func (p *Pull) Repo() *Repo { return p.repo }

// Push adds a commit by the author to the head.
func (p *Pull) Push(files Files) (string, error) {
	return p.PushCommit(NewCommit{Message: "Go on", Files: files})
}

// PushCommit adds a commit to the head; its author is the pull request's where
// none is named.
func (p *Pull) PushCommit(c NewCommit) (string, error) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if c.Author == nil {
		c.Author = p.author
	}
	return p.from.commit(p.branch, c, p.from.refs[p.branch])
}

// Retarget changes the base branch. The head, and the checks on it, stay.
func (p *Pull) Retarget(base string, by *Account) error {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if err := p.repo.refused(); err != nil {
		return err
	}
	tip := p.repo.refs[base]
	if tip == "" {
		return fmt.Errorf("%s has no branch %s", p.repo.fullName(), base)
	}
	p.leave(leftForeign, by)
	oldRef, oldSHA := p.base, p.baseSHA
	p.base, p.baseSHA = base, tip
	p.index()
	p.emit("edited", by, "changes", obj{"base", obj{"ref", obj{"from", oldRef}, "sha", obj{"from", oldSHA}}})
	return nil
}

// Edit changes title and body.
func (p *Pull) Edit(title, body string, by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	changes := obj{}
	if p.title != title {
		changes = append(changes, "title", obj{"from", p.title})
	}
	if p.body != body {
		changes = append(changes, "body", obj{"from", p.body})
	}
	if len(changes) == 0 || p.repo.refused() != nil {
		return
	}
	p.title, p.body = title, body
	p.emit("edited", by, "changes", changes)
}

// Close closes the pull request without merging it.
func (p *Pull) Close(by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	p.close(by)
}

func (p *Pull) close(by *Account) {
	if p.state != "open" || p.repo.refused() != nil {
		return
	}
	p.leave(leftByHand, by)
	p.baseSHA = p.baseTip()
	p.state, p.closed = "closed", p.repo.hub.now()
	p.repo.countOpen(-1)
	p.emit("closed", by)
}

// Reopen opens a closed pull request again; one that was merged stays closed.
func (p *Pull) Reopen(by *Account) error {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if err := p.repo.refused(); err != nil {
		return err
	}
	if p.state == "open" || !p.merged.IsZero() {
		return fmt.Errorf("pull request %d is %s and cannot be reopened", p.Number, p.state)
	}
	if tip := p.from.refs[p.branch]; tip != "" {
		p.head = tip
	}
	p.state, p.closed = "open", time.Time{}
	p.repo.countOpen(1)
	p.index()
	p.emit("reopened", by)
	return nil
}

// SetDraft makes the pull request a draft, or ready for review.
func (p *Pull) SetDraft(draft bool, by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if p.draft == draft || p.repo.refused() != nil {
		return
	}
	p.draft = draft
	if draft {
		p.leave(leftByHand, by)
		p.emit("converted_to_draft", by)
	} else {
		p.emit("ready_for_review", by)
	}
}

// Label puts a label on, Unlabel takes it off.
func (p *Pull) Label(name string, by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if !slices.Contains(p.labels, name) && p.repo.refused() == nil {
		p.labels = append(p.labels, name)
		p.emit("labeled", by, "label", p.repo.labelJSON(name))
	}
}

// Unlabel takes a label off.
func (p *Pull) Unlabel(name string, by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if i := slices.Index(p.labels, name); i >= 0 && p.repo.refused() == nil {
		p.labels = slices.Delete(slices.Clone(p.labels), i, i+1)
		p.emit("unlabeled", by, "label", p.repo.labelJSON(name))
	}
}

// Assign makes somebody an assignee.
func (p *Pull) Assign(a, by *Account) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if !slices.Contains(p.assignees, a) && p.repo.refused() == nil {
		p.assignees = append(slices.Clone(p.assignees), a)
		p.emit("assigned", by, "assignee", a.json())
	}
}
