package fakehub

import (
	"cmp"
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// JSON is the run as REST shows it; hook says that it is for a webhook, which
// has the whole suite.
func (c *Check) JSON(hook bool) wire.Object {
	url := fmt.Sprintf("%s/check-runs/%d", c.Repo.API(), c.id)
	status, conclusion := c.State()
	var suite any = wire.Object{"id", c.Suite.ID}
	if hook {
		suite = c.Suite.JSON(c.Repo, c.SHA)
	}
	html := fmt.Sprintf("%s/runs/%d", c.Repo.HTML(), c.id)
	o := wire.Object{
		"id", c.id, "name", c.Name, "node_id", wire.NodeID("CR", c.id), "head_sha", c.SHA, "external_id", c.externalID, "url", url,
		"html_url", html, "details_url", cmp.Or(c.detailsURL, html), "status", status, "conclusion", wire.OrNull(conclusion),
		"started_at", c.started, "completed_at", c.completed,
		"output", wire.Object{"title", wire.OrNull(c.title), "summary", wire.OrNull(c.summary), "text", wire.OrNull(c.text),
			"annotations_count", len(c.Annotations), "annotations_url", url + "/annotations"},
		"check_suite", suite, "app", c.Suite.App.shown(), "pull_requests", c.Repo.MinimalPulls(c.SHA),
	}
	if hook && len(c.actions) > 0 {
		o = append(o, "actions", c.actions)
	}
	return o
}

// JSON is the suite as REST and webhooks show it.
func (s *Suite) JSON(r *Repo, sha string) wire.Object {
	url := fmt.Sprintf("%s/check-suites/%d", r.API(), s.ID)
	status, conclusion := s.state()
	return wire.Object{
		"id", s.ID, "node_id", wire.NodeID("CS", s.ID), "head_branch", wire.OrNull(s.branch), "head_sha", sha, "status", status,
		"conclusion", wire.OrNull(conclusion), "url", url, "before", wire.OrNull(s.before), "after", sha, "pull_requests", r.MinimalPulls(sha),
		"app", s.App.shown(), "created_at", s.created, "updated_at", s.created, "rerequestable", true, "runs_rerequestable", true,
		"latest_check_runs_count", len(s.runs), "check_runs_url", url + "/check-runs", "head_commit", r.SimpleCommit(sha),
	}
}

// state is the worst of the runs.
func (s *Suite) state() (status, conclusion string) {
	rank := map[string]int{"success": 1, "neutral": 1, "skipped": 1, "stale": 2, "cancelled": 3, "timed_out": 4,
		"action_required": 5, "failure": 6}
	if len(s.runs) == 0 || s.Rerequested {
		return "queued", ""
	}
	for _, c := range s.runs {
		st, con := c.State()
		if st != "completed" {
			return st, ""
		}
		if rank[con] > rank[conclusion] {
			conclusion = con
		}
	}
	return "completed", conclusion
}

// SimpleCommit is a commit as a check suite shows it.
func (r *Repo) SimpleCommit(sha string) wire.Object {
	c := r.Store.Commit(sha)
	return wire.Object{"id", sha, "tree_id", c.Tree, "message", c.Message, "timestamp", c.Committer.Date,
		"author", wire.Object{"name", c.Author.Name, "email", c.Author.Email}, "committer",
		wire.Object{"name", c.Committer.Name, "email", c.Committer.Email}}
}

// MinimalPulls are the open pull requests whose head is this commit in this
// very repository; those of forks are not told, as on GitHub.
func (r *Repo) MinimalPulls(sha string) wire.List {
	pulls := wire.List{}
	for _, p := range r.ByCommit[sha] {
		if p.Status == "open" && p.Head == sha && p.From == r {
			pulls = append(pulls, wire.Object{
				"url", p.api(), "id", p.ID, "number", p.Number,
				"head", wire.Object{"ref", p.Branch, "sha", p.Head, "repo", p.From.tinyJSON()},
				"base", wire.Object{"ref", p.Base, "sha", p.BaseSHA, "repo", p.Repo.tinyJSON()},
			})
		}
	}
	return pulls
}

func (r *Repo) tinyJSON() wire.Object { return wire.Object{"id", r.ID, "url", r.API(), "name", r.Name} }
