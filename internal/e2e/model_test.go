//go:build services

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
)

// administer is what happens beside the pull requests.
func (p *player) administer(o op) error {
	base := []string{"main", "release"}[o.a%2]
	switch o.do {
	case "team":
		team, who := []string{"sre", "security", "incident"}[o.a%3], p.people[o.b%7]
		if o.c%2 == 0 {
			p.teams[team].Remove(who)
			p.leave(team, who)
		} else if !p.was(team, who.ID, p.r.Now().Add(memory), p.r.Now()) {
			p.join(team, who)
			p.teams[team].Add(who, "member")
		}
	case "rename": // and somebody else takes the name
		p.names++
		was := p.people[1].Login
		if err := p.people[1].Rename(fmt.Sprint("bo-", p.names)); err != nil {
			return err
		}
		p.people[6] = p.r.hub.CreateUser(was)
	case "rules":
		l := p.laws[base]
		l.repo = []int{0, 0, 1, 2, 3, 3, 4, broken}[o.b%8]
		return p.rule(p.r.shop, base, fakehub.Files{".github/gatehold.yml": rulesText(l.repo)}, func() { p.laws[base] = l })
	case "owners":
		l := p.laws[base]
		l.owners = []string{"sre", "security"}[o.b%2]
		return p.rule(p.r.shop, base, fakehub.Files{"CODEOWNERS": "* @acme/" + l.owners + "\n"}, func() { p.laws[base] = l })
	case "org":
		variant := []int{-1, 1, 0}[o.b%3]
		text := fakehub.Deleted
		if variant >= 0 {
			text = rulesText(variant)
		} else if p.laws["main"].org < 0 {
			return nil
		}
		return p.rule(p.home, "main", fakehub.Files{".github/gatehold.yml": text}, func() {
			for base, l := range p.laws {
				l.org = variant
				p.laws[base] = l
			}
		})
	}
	return nil
}

func (p *player) rule(repo *fakehub.Repo, base string, files fakehub.Files, then func()) error {
	_, err := repo.Commit(base, fakehub.NewCommit{Message: "Rules", Author: p.people[0], Files: files})
	if err == nil {
		then()
	}
	return err
}

var faults = []fakehub.Fault{
	{Route: "* /repos/*", Kind: fakehub.Status, Code: 502, Probability: 0.4},
	{Route: "POST /graphql", Kind: fakehub.Status, Code: 502, Probability: 0.4},
	{Kind: fakehub.SecondaryLimit, RetryAfter: 2 * time.Second, Times: 2},
	{Route: "POST /repos/*/check-runs", Kind: fakehub.LostAnswer, Probability: 0.6},
	{Route: "PATCH *", Kind: fakehub.LostAnswer, Probability: 0.5},
	{Kind: fakehub.LostRequest, Probability: 0.2},
	{Kind: fakehub.Malformed, Probability: 0.15},
	{Route: "POST /graphql", Kind: fakehub.Hang, Times: 1},
	{Kind: fakehub.PrimaryLimit, RetryAfter: time.Minute, Times: 1},
	{Kind: fakehub.Slow, Delay: 120 * time.Millisecond, Probability: 0.5},
	{Route: "PATCH *", Kind: fakehub.Slow, Delay: 300 * time.Millisecond, Times: 2},
}

var hookFaults = []fakehub.HookFault{
	{Kind: fakehub.Duplicate, Probability: 0.5},
	{Kind: fakehub.Delay, Delay: 200 * time.Millisecond, Probability: 0.5},
	{Event: "pull_request", Action: "synchronize", Kind: fakehub.Drop, Probability: 0.7},
	{Event: "pull_request", Action: "opened", Kind: fakehub.Drop, Probability: 0.7},
	{Event: "pull_request", Action: "closed", Kind: fakehub.Drop, Probability: 0.7},
	{Event: "pull_request", Action: "reopened", Kind: fakehub.Drop, Probability: 0.7},
	{Event: "pull_request", Action: "edited", Kind: fakehub.Drop, Probability: 0.7},
	{Event: "check_run", Kind: fakehub.Drop, Probability: 0.5},
	{Event: "merge_group", Kind: fakehub.Drop, Probability: 0.5},
}

