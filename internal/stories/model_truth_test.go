//go:build services

package stories

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// The reference: what the script has done to GitHub, in which order with what was
// painted, and from that alone, what may be green. It knows nothing of gatehold
// but the words of its records.

// pullNow is a pull request at one moment, as far as gates go by it. How grave it
// is stands with its head.
type pullNow struct {
	open       bool
	head, base string
	frozen     bool    // by a label that the rules name
	assignees  []int64 // who answer for it
}

func (p pullNow) key() string { return fmt.Sprintf("%+v", p) }

// head is what a commit brings, whoever proposes it.
type headFacts struct {
	agents, danger bool
	parts          map[int64]bool // who had a part in what is on it
}

// snapshot is GitHub from one change of it to the next. before and after are how
// many paintings there were when the change began, and once it was made.
type snapshot struct {
	before, after int
	at            time.Time
	trunk         string         // the default branch
	laws          map[string]law // by branch
	org           int            // variant of the organisation's rules, -1: none
	pulls         map[int]pullNow
}

// law is what is in force for a base branch at a moment.
func (s *snapshot) law(base string) law {
	if base != s.trunk && !isRelease(base) { // a branch of no lane brings no rules
		base = s.trunk
	}
	l := s.laws[base]
	l.org = s.org
	return l
}

// lane is the name of the check that a base branch's changes get.
func (s *snapshot) lane(base string) string {
	switch {
	case base == s.trunk:
		return "gatehold"
	case isRelease(base):
		return wideLane
	}
	return noLane
}

func isRelease(branch string) bool { return strings.HasPrefix(branch, "release/") }

const (
	wideLane = "gatehold: release/*"
	noLane   = "gatehold: no lane"
)

// pressed is a button that somebody pressed, and what it may have shown.
type pressed struct {
	who    *fakehub.Account
	answer string
	on     int // number of the painting among all
	sha    string
	keys   []string // what the painting was of, as far as the truth can tell
	pulls  []int
	made   int          // how many paintings there were
	snap   int          // the snapshot of that moment
	from   time.Time    // pressed
	by     time.Time    // when it had arrived for sure; zero: it may be on its way
	sure   map[int]bool // pull requests for which it counted, by the record
	racy   bool         // the painting may not be in its place among the others
	teams  []string     // that it counts for, by the record
	at     time.Time    // when it was counted, by the record
}

// depicted is what a painting was of, as far as the truth can tell.
type depicted struct {
	fakehub.Painted
	keys  []string
	pulls []int
	bases []string // for which it was green, where it was
	racy  bool
	blind bool // what GitHub answers was behind: whoever looked for a run may not have found it
}

// mark is a moment up to which gatehold was told of everything.
type mark struct {
	snap, painted int
	stood         int64 // how often a half had stood still
}

func (t *truth) mark() mark { return mark{len(t.past) - 1, len(t.painted), t.r.stood.Load()} }

// span is a time in which somebody was of a team; an open end is zero.
type span struct{ from, to time.Time }

// memory is how long what GitHub said of a person is believed.
const memory = 31 * time.Second

type truth struct {
	r       *pair
	shop    *fakehub.Repo
	shopID  int64    // read once: what fakehub has is another thing while it answers from the past
	now     snapshot // laws, trunk and org as they are
	pulls   []*pullTruth
	heads   map[string]headFacts
	past    []snapshot
	told    mark // every event was taken in and all that is due at once was done
	rest    mark // nothing was left to do
	known   int  // the snapshot of the rest before
	lagging bool // GitHub's answers may have been behind since
	painted []depicted
	byRun   map[int64][]int // numbers of paintings, by run
	presses []*pressed
	members map[string]map[int64][]span
	digests map[string]string // of rules, by what they stand for
	effects map[string]string // what rules come to, by their digest
	ghosts  map[int64]bool    // accounts that were deleted
	writes  int               // green ones that were checked
	tally   map[string]int
}

type pullTruth struct {
	*fakehub.Pull
	Number  int // as shopID
	now     pullNow
	merged  bool
	branch  string
	version uint64 // of the stream, up to which it was read
	judged  entry
	covered uint64             // version up to which somebody has looked
	rules   string             // digest
	stand   map[int64]*pressed // what counts, by who said it
	abouts  map[int64]about    // what each of them was for
}

