package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
)

// checkName is the name of a check's run.
func checkName(check gate.Subject) string {
	if check.Name == "" {
		return gate.CheckName
	}
	return check.Name
}

// once appends an event that must stand in a stream a single time, however
// often it is tried, and has the stream looked at.
func (k *Keeper) once(ctx context.Context, stream, key string, event gate.Event) error {
	_, err := k.record(ctx, stream, draft{event: event, key: key})
	if err != nil && !errors.Is(err, ledger.ErrSeen) {
		return err
	}
	k.nudge(stream)
	return nil
}

func newsKey(stream string, version uint64) string {
	return fmt.Sprintf("%s@%d", stream, version)
}

// hand gives what was pressed on a check to the gates that it shows: a choice
// to be counted, or the wish for another look. Pressing GitHub's own "Re-run"
// is never a choice: machines can do it.
func (k *Keeper) hand(ctx context.Context, f folded) error {
	var covers uint64
	for _, press := range f.check.Pressed {
		if press.Waits {
			break
		}
		covers = press.Version
		meant, err := k.meant(ctx, press)
		if err != nil {
			return err
		}
		for _, shown := range meant {
			event := pressed(press, shown)
			if err := k.once(ctx, shown.Gate.Stream(), newsKey(f.stream, press.Version), event); err != nil {
				return err
			}
		}
	}
	_, err := k.record(ctx, f.stream, draft{event: gate.Handed{Covers: covers}})
	return err
}

// pressed is what a press means for one gate.
func pressed(p gate.Press, shown gate.Shown) gate.Event {
	switch answer := gate.Answer(p.Button); answer {
	case gate.Approve, gate.Deny, gate.Override, gate.Review:
		return gate.Offered{By: p.By, Answer: answer, Via: gate.ViaButton, For: shown.For, Superseded: p.Superseded}
	}
	return gate.Seen{Subject: shown.Gate, Event: "gatehold", Action: "rerequested", Sender: p.By}
}

// publish paints the check run of a commit with the worst of its gates.
func (k *Keeper) publish(ctx context.Context, f folded) error {
	s, covers := f.check, f.head.Version
	gates, shows, gone, err := k.shown(ctx, s)
	if err != nil {
		return err
	}
	if len(gates) == 0 { // nobody has this head any more: what it says last stands
		_, err = k.record(ctx, f.stream, draft{event: gate.Published{
			Covers: covers, Run: s.Run, Digest: s.Digest, Outcome: s.Outcome, Shows: s.Shows, Over: true, Gone: gone,
		}})
		return err
	}
	in := report.Input{
		Name: checkName(s.Subject), HeadSHA: s.Subject.SHA, Stream: f.stream,
		URL: k.link(f.stream), Gates: gates, Before: report.Conclusion(s.Outcome),
	}
	check := report.CheckRun(in)
	digest, err := digestOf(check)
	if err != nil {
		return err
	}
	published := gate.Published{Covers: covers, Run: s.Run, Digest: digest, Outcome: string(check.Conclusion), Shows: shows, Gone: gone}
	if s.Run == 0 || s.Digest != digest || s.Aged(k.Now()) {
		in.Compared = k.Compared(s.Subject.Repo.ID) // no part of the digest: it alone is no reason to paint
		if published.Run, err = k.paint(ctx, f, report.CheckRun(in)); err != nil {
			return err
		}
	}
	if _, err := k.record(ctx, f.stream, draft{event: published}); err != nil {
		return err
	}
	if s.Wanted > s.Painted {
		k.Observer.Published(published.Outcome, k.Now().Sub(s.Since))
	}
	return nil
}

// keptGone is how many gates a check knows of that it does not show any more: a
// schedule makes a run of the same commit every few minutes, for as long as the
// commit stands.
const keptGone = 20

// shown folds the gates that have the commit as their head now, and says what
// each of them is about, and which the check can forget.
func (k *Keeper) shown(ctx context.Context, s gate.CheckState) (gates []report.Gate, shows map[string]gate.For, gone []string, err error) {
	var last folded // the newest deployment that is over
	shows = map[string]gate.For{}
	for _, member := range s.Members {
		g, err := k.load(ctx, member.Stream())
		if err != nil {
			return nil, nil, nil, err
		}
		deploys := g.gate.Subject.Kind == gate.Deployment || g.gate.Subject.Kind == gate.WorkflowRun
		// What was over before it was judged is shown only where a check says
		// that it is looked at.
		if g.gate.Done && deploys && (g.gate.Verdict != nil || s.Run != 0 || s.Unsure) {
			last = g
		}
		if g.gate.Done || g.gate.Head() != s.Subject.SHA {
			review := k.toReview(g, s.Subject.SHA)
			if gates = append(gates, review...); len(review) == 0 {
				gone = append(gone, g.stream)
			}
			continue
		}
		shown := report.Of(g.gate, k.Now())
		if shown.URL = k.link(g.stream); shown.Verdict != nil {
			shows[g.stream] = g.gate.For()
		}
		if shown.Enforcement, err = k.enforcement(ctx, g.gate); err != nil {
			return nil, nil, nil, err
		}
		switch g.gate.Subject.Kind {
		case gate.MergeGroup:
			shown.Queue, err = k.queueing(ctx, g.gate)
		case gate.Deployment, gate.WorkflowRun:
			err = k.deployed(ctx, g.gate, &shown)
		}
		if err != nil {
			return nil, nil, nil, err
		}
		gates = append(gates, shown)
	}
	if len(gates) == 0 && last.stream != "" { // what it came to stays to be seen
		shown := report.Of(last.gate, k.Now())
		shown.URL = k.link(last.stream)
		if err := k.deployed(ctx, last.gate, &shown); err != nil {
			return nil, nil, nil, err
		}
		gates = append(gates, shown)
	}
	slices.SortFunc(gates, func(a, b report.Gate) int { return a.Subject.Number - b.Subject.Number })
	return gates, shows, gone[:max(0, len(gone)-keptGone)], nil
}

// paint sends a check to GitHub. Where a run may exist whose id we do not
// know, it is looked up first, because the newest run decides and creating is
// not idempotent.
func (k *Keeper) paint(ctx context.Context, f folded, check report.Check) (int64, error) {
	s, run := f.check, f.check.Run
	if run == 0 && s.Unsure {
		found, err := k.Hub.FindCheck(ctx, s.Subject.Repo, s.Subject.SHA, checkName(s.Subject))
		if err != nil {
			return 0, outside(err)
		}
		run = found
	}
	if run == 0 && !s.Unsure {
		if _, err := k.append(ctx, f, draft{event: gate.Creating{}}); err != nil {
			return 0, err
		}
	}
	run, err := k.Hub.PutCheck(ctx, s.Subject.Repo, run, check)
	if err != nil {
		return 0, outside(err)
	}
	return run, nil
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
