package cli_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// history puts pull requests on record, as serve would have: `history LEDGER
// RULES OWNER/NAME DAYS FIRST COUNT PATH FATE...`. They are by an agent, DAYS old
// and the newest a day old, numbered from FIRST on, and add a file at PATH. RULES that begin with
// "org" are an organisation's. Fates
// are approved, denied, merged and closed; reverts=N comes first.
func history(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 8 {
		ts.Fatalf("usage: history LEDGER RULES OWNER/NAME DAYS FIRST COUNT PATH FATE...")
	}
	file, err := rulesfile.Parse(rulesfile.Source{Name: args[1], Text: []byte(ts.ReadFile(args[1]))})
	ts.Check(err)
	rules, err := policy.Compile(nil, file)
	if strings.HasPrefix(args[1], "org") {
		rules, err = policy.Compile(file, nil)
	}
	ts.Check(err)
	log, err := sqlite.Open(ts.MkAbs(args[0]), sqlite.Options{})
	ts.Check(err)
	owner, name, _ := strings.Cut(args[2], "/")
	repo := gate.Repo{ID: int64(len(args[2])), Owner: owner, Name: name}
	first, count, days := whole(ts, args[4]), whole(ts, args[5]), whole(ts, args[3])
	for i := range count {
		at := time.Now().Add(-time.Duration(days-i*(days-1)/max(count-1, 1)) * 24 * time.Hour)
		s := gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: first + i}
		var drafts []ledger.Draft
		for _, ev := range life(ts, rules, s, args[6], args[7:]) {
			body, err := gate.Encode(ev)
			ts.Check(err)
			drafts = append(drafts, ledger.Draft{Kind: ev.Kind(), Body: body})
		}
		ts.Check(log.Append(context.Background(),
			ledger.Batch{Stream: s.Stream(), Records: ledger.Seal(s.Stream(), ledger.Head{}, at, drafts...)}))
	}
	ts.Check(log.Close())
}

// life is what is on record of one pull request.
func life(ts *testscript.TestScript, rules *policy.Rules, s gate.Subject, path string, fates []string) []gate.Event {
	c := change.Change{
		Repository: s.Repo.FullName(), Number: s.Number, Head: fmt.Sprintf("%040d", s.Number), BaseRef: "main",
		Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot},
		Files: []change.File{{Path: path, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(),
			After: change.TextOf("x\n")}},
	}
	if n, ok := strings.CutPrefix(fates[0], "reverts="); ok {
		c.Body, fates = "Reverts "+s.Repo.FullName()+"#"+n, fates[1:]
	}
	v := judge.Change(rules, &c)
	seen := gate.Seen{Subject: s, Event: "pull_request", Action: "opened", Head: c.Head, BaseRef: "main"}
	events := []gate.Event{seen, gate.Judged{Covers: 1, Head: c.Head, BaseRef: "main", Digest: v.Digest, Verdict: &v,
		Reverts: change.Reverts(&c)}}
	about := gate.For{Head: v.Head, BaseRef: "main", Verdict: v.Digest, Rules: v.Rules.Digest, Findings: v.FindingsDigest}
	for i, fate := range fates {
		by := gate.Actor{Login: "ana", ID: int64(i + 1), Type: "User"}
		switch fate {
		case "approved", "denied":
			answer := map[string]gate.Answer{"approved": gate.Approve, "denied": gate.Deny}[fate]
			events = append(events, gate.Counted{By: by, Answer: answer, Via: "button", For: about, Groups: []string{gate.WriteAccess}})
		case "merged", "closed":
			seen.Action = "closed"
			events = append(events, seen)
			events = append(events, gate.Closed{Covers: uint64(len(events)), Merged: fate == "merged"})
		default:
			ts.Fatalf("no fate %q", fate)
		}
	}
	return events
}

func whole(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}
