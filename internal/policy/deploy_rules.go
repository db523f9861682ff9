package policy

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// WorkflowRules are what is in force for a set of workflow files.
type WorkflowRules struct {
	Name  string     `json:"name"`
	Paths []string   `json:"paths"`
	Hold  string     `json:"hold"` // check, cancel or never
	Need  *gate.Need `json:"need,omitempty"`

	set *glob.Set
}

// Environment is what is in force for deployments to one environment. One that
// the rules do not name holds agents' changes.
func (r *Rules) Environment(name string) EnvironmentRules {
	name = strings.ToLower(name)
	for _, e := range r.environments {
		if e.Name == name {
			return e
		}
	}
	return EnvironmentRules{Name: name, Hold: rulesfile.HoldAgents}
}

func (e EnvironmentRules) GoesBack() bool {
	return e.Rollback == rulesfile.RollbackAllow || e.Rollback == rulesfile.RollbackAlways
}

// Cancels reports whether the rules have a held run of the workflow file at a path
// cancelled until it is released.
func (r *Rules) Cancels(path string) bool {
	w, held := r.HoldsWorkflow(path)
	return held && w.Hold == rulesfile.HoldCancel
}

// HoldsWorkflow is what is in force for the workflow file at a path, by all
// sets that hold it together: the stricter hold, and every need. It is false
// where no set does.
func (r *Rules) HoldsWorkflow(path string) (WorkflowRules, bool) {
	var out WorkflowRules
	for _, w := range r.workflows {
		if w.set == nil || !w.set.Match(path, glob.Fold(path)) {
			continue
		}
		if out.Name == "" {
			out = w
			continue
		}
		out.Name += ", " + w.Name
		out.Paths = words.Union(out.Paths, w.Paths)
		out.Need = Strictest(out.Need, w.Need)
		if slices.Index(rulesfile.WorkflowHolds, w.Hold) > slices.Index(rulesfile.WorkflowHolds, out.Hold) {
			out.Hold = w.Hold
		}
	}
	return out, out.Name != ""
}
