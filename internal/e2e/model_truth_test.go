//go:build services

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// The reference: what the script has done to GitHub, and from that alone, which
// heads may pass. It knows nothing of gatehold but the words of its records.

// part is a number of approvals by people of a team; "owners" are those that
// CODEOWNERS names.
type part struct {
	count   int
	team    string
	expires time.Duration
}

// variants are the rules files that bases and the organisation can have: what
// has to be met, one person for one place.
var variants = []struct {
	name, need string
	parts      []part
}{
	{"one", `{ approvals: 1, from: ["@acme/sre"] }`, []part{{1, "sre", 0}}},
	{"two", `{ approvals: 2, from: ["@acme/sre"] }`, []part{{2, "sre", 0}}},
	{"both", `{ all: [{ approvals: 1, from: ["@acme/sre"] }, { approvals: 1, from: ["@acme/security"] }] }`, []part{{1, "sre", 0}, {1, "security", 0}}},
	{"lapsing", `{ approvals: 1, from: ["@acme/sre"], expires: 48h }`, []part{{1, "sre", 48 * time.Hour}}},
	{"owned", `{ approvals: 1, from: [codeowners] }`, []part{{1, "owners", 0}}},
	{"broken", `{ approvals: many }`, nil},
}

const lapsing, broken = 3, 5

func rulesText(variant int) string {
	return "version: 1\nbranches: [release]\nrules:\n  - { id: danger, title: Danger, why: It cannot be taken back., paths: [\"danger/**\"], risk: 60, level: high }\n" +
		"needs:\n  high: " + variants[variant].need + "\n  critical: " + variants[variant].need + "\n" +
		"break_glass: { from: [\"@acme/incident\"], via: [button] }\n"
}

// law is what is in force on a base at one moment.
type law struct {
	repo, org int    // variants; org -1: there is no file
	owners    string // the team that CODEOWNERS names
}

// rules names what the digest of the rules stands for.
func (l law) rules() string { return fmt.Sprintf("%d/%d", l.repo, l.org) }

// effect names what the rules come to, where different files come to the same.
func (l law) effect() string {
	if l.org == 1 && l.repo == 0 {
		l.repo = 1
	}
	if l.org == 1 && l.repo == 1 || l.org == 0 && l.repo <= 3 {
		l.org = -1
	}
	return l.rules()
}

func (l law) needs() (needs [][]part) {
	for _, v := range []int{l.repo, l.org} {
		if v < 0 || v == broken {
			continue
		}
		var parts []part
		for _, p := range variants[v].parts {
			if p.team == "owners" {
				p.team = l.owners
			}
			parts = append(parts, p)
		}
		needs = append(needs, parts)
	}
	return needs
}

// broken holds everything. Where the organisation's rules are in order, theirs is
// what releases; else only somebody who maintains the repository could, with a
// reason.
func (l law) broken() bool { return l.repo == broken }

func (l law) hopeless() bool { return l.broken() && l.org < 0 }

// snapshot is GitHub at one moment, as far as gates go by it.
type snapshot struct {
	at    time.Time
	laws  map[string]law // by base
	pulls map[int]pullNow
}

type pullNow struct {
	open       bool
	head, base string
	held       bool // an agent's, and dangerous
	assignees  []int64
}

// said is an approval, a denial or an override that may count, or does.
type said struct {
	who    *fakehub.Account
	answer string
	sha    string
	base   string    // whose lane's check was pressed
	from   time.Time // pressed
	at     time.Time // counted
	seen   int       // the oldest snapshot that the run may have shown
	teams  []string  // that its maker counts for
}

// span is a time in which somebody was of a team; an open end is zero.
type span struct{ from, to time.Time }

// memory is how long what GitHub said of a person is believed.
const memory = 31 * time.Second

type truth struct {
	r       *rig
	laws    map[string]law
	pulls   []*pullTruth
	past    []snapshot
	quietAt int // the snapshot of the last rest
	presses []said
	members map[string]map[int64][]span
	commits map[string]map[int64]bool // who had a part in a head, by what its commits say
	passed  map[string]bool           // heads that passed when they were looked at last
	digests map[string]string         // of rules, by what they stand for
	effects map[string]string         // what rules come to, by their digest
	groups  map[string]grouped        // of the queue, by the head's SHA
	tally   map[string]int            // how often what was met, so that it is seen whether scripts reach it
}

type grouped struct {
	number int
	head   string // of the pull request
}

type pullTruth struct {
	*fakehub.Pull
	now     pullNow
	merged  bool
	branch  string
	version uint64 // of the stream, up to which it was read
	judged  entry
	rules   string         // digest
	stand   map[int64]said // what counts, by who said it
	abouts  map[int64]about
}

func (t *truth) snap() {
	s := snapshot{at: t.r.Now(), laws: maps.Clone(t.laws), pulls: map[int]pullNow{}}
	for _, p := range t.pulls {
		if p.now.open && p.State() == "merged" {
			p.now.open, p.merged = false, true
			t.tally["merged by the queue"]++
		}
		s.pulls[p.Number] = p.now
	}
	for _, e := range t.r.shop.Queue("main") {
		if _, known := t.groups[e.HeadSHA]; !known {
			t.groups[e.HeadSHA] = grouped{e.Number, s.pulls[e.Number].head}
		}
	}
	t.past = append(t.past, s)
}

