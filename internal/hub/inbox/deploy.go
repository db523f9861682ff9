package inbox

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// deployPayload is what gatehold reads of the events about deployments and
// workflow runs. GitHub's description calls nearly all of it optional.
type deployPayload struct {
	Environment string           `json:"environment"`
	Trigger     string           `json:"event"`
	CallbackURL string           `json:"deployment_callback_url"`
	Deployment  deploymentAnswer `json:"deployment"`
	Status      struct {
		State       string `json:"state"`
		Environment string `json:"environment"`
	} `json:"deployment_status"`
	WorkflowRun wire.Run `json:"workflow_run"`
}

type deploymentAnswer struct {
	ID          int64  `json:"id"`
	SHA         string `json:"sha"`
	Environment string `json:"environment"`
	Original    string `json:"original_environment"`
	CreatedAt   string `json:"created_at"`
}

// since is when the deployment was made, zero where that cannot be read.
func (d deploymentAnswer) since() time.Time {
	at, err := time.Parse(time.RFC3339, d.CreatedAt)
	if err != nil {
		return time.Time{}
	}
	return at
}

// runActions are those after which a workflow run is looked at. That it is in
// progress changes nothing that gatehold decides.
var runActions = map[string]bool{"requested": true, "completed": true}

// quietTriggers start runs that are no gate by themselves:
//
//   - merge_group: the group has a gate of its own, whose check GitHub waits for;
//   - check_run and check_suite: our own checks would start them, each to be
//     judged and to get a check that starts the next. They run the default
//     branch's workflow.
//
// Where a job of theirs names an environment, its protection rule holds it all
// the same. pull_request_target, issue_comment and the like are no exception:
// they run with the base's secrets, started by whoever comments.
var quietTriggers = map[string]bool{"merge_group": true, "check_run": true, "check_suite": true}

// deployment is something that happened to a deployment: on the record of the
// environment that it goes to, and, where GitHub says which run made it, on the
// gate that it passed or waits at.
func (in *Inbox) deployment(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "created" {
		return nil, nil
	}
	return p.arrival("deployment", p.Deployment.Environment, p.Action)
}

// deploymentStatus can move a deployment to another environment than the one
// that it was made for.
func (in *Inbox) deploymentStatus(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "created" {
		return nil, nil
	}
	name := p.Status.Environment
	if name == "" {
		name = p.Deployment.Environment
	}
	seen, err := p.arrival("deployment_status", name, wire.Word(p.Status.State))
	if err != nil || seen[0].Subject.Run == 0 {
		return seen, err
	}
	seen[0].Job = max(p.CheckRun.ID, 0) // a job and its check run have one id
	if made := p.Deployment.Original; wire.IsEnvironment(made) && !gate.SameEnvironment(made, name) {
		seen[0].Made = made
	}
	// The gate was opened under the name that the deployment was made with.
	held := seen[0]
	held.Subject.Kind, held.Subject.Environment = gate.Deployment, p.Deployment.Original
	if !wire.IsEnvironment(held.Subject.Environment) {
		held.Subject.Environment = p.Deployment.Environment
	}
	if !wire.IsEnvironment(held.Subject.Environment) {
		return seen, nil
	}
	held.Job, held.Made = 0, "" // what the deployment came to is on the environment's record
	return append(seen, held), nil
}

func (p payload) arrival(event, environment, action string) ([]gate.Seen, error) {
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	if !wire.IsEnvironment(environment) || p.Deployment.ID <= 0 {
		return nil, refused("payload_invalid", "The event names no deployment to an environment that GitHub could have.")
	}
	s := p.deploymentSeen(event, gate.Subject{Kind: gate.Environment, Repo: repo, Run: max(p.WorkflowRun.ID, 0), Environment: environment})
	s.Action = action
	return []gate.Seen{s}, nil
}

// protectionRule is GitHub's question whether a deployment may go on. A question
// that names no run or no environment cannot be answered.
func (in *Inbox) protectionRule(p payload, _ []byte) ([]gate.Seen, error) {
	if p.Action != "requested" {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	name := p.deployPayload.Environment
	if name == "" {
		name = p.Deployment.Environment
	}
	if !wire.IsEnvironment(name) {
		return nil,
			refused("payload_invalid", "The event names no environment that GitHub could have, so the deployment cannot be answered.")
	}
	run, ok := runOfCallback(p.CallbackURL, repo)
	if !ok {
		return nil,
			refused("payload_invalid",
				fmt.Sprintf("The event's callback does not name a workflow run of %s, so the deployment cannot be answered.",
					repo.FullName()))
	}
	s := p.deploymentSeen("deployment_protection_rule", gate.Subject{Kind: gate.Deployment, Repo: repo, Run: run, Environment: name})
	s.Trigger, s.Since = wire.Word(p.Trigger), p.Deployment.since()
	return []gate.Seen{s}, nil
}

func (p payload) deploymentSeen(event string, on gate.Subject) gate.Seen {
	on.DeploymentID = max(p.Deployment.ID, 0)
	if wire.IsSHA(p.Deployment.SHA) {
		on.SHA = p.Deployment.SHA
	}
	return gate.Seen{Subject: on, Event: event, Action: p.Action, Sender: p.sender(), Head: on.SHA, RepoAt: p.Repository.Updated.Time}
}

func (in *Inbox) workflowRun(p payload, _ []byte) ([]gate.Seen, error) {
	if !runActions[p.Action] || p.quietRun() {
		return nil, nil
	}
	repo, err := p.repo()
	if err != nil {
		return nil, err
	}
	r := p.WorkflowRun
	if r.ID <= 0 || !wire.IsSHA(r.SHA) {
		return nil, refused("payload_invalid", "The event names no workflow run of a commit.")
	}
	return []gate.Seen{{
		Subject: gate.Subject{Kind: gate.WorkflowRun, Repo: repo, Run: r.ID, SHA: r.SHA},
		Event:   "workflow_run", Action: p.Action, Sender: p.sender(), Head: r.SHA, HeadRef: wire.Clip(r.Branch, 255),
		Attempt: max(r.Attempt, 0), Workflow: r.Workflow(), Trigger: wire.Word(r.Event), Triggered: r.Triggering.GateActor(),
		RepoAt: p.Repository.Updated.Time,
	}}, nil
}

// quietRun reports whether a run is no gate by itself: see quietTriggers, and
// what a fork's pull request starts, which gets no secrets and a token that
// cannot write. A run whose head repository is not named is looked at.
// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories
func (p payload) quietRun() bool {
	r := p.WorkflowRun
	fork := r.HeadRepository.ID > 0 && r.HeadRepository.ID != p.Repository.ID
	return quietTriggers[r.Event] || r.Event == "pull_request" && fork
}

// runOfCallback reads the run's id out of the callback's path. Its host is
// nobody's business: the answer goes to the configured API.
func runOfCallback(callback string, repo gate.Repo) (int64, bool) {
	u, err := url.Parse(callback)
	if err != nil {
		return 0, false
	}
	steps := strings.Split(strings.TrimPrefix(strings.TrimPrefix(u.Path, "/api/v3"), "/"), "/")
	if len(steps) != 7 || steps[0] != "repos" || !strings.EqualFold(steps[1], repo.Owner) || !strings.EqualFold(steps[2], repo.Name) ||
		steps[3] != "actions" || steps[4] != "runs" || steps[6] != "deployment_protection_rule" {
		return 0, false
	}
	run, err := strconv.ParseInt(steps[5], 10, 64)
	return run, err == nil && run > 0 && steps[5][0] != '+'
}
