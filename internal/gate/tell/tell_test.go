package tell_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
)

var start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

const name = "tell/pr/42/7"

// stream is one with its clock.
type stream struct {
	state tell.State
	at    time.Time
}

func (s *stream) add(e gate.Event) {
	s.state = s.state.After(gate.Entry{Version: s.state.Version + 1, At: s.at, Event: e})
}

func (s *stream) letter(channel, key string) gate.Letter {
	return gate.Letter{Channel: channel, Key: key, State: key, ID: s.state.Box(channel).ID(name, key)}
}

func (s *stream) address(letters ...gate.Letter) {
	s.add(gate.Addressed{Covers: s.state.Version, State: "held", Letters: letters})
}

// In whatever order things happen, what is wanted is due until it was taken or given
// up, one state has one id until something was taken, and nothing is due that was
// taken already.
func TestALetterIsDueUntilItIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &stream{at: start}
		channels := rapid.SampledFrom([]string{"ops", "mail"})
		keys := rapid.SampledFrom([]string{"held", "released", "denied"})
		type announced struct{ key, id string }
		last := map[string]announced{} // by channel
		used := map[string]bool{}      // ids that something else was announced after
		t.Repeat(map[string]func(*rapid.T){
			"hear": func(*rapid.T) { s.add(gate.Heard{}) },
			"wait": func(*rapid.T) { s.at = s.at.Add(time.Hour) },
			"address": func(t *rapid.T) {
				var letters []gate.Letter
				for _, channel := range []string{"mail", "ops"} {
					if key := keys.Draw(t, channel); !s.state.Box(channel).Knows(key) {
						letters = append(letters, s.letter(channel, key))
					}
				}
				s.address(letters...)
			},
			"nothing": func(*rapid.T) { s.address() },
			"send": func(t *rapid.T) {
				b := s.state.Box(channels.Draw(t, "channel"))
				if b.Want == nil {
					return
				}
				want := *b.Want
				if was := last[b.Channel]; was.key == want.Key && was.id != want.ID {
					t.Fatalf("%q is told to %s as %s and as %s", want.Key, b.Channel, was.id, want.ID)
				} else if was.key != want.Key {
					used[was.id] = true
				}
				if used[want.ID] {
					t.Fatalf("%s was announced before something else, and is again", want.ID)
				}
				last[b.Channel] = announced{want.Key, want.ID}
				s.add(gate.Sending{Channel: b.Channel, ID: want.ID, Key: want.Key})
				switch rapid.IntRange(0, 2).Draw(t, "outcome") {
				case 0:
					s.add(gate.Sent{Channel: b.Channel, ID: want.ID, Key: want.Key, State: want.State, Ref: want.ID})
				case 1:
					s.add(s.state.Box(b.Channel).Failing(want.ID, &gate.Error{Code: "c", Final: rapid.Bool().Draw(t, "final")}, s.at, 0))
				}
			},
			"": func(t *rapid.T) {
				step, when := s.state.Due()
				if s.state.Heard > s.state.Covered && (step != gate.Address || !when.IsZero()) {
					t.Fatalf("a word of the gate is not heeded: %q at %s", step, when)
				}
				outstanding := false
				for _, b := range s.state.Boxes {
					outstanding = outstanding || b.Want != nil && !b.GivenUp()
				}
				if outstanding != (step != gate.Nothing) && s.state.Heard <= s.state.Covered {
					t.Fatalf("outstanding is %v, and due %q", outstanding, step)
				}
			},
		})
	})
}

// A channel that fails keeps no other one waiting, is tried less and less often, and
// in the end no more; the next state begins anew.
func TestADeadChannelIsGivenUp(t *testing.T) {
	s := &stream{at: start}
	s.address(s.letter("dead", "held"), s.letter("ops", "held"))
	attempts := 0
	for range 1000 {
		b, when, is := s.state.Next()
		if !is {
			break
		}
		if when.After(s.at) {
			s.at = when
		}
		s.add(gate.Sending{Channel: b.Channel, ID: b.Want.ID, Key: b.Want.Key})
		if b.Channel == "ops" {
			if attempts > 1 {
				t.Fatalf("ops waited for %d attempts of the dead one", attempts)
			}
			s.add(gate.Sent{Channel: "ops", ID: b.Want.ID, Key: b.Want.Key, State: b.Want.State})
			continue
		}
		attempts++
		s.add(b.Failing(b.Want.ID, &gate.Error{Code: "down", Text: "It is down."}, s.at, 1))
	}
	dead := s.state.Box("dead")
	if step, _ := s.state.Due(); step != gate.Nothing || !dead.GivenUp() || attempts < 20 || attempts > 50 || dead.Failed.Text != "It is down." {
		t.Errorf("after %d attempts: %q, %+v", attempts, step, dead)
	}
	if since := s.state.Waiting(s.at); !since.Equal(start) {
		t.Errorf("what is given up waits since %s", since)
	}
	s.address(s.letter("dead", "released"))
	if step, when := s.state.Due(); step != gate.Deliver || when.After(s.at) {
		t.Errorf("the next state: %q at %s", step, when)
	}
}

// What the other side asks for is waited for; what trying does not help is given up
// sooner.
func TestHowLongAFailureWaits(t *testing.T) {
	b := tell.Box{Channel: "ops"}
	limited := b.Failing("a", &gate.Error{Code: "busy", Until: start.Add(3 * time.Hour)}, start, 0)
	if limited.Next.Before(start.Add(3 * time.Hour)) {
		t.Errorf("it is tried again at %s", limited.Next)
	}
	for range 8 {
		f := b.Failing("a", &gate.Error{Code: "refused", Final: true}, start, 1)
		b.Failed = &f
	}
	if b.Failed.Attempt != 8 || !b.Failed.Next.IsZero() {
		t.Errorf("what is refused for good: %+v", b.Failed)
	}
}
