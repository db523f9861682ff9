package fakehub

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// maxProtectionRules is how many custom rules an environment takes.
const maxProtectionRules = 6

// Environment is what deployments of a repository go to. Names are the same
// whatever their case.
type Environment struct {
	Name string

	id      int64
	repo    *Repo
	rules   []protectionRule
	strict  bool // administrators cannot bypass the rules
	created time.Time
}

// protectionRule is an App that is asked before a deployment goes on.
type protectionRule struct {
	id      int64
	app     *App
	enabled bool
}

// CreateEnvironment adds an environment, or returns the one that is there.
func (r *Repo) CreateEnvironment(name string) *Environment {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	return r.ensureEnvironment(name)
}

// ensureEnvironment is what happens when a job or a deployment names one that
// does not exist: it is made, and nothing protects it.
func (r *Repo) ensureEnvironment(name string) *Environment {
	if e := r.environment(name); e != nil {
		return e
	}
	e := &Environment{Name: name, id: r.hub.id("environment", 8_000_001), repo: r, created: r.hub.now()}
	r.environments = append(r.environments, e)
	return e
}

func (r *Repo) environment(name string) *Environment {
	i := slices.IndexFunc(r.environments, func(e *Environment) bool { return fold(e.Name) == fold(name) })
	if i < 0 {
		return nil
	}
	return r.environments[i]
}

// Protect makes an App a custom deployment protection rule of the environment.
// A rule that is not enabled is listed and asks nobody.
func (e *Environment) Protect(app *App, enabled bool) {
	e.repo.hub.mu.Lock()
	defer e.repo.hub.mu.Unlock()
	e.rules = slices.DeleteFunc(slices.Clone(e.rules), func(p protectionRule) bool { return p.app == app })
	e.rules = append(e.rules, protectionRule{id: e.repo.hub.id("protection", 7_000_001), app: app, enabled: enabled})
}

// Unprotect takes the App's rule away.
func (e *Environment) Unprotect(app *App) {
	e.repo.hub.mu.Lock()
	defer e.repo.hub.mu.Unlock()
	e.rules = slices.DeleteFunc(slices.Clone(e.rules), func(p protectionRule) bool { return p.app == app })
}

// AllowBypass says whether administrators may start a waiting job in spite of
// the rules. They may, unless told otherwise.
func (e *Environment) AllowBypass(yes bool) {
	e.repo.hub.mu.Lock()
	defer e.repo.hub.mu.Unlock()
	e.strict = !yes
}

// Delete removes the environment and its rules. Jobs that wait for it fail.
func (e *Environment) Delete() {
	e.repo.hub.mu.Lock()
	defer e.repo.hub.mu.Unlock()
	e.repo.environments = slices.DeleteFunc(slices.Clone(e.repo.environments), func(o *Environment) bool { return o == e })
	for _, run := range e.repo.unfinishedRuns() {
		for _, j := range run.current().jobs {
			if j.status == jobWaiting && fold(j.spec.Environment) == fold(e.Name) {
				j.finish("failure")
			}
		}
		run.advance()
	}
}

func environmentRoutes() []route {
	const one = "/repos/{owner}/{repo}/environments/{environment_name}"
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/environments", who: byToken, need: "actions:read", public: true,
			fn: (*Hub).listEnvironments},
		{method: "GET", template: one, who: byToken, need: "actions:read", public: true, fn: (*Hub).getEnvironment},
		{method: "GET", template: one + "/deployment_protection_rules", who: byToken, need: "actions:read", public: true,
			fn: (*Hub).listProtection},
		{method: "POST", template: one + "/deployment_protection_rules", who: byToken, need: "administration:write",
			write: true, fn: (*Hub).addProtection},
		{method: "DELETE", template: one + "/deployment_protection_rules/{protection_rule_id}", who: byToken,
			need: "administration:write", write: true, fn: (*Hub).dropProtection},
	}
}

func (h *Hub) listEnvironments(c *call) answer {
	all := c.repo.environments
	from, to, link := c.page(len(all))
	out := list{}
	for _, e := range all[from:to] {
		out = append(out, e.json())
	}
	ans := ok(obj{"total_count", len(all), "environments", out})
	ans.link = link
	return ans
}

// brief is the environment as runs name it.
func (e *Environment) brief() obj {
	return obj{"id", e.id, "node_id", nodeID("EN", e.id), "name", e.Name, "url", e.repo.api() + "/environments/" + url.PathEscape(e.Name),
		"html_url", e.repo.html() + "/deployments/activity_log?environments_filter=" + url.QueryEscape(e.Name)}
}

func (e *Environment) json() obj {
	return append(e.brief(), "created_at", e.created, "updated_at", e.created, "can_admins_bypass", !e.strict,
		"protection_rules", list{}, "deployment_branch_policy", nil)
}

func (h *Hub) getEnvironment(c *call) answer {
	if e := c.repo.environment(c.r.PathValue("environment_name")); e != nil {
		return ok(e.json())
	}
	return notFound()
}

// listProtection lists the enabled rules, as GitHub does.
func (h *Hub) listProtection(c *call) answer {
	e := c.repo.environment(c.r.PathValue("environment_name"))
	if e == nil {
		return notFound()
	}
	out := list{}
	for _, p := range e.rules {
		if p.enabled {
			out = append(out, p.json())
		}
	}
	return ok(obj{"total_count", len(out), "custom_deployment_protection_rules", out})
}

func (p protectionRule) json() obj {
	return obj{"id", p.id, "node_id", nodeID("GATE", p.id), "enabled", p.enabled, "app", obj{"id", p.app.ID, "slug", p.app.Slug,
		"integration_url", p.app.hub.URL() + "/apps/" + p.app.Slug, "node_id", nodeID("A", p.app.ID)}}
}

func (h *Hub) addProtection(c *call) answer {
	e := c.repo.environment(c.r.PathValue("environment_name"))
	var in struct {
		App int64 `json:"integration_id"`
	}
	switch {
	case e == nil:
		return notFound()
	case !c.administers():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	case !c.decode(&in):
		return badRequest("Problems parsing JSON")
	}
	app := h.apps[in.App]
	switch {
	case app == nil || app.installationFor(c.repo) == nil || !app.events["deployment_protection_rule"]:
		return unprocessable(fmt.Sprintf("The App %d cannot be a deployment protection rule here", in.App))
	case slices.ContainsFunc(e.rules, func(p protectionRule) bool { return p.app == app }):
		return unprocessable("The App is a deployment protection rule of this environment already")
	case len(e.rules) >= maxProtectionRules:
		return unprocessable(fmt.Sprintf("An environment takes %d deployment protection rules", maxProtectionRules))
	}
	p := protectionRule{id: h.id("protection", 7_000_001), app: app, enabled: true}
	e.rules = append(e.rules, p)
	return created(p.json())
}

func (h *Hub) dropProtection(c *call) answer {
	e, id := c.repo.environment(c.r.PathValue("environment_name")), c.number("protection_rule_id")
	switch {
	case e == nil || !slices.ContainsFunc(e.rules, func(p protectionRule) bool { return p.id == id }):
		return notFound()
	case !c.administers():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	e.rules = slices.DeleteFunc(slices.Clone(e.rules), func(p protectionRule) bool { return p.id == id })
	return answer{status: http.StatusNoContent}
}
