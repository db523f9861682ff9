package files

import (
	"github.com/gatehold/gatehold/internal/hub/api"
)

// Files reads the texts of files at commits. It is safe for concurrent use.
type Files struct{ gh *api.GitHub }

func New(gh *api.GitHub) *Files { return &Files{gh: gh} }
