package report

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Statement is the one sentence that says what a gate is about: who, on whose behalf,
// does what to what, and where. Each part is plain text on one line; those that are
// empty are left out.
type Statement struct {
	Who    []string // "devin", "@ana", "GitHub's merge queue"
	Asked  []string // on whose behalf: "@ana"
	Does   string   // "wants to drop the table", "wanted to deploy"
	Object string   // "invoices"
	Then   string   // what then becomes of the object, where Does says no act
	More   int      // other things that weigh, beside it
	Where  string   // "in acme/shop", "to production of acme/shop"
}

// String is the sentence, with its full stop.
func (s Statement) String() string {
	same := func(s string) string { return s }
	return s.text(same, same)
}

// text is the sentence with each name and all other words as a place shows them.
func (s Statement) text(name, said func(string) string) string {
	each := func(list []string) string {
		out := make([]string, 0, len(list))
		for _, who := range list {
			if who != mergeQueue && who != anAgent && who != somebody {
				who = name(who)
			}
			out = append(out, who)
		}
		return words.List(out, "and")
	}
	out := each(s.Who)
	if len(s.Asked) > 0 {
		out += ", asked by " + each(s.Asked) + ","
	}
	out += " " + said(s.Does)
	if s.Object != "" {
		out += " " + name(s.Object)
	}
	if s.Then != "" {
		out += " " + said(s.Then)
	}
	if s.More > 0 {
		out += ", and " + words.Plural(s.More, "thing") + " more,"
	}
	if s.Where != "" {
		out += " " + said(s.Where)
	}
	return strings.TrimSuffix(out, ",") + "."
}

// StatementOf says what a gate is about. Over says that it is done with.
func StatementOf(subject gate.Subject, v *gate.Verdict, base string, over bool) Statement {
	repo := visible(subject.Repo.FullName(), 200)
	out := Statement{Who: []string{somebody}, Where: "in " + repo}
	if v != nil {
		out.Who, out.Asked = makers(v), asked(v.Agent)
	}
	if subject.Kind == gate.MergeGroup {
		out.Who, out.Asked = []string{mergeQueue}, nil
	}
	wants := "wants to"
	switch {
	case over:
		wants = "wanted to"
	case len(out.Who) > 1:
		wants = "want to"
	}
	switch {
	case subject.Kind == gate.MergeGroup:
		return out.does(wants+" merge", fmt.Sprintf("#%d", subject.Number), into(base, repo))
	case v != nil && v.Deploy != nil:
		return out.deploys(wants, subject, v.Deploy, repo)
	case subject.Kind == gate.Deployment:
		return out.does(wants+" deploy", "", "to "+visible(subject.Environment, 100)+" of "+repo)
	case subject.Kind == gate.WorkflowRun:
		return out.does(wants+" run", fmt.Sprintf("workflow run %d", subject.Run), "in "+repo)
	case v == nil || len(v.Findings) == 0:
		return out.does(wants+" merge", fmt.Sprintf("#%d", subject.Number), into(base, repo))
	}
	worst, more := gravest(v.Findings)
	act, object, then := doing(worst)
	out.Then, out.More = then, more
	return out.does(wants+" "+act, object, "in "+repo)
}

func (s Statement) does(does, object, where string) Statement {
	s.Does, s.Object, s.Where = does, object, where
	return s
}

func (s Statement) deploys(wants string, subject gate.Subject, d *gate.Deploy, repo string) Statement {
	where := "in " + repo
	if d.Environment != "" {
		where = "to " + visible(d.Environment, 100) + " of " + repo
	}
	switch n := len(d.Outgoing) + d.Omitted; {
	case d.Rollback:
		return s.does(wants+" go back to", words.Short(subject.SHA), strings.Replace(where, "to ", "in ", 1))
	case n > 0:
		return s.does(wants+" deploy "+words.Plural(n, "change"), "", where)
	case subject.SHA != "":
		return s.does(wants+" deploy", words.Short(subject.SHA), where)
	}
	return s.does(wants+" run", visible(d.Workflow, 120), where)
}

func into(base, repo string) string {
	if base == "" {
		return "in " + repo
	}
	return "into " + visible(base, 100) + " of " + repo
}

// gravest is the finding that weighs most, and how many others are grave as well.
func gravest(all []gate.Finding) (worst gate.Finding, more int) {
	worst = all[0]
	grave := 0
	for _, f := range all {
		if watched(f) < watched(worst) || watched(f) == watched(worst) && f.Risk > worst.Risk {
			worst = f
		}
		if f.Risk >= gate.GraveFrom && !f.Observe {
			grave++
		}
	}
	return worst, max(0, grave-1)
}

const (
	mergeQueue      = "GitHub's merge queue"
	anAgent         = "An agent"
	somebody        = "Somebody"
	mergeQueueLogin = "github-merge-queue[bot]"
)

// makers are who made a change: its agents, or the account that opened it.
func makers(v *gate.Verdict) []string {
	a := v.Agent
	names := a.Names
	if len(names) == 0 {
		names = a.Automation
	}
	if len(names) > 0 {
		out := make([]string, 0, 3)
		for _, name := range names[:min(len(names), 3)] {
			out = append(out, visible(name, 60))
		}
		return out
	}
	for _, c := range v.Contributors {
		if c.Login != mergeQueueLogin {
			return []string{login(c.Login)}
		}
	}
	if a.Is {
		return []string{anAgent}
	}
	return []string{somebody}
}

func asked(a gate.Attribution) []string {
	var out []string
	for _, who := range a.Instigators[:min(len(a.Instigators), 3)] {
		out = append(out, login(who))
	}
	return out
}

// login is an account as GitHub writes it. Of whom no account is known, the name
// stays as it is.
func login(who string) string {
	who = strings.TrimPrefix(visible(who, 80), "@")
	switch {
	case who == mergeQueueLogin:
		return mergeQueue
	case who == "" || strings.ContainsAny(who, " <[@"):
		return who
	}
	return "@" + who
}

// By is who did a step of what led somewhere, and whether that is an agent. GitHub's
// merge queue carries what people have decided, and is none.
func By(l gate.Link) (name string, agent bool) {
	if l.By == mergeQueueLogin {
		return mergeQueue, false
	}
	return l.By, l.Agent
}
