package fakehub

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// GitHub's bounds of a check run.
const (
	maxActions      = 3
	maxLabel        = 20
	maxDescription  = 40
	maxIdentifier   = 20
	maxAnnotations  = 50 // of one request; later ones are added
	maxSummary      = 65535
	maxMessage      = 64 << 10
	maxRemarkTitle  = 255
	actionsAppID    = 15368
	alreadyComplete = "completed"
)

// runInput is the body of a create or an update. A nil field was not sent.
type runInput struct {
	Name        *string    `json:"name"`
	HeadSHA     *string    `json:"head_sha"`
	DetailsURL  *string    `json:"details_url"`
	ExternalID  *string    `json:"external_id"`
	Status      *string    `json:"status"`
	Conclusion  *string    `json:"conclusion"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title       *string      `json:"title"`
		Summary     *string      `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []Annotation `json:"annotations"`
	} `json:"output"`
	Actions *[]Action `json:"actions"`
}

func (h *Hub) createRun(c *call) answer {
	var in runInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if in.Name == nil || *in.Name == "" || in.HeadSHA == nil {
		return invalidRun("name and head_sha are required")
	}
	if in.Output != nil && in.Output.Title == nil {
		return invalidRun("output.title is required")
	}
	if why := in.check(c.auth.app); why != "" {
		return invalidRun(why)
	}
	if !isSHA(*in.HeadSHA) || c.repo.store.Commit(*in.HeadSHA) == nil {
		return unprocessable("No commit found for SHA: " + *in.HeadSHA)
	}
	run := c.repo.addRun(c.auth.app, *in.HeadSHA, *in.Name)
	done := in.apply(run, h.now())
	run.emit("created", c.auth.app.Bot)
	if done {
		run.emit("completed", c.auth.app.Bot)
	}
	c.repo.advanceQueues()
	return created(run.json(false))
}

func (h *Hub) updateRun(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	if run.suite.app != c.auth.app {
		return failed(http.StatusForbidden,
			fmt.Sprintf("Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", c.auth.app.ID))
	}
	var in runInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if why := in.check(c.auth.app); why != "" {
		return invalidRun(why)
	}
	if in.Name != nil {
		run.name = *in.Name
	}
	run.updates++
	if in.apply(run, h.now()) {
		run.emit("completed", c.auth.app.Bot)
	}
	c.repo.advanceQueues()
	return ok(run.json(false))
}

func invalidRun(why string) answer { return unprocessable("Invalid request.\n\n" + why + ".") }

func (c *call) run() *checkRun {
	run := c.hub.runs[c.number("check_run_id")]
	if run == nil || run.repo != c.repo {
		return nil
	}
	return run
}

// check returns what is wrong with the fields, "" if nothing is.
func (in *runInput) check(app *App) string {
	if s := in.Status; s != nil {
		switch *s {
		case "queued", "in_progress", alreadyComplete:
		case "waiting", "requested", "pending":
			if app.ID != actionsAppID {
				return "Only GitHub Actions can set the status " + *s
			}
		default:
			return *s + " is not a status"
		}
		if *s == alreadyComplete && in.Conclusion == nil {
			return "a conclusion is required when the status is completed"
		}
	}
	if s := in.Conclusion; s != nil {
		switch *s {
		case "action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out":
		default: // stale too: only GitHub itself sets it
			return *s + " is not a conclusion that an App can set"
		}
	}
	if u := in.DetailsURL; u != nil && *u != "" && !strings.HasPrefix(*u, "http://") && !strings.HasPrefix(*u, "https://") {
		return "details_url must be an http or https URL"
	}
	if why := in.checkActions(); why != "" {
		return why
	}
	return in.checkOutput()
}

func (in *runInput) checkActions() string {
	if in.Actions == nil {
		return ""
	}
	if len(*in.Actions) > maxActions {
		return fmt.Sprintf("No more than %d items are allowed in actions; %d were supplied", maxActions, len(*in.Actions))
	}
	for _, a := range *in.Actions {
		if a.Label == "" || a.Description == "" || a.Identifier == "" {
			return "label, description and identifier of an action are required"
		}
		if long(a.Label, maxLabel) || long(a.Description, maxDescription) || long(a.Identifier, maxIdentifier) {
			return fmt.Sprintf("An action takes %d characters of label, %d of description and %d of identifier", maxLabel,
				maxDescription, maxIdentifier)
		}
	}
	return ""
}

func long(s string, limit int) bool { return utf8.RuneCountInString(s) > limit }

