//go:build services

package e2e

import (
	"fmt"
	"slices"
)

// rest holds everything against the reference while nothing is under way: what
// was counted, what passes, and what does not.
func (t *truth) rest() error {
	t.snap()
	for _, p := range t.pulls {
		if err := t.read(p); err != nil {
			return fmt.Errorf("#%d: %w", p.Number, err)
		}
	}
	for _, p := range t.pulls {
		if !p.now.open {
			continue
		}
		if err := t.agrees(p); err != nil {
			return fmt.Errorf("#%d: %w\n%s", p.Number, err, t.describe(p.now.head))
		}
	}
	t.quietAt = len(t.past) - 1
	return nil
}

// read takes in what is on record of a pull request since it was read last. What
// counts must be something that somebody pressed and that could count.
func (t *truth) read(p *pullTruth) error {
	for _, e := range t.r.entries(fmt.Sprintf("pr/%d/%d", t.r.shop.ID, p.Number), p.version) {
		p.version = e.Version
		switch e.Kind {
		case "judged":
			if e.Body.Verdict != nil {
				p.rules = e.Body.Verdict.Rules.Digest
			}
			p.judged = e
			for id, c := range p.stand { // what it was about has to be what it is about
				same := e.Body.Head == c.sha
				if c.answer != "deny" {
					same = same && p.about(c) == (about{e.Body.BaseRef, p.rules, e.Body.Digest})
				}
				if !same {
					delete(p.stand, id)
					delete(p.abouts, id)
				}
			}
		case "counted":
			if e.Body.Answer == "review" {
				continue
			}
			c, err := t.pressed(p, e)
			if err != nil {
				return err
			}
			t.tally[c.answer]++
			p.stand[c.who.ID], p.abouts[c.who.ID] = c, about{e.Body.For.BaseRef, e.Body.For.Rules, e.Body.For.Verdict}
		}
	}
	return nil
}

// about is what an approval was for, beside the head.
type about struct{ base, rules, verdict string }

func (p *pullTruth) about(c said) about { return p.abouts[c.who.ID] }

// pressed finds the press that a counted choice came from.
func (t *truth) pressed(p *pullTruth, e entry) (said, error) {
	for _, c := range slices.Backward(t.presses) {
		if c.who.ID != e.Body.By.ID || c.answer != e.Body.Answer || c.sha != e.Body.For.Head || c.from.After(e.At) {
			continue
		}
		assigned := true // all the while since it was pressed
		for _, s := range t.past[c.seen:] {
			assigned = assigned && slices.Contains(s.pulls[p.Number].assignees, c.who.ID)
		}
		switch {
		case c.who.Type != "User":
			return c, fmt.Errorf("a choice of %s counts, who is no human", c.who.Login)
		case t.commits[c.sha][c.who.ID] || assigned:
			return c, fmt.Errorf("a choice of %s counts, who had a part in it", c.who.Login)
		case p.judged.Body.Head != c.sha:
			return c, fmt.Errorf("a choice of %s counts for %.7s, and the head that was judged is %.7s", c.who.Login, c.sha, p.judged.Body.Head)
		case e.Body.For.Rules != p.rules || e.Body.For.Verdict != p.judged.Body.Digest || e.Body.For.BaseRef != p.judged.Body.BaseRef:
			return c, fmt.Errorf("a choice of %s counts for %+v, which is not what was judged last", c.who.Login, e.Body.For)
		}
		teams := []string{"sre", "security"}
		if c.answer == "override" {
			teams = []string{"incident"}
		}
		if !slices.ContainsFunc(teams, func(team string) bool { return t.was(team, c.who.ID, c.from, e.At) }) {
			return c, fmt.Errorf("a choice of %s counts, who was of none of the teams", c.who.Login)
		}
		c.at = e.At
		for _, team := range []string{"sre", "security"} {
			if slices.Contains(e.Body.Groups, "@acme/"+team) {
				if !t.was(team, c.who.ID, c.from, e.At) {
					return c, fmt.Errorf("%s counts as of %s, and was not", c.who.Login, team)
				}
				c.teams = append(c.teams, team)
			}
		}
		return c, nil
	}
	return said{}, fmt.Errorf("%q of %s counts, and nobody pressed that on %.7s", e.Body.Answer, e.Body.By.Login, e.Body.For.Head)
}

