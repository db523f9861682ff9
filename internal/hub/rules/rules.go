package rules

import (
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/branches"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Rules reads the rules files of repositories and organisations, and who owns
// what. It is safe for concurrent use.
type Rules struct {
	gh       *api.GitHub
	branches *branches.Branches

	mu     sync.Mutex
	owners *lru.Cache[string, change.RulesFile]
}

// New reads rules; branches are told which one is the default branch.
func New(gh *api.GitHub, branches *branches.Branches) *Rules {
	return &Rules{gh: gh, branches: branches, owners: lru.New[string, change.RulesFile](maxOwners)}
}
