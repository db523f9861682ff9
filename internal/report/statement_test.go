package report

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

func seen(id string) *string { return &id }

func TestTheStatementOfAGate(t *testing.T) {
	repo := gate.Repo{ID: 1, Owner: "acme", Name: "shop"}
	pull := gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: 5}
	devin := gate.Attribution{Is: true, Names: []string{"devin"}, Instigators: []string{"ana"}}
	found := func(f ...gate.Finding) *gate.Verdict { return &gate.Verdict{Agent: devin, Findings: f} }
	of := func(title, object string, line int) gate.Finding {
		f := gate.Finding{Observation: seen("x"), Path: "db/1.sql", Line: line, Object: object, Risk: 80, Message: "db/1.sql line 2 " + title}
		if object != "" {
			f.Message += ": " + object
		}
		f.Message += "."
		return f
	}
	deploy := func(d gate.Deploy) *gate.Verdict { return &gate.Verdict{Agent: devin, Deploy: &d} }
	production := gate.Subject{Kind: gate.Deployment, Repo: repo, SHA: "abcdef0123", Environment: "production", Run: 7}
	human := &gate.Verdict{Contributors: []gate.Contributor{{Login: mergeQueueLogin}, {Login: "ana"}}}
	for name, c := range map[string]struct {
		subject gate.Subject
		v       *gate.Verdict
		over    bool
		want    string
	}{
		"an act": {pull, found(of("drops a table", "invoices", 2)), false,
			"devin, asked by @ana, wants to drop the table invoices in acme/shop."},
		"more of it": {pull, found(of("drops a table", "a", 2), of("drops a table", "b", 2), of("drops a view", "c", 2)), true,
			"devin, asked by @ana, wanted to drop the table a, and 2 things more, in acme/shop."},
		"an act on no object": {pull, found(of("runs a program on the database server", "", 2)), false,
			"devin, asked by @ana, wants to run a program on the database server in acme/shop."},
		"an act with more words": {pull, found(of("opens a port to the whole internet", "22", 2)), false,
			"devin, asked by @ana, wants to open a port to the whole internet: 22 in acme/shop."},
		"no act": {pull, found(of("is destroyed by test code", "users", 2)), false,
			"devin, asked by @ana, wants to make a change by which users is destroyed by test code in acme/shop."},
		"no act on no object": {pull, found(of("could not be read", "", 2)), false,
			"devin, asked by @ana, wants to make a change by which db/1.sql could not be read in acme/shop."},
		"a path": {pull, found(gate.Finding{Path: "a.sql", Message: "a.sql was added: A migration.", Risk: 15}), false,
			"devin, asked by @ana, wants to change a.sql in acme/shop."},
		"nothing":      {pull, found(), false, "devin, asked by @ana, wants to merge #5 into main of acme/shop."},
		"a human":      {pull, human, false, "@ana wants to merge #5 into main of acme/shop."},
		"not judged":   {pull, nil, false, "Somebody wants to merge #5 into main of acme/shop."},
		"a queue":      {gate.Subject{Kind: gate.MergeGroup, Repo: repo, Number: 5}, found(of("drops a table", "x", 2)), false, "GitHub's merge queue wants to merge #5 into main of acme/shop."},
		"a deployment": {production, deploy(gate.Deploy{Environment: "production", Outgoing: make([]gate.Outgoing, 3)}), false, "devin, asked by @ana, wants to deploy 3 changes to production of acme/shop."},
		"going back":   {production, deploy(gate.Deploy{Environment: "production", Rollback: true}), false, "devin, asked by @ana, wants to go back to abcdef0 in production of acme/shop."},
		"a run":        {gate.Subject{Kind: gate.WorkflowRun, Repo: repo, Run: 7}, deploy(gate.Deploy{Workflow: "d.yml"}), false, "devin, asked by @ana, wants to run d.yml in acme/shop."},
	} {
		if got := StatementOf(c.subject, c.v, "main", c.over).String(); got != c.want {
			t.Errorf("%s: %q\nwant %q", name, got, c.want)
		}
	}
}

