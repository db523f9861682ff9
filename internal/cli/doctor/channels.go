package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

// channelTime is how long one channel may take to say whether it can be used.
const channelTime = 30 * time.Second

// channels asks each way to tell people whether it can be used, without telling them
// anything. What cannot be asked is known by what became of its messages.
func (d *doctor) channels(ctx context.Context, told map[string]outcome) {
	list, err := service.Channels(d.cfg.Notify)
	if err != nil {
		d.failed("channels", err)
		return
	}
	d.keyChannels(len(list))
	for _, c := range list {
		limited, cancel := context.WithTimeout(ctx, channelTime)
		err := c.To.Check(limited)
		cancel()
		last := told[c.Name]
		switch {
		case err != nil:
			d.say(fail, "channel", "", "%s: %s", c.Name, gate.AsError(err).Text)
		case last.failing > 0:
			d.say(fail, "channel", "gatehold tries them again; those that it has given up are told with what comes next.",
				"%s: %d messages could not be sent (%d given up): %s", c.Name, last.failing, last.givenUp, last.problem)
		case !last.at.IsZero():
			d.say(fine, "channel", "", "%s: it took a message at %s.", c.Name, last.at.UTC().Format(time.RFC3339))
		default:
			d.say(fine, "channel", "", "%s: nothing was told by it about what still waits.", c.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(told)) {
		if last := told[name]; last.failing > 0 && !slices.ContainsFunc(list, func(c telling.Channel) bool { return c.Name == name }) {
			d.say(fail, "channel", "See the channel by which people are told, or ask them to look at their page.",
				"%s: %d people could not be told (%d given up): %s", name, last.failing, last.givenUp, last.problem)
		}
	}
}

// keyChannels says whether anybody is told of a passkey that waits, beside who made it.
func (d *doctor) keyChannels(configured int) {
	if !d.cfg.SignIn() {
		return
	}
	if configured == 0 {
		d.say(warn, "passkeys", "Configure a channel under notify, with passkeys: true, that those read who may approve.",
			"Nobody would be told of a first passkey that waits but whoever made it, on a page of their own: somebody else in that "+
				"browser has a day in which nobody objects.")
		return
	}
	var names []string
	for _, c := range d.cfg.Notify {
		if c.Keys {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		d.say(fine, "passkeys", "Say passkeys: true of the channels that those read who may approve, so that no others are told.",
			"No channel says that it is for passkeys: those are told that are default, or all where none is.")
		return
	}
	d.say(fine, "passkeys", "", "Of passkeys people are told by %s.", strings.Join(names, ", "))
}

// outcome is what became of the messages of one channel about what still waits.
type outcome struct {
	at               time.Time // when it took one last
	failing, givenUp int
	problem          string // of one that it did not take
}

// toldBy reads from the ledger what became of messages, by channel.
func toldBy(ctx context.Context, store ledger.Store) (map[string]outcome, error) {
	var names []string
	for _, kind := range []gate.Kind{gate.Tell, gate.Digest, gate.Notice} {
		found, err := store.Live(ctx, string(kind)+"/")
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	streams := book.New(engine.New(engine.Config{Log: store, Now: time.Now}), "")
	out := map[string]outcome{}
	for _, name := range names {
		f, err := streams.Tellings.Load(ctx, name)
		if gate.Unknown(err) != nil {
			continue // of a newer version
		}
		if err != nil {
			return nil, err
		}
		for _, box := range f.State.Boxes {
			o := out[box.Channel]
			if box.ToldAt.After(o.at) {
				o.at = box.ToldAt
			}
			if box.Want != nil && box.Failed != nil {
				o.failing, o.problem = o.failing+1, box.Failed.Text
			}
			if box.GivenUp() {
				o.givenUp++
			}
			out[box.Channel] = o
		}
	}
	return out, nil
}
