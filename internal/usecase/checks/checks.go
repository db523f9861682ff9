// Package checks paints the check runs by which people see gates, each with the
// worst of the gates that have its commit, and hands what is pressed on them to
// those gates.
package checks

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
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
)

// GitHub has the check runs.
type GitHub interface {
	// FindCheck returns the newest check run of ours with a name on a commit, or 0.
	FindCheck(ctx context.Context, repo gate.Repo, sha, name string) (int64, error)
	// PutCheck creates a check run (id 0) or repaints one, and returns its id.
	PutCheck(ctx context.Context, repo gate.Repo, id int64, c report.Check) (int64, error)
}

// Comparison tells when the ledger was compared with GitHub.
type Comparison interface {
	// Compared is when this process last compared a repository; zero where it has not.
	Compared(repo int64) time.Time
}

// Hearer hears of the changes of gates beside the checks that show them.
type Hearer interface {
	// Hear puts on record that a gate has changed. Its error is the ledger's.
	Hear(ctx context.Context, f book.Gate) error
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Published(outcome string, took time.Duration) // from the event taken in to the painted check
}

// Config is what Checks are made of.
type Config struct {
	Engine     *engine.Engine
	Book       *book.Book
	Lanes      *lanes.Lanes
	GitHub     GitHub
	Comparison Comparison
	Hearers    []Hearer
	Observer   Observer
	// Nonce makes the nonce of a painting: gate.NonceLength characters of
	// lower-case base32 that nobody can guess. nil: from the system's source.
	Nonce func() string
}

// Checks paints check runs.
type Checks struct{ Config }

// New returns what paints the checks of the gates in a book from now on.
func New(c Config) *Checks {
	if c.Nonce == nil {
		c.Nonce = nonce
	}
	u := &Checks{c}
	for _, kind := range gate.Held() {
		c.Book.Gates.On(kind, gate.NotifyChecks, u.notify)
	}
	c.Book.Checks.On(gate.Check, gate.ForwardPresses, u.forwardPresses)
	c.Book.Checks.On(gate.Check, gate.Publish, u.publish)
	c.Engine.Beside(u.renew)
	return u
}

// publish paints the check run of a commit with the worst of its gates, unless
// it says so already.
func (u *Checks) publish(ctx context.Context, f book.Check) error {
	s, covers := f.State, f.Head.Version
	on, err := u.shown(ctx, s)
	if err != nil {
		return err
	}
	if on.unread != nil {
		if s.Run != 0 && gate.Blocks(s.Outcome) && !s.Unsure { // it says nothing that somebody could go by
			return on.unread
		}
		covers = s.Painted // and then it is tried again until all can be read
	}
	known, err := u.Book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return err
	}
	published := gate.Published{
		Covers: covers, Run: s.Run, Digest: s.Digest, Outcome: s.Outcome, Bases: basesIn(on.gates), Over: len(on.gates) == 0, Gone: on.gone,
	}
	in := report.Input{
		Name: lanes.CheckName(s.Subject), HeadSHA: s.Subject.SHA, Stream: f.Name,
		URL: u.Book.Link(f.Name), Gates: on.gates, Before: report.Conclusion(s.Outcome),
	}
	if !slices.ContainsFunc(on.gates, func(g report.Gate) bool { return !g.Closed }) { // nobody has this head any more
		published.Bases = s.Bases
		stays, err := u.Lanes.Stays(ctx, s, known.State.Lanes)
		switch {
		case err != nil:
			return err
		case !stays:
			in.TakenBack, in.Left, in.Before, published.Gone = true, s.Bases, "", nil
		case published.Over && !s.MayWronglyPass(): // what it says last stands
			_, err = u.Book.Checks.Append(ctx, f, engine.Draft{Event: published})
			return err
		}
	}
	check := report.CheckRun(in)
	if published.Digest, err = digestOf(check); err != nil {
		return err
	}
	published.Outcome = string(check.Conclusion)
	if s.Digest == published.Digest && u.stands(s, check, on) {
		_, err = u.Book.Checks.Append(ctx, f, engine.Draft{Event: published})
	} else {
		err = u.paint(ctx, f, in, published, on.shows)
	}
	if err == nil && s.Wanted > s.Painted {
		u.Observer.Published(published.Outcome, u.Book.Now().Sub(s.Since))
	}
	return err
}

// stands reports whether what was painted last needs no painting again, though
// it says the same: it may be painted over, or too old, or its buttons are for
// something else.
func (u *Checks) stands(s check.State, check report.Check, on display) bool {
	if s.Run == 0 || s.Aged(u.Book.Now()) || s.Doubtful() {
		return false
	}
	return !check.Answers() || s.Shows(on.shows, on.said)
}

// recordTime bounds putting on record what GitHub has taken: that is a fact, also
// where the step's time is up or gatehold is stopping.
const recordTime = 10 * time.Second

// paint sends a check to GitHub. What is sent, and under which nonce, is on
// record before it is, in the state that it was made from: where that has moved,
// nothing is sent. Where a run may exist whose id we do not know, it is looked up
// first, because the newest run decides and creating is not idempotent.
func (u *Checks) paint(ctx context.Context, f book.Check, in report.Input, out gate.Published, shows []gate.Shown) error {
	s := f.State
	if s.MayHaveAnother() {
		found, err := u.GitHub.FindCheck(ctx, s.Subject.Repo, s.Subject.SHA, lanes.CheckName(s.Subject))
		if err != nil {
			return engine.Outside(err)
		}
		out.Run = max(out.Run, found)
	}
	in.Nonce, in.Compared = u.Nonce(), u.Comparison.Compared(s.Subject.Repo.ID) // no part of the digest: they alone are no reason to paint
	announced, err := u.Book.Checks.Append(ctx, f, engine.Draft{Event: gate.Painting{
		Nonce: in.Nonce, Covers: out.Covers, Run: out.Run, Digest: out.Digest, Outcome: out.Outcome, Shows: shows,
	}})
	if err != nil {
		return err
	}
	out.Painting = announced.Head.Version
	if out.Run, err = u.GitHub.PutCheck(ctx, s.Subject.Repo, out.Run, report.CheckRun(in)); err != nil {
		return engine.OutsideNoting(err, func(f *gate.Failed) { f.Painting = out.Painting })
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	_, err = u.Book.Checks.Record(ctx, f.Name, engine.Draft{Event: out})
	return err
}

func digestOf(c report.Check) (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding a check: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
