package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// checkName is the name of a check's run.
func checkName(check gate.Subject) string {
	if check.Name == "" {
		return gate.CheckName
	}
	return check.Name
}

// publish paints the check run of a commit with the worst of its gates, unless
// it says so already.
func (k *Keeper) publish(ctx context.Context, f book.Check) error {
	s, covers := f.State, f.Head.Version
	on, err := k.shown(ctx, s)
	if err != nil {
		return err
	}
	if on.unread != nil {
		if s.Run != 0 && gate.Blocks(s.Outcome) && !s.Unsure { // it says nothing that somebody could go by
			return on.unread
		}
		covers = s.Painted // and then it is tried again until all can be read
	}
	known, err := k.Book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return err
	}
	published := gate.Published{
		Covers: covers, Run: s.Run, Digest: s.Digest, Outcome: s.Outcome, Bases: basesIn(on.gates), Over: len(on.gates) == 0, Gone: on.gone,
	}
	in := report.Input{
		Name: checkName(s.Subject), HeadSHA: s.Subject.SHA, Stream: f.Name,
		URL: k.link(f.Name), Gates: on.gates, Before: report.Conclusion(s.Outcome),
	}
	if !slices.ContainsFunc(on.gates, func(g report.Gate) bool { return !g.Closed }) { // nobody has this head any more
		published.Bases = s.Bases
		stays, err := k.stays(ctx, s, known.State.Lanes)
		switch {
		case err != nil:
			return err
		case !stays:
			in.TakenBack, in.Left, in.Before, published.Gone = true, s.Bases, "", nil
		case published.Over && !s.MayWronglyPass(): // what it says last stands
			_, err = k.Book.Checks.Append(ctx, f, engine.Draft{Event: published})
			return err
		}
	}
	check := report.CheckRun(in)
	if published.Digest, err = digestOf(check); err != nil {
		return err
	}
	published.Outcome = string(check.Conclusion)
	if s.Digest == published.Digest && k.stands(s, check, on) {
		_, err = k.Book.Checks.Append(ctx, f, engine.Draft{Event: published})
	} else {
		err = k.paint(ctx, f, in, published, on.shows)
	}
	if err == nil && s.Wanted > s.Painted {
		k.Observer.Published(published.Outcome, k.Book.Now().Sub(s.Since))
	}
	return err
}

// stands reports whether what was painted last needs no painting again, though
// it says the same: it may be painted over, or too old, or its buttons are for
// something else.
func (k *Keeper) stands(s gate.CheckState, check report.Check, on display) bool {
	if s.Run == 0 || s.Aged(k.Book.Now()) || s.Doubtful() {
		return false
	}
	return !check.Answers() || s.Shows(on.shows, on.said)
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
func (k *Keeper) shown(ctx context.Context, s gate.CheckState) (display, error) {
	d := display{said: map[string]uint64{}}
	for _, member := range s.Members {
		if err := k.show(ctx, s, member, &d); err != nil {
			return d, err
		}
	}
	if last := d.over; len(d.gates) == 0 && last.Name != "" { // what it came to stays to be seen
		shown := report.Of(last.State, k.Book.Now())
		shown.URL = k.link(last.Name)
		if err := k.deployed(ctx, last.State, &shown); err != nil {
			return d, err
		}
		d.add(last, last.State.For(), shown)
	}
	slices.SortFunc(d.gates, func(a, b report.Gate) int { return a.Subject.Number - b.Subject.Number })
	d.gone = d.gone[:max(0, len(d.gone)-keptGone)]
	return d, nil
}

// show puts one gate of a check on display, or among those that are gone.
func (k *Keeper) show(ctx context.Context, s gate.CheckState, member gate.Subject, d *display) error {
	g, err := k.Book.GateOf(ctx, member)
	if unknown := gate.Unknown(err); unknown != nil {
		d.blank(member, unknown)
		return nil
	}
	if err != nil {
		return err
	}
	lane, err := k.laneOf(ctx, g.State)
	if err != nil {
		return err
	}
	if inLane(g.State.Subject.Kind) && lane.Check() != checkName(s.Subject) { // another check shows it
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
		return k.showPresent(ctx, g, lane, d)
	}
	if review := k.toReview(g, s.Subject.SHA); review != nil {
		d.add(g, g.State.For(), *review)
	} else {
		d.gone = append(d.gone, g.Name)
	}
	return nil
}

// showPresent shows a gate that has the commit of the check as its head.
func (k *Keeper) showPresent(ctx context.Context, g book.Gate, lane gate.Lane, d *display) (err error) {
	shown := report.Of(g.State.In(lane), k.Book.Now())
	shown.Base = g.State.Base()
	about := gate.For{Head: g.State.Head()}
	if shown.URL = k.link(g.Name); shown.Verdict != nil {
		about = g.State.For()
	}
	if shown.Enforcement, err = k.enforcement(ctx, g.State); err != nil {
		return err
	}
	switch g.State.Subject.Kind {
	case gate.MergeGroup:
		shown.Queue, err = k.queueing(ctx, g.State)
	case gate.Deployment, gate.WorkflowRun:
		err = k.deployed(ctx, g.State, &shown)
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

// stays reports whether a check may stay as it is where no gate has its commit
// as head any more: it is not green, or green for the one branch of its lane.
func (k *Keeper) stays(ctx context.Context, s gate.CheckState, lanes *gate.Lanes) (bool, error) {
	lane, is := gate.LaneOfCheck(checkName(s.Subject))
	if gate.Blocks(s.Outcome) && !s.Unsure || !is || lanes == nil {
		return true, nil
	}
	bases, err := k.basesOf(ctx, s)
	return lanes.Stands(lane, bases), err
}

// recordTime bounds putting on record what GitHub has taken: that is a fact, also
// where the step's time is up or gatehold is stopping.
const recordTime = 10 * time.Second

// paint sends a check to GitHub. What is sent, and under which nonce, is on
// record before it is, in the state that it was made from: where that has moved,
// nothing is sent. Where a run may exist whose id we do not know, it is looked up
// first, because the newest run decides and creating is not idempotent.
func (k *Keeper) paint(ctx context.Context, f book.Check, in report.Input, out gate.Published, shows []gate.Shown) error {
	s := f.State
	if s.MayHaveAnother() {
		found, err := k.Hub.FindCheck(ctx, s.Subject.Repo, s.Subject.SHA, checkName(s.Subject))
		if err != nil {
			return engine.Outside(err)
		}
		out.Run = max(out.Run, found)
	}
	in.Nonce, in.Compared = k.Nonce(), k.Compared(s.Subject.Repo.ID) // no part of the digest: they alone are no reason to paint
	announced, err := k.Book.Checks.Append(ctx, f, engine.Draft{Event: gate.Painting{
		Nonce: in.Nonce, Covers: out.Covers, Run: out.Run, Digest: out.Digest, Outcome: out.Outcome, Shows: shows,
	}})
	if err != nil {
		return err
	}
	out.Painting = announced.Head.Version
	if out.Run, err = k.Hub.PutCheck(ctx, s.Subject.Repo, out.Run, report.CheckRun(in)); err != nil {
		return engine.OutsideNoting(err, func(f *gate.Failed) { f.Painting = out.Painting })
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	_, err = k.Book.Checks.Record(ctx, f.Name, engine.Draft{Event: out})
	return err
}

func (k *Keeper) link(stream string) string {
	if k.PublicURL == "" {
		return ""
	}
	return k.PublicURL + "/gates/" + stream
}

func digestOf(c report.Check) (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding a check: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
