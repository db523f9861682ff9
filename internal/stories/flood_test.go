//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

// cost is how many requests come of doing something again and again, each time
// once all that came of the time before was dealt with. The lists of the
// comparison with GitHub, which goes by the clock on the wall, are not counted.
func (s *story) cost(what string, times int, do func(i int)) int {
	s.Helper()
	s.hub.ResetCounts()
	for i := range times {
		do(i)
		s.settle()
	}
	n, all := 0, s.hub.Counts()
	for at, requests := range all {
		if at.Route == "POST /graphql" || strings.Contains(at.Route, "/compare/") || strings.Contains(at.Route, "/check-runs") {
			n += requests
		}
	}
	s.Logf("%d times %s: %d requests of %v", times, what, n, all)
	return n
}

// TestFloodsAtOneGate: what anybody may send again and again costs a bounded
// number of requests; what is not judged costs none; and in the end the check
// says what is so.
func TestFloodsAtOneGate(t *testing.T) {
	t.Parallel()
	s := tell(t, "rules:\n  - { id: frozen, title: Frozen, for: everyone, labels: [freeze], risk: 95, level: critical }\n")
	p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "Words", Head: "words", Files: fakehub.Files{"docs/a.md": "# A\n"}})
	s.must(err)
	s.settle()
	if !s.open(p) {
		t.Fatal(s.Check(p.HeadSHA(), gate.CheckName).Title)
	}
	toggled := func(label string) func(int) {
		return func(i int) {
			if i%2 == 0 {
				p.Label(label, s.Agent)
			} else {
				p.Unlabel(label, s.Agent)
			}
		}
	}
	if n := s.cost("a title", 100, func(i int) { p.Edit(fmt.Sprintf("Title %d", i), "", s.Agent) }); n != 0 {
		t.Errorf("titles that nothing asks about cost %d requests", n)
	}
	if n := s.cost("a label", 100, toggled("size")); n != 0 {
		t.Errorf("labels that nothing asks about cost %d requests", n)
	}
	if n := s.cost("a label that a rule names", 100, toggled("freeze")); n > 60 {
		t.Errorf("labels that a rule names cost %d requests", n)
	}
	p.Label("freeze", s.Agent)
	s.pass(15 * time.Minute)
	s.mustHold(p, "the label is on it", "Frozen")
	p.Unlabel("freeze", s.Agent)
	s.pass(15 * time.Minute)
	if !s.open(p) {
		t.Errorf("the label is off it: %s", s.Check(p.HeadSHA(), gate.CheckName).Title)
	}
	s.pass(2 * time.Hour)
	run := s.Check(p.HeadSHA(), gate.CheckName).ID
	if n := s.cost("a re-request", 100, func(int) { s.must(s.hub.Rerequest(run, s.Agent)) }); n > 60 {
		t.Errorf("re-requests cost %d requests", n)
	}
	if !s.open(p) {
		t.Errorf("re-requests take green away: %s", s.Check(p.HeadSHA(), gate.CheckName).Title)
	}
	p.Label("freeze", s.Agent)
	s.settle()
	sha, err := p.Push(fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"})
	s.must(err)
	s.settle() // the clock stands still: a new head waits for nothing
	if r := s.Check(sha, gate.CheckName); r.Conclusion == "" {
		t.Errorf("a new head after the flood: %+v", r)
	}
}

// TestAnArchivedRepository: GitHub takes no check, so that gatehold stops; and
// goes on when it is told that the repository is unarchived.
func TestAnArchivedRepository(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.halt()
	p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Drop", Head: "devin/1",
		Files: fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}})
	s.must(err)
	s.Shop.Archive(s.Ana)
	s.hub.ResetCounts()
	s.start()
	subject := s.pullSubject(p)
	s.await(func() bool { return s.state(subject).Verdict != nil })
	s.pass(2 * 24 * time.Hour)
	refused := 0
	for at, n := range s.hub.Counts() {
		if at.Status == 403 && strings.Contains(at.Route, "check-runs") {
			refused += n
		}
	}
	if refused == 0 || refused > 3 {
		t.Errorf("%d attempts to write to an archived repository in two days", refused)
	}
	s.Shop.Unarchive(s.Ana)
	_, err = s.Shop.Commit("main", fakehub.NewCommit{Author: s.Ana, Message: "Rules",
		Files: fakehub.Files{".github/gatehold.yml": needs + "# unarchived\n"}})
	s.must(err)
	s.restart()
	s.compared()
	s.pass(2 * time.Hour)
	if r := s.Check(p.HeadSHA(), gate.CheckName); r.Conclusion != "action_required" {
		t.Errorf("after it was unarchived: %+v", r)
	}
}

// TestAHeavyQuery: one that GitHub's gateway always gives up on keeps nobody
// waiting.
func TestAHeavyQuery(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	heavy := s.hub.Inject(faults.Fault{Route: "POST /graphql", Asks: "commits(first: 100)", Kind: faults.Status, Code: 502})
	p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "Words", Head: "words", Files: fakehub.Files{"docs/a.md": "# A\n"}})
	s.must(err)
	s.settle()
	if !s.open(p) || heavy.Hits() != 1 {
		t.Errorf("%q after %d heavy queries", s.Check(p.HeadSHA(), gate.CheckName).Title, heavy.Hits())
	}
}
