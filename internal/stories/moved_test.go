//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
)

// A repository is its id. What it is called, whose it is and by which
// installation the App reaches it can change; what gatehold has on record is of
// before, and heals from whatever tells it.

// approves releases a held pull request: an entitled person presses, and time
// goes by.
func (s *story) approves(p *fakehub.Pull, by *fakehub.Account) {
	s.Helper()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", by)
	s.pass(10 * time.Minute)
	if !s.green(p) {
		st := s.state(s.pullSubject(p))
		s.Errorf("an entitled approval does not release: %+v\n%s", st.Failure, s.text(p.HeadSHA(), gate.CheckName))
	}
}

func TestInstalledAnewAndNobodyTold(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	s.hub.InjectHook(faults.HookFault{Event: "installation", Kind: faults.Drop})
	s.hub.InjectHook(faults.HookFault{Event: "installation_repositories", Kind: faults.Drop})
	s.Inst.Uninstall()
	s.Inst = s.app.Install(s.Acme)
	s.settle()
	s.approves(p, s.Bo)
}

func TestRenamed(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	s.must(s.Shop.Rename("store", s.Ana))
	s.approves(p, s.Bo)
	s.shows(s.opened(s.Agent, "main", page(2)).HeadSHA(), gate.CheckName, "Passed")
}

// What was approved stays approved when it is judged again under the new name of
// the repository, and of who is asked: the commit is the same, and so is what it
// does.
func TestARenameVoidsNoApproval(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	s.approves(p, s.Bo)
	s.must(s.Shop.Rename("store", s.Ana))
	s.must(s.Bo.Rename("bob"))
	s.settle()
	s.must(s.hub.Rerequest(s.Check(p.HeadSHA(), gate.CheckName).ID, s.Bo))
	s.pass(10 * time.Minute)
	st := s.state(s.pullSubject(p))
	if st.Verdict == nil || st.Verdict.Repository != "acme/store" {
		t.Fatalf("it was not judged again: %+v", st.Verdict)
	}
	if !s.green(p) || len(st.Choices) != 1 {
		t.Errorf("the approval does not stand: %+v", st.Voided)
	}
}

// A rule that says the same in other words voids no approval, and the check has
// the new words. One that asks for more does.
func TestRewordedRulesVoidNoApproval(t *testing.T) {
	t.Parallel()
	const rule = "rules:\n  - { id: tables, title: %s, paths: [\"db/**\"], risk: %d }\n"
	s := tell(t, fmt.Sprintf(rule, "Tabels", 60))
	p := s.opened(s.Agent, "main", drops(1))
	s.approves(p, s.Bo)
	s.commit(s.Ana, fakehub.Files{".github/gatehold.yml": needs + fmt.Sprintf(rule, "Tables", 60)})
	s.pass(10 * time.Minute)
	if text := s.text(p.HeadSHA(), gate.CheckName); !s.green(p) || !strings.Contains(text, ": Tables") || strings.Contains(text, "Tabels") {
		t.Errorf("a typing error was mended: %+v\n%s", s.state(s.pullSubject(p)).Voided, text)
	}
	s.commit(s.Ana, fakehub.Files{".github/gatehold.yml": needs + fmt.Sprintf(rule, "Tables", 61)})
	s.pass(10 * time.Minute)
	if s.green(p) {
		t.Error("approved under other rules, it is green")
	}
}

// The name goes to another repository: nothing is read there or written.
func TestRenamedAndTheNameIsTaken(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	s.must(s.Shop.Rename("store", s.Ana))
	s.Acme.CreateRepo("shop", fakehub.Files{"README.md": "Another\n"})
	s.settle()
	s.approves(p, s.Bo)
	s.must(s.hub.Rerequest(s.Check(p.HeadSHA(), gate.CheckName).ID, s.Bo))
	s.pass(10 * time.Minute)
	if !s.green(p) {
		t.Errorf("judged again under its own rules it is not approved any more:\n%s", s.text(p.HeadSHA(), gate.CheckName))
	}
}

// A copy has the same commits under the name that the first one had: its pull
// request passes by its own gate only.
func TestCopyUnderTheNameThatWas(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", drops(1))
	s.must(s.Shop.Rename("shop-legacy", s.Ana))
	other, err := s.Shop.Copy(s.Acme.Account, "shop")
	s.must(err)
	q, err := other.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Change", Head: p.HeadBranch()})
	s.must(err)
	s.settle()
	if q.HeadSHA() != p.HeadSHA() {
		t.Fatal("it has another head")
	}
	s.approves(p, s.Bo)
	if s.green(q) {
		t.Error("the approval of another repository's pull request was published here")
	}
	for _, r := range other.CheckRuns(q.HeadSHA()) {
		if r.AppID == s.app.ID && r.Name == gate.CheckName && r.Conclusion != "action_required" {
			t.Errorf("the copy's check says %+v", r)
		}
	}
}

