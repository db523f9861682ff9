package fakehub

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

const (
	maxRunsPerName = 1000                // of one suite; GitHub deletes the oldest beyond
	staleAfter     = 14 * 24 * time.Hour // what has not completed by then becomes stale
)

// Suite collects the runs of one App on one commit.
type Suite struct {
	ID      int64
	App     *App
	branch  string
	before  string
	runs    []*Check
	created time.Time
	// rerequested: queued until the App writes one of its runs.
	Rerequested bool
}

// Check belongs to a commit, not to a pull request.
type Check struct {
	id          int64
	Repo        *Repo
	Suite       *Suite
	Name        string
	SHA         string
	externalID  string
	detailsURL  string
	status      string
	conclusion  string
	started     time.Time
	completed   time.Time
	created     time.Time
	title       string
	summary     string
	text        string
	Annotations []Annotation
	actions     []Action
	Updates     int
	paintings   []Painting
}

// Annotation is a remark on lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title"`
	RawDetails  string `json:"raw_details"`
}

// Action is a button of a check run.
type Action struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

// CheckRun is what a check run looks like at one moment.
type CheckRun struct {
	ID                          int64
	AppID                       int64
	Name, SHA                   string
	ExternalID, DetailsURL      string
	Status, Conclusion          string
	Title, Summary, Text        string
	Annotations                 []Annotation
	Actions                     []Action
	Updates                     int // how often it was PATCHed
	Created, Started, Completed time.Time
}

// CheckState is what branch protection makes of a required check.
type CheckState struct {
	Found      bool
	RunID      int64
	Status     string
	Conclusion string
	// Passes: the newest created run completed with success, skipped or
	// neutral. That is GitHub's rule.
	Passes bool
}

// CheckRuns are the runs on a commit, oldest first.
func (r *Repo) CheckRuns(sha string) []CheckRun {
	r.hub.State.RLock()
	defer r.hub.State.RUnlock()
	runs := make([]CheckRun, 0, len(r.Checks[sha]))
	for _, c := range r.Checks[sha] {
		runs = append(runs, c.View())
	}
	return runs
}

// RequiredCheck says whether the required check name of an App (0: of any)
// lets a commit be merged.
func (r *Repo) RequiredCheck(sha, name string, appID int64) CheckState {
	r.hub.State.RLock()
	defer r.hub.State.RUnlock()
	return r.CheckState(sha, name, appID)
}

// CheckState is RequiredCheck for a caller that holds the state's lock.
func (r *Repo) CheckState(sha, name string, appID int64) CheckState {
	for _, c := range slices.Backward(r.Checks[sha]) {
		if c.Name != name || appID != 0 && c.Suite.App.ID != appID {
			continue
		}
		status, conclusion := c.State()
		return CheckState{Found: true, RunID: c.id, Status: status, Conclusion: conclusion, Passes: c.passes()}
	}
	return CheckState{}
}

// RequiredCheck is Repo.RequiredCheck for the head of the pull request.
func (p *Pull) RequiredCheck(name string, appID int64) CheckState {
	return p.Repo.RequiredCheck(p.HeadSHA(), name, appID)
}

// passes says whether the run lets a required check pass: that is GitHub's rule.
func (c *Check) passes() bool {
	status, conclusion := c.State()
	return status == "completed" && (conclusion == "success" || conclusion == "skipped" || conclusion == "neutral")
}

