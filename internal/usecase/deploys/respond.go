package deploys

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
)

// respond tells GitHub what a deployment has come to, or in a comment what it
// waits for. What is to be said is on record before it is said: after a crash
// nobody knows whether GitHub heard it, and the same is said again.
func (u *Deploys) respond(ctx context.Context, f book.Gate) error {
	s, now := f.State, u.Book.Now()
	reply := s.Reply(now)
	said := report.Deployment{Gate: report.Of(s, now), Expired: reply == gate.Rejected && s.Denied() == nil}
	said.URL, said.Failure = u.Book.Link(f.Name), nil // the answer is about what was decided
	comment := report.Comment(said)
	if reply != gate.Approved {
		if err := u.giveBack(ctx, s.Subject); err != nil {
			return err
		}
	}
	if reply == gate.Commented && !s.MayHaveLeft() { // where that is late, GitHub does not take it
		return u.comment(ctx, f, comment)
	}
	run, err := u.GitHub.Run(ctx, s.Subject)
	if err != nil {
		return engine.Outside(err)
	}
	switch {
	case run.Over():
		return u.ended(ctx, f, run, outgoing.RunEnded(run))
	case s.Verdict != nil && run.Attempt != s.Verdict.Deploy.Attempt:
		again := gate.Look{Subject: s.Subject, Why: gate.NewAttempt, Attempt: run.Attempt}
		_, err = u.Book.Gates.Append(ctx, f, engine.Draft{Event: again})
		return err
	case reply == "": // time has taken away what was there when this was due
		_, err = u.Book.Gates.Append(ctx, f, engine.Draft{Event: gate.Lapsed{}})
		return err
	case !waits(run, s.Subject.Environment):
		return u.notWaiting(ctx, f, run.Attempt)
	case reply == gate.Commented: // it waits: GitHub has not heard the yes that was begun
		if err := u.free(ctx, s.Subject, func(g gate.State) bool { return !g.Released(u.Book.Now()) }); err != nil {
			return err
		}
		return u.comment(ctx, f, comment)
	}
	if reply == gate.Approved {
		left, err := u.Directory.Confirm(ctx, s, 0)
		if err != nil {
			return err
		}
		if len(left) > 0 { // somebody by whom it was released is not who they were
			if _, err = u.Book.Gates.Append(ctx, f, left...); err != nil {
				return err
			}
			return u.giveBack(ctx, s.Subject)
		}
		room, err := u.depart(ctx, s)
		if err != nil {
			return err
		}
		if !room { // another was let go since this was judged
			full := gate.Look{Subject: s.Subject, Why: gate.NoRoom}
			_, err = u.Book.Gates.Append(ctx, f, engine.Draft{Event: full})
			return err
		}
	}
	return u.answer(ctx, f, reply, run.Attempt, comment)
}

// answer tells GitHub yes or no.
func (u *Deploys) answer(ctx context.Context, f book.Gate, reply gate.Reply, attempt int, comment string) error {
	s := f.State
	saying := gate.Replying{Reply: reply, Attempt: attempt, For: s.For(), By: deciders(s, reply), Comment: comment}
	f, err := u.Book.Gates.Append(ctx, f, engine.Draft{Event: saying})
	if err != nil { // somebody answered meanwhile, or another replica does: it is decided again
		return err
	}
	if err := u.GitHub.Respond(ctx, s.Subject, reply, comment); err != nil {
		return engine.Outside(err)
	}
	return u.took(ctx, f, gate.Replied{
		Covers: f.Head.Version, Reply: reply, Attempt: attempt, Comment: comment, For: saying.For, By: saying.By,
	})
}

// took puts on record what GitHub took, and first that the deployment is under way
// or, after a no, that it is not.
func (u *Deploys) took(ctx context.Context, f book.Gate, said gate.Replied) error {
	if said.Reply == gate.Approved {
		if err := u.hasLeft(ctx, f.State); err != nil {
			return err
		}
	}
	next, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: said})
	if err != nil || said.Reply == gate.Approved {
		return err
	}
	return u.giveBack(ctx, next.State.Subject)
}

// comment says on the page of the run what is waited for. It is a courtesy: a
// comment that GitHub does not take keeps nothing from going on.
func (u *Deploys) comment(ctx context.Context, f book.Gate, text string) error {
	said := gate.Replied{Covers: f.Head.Version, Reply: gate.Commented, Attempt: f.State.Verdict.Deploy.Attempt, Comment: text,
		For: f.State.For()}
	if !slices.ContainsFunc(f.State.Deployment.Replied, func(r gate.Replied) bool { return r.Comment == text }) {
		err := u.GitHub.Respond(ctx, f.State.Subject, gate.Commented, text)
		var known *gate.Error
		switch {
		case err == nil:
		case gate.AsError(err).Code == "deployment_not_pending" && tries(f.State) < commentTries:
			return engine.Outside(err) // GitHub asks a moment before it takes anything
		case errors.As(err, &known) && known.Until.IsZero():
			u.Book.Slog.Warn("a comment on a deployment was not taken", "stream", f.Name, "code", known.Code, "error", err)
			said.Comment = ""
		default:
			return engine.Outside(err)
		}
	}
	_, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: said})
	return err
}

// commentTries is how often a comment is tried that GitHub does not take yet.
const commentTries = 5

// tries counts how often in a row GitHub could not be told something.
func tries(s gate.State) int {
	if s.Failure == nil || s.Failure.Step != string(gate.Respond) {
		return 0
	}
	return s.Failure.Attempt
}

// notWaiting is for a run that goes on without waiting for the environment. If
// we were about to answer this attempt, GitHub has heard us; or what it was told
// of another job to the environment was for this one too. Else it does not wait
// yet, or somebody let it go past us: it is looked at again until the run
// is over.
func (u *Deploys) notWaiting(ctx context.Context, f book.Gate, attempt int) error {
	if r := f.State.Deployment.Replying; r != nil && r.Attempt == attempt {
		return u.took(ctx, f, gate.Replied{Covers: f.Head.Version, Reply: r.Reply, Attempt: attempt, For: r.For, By: r.By})
	}
	told, err := u.answeredTogether(ctx, f.State, attempt)
	if err != nil {
		return err
	}
	if told != nil {
		return u.took(ctx, f, gate.Replied{Covers: f.Head.Version, Reply: told.Reply, Attempt: attempt, For: f.State.For(), By: told.By})
	}
	return engine.Outside(&gate.Error{Code: "deployment_not_pending",
		Text: fmt.Sprintf("The run does not wait for %s now: GitHub asks a moment before it can be answered, or an "+
			"administrator has let the run go past the gate.", f.State.Subject.Environment)})
}

// deciders are the people whose choices led to an answer.
func deciders(s gate.State, reply gate.Reply) []string {
	var out []string
	for _, c := range s.Choices {
		if (c.Answer == gate.Deny) == (reply == gate.Rejected) {
			out = append(out, c.By.Login)
		}
	}
	return out
}
