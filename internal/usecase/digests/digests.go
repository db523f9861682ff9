// Package digests tells single people what waits for them: at once, or as one message at
// an hour of theirs.
//
// # Contract
//
// How somebody wants to be told stands on their account's stream. What they were told
// stands on a stream of its own, which is an outbox as that of a gate is: a message is
// announced, sent, and known by its id; what waits is read when it is sent, so that it is
// never empty. Of an hour there is one digest, and of what waits one message at once.
// Nothing that decides reads any of it.
package digests

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Hold is one thing that waits for somebody.
type Hold struct {
	Stream  string
	Subject string
	Title   string
	Level   gate.Level
	Since   time.Time
}

// Waiting lists what waits for a person, of what GitHub lets them write to: the gravest
// first.
type Waiting interface {
	Waits(ctx context.Context, who gate.Actor) ([]Hold, error)
}

// Ways are how a person can be told, by what they are told as.
type Ways interface {
	// Slack leads to a member; nil where nothing leads to their workspace.
	Slack(of gate.SlackUser) notify.Channel
	// Mail leads to an address; nil where no mail is sent to people.
	Mail(address string) notify.Channel
	// Leave is where an account ends what is sent to an address, by one request.
	Leave(id int64, address string, now time.Time) string
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	// Messaged is the outcome of an attempt: sent, failed or given_up.
	Messaged(channel, outcome string)
}

// Config is what Digests are made of.
type Config struct {
	Book     *book.Book
	Waiting  Waiting
	Ways     Ways   // nil: no single person is told
	Origin   string // of the pages
	Observer Observer
}

// Digests tell people.
type Digests struct {
	Config
	mu     sync.Mutex
	looked map[int64]time.Time // when it was looked what waits for whom, at once
	people []string            // streams of those who are told
	listed time.Time
}

const (
	sendTime   = 30 * time.Second
	recordTime = 10 * time.Second
	// lookPause lies between two looks at what waits for one person: each asks GitHub.
	lookPause = time.Minute
	listPause = 10 * time.Second
	// lookAgain is when it is looked again without anybody having said so.
	lookAgain = 6 * time.Hour
	// late is how long after its hour a digest is sent still, where it could not be.
	late = 12 * time.Hour
)

// The ways, as they are called on record and in metrics.
const (
	bySlack = "person-slack"
	byMail  = "person-mail"
)

// New returns what tells people from now on.
func New(c Config) *Digests {
	u := &Digests{Config: c, looked: map[int64]time.Time{}}
	c.Book.Tellings.On(gate.Digest, gate.Address, u.address)
	c.Book.Tellings.On(gate.Digest, gate.Deliver, u.deliver)
	return u
}

// Hear has those look who want to be told at once, where a gate begins to wait. Its error
// is the ledger's.
func (u *Digests) Hear(ctx context.Context, f book.Gate) error {
	if u.Ways == nil || f.State.Standing(u.Book.Now()) != gate.IsHeld || f.State.Denied() != nil {
		return nil
	}
	people, err := u.told(ctx)
	if err != nil {
		return err
	}
	for _, stream := range people {
		d, err := u.Book.Tellings.Load(ctx, stream)
		knows := func(b tell.Box) bool { return slices.Contains(b.About, f.Name) }
		if gate.Unknown(err) != nil || err == nil && (d.State.Stands != gate.AtOnce || slices.ContainsFunc(d.State.Boxes, knows)) {
			continue // a look costs questions to GitHub: who was told of it is not looked for again
		}
		if err != nil {
			return err
		}
		key := book.NewsKey(f.Name, f.State.Changed)
		if err := u.Book.Tellings.Once(ctx, stream, key, gate.Heard{Gate: f.State.Subject, Version: f.Head.Version}); err != nil {
			return err
		}
	}
	return nil
}

// told are the streams of those who are told of something yet.
func (u *Digests) told(ctx context.Context) ([]string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := u.Book.Now(); u.listed.IsZero() || now.Sub(u.listed) >= listPause {
		found, err := u.Book.Log.Live(ctx, string(gate.Digest)+"/")
		if err != nil {
			return nil, err
		}
		u.people, u.listed = found, now
	}
	return u.people, nil
}

func (u *Digests) address(ctx context.Context, f book.Telling) error {
	plan, _, err := u.plan(ctx, f)
	if err != nil {
		return err
	}
	_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: plan})
	return err
}

// deliver sends what is due next, if that waits still.
func (u *Digests) deliver(ctx context.Context, f book.Telling) error {
	plan, now, err := u.plan(ctx, f)
	if err != nil {
		return err
	}
	box, _, _ := f.State.Next()
	i := slices.IndexFunc(plan.Letters, func(l gate.Letter) bool { return l.Channel == box.Channel })
	if i < 0 || box.Want == nil || plan.Letters[i].ID != box.Want.ID || plan.Letters[i].NotBefore.After(now.at) {
		_, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: plan})
		return err
	}
	letter := plan.Letters[i]
	to := now.ways[letter.Channel]
	message := notify.Delivery{Message: u.message(now, letter, box.About), Again: slices.Contains(box.Tried, letter.ID)}
	if letter.Channel == byMail {
		message.First, message.Leave = box.First, u.Ways.Leave(now.of.Actor.ID, now.of.Settings.Mail, now.at)
	}
	f, err = u.Book.Tellings.Append(ctx, f, engine.Draft{Event: gate.Sending{
		Channel: letter.Channel, ID: letter.ID, Key: letter.Key, About: letter.About,
	}})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, sendTime)
	ref, err := to.Send(limited, message)
	cancel()
	if ctx.Err() != nil && err != nil {
		return ctx.Err() // we are stopping: whether it was sent nobody knows
	}
	return u.record(ctx, f, letter, ref, err)
}

// record puts on record what came of an attempt: that is a fact, also where time is up.
func (u *Digests) record(ctx context.Context, f book.Telling, letter gate.Letter, ref string, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	var outcome gate.Event = gate.Sent{Channel: letter.Channel, ID: letter.ID, Key: letter.Key, State: letter.State, Ref: ref}
	word := "sent"
	if failure != nil {
		known := gate.AsError(failure)
		if known.Code == "internal" && errors.Is(failure, context.DeadlineExceeded) {
			known = gate.AsError(notify.Unanswered(letter.Channel, failure))
		}
		unsent := f.State.Box(letter.Channel).Failing(letter.ID, known, u.Book.Now(), rand.Float64())
		u.Book.Slog.Warn("a person was not told", "channel", letter.Channel, "stream", f.Name, "code", known.Code, "attempt", unsent.Attempt)
		outcome, word = unsent, "failed"
		if unsent.Next.IsZero() {
			word = "given_up"
		}
	}
	_, err := u.Book.Tellings.Record(ctx, f.Name, engine.Draft{Event: outcome})
	u.Observer.Messaged(letter.Channel, word)
	return err
}

// moment is what there is to be told to a person, when it was looked.
type moment struct {
	at    time.Time
	of    account.State
	ways  map[string]notify.Channel
	waits []Hold
}

// waysOf are how a person wants to be told, and can be.
func (u *Digests) waysOf(a account.State) map[string]notify.Channel {
	out := map[string]notify.Channel{}
	if u.Ways == nil || a.Settings.When == "" {
		return out
	}
	for _, l := range a.Links {
		if to := u.Ways.Slack(l.Of); a.Settings.Slack && l.Confirmed && to != nil {
			out[bySlack] = to
		}
	}
	if a.Settings.Mail != "" {
		if to := u.Ways.Mail(a.Settings.Mail); to != nil {
			out[byMail] = to
		}
	}
	return out
}
