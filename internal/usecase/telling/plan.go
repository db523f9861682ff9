package telling

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

const (
	// pace is how long a channel is left alone that was told that a gate waits, though
	// what waits is another thing now: an agent can push as often as it likes.
	pace = 10 * time.Minute
	// lookAgain is when a gate is looked at again of which it is not known what it is,
	// and of which something was to be told.
	lookAgain = 10 * time.Minute
)

// phase is what a gate has come to, as far as people are told of it.
type phase struct {
	state    notify.State // empty: it is not known now
	key      string       // the same for what is told once
	byPeople bool         // it was held, and is decided
}

func phaseOf(s gate.State, now time.Time) phase {
	v := s.Verdict
	switch standing := s.Standing(now); {
	case standing == gate.IsClosed:
		return phase{state: notify.Closed, key: "closed"}
	case standing == gate.IsReleased:
		return phase{notify.Released, "released:" + what(s), v != nil && v.Held}
	case standing == gate.IsRejected:
		return phase{notify.Denied, "denied:" + what(s), true}
	case standing == gate.IsHeld && s.Denied() != nil:
		return phase{notify.Denied, "denied:" + what(s), true}
	case standing == gate.IsHeld:
		return phase{state: notify.Held, key: "held:" + what(s)}
	case standing == gate.IsPassed:
		return phase{notify.Released, "released:" + what(s), v.Held}
	}
	return phase{}
}

