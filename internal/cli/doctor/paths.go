package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/repos"
)

// maxWays is how many ways to deploy, or jobs of one, the doctor names.
const maxWays = 10

// paths says how surely each way is held in which the workflows of a
// repository's default branch can deploy: those that are, in one sentence, the
// others by why they are not.
func (d *doctor) paths(ctx context.Context, repo gate.Repo, enforced []gate.Enforcement) {
	found, err := repos.DeployPaths(ctx, d.hub, repo, enforced)
	if err != nil {
		d.failed("deploys", err)
		return
	}
	var certain []string
	var loose []way
	for _, j := range found {
		if j.Held == gate.Certain {
			certain = append(certain, jobName(j))
			continue
		}
		i := slices.IndexFunc(loose, func(w way) bool { return w.held == j.Held && w.why == j.Why })
		if i < 0 {
			i = len(loose)
			loose = append(loose, way{held: j.Held, why: j.Why})
		}
		loose[i].jobs = append(loose[i].jobs, jobName(j))
	}
	if len(certain) > 0 {
		d.say(fine, "deploys", "", "%s: held for certain: %s.", repo.FullName(), firstWays(certain))
	}
	for _, w := range loose[:min(len(loose), maxWays)] {
		how, do := "not held", "Have the job name an environment that asks gatehold, or put its workflow under workflows: in the rules."
		if w.held == gate.BestEffort {
			how, do = "held at best effort", "Have the job name an environment that asks gatehold, to hold it for certain."
		}
		d.say(warn, "deploys", do, "%s: %s: %s: %s.", repo.FullName(), how, firstWays(w.jobs), strings.TrimSuffix(w.why, "."))
	}
	if n := len(loose) - maxWays; n > 0 {
		d.say(warn, "deploys", "The page of the repository lists them all.",
			"%s: and %d more ways to deploy that are not held for certain.", repo.FullName(), n)
	}
}

// way are jobs that are held in the same way, for the same reason.
type way struct {
	held gate.Hold
	why  string
	jobs []string
}

func jobName(j gate.Job) string {
	switch {
	case j.ID == "":
		return "other workflows"
	case j.Environment != "":
		return fmt.Sprintf("%s job %s to %s", path.Base(j.Workflow), j.ID, j.Environment)
	}
	return fmt.Sprintf("%s job %s", path.Base(j.Workflow), j.ID)
}

// firstWays names the first few.
func firstWays(names []string) string {
	text := strings.Join(names[:min(len(names), maxWays)], ", ")
	if n := len(names) - maxWays; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}
