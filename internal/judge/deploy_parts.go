package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/words"
)

// part is one pull request or one direct commit of what goes out, with whose it
// is and who had a hand in it.
type part struct {
	gate.Outgoing
	known   bool // the ledger knows its verdict
	by      gate.Attribution
	choices []gate.Choice
	people  []gate.Contributor
}

// neverJudged is why a part that the ledger does not know is not approved.
const (
	neverJudged = "gatehold did not judge it before it was merged"
	direct      = "no pull request brought it"
)

// parts are all of what goes out: the pull requests as they are given, the
// newest first, then the commits that none of them brought.
func parts(r *policy.Rules, f *RunFacts) []part {
	known := make(map[int]*Part, len(f.Parts))
	for i := range f.Parts {
		known[f.Parts[i].Number] = &f.Parts[i]
	}
	commits := make(map[string]*change.Commit, len(f.Outgoing.Change.Commits))
	for i := range f.Outgoing.Change.Commits {
		commits[f.Outgoing.Change.Commits[i].SHA] = &f.Outgoing.Change.Commits[i]
	}
	var out []part
	brought := map[string]bool{}
	for i := range f.Outgoing.Pulls {
		p := &f.Outgoing.Pulls[i]
		out = append(out, pullPart(r, f, p, known[p.Number], commits))
		brought[p.MergeCommit] = true
		for _, sha := range p.Commits {
			brought[sha] = true
		}
	}
	for _, list := range [][]change.Commit{f.Outgoing.Direct, f.Outgoing.Change.Commits} {
		for i := range list {
			if c := &list[i]; !brought[c.SHA] {
				brought[c.SHA] = true
				out = append(out, directPart(r, c))
			}
		}
	}
	return out
}

// pullPart is a pull request: as the ledger knows it, and as its commits in the
// range say.
func pullPart(r *policy.Rules, f *RunFacts, p *change.Pull, known *Part, commits map[string]*change.Commit) part {
	c := change.Change{Number: p.Number, Title: p.Title, Author: p.Author, Pushers: p.Pushers, Pushes: p.Pushes}
	taken := make(map[string]bool, len(p.Commits))
	for _, sha := range append(slices.Clone(p.Commits), p.MergeCommit) {
		if commit := commits[sha]; commit != nil && !taken[sha] {
			c.Commits = append(c.Commits, *commit)
		} else if commit == nil && sha != p.MergeCommit {
			c.Gaps = []string{"its commits are not all known"}
		}
		taken[sha] = true
	}
	c.Commits = slices.DeleteFunc(c.Commits, func(commit change.Commit) bool { return merely(p, &commit) })
	out := part{}
	if known != nil {
		// Whether it was proven human was decided when all of it was known, the
		// account that opened it and is gone since included.
		by := attribute
		if p.Author.ID == 0 {
			by = attributeCommits
		}
		seen := by(&c, agent.Options{Known: r.Agents.Known, Helpers: r.Agents.Helpers})
		out = part{Outgoing: known.Outgoing, known: true, by: joined(known.By, seen), choices: known.Choices}
		out.by.Is, out.by.Names = out.by.Is || known.Agent, words.Union(out.by.Names, known.Names)
	} else {
		out.by, out.Why = attribute(&c, r.Agents), neverJudged
	}
	out.Number, out.SHA, out.Title = p.Number, p.MergeCommit, words.ClipTo(redact.Quote(p.Title), 200)
	switch {
	case denied(out.choices):
		out.Valid, out.Why = false, "somebody denied it"
	case p.BaseRef != "" && p.BaseRef != f.Outgoing.Default && p.BaseRef != f.Run.Branch:
		// Whoever can make a branch decides by which rules it is judged there.
		out.Valid, out.Why = false, fmt.Sprintf("it was merged into %s, which is not what is deployed",
			words.ClipTo(redact.Quote(p.BaseRef), 100))
	case p.MergedByHand(commits[p.MergeCommit]):
		out.Valid, out.Why = false, "its merge was not made by GitHub, and may hold what nobody saw"
	}
	out.people = contributors(&c, out.by)
	return out.finished()
}