// agrees holds one open pull request against the reference.
func (t *truth) agrees(p *pullTruth) error {
	law := t.laws[p.now.base]
	if p.judged.Body.Head != p.now.head || p.judged.Body.BaseRef != p.now.base {
		return fmt.Errorf("judged is %.7s into %s, and it is %.7s into %s", p.judged.Body.Head, p.judged.Body.BaseRef, p.now.head, p.now.base)
	}
	if known := t.digests[law.rules()]; known != "" && known != p.rules {
		return fmt.Errorf("it was judged by rules %.7s, and those of %s are %.7s", p.rules, law.rules(), known)
	}
	if known := t.effects[p.rules]; known != "" && known != law.effect() {
		return fmt.Errorf("it was judged by the rules %s, and in force are %s", known, law.effect())
	}
	t.effects[p.rules] = law.effect()
	t.digests[law.rules()] = p.rules

	may, must := true, true
	for _, other := range t.pulls {
		if other.now.open && other.now.head == p.now.head && other.now.base == p.now.base {
			most, least := t.passes(other)
			may, must = may && most, must && least
		}
	}
	state := t.r.shop.RequiredCheck(p.now.head, checkOf(p.now.base), t.r.app.ID)
	runs := 0
	for _, run := range t.r.shop.CheckRuns(p.now.head) {
		if run.AppID == t.r.app.ID && run.Name == checkOf(p.now.base) {
			runs++
		}
	}
	if denied, others := t.denied(p); denied && others {
		t.tally["denied over approvals"]++
	}
	if state.Passes && len(p.stand) > 0 {
		t.tally["released"]++
	}
	switch {
	case runs != 1:
		return fmt.Errorf("its head has %d check runs of ours", runs)
	case state.Status != "completed":
		return fmt.Errorf("its check is %s", state.Status)
	case state.Passes && !may:
		return fmt.Errorf("it passes, and may not")
	case !state.Passes && must:
		return fmt.Errorf("it does not pass, and must")
	}
	return nil
}

// denied reports whether somebody's denial stands, and whether the others'
// approvals would do without it.
func (t *truth) denied(p *pullTruth) (denied, others bool) {
	without := *p
	without.stand = map[int64]said{}
	for id, c := range p.stand {
		if denied = denied || c.answer == "deny"; c.answer != "deny" {
			without.stand[id] = c
		}
	}
	others, _ = t.passes(&without)
	return denied, others
}

// passes gives bounds: the organisation's need and the repository's, each met
// alone, is the least that must hold; both with nobody counted twice is enough.
func (t *truth) passes(p *pullTruth) (may, must bool) {
	law, now := t.laws[p.now.base], t.r.Now()
	switch {
	case law.hopeless():
		return false, false
	case !p.now.held && !law.broken():
		return true, true
	}
	var people []int64
	overridden := false
	for id, c := range p.stand {
		switch c.answer {
		case "deny":
			return false, false
		case "override":
			overridden = true
		case "approve":
			people = append(people, id)
		}
	}
	if overridden {
		return true, true
	}
	of := func(who int64, part part) bool {
		c := p.stand[who]
		return slices.Contains(c.teams, part.team) && (part.expires == 0 || now.Sub(c.at) < part.expires)
	}
	may = true
	var all []part
	for _, parts := range law.needs() {
		may = may && meets(parts, people, of)
		all = append(all, parts...)
	}
	return may, meets(all, people, of)
}

// certain holds one press at a time of rest against the reference: whether it
// counts is known exactly.
func (t *truth) certain(p *pullTruth, c said) error {
	law, now := t.laws[p.now.base], t.r.Now()
	team := func(name string) bool { return t.was(name, c.who.ID, now.Add(memory), now) }
	want := false
	switch {
	case c.sha != p.now.head || c.base != p.now.base || !p.now.held && !law.broken() || law.hopeless() || !t.eligible(c, p.now):
	case c.answer == "override":
		want = team("incident")
	default:
		for _, parts := range law.needs() {
			want = want || slices.ContainsFunc(parts, func(part part) bool { return team(part.team) })
		}
	}
	got, counts := p.stand[c.who.ID]
	counts = counts && got.answer == c.answer && !got.at.Before(c.from)
	if counts != want {
		return fmt.Errorf("%s of %s on #%d counts: %v, and it should be %v\n%s", c.answer, c.who.Login, p.Number, counts, want, t.describe(p.now.head))
	}
	return nil
}