// Given to an organisation where the App is installed too: whoever may decide
// there decides, from the next event of any kind.
const boDecides = `version: 1
extends: [default]
needs:
  high:     { approvals: 1, from: ["@bo"] }
  critical: { approvals: 1, from: ["@bo"] }
`

func TestTransferred(t *testing.T) {
	t.Parallel()
	for name, hear := range map[string]func(s *story, p *fakehub.Pull){
		"heard of by a comparison": func(s *story, _ *fakehub.Pull) { s.restart(); s.compared() },
		"heard of by a press": func(s *story, p *fakehub.Pull) { // about what was judged under the former owner
			s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
		},
		"heard of by Re-run": func(s *story, p *fakehub.Pull) {
			s.must(s.hub.Rerequest(s.Check(p.HeadSHA(), gate.CheckName).ID, s.Ana))
			s.settle()
		},
		"heard of by a label": func(s *story, p *fakehub.Pull) { p.Label("x", s.Ana); s.settle() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "", fakehub.Files{".github/gatehold.yml": boDecides})
			p := s.opened(s.Agent, "main", drops(1))
			umbrella := s.hub.CreateOrg("umbrella")
			umbrella.AddMember(s.Bo, "member")
			for _, event := range []string{"installation", "installation_repositories", "repository"} {
				s.hub.InjectHook(faults.HookFault{Event: event, Kind: faults.Drop})
			}
			s.Inst = s.app.Install(umbrella)
			s.must(s.Shop.Transfer(umbrella.Account, s.Ana))
			s.settle()
			hear(s, p)
			s.pass(11 * time.Minute)
			pressed := name == "heard of by a press"
			if s.green(p) != pressed { // the same commit under the same rules, by somebody who may decide there too
				t.Errorf("green: %v\n%s", s.green(p), s.text(p.HeadSHA(), gate.CheckName))
			}
			if !pressed {
				s.approves(p, s.Bo)
			}
		})
	}
}

// What comes late or once more tells of where a repository was: GitHub is asked
// where it is, soon and not at the next comparison.
func TestTransferredAndOldEventsComeAgain(t *testing.T) {
	t.Parallel()
	s := tell(t, "", fakehub.Files{".github/gatehold.yml": boDecides})
	umbrella := s.hub.CreateOrg("umbrella")
	umbrella.AddMember(s.Bo, "member")
	s.app.Install(umbrella)
	s.pass(time.Minute)
	p := s.opened(s.Agent, "main", drops(1))
	before := s.hub.DeliveriesOf("pull_request", "opened")
	for _, event := range []string{"installation", "installation_repositories", "repository"} {
		s.hub.InjectHook(faults.HookFault{Event: event, Kind: faults.Drop})
	}
	s.pass(time.Minute)
	s.must(s.Shop.Transfer(umbrella.Account, s.Ana))
	s.restart()
	s.compared()
	s.is("umbrella")
	s.pass(time.Minute)
	for _, d := range before {
		_, _, err := s.hub.Replay(d.ID)
		s.must(err)
	}
	s.await(func() bool { return s.whose() == "umbrella" })
	s.approves(p, s.Bo)
}

// whose is the owner of the repository, as far as is known.
func (s *story) whose() string {
	s.Helper()
	subject := gate.Subject{Kind: gate.Repository, Repo: gate.Repo{ID: s.Shop.ID}}
	records, err := s.log.Read(s.Context(), subject.Stream(), 0)
	s.must(err)
	var is repo.State
	for _, rec := range records {
		ev, err := gate.Decode(rec.Kind, rec.Body)
		s.must(err)
		is = is.After(gate.Entry{Version: rec.Version, At: rec.At, Event: ev})
	}
	return is.Subject.Repo.Owner
}

func (s *story) is(owner string) {
	s.Helper()
	if got := s.whose(); got != owner {
		s.Fatalf("it is taken for %s's", got)
	}
}

// The rules of the organisation that a repository had are not asked for any more,
// nor those of one that has none any more.
func TestOtherRulesOfTheOrganisationOrNone(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *story, home *fakehub.Repo){
		"given to another": func(s *story, _ *fakehub.Repo) {
			umbrella := s.hub.CreateOrg("umbrella")
			s.app.Install(umbrella)
			s.must(s.Shop.Transfer(umbrella.Account, s.Ana))
		},
		"deleted": func(s *story, home *fakehub.Repo) { home.Delete(s.Ana) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			s.organises(needs + docsAreCritical)
			s.shows(s.opened(s.Agent, "main", page(1)).HeadSHA(), gate.CheckName, "Held")
			do(s, s.home)
			s.settle()
			p := s.opened(s.Agent, "main", page(2))
			s.pass(time.Hour)
			s.shows(p.HeadSHA(), gate.CheckName, "Passed")
		})
	}
}

