package checks

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
)

// enforcement is what is known of what makes GitHub wait for a gate; nil
// where it is the gate's own business (a deployment asks by
// itself). A branch that nobody has looked at yet is looked at.
func (u *Checks) enforcement(ctx context.Context, s gate.State) (*gate.Enforcement, error) {
	branch := s.Base()
	if branch == "" || !s.Subject.Kind.Merges() {
		return nil, nil
	}
	subject := gate.Subject{Kind: gate.Repository, Repo: s.Subject.Repo}
	f, err := u.Book.Repositories.Load(ctx, subject.Stream())
	if err != nil {
		return nil, err
	}
	if e := f.State.On(branch, ""); e != nil {
		return e, nil
	}
	seen := gate.Noticed{Subject: subject, What: gate.BranchSeen, BaseRef: branch}
	hour := u.Book.Now().UTC().Format("2006-01-02T15") // one that is past the bound of a look stays unknown
	if err := u.Book.Repositories.Once(ctx, f.Name, fmt.Sprintf("branch@%s@%s", branch, hour), seen); err != nil {
		return nil, err
	}
	return &gate.Enforcement{Branch: branch, Unknown: "gatehold has not looked at it yet."}, nil
}

// toReview is a pull request that is closed and was released at once, as the
// check of its last head goes on showing it: so that somebody else can review it
// there. It decides nothing: another pull request with this commit as its head
// passes by its own gate alone.
func (u *Checks) toReview(f book.Gate, sha string) *report.Gate {
	s := f.State
	if !s.Done || s.Subject.Kind != gate.PullRequest || s.Head() != sha || len(s.Overrides) == 0 {
		return nil
	}
	return &report.Gate{
		Subject: s.Subject, Standing: s.Standing(u.Book.Now()), Verdict: s.Verdict, URL: u.Book.Link(f.Name), Closed: true,
		Approvals: report.Approvals{Voided: s.Voided, Refused: s.Refusals, Overrides: s.Overrides},
	}
}

// display is what a check shows, and what it can forget.
type display struct {
	gates []report.Gate
	shows []gate.Shown      // what each of them is about
	said  map[string]uint64 // by stream, when somebody's answer was last counted or refused
	gone  []string
	over  book.Gate // the newest deployment that is over
	// unread is why one of them cannot be read, or nil.
	unread error
}

// blank adds a gate that cannot be read: it is held, for nobody knows what it
// comes to.
func (d *display) blank(member gate.Subject, unknown *gate.Error) {
	d.unread = unknown
	d.gates = append(d.gates, report.Gate{
		Subject: member, Standing: gate.IsFailing, Failure: &gate.Failed{Step: "read", Code: unknown.Code, Text: unknown.Text, Attempt: 1},
	})
}

func (d *display) add(f book.Gate, about gate.For, g report.Gate) {
	d.gates = append(d.gates, g)
	d.shows = append(d.shows, gate.Shown{Gate: f.State.Subject, For: about, Version: f.Head.Version})
	d.said[f.Name] = f.State.SpokeAt
}

// keptGone is how many gates a check knows of that it does not show any more: a
// schedule makes a run of the same commit every few minutes, for as long as the
// commit stands.
const keptGone = 20

// shown folds the gates that have the commit as their head now, and says what
// each of them is about, and which the check can forget.
func (u *Checks) shown(ctx context.Context, s check.State) (display, error) {
	d := display{said: map[string]uint64{}}
	for _, member := range s.Members {
		if err := u.show(ctx, s, member, &d); err != nil {
			return d, err
		}
	}
	if last := d.over; len(d.gates) == 0 && last.Name != "" { // what it came to stays to be seen
		shown := report.Of(last.State, u.Book.Now())
		shown.URL = u.Book.Link(last.Name)
		if err := u.deployed(ctx, last.State, &shown); err != nil {
			return d, err
		}
		d.add(last, last.State.For(), shown)
	}
	slices.SortFunc(d.gates, func(a, b report.Gate) int { return a.Subject.Number - b.Subject.Number })
	d.gone = d.gone[:max(0, len(d.gone)-keptGone)]
	return d, nil
}

// show puts one gate of a check on display, or among those that are gone.
func (u *Checks) show(ctx context.Context, s check.State, member gate.Subject, d *display) error {
	g, err := u.Book.GateOf(ctx, member)
	if unknown := gate.Unknown(err); unknown != nil {
		d.blank(member, unknown)
		return nil
	}
	if err != nil {
		return err
	}
	lane, err := u.Lanes.Of(ctx, g.State)
	if err != nil {
		return err
	}
	if g.State.Subject.Kind.Merges() && lane.Check() != lanes.CheckName(s.Subject) { // another check shows it
		d.gone = append(d.gone, g.Name)
		return nil
	}
	deploys := g.State.Subject.Kind == gate.Deployment || g.State.Subject.Kind == gate.WorkflowRun
	// What was over before it was judged is shown only where a check says
	// that it is looked at.
	if g.State.Done && deploys && (g.State.Verdict != nil || s.Run != 0 || s.Unsure) {
		d.over = g
	}
	if !g.State.Left() && g.State.Head() == s.Subject.SHA {
		return u.showPresent(ctx, g, lane, d)
	}
	if review := u.toReview(g, s.Subject.SHA); review != nil {
		d.add(g, g.State.For(), *review)
	} else {
		d.gone = append(d.gone, g.Name)
	}
	return nil
}

// showPresent shows a gate that has the commit of the check as its head.
func (u *Checks) showPresent(ctx context.Context, g book.Gate, lane gate.Lane, d *display) (err error) {
	shown := report.Of(g.State.In(lane), u.Book.Now())
	shown.Base = g.State.Base()
	about := gate.For{Head: g.State.Head()}
	if shown.URL = u.Book.Link(g.Name); shown.Verdict != nil {
		about = g.State.For()
	}
	if shown.Enforcement, err = u.enforcement(ctx, g.State); err != nil {
		return err
	}
	switch g.State.Subject.Kind {
	case gate.MergeGroup:
		shown.Queue, err = u.queueing(ctx, g.State)
	case gate.Deployment, gate.WorkflowRun:
		err = u.deployed(ctx, g.State, &shown)
	}
	if err != nil {
		return err
	}
	d.add(g, about, shown)
	return nil
}

// basesIn are the base branches of the gates that a check shows, each once.
func basesIn(gates []report.Gate) []string {
	var out []string
	for _, g := range gates {
		if g.Base != "" && !slices.Contains(out, g.Base) {
			out = append(out, g.Base)
		}
	}
	slices.Sort(out)
	return out
}

// queueing is what a merge group comes to now.
func (u *Checks) queueing(ctx context.Context, s gate.State) (*report.Queue, error) {
	pull, err := u.Book.Gates.Load(ctx, s.Subject.Pull().Stream())
	if err != nil {
		return nil, err
	}
	q := s.Queueing(pull.State.In(s.Lane), u.Book.Now())
	return &report.Queue{Passes: q.Passes, Pending: q.Pending, Why: q.Why}, nil
}

// deployed adds to what is shown of a deployment what went by its gate.
func (u *Checks) deployed(ctx context.Context, s gate.State, shown *report.Gate) error {
	if s.Subject.Kind != gate.Deployment {
		return nil
	}
	env, err := u.Book.EnvironmentOf(ctx, s.Subject.Repo, s.Subject.Environment)
	if err == nil {
		shown.Deployed.Bypassed = env.Bypassed()
	}
	return err
}
