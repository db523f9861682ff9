package admin

import (
	"context"
	"fmt"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const maxInstallPages = 100

const maxRepositoryPages = 500

var installationsRoute = api.Route{Name: "GET /app/installations"}

var repositoriesRoute = api.Route{Name: "GET /installation/repositories", Need: "metadata: read", Cache: true}

// Repositories lists the repositories of all installations. Suspended
// installations, and repositories that are archived or disabled, are left out:
// nothing can happen there. What could be listed is returned beside the first
// error, so that one installation does not keep the others from being looked
// at.
// https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
func (ad *Admin) Repositories(ctx context.Context) ([]gate.Repo, error) {
	installations, first := ad.installations(ctx)
	var out []gate.Repo
	for _, id := range installations {
		repos, err := ad.repositoriesOf(ctx, id)
		out = append(out, repos...)
		if err == nil {
			continue
		}
		ad.gh.Log().Warn("the repositories of an installation cannot be listed", "installation", id, "error", err)
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if first != nil {
		return out, gate.AsError(first)
	}
	return out, nil
}

// installations lists those that are not suspended.
// https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
func (ad *Admin) installations(ctx context.Context) ([]int64, error) {
	c, err := ad.gh.AsApp()
	if err != nil {
		return nil, err
	}
	var out []int64
	for page := range maxInstallPages {
		var list []struct {
			ID          int64             `json:"id"`
			Suspended   *string           `json:"suspended_at"`
			Permissions map[string]string `json:"permissions"`
		}
		err := c.Get(ctx, api.Request{
			Route: installationsRoute, Doing: "list the App's installations",
			URL: fmt.Sprintf("app/installations?per_page=%d&page=%d", api.PerPage, page+1),
		}, api.Into(&list))
		if err != nil {
			return out, err
		}
		for _, i := range list {
			if i.ID > 0 && i.Suspended == nil {
				ad.gh.Accepted(i.ID, i.Permissions)
				out = append(out, i.ID)
			}
		}
		if len(list) < api.PerPage {
			return out, nil
		}
	}
	return out, api.TooMany("installations of the App", maxInstallPages)
}

func (ad *Admin) repositoriesOf(ctx context.Context, installation int64) ([]gate.Repo, error) {
	c, err := ad.gh.Installed(installation)
	if err != nil {
		return nil, err
	}
	var out []gate.Repo
	for page := range maxRepositoryPages {
		var answer struct {
			Repositories []wire.Repo `json:"repositories"`
		}
		err := c.Get(ctx, api.Request{
			Route: repositoriesRoute, Doing: fmt.Sprintf("list the repositories of the installation %d", installation),
			URL: fmt.Sprintf("installation/repositories?per_page=%d&page=%d", api.PerPage, page+1),
		}, api.Into(&answer))
		if err != nil {
			return out, err
		}
		for _, a := range answer.Repositories {
			r := a.Repo(installation)
			if api.CheckRepo(r) == nil && !a.Archived && !a.Disabled {
				out = append(out, r)
				ad.branches.Remember(r.ID, a.Default)
			}
		}
		if len(answer.Repositories) < api.PerPage {
			return out, nil
		}
	}
	return out, api.TooMany(fmt.Sprintf("repositories of the installation %d", installation), maxRepositoryPages)
}
