//go:build services

package stories

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

// What is deployed is as much an agent's as what is merged: a push that nobody
// heard of, to a pull request that was judged before or never, or that came to
// the default branch by way of another one, has an agent's part in it.
func TestWhatIsDeployedKeepsItsPushers(t *testing.T) {
	t.Parallel()
	// The agent works under ana's git name.
	forged := func(s *story) fakehub.NewCommit {
		return fakehub.NewCommit{Author: s.Ana, Pusher: s.Agent, Message: "Tidy", Files: harm()}
	}
	asAna := func(s *story) *fakehub.Pull {
		p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "T", Head: "ana/x", Files: fakehub.Files{"docs/1.md": "x\n"}})
		s.must(err)
		return p
	}
	merge := func(s *story, p *fakehub.Pull) {
		_, err := p.Merge(s.Ana)
		s.must(err)
	}
	unseen := func(s *story, merged func(*story, *fakehub.Pull)) {
		s.halt()
		p := asAna(s)
		s.later()
		_, err := p.PushCommit(forged(s))
		s.must(err)
		_, err = p.Push(fakehub.Files{"docs/2.md": "x\n"})
		s.must(err)
		s.later()
		merged(s, p)
		s.start()
		s.compared()
	}
	for name, tale := range map[string]func(s *story){
		"judged, then pushed to unseen": func(s *story) {
			p := asAna(s)
			s.settle()
			s.pass(time.Minute)
			s.halt()
			_, err := p.PushCommit(forged(s))
			s.must(err)
			s.later()
			merge(s, p)
			s.start()
			s.compared()
		},
		"never judged": func(s *story) { unseen(s, merge) },
		"never judged, squashed": func(s *story) {
			unseen(s, func(s *story, p *fakehub.Pull) {
				_, err := p.Squash(s.Ana)
				s.must(err)
			})
		},
		"merged by the agent's own hand": func(s *story) {
			p := asAna(s)
			s.settle()
			_, err := s.Shop.Commit("main", fakehub.NewCommit{Author: s.Ana, Pusher: s.Agent, Message: "Merge", Merge: []string{p.HeadSHA()},
				Files: harm()})
			s.must(err)
			s.settle()
		},
		"pushed to main by a person, after another branch": func(s *story) {
			sha, err := s.Shop.Commit("devin/x", forged(s))
			s.must(err)
			s.settle()
			s.must(s.Shop.SetBranch("main", sha, s.Ana))
			s.settle()
		},
		"the same, and a push to main is not known": func(s *story) {
			remove := s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop, Times: 1})
			_, err := s.Shop.Commit("main", fakehub.NewCommit{Author: s.Bo, Message: "Docs", Files: fakehub.Files{"docs/9.md": "x\n"}})
			s.must(err)
			s.settle()
			remove()
			sha, err := s.Shop.CommitOn(s.Shop.Tip("main"), "devin/x", forged(s))
			s.must(err)
			s.settle()
			s.must(s.Shop.SetBranch("main", sha, s.Ana))
			s.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, standard, "production")
			tale(s)
			s.pass(time.Minute)
			run := s.deploy(s.Ana, "production")
			s.gate(run, "production", "pending")
		})
	}
}

// What people pushed and merged while gatehold was not there is theirs.
func TestWhatPeopleMergedUnseenIsTheirs(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.halt()
	for i, merged := range []func(p *fakehub.Pull) (string, error){
		func(p *fakehub.Pull) (string, error) { return p.Merge(s.Bo) },
		func(p *fakehub.Pull) (string, error) { return p.Squash(s.Bo) },
	} {
		p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "T", Head: fmt.Sprint("ana/", i),
			Files: fakehub.Files{fmt.Sprintf("db/migrations/%04d_drop.sql", i): dropsATable}})
		s.must(err)
		s.later()
		_, err = p.Push(fakehub.Files{fmt.Sprintf("docs/%d.md", i): "x\n"})
		s.must(err)
		s.later()
		_, err = merged(p)
		s.must(err)
		s.Shop.DeleteBranch(p.HeadBranch(), s.Bo)
	}
	s.start()
	s.compared()
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "approved")
}

