package judge

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/workflow"
)

// observe notes what a job that is not held for certain can do.
func (rr *runReader) observe(name, prefix string, job *workflow.Job) {
	see := func(is bool, kind *detect.Kind, detail string) {
		if is {
			rr.seen = append(rr.seen, detect.Observation{Kind: kind, Path: name, Line: job.Line, Object: prefix + job.ID, Detail: detail})
		}
	}
	see(job.Deploys != "" && len(job.Environments) == 0 && !job.Dynamic, judged.NoEnvironment, job.Deploys)
	see(job.Dynamic, judged.AnyEnvironment, "")
	for _, e := range job.Environments {
		switch {
		case rr.isProtected(e) || hasFold(rr.protected, e):
		case rr.existing != nil && !hasFold(rr.existing, e):
			see(true, judged.NewEnvironment, e)
		default:
			see(true, judged.Unprotected, e)
		}
	}
	see(job.IDToken, judged.IDToken, "id-token: write")
	all := job.Inherit || len(job.Secrets) > 0 && job.Secrets[0] == "*"
	see(all, judged.AllSecrets, "")
	see(!all && len(job.Secrets) > 0, judged.Secrets, strings.Join(job.Secrets, ", "))
	var writes []string
	for _, scope := range job.Writes {
		if workflow.Strong(scope) {
			writes = append(writes, fmt.Sprintf("%s: write", scope))
		}
	}
	if job.WriteAll {
		writes = []string{"write-all"}
	}
	see(len(writes) > 0, judged.Writes, strings.Join(writes, ", "))
	see(job.SelfHosted, judged.OwnMachines, "")
}
