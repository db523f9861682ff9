package actions

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// DeploymentRecord says that a commit goes to an environment: made by a job of a
// workflow, or by anybody with deployments: write.
type DeploymentRecord struct {
	ID          int64
	Repo        *Repo
	SHA, Ref    string
	Task        string
	Environment string // as its maker wrote it
	Original    string
	Description string
	Payload     wire.Raw
	Creator     *fakehub.Account
	Via         any // the App that it was made with, as JSON
	Transient   bool
	Production  bool
	Created     time.Time
	Updated     time.Time
	Statuses    []DeploymentStatus // oldest first
	job         *JobRecord         // nil where no workflow made it
}

// DeploymentStatus is what became of a deployment at one moment.
type DeploymentStatus struct {
	ID             int64
	State          string
	Creator        *fakehub.Account
	Description    string
	Environment    string
	TargetURL      string
	LogURL         string
	EnvironmentURL string
	Via            any
	Created        time.Time
	Keep           bool // deployments before it stay as they are
}

// NewDeployment describes a deployment that no workflow of GitHub made. What
// is left out is as in brackets.
type NewDeployment struct {
	By          *fakehub.Account
	Ref         string // [the default branch]
	SHA         string // [the commit of Ref]
	Environment string // [production]
	Task        string // [deploy]
	Description string
	// States are said one after the other [none].
	States []string
}

// Deployment is a deployment as it is at one moment.
type Deployment struct {
	ID               int64
	Environment, SHA string
	Ref, Task        string
	Creator          string
	State            string   // the latest, "" where none was said
	States           []string // oldest first
	Created, Updated time.Time
	RunID            int64 // 0 where no workflow made it; Attempt, Job and Gates too
	Attempt          int
	Job              string
	Gates            []Gate
}

// Deploy makes a deployment, as a tool outside of GitHub's workflows would.
func (s *Actions) Deploy(of *fakehub.Repo, n NewDeployment) (Deployment, error) {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	r := s.Of(of)
	if err := r.Refused(); err != nil {
		return Deployment{}, err
	}
	if n.By == nil {
		n.By = r.Owner
	}
	n.Ref = cmp.Or(n.Ref, r.DefaultBranch)
	if c := r.Resolve(cmp.Or(n.SHA, n.Ref)); c != nil {
		n.SHA = c.SHA
	} else {
		return Deployment{}, fmt.Errorf("no ref found for: %s", cmp.Or(n.SHA, n.Ref))
	}
	d := &DeploymentRecord{SHA: n.SHA, Ref: n.Ref, Task: cmp.Or(n.Task, "deploy"), Environment: cmp.Or(n.Environment, "production"),
		Description: n.Description,
		Payload:     wire.Raw("{}"), Creator: n.By, Production: n.Environment == "" || n.Environment == "production"}
	r.AddDeployment(d)
	for _, state := range n.States {
		d.Say(DeploymentStatus{State: state, Creator: n.By})
	}
	return d.view(), nil
}

// SetDeployment says a further state of a deployment.
func (s *Actions) SetDeployment(of *fakehub.Repo, id int64, state string, by *fakehub.Account) error {
	return s.MoveDeployment(of, id, state, "", by)
}

// MoveDeployment says a further state of a deployment and that it is in this
// environment; "": in the one that it is in.
func (s *Actions) MoveDeployment(of *fakehub.Repo, id int64, state, environment string, by *fakehub.Account) error {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	r := s.Of(of)
	d := r.DeploymentByID(id)
	if d == nil {
		return fmt.Errorf("%s has no deployment %d", r.FullName(), id)
	}
	d.Say(DeploymentStatus{State: state, Environment: environment, Creator: by})
	return nil
}

// Deployments are those to an environment, to all where it is "", oldest
// first.
func (s *Actions) Deployments(of *fakehub.Repo, environment string) []Deployment {
	s.hub.State.RLock()
	defer s.hub.State.RUnlock()
	r := s.Of(of)
	var out []Deployment
	for _, d := range r.Deployments {
		if environment == "" || fakehub.Fold(environment) == fakehub.Fold(d.Environment) {
			out = append(out, d.view())
		}
	}
	return out
}

