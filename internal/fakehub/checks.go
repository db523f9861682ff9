package fakehub

import (
	"fmt"
	"slices"
	"time"
)

const (
	maxRunsPerName = 1000                // of one suite; GitHub deletes the oldest beyond
	staleAfter     = 14 * 24 * time.Hour // what has not completed by then becomes stale
)

// checkSuite collects the runs of one App on one commit.
type checkSuite struct {
	id      int64
	app     *App
	branch  string
	before  string
	runs    []*checkRun
	created time.Time
	// rerequested: queued until the App writes one of its runs.
	rerequested bool
}

// checkRun belongs to a commit, not to a pull request.
type checkRun struct {
	id          int64
	repo        *Repo
	suite       *checkSuite
	name        string
	sha         string
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
	annotations []Annotation
	actions     []Action
	updates     int
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
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	runs := make([]CheckRun, 0, len(r.checks[sha]))
	for _, c := range r.checks[sha] {
		runs = append(runs, c.view())
	}
	return runs
}

// RequiredCheck says whether the required check name of an App (0: of any)
// lets a commit be merged.
func (r *Repo) RequiredCheck(sha, name string, appID int64) CheckState {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	return r.checkState(sha, name, appID)
}

func (r *Repo) checkState(sha, name string, appID int64) CheckState {
	for _, c := range slices.Backward(r.checks[sha]) {
		if c.name != name || appID != 0 && c.suite.app.ID != appID {
			continue
		}
		status, conclusion := c.state()
		return CheckState{Found: true, RunID: c.id, Status: status, Conclusion: conclusion,
			Passes: status == "completed" && (conclusion == "success" || conclusion == "skipped" || conclusion == "neutral")}
	}
	return CheckState{}
}

// RequiredCheck is Repo.RequiredCheck for the head of the pull request.
func (p *Pull) RequiredCheck(name string, appID int64) CheckState {
	return p.repo.RequiredCheck(p.HeadSHA(), name, appID)
}

// passes says whether all that a branch requires has passed on a commit.
func (r *Repo) passes(sha, branch string) bool {
	return !slices.ContainsFunc(r.required(branch), func(c requiredCheck) bool { return !r.checkState(sha, c.Context, c.App).Passes })
}

// fails says whether something that a branch requires has completed on a
// commit without passing.
func (r *Repo) fails(sha, branch string) bool {
	return slices.ContainsFunc(r.required(branch), func(c requiredCheck) bool {
		s := r.checkState(sha, c.Context, c.App)
		return s.Status == "completed" && !s.Passes
	})
}

// Rerequest asks the App to run the check again. An API call can do this too.
func (h *Hub) Rerequest(runID int64, by *Account) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.runs[runID]
	if c == nil {
		return fmt.Errorf("there is no check run %d", runID)
	}
	if err := c.repo.refused(); err != nil {
		return err
	}
	c.rerequest(by)
	return nil
}

// rerequest leaves the run as it is, and its suite queued: GitHub asks, the App
// decides.
func (c *checkRun) rerequest(by *Account) {
	c.suite.rerequested = true
	c.emit("rerequested", by)
}

// PostCheck creates a completed run as an App, without a request: what another
// App, or a workflow with checks: write, could do to a commit.
func (r *Repo) PostCheck(app *App, sha, name, conclusion string) (CheckRun, error) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if err := r.refused(); err != nil {
		return CheckRun{}, err
	}
	if r.store.Commit(sha) == nil {
		return CheckRun{}, fmt.Errorf("no commit found for SHA: %s", sha)
	}
	c := r.addRun(app, sha, name)
	c.status, c.conclusion, c.started, c.completed = "completed", conclusion, r.hub.now(), r.hub.now()
	c.paint()
	c.emit("created", app.Bot)
	c.emit("completed", app.Bot)
	r.advanceQueues()
	return c.view(), nil
}

