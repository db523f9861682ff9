package api

import (
	"fmt"
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func createRun(c *call) answer {
	var in fakehub.CheckInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if in.Name == nil || *in.Name == "" || in.HeadSHA == nil {
		return invalidRun("name and head_sha are required")
	}
	if in.Output != nil && in.Output.Title == nil {
		return invalidRun("output.title is required")
	}
	if why := in.Check(c.auth.App); why != "" {
		return invalidRun(why)
	}
	if !objects.IsSHA(*in.HeadSHA) || c.repo.Store.Commit(*in.HeadSHA) == nil {
		return unprocessable("No commit found for SHA: " + *in.HeadSHA)
	}
	run := c.repo.AddRun(c.auth.App, *in.HeadSHA, *in.Name)
	done := in.Apply(run, c.hub.Now())
	run.Emit("created", c.auth.App.Bot)
	if done {
		run.Emit("completed", c.auth.App.Bot)
	}
	c.repo.AdvanceQueues()
	return created(run.JSON(false))
}

func updateRun(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	if run.Suite.App != c.auth.App {
		return failed(http.StatusForbidden,
			fmt.Sprintf("Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", c.auth.App.ID))
	}
	var in fakehub.CheckInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if why := in.Check(c.auth.App); why != "" {
		return invalidRun(why)
	}
	if in.Name != nil {
		run.Name = *in.Name
	}
	run.Updates++
	if in.Apply(run, c.hub.Now()) {
		run.Emit("completed", c.auth.App.Bot)
	}
	c.repo.AdvanceQueues()
	return ok(run.JSON(false))
}

func invalidRun(why string) answer { return unprocessable("Invalid request.\n\n" + why + ".") }

func (c *call) run() *fakehub.Check {
	run := c.hub.ChecksByID[c.number("check_run_id")]
	if run == nil || run.Repo != c.repo {
		return nil
	}
	return run
}

func getRun(c *call) answer {
	if run := c.run(); run != nil {
		return ok(run.JSON(false))
	}
	return notFound()
}

func rerequestRun(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	if run.Suite.App != c.auth.App {
		return failed(http.StatusForbidden, "This check run is not rerequestable by this App")
	}
	run.Rerequest(c.auth.App.Bot)
	return created(wire.Object{})
}

func runAnnotations(c *call) answer {
	run := c.run()
	if run == nil {
		return notFound()
	}
	from, to, link := c.page(len(run.Annotations))
	out := make([]wire.Object, 0, to-from)
	for _, a := range run.Annotations[from:to] {
		out = append(out, wire.Object{"path", a.Path, "blob_href", c.repo.HTML() + "/blob/" + run.SHA + "/" + wire.EscapePath(a.Path),
			"start_line", a.StartLine,
			"end_line", a.EndLine, "start_column", a.StartColumn, "end_column", a.EndColumn, "annotation_level", a.Level,
			"title", wire.OrNull(a.Title),
			"message", a.Message, "raw_details", wire.OrNull(a.RawDetails)})
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// listRuns lists the runs on a commit, the newest first. filter=latest, the
// default, has only the newest of each App and name.
func listRuns(c *call) answer {
	commit := c.repo.Resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	name, app, status := c.query("check_name"), c.query("app_id"), c.query("status")
	type key struct {
		app  int64
		name string
	}
	seen := map[key]bool{}
	var runs []*fakehub.Check
	all := c.repo.Checks[commit.SHA]
	for i := len(all) - 1; i >= 0; i-- {
		run := all[i]
		k := key{run.Suite.App.ID, run.Name}
		if c.query("filter") != "all" && seen[k] {
			continue
		}
		seen[k] = true
		state, _ := run.State()
		if (name == "" || name == run.Name) && (app == "" || app == fmt.Sprint(run.Suite.App.ID)) && (status == "" || status == state) {
			runs = append(runs, run)
		}
	}
	from, to, link := c.page(len(runs))
	out := make([]wire.Object, 0, to-from)
	for _, run := range runs[from:to] {
		out = append(out, run.JSON(false))
	}
	ans := ok(wire.Object{"total_count", len(runs), "check_runs", out})
	ans.link = link
	return ans
}

// commitStatus is what commit statuses come to.
func commitStatus(c *call) answer {
	commit := c.repo.Resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	from, to, link := c.page(len(c.repo.Statuses[commit.SHA]))
	ans := ok(c.repo.CombinedStatus(commit.SHA, from, to))
	ans.link = link
	return ans
}