// NewestChecks are the newest runs on a commit of each App and name, the newest first.
func (r *Repo) NewestChecks(sha string) []*Check {
	var out []*Check
	for _, c := range slices.Backward(r.Checks[sha]) {
		if !slices.ContainsFunc(out, func(o *Check) bool { return o.Suite.App.ID == c.Suite.App.ID && o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

// passes says whether all that a branch requires has passed on a commit.
func (r *Repo) passes(sha, branch string) bool {
	return !slices.ContainsFunc(r.Required(branch), func(c RequiredCheck) bool { return !r.CheckState(sha, c.Context, c.App).Passes })
}

// fails says whether something that a branch requires has completed on a
// commit without passing.
func (r *Repo) fails(sha, branch string) bool {
	return slices.ContainsFunc(r.Required(branch), func(c RequiredCheck) bool {
		s := r.CheckState(sha, c.Context, c.App)
		return s.Status == "completed" && !s.Passes
	})
}

// Rerequest asks the App to run the check again. An API call can do this too.
func (h *Hub) Rerequest(runID int64, by *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	c := h.ChecksByID[runID]
	if c == nil {
		return fmt.Errorf("there is no check run %d", runID)
	}
	if err := c.Repo.Refused(); err != nil {
		return err
	}
	c.Rerequest(by)
	return nil
}

// Rerequest leaves the run as it is, and its suite queued: GitHub asks, the App
// decides.
func (c *Check) Rerequest(by *Account) {
	c.Suite.Rerequested = true
	c.Emit("rerequested", by)
}

// PostCheck creates a completed run as an App, without a request: what another
// App, or a workflow with checks: write, could do to a commit.
func (r *Repo) PostCheck(app *App, sha, name, conclusion string) (CheckRun, error) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	if err := r.Refused(); err != nil {
		return CheckRun{}, err
	}
	if r.Store.Commit(sha) == nil {
		return CheckRun{}, fmt.Errorf("no commit found for SHA: %s", sha)
	}
	c := r.AddRun(app, sha, name)
	c.status, c.conclusion, c.started, c.completed = "completed", conclusion, r.hub.Now(), r.hub.Now()
	c.paint()
	c.Emit("created", app.Bot)
	c.Emit("completed", app.Bot)
	r.AdvanceQueues()
	return c.View(), nil
}

// AddRun makes a run that nothing is known of yet, in the suite of its App.
func (r *Repo) AddRun(app *App, sha, name string) *Check {
	h := r.hub
	s := r.suite(app, sha, "", "")
	c := &Check{id: h.NextID("run", 40_000_000_001), Repo: r, Suite: s, Name: name, SHA: sha, status: "queued", created: h.Now()}
	h.ChecksByID[c.id] = c
	r.Checks[sha] = append(r.Checks[sha], c)
	s.runs = append(s.runs, c)
	s.Rerequested = false
	r.dropOldest(s, name)
	return c
}

func (r *Repo) dropOldest(s *Suite, name string) {
	if len(s.runs) <= maxRunsPerName {
		return
	}
	same := func(c *Check) bool { return c.Name == name }
	count := 0
	for _, c := range s.runs {
		if same(c) {
			count++
		}
	}
	if count <= maxRunsPerName {
		return
	}
	i := slices.IndexFunc(s.runs, same)
	gone := s.runs[i]
	s.runs = slices.Delete(slices.Clone(s.runs), i, i+1)
	r.Checks[gone.SHA] = slices.DeleteFunc(slices.Clone(r.Checks[gone.SHA]), func(c *Check) bool { return c == gone })
	delete(r.hub.ChecksByID, gone.id)
}

// suite finds the App's suite on a commit, or begins it.
func (r *Repo) suite(app *App, sha, branch, before string) *Suite {
	for _, s := range r.Suites[sha] {
		if s.App == app {
			return s
		}
	}
	if branch == "" {
		branch = r.branchOf(sha)
	}
	s := &Suite{ID: r.hub.NextID("suite", 30_000_000_001), App: app, branch: branch, before: before, created: r.hub.Now()}
	r.Suites[sha] = append(r.Suites[sha], s)
	return s
}

// branchOf names a branch of this repository that points at a commit, if it is
// the default branch or the head of a pull request.
func (r *Repo) branchOf(sha string) string {
	if r.Refs[r.DefaultBranch] == sha {
		return r.DefaultBranch
	}
	for _, p := range r.ByCommit[sha] {
		if p.Head == sha && p.From == r {
			return p.Branch
		}
	}
	return ""
}

// requestSuites begins a suite for every App that writes checks, as GitHub does
// on a push to the repository itself.
func (r *Repo) requestSuites(branch, before, sha string, pusher *Account) {
	for _, app := range r.hub.appList {
		in := app.InstallationFor(r)
		if in == nil || !app.Events["check_suite"] || !Allows(in.Permissions, "checks", "write") {
			continue
		}
		s := r.suite(app, sha, branch, before)
		r.hub.EmitTo(app, in, r, "check_suite", "requested",
			wire.Object{"action", "requested", "check_suite", s.JSON(r, sha), "repository", r.JSON(), "sender", pusher.JSON()}, r.hub.Random.GUID())
	}
}

// State is the status and conclusion, with what is too old become stale.
func (c *Check) State() (status, conclusion string) {
	if c.status != "completed" && c.Repo.hub.Now().Sub(c.created) > staleAfter {
		return "completed", "stale"
	}
	return c.status, c.conclusion
}

// View is the run as it is now.
func (c *Check) View() CheckRun {
	status, conclusion := c.State()
	return CheckRun{
		ID: c.id, AppID: c.Suite.App.ID, Name: c.Name, SHA: c.SHA, ExternalID: c.externalID, DetailsURL: c.detailsURL, Status: status,
		Conclusion: conclusion, Title: c.title, Summary: c.summary, Text: c.text, Annotations: slices.Clone(c.Annotations),
		Actions: slices.Clone(c.actions), Updates: c.Updates, Created: c.created, Started: c.started, Completed: c.completed,
	}
}

// Emit tells of the run: requested_action and rerequested only to the App that
// owns it, the rest to all that listen.
func (c *Check) Emit(action string, by *Account, more ...any) {
	h, r := c.Repo.hub, c.Repo
	own := action == "requested_action" || action == "rerequested"
	if !own && !h.Listens(r, "check_run") {
		return
	}
	payload := append(wire.Object{"action", action, "check_run", c.JSON(true)}, more...)
	payload = append(payload, "repository", r.JSON(), "sender", by.JSON())
	if !own {
		h.Emit(r, "check_run", action, payload)
		return
	}
	app := c.Suite.App
	if in := app.InstallationFor(r); in != nil && Allows(in.Permissions, "checks", "write") {
		h.EmitTo(app, in, r, "check_run", action, payload, h.Random.GUID())
	}
}

// RequiredCheck is a check that the rules of a branch require; app 0 is any.
type RequiredCheck struct {
	Context string `json:"context"`
	App     int64  `json:"integration_id"`
}

// Met says whether a run is of the check that is required.
func (r RequiredCheck) Met(c *Check) bool {
	return c.Name == r.Context && (r.App == 0 || r.App == c.Suite.App.ID)
}

// Required are the checks that the rules in force on a branch require.
func (r *Repo) Required(branch string) (out []RequiredCheck) {
	for _, rule := range r.RulesOn(branch) {
		var parsed struct {
			Type       string `json:"type"`
			Parameters struct {
				Checks []RequiredCheck `json:"required_status_checks"`
			} `json:"parameters"`
		}
		if json.Unmarshal(rule, &parsed) == nil && parsed.Type == "required_status_checks" {
			out = append(out, parsed.Parameters.Checks...)
		}
	}
	return out
}