func (r *Repo) addRun(app *App, sha, name string) *checkRun {
	h := r.hub
	s := r.suite(app, sha, "", "")
	c := &checkRun{id: h.id("run", 40_000_000_001), repo: r, suite: s, name: name, sha: sha, status: "queued", created: h.now()}
	h.runs[c.id] = c
	r.checks[sha] = append(r.checks[sha], c)
	s.runs = append(s.runs, c)
	s.rerequested = false
	r.dropOldest(s, name)
	return c
}

func (r *Repo) dropOldest(s *checkSuite, name string) {
	if len(s.runs) <= maxRunsPerName {
		return
	}
	same := func(c *checkRun) bool { return c.name == name }
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
	r.checks[gone.sha] = slices.DeleteFunc(slices.Clone(r.checks[gone.sha]), func(c *checkRun) bool { return c == gone })
	delete(r.hub.runs, gone.id)
}

// suite finds the App's suite on a commit, or begins it.
func (r *Repo) suite(app *App, sha, branch, before string) *checkSuite {
	for _, s := range r.suites[sha] {
		if s.app == app {
			return s
		}
	}
	if branch == "" {
		branch = r.branchOf(sha)
	}
	s := &checkSuite{id: r.hub.id("suite", 30_000_000_001), app: app, branch: branch, before: before, created: r.hub.now()}
	r.suites[sha] = append(r.suites[sha], s)
	return s
}

// branchOf names a branch of this repository that points at a commit, if it is
// the default branch or the head of a pull request.
func (r *Repo) branchOf(sha string) string {
	if r.refs[r.defaultBranch] == sha {
		return r.defaultBranch
	}
	for _, p := range r.byCommit[sha] {
		if p.head == sha && p.from == r {
			return p.branch
		}
	}
	return ""
}

// requestSuites begins a suite for every App that writes checks, as GitHub does
// on a push to the repository itself.
func (r *Repo) requestSuites(branch, before, sha string, pusher *Account) {
	for _, app := range r.hub.appList {
		in := app.installationFor(r)
		if in == nil || !app.events["check_suite"] || !allows(in.permissions, "checks", "write") {
			continue
		}
		s := r.suite(app, sha, branch, before)
		r.hub.emitTo(app, in, r, "check_suite", "requested",
			obj{"action", "requested", "check_suite", s.json(r, sha), "repository", r.json(), "sender", pusher.json()}, r.hub.random.guid())
	}
}

// state is the status and conclusion, with what is too old become stale.
func (c *checkRun) state() (status, conclusion string) {
	if c.status != "completed" && c.repo.hub.now().Sub(c.created) > staleAfter {
		return "completed", "stale"
	}
	return c.status, c.conclusion
}

func (c *checkRun) view() CheckRun {
	status, conclusion := c.state()
	return CheckRun{
		ID: c.id, AppID: c.suite.app.ID, Name: c.name, SHA: c.sha, ExternalID: c.externalID, DetailsURL: c.detailsURL, Status: status,
		Conclusion: conclusion, Title: c.title, Summary: c.summary, Text: c.text, Annotations: slices.Clone(c.annotations),
		Actions: slices.Clone(c.actions), Updates: c.updates, Created: c.created, Started: c.started, Completed: c.completed,
	}
}

// emit tells of the run: requested_action and rerequested only to the App that
// owns it, the rest to all that listen.
func (c *checkRun) emit(action string, by *Account, more ...any) {
	h, r := c.repo.hub, c.repo
	own := action == "requested_action" || action == "rerequested"
	if !own && !h.listens(r, "check_run") {
		return
	}
	payload := append(obj{"action", action, "check_run", c.json(true)}, more...)
	payload = append(payload, "repository", r.json(), "sender", by.json())
	if !own {
		h.emit(r, "check_run", action, payload)
		return
	}
	app := c.suite.app
	if in := app.installationFor(r); in != nil && allows(in.permissions, "checks", "write") {
		h.emitTo(app, in, r, "check_run", action, payload, h.random.guid())
	}
}
