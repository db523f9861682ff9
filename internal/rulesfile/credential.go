package rulesfile

import "time"

// What a credential hangs on.
const (
	GateRequired = "required" // the gate of the deployment, or of the run, has to be released
	GateIntent   = "intent"   // what the task declared has to allow it
)

// How long a credential is good for: GitHub's tokens for an hour at most, and those that
// gatehold signs, which nobody can take back, for a quarter of one.
const (
	DefaultLifetime  = 15 * time.Minute
	LongestToken     = time.Hour
	LongestIdentity  = 15 * time.Minute
	ShortestLifetime = time.Minute
)

// Credential is what a workload may be given.
type Credential struct {
	ID   string        `json:"id"`
	For  CredentialFor `json:"for"`
	Gate string        `json:"gate"`           // required, intent
	Mode Mode          `json:"mode,omitempty"` // observe: nothing is given, and what would be refused is on record

	// Of an installation token. Repositories are names within the owner; none: that of
	// the workload alone.
	Permissions  map[string]string `json:"permissions,omitempty"`
	Repositories []string          `json:"repositories,omitempty"`
	// Of an identity.
	Audience []string          `json:"audience,omitempty"`
	Claims   map[string]string `json:"claims,omitempty"`

	Lifetime string `json:"lifetime,omitempty"` // a duration; empty: DefaultLifetime
	Chain    int    `json:"chain,omitempty"`    // how many may have passed the task on
}

// CredentialFor is who may be given it. All that is said has to be so.
type CredentialFor struct {
	Repositories []string          `json:"repositories,omitempty"` // names; of an organisation's file
	Workflow     string            `json:"workflow,omitempty"`     // path of the file in the repository
	JobWorkflow  string            `json:"job_workflow,omitempty"` // OWNER/REPO/PATH@REF of a reusable one
	Environment  string            `json:"environment,omitempty"`
	Branches     []string          `json:"branches,omitempty"` // patterns
	Runner       string            `json:"runner,omitempty"`   // github-hosted, self-hosted
	Issuer       string            `json:"issuer,omitempty"`   // URL; empty: GitHub Actions
	Subject      string            `json:"subject,omitempty"`  // whole; of another issuer
	Claims       map[string]string `json:"claims,omitempty"`
	Agent        string            `json:"agent,omitempty"` // name of a registered one
}

// AgentIdentity is by what a registered agent proves who it is.
type AgentIdentity struct {
	Agent   string            `json:"agent"`             // its name, or its login
	Issuer  string            `json:"issuer,omitempty"`  // URL; empty: GitHub Actions
	Subject string            `json:"subject,omitempty"` // whole
	Claims  map[string]string `json:"claims,omitempty"`
}

// Token reports whether an installation token is given, Identity whether an identity is.
func (c Credential) Token() bool { return len(c.Permissions) > 0 }

// Identity reports whether an identity is given.
func (c Credential) Identity() bool { return len(c.Audience) > 0 }

// Life is how long it is good for.
func (c Credential) Life() time.Duration {
	if d, err := time.ParseDuration(c.Lifetime); err == nil && d > 0 {
		return d
	}
	return DefaultLifetime
}

// Levels of what an installation token may do, from the weaker to the stronger.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
var PermissionLevels = []string{"read", "write", "admin"}
