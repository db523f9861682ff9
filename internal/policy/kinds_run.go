package policy

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/workflow"
)

// Observations of what a workflow run can do outside of every held environment.
// They are made for deployments and runs, never for pull requests: what a
// change does to a workflow, the detector of workflows sees.
var (
	runNoEnvironment = &detect.Kind{
		ID: "deploy/no-environment", Risk: 50,
		Title:    "deploys, and names no environment",
		Why:      "Nothing holds such a job: what it puts where users meet it is there before anybody could say no.",
		Controls: []string{detect.ASI02, detect.Manage24},
		Fires:    "a run whose job applies manifests with kubectl and has no `environment`",
		Quiet:    "the same job with an environment that waits for gatehold",
	}
	runNewEnvironment = &detect.Kind{
		ID: "deploy/new-environment", Risk: 55,
		Title: "names an environment that does not exist",
		Why: "GitHub makes an environment for any name, without a rule and without a reviewer: whoever edits the " +
			"workflow steps around the gate.",
		Controls: []string{detect.ASI03, detect.Manage24},
		Fires:    "a run whose job names the environment production2, which nobody made",
		Quiet:    "a job that names production, which waits for gatehold",
	}
	runUnprotected = &detect.Kind{
		ID: "deploy/unprotected-environment", Risk: 45,
		Title:    "names an environment that nothing holds",
		Why:      "The environment gives the job its secrets and waits for nobody.",
		Controls: []string{detect.ASI03, detect.Manage24},
		Fires:    "a run whose job names an environment without gatehold's protection rule",
		Quiet:    "a job whose environment waits for gatehold",
	}
	runAnyEnvironment = &detect.Kind{
		ID: "deploy/any-environment", Risk: 45,
		Title:    "takes its environment from an expression",
		Why:      "Whoever starts the run chooses where it goes, an environment that nobody protects too.",
		Controls: []string{detect.ASI03, detect.Manage24},
		Fires:    "a job with `environment: ${{ inputs.target }}`",
		Quiet:    "a job whose matrix names environments that all wait for gatehold",
	}
	runIDToken = &detect.Kind{
		ID: "deploy/id-token", Risk: 40,
		Title:    "may sign in to clouds outside of every held environment",
		Why:      "With `id-token: write` a job becomes whatever cloud role trusts this repository, and nobody is asked before.",
		Controls: []string{detect.ASI03, detect.NHI08},
		Fires:    "a job with `id-token: write` and no environment",
		Quiet:    "the same job in an environment that waits for gatehold",
	}
	runSecrets = &detect.Kind{
		ID: "deploy/secrets", Risk: 30,
		Title:    "reads secrets outside of every held environment",
		Why:      "Secrets of the repository or the organisation are there for any job, and with them all that they open.",
		Controls: []string{detect.ASI03, detect.NHI08},
		Fires:    "a job without an environment that reads secrets.DEPLOY_KEY",
		Quiet:    "a job that uses its GITHUB_TOKEN alone",
	}
	runAllSecrets = &detect.Kind{
		ID: "deploy/all-secrets", Risk: 45,
		Title:    "gets all secrets outside of every held environment",
		Why:      "Every secret that the repository can read is in its reach, those of other systems too.",
		Controls: []string{detect.ASI03, detect.NHI08},
		Fires:    "a job that calls a workflow with `secrets: inherit`",
		Quiet:    "a job that hands on one secret by name",
	}
	runWrites = &detect.Kind{
		ID: "deploy/writes", Risk: 30,
		Title:    "may change code, packages, releases or deployments outside of every held environment",
		Why:      "With such a token the run changes what others build on, and no review sees it.",
		Controls: []string{detect.ASI03, detect.Manage24},
		Fires:    "a job with `contents: write` and no environment",
		Quiet:    "a job with `contents: read`",
	}
	runSelfHosted = &detect.Kind{
		ID: "deploy/own-machines", Risk: 35,
		Title:    "runs on your own machines outside of every held environment",
		Why:      "What runs there reaches the network that the machine stands in, and may stay on it for the next job.",
		Controls: []string{detect.ASI05, detect.Manage24},
		Fires:    "a job with `runs-on: self-hosted` and no environment",
		Quiet:    "a job with `runs-on: ubuntu-latest`",
	}
	runUnreadable = &detect.Kind{
		ID: "deploy/unreadable", Risk: 40,
		Title:    "could not be read, so that nobody knows what the run can do",
		Why:      "What cannot be read cannot be judged: the run might do anything that the repository's secrets allow.",
		Controls: []string{detect.Measure27},
		Fires:    "a run whose job calls a reusable workflow that the App cannot read",
		Quiet:    "a run all of whose workflows could be read",
	}
)

func runKinds() []*detect.Kind {
	return []*detect.Kind{
		runNoEnvironment, runNewEnvironment, runUnprotected, runAnyEnvironment, runIDToken, runSecrets,
		runAllSecrets, runWrites, runSelfHosted, runUnreadable,
	}
}

// observe notes what a job that is not held for certain can do.
func (rr *runReader) observe(name, prefix string, job *workflow.Job) {
	see := func(is bool, kind *detect.Kind, detail string) {
		if is {
			rr.seen = append(rr.seen, detect.Observation{Kind: kind, Path: name, Line: job.Line, Object: prefix + job.ID, Detail: detail})
		}
	}
	see(job.Deploys != "" && len(job.Environments) == 0 && !job.Dynamic, runNoEnvironment, job.Deploys)
	see(job.Dynamic, runAnyEnvironment, "")
	for _, e := range job.Environments {
		switch {
		case rr.isProtected(e) || hasFold(rr.protected, e):
		case rr.existing != nil && !hasFold(rr.existing, e):
			see(true, runNewEnvironment, e)
		default:
			see(true, runUnprotected, e)
		}
	}
	see(job.IDToken, runIDToken, "id-token: write")
	all := job.Inherit || len(job.Secrets) > 0 && job.Secrets[0] == "*"
	see(all, runAllSecrets, "")
	see(!all && len(job.Secrets) > 0, runSecrets, strings.Join(job.Secrets, ", "))
	var writes []string
	for _, scope := range job.Writes {
		if workflow.Strong(scope) {
			writes = append(writes, fmt.Sprintf("%s: write", scope))
		}
	}
	if job.WriteAll {
		writes = []string{"write-all"}
	}
	see(len(writes) > 0, runWrites, strings.Join(writes, ", "))
	see(job.SelfHosted, runSelfHosted, "")
}
