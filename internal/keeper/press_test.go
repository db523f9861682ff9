package keeper_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/report"
)

// pressed is a press that somebody made on a painting, and once it has arrived
// for the first time, whether it was for what was true then.
type pressed struct {
	on      painted
	who     gate.Actor
	answer  gate.Answer
	arrived bool
	valid   bool
	change  int // the number of the last change when it arrived
	head    int // the number of the last change of the head
}

// weight of two answers on one painting: the heavier one counts.
func (p pressed) weight() int {
	return slices.Index([]gate.Answer{gate.Approve, gate.Override, gate.Deny}, p.answer)
}

// presses plays a held pull request whose check people press, and keeps by
// itself what each person said: by the order of the paintings.
type presses struct {
	*house
	all    []*pressed
	change int
	head   int
	number int // of deliveries
}

var (
	hal      = gate.Actor{Login: "hal", ID: 33, Type: "User"}
	dee      = gate.Actor{Login: "dee", ID: 34, Type: "User"}
	pressing = []gate.Actor{gil, gil, gil, gil, hal, fay, dee}
)

func pressers() teams {
	return teams{fay.ID: {"@acme/incident"}, gil.ID: {"@acme/sre"}, hal.ID: {"@acme/sre"}}
}

// make has somebody press a button of a painting, if it has it. It is not
// delivered yet.
func (p *presses) make(on painted, who gate.Actor, answer gate.Answer) *pressed {
	if pressOf(on.check, string(answer), who).Nonce == "" {
		return nil
	}
	for _, made := range p.all {
		if made.on.order == on.order && made.who == who && made.answer == answer {
			return made
		}
	}
	made := &pressed{on: on, who: who, answer: answer}
	p.all = append(p.all, made)
	return made
}

// arrives delivers a press under a number of its own: the first time, later, or
// again.
func (p *presses) arrives(made *pressed) {
	p.number++
	fresh := p.pressAs(fmt.Sprint("2:", p.number), made.on.check, string(made.answer), made.who)
	if fresh == made.arrived {
		p.t.Errorf("%s %s on painting %d: fresh %v, arrived before %v", made.who.Login, made.answer, made.on.order, fresh, made.arrived)
	}
	if made.arrived {
		return
	}
	p.hub.mu.Lock()
	now := p.hub.truth()
	p.hub.mu.Unlock()
	may := made.who.ID == fay.ID
	if made.answer != gate.Override {
		may = made.who.ID == gil.ID || made.who.ID == hal.ID
	}
	made.arrived, made.valid, made.change, made.head = true, may && now == made.on.truth, p.change, p.head
}

// said is what stands of a person's answers.
func (p *presses) said(who gate.Actor) gate.Answer {
	var last *pressed
	for _, made := range p.all {
		if !made.valid || made.who != who {
			continue
		}
		if last == nil || cmp.Or(cmp.Compare(made.on.order, last.on.order), cmp.Compare(made.weight(), last.weight())) > 0 {
			last = made
		}
	}
	switch {
	case last == nil:
		return ""
	case last.answer == gate.Deny && last.head == p.head, last.answer != gate.Deny && last.change == p.change:
		return last.answer
	}
	return "" // void since
}

// wants is what the check is to say.
func (p *presses) wants() (report.Conclusion, string) {
	conclusion := report.ActionRequired
	for _, who := range pressing {
		switch p.said(who) {
		case gate.Deny:
			return report.ActionRequired, "Denied by"
		case gate.Approve, gate.Override:
			conclusion = report.Success
		}
	}
	return conclusion, ""
}

// moves makes the pull request something else, once it is quiet.
func (p *presses) moves(n int) {
	p.settle(3 * time.Second)
	p.hub.mu.Lock()
	before := p.hub.truth()
	p.hub.mu.Unlock()
	p.hub.set(1, withRules(glassRules, pull(fmt.Sprint("aaa", n%2), []string{"db/1.sql", "db/2.sql"}[:1+n/2%2]...)))
	p.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = []string{"main", "release"}[n/4%2] })
	p.hub.mu.Lock()
	now := p.hub.truth()
	p.hub.mu.Unlock()
	if now != before {
		p.change++
	}
	if now.head != before.head {
		p.head++
	}
	p.deliver(1, "synchronize")
}

