//go:build services

package stories

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// modelWorld is what a repository lives in: whose it is and what that is called, by
// which installation the App reaches it, and who is there at all.
type modelWorld struct {
	umbrella *fakehub.Org                          // where the repository is given to, and back
	strange  *fakehub.Org                          // took the name that acme had
	on       *fakehub.Installation                 // acme's; nil: the App is not installed
	abroad   bool                                  // the repository is umbrella's
	given    bool                                  // it was given away once
	alias    bool                                  // acme is called otherwise
	house    int                                   // variant of acme's rules
	of       map[string]map[int64]*fakehub.Account // by team
	heirs    map[int64]*fakehub.Account            // who took the place of an account that was deleted
	fay      *fakehub.Account                      // who has the fork
	fork     *fakehub.Repo
	copies   []*fakehub.Repo
	doomed   bool // the repository is deleted in the end
}

// rename gives the repository another name, or has it rename the organisation,
// and somebody else may take the name that is free then.
func (p *player) rename(o op) error {
	was := p.shop.Name
	p.names++
	if err := p.shop.Rename(fmt.Sprint("shop-", p.names), p.people[0]); err != nil || len(p.copies) > 2 || o.b%2 == 0 {
		return err
	}
	return p.takes(p.owner(), was)
}

// takes has a repository with the same commits take a name.
func (p *player) takes(owner *fakehub.Org, name string) error {
	other, err := p.shop.Copy(owner.Account, name)
	p.copies = append(p.copies, other)
	return err
}

func (p *player) owner() *fakehub.Org {
	if p.abroad {
		return p.umbrella
	}
	return p.acme
}

// move is what happens to where the repository is.
func (p *player) move(o op) error {
	switch o.do {
	case "owner":
		if p.alias {
			return p.change(p.calledAsBefore)
		}
		return p.change(func() error { return p.calledOtherwise(o) })
	case "transfer":
		return p.change(func() error { return p.transfer(o) })
	case "reinstall":
		return p.reinstall(o)
	case "again": // another repository is deleted, and made again under its name
		if len(p.copies) == 0 {
			return nil
		}
		i := o.a % len(p.copies)
		name := p.copies[i].Name
		taken := func(r *fakehub.Repo) bool { return r != p.copies[i] && r.Name == name }
		if taken(p.shop) || slices.ContainsFunc(p.copies, taken) { // perhaps in the organisation that has it now
			return nil
		}
		p.copies[i].Delete(p.people[0])
		var err error
		p.copies[i], err = p.shop.Copy(p.acme.Account, name)
		return err
	case "doom":
		p.doomed = true
	}
	return nil
}

// calledOtherwise: the rules name teams of an organisation that is not the
// repository's any more, whoever takes the name.
func (p *player) calledOtherwise(o op) error {
	p.names++
	if err := p.acme.Rename(fmt.Sprint("acme-", p.names)); err != nil {
		return err
	}
	p.alias = true
	p.belong()
	if o.b%2 == 0 {
		p.strange = p.r.hub.CreateOrg("acme")
		for _, team := range []string{"sre", "security", "incident"} {
			p.strange.CreateTeam(team, nil).Add(p.people[6], "member")
		}
		if o.c%2 == 0 {
			p.r.app.Install(p.strange)
		}
	}
	return nil
}

func (p *player) calledAsBefore() error {
	if p.strange != nil {
		p.names++
		if err := p.strange.Rename(fmt.Sprint("strange-", p.names)); err != nil {
			return err
		}
		p.strange = nil
	}
	p.alias = false
	defer p.belong()
	return p.acme.Rename("acme")
}

// transfer gives the repository to the other organisation, or back.
func (p *player) transfer(o op) error {
	from, to := p.acme, p.umbrella
	if p.abroad {
		from, to = to, from
	}
	p.names++ // the name that it had there may be taken
	was := fmt.Sprint("shop-", p.names)
	if err := p.shop.Rename(was, p.people[0]); err != nil {
		return err
	}
	if err := p.shop.Transfer(to.Account, p.people[0]); err != nil {
		return err
	}
	p.abroad, p.given, p.lossy, p.astray = !p.abroad, true, true, true // what tells of it may be overtaken by what is from before
	p.now.org = -1
	if !p.abroad {
		p.now.org = p.house
	}
	p.belong()
	if o.b%3 == 0 && len(p.copies) < 3 {
		return p.takes(from, was)
	}
	return nil
}

// reinstall installs the App anew, at once or when somebody notices.
func (p *player) reinstall(o op) error {
	p.lossy, p.astray = true, true // what is told next may be from before, and what happens meanwhile is told to nobody
	switch {
	case p.on == nil:
		p.on = p.r.app.Install(p.acme)
	case o.b%3 > 0:
		p.on = p.on.Reinstall()
	default:
		p.on.Uninstall()
		p.on = nil
	}
	return nil
}

