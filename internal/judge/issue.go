package judge

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Bounds on what is read of the issues that a change resolves. What is over
// them is a finding.
const (
	maxIssues       = 10
	maxIssueBody    = 64 << 10 // bytes of one text
	maxIssueIntents = 8        // blocks of all issues together
)

// resolves finds the words by which a pull request's text links an issue.
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
var resolves = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ ` +
	`\t]+(?:(?:[\w.-]+/[\w.-]+)?#|GH-|https?://[^\s]+/issues/)[0-9]`)

// Resolves lists the words of a text by which it links issues. Where they are
// others, GitHub links others.
func Resolves(body string) []string { return linked.FindAllString(body, -1) }

// linked finds what resolves does, with the whole number or address.
var linked = regexp.MustCompile(resolves.String() + `[^\s]*`)

// readIssues reads the intents of the issues that the change resolves. They
// hold beside the change's own, so that no agent widens what a human declared.
//
// An issue counts where a human wrote it and nobody but a human edited it last.
// That bots are left out keeps "declared by @ana" true; it must not be a way
// out: where a bot edited a human's issue, what it declares is a fault.
func (j *judgement) readIssues() {
	c := j.change
	if c.IssuesUnseen != "" && resolves.MatchString(c.Body[:min(len(c.Body), maxIntentBody)]) {
		j.note("The text says that the change resolves an issue, and not all of those could be looked at: %s. What a person "+
			"may have declared there was not compared with the change.", words.ClipTo(c.IssuesUnseen, 300))
	}
	issues := slices.Clone(c.Issues)
	slices.SortStableFunc(issues, compareIssues)
	linked, read := len(issues)+c.IssuesLeft, min(len(issues), maxIssues)
	for i := range issues[:read] {
		j.readIssue(&issues[i])
	}
	if len(j.intents) > maxIssueIntents {
		j.intents = append(j.intents[:maxIssueIntents],
			intent{fault: fmt.Sprintf("the issues have more than %s", words.Plural(maxIssueIntents, "block"))})
	}
	if linked > read {
		j.intents = append(j.intents, intent{fault: fmt.Sprintf("%s are linked, of which only the first %d were read",
			words.Plural(linked, "issue"), read)})
	}
}

// compareIssues orders by what an issue is first, so that a verdict does not
// depend on the order in which they were told.
func compareIssues(a, b change.Issue) int {
	editor := func(i change.Issue) change.Actor {
		if i.Editor == nil {
			return change.Actor{}
		}
		return *i.Editor
	}
	ea, eb := editor(a), editor(b)
	return cmp.Or(strings.Compare(a.Repository, b.Repository), cmp.Compare(a.Number, b.Number), strings.Compare(a.Body, b.Body),
		strings.Compare(a.Author.Login, b.Author.Login), strings.Compare(string(a.Author.Type), string(b.Author.Type)),
		cmp.Compare(a.Author.ID, b.Author.ID),
		strings.Compare(ea.Login, eb.Login), strings.Compare(string(ea.Type), string(eb.Type)), cmp.Compare(ea.ID, eb.ID))
}

func (j *judgement) readIssue(issue *change.Issue) {
	name := j.issueName(issue)
	if why := j.noHuman(issue.Author); why != "" {
		if len(issue.Body) <= maxIssueBody && len(readIntents(issue.Body)) > 0 {
			j.note("What %s declares does not count: %s.", name, why)
		}
		return
	}
	if len(issue.Body) > maxIssueBody {
		j.intents = append(j.intents, intent{issue: name, fault: fmt.Sprintf("its text is longer than %d KB", maxIssueBody>>10)})
		return
	}
	found := readIntents(issue.Body)
	if issue.Editor != nil {
		if why := j.noHuman(*issue.Editor); why != "" && len(found) > 0 {
			j.intents = append(j.intents, intent{issue: name, fault: "who edited it last may have changed what was declared; " + why})
			return
		} else if why != "" {
			j.note("%s declares nothing, but who edited it last may have taken it out; %s.", strings.ToUpper(name[:1])+name[1:], why)
			return
		}
		if issue.Editor.Login != issue.Author.Login {
			name += " (edited by @" + words.ClipTo(issue.Editor.Login, 60) + ")"
		}
	}
	for _, in := range found {
		in.issue = name
		j.intents = append(j.intents, in)
	}
}

// issueName: "issue #12 by @ana", with the repository where it is another.
func (j *judgement) issueName(issue *change.Issue) string {
	name := "#" + strconv.Itoa(issue.Number)
	if issue.Repository != "" && !strings.EqualFold(issue.Repository, j.change.Repository) {
		name = words.ClipTo(issue.Repository, 100) + name
	}
	return "issue " + name + " by @" + words.ClipTo(cmp.Or(issue.Author.Login, "ghost"), 60)
}

// noHuman says why an account cannot be taken for a person's; empty: it can. A
// machine user that the rules register as an agent is a User to GitHub.
//
// The account is asked about, not the change: an issue of the person on whose
// behalf an agent worked counts, though that agent may hold the person's token.
// To leave it out would let the agent go further, not less far.
func (j *judgement) noHuman(a change.Actor) string {
	who := "@" + words.ClipTo(cmp.Or(a.Login, "ghost"), 60)
	of := attribute(&change.Change{Author: a, Vouched: j.change.Vouched}, agent.Options{Known: j.rules.Agents.Known})
	switch {
	case a.Type == change.Bot:
		return who + " is a bot"
	case a.IsTransport(), len(of.Unknown) > 0:
		return "GitHub does not say that " + who + " is a person"
	case of.Strength.Rank() >= gate.Declared.Rank() || of.Presumed:
		return who + " is an agent's account"
	}
	return ""
}

// note is for those whose rules ask for intents: nobody else is told.
func (j *judgement) note(format string, args ...any) {
	if !j.asksFor(judged.OutsideIntent.ID) && !j.asksFor(judged.UnreadableIntent.ID) {
		return
	}
	j.notes = append(j.notes, redact.Quote(fmt.Sprintf(format, args...)))
}

// maxOriginIssues bounds the issues of one change's origin.
const maxOriginIssues = 12

// Origin is what led to a change, as far as it says: the issues that it
// resolves, with who opened them, and the sessions in which agents made it. It
// is for people to follow: nothing is judged by it.
func Origin(c *change.Change) []gate.Link {
	var out []gate.Link
	for _, i := range c.Issues[:min(len(c.Issues), maxOriginIssues)] {
		ref := "#" + strconv.Itoa(i.Number)
		if !strings.EqualFold(i.Repository, c.Repository) {
			ref = words.Clip(i.Repository) + ref
		}
		out = append(out, gate.Link{Kind: "issue", Ref: ref, By: words.Clip(i.Author.Login), Agent: i.Author.Login != "" && !i.Author.IsPerson()})
	}
	for _, s := range agent.Sessions(c) {
		out = append(out, gate.Link{Kind: "session", Ref: s.URL, By: s.Agent, Agent: true})
	}
	return sealLinks(out)
}
