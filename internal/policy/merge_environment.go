package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// EnvironmentRules is what all files together say of an environment. Each of
// the lists of lists holds one entry for each file: all must be met.
type EnvironmentRules struct {
	Name         string             `json:"name"` // in lower case: GitHub compares it so
	Hold         string             `json:"hold"`
	Need         *gate.Need         `json:"need,omitempty"`
	Channels     []string           `json:"channels,omitempty"` // empty: any
	Wait         string             `json:"wait,omitempty"`
	Freeze       []rulesfile.Freeze `json:"freeze,omitempty"`
	FromBranches [][]string         `json:"from_branches,omitempty"`
	After        []After            `json:"after,omitempty"`
	Concurrent   int                `json:"concurrent,omitempty"`
	Inherit      bool               `json:"inherit,omitempty"`
	Rollback     string             `json:"rollback,omitempty"` // allow or always; empty: never

	Branches []*rulesfile.Names `json:"-"` // FromBranches, ready to match
}

// After is an environment in which the same commit must have succeeded before,
// and stayed healthy for so long.
type After struct {
	Environment string `json:"environment"`
	Healthy     string `json:"healthy,omitempty"`
}

// Environments are what the rules say of deployments, by name.
func (r *Rules) Environments() []EnvironmentRules { return slices.Clone(r.environments) }

// Workflows are the workflow files that count as deploys.
func (r *Rules) Workflows() []WorkflowRules { return slices.Clone(r.workflows) }

// BreakGlass says who may release at once, or nil for nobody.
func (r *Rules) BreakGlass() *rulesfile.BreakGlass { return r.breakGlass }

// Mode says whether the rules hold or only watch.
func (r *Rules) Mode() rulesfile.Mode { return r.mode }

var holds = []string{"never", "agent_changes", "always"} // from the weaker to the stricter

func (c *compiler) mergeEnvironments() {
	r := c.rules
	for _, f := range c.files {
		for _, e := range f.Environments {
			name := strings.ToLower(e.Name)
			i := slices.IndexFunc(r.environments, func(x EnvironmentRules) bool { return x.Name == name })
			if i < 0 {
				r.environments = append(r.environments, EnvironmentRules{Name: name, Inherit: e.Inherit == "approved",
					Rollback: goingBack(e.Rollback)})
				i = len(r.environments) - 1
			}
			c.mergeEnvironment(&r.environments[i], e, f)
			c.set("environment", fmt.Sprintf("%s: hold %s", name, r.environments[i].Hold), f.Name)
		}
	}
	slices.SortFunc(r.environments, func(a, b EnvironmentRules) int { return strings.Compare(a.Name, b.Name) })
}

func (c *compiler) mergeEnvironment(into *EnvironmentRules, e rulesfile.Environment, f said) {
	name := "environments." + into.Name
	c.mergeHold(name, into, e.Hold, f)
	if e.Need != nil {
		need := e.Need.Need
		if need == nil {
			need = c.rules.Needs[e.Need.Level.Rank()]
		}
		into.Need = Strictest(into.Need, need)
	}
	c.mergeChannels(name, into, e.Channels, f)
	c.mergeWait(name, into, e.Wait, f)
	into.Freeze = append(into.Freeze, e.Freeze...)
	if len(e.FromBranches) > 0 {
		into.FromBranches = append(into.FromBranches, e.FromBranches)
		into.Branches = append(into.Branches, rulesfile.NamesOf(e.FromBranches))
	}
	if e.After != "" {
		into.After = append(into.After, After{strings.ToLower(e.After), e.Healthy})
	}
	if e.Concurrent > 0 && (into.Concurrent == 0 || e.Concurrent < into.Concurrent) {
		into.Concurrent = e.Concurrent
	}
	if e.Inherit == "approved" && !into.Inherit {
		c.overruled(name+".inherit", "approved", f.Name, "the organisation asks for an approval of the deployment itself")
	}
	into.Inherit = into.Inherit && e.Inherit == "approved"
	switch mine := goingBack(e.Rollback); {
	case slices.Index(rollbacks, mine) < slices.Index(rollbacks, into.Rollback):
		c.overruled(name+".rollback", e.Rollback, f.Name, orNever(into.Rollback)+" is stricter")
	default:
		into.Rollback = mine
	}
}

func (c *compiler) mergeHold(name string, into *EnvironmentRules, hold string, f said) {
	if hold == "" && into.Hold == "" {
		hold = "agent_changes"
	}
	switch {
	case hold == "":
	case slices.Index(holds, hold) < slices.Index(holds, into.Hold):
		c.overruled(name+".hold", hold, f.Name, into.Hold+" is stricter")
	default:
		into.Hold = hold
	}
}

func (c *compiler) mergeChannels(name string, into *EnvironmentRules, channels []string, f said) {
	if len(channels) == 0 {
		return
	}
	if joint := ChannelsBoth(into.Channels, channels); len(joint) > 0 {
		into.Channels = joint
	} else {
		c.overruled(name+".channels", words.List(channels, "and"), f.Name, "the organisation allows none of them")
	}
}

func (c *compiler) mergeWait(name string, into *EnvironmentRules, wait string, f said) {
	if into.Wait == "" || wait != "" && sooner(into.Wait, wait) {
		into.Wait = wait
	} else if wait != "" && wait != into.Wait {
		c.overruled(name+".wait", wait, f.Name, into.Wait+" is longer")
	}
}

var rollbacks = []string{rulesfile.RollbackAlways, rulesfile.RollbackAllow, ""} // from the weaker to the stricter

// goingBack is what `rollback` says, with nothing for never.
func goingBack(word string) string {
	if word == rulesfile.RollbackNever {
		return ""
	}
	return word
}

func orNever(word string) string { return cmp.Or(word, rulesfile.RollbackNever) }

// mergeWorkflows keeps every set of every file: the stricter counts where
// several hold one file.
func (c *compiler) mergeWorkflows() {
	for _, f := range c.files {
		for _, w := range f.Workflows {
			out := WorkflowRules{Name: w.Name, Paths: w.Paths, Hold: cmp.Or(w.Hold, rulesfile.HoldCheck)}
			out.set, _ = glob.CompileSet(w.Paths) // the parser has compiled it before
			if w.Need != nil {
				out.Need = w.Need.Need
				if out.Need == nil {
					out.Need = c.rules.Needs[w.Need.Level.Rank()]
				}
			}
			c.rules.workflows = append(c.rules.workflows, out)
			c.set("workflow", fmt.Sprintf("%s: hold %s", w.Name, out.Hold), f.Name)
		}
	}
}
