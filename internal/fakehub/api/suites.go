package api

import (
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Check suites: what an App has on a commit, together.

func suiteRoutes() []route {
	const one = "/repos/{owner}/{repo}/check-suites/{check_suite_id}"
	return []route{
		{method: "GET", template: one, who: access.ByToken, need: "checks:read", fn: getSuite},
		{method: "POST", template: one + "/rerequest", who: access.ByToken, need: "checks:write", write: true, fn: rerequestSuite},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}/check-suites", who: access.ByToken, need: "checks:read",
			fn: listSuites},
	}
}

// suite finds the one in the path, and its commit.
func (c *call) suite() (s *fakehub.Suite, sha string) {
	id := c.number("check_suite_id")
	for sha, suites := range c.repo.Suites {
		for _, s := range suites {
			if s.ID == id {
				return s, sha
			}
		}
	}
	return nil, ""
}

func getSuite(c *call) answer {
	s, sha := c.suite()
	if s == nil {
		return notFound()
	}
	return ok(append(s.JSON(c.repo, sha), "repository", c.repo.JSON()))
}

// rerequestSuite asks the App for all of its runs on the commit again.
func rerequestSuite(c *call) answer {
	s, sha := c.suite()
	switch {
	case s == nil:
		return notFound()
	case s.App != c.auth.App:
		return failed(http.StatusForbidden, "This check suite is not rerequestable by this App")
	}
	s.Rerequested = true
	if in := s.App.InstallationFor(c.repo); in != nil {
		c.hub.EmitTo(s.App, in, c.repo, "check_suite", "rerequested", wire.Object{"action", "rerequested", "check_suite", s.JSON(c.repo, sha),
			"repository", c.repo.JSON(), "sender", c.auth.Person().JSON()}, c.hub.Random.GUID())
	}
	return created(wire.Object{})
}

func listSuites(c *call) answer {
	commit := c.repo.Resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	all := c.repo.Suites[commit.SHA]
	from, to, link := c.page(len(all))
	out := make([]wire.Object, 0, to-from)
	for _, s := range all[from:to] {
		out = append(out, append(s.JSON(c.repo, commit.SHA), "repository", c.repo.JSON()))
	}
	ans := ok(wire.Object{"total_count", len(all), "check_suites", out})
	ans.link = link
	return ans
}
