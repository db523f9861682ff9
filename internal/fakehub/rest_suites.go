package fakehub

import "net/http"

// Check suites: what an App has on a commit, together.

func suiteRoutes() []route {
	const one = "/repos/{owner}/{repo}/check-suites/{check_suite_id}"
	return []route{
		{method: "GET", template: one, who: byToken, need: "checks:read", fn: (*Hub).getSuite},
		{method: "POST", template: one + "/rerequest", who: byToken, need: "checks:write", write: true, fn: (*Hub).rerequestSuite},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}/check-suites", who: byToken, need: "checks:read",
			fn: (*Hub).listSuites},
	}
}

// suite finds the one in the path, and its commit.
func (c *call) suite() (s *checkSuite, sha string) {
	id := c.number("check_suite_id")
	for sha, suites := range c.repo.suites {
		for _, s := range suites {
			if s.id == id {
				return s, sha
			}
		}
	}
	return nil, ""
}

func (h *Hub) getSuite(c *call) answer {
	s, sha := c.suite()
	if s == nil {
		return notFound()
	}
	return ok(append(s.json(c.repo, sha), "repository", c.repo.json()))
}

// rerequestSuite asks the App for all of its runs on the commit again.
func (h *Hub) rerequestSuite(c *call) answer {
	s, sha := c.suite()
	switch {
	case s == nil:
		return notFound()
	case s.app != c.auth.app:
		return failed(http.StatusForbidden, "This check suite is not rerequestable by this App")
	}
	s.rerequested = true
	if in := s.app.installationFor(c.repo); in != nil {
		h.emitTo(s.app, in, c.repo, "check_suite", "rerequested", obj{"action", "rerequested", "check_suite", s.json(c.repo, sha),
			"repository", c.repo.json(), "sender", c.person().json()}, h.random.guid())
	}
	return created(obj{})
}

func (h *Hub) listSuites(c *call) answer {
	commit := c.repo.resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	all := c.repo.suites[commit.SHA]
	from, to, link := c.page(len(all))
	out := make([]obj, 0, to-from)
	for _, s := range all[from:to] {
		out = append(out, append(s.json(c.repo, commit.SHA), "repository", c.repo.json()))
	}
	ans := ok(obj{"total_count", len(all), "check_suites", out})
	ans.link = link
	return ans
}
