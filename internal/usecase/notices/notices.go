// Package notices tells people what becomes of passkeys, by other ways than the page
// on which they are made: whoever has a person's browser has that page as well.
//
// What became of a key is put on record on the stream of its account. From there each
// key has word put on a stream of its own (inform), of which it follows who is to be
// told what: a durable outbox as that of the gates is, and a fold of the ledger. So a
// message that is lost is sent again, and what has passed is not told any more. A
// passkey that waits is told to every channel at whatever hour: a night is a third of
// the time in which somebody can object.
package notices

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
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Channel is a way to tell people.
type Channel struct {
	Name string
	To   notify.Channel
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	// Messaged is the outcome of an attempt: sent, failed or given_up.
	Messaged(channel, outcome string)
}

// Config is what Notices are made of.
type Config struct {
	Book     *book.Book
	Channels []Channel
	// Origin is where people reach the pages, without a slash at the end; empty:
	// messages do not lead there.
	Origin   string
	Observer Observer
	Orgs     Orgs
	Mentions Mentions
}

// Notices tell of passkeys.
type Notices struct {
	Config
	mu    sync.Mutex
	rests map[string]time.Time // until when a channel is left alone
}

const (
	sendTime   = 30 * time.Second
	recordTime = 10 * time.Second
	restTime   = 30 * time.Second // of a channel that does not answer
	lookAgain  = 5 * time.Minute  // where it is not known who is told
)

// New returns what tells of the passkeys in a book from now on.
func New(c Config) *Notices {
	u := &Notices{Config: c, rests: map[string]time.Time{}}
	c.Book.Accounts.On(gate.Account, gate.Inform, u.inform)
	c.Book.Tellings.On(gate.Notice, gate.Address, u.address)
	c.Book.Tellings.On(gate.Notice, gate.Deliver, u.deliver)
	return u
}

// inform has the streams of the keys know that something became of them.
func (u *Notices) inform(ctx context.Context, f book.Account) error {
	for _, k := range f.State.Keys {
		if k.Changed <= f.State.Informed {
			continue
		}
		stream := gate.NoticeStream(f.State.Actor.ID, k.ID)
		if err := u.Book.Tellings.Once(ctx, stream, book.NewsKey(f.Name, k.Changed), gate.Heard{Version: k.Changed}); err != nil {
			return err
		}
	}
	_, err := u.Book.Accounts.Append(ctx, f, engine.Draft{Event: gate.Informed{Covers: f.Head.Version}})
	return err
}

// about is the account whose key a stream is about, and the key; where it is known no
// more there is nothing to tell.
func (u *Notices) about(ctx context.Context, f book.Telling) (of account.State, key account.Key, known bool, err error) {
	id := gate.NoticeAbout(f.Name)
	on, err := u.Book.Accounts.Load(ctx, gate.AccountStream(id))
	if err != nil {
		return of, key, false, err
	}
	for _, k := range on.State.Keys {
		if gate.NoticeStream(id, k.ID) == f.Name {
			return on.State, k, true, nil
		}
	}
	return on.State, key, false, nil
}

// address decides who is to be told what.
func (u *Notices) address(ctx context.Context, f book.Telling) error {
	of, key, known, err := u.about(ctx, f)
	if err != nil {
		return err
	}
	to, sure := u.channels(ctx, of.Actor)
	_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: u.plan(f, key, known, to, sure)})
	return err
}

// plan is who is to be told what of a key as it is; sure is whether those are all.
func (u *Notices) plan(f book.Telling, key account.Key, known bool, to []Channel, sure bool) gate.Addressed {
	now := u.Book.Now()
	plan := gate.Addressed{Covers: f.Head.Version, Of: key.Changed}
	if !known {
		return plan
	}
	became := becameOf(key, now)
	plan.State = string(became.state())
	if key.Waits(now) {
		plan.Look = key.From
	}
	if again := now.Add(lookAgain); !sure && (plan.Look.IsZero() || again.Before(plan.Look)) {
		plan.Look = again
	}
	for _, c := range to {
		box := f.State.Box(c.Name)
		if box.Knows(string(became)) {
			continue
		}
		letter := gate.Letter{
			Channel: c.Name, ID: box.ID(f.Name, string(became)), Key: string(became), State: plan.State, Urgent: became == waits,
		}
		if rests := u.restsUntil(c.Name); rests.After(now) {
			letter.NotBefore = rests
		}
		plan.Letters = append(plan.Letters, letter)
	}
	slices.SortFunc(plan.Letters, func(a, b gate.Letter) int { return strings.Compare(a.Channel, b.Channel) })
	return plan
}

// deliver sends what is due next, if the key is still what it says.
func (u *Notices) deliver(ctx context.Context, f book.Telling) error {
	of, key, known, err := u.about(ctx, f)
	if err != nil {
		return err
	}
	now := u.Book.Now()
	box, _, _ := f.State.Next()
	all, sure := u.channels(ctx, of.Actor)
	plan := u.plan(f, key, known, all, sure)
	i := slices.IndexFunc(plan.Letters, func(l gate.Letter) bool { return l.Channel == box.Channel })
	to, configured := channel(all, box.Channel)
	if i < 0 || !configured || box.Want == nil || plan.Letters[i].ID != box.Want.ID || plan.Letters[i].NotBefore.After(now) {
		_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: plan})
		return err
	}
	letter := plan.Letters[i]
	message := notify.Delivery{
		Message: u.message(of, key, letter, f, now), First: box.First, Again: slices.Contains(box.Tried, letter.ID),
	}
	f, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: gate.Sending{Channel: letter.Channel, ID: letter.ID, Key: letter.Key}})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, sendTime)
	ref, err := to.Send(limited, message)
	cancel()
	if ctx.Err() != nil && err != nil {
		return ctx.Err() // we are stopping: whether it was sent nobody knows
	}
	return u.record(ctx, f.Name, f.State.Box(letter.Channel), letter, ref, err)
}

// record puts on record what came of an attempt: that is a fact, also where time is up.
func (u *Notices) record(ctx context.Context, stream string, box tell.Box, letter gate.Letter, ref string, failure error) error {
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
		u.Book.Slog.Warn("a message about a passkey was not sent", "channel", letter.Channel, "stream", stream, "code", known.Code,
			"error", failure, "attempt", unsent.Attempt, "next", unsent.Next)
		outcome, word = unsent, "failed"
		if unsent.Next.IsZero() {
			word = "given_up"
		}
	}
	_, err := u.Book.Tellings.Record(ctx, stream, engine.Draft{Event: outcome})
	u.Observer.Messaged(letter.Channel, word)
	return err
}

func channel(all []Channel, name string) (notify.Channel, bool) {
	i := slices.IndexFunc(all, func(c Channel) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i].To, true
}

// rest leaves a channel alone for a while, whatever key it is to be told of: it asks
// for fewer messages, or does not answer.
func (u *Notices) rest(channel string, failure *gate.Error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch failure.Code {
	case notify.Busy:
		u.rests[channel] = failure.Until
	case notify.Unavailable:
		u.rests[channel] = u.Book.Now().Add(restTime)
	}
}

func (u *Notices) restsUntil(channel string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rests[channel]
}
