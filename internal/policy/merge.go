package policy

import (
	"slices"
	"strconv"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// mergeAdjustments applies `adjust`. The organisation may do as it likes with
// its rules, and so may nobody else: a repository may raise any rule, and may
// observe one only where it brought it itself.
func (c *compiler) mergeAdjustments() {
	for _, f := range c.files {
		for _, a := range f.Adjust {
			found := false
			for _, rule := range c.rules.Active {
				// The organisation speaks of its own; a repository may mean
				// any rule that is in force.
				if rule.FullID == a.Rule && rule.owner <= f.by && !(rule.Pack == f.by.String()) {
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

func (c *compiler) adjust(rule *ActiveRule, a rulesfile.Adjustment, f said) {
	name := "rule " + rule.FullID
	mayWeaken := f.by == organisation
	mayObserve := mayWeaken || rule.owner == f.by
	switch {
	case a.Mode == rulesfile.Observe && !rule.Observe && mayObserve:
		rule.Observe = true
		c.set(name+" mode", "observe", f.Name)
	case a.Mode == rulesfile.Observe && !rule.Observe:
		c.overruled(name+" mode", "observe", f.Name, "the organisation's rule is enforced")
	case a.Mode == rulesfile.Enforce && rule.Observe:
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
			rule.Need = Strictest(rule.Need, a.Need)
		}
		c.set(name+" need", report.Need(rule.Need), f.Name)
	}
}

func (c *compiler) adjustRisk(rule *ActiveRule, risk int, mayLower bool, f said) {
	name := "rule " + rule.FullID + " risk"
	switch {
	case mayLower:
		rule.Risk = risk
		c.set(name, strconv.Itoa(risk), f.Name)
	case rule.Risk == 0:
		rule.Floor = max(rule.Floor, risk)
		c.set(name, "at least "+strconv.Itoa(risk), f.Name)
	case risk > rule.Risk:
		rule.Risk = risk
		c.set(name, strconv.Itoa(risk), f.Name)
	case risk < rule.Risk:
		c.overruled(name, strconv.Itoa(risk), f.Name, "only the organisation may lower a risk")
	}
}

// mergeNeeds finds each level's need: the root file's, to which the
// repository's is added where there is an organisation.
func (c *compiler) mergeNeeds() {
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
	c.rules.Incomplete = Strictest(floor[:]...)
	if c.rules.Incomplete == nil {
		c.rules.Incomplete = &gate.Need{Approvals: 1, From: []string{"role:maintain"}, Reason: true}
	}
	c.rules.Incomplete = Strictest(append(added[:], c.rules.Incomplete)...)
	for _, level := range rulesfile.AllLevels {
		i := level.Rank()
		need := Strictest(floor[i], added[i])
		c.rules.Needs[i] = need
		where := from[i]
		if added[i] != nil && (floor[i] == nil || !Covers(*floor[i], *added[i])) {
			where = addedFrom[i]
		}
		if c.repo != nil && c.repo.Needs[level].Need != nil {
			c.sayAddedNeed(level, floor[i], added[i], need)
		}
		if need != nil {
			c.set("needs."+string(level), report.Need(need), where)
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
	brought, err := rulesfile.WithExtended(c.extends(f))
	if err == nil && f.File == c.root && len(f.Needs) == 0 &&
		!slices.ContainsFunc(brought, func(p *rulesfile.File) bool { return len(p.Needs) > 0 }) {
		brought, err = rulesfile.WithExtended([]string{"default"})
	}
	if err != nil {
		return needs, from // collectRules has returned this error already
	}
	for i, level := range rulesfile.AllLevels {
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
				c.overruled("needs."+string(level), "none", f.Name, "the organisation asks for "+report.Need(c.rootNeed(level)))
			}
		case len(defaults) > 0:
			needs[i+1] = Strictest(defaults...)
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
		c.overruled(name, report.Need(added), c.repo.Name, "the organisation asks for more")
	case compareNeeds(*merged, *added) == 0:
		c.overruled(name, report.Need(floor), c.root.Name, "the repository asks for more")
	}
}
