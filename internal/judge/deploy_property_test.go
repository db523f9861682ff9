package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

func drawEnvironment(t *rapid.T, name string) string {
	out := fmt.Sprintf("  %s: { hold: %s", name, rulestest.OneOf(t, name+" hold", "always", "agent_changes", "never"))
	for _, key := range [][]string{
		{"need", "high", rulestest.DrawNeed(t, 0)}, {"channels", "[button]", "[passkey, cli]"}, {"inherit", "approved", "none"},
		{"rollback", "allow", "always", "never"}, {"wait", "1h", "48h"}, {"concurrent", "1", "2"},
		{"from_branches", "[main]", `["release/**"]`},
		{"freeze", `[{ cron: "0 9 * * *", lasts: 3h, except: ["@acme/sre"] }]`, `[{ from: 2026-11-20, until: 2026-11-25T12:00:00Z }]`},
	} {
		if rulestest.Chance(t, name+" "+key[0], 30) {
			out += fmt.Sprintf(", %s: %s", key[0], rulestest.OneOf(t, name+" which "+key[0], key[1:]...))
		}
	}
	return out + " }\n"
}

func drawDeployRules(t *rapid.T) string {
	return rulestest.DrawFile(t, "repo") + "environments:\n" + drawEnvironment(t, "staging") + drawEnvironment(t, "production")
}

func drawWho(t *rapid.T, label string) string {
	return rulestest.OneOf(t, label, "ana", "bob", "Copilot", "renovate[bot]")
}

func drawDeployment(t *rapid.T) *Deployment {
	c := drawChange(t)
	c.Author, c.HeadRef, c.Base, c.Head = change.Actor{}, "", strings.Repeat("b", 40), strings.Repeat("a", 40)
	d := &Deployment{Environment: rulestest.OneOf(t, "environment", "staging", "production", "Production", "other")}
	d.Now, d.BaseAt = tuesday, tuesday.AddDate(0, 0, -3)
	d.HeadAt = tuesday.Add(-time.Duration(rapid.IntRange(0, 72).Draw(t, "age")) * time.Hour)
	who := actor(drawWho(t, "starter"))
	d.Run = change.Run{ID: 7, Attempt: rapid.IntRange(1, 2).Draw(t, "attempt"), Workflow: ".github/workflows/deploy.yml",
		Event: rulestest.OneOf(t, "event", "push", "workflow_dispatch"),
		Head:  c.Head, Branch: rulestest.OneOf(t, "branch", "main", "release/1", "x"), Actor: who, Triggered: who, CreatedAt: tuesday}
	d.Workflow = &change.Workflow{Path: d.Run.Workflow,
		Text: change.TextOf("jobs:\n  ship: { runs-on: ubuntu-latest, environment: " + d.Environment + ", steps: [{ run: x }] }\n")}
	d.Running = rapid.IntRange(0, 2).Draw(t, "running")
	d.Outgoing.Backwards = rulestest.Chance(t, "backwards", 20)
	if rulestest.Chance(t, "before", 40) {
		d.Before = &gate.Arrival{SHA: c.Head, Approved: rulestest.Chance(t, "approved before", 60)}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "pulls") {
		drawPull(t, d, c, i+1)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "commits") {
		d.Outgoing.Direct = append(d.Outgoing.Direct, commitBy(fmt.Sprintf("d%d", i), drawWho(t, "commit by")))
	}
	d.Outgoing.Change = *c
	return d
}

