package suggest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

var now = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// tale writes a history as the gate would: what was seen, what was judged under
// the rules, who chose what, what was merged.
type tale struct {
	history *History
	rules   *policy.Rules
	streams map[string]gate.State
	ids     map[string]int64
	at      time.Time
}

func newTale(rules *policy.Rules) *tale {
	return &tale{history: NewHistory(), rules: rules, streams: map[string]gate.State{}, ids: map[string]int64{}}
}

func (t *tale) add(s gate.Subject, ev gate.Event) gate.State {
	stream := s.Stream()
	state := t.streams[stream]
	t.at = t.at.Add(time.Minute)
	e := gate.Entry{Version: state.Version + 1, At: t.at, Event: ev}
	t.history.Add(stream, e)
	t.streams[stream] = state.After(e)
	return t.streams[stream]
}

func (t *tale) subject(repo string, number int) gate.Subject {
	if t.ids[repo] == 0 {
		t.ids[repo] = int64(len(t.ids) + 1)
	}
	owner, name, _ := strings.Cut(repo, "/")
	return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: t.ids[repo], Owner: owner, Name: name}, Number: number}
}

// change tells one change from its opening on. Its findings are written
// "rule@observation", with "~" behind where the rule only watched.
func (t *tale) change(at time.Time, repo string, number int, agent string, findings, fates []string) {
	t.at = at
	s := t.subject(repo, number)
	head := fmt.Sprintf("%s-%d-%d", repo, number, at.Unix())
	state := t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "opened", Head: head, BaseRef: "main"})
	judge := func(reverts ...int) {
		v := t.verdict(agent, findings, head)
		state = t.add(s, gate.Judged{Covers: state.Version, Head: head, BaseRef: "main", Digest: v.Digest, Verdict: v, Reverts: reverts})
	}
	choose := func(id int64, answer gate.Answer) {
		need := gate.Need{}
		if v := state.Verdict; v.Needs != nil {
			need = *v.Needs
		}
		state = t.add(s, gate.Counted{By: gate.Actor{Login: fmt.Sprint("p", id), ID: id, Type: "User"}, Answer: answer,
			Via: "button", For: state.For(), Groups: need.Groups()})
	}
	end := func(merged bool) {
		state = t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "closed", Head: head, BaseRef: "main"})
		state = t.add(s, gate.Closed{Covers: state.Version, Merged: merged})
	}
	if reverts, ok := strings.CutPrefix(fates[0], "reverts="); ok {
		n, _ := strconv.Atoi(reverts)
		judge(n)
		fates = fates[1:]
	} else {
		judge()
	}
	for _, fate := range fates {
		switch fate {
		case "approved":
			choose(1, gate.Approve)
		case "approved-by-2":
			choose(2, gate.Approve)
		case "denied":
			choose(3, gate.Deny)
		case "withdrawn": // the denier changed their mind
			choose(3, gate.Approve)
		case "overridden":
			choose(4, gate.Override)
		case "pushed": // and never judged
			state = t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "synchronize", Head: head + "x", BaseRef: "main"})
		case "mended": // pushed again, and judged: nothing is found any more
			head, findings = head+"m", nil
			state = t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "synchronize", Head: head, BaseRef: "main"})
			judge()
		case "touched": // an event that changes nothing
			state = t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "edited", Head: head, BaseRef: "main"})
		case "merged":
			end(true)
		case "closed":
			end(false)
		case "reopened":
			state = t.add(s, gate.Seen{Subject: s, Event: "pull_request", Action: "reopened", Head: head, BaseRef: "main"})
			judge()
		case "open":
		default:
			panic("no fate " + fate)
		}
	}
}

// verdict is what the rules come to for findings that are told.
func (t *tale) verdict(agent string, findings []string, head string) *gate.Verdict {
	v := &gate.Verdict{Head: head, Mode: string(t.rules.Mode()), Digest: head, Rules: gate.RulesRef{Digest: t.rules.Digest()}}
	if agent != "human" {
		name, claimed := strings.CutSuffix(agent, "?")
		login := strings.ToLower(name) + "[bot]"
		v.Agent = gate.Attribution{Is: true, Strength: gate.Verified, Names: []string{name}}
		if claimed {
			v.Agent.Strength, login = gate.Declared, "ana"
		}
		v.Contributors = []gate.Contributor{{Login: login, Role: "opened it"}}
	}
	for _, text := range findings {
		text, watched := strings.CutSuffix(text, "~")
		id, observation, _ := strings.Cut(text, "@")
		f := gate.Finding{Rule: id, Pack: "repository", Observe: watched}
		if pack, _, ok := strings.Cut(id, "/"); ok {
			f.Pack = pack
		} else if own, ok := strings.CutPrefix(id, "org:"); ok {
			f.Rule, f.Pack = own, "organisation"
		}
		for _, in := range t.rules.Explain().Rules {
			if in.ID == f.Rule && in.From == f.Pack {
				f.Risk = in.Risk
			}
		}
		if observation != "" {
			f.Observation = &observation
			for _, k := range catalog.Kinds() {
				if k.ID == observation && f.Risk == 0 {
					f.Risk = k.Risk
				}
			}
		}
		v.Findings = append(v.Findings, f)
	}
	w := judge.Weigh(t.rules, v)
	v.Score, v.Level, v.Held, v.WouldHold, v.Needs = w.Score, w.Level, w.Held, w.Waits && !w.Held, w.Need
	return v
}

// line tells what one line says, "60d..5d x22 acme/shop#100 Devin own: approved
// merged": 22 changes, from 60 to 5 days ago, numbered from 100 on.
func (t *tale) line(tb testing.TB, line string) {
	tb.Helper()
	what, fates, ok := strings.Cut(line, ": ")
	words := strings.Fields(what)
	if !ok || len(words) < 4 {
		tb.Fatalf("no history: %q", line)
	}
	first, last, ranged := strings.Cut(words[0], "..")
	if !ranged {
		last = first
	}
	count := 1
	if n, ok := strings.CutPrefix(words[1], "x"); ok {
		count = number(tb, n)
		words = words[1:]
	}
	repo, begin, _ := strings.Cut(words[1], "#")
	var findings []string
	if len(words) > 3 && words[3] != "-" {
		findings = strings.Split(words[3], ",")
	}
	from, to := days(tb, first), days(tb, last)
	for i := range count {
		ago := from
		if count > 1 {
			ago = from - (from-to)*time.Duration(i)/time.Duration(count-1)
		}
		t.change(now.Add(-ago), repo, number(tb, begin)+i, words[2], findings, strings.Fields(fates))
	}
}

func number(tb testing.TB, s string) int {
	tb.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func days(tb testing.TB, s string) time.Duration {
	return time.Duration(number(tb, strings.TrimSuffix(s, "d"))) * 24 * time.Hour
}
