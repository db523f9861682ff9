//go:build services

package stories

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/ledger"
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
	{"open", 4}, {"second", 5}, {"push", 6}, {"other", 4}, {"force", 2}, {"retarget", 7}, {"close", 2}, {"reopen", 3}, {"freeze", 3},
	{"assign", 1}, {"flood", 1}, {"merge", 4}, {"click", 12}, {"old", 7}, {"press", 8}, {"rerequest", 3}, {"replay", 6}, {"team", 4},
	{"login", 1}, {"rules", 5}, {"org", 1}, {"trunk", 2}, {"rename", 1}, {"archive", 1}, {"lag", 7}, {"hook", 3}, {"hold", 5},
	{"release", 8},
	{"owner", 1}, {"transfer", 1}, {"reinstall", 2}, {"again", 1}, {"doom", 1}, {"ghost", 2}, {"fork", 1}, {"unfork", 1},
	{"weather", 3}, {"bar", 2},
	{"fault", 4}, {"store", 2}, {"mend", 3}, {"kill", 2}, {"stand", 4}, {"on", 3}, {"lease", 3}, {"wait", 5}, {"day", 3}, {"rest", 4},
}

func randomScript(seed uint64, length int) []op {
	random := rand.New(rand.NewPCG(seed, 1))
	total := 0
	for _, w := range weights {
		total += w.n
	}
	script := []op{{"open", random.IntN(60), 0, 0}, {"open", random.IntN(60), 0, random.IntN(5)}}
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

var bases = []string{"main", "release/1", "release/2", "sandbox", "trunk"}

// player plays a script against a pair and keeps the truth.
type player struct {
	*truth
	modelWorld
	people   []*fakehub.Account
	acme     *fakehub.Org
	teams    map[string]*fakehub.Team
	home     *fakehub.Repo // of the organisation's rules
	branches map[string]*proposal
	root     string // commit that everything begins at
	files    int
	names    int
	archived bool
	faults   []func()
	hooks    []func()
	held     []*hooks.Held
	pressing bool          // presses may be held back
	deaf     bool          // events beside presses may not have arrived
	lossy    bool          // deliveries may have failed
	astray   bool          // what comes late may have said where the repository was
	late     time.Duration // deliveries may come later by the clock, by so much
	stormy   bool          // requests fail
}

// proposal is the head of one or more pull requests.
type proposal struct {
	author *fakehub.Account
	agents bool
	note   string
	danger []string
	parts  map[int64]bool // who had a part in what is on it
	own    map[int64]bool // of them, whoever pushed to it, and those whom each commit names
	in     *fakehub.Repo  // where the branch is
	gone   bool           // with the fork that it was in
	merged bool
}

func newPlayer(r *pair) *player {
	h := r.hub
	p := &player{branches: map[string]*proposal{}, teams: map[string]*fakehub.Team{}, acme: h.CreateOrg("acme"), truth: &truth{
		r: r, heads: map[string]headFacts{}, byRun: map[int64][]int{}, members: map[string]map[int64][]span{}, digests: map[string]string{},
		effects: map[string]string{}, ghosts: map[int64]bool{}, now: snapshot{trunk: "main", org: -1, laws: map[string]law{}},
	}}
	p.modelWorld = modelWorld{umbrella: h.CreateOrg("umbrella"), house: -1, of: map[string]map[int64]*fakehub.Account{},
		heirs: map[int64]*fakehub.Account{}, fay: h.CreateUser("fay")}
	for _, login := range []string{"ana", "bo", "cy", "di", "eva", "gil", "mal", "hal"} {
		who := h.CreateUser(login)
		p.acme.AddMember(who, "member")
		p.people = append(p.people, who)
	}
	p.people = append(p.people, h.CreateKnownBot("devin-ai-integration", 158243242))
	for _, team := range []string{"sre", "security", "incident"} {
		p.teams[team] = p.acme.CreateTeam(team, nil)
	}
	for team, list := range map[string][]int{"sre": {0, 1, 2, 3, 7, 8}, "security": {2, 4}, "incident": {2, 5}} {
		for _, i := range list {
			p.joins(team, p.people[i])
		}
	}
	p.shop = p.acme.CreateRepo("shop", fakehub.Files{"README.md": "# Shop\n", ".github/gatehold.yml": lawText(0)})
	p.truth.shopID = p.shop.ID
	p.shop.Collaborate(p.people[0], "write")
	p.root = p.shop.Tip("main")
	for _, base := range bases {
		p.now.laws[base] = law{repo: 0}
		r.must(p.shop.SetBranch(base, p.root, p.people[0]))
	}
	p.home = p.acme.CreateRepo(".github", fakehub.Files{"README.md": "# Us\n"})
	r.must(p.shop.Require("gatehold", r.app.ID))
	_, err := p.shop.AddRuleset(fmt.Sprintf(`{"name":"Releases","enforcement":"active","conditions":{"ref_name":{"include":["refs/heads/release/*"],"exclude":[]}},
		"rules":[{"type":"required_status_checks","parameters":{"strict_required_status_checks_policy":false,"required_status_checks":[{"context":%q,"integration_id":%d}]}}]}`,
		wideLane, r.app.ID))
	r.must(err)
	p.on = r.app.Install(p.acme)
	r.app.Install(p.umbrella)
	p.snap(0)
	for i := range r.halves {
		r.start(i)
	}
	return p
}

// play plays a script. What is between two steps is settled, or not.
func (p *player) play(script []op) error {
	if err := p.settle(true); err != nil {
		return err
	}
	for i, o := range script {
		p.tally["steps"]++
		if err := p.step(o); err != nil {
			return fmt.Errorf("step %d, %v: %w", i, o, err)
		}
		if err := p.look(); err != nil {
			return fmt.Errorf("after step %d, %v: %w", i, o, err)
		}
		if o.c%5 < 3 && o.do != "rest" {
			if err := p.quiet(); err != nil {
				return fmt.Errorf("once it is quiet after step %d, %v: %w", i, o, err)
			}
		}
		if o.b%3 > 0 {
			if err := p.pass(time.Duration(1+o.b%4) * time.Second); err != nil {
				return err
			}
		}
	}
	if err := p.settle(true); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	if err := p.wayOut(); err != nil {
		return err
	}
	return p.afterwards()
}

// pass moves the clock, in whole milliseconds: the ledger cuts times. What is
// under way takes no time.
func (p *player) pass(d time.Duration) error {
	if err := p.idle(); err != nil {
		return err
	}
	p.r.clock.set(p.r.clock.now().Add(d).Truncate(time.Millisecond))
	p.r.hub.Tick()
	return nil
}

func (p *player) step(o op) error {
	for i, h := range p.r.halves { // who was killed comes back at the next step
		if h == nil {
			p.r.start(i)
		}
	}
	switch o.do {
	case "rest":
		return p.settle(false)
	case "press":
		return p.press(o)
	case "wait":
		return p.pass(time.Duration(o.a) * 3 * time.Second)
	case "day":
		return p.pass(time.Duration(1+o.a%50) * time.Hour)
	case "lag", "hook", "hold", "release", "fault", "store", "mend", "kill", "stand", "on", "lease", "replay", "weather", "bar":
		return p.disturb(o)
	case "ghost":
		return p.vanish(o)
	case "unfork":
		return p.unfork()
	}
	if p.archived { // nothing can be done to it
		return nil
	}
	switch o.do {
	case "open":
		return p.propose(p.shop, o.a, o.b%3 != 2, bases[o.c%5%len(bases)])
	case "fork":
		if p.fork == nil {
			p.fork = p.shop.Fork(p.fay)
		}
		return p.propose(p.fork, 0, o.b%3 != 2, bases[o.c%5%len(bases)])
	case "owner", "transfer", "reinstall", "again", "doom":
		return p.move(o)
	case "team", "login", "rules", "org", "trunk", "rename", "archive":
		return p.administer(o)
	case "second", "push", "other", "force", "retarget", "close", "reopen", "freeze", "assign", "flood", "merge", "click",
		"old", "rerequest":
		if len(p.truth.pulls) > 0 {
			return p.work(p.pick(o), o)
		}
	}
	return nil
}

// pick is the pull request that a step is about: most often one of the two that
// people look at, so that what they do there comes together.
func (p *player) pick(o op) *pullTruth {
	var waiting []*pullTruth
	for _, pull := range p.truth.pulls {
		if pull.now.open && p.heads[pull.now.head].danger && len(waiting) < 2 {
			waiting = append(waiting, pull)
		}
	}
	if len(waiting) == 0 || o.a%4 == 0 {
		return p.truth.pulls[o.a%len(p.truth.pulls)]
	}
	return waiting[o.a%len(waiting)]
}

func (p *player) propose(in *fakehub.Repo, kind int, danger bool, base string) error {
	p.files++
	name, b := fmt.Sprintf("change-%d", p.files), &proposal{author: p.people[8], agents: true, own: map[int64]bool{}, in: in}
	n := fakehub.NewPull{Title: "Change", Head: name, From: in, Base: base, Files: fakehub.Files{"docs/" + name + ".md": "# Words\n"}}
	now := pullNow{open: true, base: base}
	switch kind % 5 {
	case 1:
		n.Assignees, now.assignees = p.people[:1], []int64{p.people[0].ID}
	case 2:
		b.note = trailer(p.people[1])
		b.own[p.people[1].ID] = true
	case 3:
		b.author, b.note = p.people[2], "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
	case 4:
		b.author, b.agents = p.people[7], false
	}
	b.own[b.author.ID] = true
	b.parts = maps.Clone(b.own)
	if danger {
		b.danger = []string{"danger/" + name + ".txt"}
		n.Files[b.danger[0]] = "Boom.\n"
	}
	n.Author, n.Message = b.author, "Change"+b.note
	if err := in.SetBranch(name, p.root, b.author); err != nil {
		return err
	}
	return p.change(func() error {
		pull, err := p.shop.OpenPull(n)
		if err == nil {
			p.branches[name] = b
			p.add(pull, name, now)
		}
		return err
	})
}

func trailer(who *fakehub.Account) string {
	return fmt.Sprintf("\n\nCo-authored-by: %s <%s>", who.Name, who.Email)
}

func (p *player) add(pull *fakehub.Pull, name string, now pullNow) {
	p.truth.pulls = append(p.truth.pulls, &pullTruth{Pull: pull, Number: pull.Number, now: now, branch: name,
		stand: map[int64]*pressed{}, abouts: map[int64]about{}})
	p.moved(name)
}

// moved says what a branch is now, to the pull requests that are open from it.
func (p *player) moved(name string) {
	b := p.branches[name]
	tip := b.in.Tip(name)
	p.heads[tip] = headFacts{agents: b.agents, danger: len(b.danger) > 0, parts: maps.Clone(b.parts)}
	for _, pull := range p.truth.pulls {
		if pull.branch == name && pull.now.open {
			pull.now.head = tip
		}
	}
}

// taken reports whether a pull request from a branch to a base is open.
func (p *player) taken(name, base string) bool {
	return slices.ContainsFunc(p.truth.pulls, func(o *pullTruth) bool { return o.branch == name && o.now.open && o.now.base == base })
}

// settle ends what goes wrong, waits until nothing is left to do, and looks.
func (p *player) settle(anew bool) error {
	p.mend()
	for _, held := range p.held {
		held.End()
	}
	p.held = nil
	if p.on == nil {
		p.on = p.r.app.Install(p.acme)
	}
	for i, h := range p.r.halves {
		if h == nil {
			p.r.start(i)
		} else {
			h.goOn()
		}
	}
	if p.archived {
		p.archived = false
		p.shop.Unarchive(p.people[0])
		p.lossy = true
		if err := p.pass(61 * time.Minute); err != nil { // for so long it is believed to be archived
			return err
		}
	}
	if p.late > 0 {
		if err := p.pass(p.late); err != nil {
			return err
		}
	}
	if p.astray { // until it is looked for it is asked for where it was
		if err := p.found(); err != nil {
			return err
		}
	}
	if err := p.done(); err != nil {
		return err
	}
	if p.lossy || anew {
		if err := p.found(); err != nil {
			return err
		}
	}
	p.lossy, p.astray, p.deaf, p.pressing, p.late, p.stormy = false, false, false, false, 0, false
	return p.rests()
}

// startAnew has both halves start as after an outage, and look for what they missed.
// What one has GitHub deliver again may reach the other while it stops, after that
// one has looked: they look for it at the next start, as they would within a minute.
func (p *player) startAnew() (err error) {
	for range 4 {
		for i := range p.r.halves {
			p.r.kill(i)
			p.r.start(i)
		}
		if err = p.compared(); err == nil {
			return nil
		}
	}
	return err
}

// found has both halves start anew and come to rest. What is delivered once more
// then may tell of where the repository was, in the very second in which it went: it
// is sought there until the next comparison, which in life comes within half a minute.
func (p *player) found() (err error) {
	for range 3 {
		if err := p.startAnew(); err != nil {
			return err
		}
		if err = p.done(); err == nil || !p.astray {
			return err
		}
	}
	return err
}

// done waits until nothing is left to do, letting time go by for what is tried
// again.
func (p *player) done() error {
	for range 300 {
		if err := p.idle(); err != nil {
			return err
		}
		if err := p.look(); err != nil {
			return err
		}
		next, any := p.nextDue(2 * time.Hour)
		if !any {
			return nil
		}
		if err := p.pass(next); err != nil {
			return err
		}
	}
	return fmt.Errorf("it does not come to rest: %v", p.due(2*time.Hour))
}

// nextDue is how long it is until something is due.
func (p *player) nextDue(within time.Duration) (time.Duration, bool) {
	if len(p.due(within)) == 0 {
		return 0, false
	}
	step := 500 * time.Millisecond
	for step < within && len(p.due(step)) == 0 {
		step = step * 3 / 2
	}
	return min(step, within), true
}

func (p *player) due(in time.Duration) []string {
	due, err := p.r.eye.Due(context.Background(), shards(), p.r.clock.now().Add(in), 5)
	p.r.must(err)
	return due
}

// idle waits until every webhook was answered, nothing is asked of GitHub and
// nothing is due by the clock as it stands.
func (p *player) idle() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for quiet := 0; quiet < 2; {
		if err := p.r.hub.Settle(ctx); err != nil {
			return err
		}
		if quiet++; p.r.busy.Load() > 0 || p.r.painting() > 0 || len(p.due(0)) > 0 {
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("it does not settle: %d requests under way, due: %v", p.r.busy.Load(), p.due(0))
		}
	}
	return nil
}

