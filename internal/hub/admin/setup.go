package admin

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What is read to find out whether the App is set up as it must be. Nothing
// here judges: a reader tells what GitHub says.

var (
	hookRoute  = api.Route{Name: "GET /app/hook/config", Max: 1 << 20}
	quotaRoute = api.Route{Name: "GET /rate_limit", Max: 1 << 20}

	environmentsRoute = api.Route{Name: "GET /repos/{owner}/{repo}/environments", Need: "actions: read", Cache: true}
	protectionRoute   = api.Route{Name: "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules",
		Need: "actions: read", Max: 1 << 20, Cache: true}
)

// Permissions returns what the App needs and no more. Its manifest must ask
// for exactly these.
func Permissions() map[string]string {
	return map[string]string{
		"metadata": "read", "checks": "write", "contents": "read", "pull_requests": "read",
		"actions": "read", "deployments": "write", "merge_queues": "read", "members": "read",
	}
}

// Hook is where the App's webhooks go.
type Hook struct {
	URL         string
	ContentType string // json or form
	Secret      bool   // whether one is set: GitHub does not tell it
	Insecure    bool   // certificates are not verified
}

// Hook reads the settings of the App's webhook.
// https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app
func (ad *Admin) Hook(ctx context.Context) (Hook, error) {
	c, err := ad.gh.AsApp()
	if err != nil {
		return Hook{}, err
	}
	var answer struct {
		URL         string `json:"url"`
		ContentType string `json:"content_type"`
		Secret      string `json:"secret"`
		Insecure    any    `json:"insecure_ssl"` // a string or a number
	}
	err = c.Get(ctx, api.Request{Route: hookRoute, URL: "app/hook/config", Doing: "read the settings of the App's webhook"}, api.Into(&answer))
	return Hook{
		URL: answer.URL, ContentType: answer.ContentType, Secret: answer.Secret != "",
		Insecure: answer.Insecure != nil && fmt.Sprint(answer.Insecure) != "0",
	}, err
}

// Installation is the App on one account.
type Installation struct {
	ID          int64
	Account     string
	All         bool // all repositories, those to come included
	Suspended   bool
	Permissions map[string]string // what the account has accepted
	Events      []string
}

// Installations lists where the App is installed, up to 10,000.
// https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
func (ad *Admin) Installations(ctx context.Context) ([]Installation, error) {
	c, err := ad.gh.AsApp()
	if err != nil {
		return nil, err
	}
	var out []Installation
	for page := range maxInstallPages {
		var list []struct {
			ID          int64             `json:"id"`
			Account     wire.Account      `json:"account"`
			Selection   string            `json:"repository_selection"`
			Suspended   *string           `json:"suspended_at"`
			Permissions map[string]string `json:"permissions"`
			Events      []string          `json:"events"`
		}
		err := c.Get(ctx, api.Request{
			Route: installationsRoute, Doing: "list the App's installations",
			URL: fmt.Sprintf("app/installations?per_page=%d&page=%d", api.PerPage, page+1),
		}, api.Into(&list))
		if err != nil {
			return out, err
		}
		for _, i := range list {
			out = append(out, Installation{ID: i.ID, Account: i.Account.Login, All: i.Selection == "all",
				Suspended: i.Suspended != nil, Permissions: maps.Clone(i.Permissions), Events: i.Events})
		}
		if len(list) < api.PerPage {
			return out, nil
		}
	}
	return out, api.TooMany("installations of the App", maxInstallPages)
}

// RepositoriesOf lists what an installation covers; archived and disabled
// repositories are left out.
func (ad *Admin) RepositoriesOf(ctx context.Context, installation int64) ([]gate.Repo, error) {
	return ad.repositoriesOf(ctx, installation)
}

// Quota is what is left of an installation's hour.
type Quota struct {
	Name        string // core, graphql
	Left, Limit int
	Reset       time.Time
}

// Quotas reads what is left. It costs nothing of it. An Enterprise Server
// without limits answers 404, which is no quota at all.
// https://docs.github.com/en/rest/rate-limit/rate-limit
func (ad *Admin) Quotas(ctx context.Context, installation int64) ([]Quota, error) {
	c, err := ad.gh.Installed(installation)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Resources map[string]struct {
			Limit     int   `json:"limit"`
			Remaining int   `json:"remaining"`
			Reset     int64 `json:"reset"`
		} `json:"resources"`
	}
	err = c.Get(ctx, api.Request{Route: quotaRoute, URL: "rate_limit", Doing: "read the rate limit"}, api.Into(&answer))
	if err != nil {
		if gate.AsError(err).Code == "not_found" {
			return nil, nil
		}
		return nil, err
	}
	var out []Quota
	for _, name := range []string{"core", "graphql"} {
		if r, ok := answer.Resources[name]; ok && r.Limit > 0 {
			out = append(out, Quota{Name: name, Left: r.Remaining, Limit: r.Limit, Reset: time.Unix(r.Reset, 0)})
		}
	}
	return out, nil
}

// Environment is an environment of a repository, and whether the App is an
// enabled deployment protection rule of it.
type Environment struct {
	Name      string
	Protected bool
	// Bypass says whether administrators can let deployments go on without
	// being asked for; nil where GitHub does not tell.
	Bypass *bool
}

// Environments lists at most so many environments of a repository; total is
// how many there are.
// https://docs.github.com/en/rest/deployments/protection-rules
func (ad *Admin) Environments(ctx context.Context, repo gate.Repo, most int) (found []Environment, total int, err error) {
	c, err := ad.gh.Of(ctx, repo)
	if err != nil {
		return nil, 0, err
	}
	var list struct {
		Total        int `json:"total_count"`
		Environments []struct {
			Name   string `json:"name"`
			Bypass *bool  `json:"can_admins_bypass"`
		} `json:"environments"`
	}
	err = c.Get(ctx, api.Request{Route: environmentsRoute, Doing: "list the environments of " + repo.FullName(),
		URL: fmt.Sprintf("%s/environments?per_page=%d", api.RepoPath(repo), min(most, api.PerPage))}, api.Into(&list))
	if err != nil {
		return nil, 0, err
	}
	for _, e := range list.Environments[:min(most, len(list.Environments))] {
		var rules struct {
			Rules []struct {
				Enabled bool `json:"enabled"`
				App     struct {
					ID int64 `json:"id"`
				} `json:"app"`
			} `json:"custom_deployment_protection_rules"`
		}
		err := c.Get(ctx, api.Request{Route: protectionRoute, Doing: "read the protection rules of an environment of " + repo.FullName(),
			URL: api.RepoPath(repo) + "/environments/" + url.PathEscape(e.Name) + "/deployment_protection_rules"}, api.Into(&rules))
		if err != nil {
			return found, list.Total, err
		}
		on := Environment{Name: e.Name, Bypass: e.Bypass}
		for _, r := range rules.Rules {
			on.Protected = on.Protected || r.Enabled && r.App.ID == ad.gh.AppID()
		}
		found = append(found, on)
	}
	return found, list.Total, nil
}
