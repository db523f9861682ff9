//go:build services

package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// op is one step of a script. What its numbers pick depends on what there is
// when it is played, so that a script stays one when steps are taken out of it.
type op struct {
	do      string
	a, b, c int
}

func (o op) String() string { return fmt.Sprintf("{%q, %d, %d, %d}", o.do, o.a, o.b, o.c) }

// weights say how often each step comes.
var weights = []struct {
	do string
	n  int
}{
	{"open", 3}, {"second", 4}, {"push", 5}, {"retarget", 5}, {"close", 2}, {"reopen", 3}, {"draft", 1}, {"label", 1},
	{"assign", 2}, {"click", 14}, {"press", 16}, {"stale", 2}, {"rerequest", 2}, {"team", 3}, {"rename", 1},
	{"rules", 3}, {"org", 1}, {"owners", 1}, {"enqueue", 4}, {"wait", 4}, {"day", 6},
	{"fault", 4}, {"hook", 3}, {"store", 2}, {"mend", 4}, {"kill", 2}, {"rest", 5},
}

func randomScript(seed uint64, length int) []op {
	random := rand.New(rand.NewPCG(seed, 1))
	total := 0
	for _, w := range weights {
		total += w.n
	}
	script := []op{{"open", random.IntN(5), 0, 0}, {"open", random.IntN(5), 0, 0}}
	for range length {
		n := random.IntN(total)
		for _, w := range weights {
			if n -= w.n; n < 0 {
				script = append(script, op{w.do, random.IntN(60), random.IntN(60), random.IntN(60)})
				break
			}
		}
	}
	return script
}

// player plays a script against a rig and keeps the truth.
type player struct {
	*truth
	people   []*fakehub.Account
	teams    map[string]*fakehub.Team
	home     *fakehub.Repo // of the organisation's rules
	branches map[string]*branch
	root     string // commit that everything begins at
	files    int
	names    int
	injected []*fakehub.Injected
	hooks    []func()
	down     [2]bool
	lossy    bool // deliveries may have failed
}

// branch is the head of one or two pull requests.
type branch struct {
	author *fakehub.Account
	agents bool
	note   string
	tip    string
	danger []string
	people map[int64]bool // who had a part in what is on it
	merged bool
}

func newPlayer(r *rig) (*player, error) {
	p := &player{branches: map[string]*branch{}, teams: map[string]*fakehub.Team{"sre": r.sre}, truth: &truth{
		r: r, laws: map[string]law{"main": {0, -1, "sre"}, "release": {lapsing, -1, "sre"}}, members: map[string]map[int64][]span{},
		commits: map[string]map[int64]bool{}, passed: map[string]bool{}, digests: map[string]string{}, effects: map[string]string{}, tally: map[string]int{}, groups: map[string]grouped{},
	}}
	for _, team := range []string{"security", "incident"} {
		p.teams[team] = r.acme.CreateTeam(team, nil)
	}
	p.people = []*fakehub.Account{r.ana}
	for _, name := range []string{"bo", "cy", "di", "eva", "gil", "mal", "hal"} {
		who := r.hub.CreateUser(name)
		r.acme.AddMember(who, "member")
		p.people = append(p.people, who)
	}
	p.people = append(p.people, r.agent)
	for team, list := range map[string][]int{"sre": {0, 1, 2, 3, 8}, "security": {2, 4}, "incident": {2, 5}} {
		for _, i := range list {
			p.teams[team].Add(p.people[i], "member")
			p.join(team, p.people[i])
		}
	}
	owners := "* @acme/sre\n"
	if _, err := r.shop.Commit("main", fakehub.NewCommit{Message: "Rules", Files: fakehub.Files{".github/gatehold.yml": rulesText(0), "CODEOWNERS": owners}}); err != nil {
		return nil, err
	}
	if err := r.shop.SetBranch("release", r.shop.Tip("main"), r.ana); err != nil {
		return nil, err
	}
	if _, err := r.shop.Commit("release", fakehub.NewCommit{Message: "Rules", Files: fakehub.Files{".github/gatehold.yml": rulesText(lapsing)}}); err != nil {
		return nil, err
	}
	p.root = r.shop.Tip("main")
	p.home = r.acme.CreateRepo(".github", fakehub.Files{"README.md": "# Us\n"})
	if err := r.shop.Require("gatehold", r.app.ID); err != nil {
		return nil, err
	}
	if err := r.shop.UseMergeQueue(100 * time.Hour); err != nil {
		return nil, err
	}
	p.snap()
	return p, nil
}

