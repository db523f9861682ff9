package lanes

import (
	"github.com/gatehold/gatehold/internal/gate"
)

// CheckOf is the check of a commit that shows a gate of a lane.
func CheckOf(s gate.Subject, sha string, lane gate.Lane) gate.Subject {
	check := gate.Subject{Kind: gate.Check, Repo: s.Repo, SHA: sha}
	if lane != gate.DefaultLane {
		check.Name = lane.Check()
	}
	if s.Kind == gate.Deployment || s.Kind == gate.WorkflowRun {
		check.Name = gate.DeployCheck(s.Environment)
	}
	return check
}

// CheckName is the name of a check's run.
func CheckName(check gate.Subject) string {
	if check.Name == "" {
		return gate.CheckName
	}
	return check.Name
}
