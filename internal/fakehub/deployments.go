package fakehub

import (
	"fmt"
	"slices"
	"time"
)

// deployment says that a commit goes to an environment: made by a job of a
// workflow, or by anybody with deployments: write.
type deployment struct {
	id          int64
	repo        *Repo
	sha, ref    string
	task        string
	environment string // as its maker wrote it
	original    string
	description string
	payload     raw
	creator     *Account
	via         any // the App that it was made with, as JSON
	transient   bool
	production  bool
	created     time.Time
	updated     time.Time
	statuses    []deploymentStatus // oldest first
	job         *job               // nil where no workflow made it
}

// deploymentStatus is what became of a deployment at one moment.
type deploymentStatus struct {
	id             int64
	state          string
	creator        *Account
	description    string
	environment    string
	targetURL      string
	logURL         string
	environmentURL string
	via            any
	created        time.Time
	keep           bool // deployments before it stay as they are
}

// NewDeployment describes a deployment that no workflow of GitHub made. What
// is left out is as in brackets.
type NewDeployment struct {
	By          *Account
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
func (r *Repo) Deploy(n NewDeployment) (Deployment, error) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if err := r.refused(); err != nil {
		return Deployment{}, err
	}
	if n.By == nil {
		n.By = r.owner
	}
	n.Ref = orElse(n.Ref, r.defaultBranch)
	if c := r.resolve(orElse(n.SHA, n.Ref)); c != nil {
		n.SHA = c.SHA
	} else {
		return Deployment{}, fmt.Errorf("no ref found for: %s", orElse(n.SHA, n.Ref))
	}
	d := &deployment{sha: n.SHA, ref: n.Ref, task: orElse(n.Task, "deploy"), environment: orElse(n.Environment, "production"),
		description: n.Description,
		payload:     raw("{}"), creator: n.By, production: n.Environment == "" || n.Environment == "production"}
	r.addDeployment(d)
	for _, state := range n.States {
		d.say(deploymentStatus{state: state, creator: n.By})
	}
	return d.view(), nil
}

// SetDeployment says a further state of a deployment.
func (r *Repo) SetDeployment(id int64, state string, by *Account) error {
	return r.MoveDeployment(id, state, "", by)
}

// MoveDeployment says a further state of a deployment and that it is in this
// environment; "": in the one that it is in.
func (r *Repo) MoveDeployment(id int64, state, environment string, by *Account) error {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	d := r.deployment(id)
	if d == nil {
		return fmt.Errorf("%s has no deployment %d", r.fullName(), id)
	}
	d.say(deploymentStatus{state: state, environment: environment, creator: by})
	return nil
}

// Deployments are those to an environment, to all where it is "", oldest
// first.
func (r *Repo) Deployments(environment string) []Deployment {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	var out []Deployment
	for _, d := range r.deployments {
		if environment == "" || fold(environment) == fold(d.environment) {
			out = append(out, d.view())
		}
	}
	return out
}

func (r *Repo) deployment(id int64) *deployment {
	i, found := slices.BinarySearchFunc(r.deployments, id, func(d *deployment, id int64) int { return int(d.id - id) })
	if !found {
		return nil
	}
	return r.deployments[i]
}

// deployFor makes the deployment of a job with an environment.
func (r *Repo) deployFor(j *job) *deployment {
	d := &deployment{sha: j.run.spec.SHA, ref: j.run.spec.Branch, task: "deploy", environment: j.spec.Environment, payload: raw("{}"),
		creator: j.attempt.by, via: r.hub.actionsJSON(), job: j}
	r.addDeployment(d)
	return d
}

// addDeployment numbers the deployment, tells of it, and makes its
// environment, where there is none.
func (r *Repo) addDeployment(d *deployment) {
	h := r.hub
	r.ensureEnvironment(d.environment)
	d.id, d.repo, d.original, d.created, d.updated = h.id("deployment", 1_500_000_001), r, d.environment, h.now(), h.now()
	r.deployments = append(r.deployments, d)
	if h.listens(r, "deployment") {
		h.emit(r, "deployment", "created", append(obj{"action", "created", "deployment", d.json()}, d.context(false)...))
	}
}

// say adds a status and tells of it. A success makes those before it
// inactive, of which GitHub tells nobody.
func (d *deployment) say(s deploymentStatus) {
	h := d.repo.hub
	s.id, s.created = h.id("deployment_status", 2_500_000_001), h.now()
	s.environment = orElse(s.environment, d.environment)
	d.statuses = append(d.statuses, s)
	d.updated = s.created
	if s.environment != d.environment {
		d.repo.ensureEnvironment(s.environment)
		d.environment = s.environment
	}
	if s.state == "success" && !s.keep {
		d.retire(s.creator)
	}
	if s.state != "inactive" && h.listens(d.repo, "deployment_status") {
		h.emit(d.repo, "deployment_status", "created",
			append(obj{"action", "created", "deployment_status", s.json(d), "deployment", d.json()}, d.context(true)...))
	}
}

// retire makes the successful deployments before this one inactive: those to
// the same environment that are neither transient nor to production.
func (d *deployment) retire(by *Account) {
	for _, o := range d.repo.deployments {
		if o != d && fold(o.environment) == fold(d.environment) && !o.transient && !o.production && o.state() == "success" {
			o.say(deploymentStatus{state: "inactive", creator: by})
		}
	}
}

// state is the latest, "" where none was said.
func (d *deployment) state() string {
	if len(d.statuses) == 0 {
		return ""
	}
	return d.statuses[len(d.statuses)-1].state
}

func (d *deployment) view() Deployment {
	v := Deployment{ID: d.id, Environment: d.environment, SHA: d.sha, Ref: d.ref, Task: d.task, Creator: d.creator.Login,
		State: d.state(), Created: d.created, Updated: d.updated}
	for _, s := range d.statuses {
		v.States = append(v.States, s.state)
	}
	if d.job == nil {
		return v
	}
	v.RunID, v.Attempt, v.Job = d.job.run.ID, d.job.attempt.number, d.job.spec.Name
	for _, g := range d.job.gates {
		v.Gates = append(v.Gates, Gate{AppID: g.app.ID, State: g.state, Comment: g.comment, Reports: slices.Clone(g.reports),
			Asked: g.asked, Answered: g.answered})
	}
	return v
}
