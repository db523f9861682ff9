package pulls

import (
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
)

// Pulls reads pull requests and merge groups. It is safe for concurrent use.
type Pulls struct {
	gh    *api.GitHub
	files *files.Files
}

// New reads pull requests; files are the texts of those that were merged
// before.
func New(gh *api.GitHub, files *files.Files) *Pulls { return &Pulls{gh: gh, files: files} }
