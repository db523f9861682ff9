package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Confirmed records, on the stream of a gate, that GitHub was asked again about
// people whose choices stand.
type Confirmed struct {
	People []Confirmation `json:"people"`
}

// Confirmation is what a person is now, of what the needs ask for.
type Confirmation struct {
	By     Actor    `json:"by"` // the account as it was when it chose
	Groups []string `json:"groups"`
}

func (Confirmed) Kind() string { return "confirmed" }

// Named are the logins and the teams, org/team, that a verdict counts with and of
// which it knows no more than the name, in small letters: people and teams in the
// needs, and those whom a text says had a part in it.
func (v *Verdict) Named() []string {
	var out []string
	add := func(name string) {
		if name = strings.ToLower(name); name != "" && !strings.HasSuffix(name, "[bot]") && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, g := range v.Asks() {
		add(nameOf(g))
	}
	for _, c := range v.Contributors {
		if c.ID == 0 {
			add(c.Login)
		}
	}
	return out
}

// nameOf is the name of a group that is one person, or a team; empty for any other.
func nameOf(group string) string {
	name, is := strings.CutPrefix(group, "@")
	if !is {
		return ""
	}
	return name
}

// isTeam reports whether a group, or its name, is a team's.
func isTeam(group string) bool { return strings.Contains(group, "/") }

// means says whether a name means an account or a team: it does where it was that
// one's when it was first named. known is false for a name that nobody has bound.
func (s State) means(name string, id int64) (does, known bool) {
	bound, known := s.Names[strings.ToLower(name)]
	return bound != 0 && bound == id, known
}

// named takes from a person the groups that are names of other accounts and teams:
// what a name says now counts only where it said the same when it was named first.
// It says which were taken.
func (s State) named(p Person) (Person, []string) {
	var lost []string
	other := func(group string) bool {
		name, id := nameOf(group), p.Actor.ID
		if isTeam(group) {
			id = p.Teams[group]
		}
		does, known := s.means(name, id)
		return name != "" && known && !does
	}
	for _, g := range p.Groups {
		if other(g) {
			lost = append(lost, g)
		}
	}
	if len(lost) > 0 {
		p.Groups = slices.DeleteFunc(slices.Clone(p.Groups), other)
	}
	return p, lost
}

// sayLost tells somebody why a name in the rules does not mean them.
func sayLost(who string, lost []string) string {
	if slices.ContainsFunc(lost, isTeam) {
		return fmt.Sprintf("The rules name %s, and another team had that name when it was first named here: it means nobody "+
			"now, and not %s. Have the rules name the team by the name that it has today, or give the one that took it another.",
			strings.Join(lost, ", "), who)
	}
	return fmt.Sprintf("The rules name %s, and that login was another account's, or nobody's, when it was first named here: "+
		"it means nobody now, and not %s. Name a team, or the login that the person has today.", strings.Join(lost, ", "), who)
}

// had reports whether a contributor is an account: by its id, by the login that
// it has now, or by one that it had when a text named it.
func (s State) had(c Contributor, a Actor) bool {
	if c.Is(a) {
		return true
	}
	does, _ := s.means(c.Login, a.ID)
	return c.ID == 0 && does
}

// isExcluded reports whether an exclusion is of a person: by a group, or by a
// login that was that account's when it was named.
func (s State) isExcluded(x Exclusion, p Person) bool {
	if name := nameOf(x.Group); name != "" && !isTeam(name) {
		if does, known := s.means(name, p.Actor.ID); known && does {
			return true
		}
	}
	return slices.Contains(p.Groups, x.Group)
}

// Approvers are those by whose choices the gate stands open, or would with one
// more: whom to ask about again before anything relies on them.
func (s State) Approvers() []Actor {
	var out []Actor
	for _, c := range s.Choices {
		if c.Answer == Approve || c.Answer == Override {
			out = append(out, c.By)
		}
	}
	return out
}

// Unconfirmed compares what GitHub says of approvers now with what their choices
// count as, and returns the record to make of it; nothing where all is the same.
// Somebody about whom GitHub does not tell is not who they were. but is the
// account of whom nothing was asked; 0 for nobody.
func (s State) Unconfirmed(people []Person, but int64) (Confirmed, bool) {
	var out Confirmed
	for _, c := range s.Choices {
		if c.Answer != Approve && c.Answer != Override || c.By.ID == but {
			continue
		}
		i := slices.IndexFunc(people, func(p Person) bool { return p.Actor.ID == c.By.ID && p.Actor.Type == "User" })
		groups := []string{}
		if i >= 0 {
			now, _ := s.named(people[i])
			for _, g := range c.Groups {
				if slices.Contains(now.Groups, g) {
					groups = append(groups, g)
				}
			}
		}
		if len(groups) < len(c.Groups) {
			out.People = append(out.People, Confirmation{By: c.By, Groups: groups})
		}
	}
	return out, len(out.People) > 0
}

// confirmed takes from choices what their makers are no longer. A choice of
// somebody who is none of what the needs ask for is void.
func (s State) confirmed(ev Confirmed, e Entry) State {
	var stand []Choice
	for _, c := range s.Choices {
		i := slices.IndexFunc(ev.People, func(p Confirmation) bool { return p.By.ID == c.By.ID })
		if i < 0 || c.Answer == Deny {
			stand = append(stand, c)
			continue
		}
		was := c.Groups
		c.Groups = ev.People[i].Groups
		if s.stillMay(c) {
			stand = append(stand, c)
			continue
		}
		lost := slices.DeleteFunc(slices.Clone(was), func(g string) bool { return slices.Contains(c.Groups, g) })
		why := "voided: @" + c.By.Login + " is not of " + strings.Join(lost, ", ") + " any more"
		if !c.signed() {
			why = "voided: the passkey with which @" + c.By.Login + " signed it was revoked"
		}
		s.Voided = voided(s.Voided, Void{Choice: c, Why: why, On: e.At})
	}
	s.Choices, s.Changed = stand, e.Version
	return s
}

// stillMay reports whether the groups of a choice are some that decide.
func (s State) stillMay(c Choice) bool {
	if s.Verdict == nil || !c.signed() {
		return false
	}
	if c.Answer == Override {
		return s.Verdict.BreakGlass != nil && inAny(c.Groups, s.Verdict.BreakGlass.from())
	}
	if s.Verdict.Needs != nil && inAny(c.Groups, s.Verdict.Needs.Groups()) {
		return true
	}
	return s.Verdict.Deploy != nil && slices.ContainsFunc(s.Verdict.Deploy.Waits, func(w Wait) bool { return inAny(c.Groups, w.Except) })
}

// voided keeps the last few choices that do not stand any more.
func voided(list []Void, v Void) []Void {
	const shown = 5
	out := append(append([]Void(nil), list...), v)
	return out[max(0, len(out)-shown):]
}

// SignIn is a person's signing in to GitHub from another device than the one
// that asks for it: the start of the device flow.
// https://docs.github.com/en/apps/creating-github-apps/writing-code-for-a-github-app/building-a-cli-with-a-github-app
type SignIn struct {
	Device   string        // what GitHub knows the asker by: a secret until it has run out
	UserCode string        // what the person enters
	Address  string        // where
	Interval time.Duration // to wait between two questions whether it was entered
	Life     time.Duration // after which it cannot be entered any more
}
