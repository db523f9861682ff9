//go:build services && !race

package stories

import "time"

const (
	raced = false
	poll  = 5 * time.Millisecond
	// patience is how long anything may take.
	patience = 20 * time.Second
)
