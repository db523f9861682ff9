package policy

import (
	"slices"
	"strconv"

	"github.com/gatehold/gatehold/internal/gate"
)

// settleAdjustments applies `adjust`. The organisation may do as it likes with
// its rules, and so may nobody else: a repository may raise any rule, and may
// observe one only where it brought it itself.
func (c *compiler) settleAdjustments() {
	for _, f := range c.files {
		for _, a := range f.Adjust {
			found := false
			for _, rule := range c.rules.rules {
				// The organisation speaks of its own; a repository may mean
				// any rule that is in force.
				if rule.id == a.Rule && rule.owner <= f.by && !(rule.pack == f.by.String()) {
					found = true
					c.adjust(rule, a, f)
				}
			}
			if !found {
				c.explainIgnored("adjust "+a.Rule, f.Name, "no rule of this id is in force")
			}
		}
	}
}

func (c *compiler) adjust(rule *activeRule, a Adjustment, f said) {
	name := "rule " + rule.id
	mayWeaken := f.by == organisation
	mayObserve := mayWeaken || rule.owner == f.by
	switch {
	case a.Mode == Observe && !rule.Observe && mayObserve:
		rule.Observe = true
		c.set(name+" mode", "observe", f.Name)
	case a.Mode == Observe && !rule.Observe:
		c.overruled(name+" mode", "observe", f.Name, "the organisation's rule is enforced")
	case a.Mode == Enforce && rule.Observe:
		rule.Observe = false
		c.set(name+" mode", "enforce", f.Name)
	}
	if a.Risk > 0 {
		c.adjustRisk(rule, a.Risk, mayWeaken, f)
	}
	switch {
	case a.Level == "" || a.Level == rule.Level:
	case mayWeaken || a.Level.Rank() > rule.Level.Rank():
		rule.Level = a.Level
		c.set(name+" level", string(a.Level), f.Name)
	default:
		c.overruled(name+" level", string(a.Level), f.Name, "the rule's level is higher")
	}
	if a.For != "" && !rule.Everyone {
		rule.Everyone = true
		c.set(name+" for", "everyone", f.Name)
	}
	if a.Need != nil {
		if mayWeaken {
			rule.Need, rule.NeedOf = a.Need, ""
		} else {
			rule.Need = strictest(rule.Need, a.Need)
		}
		c.set(name+" need", sayNeed(rule.Need), f.Name)
	}
}

func (c *compiler) adjustRisk(rule *activeRule, risk int, mayLower bool, f said) {
	name := "rule " + rule.id + " risk"
	switch {
	case mayLower:
		rule.Risk = risk
		c.set(name, strconv.Itoa(risk), f.Name)
	case rule.Risk == 0:
		rule.floor = max(rule.floor, risk)
		c.set(name, "at least "+strconv.Itoa(risk), f.Name)
	case risk > rule.Risk:
		rule.Risk = risk
		c.set(name, strconv.Itoa(risk), f.Name)
	case risk < rule.Risk:
		c.overruled(name, strconv.Itoa(risk), f.Name, "only the organisation may lower a risk")
	}
}

var allLevels = []gate.Level{gate.Low, gate.Medium, gate.High, gate.Critical}

// settleNeeds finds each level's need: the root file's, to which the
// repository's is added where there is an organisation.
func (c *compiler) settleNeeds() {
	var floor, added [5]*gate.Need
	var from, addedFrom [5]string
	for _, f := range c.files {
		if f.File == c.root {
			floor, from = c.levelNeeds(f)
		} else {
			added, addedFrom = c.levelNeeds(f)
		}
	}
	// What was not judged whole could be of any level. Where no level is held
	// somebody has to look all the same: the gate does not know.
	c.rules.incomplete = strictest(floor[:]...)
	if c.rules.incomplete == nil {
		c.rules.incomplete = &gate.Need{Approvals: 1, From: []string{"role:maintain"}, Reason: true}
	}
	c.rules.incomplete = strictest(append(added[:], c.rules.incomplete)...)
	for _, level := range allLevels {
		i := level.Rank()
		need := strictest(floor[i], added[i])
		c.rules.needs[i] = need
		where := from[i]
		if added[i] != nil && (floor[i] == nil || !covers(*floor[i], *added[i])) {
			where = addedFrom[i]
		}
		if c.repo != nil && c.repo.Needs[level].Need != nil {
			c.sayAddedNeed(level, floor[i], added[i], need)
		}
		if need != nil {
			c.set("needs."+string(level), sayNeed(need), where)
		} else {
			c.set("needs."+string(level), "none", where)
		}
	}
}

// levelNeeds are the needs that one file asks for, and where each is written.
// What its packs say is a default, which the file may replace level by level.
// A level of which nobody says anything has the need of the level below it. A
// root file that says nothing of needs at all, nor its packs, has those of the
// default pack: rules that find something and hold nothing have to be asked for.
func (c *compiler) levelNeeds(f said) (needs [5]*gate.Need, from [5]string) {
	brought, err := withExtended(c.extends(f))
	if err == nil && f.File == c.root && len(f.Needs) == 0 &&
		!slices.ContainsFunc(brought, func(p *File) bool { return len(p.Needs) > 0 }) {
		brought, err = withExtended([]string{"default"})
	}
	if err != nil {
		return needs, from // collectRules has returned this error already
	}
	for i, level := range allLevels {
		var defaults []*gate.Need
		for _, p := range brought {
			if n, ok := p.Needs[level]; ok && n.Need != nil {
				defaults = append(defaults, n.Need)
				from[i+1] = p.Name
			}
		}
		own, ok := f.Needs[level]
		switch {
		case ok:
			needs[i+1], from[i+1] = own.Need, f.Name
			if own.Need == nil && f.File != c.root && c.rootNeed(level) != nil {
				c.overruled("needs."+string(level), "none", f.Name, "the organisation asks for "+sayNeed(c.rootNeed(level)))
			}
		case len(defaults) > 0:
			needs[i+1] = strictest(defaults...)
		default:
			needs[i+1], from[i+1] = needs[i], from[i]
		}
	}
	return needs, from
}

func (c *compiler) rootNeed(level gate.Level) *gate.Need {
	needs, _ := c.levelNeeds(said{c.root, c.layer})
	return needs[level.Rank()]
}

func (c *compiler) sayAddedNeed(level gate.Level, floor, added, merged *gate.Need) {
	if floor == nil || added == nil || compareNeeds(*floor, *added) == 0 {
		return
	}
	name := "needs." + string(level)
	switch {
	case compareNeeds(*merged, *floor) == 0:
		c.overruled(name, sayNeed(added), c.repo.Name, "the organisation asks for more")
	case compareNeeds(*merged, *added) == 0:
		c.overruled(name, sayNeed(floor), c.root.Name, "the repository asks for more")
	}
}