func TestAFindingIsSaidWithoutItsPlace(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"a.sql line 3 drops a table: users (with its rows).", "drops a table: users (with its rows)"},
		{"a.sql line 3 before drops a table: users.", "drops a table: users"},
		{"a.sql was added: A migration.", "was added: A migration"},
		{"a.sql: Ask the team first.", "Ask the team first"},
		{"Something else.", "Something else"},
	} {
		if got := Seen(gate.Finding{Path: "a.sql", Line: 3, Message: c.message}); got != c.want {
			t.Errorf("%q is said as %q", c.message, got)
		}
	}
	odd := gate.Finding{Path: "a\u202eb", Line: 3, Object: "x\u200b", Observation: seen("x"), Message: `a\u202eb line 3 drops a table: x\u200b.`}
	if got := Seen(odd); got != `drops a table: x\u200b` {
		t.Errorf("%q", got)
	}
	if act, object, _ := doing(odd); act != "drop the table" || object != `x\u{200B}` {
		t.Errorf("%q %q", act, object)
	}
	if got := Seen(gate.Finding{Message: "The change deletes more than it adds."}); got != "deletes more than it adds" {
		t.Errorf("%q", got)
	}
}

func TestGitHubsMergeQueueIsNoAgent(t *testing.T) {
	if name, agent := By(gate.Link{By: mergeQueueLogin, Agent: true}); name != "GitHub's merge queue" || agent {
		t.Errorf("%q %v", name, agent)
	}
	if name, agent := By(gate.Link{By: "devin", Agent: true}); name != "devin" || !agent {
		t.Errorf("%q %v", name, agent)
	}
}

func TestTheStoryOfAGate(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	bo := gate.Actor{Login: "bo", ID: 2}
	verdict := &gate.Verdict{Held: true, Score: 83, Level: gate.Critical,
		Findings: []gate.Finding{{Path: "a.sql", Line: 2, Message: "a.sql line 2 drops a table: x.", Risk: 80}}}
	events := []gate.Event{
		gate.Seen{Event: "pull_request", Action: "opened", Sender: gate.Actor{Login: "devin[bot]"}, Head: "1111111aa"},
		gate.Judged{Head: "1111111aa", Verdict: verdict},
		gate.Told{}, gate.Offered{By: bo, Via: "button"},
		gate.Counted{By: bo, Answer: gate.Approve, Via: "button", Reason: "seen\n\u202eit"},
		gate.Seen{Event: "pull_request", Action: "synchronize", Sender: gate.Actor{Login: "devin[bot]"}, Head: "2222222bb"},
		gate.Judged{Head: "2222222bb"},
		gate.Refused{Text: "@ana had an agent make it."},
		gate.Closed{Why: "It was merged.", Merged: true},
	}
	var entries []gate.Entry
	for i, e := range events {
		entries = append(entries, gate.Entry{Version: uint64(i + 1), At: at, Event: e})
	}
	story := Story(entries, []gate.Void{{Choice: gate.Choice{Version: 5}, Why: "voided by push of 2222222"}})
	want := []string{"devin[bot] opened it at 1111111.", "gatehold judged 1111111 and held it: score 83, critical; it drops a table: x.",
		"", "", "@bo approved by button, voided by a push of 2222222.", "devin[bot] pushed 2222222.", "",
		"Did not count: @ana had an agent make it.", "It was merged."}
	for i, m := range story {
		if m.Machine != (want[i] == "") || want[i] != "" && m.Text != want[i] {
			t.Errorf("%d: %+v, want %q", i, m, want[i])
		}
	}
	if story[4].Mood != MoodVoid || story[1].Mood != MoodHeld || story[4].Quote != `seen \u{202E}it` {
		t.Errorf("%+v", story[4])
	}
	for _, c := range []gate.Event{gate.Replied{Reply: gate.Approved}, gate.Replied{Reply: gate.Rejected}, gate.Halted{Again: true}, gate.Lapsed{},
		gate.Failed{Text: "no answer"}, gate.Queued{SHA: "x"}, gate.Look{Why: gate.Rerequested, By: bo}, gate.Counted{By: bo, Answer: gate.Deny}} {
		if m := Story([]gate.Entry{{Event: c}}, nil)[0]; m.Text == "" || m.Machine || !strings.HasSuffix(m.Text, ".") && !strings.HasSuffix(m.Text, "answer") {
			t.Errorf("%T: %+v", c, m)
		}
	}
}
