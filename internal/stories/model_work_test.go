//go:build services

package stories

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// work is what happens to a pull request.
func (p *player) work(pull *pullTruth, o op) error {
	b := p.branches[pull.branch]
	switch o.do {
	case "second":
		base := bases[o.b%len(bases)]
		if b.merged || b.gone || p.taken(pull.branch, base) {
			return nil
		}
		return p.change(func() error {
			second, err := p.shop.OpenPull(fakehub.NewPull{Author: p.alive(b.author), Title: "The same", Head: pull.branch, Base: base,
				From: b.in})
			if err == nil {
				p.add(second, pull.branch, pullNow{open: true, base: base})
			}
			return err
		})
	case "push":
		return p.push(pull, o, b.author)
	case "other": // somebody else pushes
		if b.in != p.shop { // of pushes to another repository the App hears but by the pull request
			return nil
		}
		by := p.people[[]int{8, 8, 3, 2, 6, 7}[o.a%6]]
		b.own[by.ID], b.parts[by.ID] = true, true
		b.agents = b.agents || by == p.people[8]
		return p.push(pull, o, by)
	case "force":
		return p.force(pull.branch, b)
	case "retarget":
		base := bases[o.b%len(bases)]
		if !pull.now.open || b.merged || p.taken(pull.branch, base) {
			return nil
		}
		return p.change(func() error { pull.now.base = base; return pull.Retarget(base, p.people[0]) })
	case "close":
		return p.change(func() error { pull.now.open = false; pull.Close(p.people[0]); return nil })
	case "reopen":
		if pull.now.open || pull.merged || b.merged || b.gone || p.taken(pull.branch, pull.now.base) {
			return nil
		}
		return p.change(func() error {
			pull.now.open = true
			err := pull.Reopen(p.people[0])
			p.moved(pull.branch)
			return err
		})
	case "freeze":
		if !pull.now.open {
			return nil
		}
		return p.change(func() error {
			if pull.now.frozen = !pull.now.frozen; pull.now.frozen {
				pull.Label("freeze", p.people[8])
			} else {
				pull.Unlabel("freeze", p.people[8])
			}
			return nil
		})
	case "assign":
		if who := p.people[o.b%5]; pull.now.open && !slices.Contains(pull.now.assignees, who.ID) {
			return p.change(func() error {
				pull.Assign(who, who)
				pull.now.assignees = append(slices.Clone(pull.now.assignees), who.ID)
				return nil
			})
		}
	case "flood":
		for i := range 5 + o.b {
			pull.Edit(fmt.Sprint("Title ", i), "", p.people[8])
		}
	case "merge":
		return p.merge(pull, b)
	case "click":
		p.click(pull, p.people[likely[o.b%len(likely)]], buttons[o.c%len(buttons)], 0)
	case "old":
		p.click(pull, p.people[likely[o.b%len(likely)]], buttons[o.c%len(buttons)], 1+o.a%3)
	case "rerequest":
		if run := p.shop.RequiredCheck(pull.now.head, p.laneOf(pull), p.r.app.ID); run.Found {
			return p.r.hub.Rerequest(run.RunID, p.people[o.b%len(p.people)])
		}
	}
	return nil
}

func (p *player) laneOf(pull *pullTruth) string {
	s := p.past[len(p.past)-1]
	return s.lane(pull.now.base)
}

func (p *player) push(pull *pullTruth, o op, by *fakehub.Account) error {
	b := p.branches[pull.branch]
	if b.gone {
		return nil
	}
	author := p.alive(b.author)
	by = p.alive(by)
	b.own[author.ID], b.parts[author.ID] = true, true
	p.files++
	c := fakehub.NewCommit{Author: author, Pusher: by, Message: "Go on" + b.note,
		Files: fakehub.Files{fmt.Sprintf("docs/more-%d.md", p.files): "# More\n"}}
	switch o.b % 4 {
	case 0:
		file := fmt.Sprintf("danger/more-%d.txt", p.files)
		c.Files[file] = "Boom.\n"
		b.danger = append(slices.Clone(b.danger), file)
	case 1:
		for _, file := range b.danger {
			c.Files[file] = fakehub.Deleted
		}
		b.danger = nil
	case 2:
		c.Message += strings.TrimPrefix(trailer(p.people[3]), "\n")
		if b.note == "" {
			c.Message = "Go on" + trailer(p.people[3])
		}
		b.parts[p.people[3].ID] = true
	}
	return p.change(func() error {
		_, err := b.in.Commit(pull.branch, c)
		p.moved(pull.branch)
		return err
	})
}