func (p *player) play(script []op) error {
	for i, o := range script {
		p.tally["steps"]++
		if err := p.step(o); err != nil {
			return fmt.Errorf("step %d, %v: %w", i, o, err)
		}
		if err := p.look(); err != nil {
			return fmt.Errorf("after step %d, %v: %w", i, o, err)
		}
	}
	if err := p.settle(); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return p.wayOut()
}

func (p *player) step(o op) error {
	for i, down := range p.down { // who was killed comes back at the next step
		if down {
			p.r.start(i)
			p.down[i] = false
		}
	}
	switch o.do {
	case "open":
		return p.open(o.a, o.b%3 != 2, o.c%2 == 0)
	case "rest":
		return p.settle()
	case "press":
		return p.press(o)
	case "wait":
		pause(time.Duration(o.a*4) * time.Millisecond)
		p.r.clock.Add(int64(time.Duration(o.b) * 250 * time.Millisecond))
	case "day":
		p.r.clock.Add(int64(50 * time.Hour))
	case "fault", "hook", "store", "mend", "kill":
		p.break_(o)
	case "team", "rename", "rules", "org", "owners":
		return p.administer(o)
	default:
		if len(p.pulls) > 0 {
			return p.work(p.pick(o), o)
		}
	}
	return nil
}

// pick is the pull request that a step is about: most often one of the two that
// people look at, so that what they do there comes together.
func (p *player) pick(o op) *pullTruth {
	var waiting []*pullTruth
	for _, pull := range p.pulls {
		if pull.now.open && pull.now.held && len(waiting) < 2 {
			waiting = append(waiting, pull)
		}
	}
	if len(waiting) == 0 || o.a%4 == 0 {
		return p.pulls[o.a%len(p.pulls)]
	}
	return waiting[o.a%len(waiting)]
}

func (p *player) open(kind int, danger, released bool) error {
	p.files++
	name, b := fmt.Sprintf("change-%d", p.files), &branch{author: p.r.agent, agents: true, people: map[int64]bool{}}
	n := fakehub.NewPull{Title: "Change", Head: name, Base: "main", Files: fakehub.Files{"docs/" + name + ".md": "# Words\n"}}
	if released {
		n.Base = "release"
	}
	now := pullNow{open: true, base: n.Base}
	switch kind % 5 {
	case 1:
		n.Assignees, now.assignees = p.people[:1], []int64{p.people[0].ID}
	case 2:
		b.note = trailer(p.people[1])
		b.people[p.people[1].ID] = true
	case 3:
		b.author, b.note = p.people[2], "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
	case 4:
		b.author, b.agents = p.people[7], false
	}
	b.people[b.author.ID] = true
	if danger {
		b.danger = []string{"danger/" + name + ".txt"}
		n.Files[b.danger[0]] = "Boom.\n"
	}
	n.Author, n.Message = b.author, "Change"+b.note
	// It begins where both bases did: what they became since is no part of it.
	if err := p.r.shop.SetBranch(name, p.root, b.author); err != nil {
		return err
	}
	pull, err := p.r.shop.OpenPull(n)
	if err != nil {
		return err
	}
	p.branches[name] = b
	p.add(pull, name, now)
	return nil
}

func trailer(who *fakehub.Account) string {
	return fmt.Sprintf("\n\nCo-authored-by: %s <%s>", who.Name, who.Email)
}

func (p *player) add(pull *fakehub.Pull, name string, now pullNow) {
	p.pulls = append(p.pulls, &pullTruth{Pull: pull, now: now, branch: name, stand: map[int64]said{}, abouts: map[int64]about{}})
	p.moved(name)
}

// moved says what a branch is now, to the pull requests that are open from it.
func (p *player) moved(name string) {
	b := p.branches[name]
	b.tip = p.r.shop.Tip(name)
	people := map[int64]bool{}
	for id := range b.people {
		people[id] = true
	}
	p.commits[b.tip] = people
	for _, pull := range p.pulls {
		if pull.branch == name && pull.now.open {
			pull.now.head, pull.now.held = b.tip, b.agents && len(b.danger) > 0
		}
	}
}

