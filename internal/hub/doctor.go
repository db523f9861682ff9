package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What is read to find out whether the App is set up as it must be. Nothing
// here judges: a reader tells what GitHub says.

var (
	appRoute          = route{name: "GET /app", max: 1 << 20}
	hookRoute         = route{name: "GET /app/hook/config", max: 1 << 20}
	quotaRoute        = route{name: "GET /rate_limit", max: 1 << 20}
	branchRulesRoute  = route{name: "GET /repos/{owner}/{repo}/rules/branches/{branch}", need: "metadata: read", cache: true}
	environmentsRoute = route{name: "GET /repos/{owner}/{repo}/environments", need: "actions: read", cache: true}
	protectionRoute   = route{name: "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules",
		need: "actions: read", max: 1 << 20, cache: true}
	defaultRulesRoute = route{name: "POST /graphql (rules)", need: "contents: read", max: 8 << 20}
)

// maxRulePages bounds the rules in force on one branch, and the environments of
// one repository, in pages of a hundred.
const maxRulePages = 10

// Permissions returns what the App needs and no more. Its manifest must ask
// for exactly these.
func Permissions() map[string]string {
	return map[string]string{
		"metadata": "read", "checks": "write", "contents": "read", "pull_requests": "read",
		"actions": "read", "deployments": "write", "merge_queues": "read", "members": "read",
	}
}

// App is the App as it is registered.
type App struct {
	ID          int64
	Slug        string
	Permissions map[string]string
	Events      []string
}

