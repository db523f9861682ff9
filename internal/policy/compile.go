// Package policy is what rules files come to together. Compile lays the built-in
// packs, the organisation's file and the repository's over one another, where for
// each setting the stricter wins, and yields Rules; Load does so for files as they
// were found on GitHub, and never fails: what cannot be used holds everything.
//
// Rules never change, may be used by many goroutines at once, and say of
// themselves what is in force and from which file (Explain), and in which ways
// others are weaker (FileReader) or differ.
package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// Rules are what is in force for one repository at one moment. They never
// change, and may be used by many goroutines at once.
type Rules struct {
	Registry     *catalog.Registry
	Org, repo    *rulesfile.File // that were laid over one another, to lay others in their place
	Builtin      bool
	mode         rulesfile.Mode
	sources      []string
	Agents       agent.Options
	ownersOut    bool   // the registered owner of an agent cannot release what it made
	Plain        *Rules // what the files say, where AsAgents went beyond it
	Active       []*ActiveRule
	Needs        [5]*gate.Need // by Level.Rank
	Incomplete   *gate.Need    // of what was not judged whole; never nil
	Boundaries   []activeBoundary
	Separate     [][]string
	branches     []string
	commands     []*tool.Tool       // of the organisation's own command line
	own          func() *tool.Table // commands with those that are built in; nil: there are none
	environments []EnvironmentRules
	workflows    []WorkflowRules
	breakGlass   *rulesfile.BreakGlass
	tell         []gate.Telling
	passkeys     rulesfile.Passkeys
	credentials  []Credential
	identities   []rulesfile.AgentIdentity
	Problems     []gate.Problem // of files that could not be used: all is held
	explanation  Explanation
	Plan         plan
	digest       string
	before       string // the digest that the version before gave them
}

// ActiveRule is a rule in force, with all adjustments made.
type ActiveRule struct {
	*rulesfile.Rule
	FullID string // "migrations/files", or the user's own id
	Pack   string // the pack's name, "organisation" or "repository"
	Floor  int    // least risk of a match, where an adjustment raised it
	owner  layer  // whose rule it is: who may weaken it
	Index  int    // among the rules in force
}

// layer says who speaks. A later layer cannot weaken an earlier one.
type layer int

const (
	organisation layer = iota
	repository
)

func (l layer) String() string {
	if l == organisation {
		return "organisation"
	}
	return "repository"
}

// Builtin returns the rules where no file is found: the default pack, in
// observe mode, so that installing the App blocks nobody.
func Builtin() *Rules {
	r, err := Compile(nil, nil)
	if err != nil {
		// The packs are part of the build, and a test compiles them: this is
		// no state that a program with passing tests can be in.
		panic("policy: the built-in packs do not compile: " + err.Error())
	}
	return r
}

// Compile lays the files over one another: packs, then the organisation's
// file, then the repository's. nil stands for a file that is known not to
// exist; both nil is the built-in default in observe mode.
func Compile(org, repo *rulesfile.File) (*Rules, error) {
	return CompileWith(org, repo, catalog.Shipped())
}

func CompileWith(org, repo *rulesfile.File, r *catalog.Registry) (*Rules, error) {
	c := &compiler{rules: &Rules{Registry: r}}
	return c.compile(org, repo)
}

type compiler struct {
	rules *Rules
	org   *rulesfile.File
	repo  *rulesfile.File
	root  *rulesfile.File // the file that packs' defaults yield to
	layer layer           // of root
	files []said          // org and repo, those that exist
	packs []*rulesfile.File
}

// said is a file and who says it.
type said struct {
	*rulesfile.File
	by layer
}

