package suggest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

func oneOf(t *rapid.T, label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(t, label)
}

func chance(t *rapid.T, label string, percent int) bool {
	return rapid.IntRange(1, 100).Draw(t, label) <= percent
}

// drawFile writes a rules file in one of the ways in which people write.
func drawFile(t *rapid.T, who string) string {
	var b strings.Builder
	b.WriteString("# Begins.\nversion: 1\nextends: [" +
		oneOf(t, "packs", "", "default", "shape, migrations", "gate, secrets, backups, dependencies") + "]\n")
	if chance(t, "observes", 15) {
		b.WriteString("mode: observe # for now\n")
	}
	if n := rapid.IntRange(0, 4).Draw(t, "rules"); n > 0 {
		b.WriteString("rules: # ours\n")
		for i := range n {
			b.WriteString(drawRule(t, fmt.Sprintf("%s%d", who, i)))
		}
	}
	if chance(t, "adjusts", 40) {
		b.WriteString("adjust:\n  # loud\n  shape/shape: " +
			oneOf(t, "how", "{ mode: observe }", "{ level: medium } # x", "\n    level: medium\n    mode: enforce # y") + "\n")
	}
	if chance(t, "needs", 80) {
		b.WriteString("\nneeds: { " + oneOf(t, "medium", "medium: { approvals: 1 }, ", "") +
			"high: { approvals: 1 }, critical: { approvals: 2 } }")
	}
	return strings.Replace(b.String()+oneOf(t, "end", "\n", "", "\n\n# Ends.\n"), "\r", "", -1)
}

func drawRule(t *rapid.T, id string) string {
	keys := []string{"id: " + id, "title: \"Rule # " + id + "\"",
		oneOf(t, "looks", "paths: [\"a/**\"]", "paths: [\"b/**\"]", "paths: [\"c/**\"]", "paths: [\"**\", \"!x\"]",
			"detect: [\"shape/*\"]", "detect: [\"secret/token\"]", "branches: [\"**\"]")}
	keys = append(keys, "risk: "+oneOf(t, "risk", "5", "19", "30", "55", "60", "79", "80", "100"))
	for _, more := range []string{"mode: observe", "level: " + oneOf(t, "level", "low", "high", "critical"), "why: 'It''s'",
		"need: { approvals: 1, from: [\"@acme/sre\"] }"} {
		if chance(t, more, 20) {
			keys = append(keys, more)
		}
	}
	if chance(t, "flow", 40) {
		return "  - { " + strings.Join(keys, ", ") + " } # " + id + "\n"
	}
	return "  # " + id + "\n  - " + strings.Join(keys, "\n    ") + "\n\n"
}

func drawHistory(t *rapid.T, told *tale) {
	var names, own []string
	for _, in := range told.rules.Explain().Rules {
		name := in.ID
		if in.From == "organisation" {
			name = "org:" + name
		}
		if seen, _ := judge.Reach(told.rules, in.ID, in.From); len(seen) > 0 {
			name += "@" + oneOf(t, "observation of "+in.ID, seen...)
		}
		if in.Mode == rulesfile.Observe {
			name += "~"
		}
		names = append(names, name)
		if !strings.Contains(in.ID, "/") {
			own = append(own, name)
		}
	}
	if len(own) > 0 && chance(t, "own rules only", 60) {
		names = own
	}
	if len(names) == 0 {
		return
	}
	told.change(now.Add(-60*24*time.Hour), "acme/shop", 1, "Devin", nil, []string{"merged"})
	number, quiet := 2, chance(t, "quiet", 50)
	for range rapid.IntRange(1, 6).Draw(t, "runs") {
		findings := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, min(2, len(names)), rapid.ID[string]).Draw(t, "findings")
		agent := oneOf(t, "agent", "Devin", "Fixer", "Claimed?", "human")
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			told.change(now.Add(-time.Duration(rapid.IntRange(1, 29).Draw(t, "days"))*24*time.Hour), "acme/shop", number, agent,
				findings, []string{"approved", "approved-by-2", "merged"})
			number++
		}
		if quiet || !chance(t, "against", 30) {
			continue
		}
		fates := strings.Fields(oneOf(t, "fate", "denied closed", "overridden merged", "denied withdrawn approved merged",
			"merged", "closed"))
		told.change(now.Add(-24*time.Hour), "acme/shop", number, agent, findings, fates)
		if chance(t, "reverted", 60) {
			told.change(now.Add(-12*time.Hour), "acme/shop", number+1, "human", nil,
				[]string{fmt.Sprint("reverts=", number), oneOf(t, "reverting", "merged", "open", "closed")})
		}
		number += 2
	}
}

