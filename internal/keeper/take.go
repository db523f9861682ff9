package keeper

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Take puts a delivery into the ledger. When it returns without an error all
// that the event means is durable. fresh is false where it was in the ledger
// before, or concerns no gate. Where it fails after one stream took the event,
// GitHub is not told that it was taken, and delivers it again.
func (k *Keeper) Take(ctx context.Context, d gate.Delivery) (fresh bool, err error) {
	if d.Seen == nil {
		return false, nil
	}
	for _, seen := range append([]gate.Seen{*d.Seen}, d.Also...) {
		took, err := k.takeOne(ctx, seen, d.Key)
		if err != nil {
			return false, &gate.Error{
				Code: "store_unavailable",
				Text: "The ledger could not take the event. Nothing is lost if GitHub is asked to deliver it again.",
				Err:  err,
			}
		}
		fresh = fresh || took
	}
	return fresh, nil
}

func (k *Keeper) takeOne(ctx context.Context, seen gate.Seen, key string) (fresh bool, err error) {
	stream := seen.Subject.Stream()
	_, err = k.record(ctx, stream, draft{event: seen, key: key})
	switch {
	case errors.Is(err, ledger.ErrSeen):
		return false, nil
	case err != nil:
		return false, err
	}
	k.nudge(stream)
	return true, nil
}
