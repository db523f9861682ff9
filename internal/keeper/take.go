package keeper

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Take puts a delivery into the ledger. When it returns without an error the
// event is durable. fresh is false where it was in the ledger before, or
// concerns no gate.
func (k *Keeper) Take(ctx context.Context, d gate.Delivery) (fresh bool, err error) {
	if d.Seen == nil {
		return false, nil
	}
	stream := d.Seen.Subject.Stream()
	_, err = k.record(ctx, stream, draft{event: *d.Seen, key: d.Key})
	if errors.Is(err, ledger.ErrSeen) {
		return false, nil
	}
	if err != nil {
		return false, &gate.Error{
			Code: "store_unavailable",
			Text: "The ledger could not take the event. Nothing is lost if GitHub is asked to deliver it again.",
			Err:  err,
		}
	}
	k.nudge(stream)
	return true, nil
}
