// Package telling tells people what waits for them and what has come of it: a durable
// outbox that is nothing but a fold of the ledger.
//
// A gate has word of its changes put on a stream of its own for this (Hear). Who is to
// be told what follows from the gate as it is, what the rules say, and what was told
// before; so a message that is lost is sent again, one whose state has passed is not
// sent at all, and nothing of it is in the way of the gate: these streams are worked
// on aside, and what a channel does wrong is on record here alone.
package telling

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Channel is a way to tell people, as the operator has set it up.
type Channel struct {
	Name string
	// Default says that it is told where the rules say nothing.
	Default bool
	// Repaints says that what it was told before is changed in place, so that nobody
	// is disturbed by it.
	Repaints bool
	Quiet    *notify.Quiet // nil: none
	// Place is where it leads, as the buttons of its messages know it; empty: they have
	// none.
	Place string
	To    notify.Channel
}

// Sights seals what somebody saw, so that nobody else can say that they did.
type Sights interface {
	SealSight(until time.Time, s notify.Sight) (string, error)
}

// Lines reads the lines of a change that are dangerous, without what reads as a secret.
type Lines interface {
	Hunks(ctx context.Context, repo gate.Repo, v *gate.Verdict) ([]notify.Hunk, error)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	// Messaged is the outcome of an attempt: sent, failed or given_up.
	Messaged(channel, outcome string)
}

// Config is what Telling is made of.
type Config struct {
	Book     *book.Book
	Channels []Channel
	// GitHub is where people see GitHub, without a slash at the end; empty: messages
	// do not lead there.
	GitHub   string
	Observer Observer
	Sights   Sights // nil: no message has buttons that decide
	Lines    Lines  // nil: no message has lines
}

// Telling tells people.
type Telling struct {
	Config
	mu    sync.Mutex
	rests map[string]rest // by channel
}

// rest is how long a channel is left alone, whatever gate it is to be told of: it asks
// for fewer messages, or does not answer, and each attempt would have others wait.
type rest struct {
	until    time.Time
	failures int // in a row
}

const (
	sendTime   = 30 * time.Second
	recordTime = 10 * time.Second
	// How long a channel rests that did not answer, doubled each time.
	firstRest   = 5 * time.Second
	longestRest = 5 * time.Minute
)

// New returns what tells of the gates in a book from now on.
func New(c Config) *Telling {
	u := &Telling{Config: c, rests: map[string]rest{}}
	c.Book.Tellings.On(gate.Tell, gate.Address, u.address)
	c.Book.Tellings.On(gate.Tell, gate.Deliver, u.deliver)
	return u
}

// Hear puts on record that a gate has changed, where that may have to be told. Its
// error is the ledger's.
func (u *Telling) Hear(ctx context.Context, f book.Gate) error {
	if len(u.Channels) == 0 || f.State.Subject.Kind == gate.MergeGroup { // of which its pull request's gate tells
		return nil
	}
	stream := gate.TellStream(f.Name)
	known, err := u.Book.Tellings.Load(ctx, stream)
	if unknown := gate.Unknown(err); unknown != nil { // which is no reason to stop the gate
		u.Book.Slog.Warn("nobody is told of a gate", "stream", f.Name, "error", unknown)
		return nil
	}
	if err != nil {
		return err
	}
	if known.Head.Version == 0 {
		if plan := u.plan(known, f, u.Book.Now()); len(plan.Letters) == 0 && plan.Look.IsZero() {
			return nil
		}
	}
	return u.Book.Tellings.Once(ctx, stream, book.NewsKey(f.Name, f.State.Changed),
		gate.Heard{Gate: f.State.Subject, Version: f.Head.Version})
}

// address decides who is to be told what.
func (u *Telling) address(ctx context.Context, f book.Telling) error {
	g, err := u.gateOf(ctx, f)
	if err != nil {
		return err
	}
	_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: u.plan(f, g, u.Book.Now())})
	return err
}

func (u *Telling) gateOf(ctx context.Context, f book.Telling) (book.Gate, error) {
	return u.Book.Gates.Load(ctx, strings.TrimPrefix(f.Name, string(gate.Tell)+"/"))
}

