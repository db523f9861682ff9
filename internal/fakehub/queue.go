package fakehub

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Queue is the merge queue of a branch. Each entry has a group of its own: the
// branch with all entries before it and this one merged, built as a commit on
// a branch gh-readonly-queue/{base}/pr-{number}-{sha of its parent}. Apps are
// asked to check the group's commit. Entries merge from the front as soon as
// what the branch requires has passed on their groups. One on whose group a
// required check has completed without passing leaves, and so does one whose
// checks are late; the groups behind it are built anew.
//
// It moves by itself whenever a check run changes; Hub.Tick lets time pass by.
// Groups are merged file by file: two entries that change the same file in
// different ways are a conflict here, even where git could put them together.
type Queue struct {
	repo    *Repo
	base    string
	entries []*queueEntry
	busy    bool // it moves its own branches
}

type queueEntry struct {
	pull  *Pull
	by    *Account
	ref   string // branch of the group
	head  string
	base  string // parent of head
	asked time.Time
}

// QueueEntry is a place in a merge queue, at one moment.
type QueueEntry struct {
	Number           int
	HeadSHA, BaseSHA string // of the group
	HeadRef          string // refs/heads/gh-readonly-queue/...
	Asked            time.Time
}

// Why an entry leaves the queue, as pull_request.dequeued says it.
const (
	leftMerged    = "MERGE"
	leftByHand    = "MANUAL"
	leftConflict  = "MERGE_CONFLICT"
	leftFailed    = "CI_FAILURE"
	leftLate      = "CI_TIMEOUT"
	leftRules     = "BRANCH_PROTECTIONS"
	leftForeign   = "UNKNOWN_REMOVAL_REASON"
	defaultChecks = 60 * time.Minute
)

// queueRule is the merge_queue rule of a branch.
type queueRule struct {
	Type       string `json:"type"`
	Parameters struct {
		Timeout int    `json:"check_response_timeout_minutes"`
		Method  string `json:"merge_method"`
	} `json:"parameters"`
}

// QueueRule finds the rule that makes a branch use a queue.
func (r *Repo) QueueRule(branch string) (rule queueRule, found bool) {
	for _, text := range r.RulesOn(branch) {
		if json.Unmarshal(text, &rule) == nil && rule.Type == "merge_queue" {
			return rule, true
		}
	}
	return queueRule{}, false
}

// Enqueue adds the pull request to the merge queue of its base. It is refused
// where the base has none, and where a required check has not passed.
func (p *Pull) Enqueue(by *Account) error {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	return p.enqueue(by)
}

func (p *Pull) enqueue(by *Account) error {
	r := p.Repo
	if err := r.Refused(); err != nil {
		return err
	}
	rule, found := r.QueueRule(p.Base)
	switch {
	case !found:
		return fmt.Errorf("%s has no merge queue", p.Base)
	case rule.Parameters.Method == "REBASE":
		return fmt.Errorf("the merge queue of %s rebases, which fakehub cannot do", p.Base)
	case p.Status != "open" || p.Draft:
		return fmt.Errorf("pull request %d is %s", p.Number, p.ShownState())
	case p.Queued() != nil:
		return fmt.Errorf("pull request %d is in the queue already", p.Number)
	}
	if missing := p.Missing(); len(missing) > 0 {
		return fmt.Errorf("pull request %d lacks required checks: %q", p.Number, missing)
	}
	q := r.queues[p.Base]
	if q == nil {
		q = &Queue{repo: r, base: p.Base}
		r.queues[p.Base] = q
	}
	q.entries = append(q.entries, &queueEntry{pull: p, by: by})
	p.emit("enqueued", by)
	q.build(len(q.entries) - 1)
	q.advance()
	return nil
}

// Dequeue takes the pull request out of its queue.
func (p *Pull) Dequeue(by *Account) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	p.leave(leftByHand, by)
}

// Queue lists the entries of the merge queue of a branch, the first first.
func (r *Repo) Queue(base string) []QueueEntry {
	r.hub.State.RLock()
	defer r.hub.State.RUnlock()
	q := r.queues[base]
	if q == nil {
		return nil
	}
	out := make([]QueueEntry, len(q.entries))
	for i, e := range q.entries {
		out[i] = QueueEntry{Number: e.pull.Number, HeadSHA: e.head, BaseSHA: e.base, HeadRef: "refs/heads/" + e.ref, Asked: e.asked}
	}
	return out
}

