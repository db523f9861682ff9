package gate

// The actions of what is seen on the stream of a repository.
const (
	RulesChanged       = "rules_changed"       // on the branch BaseRef
	OrgRulesChanged    = "org_rules_changed"   // those of the organisation
	Installed          = "installed"           // the App may see the repository from now on
	EnforcementChanged = "enforcement_changed" // what makes GitHub wait
	WorkflowsChanged   = "workflows_changed"   // what can deploy, on the default branch
	BranchSeen         = "branch_seen"         // BaseRef is merged into, and it is not known what enforces it
	Renamed            = "renamed"             // the repository has another name, or is heard of for the first time
	Moved              = "moved"               // it has another owner, or the App another installation there
	Archived           = "archived"            // GitHub takes nothing there
	Unarchived         = "unarchived"          // it does again
	LanesChanged       = "lanes_changed"       // branches belong to other lanes than before, or may
	LanesUnsure        = "lanes_unsure"        // they may belong to others than is on record: only reading them tells
)

// Enforcement is what makes GitHub wait for a gate: the required check on a
// branch, or the protection rule on an environment.
type Enforcement struct {
	Branch      string `json:"branch,omitempty"` // one of the two is set
	Environment string `json:"environment,omitempty"`
	// Lane is that of the branch: by its check GitHub has to wait.
	Lane     Lane `json:"lane,omitempty"`
	Enforced bool `json:"enforced"`
	// Guarded says that GitHub guards the branch in some way, by a ruleset or by
	// branch protection, so that it is a lane.
	Guarded bool `json:"guarded,omitempty"`
	// Missing are sentences: what is not as it has to be, and what to do.
	Missing []string `json:"missing,omitempty"`
	// Bypass names who can pass by it, as far as GitHub tells.
	Bypass []string `json:"bypass,omitempty"`
	// Unknown says why it could not be told; then Enforced is false.
	Unknown string `json:"unknown,omitempty"`
}