// joins and leaves change who is of a team, for the rules as long as they name it.
func (p *player) joins(team string, who *fakehub.Account) {
	if p.of[team] == nil {
		p.of[team] = map[int64]*fakehub.Account{}
	}
	p.of[team][who.ID] = who
	p.teams[team].Add(who, "member")
	p.belong()
}

func (p *player) leaves(team string, who *fakehub.Account) {
	delete(p.of[team], who.ID)
	p.teams[team].Remove(who)
	p.leave(team, who)
}

// belong says for whom the teams count that the rules name: they are those of
// the organisation that has the repository, by the name that it has.
func (p *player) belong() {
	for team, list := range p.of {
		for _, who := range list {
			if p.abroad || p.alias {
				p.leave(team, who)
			} else {
				p.join(team, who)
			}
		}
	}
}

// vanish deletes an account. Somebody else may take the login; what the account
// made stays.
func (p *player) vanish(o op) error {
	i := 1 + o.a%7
	who := p.people[i]
	return p.change(func() error {
		if err := p.r.hub.DeleteAccount(who); err != nil {
			return err
		}
		for team := range p.teams {
			p.leaves(team, who)
		}
		login := who.Login
		if o.b%2 == 0 {
			p.names++
			login = fmt.Sprint("heir-", p.names)
		}
		p.people[i] = p.r.hub.CreateUser(login)
		p.heirs[who.ID], p.ghosts[who.ID] = p.people[i], true
		if o.c%2 == 0 {
			p.acme.AddMember(p.people[i], "member")
		}
		return nil
	})
}

// alive is an account, or whoever took its place.
func (p *player) alive(who *fakehub.Account) *fakehub.Account {
	for p.ghosts[who.ID] {
		who = p.heirs[who.ID]
	}
	return who
}

// unfork deletes the fork: what was proposed from it stays as it is.
func (p *player) unfork() error {
	if p.fork == nil {
		return nil
	}
	for _, b := range p.branches {
		b.gone = b.gone || b.in == p.fork
	}
	p.fork.Delete(p.fay)
	p.fork = nil
	return nil
}

// weather is what GitHub and the way there are like.
func (p *player) weather(o op) {
	what, end := p.r.hub.Weather(rand.New(rand.NewPCG(uint64(o.a*3600+o.b*60+o.c), 11)))
	switch {
	case strings.HasPrefix(what, "webhooks"):
		p.lossy, p.late = true, 61*time.Minute
		p.hooks = append(p.hooks, end)
		return
	case strings.HasPrefix(what, "lag"):
		p.lagging = true
	default:
		p.stormy = true
	}
	p.faults = append(p.faults, end)
}

// bar has the organisation take no request of the App's, or GitHub few that write.
func (p *player) bar(o op) {
	p.stormy = true
	if o.b%2 == 0 {
		barred := p.owner()
		barred.UseIPAllowList(true)
		p.faults = append(p.faults, func() { barred.UseIPAllowList(false) })
		return
	}
	p.r.hub.LimitContent(1+o.a%3, 0)
	p.faults = append(p.faults, func() { p.r.hub.LimitContent(0, 0) })
}

// back brings the repository to where the rules' teams are.
func (p *player) back() error {
	if p.abroad {
		if err := p.change(func() error { return p.transfer(op{b: 1}) }); err != nil {
			return err
		}
	}
	if p.alias {
		return p.change(p.calledAsBefore)
	}
	return nil
}

// afterwards deletes the repository, and has another one take its name: whatever
// comes of it late, nothing is written to that one.
func (p *player) afterwards() error {
	if !p.doomed {
		return nil
	}
	painted := len(p.r.hub.Painted(0))
	name, held := p.shop.FullName(), p.r.hub.Hold("", "")
	for _, pull := range p.truth.pulls {
		if pull.now.open {
			pull.Edit("At last", "", p.people[0])
		}
	}
	p.shop.Delete(p.people[0])
	other, err := p.shop.Copy(p.acme.Account, strings.TrimPrefix(name, "acme/"))
	if err != nil {
		return err
	}
	held.End()
	for _, d := range p.r.hub.DeliveriesOf("check_run", "requested_action") {
		if _, _, err := p.r.hub.Replay(d.ID); err != nil {
			return err
		}
	}
	for i := range p.r.halves {
		p.r.kill(i)
		p.r.start(i)
	}
	for range 40 {
		if err := p.idle(); err != nil {
			return err
		}
		if err := p.pass(15 * time.Minute); err != nil {
			return err
		}
	}
	for _, is := range p.r.hub.Painted(painted) {
		if is.Repo == other.ID {
			return fmt.Errorf("%s was painted on %.7s in the repository that took the name of a deleted one", is.Name, is.SHA)
		}
	}
	p.tally["deleted"]++
	return nil
}
