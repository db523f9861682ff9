package wire

import (
	"github.com/gatehold/gatehold/internal/gate"
)

// Repo is a repository as GitHub describes it.
type Repo struct {
	ID       int64   `json:"id"`
	Name     string  `json:"name"`
	Owner    Account `json:"owner"`
	Default  string  `json:"default_branch"`
	Archived bool    `json:"archived"`
	Disabled bool    `json:"disabled"`
}

// Repo is how the rest of gatehold knows it: seen through an installation.
func (a Repo) Repo(installation int64) gate.Repo {
	return gate.Repo{Installation: installation, ID: a.ID, Owner: a.Owner.Login, Name: a.Name}
}

// IsRepo holds for what can be a repository of GitHub's: it has an id, and names
// as accounts and repositories have them.
func IsRepo(r gate.Repo) bool {
	return r.Installation >= 0 && r.ID > 0 && IsName(r.Owner) && IsName(r.Name)
}