func (t *truth) join(team string, who *fakehub.Account) {
	if t.members[team] == nil {
		t.members[team] = map[int64][]span{}
	}
	t.members[team][who.ID] = append(t.members[team][who.ID], span{from: t.r.Now()})
}

func (t *truth) leave(team string, who *fakehub.Account) {
	list := t.members[team][who.ID]
	if n := len(list); n > 0 && list[n-1].to.IsZero() {
		list[n-1].to = t.r.Now()
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

// eligible reports whether a choice could ever count at a moment: its maker is
// human, and had no part in it.
func (t *truth) eligible(c said, p pullNow) bool {
	return c.who.Type == "User" && !t.commits[c.sha][c.who.ID] && !slices.Contains(p.assignees, c.who.ID)
}

// couldPass is the most that may be: whether a pull request may pass at a moment
// if whatever was pressed and could count, counted.
func (t *truth) couldPass(s snapshot, p pullNow) bool {
	law := s.laws[p.base]
	switch {
	case law.hopeless():
		return false
	case !p.held && !law.broken():
		return true
	}
	until := t.r.Now()
	var people []int64
	pressed := map[int64]time.Time{}
	for _, c := range t.presses {
		if c.sha != p.head || c.base != p.base || c.answer == "deny" || !t.eligible(c, p) || !t.shown(c, p, law) {
			continue
		}
		if c.answer == "override" && t.was("incident", c.who.ID, c.from, until) {
			return true
		}
		if c.answer == "approve" && !slices.Contains(people, c.who.ID) {
			people = append(people, c.who.ID)
		}
		if c.answer == "approve" {
			pressed[c.who.ID] = c.from
		}
	}
	return !slices.ContainsFunc(law.needs(), func(parts []part) bool {
		return !meets(parts, people, func(who int64, part part) bool {
			fresh := part.expires == 0 || s.at.Sub(pressed[who]) < part.expires+4*time.Hour
			return fresh && t.was(part.team, who, time.Time{}, until)
		})
	})
}

// shown reports whether a run could show this when it was pressed.
func (t *truth) shown(c said, p pullNow, l law) bool {
	for _, s := range t.past[c.seen:] {
		for _, was := range s.pulls {
			if was.open && was.head == p.head && was.base == p.base && s.laws[p.base].rules() == l.rules() {
				return true
			}
		}
		if s.at.After(c.from) {
			break
		}
	}
	return false
}

// look holds what passes now against what may pass. It may be called at any
// time.
func (t *truth) look() error {
	t.snap()
	window := t.past[t.quietAt:]
	heads := map[string]bool{}
	for _, p := range t.pulls {
		heads[p.now.head] = true
	}
	for sha := range t.commits {
		heads[sha] = true
	}
	for sha := range heads {
		for base := range t.laws { // each is a lane
			key := sha + " " + base
			if !t.r.shop.RequiredCheck(sha, checkOf(base), t.r.app.ID).Passes {
				delete(t.passed, key)
				continue
			}
			if !t.passed[key] && !slices.ContainsFunc(window, func(s snapshot) bool { return t.allowed(s, sha, base) }) {
				return fmt.Errorf("%.7s passes for %s, and nothing that was true since the last rest lets it:\n%s", sha, base, t.describe(sha))
			}
			t.passed[key] = true
		}
	}
	for sha, g := range t.groups {
		if !t.r.shop.RequiredCheck(sha, "gatehold", t.r.app.ID).Passes || t.passed[sha] {
			continue
		}
		if !slices.ContainsFunc(window, func(s snapshot) bool {
			p := s.pulls[g.number]
			return p.head == g.head && t.couldPass(s, p)
		}) {
			return fmt.Errorf("the merge group %.7s of #%d passes, and its pull request may not", sha, g.number)
		}
		t.passed[sha] = true
	}
	return nil
}

// checkOf is the check that a base branch's lane requires.
func checkOf(base string) string {
	if base == "main" {
		return "gatehold"
	}
	return "gatehold: " + base
}

// allowed reports whether at a moment every open pull request with a head into
// the branch of a lane could pass, and there was one.
func (t *truth) allowed(s snapshot, sha, base string) bool {
	some := false
	for _, p := range s.pulls {
		if !p.open || p.head != sha || p.base != base {
			continue
		}
		if some = true; !t.couldPass(s, p) {
			return false
		}
	}
	return some
}

func (t *truth) describe(sha string) string {
	var b strings.Builder
	for _, p := range t.pulls {
		if p.now.head == sha {
			fmt.Fprintf(&b, "  #%d %+v law %+v merged %v stand %s\n", p.Number, p.now, t.laws[p.now.base], p.merged, p.standing())
		}
	}
	for _, c := range t.presses {
		if c.sha == sha {
			fmt.Fprintf(&b, "  pressed %s by %s at %s\n", c.answer, c.who.Login, c.from.Format(time.RFC3339))
		}
	}
	for _, run := range t.r.shop.CheckRuns(sha) {
		fmt.Fprintf(&b, "  run %d of %d: %s %s %q\n", run.ID, run.AppID, run.Status, run.Conclusion, run.Title)
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
