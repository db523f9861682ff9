package credentials

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// observed is the code of a refusal by rules that only watch.
const observed = "observed"

// judge says what is granted, or why nothing is: a Final error is a refusal, any other
// asks to come again. It is asked when a credential is given, and for as long as it is
// used.
func (u *Credentials) judge(ctx context.Context, w gate.Workload, wish gate.Wish, repo gate.Repo) (gate.Grant, error) {
	var g gate.Grant
	commit := ""
	if w.Job != nil {
		commit = w.Job.SHA
	}
	rules, err := u.Rules.Now(ctx, repo, commit)
	if err != nil {
		return g, err
	}
	if !rules.Usable() {
		return g, no("rules_unusable", "The rules cannot be used, so nothing is given: mend the rules file.")
	}
	c, known := rules.Credential(wish.Rule)
	if !known {
		return g, no("credential_unknown", "The rules in force name no credential of this id: gatehold rules explain lists those that they do.")
	}
	name, owner := rules.AgentOf(w, w.Job != nil)
	if why, does := c.Matches(policy.Requester{Workload: w, Repository: repo.Name, Agent: name}); !does {
		return g, no("not_for_this_workload", fmt.Sprintf("The credential %s is not for this workload: %s.", c.ID, why))
	}
	if g, err = granted(c, wish, repo); err != nil {
		return g, err
	}
	g.Agent, g.Owner, g.RulesFile = name, owner, rules.Digest()
	for _, hangs := range c.Gate { // from the ledger alone: whoever waits costs no request
		if err := u.gate(ctx, hangs, w, &g); err != nil {
			return g, err
		}
	}
	if w.Job != nil {
		if err := u.Jobs.Running(ctx, repo, *w.Job); err != nil {
			return g, err
		}
	}
	if c.Mode == rulesfile.Observe {
		return g, no(observed, "The rules only watch: this would have been given, and nothing is.")
	}
	return g, nil
}

// granted is what a credential gives of what is wished for, which may be less than it
// allows and never more.
func granted(c policy.Credential, wish gate.Wish, repo gate.Repo) (gate.Grant, error) {
	g := gate.Grant{Wish: wish, Repo: repo, Lifetime: c.Life().String()}
	switch wish.Type {
	case gate.InstallationToken:
		g.Audience = nil
		if len(c.Permissions) == 0 {
			return g, no("not_allowed", "This credential is no token for GitHub: ask for an identity.")
		}
		for _, p := range slices.Sorted(maps.Keys(wish.Permissions)) {
			if !allows(c.Permissions, p, wish.Permissions[p]) {
				return g, no("not_allowed", fmt.Sprintf("The rules do not allow %s: %s with this credential.", p, wish.Permissions[p]))
			}
		}
		if len(wish.Permissions) == 0 {
			g.Permissions = maps.Clone(c.Permissions)
		}
		return g, repositories(c, wish, repo, &g)
	case gate.IdentityToken:
		g.Permissions, g.Repositories = nil, nil
		for _, a := range wish.Audience {
			if !slices.Contains(c.Audience, a) {
				return g, no("not_allowed", "The rules do not allow this audience with this credential.")
			}
		}
		switch {
		case len(c.Audience) == 0:
			return g, no("not_allowed", "This credential is no identity: ask for a token for GitHub.")
		case len(wish.Audience) == 0 && len(c.Audience) > 1:
			return g, no("audience_missing", "The rules allow several audiences: say for which one the identity is to be.")
		case len(wish.Audience) == 0:
			g.Audience = slices.Clone(c.Audience)
		}
		g.Claims = maps.Clone(c.Claims)
		return g, nil
	}
	return g, no("type_unknown", "What is asked for is neither an installation token nor an identity.")
}

func allows(permissions map[string]string, name, level string) bool {
	most := slices.Index(rulesfile.PermissionLevels, permissions[name])
	asked := slices.Index(rulesfile.PermissionLevels, level)
	return most >= 0 && asked >= 0 && asked <= most
}

// repositories are those of a grant: by id the workload's own, whatever it is called by
// now.
func repositories(c policy.Credential, wish gate.Wish, repo gate.Repo, g *gate.Grant) error {
	may := c.Repositories
	if len(may) == 0 {
		may = []string{repo.Name}
	}
	wants := wish.Repositories
	if len(wants) == 0 {
		wants = may
	}
	g.Repositories = nil
	for _, name := range wants {
		if !slices.ContainsFunc(may, func(o string) bool { return strings.EqualFold(o, name) }) {
			return no("not_allowed", "The rules do not allow this repository with this credential.")
		}
		if strings.EqualFold(name, repo.Name) {
			g.RepoIDs = []int64{repo.ID}
			continue
		}
		if c.OwnOnly {
			return no("not_allowed", "Only the organisation's rules can give away another repository than the one that the job is of.")
		}
		g.Repositories = append(g.Repositories, name)
	}
	return nil
}