// change does something to GitHub, and remembers between which paintings.
func (t *truth) change(do func() error) error {
	before := len(t.r.hub.Painted(0))
	if err := do(); err != nil {
		return err
	}
	t.snap(before)
	return nil
}

func (t *truth) snap(before int) {
	s := snapshot{before: before, after: len(t.r.hub.Painted(0)), at: t.r.clock.now(), trunk: t.now.trunk, org: t.now.org,
		laws: map[string]law{}, pulls: map[int]pullNow{}}
	for branch, l := range t.now.laws {
		s.laws[branch] = l
	}
	for _, p := range t.pulls {
		s.pulls[p.Number] = p.now
	}
	t.past = append(t.past, s)
}

func (t *truth) join(team string, who *fakehub.Account) {
	if t.members[team] == nil {
		t.members[team] = map[int64][]span{}
	}
	if list := t.members[team][who.ID]; len(list) > 0 && list[len(list)-1].to.IsZero() {
		return
	}
	t.members[team][who.ID] = append(t.members[team][who.ID], span{from: t.r.clock.now()})
}

func (t *truth) leave(team string, who *fakehub.Account) {
	list := t.members[team][who.ID]
	if n := len(list); n > 0 && list[n-1].to.IsZero() {
		list[n-1].to = t.r.clock.now()
	}
}

// was reports whether somebody was of a team at some moment between two, or a
// little before.
func (t *truth) was(team string, who int64, from, to time.Time) bool {
	return slices.ContainsFunc(t.members[team][who], func(s span) bool {
		return !s.from.After(to) && (s.to.IsZero() || s.to.After(from.Add(-memory)))
	})
}

// meets reports whether a need is met by distinct people.
func meets(parts []part, people []int64, of func(who int64, p part) bool) bool {
	if len(parts) == 0 {
		return true
	}
	rest := slices.Clone(parts)
	if rest[0].count--; rest[0].count == 0 {
		rest = rest[1:]
	}
	for i, who := range people {
		if of(who, parts[0]) && meets(rest, slices.Delete(slices.Clone(people), i, i+1), of) {
			return true
		}
	}
	return false
}

// window is what can have been so when something was painted: what gatehold was
// told of before it began is known to it.
func (t *truth) window(from, painting int) []snapshot {
	last := len(t.past) - 1
	for last > from && t.past[last].before > painting {
		last--
	}
	return t.past[from : last+1]
}

// about is one combination of what can have been so.
type candidate struct {
	pull pullNow
	law  law
	lane string
}

func (c candidate) key(number int) string {
	return fmt.Sprintf("#%d %s %s %s frozen %v", number, c.pull.head, c.pull.base, c.law.effect(), c.pull.frozen)
}

