package judge

import (
	"github.com/gatehold/gatehold/internal/detect/workflow"
)

// CalledWorkflows are the reusable workflows that the jobs of a workflow file
// call, as they are written there. A file that cannot be read calls none: that
// it could not be read is found when the run is judged.
func CalledWorkflows(text string) []string {
	facts, err := workflow.Describe(text)
	if err != nil {
		return nil
	}
	var out []string
	for _, job := range facts.Jobs {
		if job.Uses != "" {
			out = append(out, job.Uses)
		}
	}
	return out
}
