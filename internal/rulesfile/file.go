// Package rulesfile is the language of rules: the text of one rules file in, a
// File out, or Problems.
//
// Parse reads one file and names every fault in it with line, column and a code
// that does not change; what it takes is whole. ParseCases reads files of policy
// tests. The packs that ship are files too. What several files come to together
// is for package policy.
//
// The same text gives the same File. The language is described for its users in
// rules/README.md.
package rulesfile

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/rulesfile/when"
)

// Bounds on a rules file.
const (
	MaxFileSize = 256 << 10 // bytes
	MaxDepth    = 16        // of YAML nesting
	MaxRules    = 500       // in one file
	MaxList     = 500       // entries of any list in it
	MaxProblems = 100       // told at once
)

// Source is the text of one rules file and what it is called.
type Source struct {
	Name string // "acme/shop/.github/gatehold.yml@3f2a91c"
	Text []byte
}

// Problem is one fault of a rules file.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1; 0 where the file as a whole is meant
	Column int    `json:"column"` // from 1, in characters
	Code   string `json:"code"`   // unknown_key, bad_glob, ...: stable
	Text   string `json:"text"`   // a sentence that says what is wrong and what to write
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Problems are all faults of a rules file, in the order of their places. As an
// error it prints one line for each.
type Problems []Problem

func (p Problems) Error() string {
	var b strings.Builder
	for i, one := range p {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.String())
	}
	return b.String()
}

// Mode says whether rules hold or only watch.
type Mode string

// The modes, from the weaker to the stricter.
const (
	Observe Mode = "observe"
	Enforce Mode = "enforce"
)

// File is one rules file, or one pack, as it was parsed.
type File struct {
	Name string // of the Source
	Pack string // the pack's name; empty for a file of users

	Extends    []string
	HasExtends bool
	Mode       Mode // empty: not said
	Presume    string
	Owners     string   // may_approve or excluded; empty: not said
	Helpers    []string // known automation that is taken for no agent
	HasHelpers bool
	Known      []KnownAgent
	Boundaries []Boundary // by name
	Separate   [][]string
	Branches   []string // patterns of branches, each a lane of its own
	Commands   []*tool.Tool
	Rules      []*Rule
	Adjust     []Adjustment // by rule
	Needs      map[gate.Level]LevelNeed

	Environments []Environment // by name
	Workflows    []Workflow    // by name
	BreakGlass   *BreakGlass
	Tell         []gate.Telling // who is told
	Passkeys     *Passkeys      // what is asked of people's passkeys
	Credentials  []Credential   // by id
	Identities   []AgentIdentity
}

// KnownAgent is an agent that a rules file registers.
type KnownAgent struct {
	Name  string `json:"name,omitempty"`
	Login string `json:"login,omitempty"`
	Email string `json:"email,omitempty"`
	ID    int64  `json:"id,omitempty"`
	Owner string `json:"owner,omitempty"`

	Branch  string `json:"branch,omitempty"`
	Trailer string `json:"trailer,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Boundary is a named writable domain.
type Boundary struct {
	Name         string
	Paths        *glob.Set
	Detect       *DetectSet
	Environments []string
}

// Rule is one condition with a risk.
type Rule struct {
	ID      string // within its file; in a pack the full id is "pack/id"
	Title   string
	Message string
	Why     string

	Paths    *glob.Set
	Status   []string
	Actors   []NameGlob
	Branches *glob.Set
	Labels   []NameGlob
	Detect   *DetectSet
	When     *when.Condition

	Everyone bool
	Risk     int // 0: each observation's own
	Level    gate.Level
	Observe  bool
	Controls []string
	Need     *gate.Need
	NeedOf   gate.Level // the need of this level; beside Need only after an adjustment

	line int
}

// Adjustment changes a rule that another file brought.
type Adjustment struct {
	Rule  string
	Mode  Mode // empty: as it was
	Risk  int  // 0: as it was
	Level gate.Level
	Need  *gate.Need
	For   string // "everyone", or empty
	line  int
}

// LevelNeed is the need of a level: nil where the file says `none`.
type LevelNeed struct{ Need *gate.Need }

// Channel is a way in which an approver can answer.
type Channel string

// The channels.
const (
	Button  Channel = "button"  // on the check run, in a signed-in browser
	Passkey Channel = "passkey" // on gatehold's page
	CLI     Channel = "cli"     // gatehold approve, signed in through the device flow
	Slack   Channel = "slack"   // a button of a message, by somebody linked to an account
)

// Environment is what the rules say of deployments to one environment.
type Environment struct {
	Name         string   `json:"name"`
	Hold         string   `json:"hold,omitempty"` // always, agent_changes, never; empty: not said
	Need         *Needed  `json:"need,omitempty"`
	Channels     []string `json:"channels,omitempty"`
	Wait         string   `json:"wait,omitempty"` // a duration: the least age of what is deployed
	Freeze       []Freeze `json:"freeze,omitempty"`
	FromBranches []string `json:"from_branches,omitempty"`
	After        string   `json:"after,omitempty"` // another environment
	Healthy      string   `json:"healthy,omitempty"`
	Concurrent   int      `json:"concurrent,omitempty"`
	Inherit      string   `json:"inherit,omitempty"`  // approved, or none
	Rollback     string   `json:"rollback,omitempty"` // allow, always or never
}

// Needed is a need written out, or the need of a level.
type Needed struct {
	Level gate.Level `json:"level,omitempty"`
	Need  *gate.Need `json:"need,omitempty"`
}

// Freeze is a time in which nothing is deployed.
type Freeze struct {
	From   string   `json:"from,omitempty"`  // RFC 3339
	Until  string   `json:"until,omitempty"` // RFC 3339
	Cron   string   `json:"cron,omitempty"`  // five fields, when it begins
	Lasts  string   `json:"lasts,omitempty"` // a duration, with Cron
	Zone   string   `json:"zone,omitempty"`  // IANA name; empty: UTC
	Except []string `json:"except,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// Workflow is a named set of workflow files that count as deploys.
type Workflow struct {
	Name  string   `json:"name"`
	Paths []string `json:"paths"`
	Hold  string   `json:"hold,omitempty"` // check, cancel or never; empty: not said
	Need  *Needed  `json:"need,omitempty"`
}

// BreakGlass says who may release at once, and how.
type BreakGlass struct {
	From   []string `json:"from"`
	Via    []string `json:"via,omitempty"`
	Reason bool     `json:"reason"`
}

const Owners = "codeowners"

// What an environment, or a workflow, holds.
const (
	HoldNever  = "never"
	HoldAgents = "agent_changes" // of an environment
	HoldAlways = "always"        // of an environment
	HoldCheck  = "check"         // of a workflow: a check says so
	HoldCancel = "cancel"        // of a workflow: the run is cancelled until it is released
)

// Whether an environment goes back to what was approved there before.
const (
	RollbackNever  = "never"
	RollbackAllow  = "allow"  // save past what cannot be undone, and not where an agent starts it
	RollbackAlways = "always" // even then
)

var WorkflowHolds = []string{HoldNever, HoldCheck, HoldCancel} // from the weaker to the stricter

var AllLevels = []gate.Level{gate.Low, gate.Medium, gate.High, gate.Critical}
