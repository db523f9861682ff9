package deploys

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// start is a commit from which a deployment is judged.
type start struct {
	sha   string    // empty: nothing runs there yet
	at    time.Time // when it was deployed
	going bool      // its deployment is under way
}

// judgeDeployment judges a deployment from what runs there, and from what is under
// way there where going out goes back over that: whichever comes to run first, what
// goes out follows it. The graver of these verdicts counts.
func (u *Deploys) judgeDeployment(ctx context.Context, s gate.State, run change.Run) (v gate.Verdict, at gate.RulesAt, err error) {
	head := s.Subject.SHA
	if head == "" {
		head = run.Head
	}
	env, err := u.asItIs(ctx, s.Subject)
	if err != nil {
		return v, at, err
	}
	runs, err := u.running(ctx, s.Subject, env)
	if err != nil {
		return v, at, err
	}
	if v, at, err = u.judgeFrom(ctx, s, env, run, runs, head); err != nil {
		return v, at, err
	}
	over := env.Going(run.ID)
	others, err := u.goesBackOver(ctx, s.Subject.Repo, over, runs.sha, head)
	if err != nil {
		return v, at, err
	}
	for _, sha := range others {
		other, rules, err := u.judgeFrom(ctx, s, env, run, start{sha: sha, going: true}, head)
		if err != nil {
			return v, at, err
		}
		if other.GraverThan(&v) {
			v, at = other, rules
		}
	}
	v.Deploy.Over = over
	return v, at, nil
}

// judgeFrom gathers what the rules need to judge a deployment from a commit, and says
// where they were read.
func (u *Deploys) judgeFrom(
	ctx context.Context, s gate.State, env env.State, run change.Run, from start, head string,
) (v gate.Verdict, at gate.RulesAt, err error) {
	d := &judge.Deployment{
		Environment: s.Subject.Environment, Before: env.WasApproved(head), BaseAt: from.at, Going: from.going,
		Running: env.UnderWay(s.Subject.Run),
	}
	d.Run, d.Now = run, u.Book.Now()
	rules, err := u.Outgoing.Gather(ctx, s, &d.RunFacts, from.sha, head)
	if err != nil {
		return v, at, err
	}
	inForce := rules.Environment(s.Subject.Environment)
	if d.Run.Branch, err = u.branchOf(ctx, s.Subject.Repo, inForce, run, head); err != nil {
		return v, at, err
	}
	for _, p := range d.Outgoing.Pulls {
		d.HeadAt = later(d.HeadAt, p.MergedAt)
	}
	for _, after := range inForce.After {
		staged, err := u.staged(ctx, s.Subject.Repo, after.Environment, head)
		if err != nil {
			return v, at, err
		}
		d.Staged = append(d.Staged, staged)
	}
	return judge.Deploy(rules, d), reading.RulesOfOutgoing(&d.Outgoing), nil
}

// goesBackOver lists those of the commits that are under way which a deployment does
// not follow, and what runs there either is not.
func (u *Deploys) goesBackOver(ctx context.Context, repo gate.Repo, going []string, runs, head string) (out []string, err error) {
	for _, sha := range going {
		if sha == head || sha == runs {
			continue
		}
		follows, err := u.Branches.Follows(ctx, repo, sha, head)
		if err != nil {
			return nil, engine.Outside(err)
		}
		if !follows {
			out = append(out, sha)
		}
	}
	return out[max(0, len(out)-maxUnderWay):], nil
}

// goesOverOthers reports whether something is under way by now from which a deployment
// was not judged.
func goesOverOthers(s gate.State, env env.State) bool {
	d := s.Verdict.Deploy
	return slices.ContainsFunc(env.Going(s.Subject.Run), func(sha string) bool {
		return sha != s.Verdict.Head && sha != d.Base && !slices.Contains(d.Over, sha)
	})
}

// bootstrapDeployments bounds how far back GitHub's own record is looked at.
const bootstrapDeployments = 30

// running is the commit from which a deployment is judged: the last that passed
// a gate of ours. Where none did yet, it is GitHub's record of what a workflow
// run brought there before anything was held: anybody who may write deployments
// can invent others, and say of one that was held that it succeeded.
func (u *Deploys) running(ctx context.Context, s gate.Subject, env env.State) (start, error) {
	if a := env.Passed(); a != nil {
		return start{sha: a.SHA, at: a.At}, nil
	}
	records, err := u.GitHub.Deployments(ctx, s.Repo, s.Environment, bootstrapDeployments)
	if err != nil {
		return start{}, err
	}
	for _, r := range records {
		if env.First != 0 && r.ID >= env.First { // it came when there was a gate to pass
			continue
		}
		if r.ID != s.DeploymentID && r.Actions && (r.State == "success" || r.State == "inactive") {
			return start{sha: r.SHA, at: r.StatusAt}, nil
		}
	}
	return start{}, nil
}

// staged is what became of a commit in another environment. Only what a workflow
// run brought there counts, and where the environment asks us, only what we let go: a
// status is written by whoever may write deployments. Where it does not ask, no gate
// looks for what no event told, and GitHub is asked.
func (u *Deploys) staged(ctx context.Context, repo gate.Repo, environment, sha string) (judge.Staged, error) {
	out := judge.Staged{Environment: environment}
	env, err := u.Book.EnvironmentOf(ctx, repo, environment)
	if err != nil {
		return out, err
	}
	all, err := u.Outgoing.Environments(ctx, repo)
	if err != nil {
		return out, err
	}
	asks := slices.ContainsFunc(all, func(e gate.Enforcement) bool {
		return e.Enforced && strings.EqualFold(e.Environment, environment)
	})
	if !asks {
		if env, err = u.withUnheard(ctx, repo, env, environment, sha); err != nil {
			return out, err
		}
	}
	for _, a := range env.Arrivals {
		switch {
		case a.SHA != sha || a.Run == 0 && !a.Found || a.Again && !a.Failed:
		case asks && a.Gate == "" && !a.Failed:
		case a.Failed:
			out.FailedAt = a.At
		default:
			out.SucceededAt, out.FailedAt = a.At, time.Time{}
		}
	}
	return out, nil
}
