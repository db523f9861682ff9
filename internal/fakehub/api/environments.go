package api

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// maxProtectionRules is how many custom rules an environment takes.
const maxProtectionRules = 6

func environmentRoutes() []route {
	const one = "/repos/{owner}/{repo}/environments/{environment_name}"
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/environments", who: access.ByToken, need: "actions:read", public: true,
			fn: listEnvironments},
		{method: "GET", template: one, who: access.ByToken, need: "actions:read", public: true, fn: getEnvironment},
		{method: "GET", template: one + "/deployment_protection_rules", who: access.ByToken, need: "actions:read", public: true,
			fn: listProtection},
		{method: "POST", template: one + "/deployment_protection_rules", who: access.ByToken, need: "administration:write",
			write: true, fn: addProtection},
		{method: "DELETE", template: one + "/deployment_protection_rules/{protection_rule_id}", who: access.ByToken,
			need: "administration:write", write: true, fn: dropProtection},
	}
}

func listEnvironments(c *call) answer {
	all := c.actions().Environments
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, e := range all[from:to] {
		out = append(out, e.JSON())
	}
	ans := ok(wire.Object{"total_count", len(all), "environments", out})
	ans.link = link
	return ans
}

func getEnvironment(c *call) answer {
	if e := c.actions().EnvironmentNamed(c.r.PathValue("environment_name")); e != nil {
		return ok(e.JSON())
	}
	return notFound()
}

// listProtection lists the enabled rules, as GitHub does.
func listProtection(c *call) answer {
	e := c.actions().EnvironmentNamed(c.r.PathValue("environment_name"))
	if e == nil {
		return notFound()
	}
	out := wire.List{}
	for _, p := range e.Rules {
		if p.Enabled {
			out = append(out, p.JSON())
		}
	}
	return ok(wire.Object{"total_count", len(out), "custom_deployment_protection_rules", out})
}

func addProtection(c *call) answer {
	e := c.actions().EnvironmentNamed(c.r.PathValue("environment_name"))
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
	app := c.hub.Apps[in.App]
	switch {
	case app == nil || app.InstallationFor(c.repo) == nil || !app.Events["deployment_protection_rule"]:
		return unprocessable(fmt.Sprintf("The App %d cannot be a deployment protection rule here", in.App))
	case slices.ContainsFunc(e.Rules, func(p actions.ProtectionRule) bool { return p.App == app }):
		return unprocessable("The App is a deployment protection rule of this environment already")
	case len(e.Rules) >= maxProtectionRules:
		return unprocessable(fmt.Sprintf("An environment takes %d deployment protection rules", maxProtectionRules))
	}
	p := actions.ProtectionRule{ID: c.hub.NextID("protection", 7_000_001), App: app, Enabled: true}
	e.Rules = append(e.Rules, p)
	return created(p.JSON())
}

func dropProtection(c *call) answer {
	e, id := c.actions().EnvironmentNamed(c.r.PathValue("environment_name")), c.number("protection_rule_id")
	switch {
	case e == nil || !slices.ContainsFunc(e.Rules, func(p actions.ProtectionRule) bool { return p.ID == id }):
		return notFound()
	case !c.administers():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	e.Rules = slices.DeleteFunc(slices.Clone(e.Rules), func(p actions.ProtectionRule) bool { return p.ID == id })
	return answer{status: http.StatusNoContent}
}
