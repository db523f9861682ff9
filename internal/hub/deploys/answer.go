package deploys

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxComment is how long a comment about a deployment may be, in characters.
// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/create-custom-protection-rules
const maxComment = 1024

var (
	respondRoute = api.Route{Name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule",
		Need: "deployments: write", Max: 1 << 20}
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
func (ds *Deploys) Respond(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) error {
	comment = strings.TrimSpace(comment)
	if s.Kind != gate.Deployment || !wire.IsEnvironment(s.Environment) {
		return api.Invalid("Only a deployment to an environment is answered.")
	}
	body := map[string]string{"environment_name": s.Environment}
	switch {
	case reply == gate.Approved || reply == gate.Rejected:
		body["state"] = string(reply)
	case reply != gate.Commented || comment == "":
		return api.Invalid(fmt.Sprintf("A deployment is not answered with %q.", string(reply)))
	}
	if comment != "" {
		body["comment"] = cutRunes(comment, maxComment)
	}
	c, err := ds.runClient(ctx, s.Repo, s.Run)
	if err != nil {
		return err
	}
	err = c.Send(ctx, api.Request{
		Route: respondRoute, Method: http.MethodPost, URL: runPath(s.Repo, s.Run, "/deployment_protection_rule"), Body: body,
		Doing: "answer the deployment of " + s.String(),
	}, func(io.Reader) error { return nil })
	if said, _ := api.SaidBy(err); api.StatusOf(err) == http.StatusUnprocessableEntity &&
		strings.Contains(strings.ToLower(said), "no pending custom deployment") {
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
