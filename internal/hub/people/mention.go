package people

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
)

var (
	listIssues  = api.Route{Name: "GET /repos/{owner}/{repo}/issues", Need: "issues: write", Max: 16 << 20}
	createIssue = api.Route{Name: "POST /repos/{owner}/{repo}/issues", Need: "issues: write", Max: 4 << 20}
)

// Mention opens an issue that names people, so that GitHub tells them by its own
// notifications, and returns its number. id is of this one: where it may have been
// opened before, it is looked for among the newest hundred. It takes the permission issues: write, which
// the App can do without.
// https://docs.github.com/en/rest/issues/issues#create-an-issue
func (ps *People) Mention(ctx context.Context, repo gate.Repo, id, title, body string, again bool) (string, error) {
	if err := api.CheckRepo(repo); err != nil {
		return "", err
	}
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return "", err
	}
	mark := "<!-- gatehold: " + id + " -->"
	type issue struct {
		Number int64  `json:"number"`
		Body   string `json:"body"`
	}
	if again {
		var newest []issue
		err := c.Get(ctx, api.Request{Route: listIssues, URL: api.RepoPath(repo) + "/issues?state=all&sort=created&direction=desc&per_page=100",
			Doing: "look for its issue in " + repo.FullName()}, api.Into(&newest))
		if err != nil {
			return "", err
		}
		for _, i := range newest {
			if strings.Contains(i.Body, mark) {
				return strconv.FormatInt(i.Number, 10), nil
			}
		}
	}
	var made issue
	err = c.Send(ctx, api.Request{
		Route: createIssue, Method: http.MethodPost, URL: api.RepoPath(repo) + "/issues",
		Body: map[string]any{"title": title, "body": body + "\n\n" + mark}, Doing: "open an issue in " + repo.FullName(),
	}, api.Into(&made))
	if err != nil {
		return "", err
	}
	if made.Number == 0 {
		return "", api.Malformed("the new issue has no number")
	}
	return strconv.FormatInt(made.Number, 10), nil
}