// break_ makes something go wrong, or ends that.
func (p *player) break_(o op) {
	switch o.do {
	case "fault":
		p.injected = append(p.injected, p.r.hub.Inject(faults[o.a%len(faults)]))
	case "hook":
		p.hooks = append(p.hooks, p.r.hub.InjectHook(hookFaults[o.a%len(hookFaults)]))
		p.lossy = true
	case "store":
		p.r.mu.Lock()
		p.r.conflicts, p.r.lost = 0.15, 0.02*float64(o.a%2)
		p.r.mu.Unlock()
		p.lossy = true
	case "mend":
		p.mend()
	case "kill":
		i := o.a % 2
		p.r.kill(i)
		p.down[i], p.lossy = true, true
	}
}

func (p *player) mend() {
	for _, f := range p.injected {
		f.Remove()
	}
	for _, remove := range p.hooks {
		remove()
	}
	p.injected, p.hooks = nil, nil
	p.r.mu.Lock()
	p.r.conflicts, p.r.lost = 0, 0
	p.r.mu.Unlock()
}

// settle ends what goes wrong, waits until nothing goes on, and looks.
func (p *player) settle() error {
	p.mend()
	for i, down := range p.down {
		if down {
			p.r.start(i)
			p.down[i] = false
		}
	}
	var wrong error
	look := func() { wrong = errors.Join(wrong, p.look()) }
	if p.lossy { // both start anew, as after an outage, and look for what they missed
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err := p.r.hub.Settle(ctx)
		cancel()
		if err != nil {
			return err
		}
		for i := range p.down {
			p.r.kill(i)
			p.r.start(i)
		}
		for i := range p.down {
			if err := p.r.compared(p.r.instances[i]); err != nil {
				return err
			}
		}
		p.lossy = false
	}
	if err := p.r.quiet(look); err != nil || wrong != nil {
		return errors.Join(err, wrong)
	}
	return p.rest()
}

// wayOut shows that nothing is held for ever: two people who had no part in
// anything approve what is held, under rules that are in order.
func (p *player) wayOut() error {
	var fresh []*fakehub.Account
	for _, name := range []string{"yan", "zoe"} {
		who := p.r.hub.CreateUser(name)
		fresh = append(fresh, who)
		for _, team := range []string{"sre", "security"} {
			p.teams[team].Add(who, "member")
			p.join(team, who)
		}
	}
	for _, base := range []string{"main", "release"} {
		if err := p.administer(op{"rules", len(base) % 2, 0, 0}); err != nil { // "main" is even, "release" odd
			return err
		}
	}
	for _, pull := range p.pulls {
		if pull.now.open && slices.ContainsFunc(pull.standing(), func(s string) bool { return strings.HasSuffix(s, "deny") }) {
			if err := p.push(pull, op{"push", 0, 3, 0}); err != nil { // a denial is about the head
				return err
			}
		}
	}
	if err := p.settle(); err != nil {
		return err
	}
	for _, who := range fresh {
		for _, pull := range p.pulls {
			if run := pull.RequiredCheck(checkOf(pull.now.base), p.r.app.ID); pull.now.open && !run.Passes {
				p.presses = append(p.presses, said{who: who, answer: "approve", sha: pull.now.head, base: pull.now.base, from: p.r.Now(), seen: p.quietAt})
				if err := p.r.hub.Press(run.RunID, "Approve", who); err != nil {
					return fmt.Errorf("#%d is held and cannot be approved: %w", pull.Number, err)
				}
			}
		}
		if err := p.settle(); err != nil {
			return err
		}
	}
	for _, pull := range p.pulls {
		if pull.now.open && !pull.RequiredCheck(checkOf(pull.now.base), p.r.app.ID).Passes {
			return fmt.Errorf("#%d is held, and nothing leads out:\n%s", pull.Number, p.describe(pull.now.head))
		}
	}
	return p.sameFold()
}