// DeploymentByID is nil where there is none.
func (r *Repo) DeploymentByID(id int64) *DeploymentRecord {
	i, found := slices.BinarySearchFunc(r.Deployments, id, func(d *DeploymentRecord, id int64) int { return int(d.ID - id) })
	if !found {
		return nil
	}
	return r.Deployments[i]
}

// deployFor makes the deployment of a job with an environment.
func (r *Repo) deployFor(j *JobRecord) *DeploymentRecord {
	d := &DeploymentRecord{SHA: j.run.Spec.SHA, Ref: j.run.Spec.Branch, Task: "deploy", Environment: j.Spec.Environment,
		Payload: wire.Raw("{}"),
		Creator: j.attempt.By, Via: r.hub.ActionsApp(), job: j}
	r.AddDeployment(d)
	return d
}

// AddDeployment numbers the deployment, tells of it, and makes its
// environment, where there is none.
func (r *Repo) AddDeployment(d *DeploymentRecord) {
	h := r.hub
	r.ensureEnvironment(d.Environment)
	d.ID, d.Repo, d.Original, d.Created, d.Updated = h.NextID("deployment", 1_500_000_001), r, d.Environment, h.Now(), h.Now()
	r.Deployments = append(r.Deployments, d)
	if h.Listens(r.Repo, "deployment") {
		h.Emit(r.Repo, "deployment", "created", append(wire.Object{"action", "created", "deployment", d.JSON()}, d.context(false)...))
	}
}

// Say adds a status and tells of it. A success makes those before it
// inactive, of which GitHub tells nobody.
func (d *DeploymentRecord) Say(s DeploymentStatus) {
	h := d.Repo.hub
	s.ID, s.Created = h.NextID("deployment_status", 2_500_000_001), h.Now()
	s.Environment = cmp.Or(s.Environment, d.Environment)
	d.Statuses = append(d.Statuses, s)
	d.Updated = s.Created
	if s.Environment != d.Environment {
		d.Repo.ensureEnvironment(s.Environment)
		d.Environment = s.Environment
	}
	if s.State == "success" && !s.Keep {
		d.retire(s.Creator)
	}
	if s.State != "inactive" && h.Listens(d.Repo.Repo, "deployment_status") {
		h.Emit(d.Repo.Repo, "deployment_status", "created",
			append(wire.Object{"action", "created", "deployment_status", s.JSON(d), "deployment", d.JSON()}, d.context(true)...))
	}
}

// retire makes the successful deployments before this one inactive: those to
// the same environment that are neither transient nor to production.
func (d *DeploymentRecord) retire(by *fakehub.Account) {
	for _, o := range d.Repo.Deployments {
		if o != d && fakehub.Fold(o.Environment) == fakehub.Fold(d.Environment) && !o.Transient && !o.Production && o.State() == "success" {
			o.Say(DeploymentStatus{State: "inactive", Creator: by})
		}
	}
}

// State is the latest, "" where none was said.
func (d *DeploymentRecord) State() string {
	if len(d.Statuses) == 0 {
		return ""
	}
	return d.Statuses[len(d.Statuses)-1].State
}

func (d *DeploymentRecord) view() Deployment {
	v := Deployment{ID: d.ID, Environment: d.Environment, SHA: d.SHA, Ref: d.Ref, Task: d.Task, Creator: d.Creator.Login,
		State: d.State(), Created: d.Created, Updated: d.Updated}
	for _, s := range d.Statuses {
		v.States = append(v.States, s.State)
	}
	if d.job == nil {
		return v
	}
	v.RunID, v.Attempt, v.Job = d.job.run.ID, d.job.attempt.Number, d.job.Spec.Name
	for _, g := range d.job.Gates {
		v.Gates = append(v.Gates, Gate{AppID: g.App.ID, State: g.State, Comment: g.Comment, Reports: slices.Clone(g.Reports),
			Asked: g.asked, Answered: g.Answered})
	}
	return v
}