// App asks who the App is, which shows that its key fits. ahead is how far this
// machine's clock is before GitHub's, to a second or so; it is told where
// GitHub refuses the key as well, and 0 where GitHub did not say.
// https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
func (h *Hub) App(ctx context.Context) (app App, ahead time.Duration, err error) {
	c, err := h.app()
	if err != nil {
		return App{}, 0, err
	}
	began := h.cfg.Now()
	var answer struct {
		ID          int64             `json:"id"`
		Slug        string            `json:"slug"`
		Permissions map[string]string `json:"permissions"`
		Events      []string          `json:"events"`
	}
	told := func(header http.Header) {
		if at, err := http.ParseTime(header.Get("Date")); err == nil {
			// The header is cut to seconds, and was written between the two readings.
			ahead = began.Add(h.cfg.Now().Sub(began) / 2).Sub(at.Add(500 * time.Millisecond)).Round(time.Second)
		}
	}
	err = c.get(ctx, request{route: appRoute, url: "app", doing: "ask GitHub who the App is", header: told}, into(&answer))
	var refused *github.ErrorResponse
	if errors.As(err, &refused) && refused.Response != nil {
		told(refused.Response.Header)
	}
	return App{ID: answer.ID, Slug: answer.Slug, Permissions: answer.Permissions, Events: answer.Events}, ahead, err
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
func (h *Hub) Hook(ctx context.Context) (Hook, error) {
	c, err := h.app()
	if err != nil {
		return Hook{}, err
	}
	var answer struct {
		URL         string `json:"url"`
		ContentType string `json:"content_type"`
		Secret      string `json:"secret"`
		Insecure    any    `json:"insecure_ssl"` // a string or a number
	}
	err = c.get(ctx, request{route: hookRoute, url: "app/hook/config", doing: "read the settings of the App's webhook"}, into(&answer))
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
func (h *Hub) Installations(ctx context.Context) ([]Installation, error) {
	c, err := h.app()
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
		err := c.get(ctx, request{
			route: installationsRoute, doing: "list the App's installations",
			url: fmt.Sprintf("app/installations?per_page=%d&page=%d", listedPerPage, page+1),
		}, into(&list))
		if err != nil {
			return out, err
		}
		for _, i := range list {
			out = append(out, Installation{ID: i.ID, Account: i.Account.Login, All: i.Selection == "all",
				Suspended: i.Suspended != nil, Permissions: maps.Clone(i.Permissions), Events: i.Events})
		}
		if len(list) < listedPerPage {
			return out, nil
		}
	}
	return out, tooMany("installations of the App", maxInstallPages)
}

// RepositoriesOf lists what an installation covers; archived and disabled
// repositories are left out.
func (h *Hub) RepositoriesOf(ctx context.Context, installation int64) ([]gate.Repo, error) {
	return h.repositoriesOf(ctx, installation)
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
func (h *Hub) Quotas(ctx context.Context, installation int64) ([]Quota, error) {
	c, err := h.client(installation)
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
	err = c.get(ctx, request{route: quotaRoute, url: "rate_limit", doing: "read the rate limit"}, into(&answer))
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

// BranchRules lists the rules in force on a branch, from rulesets of every
// level, as GitHub sent them: of whatever type.
// https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
func (h *Hub) BranchRules(ctx context.Context, repo gate.Repo, branch string) ([]json.RawMessage, error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for page := range maxRulePages {
		var rules []json.RawMessage
		err := c.get(ctx, request{
			route: branchRulesRoute, doing: fmt.Sprintf("read the rules of %s on %s", repo.FullName(), wire.Clip(branch, 100)),
			url: fmt.Sprintf("%s/rules/branches/%s?per_page=%d&page=%d", repoPath(repo), url.PathEscape(branch), listedPerPage, page+1),
		}, into(&rules))
		if err != nil {
			return nil, err
		}
		out = append(out, rules...)
		if len(rules) < listedPerPage {
			return out, nil
		}
	}
	return nil, tooMany("rules of a branch", maxRulePages)
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
func (h *Hub) Environments(ctx context.Context, repo gate.Repo, most int) (found []Environment, total int, err error) {
	c, err := h.clientOf(ctx, repo)
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
	err = c.get(ctx, request{route: environmentsRoute, doing: "list the environments of " + repo.FullName(),
		url: fmt.Sprintf("%s/environments?per_page=%d", repoPath(repo), min(most, listedPerPage))}, into(&list))
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
		err := c.get(ctx, request{route: protectionRoute, doing: "read the protection rules of an environment of " + repo.FullName(),
			url: repoPath(repo) + "/environments/" + url.PathEscape(e.Name) + "/deployment_protection_rules"}, into(&rules))
		if err != nil {
			return found, list.Total, err
		}
		on := Environment{Name: e.Name, Bypass: e.Bypass}
		for _, r := range rules.Rules {
			on.Protected = on.Protected || r.Enabled && r.App.ID == h.cfg.AppID
		}
		found = append(found, on)
	}
	return found, list.Total, nil
}

const defaultRulesQuery = `query($owner: String!, $name: String!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    defaultBranchRef { name target { oid ... on Commit { file(path: $rules) {
      mode oid object { __typename ... on Blob { byteSize isBinary isTruncated text } }
    } } } }
  }
}`

// DefaultRules reads the rules file at the tip of a repository's default
// branch, and that branch's name, "" for a repository without commits.
func (h *Hub) DefaultRules(ctx context.Context, repo gate.Repo) (branch string, file change.RulesFile, err error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return "", change.RulesFile{}, err
	}
	var answer struct {
		Repository *struct {
			ID      int64    `json:"databaseId"`
			Default *baseRef `json:"defaultBranchRef"`
		} `json:"repository"`
	}
	r := request{route: defaultRulesRoute, doing: "read the rules of " + repo.FullName()}
	errs, err := c.query(ctx, r, defaultRulesQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "rules": wire.RulesPath}, &answer)
	if err == nil && len(errs) > 0 {
		err = c.graphRefusal(errs[0], r)
	}
	switch {
	case err != nil:
		return "", change.RulesFile{}, err
	case answer.Repository == nil || answer.Repository.ID != repo.ID:
		return "", change.RulesFile{}, malformed("it lacks the repository, or tells of another")
	case answer.Repository.Default == nil:
		return "", change.RulesFile{State: change.RulesAbsent, Name: repo.FullName() + "/" + wire.RulesPath}, nil
	case answer.Repository.Default.Target == nil:
		return "", change.RulesFile{}, malformed("it lacks the tip of the default branch")
	}
	return answer.Repository.Default.Name, rulesFile(repo.FullName(), answer.Repository.Default.Target.File), nil
}
