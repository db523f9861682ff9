package deploys

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxRecords is how many deployments one query lists.
const maxRecords = 100

var madeRoute = api.Route{Name: "GET /repos/{owner}/{repo}/deployments", Need: "deployments: read"}

var deploymentsRoute = api.Route{Name: "POST /graphql (deployments)", Need: "deployments: read", Max: 4 << 20}

const deploymentsQuery = `query($owner: String!, $name: String!, $environments: [String!], $n: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    deployments(environments: $environments, first: $n, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes {
        databaseId
        commitOid
        createdAt
        environment
        latestEnvironment
        creator { ...Account }
        latestStatus { state createdAt logUrl }
      }
    }
  }
}
` + wire.AccountFragment

type deploymentsAnswer struct {
	Repository *struct {
		DatabaseID  int64 `json:"databaseId"`
		Deployments struct {
			Nodes []*deploymentNode `json:"nodes"`
		} `json:"deployments"`
	} `json:"repository"`
}

type deploymentNode struct {
	ID           int64            `json:"databaseId"`
	SHA          string           `json:"commitOid"`
	CreatedAt    time.Time        `json:"createdAt"`
	Environment  string           `json:"environment"`
	Latest       string           `json:"latestEnvironment"`
	Creator      *wire.GraphActor `json:"creator"`
	LatestStatus *struct {
		State     string    `json:"state"`
		CreatedAt time.Time `json:"createdAt"`
		LogURL    string    `json:"logUrl"`
	} `json:"latestStatus"`
}

// Deployments lists the last n deployments to an environment, 100 at most, the
// newest first, in two requests side by side. An environment is the same in any
// letter case.
//
// Actions is said only of what GitHub itself made for a job with an environment:
// by its own App, and in the name of whoever started the run. What a workflow
// makes with its token is in the name of that App's bot, and anybody who may
// write deployments makes others. How it went, its State, is what the newest
// status says, whoever wrote it.
// https://docs.github.com/en/graphql/reference/objects#deployment
// https://docs.github.com/en/rest/deployments/deployments#list-deployments
func (ds *Deploys) Deployments(ctx context.Context, repo gate.Repo, environment string, n int) ([]change.Record, error) {
	if !wire.IsEnvironment(environment) || n <= 0 {
		return nil, api.Invalid("Deployments are listed of an environment.")
	}
	c, err := ds.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	var (
		nodes []*deploymentNode
		made  map[int64]bool
	)
	err = both(ctx,
		func(ctx context.Context) (err error) {
			nodes, err = listDeployments(ctx, c, repo, []string{environment}, n)
			return err
		},
		func(ctx context.Context) (err error) {
			made, err = madeByActions(ctx, c, repo, environment, n)
			return err
		})
	if err != nil {
		return nil, err
	}
	out := make([]change.Record, 0, len(nodes))
	for _, d := range nodes {
		r := d.record()
		r.Actions = made[d.ID]
		out = append(out, r)
	}
	return out, nil
}

// The App by which GitHub Actions acts, and the account of its tokens.
const (
	actionsApp = "github-actions"
	actionsBot = "github-actions[bot]"
)

// madeByActions are the deployments that GitHub made for jobs. GraphQL does not
// tell by which App a deployment was made.
func madeByActions(ctx context.Context, c *api.Client, repo gate.Repo, environment string, n int) (map[int64]bool, error) {
	made := map[int64]bool{}
	query := url.Values{"environment": {environment}, "per_page": {strconv.Itoa(min(n, maxRecords))}}
	var list []struct {
		ID      int64        `json:"id"`
		Creator wire.Account `json:"creator"`
		Via     struct {
			Slug string `json:"slug"`
		} `json:"performed_via_github_app"`
	}
	err := c.Get(ctx, api.Request{
		Route: madeRoute, URL: api.RepoPath(repo) + "/deployments?" + query.Encode(),
		Doing: "list the deployments of " + repo.FullName(),
	}, api.Into(&list))
	for _, d := range list {
		made[d.ID] = byActions(d.Via.Slug, d.Creator)
	}
	return made, err
}

func listDeployments(ctx context.Context, c *api.Client, repo gate.Repo, environments []string,
	n int) (nodes []*deploymentNode, err error) {
	err = c.GitHub.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		nodes, err = deploymentsNamed(ctx, c, repo, environments, n)
		return err
	})
	return nodes, err
}

func deploymentsNamed(ctx context.Context, c *api.Client, repo gate.Repo, environments []string, n int) ([]*deploymentNode, error) {
	var answer deploymentsAnswer
	r := api.Request{Route: deploymentsRoute, Doing: "list the deployments of " + repo.FullName()}
	errs, err := c.Query(ctx, r, deploymentsQuery, map[string]any{
		"owner": repo.Owner, "name": repo.Name, "environments": spellings(environments), "n": min(n, maxRecords),
	}, &answer)
	switch {
	case err != nil:
		return nil, err
	case len(errs) > 0:
		return nil, c.GraphRefusal(errs[0], r)
	case answer.Repository == nil:
		return nil, api.Malformed("it lacks the repository")
	case answer.Repository.DatabaseID != repo.ID:
		return nil, api.AnotherRepository(repo)
	}
	out := answer.Repository.Deployments.Nodes[:0]
	for _, d := range answer.Repository.Deployments.Nodes {
		if d != nil && d.ID > 0 && wire.IsSHA(d.SHA) {
			out = append(out, d)
		}
	}
	return out, nil
}

// spellings are the names as they are, and in small letters where they differ:
// the list goes by the deployments, each of which has the name that its maker
// wrote.
func spellings(environments []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range environments {
		for _, name := range []string{e, strings.ToLower(e)} {
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

func (d *deploymentNode) record() change.Record {
	r := change.Record{ID: d.ID, SHA: d.SHA, Environment: d.environment(), At: d.CreatedAt, Creator: d.Creator.ChangeActor()}
	if s := d.LatestStatus; s != nil {
		r.State, r.StatusAt = strings.ToLower(s.State), s.CreatedAt
	}
	return r
}

func (d *deploymentNode) environment() string {
	if d.Latest != "" {
		return d.Latest
	}
	return d.Environment
}

// run is the workflow run that the newest status names, 0 where none:
// "https://github.com/acme/shop/actions/runs/12/job/34", with the names that the
// repository and its owner had when it was said. It is no proof, except where the
// status is "waiting", which nobody else can say.
func (d *deploymentNode) run() int64 {
	if d.LatestStatus == nil {
		return 0
	}
	u, err := url.Parse(d.LatestStatus.LogURL)
	if err != nil {
		return 0
	}
	steps := strings.Split(u.Path, "/")
	if len(steps) < 6 || steps[3] != "actions" || steps[4] != "runs" {
		return 0
	}
	run, err := strconv.ParseInt(steps[5], 10, 64)
	if err != nil || run <= 0 {
		return 0
	}
	return run
}
