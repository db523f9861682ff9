package deploys

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var statusesRoute = api.Route{Name: "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", Need: "deployments: read",
	Max: 4 << 20, Cache: true}

// maxStatusPages bounds the statuses of one deployment, in pages of a hundred: whoever
// may write deployments writes as many as they like.
const maxStatusPages = 5

// Deployed reads what the job of a deployment has come to, as GitHub itself said of
// it: by its own App, and in the name of whoever started the run. What anybody else
// said of the deployment, a workflow's token included, is worth nothing. One that has
// not ended, or of whose end GitHub does not tell any more, is not over.
// https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses
func (ds *Deploys) Deployed(ctx context.Context, repo gate.Repo, deployment int64) (change.Job, error) {
	c, err := ds.gh.Of(ctx, repo)
	if err != nil {
		return change.Job{}, err
	}
	job := change.Job{Status: "unknown"}
	for page := range maxStatusPages {
		list, err := statusesOf(ctx, c, repo, deployment, page+1)
		if api.StatusOf(err) == http.StatusNotFound { // it was deleted
			return job, c.InSight(ctx, repo)
		}
		if err != nil {
			return job, err
		}
		for _, s := range list {
			if s.ends() {
				job.Status, job.Conclusion, job.EndedAt, job.By = "completed", s.State, s.CreatedAt.Time, s.Creator.ChangeActor()
				return job, nil
			}
		}
		if len(list) < api.PerPage {
			break
		}
	}
	return job, nil
}

type statusAnswer struct {
	State     string       `json:"state"`
	CreatedAt wire.Time    `json:"created_at"`
	Creator   wire.Account `json:"creator"`
	Via       struct {
		Slug string `json:"slug"`
	} `json:"performed_via_github_app"`
}

func statusesOf(ctx context.Context, c *api.Client, repo gate.Repo, deployment int64, page int) (list []statusAnswer, err error) {
	err = c.Get(ctx, api.Request{
		Route: statusesRoute,
		URL:   fmt.Sprintf("%s/deployments/%d/statuses?per_page=%d&page=%d", api.RepoPath(repo), deployment, api.PerPage, page),
		Doing: fmt.Sprintf("read what became of the deployment %d of %s", deployment, repo.FullName()),
	}, api.Into(&list))
	return list, err
}

// ends reports whether GitHub says by it how a job has ended.
func (s *statusAnswer) ends() bool {
	ended := s.State == "success" || s.State == "failure" || s.State == "error"
	return ended && byActions(s.Via.Slug, s.Creator)
}

// byActions reports whether GitHub made something for a job: what a workflow makes
// with its token is in the name of that App's bot.
func byActions(slug string, creator wire.Account) bool {
	return slug == actionsApp && creator.ID > 0 && !strings.EqualFold(creator.Login, actionsBot)
}