// work is what happens to a pull request.
func (p *player) work(pull *pullTruth, o op) error {
	b := p.branches[pull.branch]
	p.snap() // it may have been merged
	for _, o := range p.pulls {
		b.merged = b.merged || o.merged && o.branch == pull.branch
	}
	switch o.do {
	case "second":
		base := other(pull.now.base)
		if b.merged || p.taken(pull.branch, base) {
			return nil
		}
		second, err := p.r.shop.OpenPull(fakehub.NewPull{Author: b.author, Title: "The same", Head: pull.branch, Base: base})
		if err != nil {
			return err
		}
		p.add(second, pull.branch, pullNow{open: true, base: base})
	case "push":
		return p.push(pull, o)
	case "retarget":
		if base := other(pull.now.base); pull.now.open && !b.merged && !p.taken(pull.branch, base) {
			if err := pull.Retarget(base, p.people[0]); err != nil {
				return err
			}
			pull.now.base = base
		}
	case "close":
		pull.Close(p.people[0])
		pull.now.open = false
	case "reopen":
		if !pull.now.open && !pull.merged && !b.merged && !p.taken(pull.branch, pull.now.base) {
			if err := pull.Reopen(p.people[0]); err != nil {
				return err
			}
			pull.now.open = true
			p.moved(pull.branch)
		}
	case "draft":
		pull.SetDraft(o.b%2 == 0, p.people[0])
	case "label":
		pull.Label(fmt.Sprint("label-", o.b%3), p.people[0])
	case "assign":
		if who := p.people[o.b%5]; pull.now.open && !slices.Contains(pull.now.assignees, who.ID) {
			pull.Assign(who, who)
			pull.now.assignees = append(slices.Clone(pull.now.assignees), who.ID)
		}
	case "click":
		p.click(pull.now.head, pull.now.base, o)
	case "stale":
		if n := len(p.presses); n > 0 {
			was := p.presses[o.b%n]
			p.click(was.sha, was.base, o)
		}
	case "rerequest":
		if run := p.r.shop.RequiredCheck(pull.now.head, checkOf(pull.now.base), p.r.app.ID); run.Found {
			return p.r.hub.Rerequest(run.RunID, p.people[o.b%len(p.people)])
		}
	case "enqueue":
		_ = pull.Enqueue(p.people[0]) // refused where it does not pass
	}
	return nil
}

func other(base string) string {
	if base == "main" {
		return "release"
	}
	return "main"
}

// taken reports whether a pull request from a branch to a base is open.
func (p *player) taken(name, base string) bool {
	return slices.ContainsFunc(p.pulls, func(o *pullTruth) bool { return o.branch == name && o.now.open && o.now.base == base })
}

func (p *player) push(pull *pullTruth, o op) error {
	b := p.branches[pull.branch]
	p.files++
	c := fakehub.NewCommit{Author: b.author, Message: "Go on" + b.note, Files: fakehub.Files{fmt.Sprintf("docs/more-%d.md", p.files): "# More\n"}}
	switch o.b % 4 {
	case 0:
		file := fmt.Sprintf("danger/more-%d.txt", p.files)
		c.Files[file] = "Boom.\n"
		b.danger = append(b.danger, file)
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
		b.people[p.people[3].ID] = true
	}
	if _, err := p.r.shop.Commit(pull.branch, c); err != nil {
		return err
	}
	p.moved(pull.branch)
	return nil
}

var buttons = []string{"approve", "approve", "approve", "approve", "deny", "override", "override"}

// labels are what the buttons say.
var labels = map[string]string{"approve": "Approve", "deny": "Deny", "override": "Break glass"}

// likely are those who press: the entitled more often than the others.
var likely = []int{0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8}

// click presses a button of the run on a commit that a base's lane requires, if
// it has one.
func (p *player) click(sha, base string, o op) (said, bool) {
	c := said{who: p.people[likely[o.b%len(likely)]], answer: buttons[o.c%len(buttons)], sha: sha, base: base, from: p.r.Now(), seen: p.quietAt}
	run := p.r.shop.RequiredCheck(sha, checkOf(base), p.r.app.ID)
	if !run.Found || p.r.hub.Press(run.RunID, labels[c.answer], c.who) != nil {
		return c, false
	}
	p.presses = append(p.presses, c)
	return c, true
}

// press is a click while nothing else goes on: what comes of it is certain.
func (p *player) press(o op) error {
	if len(p.pulls) == 0 {
		return nil
	}
	if err := p.settle(); err != nil {
		return err
	}
	p.r.clock.Add(int64(2 * memory))
	now := p.pick(o).now
	c, pressed := p.click(now.head, now.base, o)
	if !pressed {
		return nil
	}
	if err := p.settle(); err != nil {
		return err
	}
	for _, pull := range p.pulls {
		if pull.now.head == c.sha && pull.now.base == c.base && pull.now.open {
			if err := p.certain(pull, c); err != nil {
				return err
			}
		}
	}
	return nil
}