// force puts the branch where it began, with something harmless on top: what was
// pushed over is gone, and whoever pushed it is not.
func (p *player) force(name string, b *proposal) error {
	if b.merged || b.gone {
		return nil
	}
	p.files++
	author := p.alive(b.author)
	b.own[author.ID] = true
	b.danger, b.parts = nil, maps.Clone(b.own)
	return p.change(func() error {
		_, err := b.in.CommitOn(p.root, name, fakehub.NewCommit{Author: author, Message: "Anew" + b.note,
			Files: fakehub.Files{fmt.Sprintf("docs/anew-%d.md", p.files): "# Anew\n"}})
		p.moved(name)
		return err
	})
}

// merge presses the button of GitHub's page: it goes by what is required.
func (p *player) merge(pull *pullTruth, b *proposal) error {
	if !pull.now.open {
		return nil
	}
	return p.change(func() error {
		if _, err := pull.TryMerge(p.people[0], "merge"); err != nil {
			p.tally["not merged"]++
			return nil
		}
		p.tally["merged"]++
		pull.now.open, pull.merged, b.merged = false, true, true
		return nil
	})
}

var buttons = []string{"approve", "approve", "approve", "approve", "deny", "override", "override"}

// labels are what the buttons say.
var buttonLabels = map[string]string{"approve": "Approve", "deny": "Deny", "override": "Break glass"}

// likely are those who press: the entitled more often than the others.
var likely = []int{0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8}

// click presses a button of the check of a pull request, as a browser shows it
// that has not loaded the last few paintings; nil where there is none.
func (p *player) click(pull *pullTruth, who *fakehub.Account, answer string, old int) *pressed {
	run := p.shop.RequiredCheck(pull.now.head, p.laneOf(pull), p.r.app.ID)
	all := p.byRun[run.RunID]
	if !run.Found || len(all) == 0 {
		return nil
	}
	n := max(0, len(all)-1-old)
	made := len(p.r.hub.Painted(0))
	if p.r.hub.PressPainted(run.RunID, n, buttonLabels[answer], who) != nil {
		return nil
	}
	on := p.painted[all[n]]
	x := &pressed{who: who, answer: answer, on: all[n], sha: on.SHA, keys: on.keys, pulls: on.pulls, made: made,
		snap: len(p.past) - 1, from: p.r.clock.now(), racy: on.racy}
	p.presses = append(p.presses, x)
	p.tally["presses"]++
	return x
}

// press is a click while nothing else goes on: what comes of it is certain.
func (p *player) press(o op) error {
	if len(p.truth.pulls) == 0 {
		return nil
	}
	if err := p.settle(false); err != nil {
		return err
	}
	if err := p.pass(2 * memory); err != nil {
		return err
	}
	pull := p.pick(o)
	if !pull.now.open {
		return nil
	}
	x := p.click(pull, p.people[likely[o.b%len(likely)]], buttons[o.c%len(buttons)], 0)
	if x == nil {
		return nil
	}
	if err := p.settle(false); err != nil {
		return err
	}
	return p.certain(pull, x)
}

// administer is what happens beside the pull requests.
func (p *player) administer(o op) error {
	switch o.do {
	case "team":
		team, who := []string{"sre", "security", "incident"}[o.a%3], p.people[o.b%6]
		return p.change(func() error {
			if o.c%2 == 0 {
				p.leaves(team, who)
			} else {
				p.joins(team, who)
			}
			return nil
		})
	case "login": // and somebody else takes the name
		p.names++
		was := p.people[1].Login
		if err := p.people[1].Rename(fmt.Sprint("bo-", p.names)); err != nil {
			return err
		}
		p.people[6] = p.r.hub.CreateUser(was)
	case "rules":
		return p.rule(bases[o.a%len(bases)], []int{0, 0, 1, 2, lapsing, lax, strict, broken}[o.b%8])
	case "org":
		variant := []int{-1, 1, 0}[o.b%3]
		text := fakehub.Deleted
		if variant >= 0 {
			text = lawText(variant)
		} else if p.house < 0 {
			return nil
		}
		return p.change(func() error {
			if p.house = variant; !p.abroad {
				p.now.org = variant
			}
			_, err := p.home.Commit("main", fakehub.NewCommit{Message: "Rules", Author: p.people[0],
				Files: fakehub.Files{".github/gatehold.yml": text}})
			return err
		})
	case "trunk": // the App does not hear of it but by what comes next, or by comparing
		p.lossy = true
		return p.change(func() error {
			p.now.trunk = map[string]string{"main": "trunk", "trunk": "main"}[p.now.trunk]
			p.shop.SetDefaultBranch(p.now.trunk)
			return nil
		})
	case "rename": // and another repository takes the name
		return p.rename(o)
	case "archive":
		p.archived = true
		p.shop.Archive(p.people[0])
	}
	return nil
}

// rule changes the rules file of a branch.
func (p *player) rule(base string, variant int) error {
	return p.change(func() error {
		p.now.laws[base] = law{repo: variant}
		_, err := p.shop.Commit(base, fakehub.NewCommit{Message: "Rules", Author: p.people[0],
			Files: fakehub.Files{".github/gatehold.yml": lawText(variant)}})
		return err
	})
}