// quiet waits until nothing goes on, and marks that gatehold was told of all
// there is, if it was.
func (p *player) quiet() error {
	if err := p.idle(); err != nil {
		return err
	}
	if err := p.look(); err != nil {
		return err
	}
	if p.deaf || p.lossy || p.late > 0 || p.r.standing() || p.archived {
		return nil
	}
	p.told = p.mark()
	if p.stormy {
		return nil
	}
	return p.standing()
}

// compared waits until the halves have compared the ledger with GitHub, and
// GitHub has delivered again what had failed.
func (p *player) compared() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		all := len(p.undelivered()) == 0
		for _, h := range p.r.halves {
			all = all && !h.keeper.Repos.Compared(p.truth.shopID).IsZero()
		}
		if all {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("what was missed was not looked for: %v are not delivered", p.undelivered())
		}
	}
}

// undelivered are the events of which no attempt succeeded and that GitHub still
// knows of: what is older can only be found by comparing.
func (p *player) undelivered() map[string]string {
	failed, since := map[string]string{}, p.r.clock.now().Add(-hooks.Retention)
	all := p.r.hub.Deliveries()
	for _, d := range all {
		if d.Code/100 != 2 && !d.At.Before(since) {
			failed[d.GUID] = d.Event + " " + d.Action
		}
	}
	for _, d := range all {
		if d.Code/100 == 2 {
			delete(failed, d.GUID)
		}
	}
	return failed
}

