package telling

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Bounds of a message, in characters, and of its findings.
const (
	maxTitle    = 240
	maxSentence = 400
	maxFindings = 5
	maxFinding  = 300
	maxSubject  = 200
)

// message is what a letter says: of the gate as it is now, each text one line in which
// everything can be seen.
func (u *Telling) message(g book.Gate, l gate.Letter, on tell.State, now time.Time) notify.Message {
	s := g.State
	m := notify.Message{
		ID: l.ID, Thread: g.Name, State: notify.State(l.State), At: on.Box(l.Channel).Asked, Urgent: l.Urgent,
		Title: report.Visible(report.Title(report.Of(s, now)), maxTitle), Subject: report.Visible(s.Subject.String(), maxSubject),
		Repository: report.Visible(s.Subject.Repo.FullName(), maxSubject), Page: u.Book.Link(g.Name), GitHub: u.onGitHub(s.Subject),
	}
	if m.State == notify.Closed {
		m.Title, m.Sentence = "Closed: nothing is held here any more", report.Visible(s.ClosedWhy, maxSentence)
	}
	v := s.Verdict
	if v == nil {
		return m
	}
	m.Level, m.Score = v.Level, v.Score
	if m.State == notify.Closed {
		return m
	}
	m.Sentence = report.Visible(v.Reason, maxSentence)
	m.Findings, m.More = findings(v)
	if m.State == notify.Held {
		m.Since = on.Since
		if v.Needs != nil {
			m.Who = report.Needed(*v.Needs)
		}
	}
	return m
}

// findings are the gravest of a verdict in sentences, and how many others there are.
func findings(v *gate.Verdict) (out []string, more int) {
	ranked := slices.DeleteFunc(slices.Clone(v.Findings), func(f gate.Finding) bool { return f.Observe })
	more = len(v.Findings) - len(ranked) + v.Hidden
	slices.SortStableFunc(ranked, func(a, b gate.Finding) int { return cmp.Compare(b.Risk, a.Risk) })
	for _, f := range ranked[:min(len(ranked), maxFindings)] {
		where := ""
		if f.Path != "" {
			where = f.Path
			if f.Line > 0 {
				where = fmt.Sprintf("%s:%d", f.Path, f.Line)
			}
			where += ": "
		}
		out = append(out, report.Visible(where+f.Message, maxFinding))
	}
	return out, more + len(ranked) - len(out)
}

// onGitHub is where people see what is held.
func (u *Telling) onGitHub(s gate.Subject) string {
	if u.GitHub == "" || s.Repo.Owner == "" {
		return ""
	}
	at := u.GitHub + "/" + url.PathEscape(s.Repo.Owner) + "/" + url.PathEscape(s.Repo.Name)
	switch {
	case s.Kind == gate.PullRequest && s.Number > 0:
		return fmt.Sprintf("%s/pull/%d", at, s.Number)
	case s.Run > 0:
		return fmt.Sprintf("%s/actions/runs/%d", at, s.Run)
	}
	return at
}

// sightLife is how long the buttons of a message decide: a gate that waits for longer is
// answered on its page.
const sightLife = 14 * 24 * time.Hour

// ticket is what the buttons of a message carry; empty where it has none.
func (u *Telling) ticket(c Channel, g book.Gate, now time.Time) string {
	if !u.answers(c, g.State) || phaseOf(g.State, now).state != notify.Held {
		return ""
	}
	sealed, err := u.Sights.SealSight(now.Add(sightLife), notify.Sight{
		ID: rand.Text(), Place: c.Place, Stream: g.Name, Version: g.Head.Version, For: g.State.For(),
	})
	if err != nil {
		u.Book.Slog.Warn("a message has no buttons", "channel", c.Name, "stream", g.Name, "error", err)
		return ""
	}
	return sealed
}

// linesTime is how long a message waits for its lines.
const linesTime = 8 * time.Second

// hunks are the lines that are dangerous, or why there are none: a message without them
// is better than none.
func (u *Telling) hunks(ctx context.Context, s gate.State) (list []notify.Hunk, also string) {
	if u.Lines == nil || s.Verdict == nil {
		return nil, ""
	}
	ctx, cancel := context.WithTimeout(ctx, linesTime)
	defer cancel()
	list, err := u.Lines.Hunks(ctx, s.Subject.Repo, s.Verdict)
	if err != nil {
		return nil, "The lines cannot be shown now. " + gate.AsError(err).Text
	}
	return list, ""
}
