package actions

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// supported are the claims that there may be.
// https://docs.github.com/en/actions/reference/security/oidc
var supported = []string{"sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository", "repository_id",
	"repository_owner", "repository_owner_id", "enterprise", "enterprise_id", "run_id", "run_number", "run_attempt", "actor",
	"actor_id", "workflow", "workflow_ref", "workflow_sha", "head_ref", "base_ref", "event_name", "ref_type", "ref_protected",
	"environment", "job_workflow_ref", "job_workflow_sha", "repository_visibility", "runner_environment", "check_run_id"}

// origin is what a run is of, as its tokens say it: for a pull request a merge of it
// that is in no branch.
type origin struct {
	ref, sha, head, base string
	context              string // what `sub` ends in, where there is no environment
}

func (r *WorkflowRun) fromFork() bool {
	return r.Spec.Pull != nil && r.Spec.Event == "pull_request" && r.Spec.Pull.From != r.Repo.Repo
}

func (r *WorkflowRun) origin() origin {
	o := origin{ref: "refs/heads/" + r.Spec.Branch, sha: r.Spec.SHA}
	if p := r.Spec.Pull; p != nil {
		o.head, o.base = p.Branch, p.Base
		if r.Spec.Event == "pull_request" {
			sum := sha1.Sum([]byte("merge of " + r.Spec.SHA + " into " + p.BaseSHA))
			o.ref, o.sha, o.context = fmt.Sprintf("refs/pull/%d/merge", p.Number), hex.EncodeToString(sum[:]), "pull_request"
			return o
		}
		o.ref, o.sha = "refs/heads/"+p.Base, r.Repo.Refs[p.Base]
	}
	o.context = "ref:" + o.ref
	return o
}

// claims are true of a job. The caller holds the state's lock.
func (s *Actions) claims(j *JobRecord, audience string) map[string]any {
	run, repo := j.run, j.run.Repo
	from, now := run.origin(), s.hub.Now()
	decimal := func(n int64) string { return strconv.FormatInt(n, 10) }
	context := from.context
	if j.Spec.Environment != "" {
		context = "environment:" + strings.ReplaceAll(j.Spec.Environment, ":", "%3A")
	}
	file := repo.FullName() + "/" + run.Spec.Workflow + "@" + from.ref
	runner, visible := "github-hosted", "public"
	if slices.Contains(j.Spec.Labels, "self-hosted") {
		runner = "self-hosted"
	}
	if repo.Private {
		visible = "private"
	}
	c := map[string]any{
		"iss": s.Issuer(), "aud": cmp.Or(audience, s.hub.URL()+"/"+repo.Owner.Login), "jti": s.hub.Random.GUID(),
		"sub": fmt.Sprintf("repo:%s@%d/%s@%d:%s", repo.Owner.Login, repo.Owner.ID, repo.Name, repo.ID, context),
		"iat": now.Unix(), "nbf": now.Add(-tokenLife).Unix(), "exp": now.Add(tokenLife).Unix(),
		"repository": repo.FullName(), "repository_id": decimal(repo.ID), "repository_owner": repo.Owner.Login,
		"repository_owner_id": decimal(repo.Owner.ID), "repository_visibility": visible,
		"run_id": decimal(run.ID), "run_number": strconv.Itoa(run.Number), "run_attempt": strconv.Itoa(j.attempt.Number),
		"check_run_id": decimal(j.ID), "actor": run.Spec.Actor.Login, "actor_id": decimal(run.Spec.Actor.ID),
		"ref": from.ref, "ref_type": "branch", "ref_protected": strconv.FormatBool(repo.guarded(from.ref)), "sha": from.sha,
		"head_ref": from.head, "base_ref": from.base, "event_name": run.Spec.Event, "workflow": run.Workflow.Name,
		"workflow_ref": file, "workflow_sha": from.sha, "job_workflow_ref": file, "job_workflow_sha": from.sha,
		"runner_environment": runner,
	}
	if j.Spec.Environment != "" {
		c["environment"] = j.Spec.Environment
	}
	if j.Spec.Calls != "" {
		c["job_workflow_ref"] = j.Spec.Calls
		for _, w := range run.Spec.ReferencedWorkflows {
			if w.Path == j.Spec.Calls {
				c["job_workflow_sha"] = w.SHA
			}
		}
	}
	return c
}

// guarded reports whether rules hold a branch.
func (r *Repo) guarded(ref string) bool {
	branch, is := strings.CutPrefix(ref, "refs/heads/")
	return is && len(r.RulesOn(branch)) > 0
}

// usesPull fills in what a run of a pull request is of.
func (s *RunSpec) usesPull(p *fakehub.Pull) {
	s.Event = cmp.Or(s.Event, "pull_request")
	s.Branch, s.SHA = cmp.Or(s.Branch, p.Branch), cmp.Or(s.SHA, p.Head)
}