// wayOut shows that nothing is held for ever: two people who had no part in
// anything approve what is held, under rules that are in order.
func (p *player) wayOut() error {
	if err := p.back(); err != nil {
		return err
	}
	var fresh []*fakehub.Account
	for _, name := range []string{"yan", "zoe"} {
		who := p.r.hub.CreateUser(name)
		p.acme.AddMember(who, "member")
		fresh = append(fresh, who)
		for _, team := range []string{"sre", "security"} {
			p.joins(team, who)
		}
	}
	for _, base := range bases {
		if err := p.rule(base, 0); err != nil {
			return err
		}
	}
	for _, pull := range p.truth.pulls {
		if pull.now.open && slices.ContainsFunc(pull.standing(), func(s string) bool { return strings.HasSuffix(s, "deny") }) {
			if p.branches[pull.branch].gone { // nobody can push to it
				if err := p.work(pull, op{do: "close"}); err != nil {
					return err
				}
				continue
			}
			if err := p.push(pull, op{b: 3}, p.branches[pull.branch].author); err != nil { // a denial is about the head
				return err
			}
		}
	}
	if err := p.settle(false); err != nil {
		return err
	}
	// A press may be the first to tell what was missed, of a label say, and what was
	// pressed before is void then.
	for _, who := range append(fresh, fresh...) {
		for _, pull := range p.truth.pulls {
			if pull.now.open && !p.passesNow(pull) {
				if x := p.click(pull, who, "approve", 0); x == nil {
					return fmt.Errorf("#%d is held and cannot be approved:\n%s", pull.Number, p.describe(pull.now.head))
				}
			}
		}
		if err := p.settle(false); err != nil {
			return err
		}
	}
	for _, pull := range p.truth.pulls {
		if pull.now.open && !p.passesNow(pull) {
			return fmt.Errorf("#%d is held, and nothing leads out:\n%s", pull.Number, p.describe(pull.now.head))
		}
	}
	return p.chained()
}

