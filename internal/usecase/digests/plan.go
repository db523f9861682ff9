package digests

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/words"
)

// plan is what a person is to be told now.
func (u *Digests) plan(ctx context.Context, f book.Telling) (gate.Addressed, moment, error) {
	now := moment{at: u.Book.Now()}
	plan := gate.Addressed{Covers: f.Head.Version, Still: known(f.State)}
	on, err := u.Book.Accounts.Load(ctx, gate.AccountStream(gate.DigestOf(f.Name)))
	if err != nil {
		return plan, now, err
	}
	now.of, now.ways = on.State, u.waysOf(on.State)
	if len(now.ways) == 0 {
		return plan, now, nil
	}
	plan.State = now.of.Settings.When
	if plan.State == gate.AtOnce {
		return u.atOnce(ctx, f, plan, now)
	}
	last, next := slots(now.of.Settings, now.at)
	plan.Look = next
	key := "digest:" + last.UTC().Format(time.RFC3339)
	open := slices.DeleteFunc(names(now.ways), func(name string) bool { return f.State.Box(name).Knows(key) })
	if now.at.Sub(last) >= late || last.Before(now.of.Settled) || len(open) == 0 {
		return plan, now, nil
	}
	if err := u.look(ctx, &plan, &now); err != nil || len(now.waits) == 0 {
		return plan, now, err
	}
	for _, name := range open {
		plan.Letters = append(plan.Letters, gate.Letter{
			Channel: name, ID: f.State.Box(name).ID(f.Name, key), Key: key, State: string(notify.Held), About: plan.Still,
		})
	}
	return plan, now, nil
}

// look reads what waits.
func (u *Digests) look(ctx context.Context, plan *gate.Addressed, now *moment) (err error) {
	if now.waits, err = u.Waiting.Waits(ctx, now.of.Actor); err != nil {
		return err
	}
	plan.Still = nil
	for _, h := range now.waits {
		plan.Still = append(plan.Still, h.Stream)
	}
	return nil
}

// atOnce tells of what waits and was not told.
func (u *Digests) atOnce(ctx context.Context, f book.Telling, plan gate.Addressed, now moment) (gate.Addressed, moment, error) {
	plan.Look = now.at.Add(lookAgain)
	if again := u.mayLook(now.of.Actor.ID, now.at, len(wanted(f.State)) > 0); !again.IsZero() {
		plan.Look = again
		return plan, now, nil
	}
	if err := u.look(ctx, &plan, &now); err != nil {
		return plan, now, err
	}
	for _, name := range names(now.ways) {
		box := f.State.Box(name)
		fresh := unknown(now.waits, box.About)
		if len(fresh) == 0 {
			continue
		}
		key := "waits:" + digest(fresh)
		letter := gate.Letter{Channel: name, ID: box.ID(f.Name, key), Key: key, State: string(notify.Held), About: plan.Still}
		if sent := underWay(box); sent != nil { // of which nobody knows what came: what else waits is told after it
			about := slices.DeleteFunc(slices.Clone(fresh), func(h Hold) bool { return !slices.Contains(sent.About, h.Stream) })
			if len(about) < len(fresh) {
				plan.Look = now.at.Add(lookPause)
			}
			if fresh = about; len(fresh) == 0 {
				continue
			}
			letter.ID, letter.Key, letter.About = sent.ID, sent.Key, sent.About
		}
		when, err := u.awake(ctx, now, fresh)
		if err != nil {
			return plan, now, err
		}
		if when.After(now.at) {
			letter.Wanted, letter.NotBefore = when, when
		}
		plan.Letters = append(plan.Letters, letter)
	}
	return plan, now, nil
}

// underWay is a letter that may have been taken, and is tried again until it was; nil:
// there is none.
func underWay(b tell.Box) *gate.Letter {
	if b.Want == nil || b.GivenUp() || !slices.Contains(b.Tried, b.Want.ID) {
		return nil
	}
	return b.Want
}