// AdvanceQueues moves on the merge queues after a check has changed.
func (r *Repo) AdvanceQueues() {
	bases := make([]string, 0, len(r.queues))
	for base := range r.queues {
		bases = append(bases, base)
	}
	slices.Sort(bases)
	for _, base := range bases {
		r.queues[base].advance()
	}
}

// Queued is the queue that the pull request is in, or nil.
func (p *Pull) Queued() *Queue {
	q := p.Repo.queues[p.Base]
	if q == nil || q.Index(p) < 0 {
		return nil
	}
	return q
}

// Index is the place of a pull request, from 0; below it: it is not in the queue.
func (q *Queue) Index(p *Pull) int {
	return slices.IndexFunc(q.entries, func(e *queueEntry) bool { return e.pull == p })
}

// leave takes the pull request out of its queue, if it is in one.
func (p *Pull) leave(why string, by *Account) {
	if q := p.Queued(); q != nil {
		q.eject(q.Index(p), why, by)
		q.advance()
	}
}

// advance ejects what has failed and merges what has passed, from the front.
func (q *Queue) advance() {
	if q.busy {
		return
	}
	for {
		rule, found := q.repo.QueueRule(q.base)
		bot := q.repo.hub.queueBot()
		failed := slices.IndexFunc(q.entries, func(e *queueEntry) bool { return q.failure(e, rule, found) != "" })
		switch {
		case failed >= 0:
			q.eject(failed, q.failure(q.entries[failed], rule, found), bot)
		case len(q.entries) > 0 && q.repo.passes(q.entries[0].head, q.base):
			q.merge()
		default:
			return
		}
	}
}

// failure is why an entry has to leave, "" where it may stay.
func (q *Queue) failure(e *queueEntry, rule queueRule, found bool) string {
	timeout := defaultChecks
	if rule.Parameters.Timeout > 0 {
		timeout = time.Duration(rule.Parameters.Timeout) * time.Minute
	}
	switch {
	case !found:
		return leftRules
	case q.repo.fails(e.head, q.base):
		return leftFailed
	case !q.repo.passes(e.head, q.base) && q.repo.hub.Now().Sub(e.asked) >= timeout:
		return leftLate
	}
	return ""
}

// build makes the groups from an entry on, each on the one before it. What
// cannot be put together leaves.
func (q *Queue) build(from int) {
	for i := from; i < len(q.entries); i++ {
		parent := q.repo.Refs[q.base]
		if i > 0 {
			parent = q.entries[i-1].head
		}
		if err := q.group(q.entries[i], parent); err != nil {
			gone := q.entries[i]
			q.entries = slices.Delete(slices.Clone(q.entries), i, i+1)
			gone.pull.emit("dequeued", q.repo.hub.queueBot(), "reason", leftConflict)
			i--
		}
	}
}

// group builds one group on its parent and asks for its checks.
func (q *Queue) group(e *queueEntry, parent string) error {
	r, p := q.repo, e.pull
	rule, _ := r.QueueRule(q.base)
	onto := r.Store.Commit(parent)
	_, d := r.Between(parent, p.Head)
	changes, err := r.onto(onto.Tree, d.Deltas)
	if err != nil {
		return err
	}
	c := NewCommit{Author: e.by, SignedByGitHub: true, Merge: []string{p.Head},
		Message: fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.From.Owner.Login, p.Branch, p.Title)}
	if rule.Parameters.Method == "SQUASH" {
		c.Author, c.Merge, c.Message = p.Author, nil, fmt.Sprintf("%s (#%d)", p.Title, p.Number)
	}
	made, sig, err := r.build(c, parent)
	if err != nil {
		return err
	}
	if made.Tree, err = r.Store.Apply(onto.Tree, changes); err != nil {
		return err
	}
	sha, err := r.Store.PutCommit(made)
	if err != nil {
		return err
	}
	r.Signatures[sha] = sig
	e.head, e.base, e.asked = sha, parent, r.hub.Now()
	e.ref = fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", q.base, p.Number, parent)
	q.move(e.ref, sha)
	q.emit(e, "checks_requested")
	return nil
}