func (p *player) passesNow(pull *pullTruth) bool {
	s := p.past[len(p.past)-1]
	return p.shop.RequiredCheck(pull.now.head, s.lane(pull.now.base), p.r.app.ID).Passes
}

// disturb makes something go wrong on the way, or ends that.
func (p *player) disturb(o op) error {
	i := o.a % 2
	switch o.do {
	case "lag":
		p.lagging = true
		p.faults = append(p.faults, p.r.hub.Lag(site.RandomLag(rand.New(rand.NewPCG(uint64(o.a*3600+o.b*60+o.c), 7)))).CatchUp)
	case "fault":
		p.stormy = true
		p.faults = append(p.faults, p.r.hub.Inject(modelFaults[o.b%len(modelFaults)]).Remove)
	case "hook":
		p.lossy, p.late = true, max(p.late, 11*time.Minute)
		p.hooks = append(p.hooks, p.r.hub.InjectHook(modelHooks[o.b%len(modelHooks)]))
	case "hold":
		kind := heldKinds[o.b%len(heldKinds)]
		p.deaf, p.pressing = p.deaf || kind[0] != "check_run", true
		p.held = append(p.held, p.r.hub.Hold(kind[0], kind[1]))
	case "release":
		if n := len(p.held); n > 0 {
			held := p.held[o.b%n]
			if waiting := len(held.Waiting()); waiting > 0 {
				held.Release(rand.New(rand.NewPCG(uint64(o.a), uint64(o.c))).Perm(waiting)[:1+o.c%waiting]...)
			}
		}
	case "replay":
		if p.given || p.alias { // it may tell of where the repository was
			p.lossy, p.astray = true, true
		}
		if all := p.r.hub.DeliveriesOf([]string{"check_run", "", "pull_request"}[o.b%3], ""); len(all) > 0 {
			if _, _, err := p.r.hub.Replay(all[(o.a*60+o.c)%len(all)].ID); err != nil && !p.r.standing() {
				return err
			}
		}
	case "store":
		p.r.mu.Lock()
		p.r.conflicts = 0.15
		if o.a%4 == 0 {
			p.r.lost, p.lossy = 0.02, true
		}
		p.r.mu.Unlock()
	case "mend":
		p.mend()
	case "weather":
		p.weather(o)
	case "bar":
		p.bar(o)
	case "kill":
		p.r.kill(i)
		p.lossy = true
	case "stand":
		p.r.arm(i, []string{"before", "after"}[o.b%2])
	case "on":
		p.r.halves[i].goOn()
	case "lease":
		p.r.mu.Lock()
		for shard := range ledger.Shards {
			p.r.owner[shard] = []int{0, 1, 2, (shard + o.b) % 2}[o.c%4]
		}
		p.r.mu.Unlock()
	}
	return nil
}