// mayLook says when to look next where somebody has looked just now; zero: at once. What
// is to be sent is looked at whenever that is.
func (u *Digests) mayLook(who int64, now time.Time, sends bool) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if next := u.looked[who].Add(lookPause); !sends && now.Before(next) {
		return next
	}
	u.looked[who] = now
	return time.Time{}
}

// awake is when a person may be told: in their quiet hours only of what is grave or was
// not answered for long, and only if they said so.
func (u *Digests) awake(ctx context.Context, now moment, fresh []Hold) (time.Time, error) {
	set := now.of.Settings
	if set.Quiet == "" {
		return now.at, nil
	}
	quiet, err := notify.ParseQuiet(strings.TrimSpace(set.Quiet + " " + set.Zone))
	if err != nil { // it was read when it was set
		return now.at, nil
	}
	for _, h := range fresh {
		if !set.Wake {
			break
		}
		s, err := u.Book.Gate(ctx, h.Stream)
		if err != nil {
			return now.at, err
		}
		if h.Level == gate.Critical || len(s.RemindedOf()) > 0 {
			return now.at, nil
		}
	}
	return quiet.Until(now.at), nil
}

// slots are the last hour of a digest, and the next.
func slots(set gate.Settings, now time.Time) (last, next time.Time) {
	zone, err := time.LoadLocation(set.Zone)
	if err != nil {
		zone = time.UTC
	}
	local := now.In(zone)
	for day := -4; day <= 4; day++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+day, set.Hour, 0, 0, 0, zone)
		if set.When == gate.Weekdays && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday) {
			continue
		}
		if !at.After(now) {
			last = at
		} else if next.IsZero() {
			next = at
		}
	}
	return last, next
}

// message is what a person is told of what waits: what they have not heard of first.
func (u *Digests) message(now moment, l gate.Letter, told []string) notify.Message {
	fresh := slices.DeleteFunc(slices.Clone(now.waits), func(h Hold) bool { return !slices.Contains(l.About, h.Stream) })
	m := notify.Message{
		ID: l.ID, Thread: gate.DigestStream(now.of.Actor.ID), State: notify.Held, At: now.at, Subject: "gatehold",
		Page: u.Origin + "/waiting",
	}
	if now.of.Settings.When == gate.AtOnce {
		of := len(fresh)
		fresh = unknown(fresh, told)
		if n := of - len(fresh); n > 0 {
			m.Also = words.Plural(n, "other change") + " that you were told of " + map[bool]string{true: "waits", false: "wait"}[n == 1] + " still."
		}
	}
	m.Title = words.Plural(len(fresh), "change") + map[bool]string{true: " waits", false: " wait"}[len(fresh) == 1] + " for you"
	for _, h := range fresh[:min(len(fresh), maxListed)] {
		m.Findings = append(m.Findings, notify.Clip(h.Subject+": "+h.Title, maxLine))
	}
	if more := len(fresh) - maxListed; more > 0 {
		m.Also = strings.TrimSpace("And " + words.Plural(more, "more change") + ". " + m.Also)
	}
	m.Sentence = "You asked gatehold to tell you. How, and when, stands on your page: " + strings.TrimPrefix(u.Origin, "https://") + "/you"
	return m
}

// Bounds of a message.
const (
	maxListed = 8
	maxLine   = 240
)

func names(ways map[string]notify.Channel) []string {
	var out []string
	for name := range ways {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// unknown are the holds that are not among the streams.
func unknown(holds []Hold, streams []string) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return slices.Contains(streams, h.Stream) })
}

// known is all that a person was told of by some way.
func known(s tell.State) (out []string) {
	for _, b := range s.Boxes {
		out = append(out, b.About...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func wanted(s tell.State) []tell.Box {
	return slices.DeleteFunc(slices.Clone(s.Boxes), func(b tell.Box) bool { return b.Want == nil })
}

// digest is of what waits, each since when: what comes back is another.
func digest(holds []Hold) string {
	var lines []string
	for _, h := range holds {
		lines = append(lines, fmt.Sprintf("%s@%d", h.Stream, h.Since.Unix()))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}