func drawPull(t *rapid.T, d *Deployment, c *change.Change, n int) {
	who, sha := drawWho(t, "pull by"), fmt.Sprintf("m%d", n)
	d.Outgoing.Pulls = append(d.Outgoing.Pulls, change.Pull{Number: n, Author: actor(who), MergeCommit: sha, Commits: []string{sha}})
	c.Commits = append(c.Commits, commitBy(sha, who))
	if !rulestest.Chance(t, "known", 70) {
		return
	}
	p := Part{Outgoing: gate.Outgoing{Number: n, Level: gate.Level(rulestest.OneOf(t, "level", rulestest.SomeLevels...)),
		Valid: rulestest.Chance(t, "valid", 70)}}
	p.By = attribute(&change.Change{Author: actor(who)}, policy.EnforcedDefault().Agents)
	for i := range rapid.IntRange(0, 2).Draw(t, "choices") {
		p.Choices = append(p.Choices, gate.Choice{At: tuesday.Add(-time.Duration(rapid.IntRange(0, 48).Draw(t,
			"hours")) * time.Hour), Counted: gate.Counted{
			By:     gate.Actor{Login: fmt.Sprint("p", i), ID: int64(i + 1)},
			Answer: rapid.SampledFrom([]gate.Answer{gate.Approve, gate.Approve, gate.Deny}).Draw(t, "answer"),
			Via:    rulestest.OneOf(t, "via", "button", "passkey"), Reason: "because",
			Groups: []string{rulestest.OneOf(t, "group", append(rulestest.SomePeople, "role:admin")...)},
		}})
	}
	d.Parts = append(d.Parts, p)
}

func asJSON(t *rapid.T, v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Adding a file, a commit or a pull request never lowers the score, and lets
// nothing pass that was held by the need of its parts alone.
func TestMoreGoesOutIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", drawDeployRules(t)))
		d := drawDeployment(t)
		less := Deploy(r, d)
		more := *d
		c := d.Outgoing.Change
		c.Files, c.Commits = slices.Clone(c.Files), slices.Clone(c.Commits)
		more.Outgoing.Direct, more.Outgoing.Pulls, more.Parts = slices.Clone(d.Outgoing.Direct), slices.Clone(d.Outgoing.Pulls),
			slices.Clone(d.Parts)
		what := rulestest.OneOf(t, "more", "file", "commit", "pull")
		switch what {
		case "file":
			f := drawFileChange(t)
			f.Path = "new/" + f.Path
			c.Files = append(c.Files, f)
		case "commit":
			more.Outgoing.Direct = append(more.Outgoing.Direct, commitBy("dx", drawWho(t, "one more by")))
		default:
			drawPull(t, &more, &c, 99)
		}
		more.Outgoing.Change = c
		got := Deploy(r, &more)
		if got.Score < less.Score || got.Level.Rank() < less.Level.Rank() || less.Agent.Is && !got.Agent.Is {
			t.Fatalf("%d %s, and it was %d %s", got.Score, got.Level, less.Score, less.Level)
		}
		if got.Digest == less.Digest && what != "file" { // of files the head's commit speaks
			t.Fatalf("more goes out under the same digest: %s", got.Digest)
		}
		// The lane of approved parts opens for an approval, never for a change:
		// what was held for one part stays held, whatever comes beside it.
		if less.Held && !got.Held && less.Agent.Is {
			approved := slices.ContainsFunc(more.Parts, func(p Part) bool { return len(p.Choices) > 0 })
			if !approved || !r.Environment(d.Environment).Inherit {
				t.Fatalf("held without it, passes with it: %s\n%s", less.Reason, got.Reason)
			}
		}
	})
}

// A held deployment names what releases it, a need that its channels allow, or
// a problem that has to be mended; nothing passes that the rules hold.
func TestHeldDeploymentsHaveAWayOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", drawDeployRules(t)))
		d := drawDeployment(t)
		v := Deploy(r, d)
		e := r.Environment(d.Environment)
		final := slices.ContainsFunc(v.Problems, func(p gate.Problem) bool { return p.Code == "wrong_branch" || p.Code == "no_channel" })
		switch {
		case v.Held && r.Mode() != rulesfile.Enforce, v.Held && v.WouldHold, len(v.Deploy.Waits) > 0 && r.Mode() != rulesfile.Enforce:
			t.Fatalf("rules that observe hold: %s", v.Reason)
		case v.Held && v.Needs == nil && !final, v.Held && v.Needs != nil && final, !v.Held && !v.WouldHold && v.Needs != nil:
			t.Fatalf("held %v, needs %s, problems %v", v.Held, report.Need(v.Needs), v.Problems)
		case e.Hold == rulesfile.HoldNever && v.Held && !final:
			t.Fatalf("an environment that holds nothing holds: %s", v.Reason)
		case v.Reason == "" || v.Deploy.Summary == "":
			t.Fatal("no reason, or no summary")
		}
		if v.Needs != nil && len(e.Channels) > 0 {
			eachLeaf(*v.Needs, func(n gate.Need) {
				if len(n.Via) == 0 || slices.ContainsFunc(n.Via, func(c string) bool { return !slices.Contains(e.Channels, c) }) {
					t.Fatalf("the rules take %v, the need %v", e.Channels, n.Via)
				}
			})
		}
		if !v.Held && r.Mode() == rulesfile.Enforce && !final &&
			(e.Hold == rulesfile.HoldAlways || e.Hold == rulesfile.HoldAgents && v.Agent.Is) {
			passesByLane(t, r, d, e, v)
		}
	})
}

