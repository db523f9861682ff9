package fakehub

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// MaxPullCommits is how many commits of a pull request GitHub lists.
const MaxPullCommits = 250

// Pull is a pull request.
type Pull struct {
	Number int
	ID     int64

	Repo *Repo // of the base
	pullState
}

// pullState is what changes of a pull request, and is remembered by moments.
type pullState struct {
	From      *Repo // of the head
	Branch    string
	Head      string // SHA
	Base      string // branch
	BaseSHA   string // its tip when the pull request was opened, pushed or retargeted
	Status    string // open, closed
	Draft     bool
	Title     string
	Body      string
	Author    *Account
	Labels    []string
	Assignees []*Account
	Created   time.Time
	Updated   time.Time
	Closed    time.Time
	Merged    time.Time
	MergedBy  *Account
	MergeSHA  string
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
	h.State.Lock()
	defer h.State.Unlock()
	if err := r.Refused(); err != nil {
		return nil, err
	}
	if n.Author == nil {
		n.Author = r.Owner
	}
	n.Base = cmp.Or(n.Base, r.DefaultBranch)
	if n.From == nil {
		n.From = r
	}
	if n.Head == "" {
		n.Head = fmt.Sprintf("change-%d", r.nextNumber)
	}
	if r.Refs[n.Base] == "" {
		return nil, fmt.Errorf("%s has no branch %s to open a pull request against", r.FullName(), n.Base)
	}
	if n.From != r && n.From.Store != r.Store {
		return nil, fmt.Errorf("%s is no fork of %s", n.From.FullName(), r.FullName())
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
		commits = append(commits, NewCommit{Message: cmp.Or(n.Message, n.Title), Files: n.Files})
	}
	for _, c := range commits {
		if c.Author == nil {
			c.Author = n.Author
		}
		from := n.From.Refs[n.Head]
		if from == "" {
			from = r.Refs[n.Base]
		}
		if _, err := n.From.commit(n.Head, c, from); err != nil {
			return err
		}
	}
	return nil
}

func (r *Repo) open(n NewPull) (*Pull, error) {
	h := r.hub
	head := n.From.Refs[n.Head]
	if head == "" {
		return nil, fmt.Errorf("%s has no branch %s to open a pull request from", n.From.FullName(), n.Head)
	}
	if rg := r.Store.Between(r.Refs[n.Base], head); len(rg.Ahead) == 0 {
		return nil, fmt.Errorf("no commits between %s and %s", n.Base, n.Head)
	}
	for _, p := range n.From.byHead[n.Head] {
		if p.Repo == r && p.Base == n.Base && p.Status == "open" {
			return nil, fmt.Errorf("a pull request already exists for %s:%s", n.From.Owner.Login, n.Head)
		}
	}
	p := &Pull{Number: r.nextNumber, ID: h.NextID("pull", 900_000_001), Repo: r}
	p.pullState = pullState{
		From: n.From, Branch: n.Head, Head: head, Base: n.Base,
		BaseSHA: r.Refs[n.Base], Status: "open", Draft: n.Draft, Title: n.Title, Body: n.Body, Author: n.Author,
		Labels: slices.Clone(n.Labels), Assignees: slices.Clone(n.Assignees), Created: h.Now(), Updated: h.Now(),
	}
	r.nextNumber++
	r.OpenPulls++
	r.Pulls[p.Number] = p
	n.From.byHead[n.Head] = append(n.From.byHead[n.Head], p)
	p.index()
	r.cached.Store(nil)
	p.emit("opened", p.Author)
	return p, nil
}

func (r *Repo) countOpen(n int) {
	r.OpenPulls += n
	r.cached.Store(nil)
}

// index notes which commits the pull request holds.
func (p *Pull) index() {
	rg := p.Commits()
	for _, sha := range rg.Ahead[max(0, len(rg.Ahead)-MaxPullCommits):] {
		p.Repo.associate(sha, p)
	}
}

// associate notes that a commit belongs to a pull request: it holds it, or was
// merged by it.
func (r *Repo) associate(sha string, p *Pull) {
	if !slices.Contains(r.ByCommit[sha], p) {
		r.ByCommit[sha] = append(r.ByCommit[sha], p)
	}
}

func (p *Pull) synchronize(before, after string, by *Account) {
	p.leave(leftForeign, by)
	p.Head, p.BaseSHA, p.Updated = after, p.Repo.Refs[p.Base], p.Repo.hub.Now()
	p.index()
	p.emit("synchronize", by, "before", cmp.Or(before, zeroSHA), "after", after)
}

// Commits is what the pull request would bring to its base as it is now.
func (p *Pull) Commits() objects.Range {
	return p.Repo.Store.Between(p.baseTip(), p.Head)
}

// baseTip is where the base branch is now, or was last, if it is gone; for a
// closed pull request, where it was.
func (p *Pull) baseTip() string {
	if tip := p.Repo.Refs[p.Base]; tip != "" && p.Status == "open" {
		return tip
	}
	return p.BaseSHA
}

// Files is the three-dot diff, as GitHub shows it.
func (p *Pull) Files() *objects.TreeDiff {
	_, d := p.Repo.Between(p.baseTip(), p.Head)
	return d
}