func (c *compiler) compile(org, repo *rulesfile.File) (*Rules, error) {
	c.org, c.repo = org, repo
	r := c.rules
	r.Org, r.repo = org, repo
	switch {
	case org != nil:
		c.root, c.layer = org, organisation
	case repo != nil:
		c.root, c.layer = repo, repository
	default:
		c.root = &rulesfile.File{Name: "built-in default", Mode: rulesfile.Observe}
		r.Builtin = true
		org = c.root
	}
	if org != nil {
		c.files = append(c.files, said{org, organisation})
	}
	if repo != nil {
		c.files = append(c.files, said{repo, repository})
	}
	for _, f := range c.files {
		r.sources = append(r.sources, f.Name)
	}
	if err := c.collectRules(); err != nil {
		return nil, err
	}
	c.mergeMode()
	c.mergeAgents()
	c.mergeAdjustments()
	c.mergeNeeds()
	c.mergeBoundaries()
	c.mergeBranches()
	c.mergeCommands()
	c.mergeEnvironments()
	c.mergeWorkflows()
	c.mergeBreakGlass()
	c.mergeTell()
	c.mergePasskeys()
	c.mergeCredentials()
	r.Plan = newPlan(r)
	c.explain()
	r.digest, r.before = digested(r)
	return r, nil
}

// extends are the packs that a file brings. A file that says nothing brings
// the default, unless it stands on an organisation's.
func (c *compiler) extends(f said) []string {
	if f.HasExtends || f.File != c.root {
		return f.Extends
	}
	return []string{"default"}
}

func (c *compiler) collectRules() error {
	have := map[string]bool{}
	for _, f := range c.files {
		names := c.extends(f)
		if len(f.Separate) > 0 {
			names = append(slices.Clone(names), "boundaries") // what `separate` says needs a rule to count
		}
		brought, err := rulesfile.WithExtended(names)
		if err != nil {
			return fmt.Errorf("policy: %w", err)
		}
		for _, p := range brought {
			if have[p.Pack] {
				continue
			}
			have[p.Pack] = true
			c.packs = append(c.packs, p)
			for _, rule := range p.Rules {
				c.add(rule, p.Pack+"/"+rule.ID, p.Pack, f.by)
			}
		}
		for _, rule := range f.Rules {
			c.add(rule, rule.ID, f.by.String(), f.by)
		}
	}
	slices.SortStableFunc(c.rules.Active, func(a, b *ActiveRule) int {
		if a.owner != b.owner {
			return int(a.owner - b.owner)
		}
		return strings.Compare(a.FullID, b.FullID)
	})
	return nil
}

func (c *compiler) add(rule *rulesfile.Rule, id, pack string, owner layer) {
	own := *rule
	c.rules.Active = append(c.rules.Active, &ActiveRule{Rule: &own, FullID: id, Pack: pack, owner: owner})
}

func (c *compiler) mergeMode() {
	mode := c.root.Mode
	if mode == "" {
		mode = rulesfile.Enforce
	}
	from := c.root.Name
	if c.root == c.org && c.repo != nil && c.repo.Mode != "" && c.repo.Mode != mode {
		if c.repo.Mode == rulesfile.Enforce {
			c.overruled("mode", string(mode), from, "the repository is stricter")
			mode, from = rulesfile.Enforce, c.repo.Name
		} else {
			c.overruled("mode", string(c.repo.Mode), c.repo.Name, "the organisation enforces")
		}
	}
	c.rules.mode = mode
	c.set("mode", string(mode), from)
}

func (c *compiler) mergeAgents() {
	presume, from := "human", "default"
	for _, f := range c.files {
		switch {
		case f.Presume == "" || f.Presume == presume:
		case f.Presume == "agent":
			presume, from = "agent", f.Name
		default:
			c.overruled("agents.presume", f.Presume, f.Name, "`agent` is stricter")
		}
		for _, k := range f.Known {
			known := agent.Known(k)
			c.rules.Agents.Known = append(c.rules.Agents.Known, known)
			c.set("agents.known", strings.TrimSpace(k.Name+" "+k.Login+k.Email), f.Name)
			c.rules.explanation.Agents = append(c.rules.explanation.Agents, known.Signs(f.Name))
		}
		switch {
		case f.Owners == "":
		case f.Owners == rulesfile.OwnersExcluded:
			c.rules.ownersOut = true
			c.set("agents.owners", rulesfile.OwnersExcluded, f.Name)
		case c.rules.ownersOut:
			c.overruled("agents.owners", f.Owners, f.Name, "`excluded` is stricter")
		default:
			c.set("agents.owners", f.Owners, f.Name)
		}
	}
	c.rules.Agents.PresumeAgent = presume == "agent"
	c.set("agents.presume", presume, from)
	c.mergeHelpers()
}

