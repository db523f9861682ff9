package fakehub

import "fmt"

// json is the run as REST shows it; hook says that it is for a webhook, which
// has the whole suite.
func (c *checkRun) json(hook bool) obj {
	url := fmt.Sprintf("%s/check-runs/%d", c.repo.api(), c.id)
	status, conclusion := c.state()
	var suite any = obj{"id", c.suite.id}
	if hook {
		suite = c.suite.json(c.repo, c.sha)
	}
	html := fmt.Sprintf("%s/runs/%d", c.repo.html(), c.id)
	o := obj{
		"id", c.id, "name", c.name, "node_id", nodeID("CR", c.id), "head_sha", c.sha, "external_id", c.externalID, "url", url,
		"html_url", html, "details_url", orElse(c.detailsURL, html), "status", status, "conclusion", orNull(conclusion),
		"started_at", c.started, "completed_at", c.completed,
		"output", obj{"title", orNull(c.title), "summary", orNull(c.summary), "text", orNull(c.text),
			"annotations_count", len(c.annotations), "annotations_url", url + "/annotations"},
		"check_suite", suite, "app", c.suite.app.shown(), "pull_requests", c.repo.minimalPulls(c.sha),
	}
	if hook && len(c.actions) > 0 {
		o = append(o, "actions", c.actions)
	}
	return o
}

func (s *checkSuite) json(r *Repo, sha string) obj {
	url := fmt.Sprintf("%s/check-suites/%d", r.api(), s.id)
	status, conclusion := s.state()
	return obj{
		"id", s.id, "node_id", nodeID("CS", s.id), "head_branch", orNull(s.branch), "head_sha", sha, "status", status,
		"conclusion", orNull(conclusion), "url", url, "before", orNull(s.before), "after", sha, "pull_requests", r.minimalPulls(sha),
		"app", s.app.shown(), "created_at", s.created, "updated_at", s.created, "rerequestable", true, "runs_rerequestable", true,
		"latest_check_runs_count", len(s.runs), "check_runs_url", url + "/check-runs", "head_commit", r.simpleCommit(sha),
	}
}

// state is the worst of the runs.
func (s *checkSuite) state() (status, conclusion string) {
	rank := map[string]int{"success": 1, "neutral": 1, "skipped": 1, "stale": 2, "cancelled": 3, "timed_out": 4,
		"action_required": 5, "failure": 6}
	if len(s.runs) == 0 || s.rerequested {
		return "queued", ""
	}
	for _, c := range s.runs {
		st, con := c.state()
		if st != "completed" {
			return st, ""
		}
		if rank[con] > rank[conclusion] {
			conclusion = con
		}
	}
	return "completed", conclusion
}

// simpleCommit is a commit as a check suite shows it.
func (r *Repo) simpleCommit(sha string) obj {
	c := r.store.Commit(sha)
	return obj{"id", sha, "tree_id", c.Tree, "message", c.Message, "timestamp", c.Committer.Date,
		"author", obj{"name", c.Author.Name, "email", c.Author.Email}, "committer",
		obj{"name", c.Committer.Name, "email", c.Committer.Email}}
}

// minimalPulls are the open pull requests whose head is this commit in this
// very repository; those of forks are not told, as on GitHub.
func (r *Repo) minimalPulls(sha string) list {
	pulls := list{}
	for _, p := range r.byCommit[sha] {
		if p.state == "open" && p.head == sha && p.from == r {
			pulls = append(pulls, obj{
				"url", p.api(), "id", p.ID, "number", p.Number,
				"head", obj{"ref", p.branch, "sha", p.head, "repo", p.from.tinyJSON()},
				"base", obj{"ref", p.base, "sha", p.baseSHA, "repo", p.repo.tinyJSON()},
			})
		}
	}
	return pulls
}

func (r *Repo) tinyJSON() obj { return obj{"id", r.ID, "url", r.api(), "name", r.Name} }