// deliver sends what is due next, if the gate is still what it says.
func (u *Telling) deliver(ctx context.Context, f book.Telling) error {
	g, err := u.gateOf(ctx, f)
	if err != nil {
		return err
	}
	now := u.Book.Now()
	box, _, _ := f.State.Next()
	plan := u.plan(f, g, now)
	i := slices.IndexFunc(plan.Letters, func(l gate.Letter) bool { return l.Channel == box.Channel })
	channel, configured := u.channel(box.Channel)
	if i < 0 || !configured || box.Want == nil || plan.Letters[i].ID != box.Want.ID || plan.Letters[i].NotBefore.After(now) {
		_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: plan})
		return err
	}
	letter := plan.Letters[i]
	message := notify.Delivery{
		Message: u.message(g, letter, f.State, now), First: box.First, Again: slices.Contains(box.Tried, letter.ID),
	}
	message.Ticket = u.ticket(channel, g, now)
	if message.State == notify.Held && u.hears(g.State.Verdict, channel).lines {
		message.Hunks, message.Also = u.hunks(ctx, g.State)
	}
	f, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: gate.Sending{Channel: letter.Channel, ID: letter.ID, Key: letter.Key}})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, sendTime)
	ref, err := channel.To.Send(limited, message)
	cancel()
	if ctx.Err() != nil && err != nil {
		return ctx.Err() // we are stopping: whether it was sent nobody knows
	}
	return u.record(ctx, f.Name, f.State.Box(letter.Channel), letter, ref, err)
}

// record puts on record what came of an attempt: that is a fact, also where time is up.
func (u *Telling) record(ctx context.Context, stream string, box tell.Box, letter gate.Letter, ref string, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	var outcome gate.Event = gate.Sent{Channel: letter.Channel, ID: letter.ID, Key: letter.Key, State: letter.State, Ref: ref}
	word := "sent"
	if failure != nil {
		known := gate.AsError(failure)
		if known.Code == "internal" && errors.Is(failure, context.DeadlineExceeded) {
			known = gate.AsError(notify.Unanswered(letter.Channel, failure))
		}
		u.rest(letter.Channel, known)
		unsent := box.Failing(letter.ID, known, u.Book.Now(), rand.Float64())
		u.Book.Slog.Warn("a message was not sent", "channel", letter.Channel, "stream", stream, "code", known.Code, "error", failure,
			"attempt", unsent.Attempt, "next", unsent.Next)
		outcome, word = unsent, "failed"
		if unsent.Next.IsZero() {
			word = "given_up"
		}
	}
	if failure == nil {
		u.rest(letter.Channel, nil)
	}
	if letter.Urgent && failure == nil { // on record there first: what is sent again is on record once
		of := strings.TrimPrefix(stream, string(gate.Tell)+"/")
		if err := u.Book.Gates.Once(ctx, of, letter.ID, gate.Reminded{Channel: letter.Channel, After: letter.After}); err != nil {
			return err
		}
	}
	_, err := u.Book.Tellings.Record(ctx, stream, engine.Draft{Event: outcome})
	u.Observer.Messaged(letter.Channel, word)
	return err
}

func (u *Telling) channel(name string) (Channel, bool) {
	i := slices.IndexFunc(u.Channels, func(c Channel) bool { return c.Name == name })
	if i < 0 {
		return Channel{}, false
	}
	return u.Channels[i], true
}

// rest remembers how a channel took a message, nil for well: letters of other gates to
// it wait as well.
func (u *Telling) rest(channel string, failure *gate.Error) {
	now := u.Book.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.rests[channel]
	switch {
	case failure == nil:
		delete(u.rests, channel)
		return
	case failure.Code == notify.Busy:
		r.until = later(r.until, failure.Until)
	case failure.Code == notify.Unavailable:
		wait := longestRest
		if r.failures < 7 {
			wait = min(longestRest, firstRest<<r.failures)
		}
		r.until = later(r.until, now.Add(wait))
	}
	r.failures++
	u.rests[channel] = r
}

func (u *Telling) restsUntil(channel string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rests[channel].until
}
