package keeper

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/change"
)

// What takes long to judge has its own few workers, so that others go on beside
// it however much of it comes at once. How long is told from the bytes that are
// to be read, which are the same each time, and not from a clock.
const (
	slowAtOnce = 2
	heavyFrom  = 512 << 10 // bytes of text, both sides of all files
)

// errHeavy ends a beat that is to be done by the slow workers. Nothing was
// recorded of it.
var errHeavy = errors.New("the change is for the slow workers")

type patience struct{}

// withPatience marks what is done by the slow workers.
func withPatience(ctx context.Context) context.Context {
	return context.WithValue(ctx, patience{}, true)
}

// hurry is errHeavy for a change that is not to be judged by who is to be quick.
func hurry(ctx context.Context, c *change.Change) error {
	if ctx.Value(patience{}) != nil {
		return nil
	}
	size := 0
	for i := range c.Files {
		size += len(c.Files[i].Before.Body) + len(c.Files[i].After.Body)
	}
	if size >= heavyFrom {
		return errHeavy
	}
	return nil
}
