package deploys

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxWaitingPages bounds the waiting runs of one repository, in pages of a
// hundred. GitHub lists no more of a filtered list.
// https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
const maxWaitingPages = 10

var (
	runsRoute      = api.Route{Name: "GET /repos/{owner}/{repo}/actions/runs", Need: "actions: read", Max: 32 << 20, Cache: true}
	protectedRoute = api.Route{Name: "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules",
		Need: "actions: read", Max: 1 << 20, Cache: true}
)

// OpenDeployments lists the deployments of a repository that wait in an
// environment where this App's protection rule is enabled, as if GitHub had
// just asked about each, to be compared with what events have told. GitHub does
// not say which rule of an environment is waited for: one that was answered may
// be among them while it waits for something else. A run of which other jobs
// are under way is not listed by GitHub as waiting: it is found once they end.
//
// The deployments are named as in events where GitHub lists them as waiting for
// the run's commit, so that both are one gate; else their DeploymentID is 0.
//
// It takes a request for each 100 waiting runs, and where there are any one for
// each run, one for each environment that they wait for and one for all
// deployments. More than 1,000 runs are an error, returned with those.
func (ds *Deploys) OpenDeployments(ctx context.Context, repo gate.Repo) ([]gate.Look, error) {
	c, err := ds.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	runs, listErr := waitingRuns(ctx, c, repo)
	if len(runs) == 0 {
		return nil, listErr
	}
	pending := make([][]string, len(runs))
	errs := make([]error, len(runs))
	api.Each(len(runs), func(i int) { pending[i], errs[i] = pendingOf(ctx, c, repo, runs[i].ID) })
	for _, err := range errs {
		if err != nil && gate.AsError(err).Code != "not_found" { // a run that is gone waits for nothing
			return nil, err
		}
	}
	ours, err := protectedBy(ctx, c, repo, pending)
	if err != nil || len(ours) == 0 {
		return nil, firstOf(err, listErr)
	}
	waiting, err := waitingDeployments(ctx, c, repo, ours)
	if err != nil {
		return nil, err
	}
	var out []gate.Look
	ofCommit := map[string]int{}
	for _, run := range runs {
		ofCommit[run.SHA]++
	}
	for i, run := range runs {
		for _, environment := range pending[i] {
			if ours[strings.ToLower(environment)] != "" {
				out = append(out, waitingLooks(repo, run, environment, ofCommit[run.SHA] == 1, waiting)...)
			}
		}
	}
	return out, listErr
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func waitingRuns(ctx context.Context, c *api.Client, repo gate.Repo) ([]wire.Run, error) {
	var out []wire.Run
	listed := map[int64]bool{}
	for page := range maxWaitingPages {
		var answer struct {
			Runs []wire.Run `json:"workflow_runs"`
		}
		err := c.Get(ctx, api.Request{
			Route: runsRoute, Doing: "list the workflow runs of " + repo.FullName() + " that wait",
			URL: fmt.Sprintf("%s/actions/runs?status=waiting&exclude_pull_requests=true&per_page=%d&page=%d", api.RepoPath(repo),
				api.PerPage, page+1),
		}, api.Into(&answer))
		if err != nil {
			return out, err
		}
		for _, r := range answer.Runs {
			switch {
			case r.Repository.ID != repo.ID:
				return nil, api.AnotherRepository(repo)
			case r.ID > 0 && wire.IsSHA(r.SHA) && !listed[r.ID]:
				listed[r.ID] = true
				out = append(out, r)
			}
		}
		if len(answer.Runs) < api.PerPage {
			return out, nil
		}
	}
	return out, api.TooMany("workflow runs of "+repo.FullName()+" that wait", maxWaitingPages)
}

// protectedBy are those of the environments where our rule is enabled, by their
// names in small letters.
func protectedBy(ctx context.Context, c *api.Client, repo gate.Repo, pending [][]string) (map[string]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, list := range pending {
		for _, name := range list {
			if key := strings.ToLower(name); !seen[key] {
				seen[key] = true
				names = append(names, name)
			}
		}
	}
	on := make([]bool, len(names))
	errs := make([]error, len(names))
	api.Each(len(names), func(i int) { on[i], errs[i] = protects(ctx, c, repo, names[i]) })
	ours := map[string]string{}
	for i, name := range names {
		if errs[i] != nil && gate.AsError(errs[i]).Code != "not_found" { // an environment that was deleted holds nothing
			return nil, errs[i]
		}
		if on[i] {
			ours[strings.ToLower(name)] = name
		}
	}
	return ours, nil
}

// protects reports whether our rule is enabled in an environment.
// https://docs.github.com/en/rest/deployments/protection-rules#get-all-deployment-protection-rules-for-an-environment
func protects(ctx context.Context, c *api.Client, repo gate.Repo, environment string) (bool, error) {
	var answer struct {
		Rules []struct {
			Enabled bool `json:"enabled"`
			App     struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"custom_deployment_protection_rules"`
	}
	err := c.Get(ctx, api.Request{
		Route: protectedRoute, URL: api.RepoPath(repo) + "/environments/" + url.PathEscape(environment) + "/deployment_protection_rules",
		Doing: fmt.Sprintf("read the protection rules of %s in %s", wire.Clip(environment, 100), repo.FullName()),
	}, api.Into(&answer))
	for _, r := range answer.Rules {
		if r.Enabled && r.App.ID == c.GitHub.AppID() {
			return true, err
		}
	}
	return false, err
}

// waitingDeployments are those among the last hundred of these environments
// that wait.
func waitingDeployments(ctx context.Context, c *api.Client, repo gate.Repo, environments map[string]string) ([]*deploymentNode, error) {
	var names []string
	for _, name := range environments {
		names = append(names, name)
	}
	nodes, err := listDeployments(ctx, c, repo, names, maxRecords)
	if err != nil {
		return nil, err
	}
	var out []*deploymentNode
	for _, d := range nodes {
		if d.LatestStatus != nil && d.LatestStatus.State == "WAITING" {
			out = append(out, d)
		}
	}
	return out, nil
}

// waitingLooks is what GitHub would have asked about a run and an environment:
// once for each job. Whose a deployment is, is told by the address of its
// status, or by its commit where no other run of that commit waits.
func waitingLooks(repo gate.Repo, run wire.Run, environment string, alone bool, waiting []*deploymentNode) []gate.Look {
	look := gate.Look{
		Subject: gate.Subject{Kind: gate.Deployment, Repo: repo, Run: run.ID, Environment: environment, SHA: run.SHA},
		Why:     gate.Reconciled, Head: run.SHA, Trigger: wire.Word(run.Event),
	}
	var out []gate.Look
	for _, d := range waiting {
		if d.SHA != run.SHA || !strings.EqualFold(d.environment(), environment) {
			continue
		}
		if by := d.run(); by == run.ID || by == 0 && alone {
			look.Subject.DeploymentID, look.Since = d.ID, d.CreatedAt
			out = append(out, look)
		}
	}
	if len(out) > 0 {
		return out
	}
	return []gate.Look{look}
}
