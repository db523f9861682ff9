package hub_test

import (
	// git's object ids

	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/report"
)

// approveID is the identifier of a button of some painting.
const approveID = "aabcdefghijklmno2345"

func checkOf(f change.Facts, conclusion report.Conclusion) report.Check {
	return report.Check{Name: "gatehold", HeadSHA: f.Change.Head, ExternalID: "check/1", Conclusion: conclusion, Title: "Held",
		Summary: "Why",
		Actions: []report.Action{{Label: "Approve", Description: "Release what is shown", Identifier: approveID}},
		Annotations: []report.Annotation{{Path: "db/1.sql", StartLine: 1, EndLine: 1, Level: "warning", Title: "Drops",
			Message: "It drops a table."}}}
}

// From a webhook to a required check that holds, and to one that passes.
func TestStory(t *testing.T) {
	w := hubtest.NewWorld(t)
	pull, seen := w.Open(fakehub.NewPull{
		Title: "Drop the old table", Body: "Because.", Labels: []string{"db"}, Assignees: []*fakehub.Account{w.Alice},
		Files: fakehub.Files{"db/1.sql": "DROP TABLE orders;\n", "old.txt": fakehub.Deleted,
			"new.sh": fakehub.Executable("#!/bin/sh\n"), "link": fakehub.Symlink("/etc/passwd")},
	})
	if seen.Sender.Login != "copilot-swe-agent[bot]" || seen.Sender.Type != "Bot" || seen.Head != pull.HeadSHA() ||
		seen.ChangedFiles != 4 || seen.BaseRef != "main" {
		t.Errorf("seen %+v", seen)
	}
	f := w.Facts(seen)
	c := f.Change
	if !f.Open || c.Title != "Drop the old table" || c.Body != "Because." || c.Author.Login != "copilot-swe-agent[bot]" ||
		c.Author.Type != change.Bot || c.Author.ID != seen.Sender.ID {
		t.Errorf("change %+v", c)
	}
	if c.Head != pull.HeadSHA() || c.Base != w.Shop.Tip("main") || len(c.Gaps) != 0 || len(c.Labels) != 1 ||
		len(c.Assignees) != 1 || c.Assignees[0].Login != "alice" || len(c.Commits) != 1 {
		t.Errorf("change %+v", c)
	}
	if f.Repo.State != change.RulesFound || string(f.Repo.Text) != "version: 1\n" || f.Repo.Name != hubtest.RuleName("acme/shop", "version: 1\n") {
		t.Errorf("rules %+v", f.Repo)
	}
	if f.Org.State != change.RulesAbsent || f.Org.Reason != "" {
		t.Errorf("rules of the organisation %+v", f.Org)
	}
	files := w.Texts(seen, &f)
	if got := files["db/1.sql"]; got.Status != change.Modified || got.Before.Body != "SELECT 1;\n" ||
		got.After.Body != "DROP TABLE orders;\n" || got.Mode != change.ModeFile || got.PreviousMode != change.ModeFile {
		t.Errorf("%+v", got)
	}
	if got := files["old.txt"]; got.Status != change.Removed || got.Before.Body != "one\ntwo\nthree\n" || got.After.State != change.Absent {
		t.Errorf("%+v", got)
	}
	if files["new.sh"].Mode != change.ModeExecutable || files["link"].Mode != change.ModeSymlink || files["link"].Status != change.Added {
		t.Errorf("%+v %+v", files["new.sh"], files["link"])
	}
	repo := seen.Subject.Repo
	id, err := w.Hub.PutCheck(t.Context(), repo, 0, checkOf(f, report.ActionRequired))
	if err != nil {
		t.Fatal(err)
	}
	if sent := w.Asked(); len(sent) != 4 {
		t.Errorf("from the delivery to the check 4 requests are enough: %v", sent)
	}
	if state := pull.RequiredCheck("gatehold", w.App.ID); state.Passes || state.Conclusion != "action_required" || state.RunID != id {
		t.Errorf("%+v", state)
	}
	if found, err := w.Hub.FindCheck(t.Context(), repo, c.Head, "gatehold"); found != id || err != nil {
		t.Errorf("found %d, %v", found, err)
	}
	if same, err := w.Hub.PutCheck(t.Context(), repo, id, checkOf(f, report.Success)); same != id || err != nil {
		t.Errorf("patched %d, %v", same, err)
	}
	if state := pull.RequiredCheck("gatehold", w.App.ID); !state.Passes {
		t.Errorf("%+v", state)
	}
	if runs := w.Shop.CheckRuns(c.Head); len(runs) != 1 {
		t.Errorf("%d runs", len(runs))
	}
	if err := w.Fake.Rerequest(id, w.Alice); err != nil {
		t.Fatal(err)
	}
	if again := w.Last("rerequested"); again.Subject.Kind != gate.Check || again.Subject.SHA != c.Head || again.Subject.Repo != repo {
		t.Errorf("seen %+v", again)
	}
}