// gate says whether what a credential hangs on lets it pass.
func (u *Credentials) gate(ctx context.Context, hangs string, w gate.Workload, g *gate.Grant) error {
	switch {
	case hangs == rulesfile.GateRequired && w.Job != nil:
		return u.released(ctx, *w.Job, g)
	case hangs == rulesfile.GateIntent && u.Intents != nil:
		return u.Intents.Allows(ctx, g.Repo, g.Agent, g)
	case hangs == rulesfile.GateIntent:
		return no("intent_unavailable", "Nothing can be given for a declared task here.")
	}
	return no("gate_missing", "Only a run of GitHub Actions has a gate that can be released.")
}

// released says whether the gates of a job are: of the deployments of its run, attempt
// and commit to its environment, or of the run, where it names no environment.
func (u *Credentials) released(ctx context.Context, job gate.WorkflowJob, g *gate.Grant) error {
	run := gate.Subject{Kind: gate.WorkflowRun, Repo: g.Repo, Run: job.Run}
	var gates []book.Gate
	var err error
	if job.Environment != "" {
		if gates, err = u.Book.DeploymentsOf(ctx, run); err != nil {
			return trouble(err)
		}
		gates = slices.DeleteFunc(gates, func(f book.Gate) bool {
			return !gate.SameEnvironment(f.State.Subject.Environment, job.Environment)
		})
	} else {
		f, err := u.Book.GateOf(ctx, run)
		if err != nil {
			return trouble(err)
		}
		if f.State.Wanted > 0 && !f.State.Left() {
			gates = append(gates, f)
		}
	}
	if len(gates) > 0 {
		if gates = ofAttempt(gates, job.Attempt); len(gates) == 0 {
			return &gate.Error{Code: Pending, Text: "The gate of this attempt of the run was not judged yet."}
		}
	}
	if len(gates) == 0 {
		return no("gate_missing",
			"No gate holds this job: its environment has no protection rule of gatehold, or its workflow is no deploy by the rules.")
	}
	for _, f := range gates {
		if err := u.open(f, job); err != nil {
			return err
		}
	}
	f := gates[0]
	s := f.State
	g.Gate, g.Subject, g.Version = f.Name, &s.Subject, f.Head.Version
	g.For = gate.For{Head: s.Verdict.Head, BaseRef: s.BaseRef, Verdict: s.Verdict.Digest, Rules: s.Verdict.Rules.Digest,
		Findings: s.Verdict.FindingsDigest, Attempt: job.Attempt}
	for _, c := range s.Choices {
		if c.Answer == gate.Approve || c.Answer == gate.Override {
			g.Approvers = append(g.Approvers, gate.Approver{ID: c.By.ID, Login: c.By.Login, Channel: c.Via})
		}
	}
	return nil
}

// ofAttempt leaves out the gates that stand for another attempt of a run: what one was
// allowed says nothing of the next.
func ofAttempt(gates []book.Gate, attempt int) []book.Gate {
	return slices.DeleteFunc(gates, func(f book.Gate) bool {
		v := f.State.Verdict
		return v != nil && v.Deploy != nil && v.Deploy.Attempt != attempt
	})
}

// open says whether a gate lets a job go on: it was released for exactly this attempt
// and commit, and nobody has taken that back.
func (u *Credentials) open(f book.Gate, job gate.WorkflowJob) error {
	s, now := f.State, u.Book.Now()
	pending := func(text string) error {
		if link := u.Book.Link(f.Name); link != "" {
			text += " See " + link + "."
		}
		return &gate.Error{Code: Pending, Text: text}
	}
	switch {
	case s.Denied() != nil || s.Answered() == gate.Rejected:
		return no("gate_denied", "The gate of this job was denied.")
	case s.Left():
		return no("gate_closed", "The gate of this job is over.")
	case s.Verdict == nil || s.Verdict.Deploy == nil || s.Wanted > s.Covered && s.Answered() == "":
		return pending("The gate of this job is being judged.")
	case s.Verdict.WouldHold && !s.Verdict.Held:
		return no("gate_watches", "The gate of this job only watches, and would have held it: nobody has let it go.")
	case job.SHA != "" && s.Verdict.Head != job.SHA:
		return no("gate_of_another_commit", "The gate of this job stands for another commit.")
	case s.Subject.Kind == gate.Deployment && s.Answered() != gate.Approved:
		return pending("The gate of this job is held.")
	case s.Subject.Kind == gate.WorkflowRun && !s.Released(now):
		return pending("The gate of this run is held.")
	}
	return nil
}