// what stands for what people would be shown: the commit, the risk and its reasons, and
// who may decide. What else a verdict depends on is no reason to tell them again.
func what(s gate.State) string {
	v := s.Verdict
	if v == nil {
		return s.Head()
	}
	text := fmt.Appendf(nil, "%s %d %s %s %d", v.Head, v.Score, v.Level, report.Need(v.Needs), s.Going.Attempt)
	for i := range v.Findings {
		text = append(append(text, '\n'), v.Findings[i].Fact()...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// hears is what a channel is told of by the rules.
type hears struct {
	held, decided bool
	after         []time.Duration // that nobody has answered for so long
	lines         bool
}

// hears is what one channel is told of.
func (u *Telling) hears(v *gate.Verdict, c Channel) hears {
	all, _ := u.hearing(v)
	return all[c.Name]
}

// plan is who is to be told what of a gate as it is.
func (u *Telling) plan(f book.Telling, g book.Gate, now time.Time) gate.Addressed {
	is := phaseOf(g.State, now)
	plan := gate.Addressed{Covers: f.Head.Version, Of: g.Head.Version, State: string(is.state)}
	heard, unknown := u.hearing(g.State.Verdict)
	plan.Unknown = unknown
	since := now
	if f.State.Stands == string(notify.Held) {
		since = f.State.Since
	}
	for _, c := range u.Channels {
		box := f.State.Box(c.Name)
		if is.state == "" {
			if box.Want != nil {
				plan.Look = sooner(plan.Look, now.Add(lookAgain))
			}
			continue
		}
		key, urgent, after := "", false, time.Duration(0)
		if is.state == notify.Held {
			var look time.Time
			key, after, look = heldKey(heard[c.Name], u.painted(c, g.State, is.key), since, now)
			if urgent = after > 0; urgent && c.Repaints { // it follows each push, and reminds once
				reminder := fmt.Sprintf(" waits:%s:%d", after, since.Unix())
				key, urgent = u.painted(c, g.State, is.key)+reminder, !strings.HasSuffix(box.Told, reminder)
			}
			plan.Look = sooner(plan.Look, look)
		} else if decided(c, heard[c.Name], box, is) {
			key = is.key
		}
		if key == "" || box.Knows(key) {
			continue
		}
		wanted := c.wanted(box, g.State, urgent, now)
		letter := gate.Letter{
			Channel: c.Name, ID: box.ID(f.Name, key), Key: key, State: string(is.state), Urgent: urgent,
			Wanted: onlyAfter(now, wanted), NotBefore: onlyAfter(now, later(wanted, u.restsUntil(c.Name))),
		}
		if urgent {
			letter.After = after.String()
		}
		plan.Letters = append(plan.Letters, letter)
	}
	slices.SortFunc(plan.Letters, func(a, b gate.Letter) int { return slices.Compare([]string{a.Channel}, []string{b.Channel}) })
	return plan
}

// heldKey is what a channel is told of a gate that waits, for how long nobody has
// answered where that is what it is told, and when more may be.
func heldKey(h hears, key string, since, now time.Time) (out string, waits time.Duration, look time.Time) {
	if h.held {
		out = key
	}
	for _, after := range h.after {
		if at := since.Add(after); now.Before(at) {
			look = sooner(look, at)
		} else {
			out, waits = fmt.Sprintf("waits:%s:%d", after, since.Unix()), after // once, whatever becomes of it meanwhile
		}
	}
	return out, waits, look
}

// painted is the key of a gate that waits, for a channel. Buttons are for exactly what an
// answer now is about: a message that has them follows that too.
func (u *Telling) painted(c Channel, s gate.State, key string) string {
	if !u.answers(c, s) {
		return key
	}
	about := s.For()
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", about))
	return key + ":" + hex.EncodeToString(sum[:8])
}

// answers reports whether a gate is answered by buttons of a channel's messages: only
// where what is needed names Slack.
func (u *Telling) answers(c Channel, s gate.State) bool {
	v := s.Verdict
	return u.Sights != nil && c.Place != "" && v != nil && v.Needs != nil && v.Needs.Takes(gate.ViaSlack)
}

// decided reports whether a channel is told that a gate waits no more, or goes on
// although it was denied. Who was told that it waits always is who can be told without
// being disturbed, or was told because nobody answered; nobody is told that something
// is over of which they have not heard.
func decided(c Channel, h hears, box tell.Box, is phase) bool {
	waits := box.MayHaveTold(string(notify.Held)) || box.ToldState == string(notify.Denied) && is.state == notify.Released
	return waits && (c.Repaints || h.decided || len(h.after) > 0) || h.decided && is.byPeople
}

// hearing is which channel hears of what, and the channels that nobody has configured.
func (u *Telling) hearing(v *gate.Verdict) (map[string]hears, []string) {
	out := map[string]hears{}
	var unknown []string
	level := gate.Low
	var tellings []gate.Telling
	if v != nil {
		level, tellings = v.Level, v.Tell
	}
	if len(tellings) == 0 {
		tellings = u.defaults()
	}
	for _, t := range tellings {
		after, err := time.ParseDuration(t.After)
		waits := t.After != "" && err == nil
		for _, name := range t.To {
			if _, configured := u.channel(name); !configured {
				if !slices.Contains(unknown, name) {
					unknown = append(unknown, name)
				}
				continue
			}
			if level.Rank() < t.Level.Rank() {
				continue
			}
			h := out[name]
			h.lines = h.lines || t.Lines
			held := slices.Contains(t.When, gate.WhenHeld)
			h.held = h.held || held && !waits
			h.decided = h.decided || !waits && slices.Contains(t.When, gate.WhenDecided)
			if waits && held && !slices.Contains(h.after, after) {
				h.after = append(h.after, after)
				slices.Sort(h.after)
			}
			out[name] = h
		}
	}
	return out, unknown
}

// defaults is who is told where the rules say nothing.
func (u *Telling) defaults() []gate.Telling {
	t := gate.Telling{When: []string{gate.WhenHeld, gate.WhenDecided}, Level: gate.High}
	for _, c := range u.Channels {
		if c.Default {
			t.To = append(t.To, c.Name)
		}
	}
	return []gate.Telling{t}
}

// wanted is from when on a channel should be told.
func (c Channel) wanted(box tell.Box, s gate.State, urgent bool, now time.Time) time.Time {
	when := now
	waits := box.ToldState == string(notify.Held) && phaseOf(s, now).state == notify.Held
	if next := box.ToldAt.Add(pace); waits && !urgent && !c.Repaints {
		when = later(when, next)
	}
	critical := s.Verdict != nil && s.Verdict.Level == gate.Critical
	if critical || urgent || c.silent(box) {
		return when
	}
	return c.Quiet.Until(when)
}

// onlyAfter is a moment that is still to come; zero where it is now or was.
func onlyAfter(now, when time.Time) time.Time {
	if when.After(now) {
		return when
	}
	return time.Time{}
}

// silent reports whether a channel is told without anybody being disturbed.
func (c Channel) silent(box tell.Box) bool { return c.Repaints && box.First != "" }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sooner is the earlier of two moments, of which a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
