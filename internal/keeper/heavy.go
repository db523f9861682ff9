package keeper

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// What takes long to judge has its own few workers, so that others go on beside
// it however much of it comes at once. How long is told from the bytes and files
// that are to be read, which are the same each time, and not from a clock.
//
// Whoever is to be quick reads no more text than that, so that all of them
// together stay within some hundred megabytes; the slow workers read the rest
// of a change anew. Everything else that a heavy gate wants, a press to be
// counted say, is done by the quick.
const (
	slowAtOnce = 2
	heavyText  = 512 << 10 // bytes of text, both sides of all files
	heavyFiles = 300
	// heavyKnown bounds how many heavy gates are known as such. Of others it is
	// found out once more.
	heavyKnown = 4096
)

// errHeavy ends a beat whose step is to be done by the slow workers. Nothing was
// recorded of it.
var errHeavy = errors.New("the change is for the slow workers")

type patience struct{}

// withPatience marks what is done by the slow workers.
func withPatience(ctx context.Context) context.Context {
	return context.WithValue(ctx, patience{}, true)
}

func patient(ctx context.Context) bool { return ctx.Value(patience{}) != nil }

// hurry is errHeavy for a gate that whoever is to be quick need not begin with.
func (k *Keeper) hurry(ctx context.Context, s gate.State) error {
	if !patient(ctx) && (s.Seen.ChangedFiles > heavyFiles || k.heavy.Contains(s.Subject.Stream())) {
		return errHeavy
	}
	return nil
}

// texts reads the texts that want asks for. It is errHeavy where they are more
// than whoever is to be quick reads.
func (k *Keeper) texts(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool) error {
	if patient(ctx) {
		if err := k.Hub.TextsWithin(ctx, s, c, want, 0); err != nil {
			return err
		}
		if textSize(c) <= heavyText {
			k.heavy.Remove(s.Stream())
		}
		return nil
	}
	err := k.Hub.TextsWithin(ctx, s, c, want, heavyText)
	if err != nil && gate.AsError(err).Code == "texts_past_limit" || err == nil && len(c.Files) > heavyFiles {
		k.heavy.Add(s.Stream(), struct{}{})
		return errHeavy
	}
	return err
}

func textSize(c *change.Change) int {
	size := 0
	for i := range c.Files {
		size += len(c.Files[i].Before.Body) + len(c.Files[i].After.Body)
	}
	return size
}
