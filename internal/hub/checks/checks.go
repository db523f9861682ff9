package checks

import (
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Checks publishes check runs. It is safe for concurrent use.
type Checks struct {
	gh *api.GitHub

	mu       sync.Mutex
	marked   *lru.Cache[string, struct{}] // annotations known to be on a check run
	doubtful *lru.Cache[string, struct{}] // checks whose creation got no answer
	refused  *lru.Cache[int64, time.Time] // by repository, until when its commit statuses are not asked for
}

func New(gh *api.GitHub) *Checks {
	return &Checks{gh: gh, refused: lru.New[int64, time.Time](1 << 12),
		marked: lru.New[string, struct{}](1 << 15), doubtful: lru.New[string, struct{}](1 << 12)}
}
