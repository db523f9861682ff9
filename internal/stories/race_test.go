//go:build services && race

package stories

import "time"

// Under the race detector the ledger is ten times slower: it is asked less often.
const (
	raced = true
	poll  = 25 * time.Millisecond
	// patience is how long anything may take.
	patience = 90 * time.Second
)
