package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxComment is how long a comment about a deployment may be, in characters.
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/create-custom-protection-rules
const maxComment = 1024

// maxRecords is how many deployments one query lists.
const maxRecords = 100

var (
	respondRoute = route{name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule",
		need: "deployments: write", max: 1 << 20}
	madeRoute        = route{name: "GET /repos/{owner}/{repo}/deployments", need: "deployments: read"}
	deploymentsRoute = route{name: "POST /graphql (deployments)", need: "deployments: read", max: 4 << 20}
)

// Respond answers GitHub's question about a deployment, or comments on it:
// comments beyond 1,024 characters are cut. The answer is for all jobs of the
// run that wait for this environment. It goes to the configured API, whatever
// callback the question named.
//
// GitHub refuses an answer where nothing waits for it: not yet, because the
// question goes out before GitHub takes an answer, or not any more. Both have
// the code deployment_not_pending: the run says which it is.
// https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
func (h *Hub) Respond(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) error {
	comment = strings.TrimSpace(comment)
	if s.Kind != gate.Deployment || !wire.IsEnvironment(s.Environment) {
		return invalid("Only a deployment to an environment is answered.")
	}
	body := map[string]string{"environment_name": s.Environment}
	switch {
	case reply == gate.Approved || reply == gate.Rejected:
		body["state"] = string(reply)
	case reply != gate.Commented || comment == "":
		return invalid(fmt.Sprintf("A deployment is not answered with %q.", string(reply)))
	}
	if comment != "" {
		body["comment"] = cutRunes(comment, maxComment)
	}
	c, err := h.runClient(ctx, s.Repo, s.Run)
	if err != nil {
		return err
	}
	err = c.do(ctx, c.rest, request{
		route: respondRoute, method: http.MethodPost, url: runPath(s.Repo, s.Run, "/deployment_protection_rule"), body: body,
		doing: "answer the deployment of " + s.String(),
	}, func(io.Reader) error { return nil })
	var answer *github.ErrorResponse
	if statusOf(err) == http.StatusUnprocessableEntity && errors.As(err, &answer) &&
		strings.Contains(strings.ToLower(answer.Message), "no pending custom deployment") {
		return &gate.Error{
			Code: "deployment_not_pending", Err: err,
			Text: fmt.Sprintf("GitHub says that nothing of run %d waits for an answer about %s now. gatehold reads the run "+
				"again before it tries once more.", s.Run, wire.Clip(s.Environment, 100)),
		}
	}
	return err
}

// cutRunes bounds a text in characters, which is how GitHub counts here.
func cutRunes(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			return s[:i] + "\u2026"
		}
	}
	return s
}

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
fragment Account on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
  ... on Organization { databaseId }
}`

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
func (h *Hub) Deployments(ctx context.Context, repo gate.Repo, environment string, n int) ([]change.Record, error) {
	if !wire.IsEnvironment(environment) || n <= 0 {
		return nil, invalid("Deployments are listed of an environment.")
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return nil, err
	}
	var (
		nodes []*deploymentNode
		made  map[int64]bool
	)
	err = both(ctx,
		func(ctx context.Context) (err error) {
			nodes, err = c.deployments(ctx, repo, []string{environment}, n)
			return err
		},
		func(ctx context.Context) (err error) {
			made, err = c.madeByActions(ctx, repo, environment, n)
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
func (c *client) madeByActions(ctx context.Context, repo gate.Repo, environment string, n int) (map[int64]bool, error) {
	made := map[int64]bool{}
	query := url.Values{"environment": {environment}, "per_page": {strconv.Itoa(min(n, maxRecords))}}
	var list []struct {
		ID      int64        `json:"id"`
		Creator wire.Account `json:"creator"`
		Via     struct {
			Slug string `json:"slug"`
		} `json:"performed_via_github_app"`
	}
	err := c.get(ctx, request{
		route: madeRoute, url: repoPath(repo) + "/deployments?" + query.Encode(),
		doing: "list the deployments of " + repo.FullName(),
	}, into(&list))
	for _, d := range list {
		made[d.ID] = byActions(d.Via.Slug, d.Creator)
	}
	return made, err
}

func (c *client) deployments(ctx context.Context, repo gate.Repo, environments []string, n int) (nodes []*deploymentNode, err error) {
	err = c.hub.byName(ctx, repo, func(repo gate.Repo) (err error) {
		nodes, err = c.deploymentsNamed(ctx, repo, environments, n)
		return err
	})
	return nodes, err
}

func (c *client) deploymentsNamed(ctx context.Context, repo gate.Repo, environments []string, n int) ([]*deploymentNode, error) {
	var answer deploymentsAnswer
	r := request{route: deploymentsRoute, doing: "list the deployments of " + repo.FullName()}
	errs, err := c.query(ctx, r, deploymentsQuery, map[string]any{
		"owner": repo.Owner, "name": repo.Name, "environments": spellings(environments), "n": min(n, maxRecords),
	}, &answer)
	switch {
	case err != nil:
		return nil, err
	case len(errs) > 0:
		return nil, c.graphRefusal(errs[0], r)
	case answer.Repository == nil:
		return nil, malformed("it lacks the repository")
	case answer.Repository.DatabaseID != repo.ID:
		return nil, anotherRepository(repo)
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