// mergeHelpers takes for no agent what the organisation's file names and the
// repository's does not leave out; without an organisation's, what that names.
func (c *compiler) mergeHelpers() {
	root := c.root
	for _, name := range root.Helpers {
		if root == c.org && c.repo != nil && c.repo.HasHelpers && !slices.Contains(c.repo.Helpers, name) {
			c.overruled("agents.helpers", name, root.Name, "the repository is stricter")
			continue
		}
		c.rules.Agents.Helpers = append(c.rules.Agents.Helpers, name)
		c.set("agents.helpers", name, root.Name)
	}
	if root == c.org && c.repo != nil {
		for _, name := range c.repo.Helpers {
			if !slices.Contains(root.Helpers, name) {
				c.overruled("agents.helpers", name, c.repo.Name, "the organisation does not name it")
			}
		}
	}
	slices.Sort(c.rules.Agents.Helpers)
}

// mergeBoundaries joins boundaries of one name: more belongs to them.
func (c *compiler) mergeBoundaries() {
	r := c.rules
	for _, f := range c.files {
		for _, b := range f.Boundaries {
			i := slices.IndexFunc(r.Boundaries, func(a activeBoundary) bool { return a.Name == b.Name })
			if i < 0 {
				r.Boundaries = append(r.Boundaries, activeBoundary{Name: b.Name})
				i = len(r.Boundaries) - 1
			}
			r.Boundaries[i].parts = append(r.Boundaries[i].parts, b)
			c.set("boundary", b.Name, f.Name)
		}
		for _, group := range f.Separate {
			group = slices.Sorted(slices.Values(group))
			if !slices.ContainsFunc(r.Separate, func(s []string) bool { return slices.Equal(s, group) }) {
				r.Separate = append(r.Separate, group)
				c.set("separate", words.List(group, "and"), f.Name)
			}
		}
	}
	slices.SortFunc(r.Boundaries, func(a, b activeBoundary) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Separate, slices.Compare[[]string])
}

func (c *compiler) mergeBreakGlass() {
	c.rules.breakGlass = c.root.BreakGlass
	if b := c.root.BreakGlass; b != nil {
		c.set("break_glass", "from "+words.List(b.From, "or"), c.root.Name)
	}
	if c.repo == nil || c.repo == c.root || c.repo.BreakGlass == nil {
		return
	}
	mine := c.repo.BreakGlass
	if c.root.BreakGlass == nil {
		c.overruled("break_glass", "from "+words.List(mine.From, "or"), c.repo.Name, "the organisation grants nobody an override")
		return
	}
	// Both must allow it: the people and channels that both name.
	joint := &rulesfile.BreakGlass{
		From:   both(c.root.BreakGlass.From, mine.From),
		Via:    ChannelsBoth(c.root.BreakGlass.Via, mine.Via),
		Reason: c.root.BreakGlass.Reason || mine.Reason,
	}
	if joint.Reason && len(joint.Via) > 0 && !slices.ContainsFunc(joint.Via, rulesfile.CarriesReason) {
		c.overruled("break_glass", "from "+words.List(c.root.BreakGlass.From, "or"), c.root.Name,
			"together the files ask for a reason and take channels only that carry none: nobody may release at once")
		c.rules.breakGlass = nil
		return
	}
	if len(joint.From) == 0 || len(joint.Via) == 0 && len(c.root.BreakGlass.Via)+len(mine.Via) > 0 {
		c.overruled("break_glass", "from "+words.List(mine.From, "or"), c.repo.Name, "it shares nobody or no channel with the organisation's")
		return
	}
	c.rules.breakGlass = joint
	c.set("break_glass", "from "+words.List(joint.From, "or"), c.repo.Name)
}

func both(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// ChannelsBoth narrows the channels of what is asked to those of a place, where
// an empty list of the place leaves them as they are. What names none takes any
// but the command line, which narrowing does not add: nothing may be left.
func ChannelsBoth(asked, place []string) []string {
	switch {
	case len(place) == 0:
		return asked
	case len(asked) == 0:
		return slices.DeleteFunc(slices.Clone(place), named)
	}
	return both(asked, place)
}