func (in *runInput) checkOutput() string {
	o := in.Output
	if o == nil {
		return ""
	}
	switch {
	case o.Summary == nil:
		return "output.summary is required"
	case long(*o.Summary, maxSummary):
		return "Only 65535 characters are allowed in output.summary"
	case o.Text != nil && long(*o.Text, maxSummary):
		return "Only 65535 characters are allowed in output.text"
	case len(o.Annotations) > maxAnnotations:
		return fmt.Sprintf("No more than %d items are allowed in output.annotations; %d were supplied", maxAnnotations, len(o.Annotations))
	}
	for _, a := range o.Annotations {
		if why := a.check(); why != "" {
			return why
		}
	}
	return ""
}

func (a Annotation) check() string {
	switch {
	case a.Path == "" || a.Message == "":
		return "path and message of an annotation are required"
	case a.StartLine < 1 || a.EndLine < a.StartLine:
		return "start_line must be 1 or more, and end_line not before it"
	case a.Level != "notice" && a.Level != "warning" && a.Level != "failure":
		return "annotation_level must be notice, warning or failure"
	case (a.StartColumn != nil || a.EndColumn != nil) && a.StartLine != a.EndLine:
		return "columns are allowed only where start_line and end_line are the same"
	case len(a.Message) > maxMessage || len(a.RawDetails) > maxMessage:
		return "message and raw_details of an annotation take 64 KB"
	case long(a.Title, maxRemarkTitle):
		return "the title of an annotation takes 255 characters"
	}
	return ""
}

// apply writes the fields that were sent into the run and says whether it
// completed. A conclusion completes the run whatever its status says; a run
// that has completed does not go back, and keeps its conclusion until it gets
// another. What was annotated before stays.
func (in *runInput) apply(c *checkRun, now time.Time) (done bool) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&c.detailsURL, in.DetailsURL)
	set(&c.externalID, in.ExternalID)
	if in.Status != nil && c.status != alreadyComplete {
		c.status = *in.Status
	}
	c.suite.rerequested = false
	if in.StartedAt != nil {
		c.started = *in.StartedAt
	} else if c.started.IsZero() {
		c.started = now
	}
	if in.Conclusion != nil {
		done = true
		c.status, c.conclusion, c.completed = alreadyComplete, *in.Conclusion, now
		if c.started.IsZero() {
			c.started = now
		}
	}
	if in.CompletedAt != nil && c.status == alreadyComplete {
		c.completed = *in.CompletedAt
	}
	if o := in.Output; o != nil {
		set(&c.title, o.Title)
		set(&c.summary, o.Summary)
		set(&c.text, o.Text)
		c.annotations = append(c.annotations, o.Annotations...)
	}
	if in.Actions != nil {
		c.actions = *in.Actions
	}
	c.paint()
	return done
}

func (h *Hub) getRun(c *call) answer {
	if run := c.run(); run != nil {
		return ok(run.json(false))
	}
	return notFound()
}

func (h *Hub) rerequestRun(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	if run.suite.app != c.auth.app {
		return failed(http.StatusForbidden, "This check run is not rerequestable by this App")
	}
	run.rerequest(c.auth.app.Bot)
	return created(obj{})
}

func (h *Hub) runAnnotations(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	from, to, link := c.page(len(run.annotations))
	out := make([]obj, 0, to-from)
	for _, a := range run.annotations[from:to] {
		out = append(out, obj{"path", a.Path, "blob_href", c.repo.html() + "/blob/" + run.sha + "/" + escapePath(a.Path),
			"start_line", a.StartLine,
			"end_line", a.EndLine, "start_column", a.StartColumn, "end_column", a.EndColumn, "annotation_level", a.Level,
			"title", orNull(a.Title),
			"message", a.Message, "raw_details", orNull(a.RawDetails)})
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// listRuns lists the runs on a commit, the newest first. filter=latest, the
// default, has only the newest of each App and name.
func (h *Hub) listRuns(c *call) answer {
	commit := c.repo.resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	name, app, status := c.query("check_name"), c.query("app_id"), c.query("status")
	type key struct {
		app  int64
		name string
	}
	seen := map[key]bool{}
	var runs []*checkRun
	all := c.repo.checks[commit.SHA]
	for i := len(all) - 1; i >= 0; i-- {
		run := all[i]
		k := key{run.suite.app.ID, run.name}
		if c.query("filter") != "all" && seen[k] {
			continue
		}
		seen[k] = true
		state, _ := run.state()
		if (name == "" || name == run.name) && (app == "" || app == fmt.Sprint(run.suite.app.ID)) && (status == "" || status == state) {
			runs = append(runs, run)
		}
	}
	from, to, link := c.page(len(runs))
	out := make([]obj, 0, to-from)
	for _, run := range runs[from:to] {
		out = append(out, run.json(false))
	}
	ans := ok(obj{"total_count", len(runs), "check_runs", out})
	ans.link = link
	return ans
}
