//go:build services

package stories

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// What GitHub answers may be of before the event that it has told of. Every
// story here has answers that are behind, for a while or so many times: the
// check never passes on what is no more, and comes to what is, by itself.

const observing = "version: 1\nmode: observe\nbranches: [\"release/**\"]\n"

// opened is a pull request, and what was judged of it.
func (s *story) opened(by *fakehub.Account, base string, files fakehub.Files) *fakehub.Pull {
	s.Helper()
	s.pulls++
	pull, err := s.Shop.OpenPull(fakehub.NewPull{Author: by, Title: "Change", Base: base,
		Head: fmt.Sprintf("devin/%d", s.pulls), Files: files})
	s.must(err)
	s.settle()
	return pull
}

// green reports whether the required check passes on the head of a pull request.
func (s *story) green(p *fakehub.Pull) bool { return p.RequiredCheck(gate.CheckName, s.app.ID).Passes }

// never passes while time goes by.
func (s *story) never(p *fakehub.Pull, d time.Duration) {
	s.Helper()
	for range 20 {
		if s.green(p) {
			s.Fatalf("it passes:\n%s", s.text(p.HeadSHA(), gate.CheckName))
		}
		s.pass(d / 20)
	}
}

// judged waits until what GitHub answers is what it is, and the gate with it.
func (s *story) judgedAs(p *fakehub.Pull, title string) {
	s.Helper()
	s.pass(15 * time.Minute)
	s.shows(p.HeadSHA(), gate.CheckName, title)
	if f := s.state(s.pullSubject(p)).Failure; f != nil {
		s.Errorf("it fails still: %+v", f)
	}
}

func (s *story) pullSubject(p *fakehub.Pull) gate.Subject {
	return gate.Subject{Kind: gate.PullRequest,
		Repo: gate.Repo{Installation: s.Inst.ID, ID: s.Shop.ID, Owner: "acme", Name: "shop"}, Number: p.Number}
}

var page, drops = testworld.Page, testworld.Drops

// lags are the ways in which answers are behind: some, for a while, of one API.
func lags(t *testing.T, tell func(t *testing.T, behind func(s *story, of lag.Reads) *lag.Lagging)) {
	for name, one := range map[string]lag.Lag{
		"one answer":      {Times: 2},
		"for ten minutes": {For: 10 * time.Minute},
		"only GraphQL":    {For: time.Minute, Via: lag.GraphQL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell(t, func(s *story, of lag.Reads) *lag.Lagging {
				l := one
				l.Of = of
				return s.hub.Lag(l)
			})
		})
	}
}

func TestAnswerFromBeforeThePush(t *testing.T) {
	t.Parallel()
	lags(t, func(t *testing.T, behind func(*story, lag.Reads) *lag.Lagging) {
		s := tell(t, "")
		p := s.opened(s.Agent, "main", page(1))
		s.shows(p.HeadSHA(), gate.CheckName, "Passed")
		late := behind(s, lag.Pulls)
		_, err := p.Push(drops(1))
		s.must(err)
		s.settle()
		s.never(p, 11*time.Minute)
		s.judgedAs(p, "Held")
		if late.Hits() == 0 {
			t.Error("no answer was behind")
		}
	})
}

// Within a lane one check stands for the branches of all its rules.
func TestAnswerFromBeforeTheRetarget(t *testing.T) {
	t.Parallel()
	lags(t, func(t *testing.T, behind func(*story, lag.Reads) *lag.Lagging) {
		s := tell(t, "branches: [\"release/**\"]\n")
		for branch, rules := range map[string]string{"release/1": observing, "release/2": needs + "branches: [\"release/**\"]\n"} {
			_, err := s.Shop.Commit(branch, fakehub.NewCommit{Author: s.Ana, Message: "Rules",
				Files: fakehub.Files{".github/gatehold.yml": rules}})
			s.must(err)
		}
		s.settle()
		const name = "gatehold: release/**"
		p := s.opened(s.Agent, "release/1", drops(1))
		if c := s.Check(p.HeadSHA(), name); c.Conclusion != "success" {
			t.Fatalf("into a branch that only observes: %+v", s.Shop.CheckRuns(p.HeadSHA()))
		}
		late := behind(s, lag.Pulls|lag.Refs)
		s.must(p.Retarget("release/2", s.Agent))
		s.settle()
		for range 22 {
			if c := s.Check(p.HeadSHA(), name); c.Conclusion == "success" {
				t.Fatalf("it passes:\n%s", s.text(p.HeadSHA(), name))
			}
			s.pass(30 * time.Second)
		}
		s.pass(15 * time.Minute)
		s.shows(p.HeadSHA(), name, "Held")
		if late.Hits() == 0 {
			t.Error("no answer was behind")
		}
	})
}