// candidates are what a pull request can have been when something was painted.
// That it is open, its head and its base are known from the event on; what else
// a verdict is made of, when that was judged.
func (t *truth) candidates(number, painting int) (out []candidate) {
	hard, soft := t.window(t.told.snap, painting), t.window(t.rest.snap, painting)
	seen := map[string]bool{}
	for _, h := range hard {
		is := h.pulls[number] // before it was opened it is not open
		for i := range soft {
			if other, known := soft[i].pulls[number]; known {
				is.frozen, is.assignees = other.frozen, other.assignees
			}
			c := candidate{pull: is, law: soft[i].law(is.base), lane: soft[i].lane(is.base)}
			if key := c.pull.key() + c.law.rules() + c.lane; !seen[key] {
				seen[key] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// look holds all that was painted since the last time against what may be.
func (t *truth) look() error {
	for _, p := range t.r.hub.Painted(len(t.painted)) {
		n := len(t.painted)
		s := depicted{Painted: p, racy: t.r.stood.Load() != t.told.stood, blind: t.lagging}
		err := t.allowed(n, &s)
		t.painted = append(t.painted, s)
		t.byRun[p.Run] = append(t.byRun[p.Run], n)
		if err != nil {
			return err
		}
	}
	t.earn()
	return nil
}

// earn notes the branches for which what is green now may have been earned since it
// was painted: where it says the same of them, nothing is painted again.
func (t *truth) earn() {
	n := len(t.painted)
	for _, p := range t.pulls {
		for _, c := range t.candidates(p.Number, n) {
			if !c.pull.open || !t.mayPass(n, p, c) {
				continue
			}
			run := t.shop.RequiredCheck(c.pull.head, c.lane, t.r.app.ID)
			if all := t.byRun[run.RunID]; run.Passes && len(all) > 0 {
				last := &t.painted[all[len(all)-1]]
				if last.green() && !slices.Contains(last.bases, c.pull.base) {
					last.bases = append(last.bases, c.pull.base)
				}
			}
		}
	}
}

func (s *depicted) green() bool {
	return s.Conclusion == "success" || s.Conclusion == "neutral" || s.Conclusion == "skipped"
}

// allowed says why a painting may not be.
func (t *truth) allowed(n int, s *depicted) error {
	green := s.green()
	t.tally["paintings"]++
	if s.Repo != t.shopID {
		return fmt.Errorf("%s was painted on %.7s in another repository, %d", s.Name, s.SHA, s.Repo)
	}
	var against string
	for _, p := range t.pulls {
		some, all := false, true
		for _, c := range t.candidates(p.Number, n) {
			if !c.pull.open || c.pull.head != s.SHA || c.lane != s.Name {
				all = false
				continue
			}
			s.keys = append(s.keys, c.key(p.Number))
			if green && t.mayPass(n, p, c) {
				all = false
				s.bases = append(s.bases, c.pull.base)
			}
			some = true
		}
		if some {
			s.pulls = append(s.pulls, p.Number)
		}
		if some && all {
			against += fmt.Sprintf(" #%d is held", p.Number)
		}
	}
	if !green {
		return nil
	}
	t.writes++
	switch {
	case s.Name == noLane && against == "": // nothing requires it, and whatever had it may have left it
	case against != "":
		return fmt.Errorf("painting %d: %.7s is green in %q:%s\n%s", n, s.SHA, s.Name, against, t.describe(s.SHA))
	case len(s.bases) == 0 && len(s.pulls) == 0 && t.stays(s): // nobody proposes it, and it says what it said
	case len(s.bases) == 0:
		return fmt.Errorf("painting %d: %.7s is green in %q, and nothing lets it\n%s", n, s.SHA, s.Name, t.describe(s.SHA))
	}
	return nil
}

// stays reports whether a run was green for the one branch of its lane before.
func (t *truth) stays(s *depicted) bool {
	all := t.byRun[s.Run]
	if len(all) == 0 || s.Name != "gatehold" {
		return false
	}
	s.bases = t.painted[all[len(all)-1]].bases
	return slices.Contains(s.bases, t.now.trunk)
}

// mayPass is the most that may be: whether a pull request may pass if whatever
// was pressed for just this, and could count, counted.
func (t *truth) mayPass(n int, p *pullTruth, c candidate) bool {
	held, _ := t.held(c.pull, c.law)
	switch {
	case c.law.hopeless():
		return false
	case !held && !c.law.broken():
		return true
	case t.denied(n, c, p.Number):
		return false
	}
	until := t.r.clock.now()
	var people []int64
	made := map[int64]*pressed{}
	for _, x := range t.presses {
		if x.answer == "deny" || !t.isFor(x, n, p.Number, c) || t.overruled(x, p.Number, n) {
			continue
		}
		if x.answer == "override" && t.was("incident", x.who.ID, x.from, until) {
			return true
		}
		if x.answer == "approve" {
			if made[x.who.ID] == nil {
				people = append(people, x.who.ID)
			}
			made[x.who.ID] = x
		}
	}
	return !slices.ContainsFunc(c.law.needs(), func(parts []part) bool {
		return !meets(parts, people, func(who int64, part part) bool {
			x := made[who]
			counted := x.by // at the latest
			if counted.IsZero() {
				counted = until
			}
			fresh := part.expires == 0 || until.Sub(counted) < part.expires
			return fresh && t.was(part.team, who, x.from, until)
		})
	})
}

// isFor reports whether a press was made on a painting of just this before
// something was painted, by somebody who had no part in it.
func (t *truth) isFor(x *pressed, n, number int, c candidate) bool {
	return x.made <= n && slices.Contains(x.keys, c.key(number)) && t.uninvolved(x.who, c.pull)
}

// uninvolved: whom an agent's change is assigned to answers for it.
func (t *truth) uninvolved(who *fakehub.Account, p pullNow) bool {
	h := t.heads[p.head]
	return who.Type == "User" && !h.parts[who.ID] && !(h.agents && slices.Contains(p.assignees, who.ID))
}

// overruled reports whether the same person's other answer, which counted for
// sure, leaves nothing of one: a denial on a newer painting, or on the same.
func (t *truth) overruled(x *pressed, number, n int) bool {
	return slices.ContainsFunc(t.presses, func(y *pressed) bool {
		return y.sure[number] && y.answer == "deny" && y.who == x.who && y.sha == x.sha && y.on >= x.on && !y.racy && !x.racy &&
			!t.takenBack(y, n)
	})
}

// denied reports whether somebody's denial of a head stands for sure.
func (t *truth) denied(n int, c candidate, number int) bool {
	return slices.ContainsFunc(t.presses, func(y *pressed) bool {
		return y.sure[number] && y.answer == "deny" && y.sha == c.pull.head && !t.takenBack(y, n)
	})
}

// takenBack reports whether whoever denied may have answered otherwise since.
func (t *truth) takenBack(y *pressed, n int) bool {
	return slices.ContainsFunc(t.presses, func(x *pressed) bool {
		return x.answer != "deny" && x.who == y.who && x.sha == y.sha && x.made <= n && (x.on > y.on || x.racy || y.racy)
	})
}

// held is what the rules make of a pull request. What people made whose accounts
// are deleted nobody's account speaks for: it is an agent's then, once GitHub is asked.
func (t *truth) held(p pullNow, l law) (least, most bool) {
	h := t.heads[p.head]
	grave := h.danger && !l.lax() || l.strict()
	return p.frozen || h.agents && grave, p.frozen || (h.agents || t.haunted(h)) && grave
}

func (t *truth) haunted(h headFacts) bool {
	for who := range h.parts {
		if t.ghosts[who] {
			return true
		}
	}
	return false
}

// standing holds what is green now against what is known: an event alone takes
// green away that was not said of what it tells.
func (t *truth) standing() error {
	if err := t.look(); err != nil {
		return err
	}
	n := len(t.painted)
	for _, p := range t.pulls {
		if !p.now.open {
			continue
		}
		s := t.past[len(t.past)-1]
		lane := s.lane(p.now.base)
		if !t.shop.RequiredCheck(p.now.head, lane, t.r.app.ID).Passes {
			continue
		}
		if all := t.candidates(p.Number, n); !slices.ContainsFunc(all,
			func(c candidate) bool { return c.lane != lane || t.mayPass(n, p, c) }) {
			return fmt.Errorf("#%d is green in %q, and may not be\n%s", p.Number, lane, t.describe(p.now.head))
		}
	}
	return nil
}

func (t *truth) describe(sha string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  default branch %s, laws %v, org %d, told %+v, rest %+v, head %+v\n", t.now.trunk, t.now.laws, t.now.org,
		t.told, t.rest, t.heads[sha])
	for _, p := range t.pulls {
		if p.now.head == sha {
			fmt.Fprintf(&b, "  #%d %+v merged %v stand %s\n", p.Number, p.now, p.merged, p.standing())
			for _, c := range t.candidates(p.Number, len(t.painted)) {
				fmt.Fprintf(&b, "    may be %s in %q, open %v\n", c.key(p.Number), c.lane, c.pull.open)
			}
		}
	}
	for _, x := range t.presses {
		if x.sha == sha {
			fmt.Fprintf(&b, "  pressed %s by %s (%d) at %s on painting %d of %q, sure %v, racy %v\n", x.answer, x.who.Login,
				x.who.ID, x.from.Format(time.DateTime), x.on, x.keys, x.sure, x.racy)
		}
	}
	for i, p := range t.painted {
		if p.SHA == sha {
			fmt.Fprintf(&b, "  painting %d, number %d of run %d %q: %s %s %q\n", i, p.Number, p.Run, p.Name, p.Status, p.Conclusion, p.keys)
		}
	}
	for _, run := range t.shop.CheckRuns(sha) {
		fmt.Fprintf(&b, "  run %d %q: %s %s %q\n", run.ID, run.Name, run.Status, run.Conclusion, run.Title)
	}
	return b.String()
}

func (p *pullTruth) standing() (out []string) {
	for _, c := range p.stand {
		out = append(out, c.who.Login+" "+c.answer)
	}
	slices.Sort(out)
	return out
}
