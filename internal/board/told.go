package board

import (
	"time"

	"github.com/gatehold/gatehold/internal/gate/tell"
)

// showTold remembers what people are to be told yet.
func (b *Board) showTold(stream string, s tell.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.untold, stream)
	for _, box := range s.Boxes {
		if box.Want != nil {
			b.untold[stream] = s
		}
	}
}

// Untold is since when the oldest message waits that should have been sent, zero for
// none, and how many are not tried any more.
func (b *Board) Untold() (oldest time.Time, givenUp int) {
	now := b.Now()
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, s := range b.untold {
		if since := s.Waiting(now); !since.IsZero() && (oldest.IsZero() || since.Before(oldest)) {
			oldest = since
		}
		for _, box := range s.Boxes {
			if box.GivenUp() {
				givenUp++
			}
		}
	}
	return oldest, givenUp
}

// Told is what one channel was told of a gate, and what of that it was not.
type Told struct {
	Channel string    `json:"channel"`
	Told    string    `json:"told,omitempty"` // the state that it was told last
	At      time.Time `json:"at,omitzero"`
	Wants   string    `json:"wants,omitempty"` // the state that it is to be told
	Next    time.Time `json:"next,omitzero"`   // not before then
	Attempt int       `json:"attempt,omitempty"`
	Problem string    `json:"problem,omitempty"`  // a sentence: why it was not told yet
	GivenUp bool      `json:"given_up,omitempty"` // and is not tried any more
}

// toldOf is what people were told, by channel, with the channels that the rules name
// and nobody has configured.
func toldOf(s tell.State) []Told {
	var out []Told
	for _, box := range s.Boxes {
		t := Told{Channel: box.Channel, Told: box.ToldState, At: box.ToldAt, GivenUp: box.GivenUp()}
		if box.Want != nil {
			t.Wants, t.Next = box.Want.State, box.Want.NotBefore
			if f := box.Failed; f != nil {
				t.Attempt, t.Problem = f.Attempt, f.Text
				if f.Next.After(t.Next) {
					t.Next = f.Next
				}
			}
		}
		out = append(out, t)
	}
	for _, name := range s.Unknown {
		out = append(out, Told{Channel: name, GivenUp: true,
			Problem: "The rules name this channel, and the configuration of gatehold does not have it."})
	}
	return out
}