func TestAnswerFromBeforeTheLabel(t *testing.T) {
	t.Parallel()
	lags(t, func(t *testing.T, behind func(*story, lag.Reads) *lag.Lagging) {
		s := tell(t, "rules:\n  - { id: prod, title: Labelled, labels: [prod], for: everyone, risk: 95, level: critical }\n")
		p := s.opened(s.Ana, "main", page(1))
		s.shows(p.HeadSHA(), gate.CheckName, "Passed")
		behind(s, lag.Pulls)
		p.Label("prod", s.Ana)
		s.settle()
		s.never(p, 11*time.Minute)
		s.judgedAs(p, "Held")
	})
}

// Rules are read where the branch is, which may be behind although the pull
// request is not.
func TestAnswerFromBeforeStricterRules(t *testing.T) {
	t.Parallel()
	lags(t, func(t *testing.T, behind func(*story, lag.Reads) *lag.Lagging) {
		s := tell(t, "")
		p := s.opened(s.Agent, "main", page(1))
		s.shows(p.HeadSHA(), gate.CheckName, "Passed")
		behind(s, lag.Refs)
		s.rules(docsAreCritical)
		s.never(p, 11*time.Minute)
		q := s.opened(s.Agent, "main", page(2)) // of which no event told that rules have changed
		s.never(q, time.Minute)
		s.judgedAs(p, "Held")
		s.judgedAs(q, "Held")
	})
}

// organises changes the rules of acme itself, which are in a repository of their own;
// where there are none it has that alone.
func (s *story) organises(text string) {
	s.Helper()
	if s.home == nil {
		s.home = s.Acme.CreateRepo(".github", fakehub.Files{"README.md": "# Us\n"})
	}
	if text != "" {
		_, err := s.home.Commit("main", fakehub.NewCommit{Author: s.Ana, Message: "Rules", Files: fakehub.Files{testworld.RulesPath: text}})
		s.must(err)
	}
	s.settle()
}

// The organisation's rules are another repository's.
func TestAnswerFromBeforeStricterRulesOfTheOrganisation(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.organises("version: 1\n")
	p := s.opened(s.Agent, "main", page(1))
	s.shows(p.HeadSHA(), gate.CheckName, "Passed")
	s.hub.Lag(lag.Lag{Of: lag.Refs, For: 10 * time.Minute})
	s.organises(needs + docsAreCritical)
	s.never(p, 11*time.Minute)
	s.judgedAs(p, "Held")
}

// A list that does not show a pull request yet keeps no stricter rules from it: it
// is on record.
func TestStricterRulesReachWhatIsNotListedYet(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"of the repository", "of the organisation"} {
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			s.organises("")
			late := s.hub.Lag(lag.Lag{Of: lag.Pulls, Via: lag.REST, For: time.Hour})
			p := s.opened(s.Agent, "main", page(1))
			s.shows(p.HeadSHA(), gate.CheckName, "Passed")
			if of == "of the repository" {
				s.rules(docsAreCritical)
			} else {
				s.organises(needs + docsAreCritical)
			}
			s.pass(time.Minute)
			s.judgedAs(p, "Held")
			if late.Hits() == 0 {
				t.Error("no list was behind")
			}
		})
	}
}

// Everything that an event can say of a pull request, with an answer from before.
func TestAnswerFromBeforeOtherChanges(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		change func(s *story, p *fakehub.Pull)
		of     func(s gate.Said) bool
	}{
		"draft": {func(s *story, p *fakehub.Pull) { p.SetDraft(true, s.Agent) }, func(a gate.Said) bool { return a.Draft }},
		"text": {func(s *story, p *fakehub.Pull) { p.Edit("Change", "Another intent", s.Agent) },
			func(a gate.Said) bool { return a.Text == gate.TextKey("Change", "Another intent") }},
		"assigned": {func(s *story, p *fakehub.Pull) { p.Assign(s.Bo, s.Ana) }, func(a gate.Said) bool { return len(a.People) == 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			p := s.opened(s.Agent, "main", page(1))
			s.pass(time.Minute)
			s.hub.Lag(lag.Lag{Of: lag.Pulls, Times: 3})
			story.change(s, p)
			s.settle()
			s.pass(time.Minute)
			if got := s.state(s.pullSubject(p)); !story.of(got.Pull.JudgedOf) {
				t.Errorf("judged of %+v", got.Pull.JudgedOf)
			}
		})
	}
}

// Closed and opened again: an answer that it is closed lets nobody forget it.
func TestAnswerFromBeforeItWasReopened(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	p.Close(s.Agent)
	s.settle()
	s.pass(time.Minute)
	s.hub.Lag(lag.Lag{Of: lag.Pulls, For: 5 * time.Minute})
	s.must(p.Reopen(s.Agent))
	s.settle()
	s.never(p, 6*time.Minute)
	s.judgedAs(p, "Held")
	if st := s.state(s.pullSubject(p)); st.Done {
		t.Error("it is taken for closed")
	}
}
