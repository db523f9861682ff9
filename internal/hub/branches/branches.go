package branches

import (
	"sync"

	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Branches reads what a branch is, who moved it and what is in force on it. It is
// safe for concurrent use.
type Branches struct {
	gh *api.GitHub

	mu       sync.Mutex
	defaults *lru.Cache[int64, string] // default branch by repository, as it was listed last
}

func New(gh *api.GitHub) *Branches {
	return &Branches{gh: gh, defaults: lru.New[int64, string](1 << 16)}
}