// HeadSHA is the commit that the pull request proposes now.
func (p *Pull) HeadSHA() string {
	p.Repo.hub.State.RLock()
	defer p.Repo.hub.State.RUnlock()
	return p.Head
}

// HeadBranch is the branch that it comes from.
func (p *Pull) HeadBranch() string { return p.Branch }

// Push adds a commit by the author to the head.
func (p *Pull) Push(files Files) (string, error) {
	return p.PushCommit(NewCommit{Message: "Go on", Files: files})
}

// PushCommit adds a commit to the head; its author is the pull request's where
// none is named.
func (p *Pull) PushCommit(c NewCommit) (string, error) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if c.Author == nil {
		c.Author = p.Author
	}
	return p.From.commit(p.Branch, c, p.From.Refs[p.Branch])
}

// Retarget changes the base branch. The head, and the checks on it, stay.
func (p *Pull) Retarget(base string, by *Account) error {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if err := p.Repo.Refused(); err != nil {
		return err
	}
	tip := p.Repo.Refs[base]
	if tip == "" {
		return fmt.Errorf("%s has no branch %s", p.Repo.FullName(), base)
	}
	p.leave(leftForeign, by)
	oldRef, oldSHA := p.Base, p.BaseSHA
	p.Base, p.BaseSHA = base, tip
	p.index()
	p.emit("edited", by, "changes", wire.Object{"base", wire.Object{"ref", wire.Object{"from", oldRef}, "sha", wire.Object{"from", oldSHA}}})
	return nil
}

// Edit changes title and body.
func (p *Pull) Edit(title, body string, by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	changes := wire.Object{}
	if p.Title != title {
		changes = append(changes, "title", wire.Object{"from", p.Title})
	}
	if p.Body != body {
		changes = append(changes, "body", wire.Object{"from", p.Body})
	}
	if len(changes) == 0 || p.Repo.Refused() != nil {
		return
	}
	p.Title, p.Body = title, body
	p.emit("edited", by, "changes", changes)
}

// Close closes the pull request without merging it.
func (p *Pull) Close(by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	p.close(by)
}

func (p *Pull) close(by *Account) {
	if p.Status != "open" || p.Repo.Refused() != nil {
		return
	}
	p.leave(leftByHand, by)
	p.BaseSHA = p.baseTip()
	p.Status, p.Closed = "closed", p.Repo.hub.Now()
	p.Repo.countOpen(-1)
	p.emit("closed", by)
}

// Reopen opens a closed pull request again; one that was merged stays closed.
func (p *Pull) Reopen(by *Account) error {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if err := p.Repo.Refused(); err != nil {
		return err
	}
	if p.Status == "open" || !p.Merged.IsZero() {
		return fmt.Errorf("pull request %d is %s and cannot be reopened", p.Number, p.Status)
	}
	if tip := p.From.Refs[p.Branch]; tip != "" {
		p.Head = tip
	}
	p.Status, p.Closed = "open", time.Time{}
	p.Repo.countOpen(1)
	p.index()
	p.emit("reopened", by)
	return nil
}

// SetDraft makes the pull request a draft, or ready for review.
func (p *Pull) SetDraft(draft bool, by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if p.Draft == draft || p.Repo.Refused() != nil {
		return
	}
	p.Draft = draft
	if draft {
		p.leave(leftByHand, by)
		p.emit("converted_to_draft", by)
	} else {
		p.emit("ready_for_review", by)
	}
}

// Label puts a label on, Unlabel takes it off.
func (p *Pull) Label(name string, by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if !slices.Contains(p.Labels, name) && p.Repo.Refused() == nil {
		p.Labels = append(p.Labels, name)
		p.emit("labeled", by, "label", p.Repo.LabelJSON(name))
	}
}

// Unlabel takes a label off.
func (p *Pull) Unlabel(name string, by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if i := slices.Index(p.Labels, name); i >= 0 && p.Repo.Refused() == nil {
		p.Labels = slices.Delete(slices.Clone(p.Labels), i, i+1)
		p.emit("unlabeled", by, "label", p.Repo.LabelJSON(name))
	}
}

// Assign makes somebody an assignee.
func (p *Pull) Assign(a, by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if !slices.Contains(p.Assignees, a) && p.Repo.Refused() == nil {
		p.Assignees = append(slices.Clone(p.Assignees), a)
		p.emit("assigned", by, "assignee", a.JSON())
	}
}

// ShownState is open, draft, closed or merged, as the page says it.
func (p *Pull) ShownState() string {
	switch {
	case !p.Merged.IsZero():
		return "merged"
	case p.Status == "open" && p.Draft:
		return "draft"
	}
	return p.Status
}

// Missing names the required checks that do not let the pull request merge.
func (p *Pull) Missing() (names []string) {
	newest := p.Repo.NewestChecks(p.Head)
	for _, r := range p.Repo.Required(p.Base) {
		if !slices.ContainsFunc(newest, func(c *Check) bool { return r.Met(c) && c.passes() }) && !slices.Contains(names, r.Context) {
			names = append(names, r.Context)
		}
	}
	return names
}

// State is open, closed or merged.
func (p *Pull) State() string {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	return p.ShownState()
}

// MaxPullFiles is how many files of a pull request GitHub lists.
const MaxPullFiles = 3000
