//go:build services

package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// entry is a record as the reference reads it, without the law's help.
type entry struct {
	Version uint64
	At      time.Time
	Kind    string
	Body    struct {
		By      gate.Actor `json:"by"`
		Answer  string     `json:"answer"`
		For     gate.For   `json:"for"`
		Groups  []string   `json:"groups"`
		Covers  uint64     `json:"covers"`
		Of      gate.Said  `json:"of"`
		Head    string     `json:"head"`
		BaseRef string     `json:"base_ref"`
		Lane    gate.Lane  `json:"lane"`
		Digest  string     `json:"digest"`
		People  []struct {
			By     gate.Actor `json:"by"`
			Groups []string   `json:"groups"`
		} `json:"people"`
		Verdict *struct {
			Rules struct {
				Digest string `json:"digest"`
			} `json:"rules"`
		} `json:"verdict"`
	}
}

func (t *truth) entries(stream string, after uint64) (out []entry, err error) {
	records, err := t.r.eye.Read(context.Background(), stream, after)
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		e := entry{Version: rec.Version, At: rec.At, Kind: rec.Kind}
		if err := json.Unmarshal(rec.Body, &e.Body); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// rests holds everything against the reference while nothing is under way: what
// was counted, what passes, and what does not.
func (t *truth) rests() error {
	if err := t.look(); err != nil {
		return err
	}
	t.known, t.told = t.rest.snap, t.mark()
	t.rest, t.lagging = t.told, false
	for _, p := range t.pulls {
		if err := t.read(p); err != nil {
			return fmt.Errorf("#%d: %w\n%s", p.Number, err, t.describe(p.now.head))
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
	for _, x := range t.presses {
		if x.by.IsZero() {
			x.by = t.r.clock.now()
		}
	}
	if err := t.leftGreen(); err != nil {
		return err
	}
	return t.standing()
}

// leftGreen holds the greens of commits that nobody proposes any more in a lane:
// they were said for no other branch than the one that the lane is.
func (t *truth) leftGreen() error {
	s := t.past[len(t.past)-1]
	for sha := range t.heads {
		for _, lane := range []string{"gatehold", wideLane} {
			state := t.shop.RequiredCheck(sha, lane, t.r.app.ID)
			proposed := slices.ContainsFunc(t.pulls,
				func(p *pullTruth) bool { return p.now.open && p.now.head == sha && s.lane(p.now.base) == lane })
			if !state.Passes || proposed {
				continue
			}
			all := t.byRun[state.RunID]
			bases := t.painted[all[len(all)-1]].bases
			if lane == wideLane || !slices.Contains(bases, t.now.trunk) {
				return fmt.Errorf("%.7s is green in %q for %v, and nobody proposes it there\n%s", sha, lane, bases, t.describe(sha))
			}
		}
	}
	return nil
}

// about is what an approval was for, beside the head. One that was asked for in a
// lane counts in no other.
type about struct{ base, rules, verdict, check string }

// read takes in what is on record of a pull request since it was read last. What
// counts must be something that somebody pressed and that could count.
func (t *truth) read(p *pullTruth) error {
	entries, err := t.entries(fmt.Sprintf("pr/%d/%d", t.shopID, p.Number), p.version)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p.version = e.Version
		switch e.Kind {
		case "judged":
			if p.late(e) {
				continue
			}
			p.covered = e.Body.Covers
			if e.Body.Verdict != nil {
				p.rules = e.Body.Verdict.Rules.Digest
			}
			p.judged = e
			for id, x := range p.stand { // what it was about has to be what it is about
				same := e.Body.Head == x.sha
				if x.answer != "deny" {
					same = same && p.abouts[id] == (about{e.Body.BaseRef, p.rules, e.Body.Digest, e.Body.Lane.Check()})
				}
				if !same {
					delete(p.stand, id)
					delete(p.abouts, id)
				}
			}
		case "closed":
			p.covered = max(p.covered, e.Body.Covers)
		case "counted":
			x, err := t.pressed(p, e)
			if err != nil {
				return err
			}
			t.tally[x.answer]++
			p.stand[x.who.ID], p.abouts[x.who.ID] = x, about{e.Body.For.BaseRef, e.Body.For.Rules, e.Body.For.Verdict, e.Body.For.Lane}
		case "confirmed":
			if err := t.confirmed(p, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// late reports whether whoever judged had been stopped: others have looked since, or
// it says that nothing had changed, of a verdict that is not the newest.
func (p *pullTruth) late(e entry) bool {
	was := p.judged.Body
	if e.Body.Covers < p.covered || e.Body.Covers == p.covered && e.Body.Of.At.Before(was.Of.At) {
		return true
	}
	return e.Body.Verdict == nil && (was.Digest != e.Body.Digest || was.Head != e.Body.Head)
}

// confirmed takes in what people whose choices stand are by now.
func (t *truth) confirmed(p *pullTruth, e entry) error {
	for _, is := range e.Body.People {
		x := p.stand[is.By.ID]
		if x == nil || x.answer == "deny" {
			continue
		}
		t.tally["confirmed"]++
		x.teams = nil
		for _, team := range []string{"sre", "security", "incident"} {
			if !slices.Contains(is.Groups, "@acme/"+team) {
				continue
			}
			if x.teams = append(x.teams, team); !t.was(team, x.who.ID, e.At, e.At) {
				return fmt.Errorf("%s is confirmed as of %s, and was not", x.who.Login, team)
			}
		}
		if len(x.teams) == 0 || x.answer == "override" && !slices.Contains(x.teams, "incident") {
			delete(p.stand, is.By.ID)
		}
	}
	return nil
}

// pressed finds the press that a counted choice came from.
func (t *truth) pressed(p *pullTruth, e entry) (*pressed, error) {
	who, is := e.Body.By, e.Body.For
	var x *pressed
	for _, o := range slices.Backward(t.presses) {
		if o.who.ID == who.ID && o.answer == e.Body.Answer && o.sha == is.Head && !o.from.After(e.At) && t.wasOf(o, p.Number, is) {
			x = o
			break
		}
	}
	if x == nil {
		return nil, fmt.Errorf("%q of %s counts for %+v, and nobody pressed that on a painting of it", e.Body.Answer, who.Login, is)
	}
	assigned := t.heads[x.sha].agents // all the while since it was pressed, and known by then
	for i := min(x.snap, t.known); i < len(t.past); i++ {
		assigned = assigned && slices.Contains(t.past[i].pulls[p.Number].assignees, who.ID)
	}
	switch {
	case x.who.Type != "User":
		return nil, fmt.Errorf("a choice of %s counts, who is no human", who.Login)
	case t.heads[x.sha].parts[who.ID] || assigned:
		return nil, fmt.Errorf("a choice of %s counts, who had a part in it", who.Login)
	case p.judged.Body.Head != x.sha:
		return nil, fmt.Errorf("a choice of %s counts for %.7s, and the head that was judged is %.7s", who.Login, x.sha, p.judged.Body.Head)
	case is.Rules != p.rules || is.Verdict != p.judged.Body.Digest || is.BaseRef != p.judged.Body.BaseRef:
		return nil, fmt.Errorf("a choice of %s counts for %+v, and what was judged last is %s into %s by the rules %s", who.Login, is,
			p.judged.Body.Digest, p.judged.Body.BaseRef, p.rules)
	}
	teams := []string{"sre", "security"}
	if x.answer == "override" {
		teams = []string{"incident"}
	}
	if !slices.ContainsFunc(teams, func(team string) bool { return t.was(team, who.ID, x.from, e.At) }) {
		return nil, fmt.Errorf("a choice of %s counts, who was of none of the teams", who.Login)
	}
	x.at, x.teams = e.At, nil
	if x.sure == nil {
		x.sure = map[int]bool{}
	}
	x.sure[p.Number] = true
	for _, team := range []string{"sre", "security"} {
		if slices.Contains(e.Body.Groups, "@acme/"+team) {
			if !t.was(team, who.ID, x.from, e.At) {
				return nil, fmt.Errorf("%s counts as of %s, and was not", who.Login, team)
			}
			x.teams = append(x.teams, team)
		}
	}
	return x, nil
}

// wasOf reports whether a press was made on a painting of what a choice is for.
func (t *truth) wasOf(x *pressed, number int, is gate.For) bool {
	begins := fmt.Sprintf("#%d %s %s ", number, is.Head, is.BaseRef)
	effect, known := t.effects[is.Rules]
	return slices.ContainsFunc(x.keys, func(key string) bool {
		return strings.HasPrefix(key, begins) && (!known || strings.HasPrefix(key, begins+effect+" "))
	})
}

// agrees holds one open pull request against the reference.
func (t *truth) agrees(p *pullTruth) error {
	s := t.past[len(t.past)-1]
	law, lane := s.law(p.now.base), s.lane(p.now.base)
	if p.judged.Body.Head != p.now.head || p.judged.Body.BaseRef != p.now.base {
		return fmt.Errorf("judged is %.7s into %s, and it is %.7s into %s", p.judged.Body.Head, p.judged.Body.BaseRef,
			p.now.head, p.now.base)
	}
	if !law.broken() { // those that are name the file and its commit
		if known := t.digests[law.rules()]; known != "" && known != p.rules {
			return fmt.Errorf("it was judged by rules %.7s, and those of %s are %.7s", p.rules, law.rules(), known)
		}
		if known := t.effects[p.rules]; known != "" && known != law.effect() {
			return fmt.Errorf("it was judged by the rules %s, and in force are %s", known, law.effect())
		}
		t.effects[p.rules], t.digests[law.rules()] = law.effect(), p.rules
	}

	may, must := true, true
	for _, other := range t.pulls {
		if other.now.open && other.now.head == p.now.head && s.lane(other.now.base) == lane {
			most, least := t.passes(other, s.law(other.now.base))
			may, must = may && most, must && least
		}
	}
	state := t.shop.RequiredCheck(p.now.head, lane, t.r.app.ID)
	runs := 0
	for _, run := range t.shop.CheckRuns(p.now.head) {
		first := t.painted[t.byRun[run.ID][0]]
		if run.Name == lane && (runs == 0 || !first.racy && !first.blind) { // who stood still may have made another
			runs++
		}
	}
	if state.Passes && len(p.stand) > 0 {
		t.tally["released"]++
	}
	switch {
	case runs != 1:
		return fmt.Errorf("its head has %d check runs of ours by the name %q", runs, lane)
	case state.Status != "completed":
		return fmt.Errorf("its check is %s", state.Status)
	case state.Passes && !may:
		return fmt.Errorf("it passes, and may not")
	case !state.Passes && must:
		return fmt.Errorf("it does not pass, and must")
	}
	return nil
}

// passes gives bounds: the organisation's need and the repository's, each met
// alone, is the least that must hold; both with nobody counted twice is enough.
func (t *truth) passes(p *pullTruth, law law) (may, must bool) {
	least, most := t.held(p.now, law)
	switch {
	case law.hopeless():
		return false, false
	case slices.ContainsFunc(p.standing(), func(s string) bool { return strings.HasSuffix(s, "deny") }):
		return false, false
	case !most && !law.broken():
		return true, true
	}
	var people []int64
	overridden := false
	for id, x := range p.stand {
		switch x.answer {
		case "override":
			overridden = true
		case "approve":
			people = append(people, id)
		}
	}
	if overridden {
		return true, true
	}
	now := t.r.clock.now()
	of := func(who int64, part part) bool {
		x := p.stand[who]
		return slices.Contains(x.teams, part.team) && (part.expires == 0 || now.Sub(x.at) < part.expires)
	}
	may = true
	var all []part
	unsure := !least && !law.broken()
	for _, parts := range law.needs() {
		may = may && (unsure || meets(parts, people, of))
		all = append(all, parts...)
	}
	return may, meets(all, people, of)
}

// certain holds one press at a time of rest against the reference: whether it
// counts is known exactly.
func (t *truth) certain(p *pullTruth, x *pressed) error {
	law, now := t.past[len(t.past)-1].law(p.now.base), t.r.clock.now()
	team := func(name string) bool { return t.was(name, x.who.ID, now.Add(memory), now) }
	want := false
	held, most := t.held(p.now, law)
	switch {
	case held != most && !law.broken():
		return nil
	case !held && !law.broken() || law.hopeless() || !t.uninvolved(x.who, p.now):
	case x.answer == "override":
		want = team("incident")
	default:
		for _, parts := range law.needs() {
			want = want || slices.ContainsFunc(parts, func(part part) bool { return team(part.team) })
		}
	}
	got, counts := p.stand[x.who.ID]
	if counts = counts && got.answer == x.answer && !got.at.Before(x.from); counts != want {
		return fmt.Errorf("%s of %s on #%d counts: %v, and it should be %v\n%s", x.answer, x.who.Login, p.Number, counts, want,
			t.describe(p.now.head))
	}
	return nil
}

// chained checks every stream's chain, and folds each gate from its beginning.
func (t *truth) chained() error {
	ctx, streams := context.Background(), map[string]bool{}
	for shard := range ledger.Shards {
		var cursor ledger.Cursor
		for {
			records, next, err := t.r.eye.Tail(ctx, shard, cursor, 500)
			if err != nil {
				return err
			}
			for _, rec := range records {
				streams[rec.Stream] = true
			}
			if cursor = next; len(records) == 0 {
				break
			}
		}
	}
	for stream := range streams {
		records, err := t.r.eye.Read(ctx, stream, 0)
		if err == nil {
			err = ledger.Verify(records)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", stream, err)
		}
		var s gate.State
		for _, rec := range records {
			ev, err := gate.Decode(rec.Kind, rec.Body)
			if err != nil {
				return err
			}
			s = s.After(gate.Entry{Version: rec.Version, At: rec.At, Event: ev})
		}
		i := slices.IndexFunc(t.pulls, func(p *pullTruth) bool { return stream == fmt.Sprintf("pr/%d/%d", t.shopID, p.Number) })
		if i < 0 || !t.pulls[i].now.open {
			continue
		}
		p, now := t.pulls[i], t.past[len(t.past)-1]
		same := slices.ContainsFunc(t.pulls, func(o *pullTruth) bool { return o != p && o.now.open && o.now.head == p.now.head })
		if shown := t.shop.RequiredCheck(p.now.head, now.lane(p.now.base), t.r.app.ID).Passes; !same &&
			shown != s.Released(t.r.clock.now()) {
			return fmt.Errorf("#%d passes: %v, and by the ledger: %v", p.Number, shown, !shown)
		}
	}
	return nil
}
