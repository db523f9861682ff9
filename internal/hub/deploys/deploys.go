package deploys

import (
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Deploys reads deployments and workflow runs, and answers and ends them. It is
// safe for concurrent use.
type Deploys struct {
	gh *api.GitHub
	us *api.Identity // by whose login our answers are known

	mu    sync.Mutex
	ended *lru.Cache[int64, change.Job] // jobs that have ended: no attempt runs one again
}

func New(gh *api.GitHub, us *api.Identity) *Deploys {
	return &Deploys{gh: gh, us: us, ended: lru.New[int64, change.Job](1 << 12)}
}