// move points a branch of the repository at a commit without the queue taking
// it for somebody else's push.
func (q *Queue) move(branch, sha string) {
	q.busy = true
	kind := q.repo.KindOfPush(q.repo.Refs[branch], sha)
	if branch == q.base {
		kind = activityQueue
	}
	q.repo.moveBy(kind, branch, sha, q.repo.hub.queueBot())
	q.busy = false
}

// onto are the changes that bring deltas to a tree. A file that is not as the
// deltas found it, nor as they leave it, is a conflict.
func (r *Repo) onto(tree string, deltas []objects.Delta) ([]objects.Change, error) {
	var changes []objects.Change
	for _, d := range deltas {
		was := d.Path
		if d.Previous != "" {
			was = d.Previous
			changes = append(changes, objects.Change{Path: d.Previous, Remove: true})
		}
		at, _ := r.Store.Lookup(tree, was)
		to, _ := r.Store.Lookup(tree, d.Path)
		if at.SHA != d.OldSHA && at.SHA != d.NewSHA || was != d.Path && to.SHA != "" {
			return nil, fmt.Errorf("%s was changed on both sides", was)
		}
		changes = append(changes, objects.Change{Path: d.Path, Mode: d.NewMode, SHA: d.NewSHA, Remove: d.NewSHA == ""})
	}
	return changes, nil
}

// eject takes an entry out and builds anew what is behind it.
func (q *Queue) eject(i int, why string, by *Account) {
	e := q.entries[i]
	for _, behind := range q.entries[i+1:] {
		q.destroy(behind, "invalidated")
	}
	q.destroy(e, "dequeued")
	q.entries = slices.Delete(slices.Clone(q.entries), i, i+1)
	e.pull.emit("dequeued", by, "reason", why)
	q.build(i)
}

// rebuild is for when somebody else has moved the base.
func (q *Queue) rebuild() {
	for _, e := range q.entries {
		q.destroy(e, "invalidated")
	}
	q.build(0)
	q.advance()
}

// merge brings the first group to the base.
func (q *Queue) merge() {
	r, e, bot := q.repo, q.entries[0], q.repo.hub.queueBot()
	q.entries = slices.Delete(slices.Clone(q.entries), 0, 1)
	p, now := e.pull, r.hub.Now()
	p.BaseSHA = e.base
	p.Status, p.Closed, p.Merged, p.MergedBy, p.MergeSHA = "closed", now, now, bot, e.head
	r.countOpen(-1)
	r.associate(e.head, p)
	q.move(q.base, e.head)
	p.emit("closed", bot)
	p.emit("dequeued", bot, "reason", leftMerged)
	q.destroy(e, "merged")
}

// destroy removes a group, and says why.
func (q *Queue) destroy(e *queueEntry, reason string) {
	q.emit(e, "destroyed", "reason", reason)
	q.move(e.ref, "")
}

func (q *Queue) emit(e *queueEntry, action string, more ...any) {
	r := q.repo
	if !r.hub.Listens(r, "merge_group") {
		return
	}
	payload := append(wire.Object{"action", action}, more...)
	r.hub.Emit(r, "merge_group", action, append(payload, "merge_group", wire.Object{
		"head_sha", e.head, "head_ref", "refs/heads/" + e.ref, "base_sha", e.base, "base_ref", "refs/heads/" + q.base,
		"head_commit", r.SimpleCommit(e.head)}, "repository", r.JSON(), "sender", r.hub.queueBot().JSON()))
}

// queueBot is the account under which GitHub runs merge queues.
func (h *Hub) queueBot() *Account {
	if a := h.accounts["github-merge-queue[bot]"]; a != nil {
		return a
	}
	return h.addAccount(&Account{ID: 118344674, Login: "github-merge-queue[bot]", Type: "Bot", Name: "github-merge-queue",
		Email: "118344674+github-merge-queue[bot]@users.noreply.github.com"})
}