// What is deleted is asked for ever less, whatever was left to do there.
func TestADeletedRepositoryIsHardlyAskedFor(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"nobody has its name", "another has its name"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			s := tell(t, "")
			p := s.opened(s.Agent, "main", drops(1))
			fault := s.hub.Inject(faults.Fault{Route: "POST /graphql", Code: 502})
			_, err := p.Push(drops(2))
			s.must(err)
			s.settle()
			s.Shop.Delete(s.Ana)
			if after == "another has its name" {
				s.Acme.CreateRepo("shop", fakehub.Files{"README.md": "# Another\n"})
			}
			fault.Remove()
			s.pass(10 * time.Hour)
			s.hub.ResetCounts()
			s.pass(12 * time.Hour)
			if n := s.hub.Total(); n > 120 {
				t.Errorf("%d requests in half a day about a repository that is gone: %v", n, s.hub.Counts())
			}
		})
	}
}

// What was out of sight for long and is listed again is judged within minutes.
func TestARepositoryThatComesBackIsJudgedSoon(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	other := s.Acme.CreateRepo("other", fakehub.Files{"README.md": "# Other\n"})
	s.hub.InjectHook(faults.HookFault{Event: "installation_repositories", Kind: faults.Drop})
	p := s.opened(s.Agent, "main", page(1))
	fault := s.hub.Inject(faults.Fault{Route: "POST /graphql", Code: 502})
	_, err := p.Push(page(2))
	s.must(err)
	s.settle()
	s.Inst.Select(other)
	fault.Remove()
	s.pass(24 * time.Hour)
	s.Inst.SelectAll()
	s.restart()
	s.compared()
	s.pass(11 * time.Minute) // at once, or by the attempt that was due sooner than the next comparison
	if !s.green(p) {
		t.Error("it is not judged")
	}
}

// What was refused while the App was not installed is done once it is, anew.
func TestADeploymentEndsWhileTheAppIsNotInstalled(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.run(actions.RunSpec{Jobs: jobs("", "production")})
	s.press(run, "production", "Approve", s.Bo)
	for _, event := range []string{"installation", "installation_repositories"} {
		s.hub.InjectHook(faults.HookFault{Event: event, Kind: faults.Drop})
	}
	held := s.hub.Hold("deployment_status", "")
	s.must(s.hub.FinishJob(run, "to production 0", "success"))
	subject := s.subject(run, "production")
	s.Inst.Uninstall()
	held.End()
	s.settle()
	s.pass(time.Minute)
	s.Inst = s.app.Install(s.Acme)
	s.restart()
	s.compared()
	s.pass(time.Hour)
	on := gate.Subject{Kind: gate.Environment, Repo: subject.Repo, Environment: subject.Environment}
	if all := s.environment(on).Arrivals; len(all) != 1 || all[0].DeploymentID != subject.DeploymentID {
		t.Errorf("on record as having arrived: %+v\n%s", all, s.tales([]string{on.Stream()}))
	}
}

// TestOutOfSightIsNotOver: GitHub shows nothing of a repository that the App was
// not given, or not any more. What waits there waits, and what was let go is under
// way, until it is seen again.
func TestOutOfSightIsNotOver(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]func(s *story) (away, back func()){
		"not selected": func(s *story) (away, back func()) {
			other := s.Acme.CreateRepo("other", fakehub.Files{"README.md": "# Other\n"})
			return func() { s.Inst.Select(other) }, func() { s.Inst.SelectAll() }
		},
		"given away": func(s *story) (away, back func()) {
			umbrella := s.hub.CreateOrg("umbrella")
			return func() { s.must(s.Shop.Transfer(umbrella.Account, s.Ana)) },
				func() { s.must(s.Shop.Transfer(s.Acme.Account, s.Ana)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, oneAtATime)
			away, back := pick(s)
			run := s.long(s.Ana, "production")
			lost := s.hub.Inject(faults.Fault{Route: respondRoute, Kind: faults.LostAnswer, Asks: "approved", Times: 1})
			s.press(run, "production", "Approve", s.Bo)
			if lost.Hits() != 1 {
				t.Fatalf("lost %d", lost.Hits())
			}
			s.commit(s.Ana, fakehub.Files{"a.txt": "a"})
			next := s.long(s.Ana, "production")
			away()
			s.restart()
			s.pass(3 * time.Hour)
			s.pass(3 * 24 * time.Hour)
			for _, is := range []gate.State{s.state(s.subject(run, "production")), s.state(s.subject(next, "production"))} {
				if is.Done {
					t.Errorf("%s: %s", is.Subject, is.ClosedWhy)
				}
			}
			back()
			s.restart()
			s.compared()
			s.pass(time.Minute) // not when it would have been tried again, hours later
			if is := s.state(s.subject(run, "production")); is.Answered() != gate.Approved || is.Done {
				t.Errorf("GitHub has approved, and on record is %q, %s", is.Answered(), is.ClosedWhy)
			}
			s.press(next, "production", "Approve", s.Bo)
			s.gate(next, "production", "pending") // the other is under way
			s.must(s.hub.FinishJob(run, "to production 0", "success"))
			s.settle()
			s.wentOut(run, false)
			if s.gates(next, "production")[0].State == "pending" {
				s.press(next, "production", "Approve", s.Bo)
			}
			s.gate(next, "production", "approved")
		})
	}
}