func (p *player) mend() {
	for _, end := range slices.Concat(p.faults, p.hooks) {
		end()
	}
	p.faults, p.hooks = nil, nil
	p.r.mu.Lock()
	p.r.conflicts, p.r.lost = 0, 0
	p.r.mu.Unlock()
}

var modelFaults = []faults.Fault{
	{Route: "* /repo*", Kind: faults.Status, Code: 502, Probability: 0.4},
	{Route: "POST /graphql", Kind: faults.Status, Code: 502, Probability: 0.4},
	{Kind: faults.SecondaryLimit, RetryAfter: 2 * time.Second, Times: 2},
	{Route: "POST *check-runs", Kind: faults.LostAnswer, Probability: 0.6},
	{Route: "PATCH *", Kind: faults.LostAnswer, Probability: 0.5},
	{Kind: faults.LostRequest, Probability: 0.2},
	{Kind: faults.Malformed, Probability: 0.15},
	{Kind: faults.PrimaryLimit, RetryAfter: time.Minute, Times: 1},
	{Route: "POST /graphql", Kind: faults.Status, Code: 502, Times: 12},
}

var modelHooks = []faults.HookFault{
	{Kind: faults.Duplicate, Probability: 0.5},
	{Kind: faults.Late, Delay: 10 * time.Minute, Probability: 0.5},
	{Kind: faults.Fail, Code: 502, Probability: 0.5},
	{Event: "pull_request", Kind: faults.Drop, Probability: 0.7},
	{Event: "check_run", Kind: faults.Late, Delay: 10 * time.Minute, Probability: 0.7},
	{Event: "check_run", Kind: faults.Drop, Probability: 0.5},
	{Event: "push", Kind: faults.Drop, Probability: 0.7},
}

var heldKinds = [][2]string{{"check_run", "requested_action"}, {"check_run", "requested_action"}, {"pull_request", ""},
	{"pull_request", "synchronize"}, {"pull_request", "edited"}, {"push", ""}}
