//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

const dropsATable = "DROP TABLE orders;\n"

func harm() fakehub.Files { return fakehub.Files{"db/migrations/0001_drop.sql": dropsATable} }

// held reports whether the check of a pull request's head lets nothing pass.
func (s *story) held(p *fakehub.Pull) bool {
	s.Helper()
	return s.Check(p.HeadSHA(), gate.CheckName).Conclusion == "action_required"
}

// Whoever pushed any of a pull request cannot approve it: before it was opened, an
// earlier head, a head whose event came late or never, or while it was closed.
func TestWhoPushedAnyOfItApprovesNothing(t *testing.T) {
	t.Parallel()
	byBo := func(s *story) fakehub.NewCommit {
		return fakehub.NewCommit{Author: s.Agent, Pusher: s.Bo, Message: "Drop", Files: harm()}
	}
	open := func(s *story) *fakehub.Pull {
		p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x", Files: fakehub.Files{"docs/1.md": "x\n"}})
		s.must(err)
		s.settle()
		s.pass(time.Minute) // of two things in one second GitHub's answer may be the older
		return p
	}
	push := func(s *story, p *fakehub.Pull) {
		_, err := p.PushCommit(byBo(s))
		s.must(err)
	}
	for name, tale := range map[string]func(s *story) *fakehub.Pull{
		"before it was opened": func(s *story) *fakehub.Pull {
			_, err := s.Shop.Commit("devin/x", byBo(s))
			s.must(err)
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x"})
			s.must(err)
			return p
		},
		"before it was opened, unseen": func(s *story) *fakehub.Pull {
			remove := s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop, Times: 1})
			defer remove()
			_, err := s.Shop.Commit("devin/x", byBo(s))
			s.must(err)
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x"})
			s.must(err)
			s.settle()
			return p
		},
		"on another branch": func(s *story) *fakehub.Pull {
			sha, err := s.Shop.Commit("bo/x", byBo(s))
			s.must(err)
			s.must(s.Shop.SetBranch("devin/x", sha, s.Agent))
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x"})
			s.must(err)
			return p
		},
		"an earlier head": func(s *story) *fakehub.Pull {
			p := open(s)
			push(s, p)
			s.settle()
			_, err := p.Push(fakehub.Files{"docs/2.md": "typo\n"})
			s.must(err)
			return p
		},
		"without any event": func(s *story) *fakehub.Pull {
			p := open(s)
			for _, event := range []string{"push", "pull_request"} {
				s.hub.InjectHook(faults.HookFault{Event: event, Kind: faults.Drop, Times: 1})
			}
			push(s, p)
			s.settle()
			s.restart()
			s.compared()
			return p
		},
		"while it was closed": func(s *story) *fakehub.Pull {
			p := open(s)
			p.Close(s.Agent)
			s.pass(time.Minute)
			_, err := s.Shop.Commit("devin/x", byBo(s))
			s.must(err)
			s.pass(time.Minute)
			s.must(p.Reopen(s.Agent))
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			p := tale(s)
			s.settle()
			s.pass(time.Minute)
			if !s.held(p) {
				t.Fatalf("it is not held: %q", s.Check(p.HeadSHA(), gate.CheckName).Title)
			}
			s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
			if !s.held(p) {
				t.Errorf("whoever pushed it approved it: %q", s.Check(p.HeadSHA(), gate.CheckName).Title)
			}
			s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
			if s.held(p) {
				t.Errorf("somebody without a part in it could not approve it: %s", s.text(p.HeadSHA(), gate.CheckName))
			}
		})
	}
}

// An agent's push to a person's pull request, under that person's git name, is
// not forgotten with the person's next push, nor when it is pushed over.
func TestAnAgentsPushIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(s *story, p *fakehub.Pull){
		"a push on top": func(s *story, p *fakehub.Pull) {
			_, err := p.PushCommit(fakehub.NewCommit{Author: s.Ana, Pusher: s.Ana, Message: "Docs",
				Files: fakehub.Files{"docs/2.md": "typo\n"}})
			s.must(err)
		},
		"a push by Actions": func(s *story, p *fakehub.Pull) {
			_, err := p.PushCommit(fakehub.NewCommit{Author: s.Ana, Pusher: s.hub.CreateKnownBot("github-actions", 41898282),
				Message: "Docs", Files: fakehub.Files{"docs/2.md": "typo\n"}})
			s.must(err)
		},
		"a new label": func(s *story, p *fakehub.Pull) { p.Label("docs", s.Ana) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "T", Head: "ana/x", Files: fakehub.Files{"docs/1.md": "x\n"}})
			s.must(err)
			s.settle()
			if s.held(p) {
				t.Fatalf("a person's change of documents is held: %s", s.text(p.HeadSHA(), gate.CheckName))
			}
			_, err = p.PushCommit(fakehub.NewCommit{Author: s.Ana, Pusher: s.Agent, Message: "Work", Files: harm()})
			s.must(err)
			s.settle()
			if !s.held(p) {
				t.Fatalf("an agent's push passes: %q", s.Check(p.HeadSHA(), gate.CheckName).Title)
			}
			next(s, p)
			s.settle()
			c := s.Check(p.HeadSHA(), gate.CheckName)
			if !s.held(p) || strings.Contains(c.Title, "human") {
				t.Errorf("it was forgotten: %q", c.Title)
			}
		})
	}
}

// A person's pull requests cost nobody a press because of the record: one on top
// of another, and one whose branch is older than gatehold.
func TestPeoplesPushesAreAPersons(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	first, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "One", Head: "ana/1", Files: harm()})
	s.must(err)
	s.settle()
	s.must(s.Shop.SetBranch("ana/2", first.HeadSHA(), s.Ana))
	_, err = s.Shop.Commit("ana/2", fakehub.NewCommit{Author: s.Ana, Pusher: s.Ana, Message: "Two",
		Files: fakehub.Files{"docs/2.md": "x\n"}})
	s.must(err)
	second, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "Two", Head: "ana/2"})
	s.must(err)
	s.settle()
	s.halt()
	third, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "Three", Head: "ana/3",
		Files: fakehub.Files{"db/migrations/0003_drop.sql": dropsATable}})
	s.must(err)
	s.start()
	s.compared()
	s.settle()
	for _, p := range []*fakehub.Pull{first, second, third} {
		if s.held(p) {
			t.Errorf("#%d is held: %s", p.Number, s.text(p.HeadSHA(), gate.CheckName))
		}
	}
}
