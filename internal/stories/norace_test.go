//go:build services && !race

package stories

import "time"

const (
	raced = false
	poll  = 5 * time.Millisecond
)