// sameFold holds what is shown against a fold of the ledger from its beginning.
func (p *player) sameFold() error {
	states, err := p.r.folded()
	if err != nil {
		return err
	}
	for _, pull := range p.pulls {
		if !pull.now.open {
			continue
		}
		all := true
		for _, s := range states {
			if s.Subject.Kind == gate.PullRequest && !s.Done && s.Head() == pull.now.head && s.Base() == pull.now.base {
				all = all && s.Released(p.r.Now())
			}
		}
		if shown := pull.RequiredCheck(checkOf(pull.now.base), p.r.app.ID).Passes; shown != all {
			return fmt.Errorf("#%d passes: %v, and by the ledger: %v", pull.Number, shown, all)
		}
	}
	for stream, s := range states {
		for _, in := range p.r.instances {
			d, err := in.detail(stream)
			if err != nil || !reflect.DeepEqual(d.State, s) {
				return fmt.Errorf("%s: a process has %+v, and the ledger gives %+v: %w", stream, d.State, s, err)
			}
		}
	}
	return nil
}

// perform plays a script in a world of its own.
func perform(t testing.TB, store string, seed uint64, script []op, tally map[string]int) (log string, err error) {
	r := newRig(t, store, seed)
	defer r.close()
	p, err := newPlayer(r)
	if err != nil {
		return "", err
	}
	p.tally = tally
	err = p.play(script)
	r.logged.Lock()
	defer r.logged.Unlock()
	return r.log.String(), err
}

// TestTheWholeGate plays random scripts of what people, agents, administrators,
// GitHub, the network, the store and the power supply do, and holds what passes
// against a reference at all times. GATEHOLD_MODEL_TIME gives it more time than
// half a minute for each store, GATEHOLD_MODEL_SEED another beginning.
func TestTheWholeGate(t *testing.T) {
	t.Parallel()
	limit, seed := 28*time.Second, uint64(1)
	if text := os.Getenv("GATEHOLD_MODEL_TIME"); text != "" {
		var err error
		if limit, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("GATEHOLD_MODEL_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		n := 0
		models(t, limit, seed, func() string { n++; return sqliteStore(t, n) })
	})
	t.Run("redis", func(t *testing.T) {
		url, n := redisserver.Start(t, "appendonly yes", "appendfsync always").URL(), 0
		models(t, limit, seed+1_000_000, func() string { n++; return fmt.Sprintf("%s#model%d", url, n) })
	})
}

func models(t *testing.T, limit time.Duration, seed uint64, store func() string) {
	began, tally := time.Now(), map[string]int{}
	for ; time.Since(began) < limit; seed++ {
		script := randomScript(seed, 40)
		log, err := perform(t, store(), seed, script, tally)
		tally["rounds"]++
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			script, err = shrink(t, store, seed, script, err)
			lines := strings.Split(log, "\n")
			t.Fatalf("the shortest script that was found:\n%v\nfails with: %v\nthe end of the first log:\n%s",
				script, err, strings.Join(lines[max(0, len(lines)-25):], "\n"))
		}
	}
	t.Logf("in %s: %v", time.Since(began).Round(time.Second), tally)
	for _, what := range []string{"approve", "deny", "released"} {
		if tally[what] == 0 && tally["rounds"] > 10 {
			t.Errorf("no script came to %q", what)
		}
	}
}

// shrink leaves out of a script what it fails without, for a while.
func shrink(t *testing.T, store func() string, seed uint64, script []op, failed error) ([]op, error) {
	limit := time.Now().Add(time.Minute)
	for size := len(script) / 2; size > 0; size /= 2 {
		for at := 0; at < len(script) && time.Now().Before(limit); {
			shorter := slices.Concat(script[:at], script[min(at+size, len(script)):])
			if _, err := perform(t, store(), seed, shorter, map[string]int{}); err != nil {
				script, failed = shorter, err
			} else {
				at += size
			}
		}
	}
	return script, failed
}