// Whatever was written and whatever happened: what is proposed is a rules file
// that lowers nothing that must not be, keeps every comment, and judges nothing
// more mildly that was denied, overridden or taken back.
func TestNoProposalLowersWhatItMustNot(t *testing.T) {
	proptest.Check(t, func(t *rapid.T, came func(string)) {
		files := Files{Repo: &rulesfile.Source{Name: policy.FileName, Text: []byte(drawFile(t, "repo"))}}
		if chance(t, "an organisation", 40) {
			files.Org = &rulesfile.Source{Name: "organisation.yml", Text: []byte(drawFile(t, "org"))}
			if chance(t, "its own file", 30) {
				files.Repo = nil
			}
		}
		before := compiled(t, files)
		told := newTale(before)
		drawHistory(t, told)
		o := Options{Now: now, Since: 30 * 24 * time.Hour, Clean: rapid.IntRange(1, 4).Draw(t, "clean"), Repository: "acme/shop"}
		report, err := Suggest(told.history, files, o)
		if err != nil {
			t.Fatal(err)
		}
		target := files.Repo
		after := Files{Org: files.Org, Repo: &rulesfile.Source{Name: policy.FileName, Text: []byte(report.Text)}}
		if target == nil {
			target, after = files.Org, Files{Org: &rulesfile.Source{Name: "organisation.yml", Text: []byte(report.Text)}}
		}
		allowed(t, told, report, before, compiled(t, after), files.Repo != nil, o)
		keepsComments(t, string(target.Text), report.Text)
		if (report.Diff != "") != (len(report.Proposals) > 0) || (report.Text == string(target.Text)) != (len(report.Proposals) == 0) {
			t.Fatalf("%d proposals, difference:\n%s", len(report.Proposals), report.Diff)
		}
		for _, p := range report.Proposals {
			came(string(p.Kind))
		}
	}, string(Relax), string(Tighten)) // few histories lead to the one or the other
}

// allowed looks at what would be in force, without the code that proposes.
func allowed(t *rapid.T, told *tale, report *Report, before, after *policy.Rules, repository bool, o Options) {
	now := map[ref]policy.InForce{}
	for _, in := range after.Explain().Rules {
		now[ref{in.ID, in.From}] = in
	}
	for _, old := range before.Explain().Rules {
		in, ok := now[ref{old.ID, old.From}]
		less := !ok || in.Mode == rulesfile.Observe && old.Mode == rulesfile.Enforce || in.Risk < old.Risk ||
			in.Level.Rank() < old.Level.Rank() || len(in.Actors) > len(old.Actors)
		if !less {
			continue
		}
		_, reach := judge.Reach(before, old.ID, old.From)
		secret := slices.Equal(old.Detect, []string{"secret/token"})
		everything := slices.Equal(old.Paths, []string{"**", "!x"}) // the rules file too
		if !ok || slices.Contains([]string{"gate", "secrets", "backups"}, old.From) || old.Level == gate.Critical ||
			reach >= 80 || secret || everything || repository && old.From == "organisation" {
			t.Fatalf("`%s` was lowered:\n%s", old.ID, report.Print(true))
		}
		clean, against := told.count(old, report)
		if clean < o.Clean || against > 0 {
			t.Fatalf("`%s` was lowered with %d of %d clean releases, and %d against it:\n%s", old.ID, clean, o.Clean, against,
				report.Print(true))
		}
	}
	for stream, r := range told.history.gates {
		for _, v := range r.refused(told.history) {
			if was, is := judge.Weigh(before, v), judge.Weigh(after, v); is.Milder(was) {
				t.Fatalf("%s: %+v became %+v:\n%s", stream, was, is, report.Print(true))
			}
		}
		if r.last != nil && r.last.Level == gate.Critical && judge.Weigh(before, r.last).Level == gate.Critical &&
			judge.Weigh(after, r.last).Level != gate.Critical {
			t.Fatalf("%s is not critical any more:\n%s", stream, report.Print(true))
		}
	}
}

// count tells the clean releases of a rule and what speaks against it, of those
// agents for which it was proposed to be relaxed.
func (t *tale) count(in policy.InForce, report *Report) (clean, against int) {
	agent := ""
	for _, p := range report.Proposals {
		if p.Rule == in.ID && p.From == in.From {
			agent = p.Agent
		}
	}
	about := func(v *gate.Verdict) bool {
		return slices.ContainsFunc(v.Findings, func(f gate.Finding) bool { return f.Rule == in.ID && f.Pack == in.From }) &&
			(agent == "" || slices.Contains(v.Agent.Names, agent))
	}
	for _, r := range t.history.gates {
		bad := r.refused(t.history)
		if slices.ContainsFunc(bad, about) {
			against++
		}
		if len(bad) == 0 && r.closed && r.merged && r.last.Held && len(r.last.Findings) > 0 && about(r.last) {
			clean++
		}
	}
	return clean, against
}

// refused are the verdicts on a change that were denied or overridden, and the
// last one where it was merged and a merged or open one reverts it.
func (r *record) refused(h *History) (out []*gate.Verdict) {
	for _, a := range r.acts {
		out = append(out, a.verdict)
	}
	for _, other := range h.gates {
		if r.merged && (other.merged || !other.closed) && slices.Contains(other.reverts, r.state.Subject.Number) {
			out = append(out, r.last)
		}
	}
	return out
}

func keepsComments(t *rapid.T, old, text string) {
	comments := func(s string) (out []string) {
		for line := range strings.Lines(s) {
			if at := strings.LastIndex(line, "# "); at >= 0 && !strings.HasSuffix(strings.TrimSpace(line), "\"") {
				out = append(out, strings.TrimSpace(line[at:]))
			}
		}
		return out
	}
	have := comments(text)
	for _, c := range comments(old) {
		at := slices.Index(have, c)
		if at < 0 {
			t.Fatalf("the comment %q is lost, or out of order:\n%s", c, text)
		}
		have = have[at+1:]
	}
	if lines := strings.Count(text, "\n") - strings.Count(old, "\n"); lines < 0 {
		t.Fatalf("%d lines are lost", -lines)
	}
}