// merely reports whether a commit is nothing but GitHub's merge of the pull
// request, written in the name of who pressed the button or queued it: that
// person brought it in, and made nothing of it. A squash is all that there is of
// its pull request, and a rebase is not signed by GitHub.
func merely(p *change.Pull, commit *change.Commit) bool {
	return commit.SHA == p.MergeCommit && commit.SignedByGitHub && len(p.Commits) > 1
}

// directPart is a commit that no pull request brought. Its author's account is
// what GitHub looked up by an e-mail that anybody can write: it is taken for
// proof that a person wrote it only where the signature proves it too.
func directPart(r *policy.Rules, commit *change.Commit) part {
	c := change.Change{Commits: []change.Commit{*commit}, Pushers: commit.Pushers, Pushes: commit.Pushes}
	out := part{by: attributeCommits(&c, r.Agents)}
	if out.by.Presumed {
		c.Author = change.Actor{Login: commit.Author.Login, ID: commit.Author.ID, Type: commit.Author.Type}
		if proven := attribute(&c, r.Agents); !proven.Is {
			out.by = proven
		}
		c.Author = change.Actor{}
	}
	out.people = contributors(&c, out.by)
	title, _, _ := strings.Cut(commit.Message, "\n")
	out.SHA, out.Title, out.Why = commit.SHA, words.ClipTo(redact.Quote(title), 200), direct
	return out.finished()
}

func (p part) finished() part {
	p.Agent = p.by.Is
	p.Names = p.by.Names
	if p.Valid {
		p.Why = ""
	}
	return p
}

func denied(choices []gate.Choice) bool {
	return slices.ContainsFunc(choices, func(c gate.Choice) bool { return c.Answer == gate.Deny })
}

// startedBy says whether an agent started the run, or the present attempt of it.
func startedBy(r *policy.Rules, run change.Run) gate.Attribution {
	var by []change.Actor
	for _, who := range []change.Actor{run.Triggered, run.Actor} {
		if who != (change.Actor{}) {
			by = append(by, who)
		}
	}
	if len(by) == 0 && byHand(run) {
		by = append(by, change.Actor{}) // somebody did, and GitHub does not say who
	}
	a := agent.Started(by, agent.Options{Known: r.Agents.Known, Helpers: r.Agents.Helpers,
		PresumeAgent: r.Agents.PresumeAgent && byHand(run), Conceal: redact.Text})
	for i := range a.Evidence {
		a.Evidence[i].Text = "started the run: " + a.Evidence[i].Text
	}
	return a
}

// byHand reports whether somebody, or something with somebody's token, decided
// to start this attempt. A push or a schedule starts what others have decided.
func byHand(run change.Run) bool {
	return run.Attempt > 1 || run.Event == "workflow_dispatch" || run.Event == "repository_dispatch"
}

// maxEvidence bounds what an attribution of many parts shows.
const maxEvidence = 200

// joined is the attribution of things together: an agent's if one of them is.
func joined(all ...gate.Attribution) gate.Attribution {
	out := gate.Attribution{Strength: gate.None}
	proven, seen := false, map[gate.Evidence]bool{}
	for _, a := range all {
		out.Is = out.Is || a.Is
		proven = proven || a.Is && !a.Presumed
		if a.Strength.Rank() > out.Strength.Rank() {
			out.Strength = a.Strength
		}
		out.Names = words.Union(out.Names, a.Names)
		out.Instigators = words.Union(out.Instigators, a.Instigators)
		out.Automation = words.Union(out.Automation, a.Automation)
		out.Unknown = words.Union(out.Unknown, a.Unknown)
		for _, e := range a.Evidence {
			if !seen[e] {
				seen[e] = true
				out.Evidence = append(out.Evidence, e)
			}
		}
	}
	out.Presumed = out.Is && !proven
	slices.SortStableFunc(out.Evidence, func(a, b gate.Evidence) int { return b.Strength.Rank() - a.Strength.Rank() })
	out.Evidence = out.Evidence[:min(len(out.Evidence), maxEvidence)]
	slices.Sort(out.Automation)
	return out
}
