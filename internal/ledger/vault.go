package ledger

import (
	"context"
	"time"
)

// Vault keeps what has to be undone later and may be known to nobody meanwhile: sealed by
// whoever keeps it, beside the records and no part of them, and gone once it is
// forgotten. Every store has one.
type Vault interface {
	// Keep is durable when it returns. until is when it may be dropped by itself.
	Keep(ctx context.Context, id string, sealed []byte, until time.Time) error
	// Take returns what is kept under an id; nil where nothing is.
	Take(ctx context.Context, id string) ([]byte, error)
	// Forget drops what is kept under an id, if anything is.
	Forget(ctx context.Context, id string) error
}