// A button leads from the check to a click by name, and goes away with the next
// publication that has none.
func TestButtons(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	f := w.Facts(seen)
	id, err := w.Hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.ActionRequired))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Fake.Press(id, "Approve", w.Alice); err != nil {
		t.Fatal(err)
	}
	click := w.Last("requested_action")
	if click.Button != "approve" || click.Nonce != approveID[1:] || click.Run != id || click.Subject.Kind != gate.Check ||
		click.Subject.SHA != f.Change.Head ||
		click.Sender != (gate.Actor{Login: "alice", ID: w.Alice.ID, Type: "User"}) {
		t.Errorf("seen %+v", click)
	}
	c := checkOf(f, report.Success)
	c.Actions = nil
	if _, err := w.Hub.PutCheck(t.Context(), seen.Subject.Repo, id, c); err != nil {
		t.Fatal(err)
	}
	if runs := w.Shop.CheckRuns(f.Change.Head); len(runs) != 1 || len(runs[0].Actions) != 0 {
		t.Errorf("runs %+v", runs)
	}
	if err := w.Fake.Rerequest(id, w.Alice); err != nil {
		t.Fatal(err)
	}
	if again := w.Last("rerequested"); again.Run != id || again.Button != "" {
		t.Errorf("seen %+v", again)
	}
}

// Whatever goes wrong once is an error that says when to try again, and the
// next attempt does.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault faults.Fault
		code  string
	}{
		"502":             {faults.Fault{Kind: faults.Status}, "github_unavailable"},
		"secondary limit": {faults.Fault{Kind: faults.SecondaryLimit, RetryAfter: time.Second}, "rate_limited"},
		"429":             {faults.Fault{Kind: faults.TooMany, RetryAfter: time.Second}, "rate_limited"},
		"primary limit":   {faults.Fault{Kind: faults.PrimaryLimit, RetryAfter: time.Second}, "rate_limited"},
		"lost answer":     {faults.Fault{Kind: faults.LostAnswer}, "github_unavailable"},
		"lost request":    {faults.Fault{Kind: faults.LostRequest}, "github_unavailable"},
		"half of it":      {faults.Fault{Kind: faults.Malformed}, "github_unavailable"},
		"foreign host":    {faults.Fault{Kind: faults.Redirect, Location: "http://127.0.0.1:1/steal"}, "redirect_refused"},
	} {
		for _, route := range []string{"POST /graphql", "*compare*", "POST */check-runs", "*access_tokens"} {
			t.Run(name+" "+strings.Trim(route, "*"), func(t *testing.T) {
				w := hubtest.NewWorld(t)
				_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
				test.fault.Route, test.fault.Times = route, 1
				injected := w.Fake.Inject(test.fault)
				attempt := func() error {
					f, err := w.Hub.Facts(t.Context(), seen.Subject, change.Hint{})
					if err == nil {
						err = w.Hub.Texts(t.Context(), seen.Subject, &f.Change, func(*change.File) bool { return true })
					}
					if err == nil {
						_, err = w.Hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.ActionRequired))
					}
					return err
				}
				began := time.Now()
				err := attempt()
				if injected.Hits() != 1 {
					t.Fatalf("the fault struck %d times", injected.Hits())
				}
				if err == nil && test.code == "github_unavailable" {
					return // net/http itself repeats a request whose connection was lost
				}
				e := gate.AsError(err)
				if route == "*access_tokens" && test.code == "redirect_refused" && e.Code == "github_unavailable" {
					return // a redirect is no token, and is not followed at all
				}
				if e.Code != test.code || e.Final {
					t.Fatalf("error is %v", err)
				}
				if test.code == "rate_limited" {
					if e.Until.Before(began) {
						t.Errorf("until %v", e.Until)
					}
					return // go-github refuses on its own until then
				}
				if err := attempt(); err != nil {
					t.Errorf("the second attempt: %v", err)
				}
				if runs := w.Shop.CheckRuns(seen.Head); len(runs) != 1 {
					t.Errorf("%d runs", len(runs))
				}
			})
		}
	}
}

func TestPermissionsThatAreMissing(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	f := w.Facts(seen)
	w.Installation.Grant(map[string]string{"metadata": "read", "contents": "read", "pull_requests": "read", "checks": "read"})
	_, err := w.Hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.Success))
	if e := gate.AsError(err); e.Code != "no_permission" || !strings.Contains(e.Text, "checks") {
		t.Errorf("error is %v", err)
	}
	w.Installation.Suspend(true)
	_, err = w.Hub.Facts(t.Context(), seen.Subject, change.Hint{})
	if e := gate.AsError(err); e.Code != "no_permission" {
		t.Errorf("error is %v", err)
	}
}