// A branch that is made anew, or under another name, carries what was pushed to it
// before.
func TestAPushOutlivesItsBranch(t *testing.T) {
	t.Parallel()
	unheard := func(s *story) func() {
		return s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop})
	}
	for name, tale := range map[string]func(s *story, c fakehub.NewCommit) *fakehub.Pull{
		"made anew, with more on top": func(s *story, c fakehub.NewCommit) *fakehub.Pull {
			sha, err := s.Shop.Commit("devin/x", c)
			s.must(err)
			s.pass(time.Minute)
			s.Shop.DeleteBranch("devin/x", s.Agent)
			s.pass(time.Minute)
			_, err = s.Shop.CommitOn(sha, "devin/x", fakehub.NewCommit{Author: s.Agent, Message: "Docs",
				Files: fakehub.Files{"docs/2.md": "x\n"}})
			s.must(err)
			return nil
		},
		"another name for it, unheard": func(s *story, c fakehub.NewCommit) *fakehub.Pull {
			sha, err := s.Shop.Commit("one/x", c)
			s.must(err)
			s.settle()
			defer unheard(s)()
			s.must(s.Shop.SetBranch("devin/x", sha, s.Agent))
			s.settle()
			return nil
		},
		"both unheard": func(s *story, c fakehub.NewCommit) *fakehub.Pull {
			defer unheard(s)()
			sha, err := s.Shop.Commit("one/x", c)
			s.must(err)
			s.pass(time.Minute)
			s.must(s.Shop.SetBranch("devin/x", sha, s.Agent))
			s.settle()
			return nil
		},
		"renamed": func(s *story, c fakehub.NewCommit) *fakehub.Pull {
			sha, err := s.Shop.Commit("one/x", c)
			s.must(err)
			s.settle()
			s.must(s.Shop.SetBranch("devin/x", sha, s.Agent))
			s.Shop.DeleteBranch("one/x", s.Agent)
			s.settle()
			return nil
		},
		"merged from another branch": func(s *story, c fakehub.NewCommit) *fakehub.Pull {
			sha, err := s.Shop.Commit("one/x", c)
			s.must(err)
			s.settle()
			_, err = s.Shop.CommitOn(sha, "devin/x", fakehub.NewCommit{Author: s.Agent, Message: "Docs",
				Files: fakehub.Files{"docs/2.md": "x\n"}})
			s.must(err)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			tale(s, fakehub.NewCommit{Author: s.Agent, Pusher: s.Bo, Message: "Drop", Files: harm()})
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x"})
			s.must(err)
			s.settle()
			s.pass(time.Minute)
			if !s.held(p) {
				t.Fatalf("it is not held: %q", s.Check(p.HeadSHA(), gate.CheckName).Title)
			}
			s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
			if !s.held(p) {
				t.Errorf("whoever pushed it approved it: %s", s.text(p.HeadSHA(), gate.CheckName))
			}
			s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
			if s.held(p) {
				t.Errorf("somebody without a part in it could not approve it: %s", s.text(p.HeadSHA(), gate.CheckName))
			}
		})
		// The other way round: the agent pushed it, under ana's git name, and ana opens it.
		t.Run(name+", an agent's", func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			s.Agent, s.Ana = s.Ana, s.Agent
			tale(s, fakehub.NewCommit{Author: s.Agent, Pusher: s.Ana, Message: "Drop", Files: harm()})
			p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "T", Head: "devin/x"})
			s.must(err)
			s.settle()
			s.pass(time.Minute)
			if !s.held(p) {
				t.Errorf("an agent's push passes: %q", s.Check(p.HeadSHA(), gate.CheckName).Title)
			}
		})
	}
}
