package workflows

import (
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Folder reads workflow files. It is safe for concurrent use.
type Folder struct {
	gh *api.GitHub

	mu   sync.Mutex
	kept *lru.Cache[string, []change.Workflow] // by repository and tree
}

func New(gh *api.GitHub) *Folder {
	return &Folder{gh: gh, kept: lru.New[string, []change.Workflow](maxWorkflowsCache)}
}