func eachLeaf(n gate.Need, f func(gate.Need)) {
	if len(n.All)+len(n.Any) == 0 {
		f(n)
	}
	for _, m := range append(slices.Clone(n.All), n.Any...) {
		eachLeaf(m, f)
	}
}

// passesByLane checks, by other means than the code, that a lane was open.
func passesByLane(t *rapid.T, r *policy.Rules, d *Deployment, e policy.EnvironmentRules, v gate.Verdict) {
	byAgent := attribute(&change.Change{Author: d.Run.Triggered, Pusher: d.Run.Actor}, r.Agents).Strength != gate.None
	if v.Deploy.Rollback {
		if d.Before == nil || !d.Before.Approved || !e.GoesBack() || !d.Outgoing.Backwards ||
			byAgent && e.Rollback != rulesfile.RollbackAlways {
			t.Fatalf("went back without the right to: %+v", d.Before)
		}
		return
	}
	if !e.Inherit || byAgent || len(d.Outgoing.Direct) > 0 && e.Hold == rulesfile.HoldAlways {
		t.Fatalf("passes, and no lane is open: %s", v.Reason)
	}
	for _, o := range v.Deploy.Outgoing {
		if !o.Agent {
			continue
		}
		i := slices.IndexFunc(d.Parts, func(p Part) bool { return p.Number == o.Number })
		if !o.Valid || o.Number == 0 || i < 0 ||
			slices.ContainsFunc(d.Parts[i].Choices, func(c gate.Choice) bool { return c.Answer == gate.Deny }) ||
			len(d.Parts[i].Choices) == 0 {
			t.Fatalf("an agent's part without an approval passes: %+v", o)
		}
		if e.Need != nil && len(e.Channels) == 0 && !asksOwners(*e.Need) && !e.Need.Progress(d.Parts[i].Choices, d.Now).Met {
			t.Fatalf("its approvals are below what the environment needs: %+v", o)
		}
	}
}

// What the rules and the facts say of one environment changes nothing in
// another, and no two environments share a digest.
func TestEnvironmentsAreApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rulestest.DrawFile(t, "repo") + "environments:\n" + drawEnvironment(t, "production")
		d := drawDeployment(t)
		d.Environment = "production"
		d.Workflow.Text = change.TextOf("jobs:\n  ship: { runs-on: ubuntu-latest, environment: production, steps: [{ run: x }] }\n")
		judge := func(text string) gate.Verdict {
			v := Deploy(mustCompile(t, nil, rulestest.MustParse(t, "repository", text)), d)
			v.Rules, v.Digest = gate.RulesRef{}, ""
			return v
		}
		alone := judge(base)
		d.Staged = append(d.Staged, Staged{Environment: "staging", SucceededAt: tuesday})
		if beside := judge(base + drawEnvironment(t, "staging")); asJSON(t, beside) != asJSON(t, alone) {
			t.Fatalf("staging changes production:\n%s\n%s", asJSON(t, alone), asJSON(t, beside))
		}
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", base))
		here := Deploy(r, d)
		d.Environment = "staging"
		if there := Deploy(r, d); there.Digest == here.Digest {
			t.Fatal("two environments share a digest")
		}
	})
}

