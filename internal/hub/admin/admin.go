package admin

import (
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/branches"
)

// Admin reads where and how the App is installed. It is safe for concurrent use.
type Admin struct {
	gh       *api.GitHub
	branches *branches.Branches
}

// New reads the App's installations; branches are told the default branch of
// each repository that is listed.
func New(gh *api.GitHub, branches *branches.Branches) *Admin {
	return &Admin{gh: gh, branches: branches}
}
