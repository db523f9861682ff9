package hub

import (
	"github.com/gatehold/gatehold/internal/hub/admin"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/branches"
	"github.com/gatehold/gatehold/internal/hub/checks"
	"github.com/gatehold/gatehold/internal/hub/deploys"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/people"
	"github.com/gatehold/gatehold/internal/hub/pulls"
	"github.com/gatehold/gatehold/internal/hub/rules"
	"github.com/gatehold/gatehold/internal/hub/signin"
	"github.com/gatehold/gatehold/internal/hub/workflows"
)

// Hub puts together all that gatehold asks of GitHub and tells it: one value for
// whoever needs several of its parts. It is safe for concurrent use.
type Hub struct {
	*api.Identity
	*admin.Admin
	*branches.Branches
	*rules.Rules
	*files.Files
	*workflows.Folder
	*pulls.Pulls
	*deploys.Deploys
	*checks.Checks
	*people.People
	*people.Browser
	*signin.SignIns
}

// New checks the configuration. It does not use the network.
func New(cfg api.Config) (*Hub, error) {
	gh, err := api.New(cfg)
	if err != nil {
		return nil, err
	}
	us, on, texts := api.NewIdentity(gh), branches.New(gh), files.New(gh)
	return &Hub{
		Identity: us, Branches: on, Files: texts,
		Admin: admin.New(gh, on), Rules: rules.New(gh, on), Folder: workflows.New(gh),
		Pulls: pulls.New(gh, texts), Deploys: deploys.New(gh, us), Checks: checks.New(gh),
		People: people.New(gh), Browser: people.NewBrowser(gh, us), SignIns: signin.New(gh, us),
	}, nil
}