// The same facts give the same bytes, and time alone never changes the digest,
// but where it takes an approval of a part away.
func TestDeploymentsAreDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", drawDeployRules(t)))
		d := drawDeployment(t)
		first, second := Deploy(r, d), Deploy(r, d)
		if asJSON(t, first) != asJSON(t, second) {
			t.Fatalf("two verdicts on one deployment:\n%s\n%s", asJSON(t, first), asJSON(t, second))
		}
		d.Now = d.Now.Add(time.Duration(rapid.IntRange(1, 40000).Draw(t, "minutes")) * time.Minute)
		later := Deploy(r, d)
		if later.Held == first.Held && later.Digest != first.Digest {
			t.Fatalf("the digest moves with time:\n%s\n%s", asJSON(t, first), asJSON(t, later))
		}
		if first.Held && !later.Held {
			t.Fatalf("time alone released it: %s", later.Reason)
		}
		d.Run.Attempt++
		if again := Deploy(r, d); again.Digest == later.Digest {
			t.Fatal("two attempts share a digest")
		}
	})
}

// Whatever stands is told until the moment at which it is over: nothing passes
// before any of the waits that were told.
func TestWaitsAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\nenvironments:\n"+drawEnvironment(t,
			"staging")+drawEnvironment(t, "production")))
		d := drawDeployment(t)
		now := Deploy(r, d)
		minutes := rapid.IntRange(1, 60*24*3).Draw(t, "minutes")
		then := *d
		then.Now = d.Now.Add(time.Duration(minutes) * time.Minute)
		at := Deploy(r, &then)
		for _, w := range now.Deploy.Waits {
			if w.Code == "concurrent" || then.Now.Before(w.From) || !then.Now.Before(w.Until) {
				continue
			}
			if !slices.ContainsFunc(at.Deploy.Waits, func(o gate.Wait) bool {
				return o.Code == w.Code && !then.Now.Before(o.From) && then.Now.Before(o.Until)
			}) {
				t.Fatalf("told at %s, gone at %s: %+v", d.Now, then.Now, w)
			}
		}
		// And the other way: what stands then was told before, if not too far ahead.
		for _, w := range at.Deploy.Waits {
			if w.Code != "freeze" || then.Now.Before(w.From) {
				continue
			}
			again := false
			for _, o := range now.Deploy.Waits {
				again = again || o.Code == w.Code && then.Now.Before(o.Until) && !then.Now.Before(o.From) ||
					o.Code == w.Code && o.Until.Before(then.Now)
			}
			if !again {
				t.Fatalf("stands at %s, was not told at %s: %+v\n%+v", then.Now, d.Now, w, now.Deploy.Waits)
			}
		}
	})
}

// What the organisation says of an environment is a floor: whatever a
// repository writes, its deployments are held where the organisation's file
// alone holds them, for no less, and wait for all that it makes them wait for.
func TestRepositoryNeverWeakensAnEnvironment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		org := rulestest.MustParse(t, "organisation", rulestest.DrawFile(t, "org")+"environments:\n"+drawEnvironment(t, "production"))
		repo := rulestest.MustParse(t, "repository", rulestest.DrawFile(t, "repo")+"environments:\n"+drawEnvironment(t, "production"))
		d := drawDeployment(t)
		d.Environment = "production"
		orgRules := mustCompile(t, org, nil)
		alone, merged := Deploy(orgRules, d), Deploy(mustCompile(t, org, repo), d)
		fail := func(what string) { t.Fatalf("%s\n%s\n%s", what, asJSON(t, alone), asJSON(t, merged)) }
		if alone.Held && !merged.Held {
			fail("it is not held any more")
		}
		if merged.Held && merged.Needs != nil && alone.Needs != nil {
			e := orgRules.Environment("production")
			for _, n := range []*gate.Need{e.Need, orgRules.Needs[merged.Level.Rank()]} {
				if n != nil && !asksOwners(*n) && !rulestest.MeetsBoth(*merged.Needs, *n) {
					fail("less is needed than " + report.Need(n))
				}
			}
		}
		for _, w := range alone.Deploy.Waits {
			if !merged.Deploy.Rollback && !slices.ContainsFunc(merged.Deploy.Waits,
				func(o gate.Wait) bool { return o.Code == w.Code && !o.Until.Before(w.Until) }) {
				fail("it does not wait any more for " + w.Code)
			}
		}
	})
}