// TestPressesCountForTheirPaintingInItsOrder plays presses that are late,
// reordered, faster than our own record, repeated and replayed, on old paintings
// and new ones, among changes of all that an approval is for.
func TestPressesCountForTheirPaintingInItsOrder(t *testing.T) {
	atMost(t, 40)
	dir, round := t.TempDir(), 0
	proptest.Check(t, func(rt *rapid.T, came func(string)) {
		round++
		steps := rapid.SliceOfN(rapid.IntRange(0, 8191), 8, 40).Draw(rt, "steps")
		path := filepath.Join(dir, fmt.Sprint(round))
		if err := mkdir(path); err != nil {
			t.Fatal(err)
		}
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			h := (&house{t: t, path: filepath.Join(path, "ledger.db"), hub: newGitHub()}).with(keeper.Config{People: pressers(),
				Poll: time.Second, Nonce: counted()})
			defer h.close()
			h.hub.lanes = "release"
			p := &presses{house: h}
			p.play(steps)
			conclusion, title := p.wants()
			head := h.hub.pulls[1].Change.Head
			if h.hub.pulls[1].Change.BaseRef == "release" {
				head = on(head, gate.Lane("release").Check())
			}
			if check, runs := h.hub.deciding(head); runs != 1 || check.Conclusion != conclusion ||
				!strings.Contains(check.Title, title) || title == "" && strings.Contains(check.Title, "Denied") {
				wrong = fmt.Sprintf("%d run(s) of %s, the check says %s %q, want %s %q\n%s", runs, head, check.Conclusion,
					check.Title, conclusion, title, p.tale())
			}
			if conclusion == report.Success {
				came("released")
			}
			if title != "" {
				came("denied")
			}
		})
		if wrong != "" {
			rt.Fatalf("steps %v: %s", steps, wrong)
		}
	}, "released", "denied")
}

// counted gives nonces that are the same whenever a script is played.
func counted() func() string {
	var n atomic.Int64
	return func() string {
		digits := strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.FormatInt(n.Add(1), 10))
		return strings.Repeat("z", gate.NonceLength-len(digits)) + digits
	}
}

func (p *presses) play(steps []int) {
	p.moves(0)
	p.settle(3 * time.Second)
	for _, n := range steps {
		what, n := n%16, n/16
		who, answer := pressing[n%len(pressing)], []gate.Answer{gate.Approve, gate.Approve, gate.Deny, gate.Override}[n/8%4]
		switch what {
		case 0:
			p.moves(n)
		case 1, 2: // a press that is faster than our own record of the painting
			first := true
			p.hub.mu.Lock()
			p.hub.seen = func(on painted) {
				if !first {
					return
				}
				first = false
				if made := p.make(on, who, answer); made != nil {
					go p.arrives(made)
				}
			}
			p.hub.mu.Unlock()
			p.settle(time.Second)
			p.hub.mu.Lock()
			p.hub.seen = nil
			p.hub.mu.Unlock()
		case 3, 4, 5, 6, 7, 8: // a press on what is shown now, which arrives now or later
			p.settle(3 * time.Second)
			p.hub.mu.Lock()
			on := p.hub.painted[len(p.hub.painted)-1]
			p.hub.mu.Unlock()
			if made := p.make(on, who, answer); made != nil && what > 5 {
				p.arrives(made)
			}
		case 9, 10: // on a page that was not loaded anew
			p.hub.mu.Lock()
			on := p.hub.painted[n%len(p.hub.painted)]
			p.hub.mu.Unlock()
			p.make(on, who, answer)
		case 11, 12, 13: // what is on its way arrives, in any order, and again
			if len(p.all) > 0 {
				p.arrives(p.all[n%len(p.all)])
			}
		case 14, 15:
			p.settle(time.Duration(n%5) * time.Second)
		}
		synctest.Wait()
	}
	for _, made := range slices.Backward(p.all) {
		p.arrives(made)
	}
	p.settle(10 * time.Second)
}

func (p *presses) tale() string {
	var out strings.Builder
	for _, made := range p.all {
		fmt.Fprintf(&out, "%s %s on painting %d of %v, valid %v\n", made.who.Login, made.answer, made.on.order, made.on.truth, made.valid)
	}
	records, err := p.log.Read(context.Background(), "pr/42/1", 0)
	if err != nil {
		return err.Error()
	}
	for _, r := range records {
		if r.Kind == "offered" || r.Kind == "counted" || r.Kind == "refused" {
			fmt.Fprintf(&out, "%d %s %.300s\n", r.Version, r.Kind, r.Body)
		}
	}
	return out.String()
}

// TestEachPaintingHasANonceOfItsOwn: all its buttons carry it, and no other does.
func TestEachPaintingHasANonceOfItsOwn(t *testing.T) {
	glassStory(t, func(h *house) {
		for n := range 4 {
			h.hub.set(1, withRules(glassRules, pull(fmt.Sprint("aaa", n%2), fmt.Sprintf("db/%d.sql", n))))
			h.deliver(1, "synchronize")
			h.settle(time.Second)
		}
		paintings := map[string]int{} // by nonce
		for _, p := range h.hub.painted {
			for _, a := range p.check.Actions {
				_, nonce, ok := gate.ReadButton(a.Identifier)
				if was, used := paintings[nonce]; !ok || len(nonce) != gate.NonceLength || used && was != p.order {
					t.Errorf("painting %d has the button %q, and %d used its nonce", p.order, a.Identifier, was)
				}
				paintings[nonce] = p.order
			}
		}
		if len(paintings) < 4 {
			t.Errorf("%d paintings have buttons", len(paintings))
		}
	})
}
