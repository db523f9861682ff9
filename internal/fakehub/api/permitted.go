package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
)

// wrongKind is the answer to a caller that a route is not for.
func (c *call) wrongKind() answer {
	switch {
	case c.auth.Kind == access.ByNobody:
		return failed(http.StatusUnauthorized, "Requires authentication")
	case c.route.who == access.ByApp:
		return failed(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case c.auth.Kind == access.ByApp:
		return failed(http.StatusForbidden, "This endpoint must be called with an installation access token, not with the App's JWT")
	}
	return forbidden()
}

// permitted checks the permission that the route needs.
func (c *call) permitted() bool {
	name, level, needed := strings.Cut(c.route.need, ":")
	if !needed || c.auth.Kind == access.ByApp {
		return true
	}
	if c.auth.Kind == access.ByUser {
		// A check run is written by an App only.
		return c.route.need != "checks:write" && c.appPermits(name, level)
	}
	g := c.auth.Grant
	if g.Install.Suspended {
		return false
	}
	if c.repo != nil && !c.auth.Covers(c.repo) {
		return c.route.public
	}
	return fakehub.Allows(g.Permissions, name, level) && fakehub.Allows(g.Install.Permissions, name, level)
}

// accepted is the permission that a route needs, as
// X-Accepted-GitHub-Permissions tells an App. A person's classic token, which
// has scopes and no permissions, is told nothing.
func (c *call) accepted() string {
	if c.auth.Kind == access.ByInstall || c.auth.Kind == access.ByUser && c.auth.Grant.App != nil {
		return strings.Replace(c.route.need, ":", "=", 1)
	}
	return ""
}

// appPermits says whether the App that a person signed in to may do what they
// ask for: such a token can do what both may.
func (c *call) appPermits(name, level string) bool {
	app := c.auth.Grant.App
	if app == nil || c.repo == nil {
		return app == nil || fakehub.Allows(app.Permissions, name, level)
	}
	in := app.InstallationFor(c.repo)
	if in == nil {
		return c.route.public
	}
	return !in.Suspended && fakehub.Allows(in.Permissions, name, level)
}

// bar answers for the organisation of the path, or of the repository.
func (c *call) bar() (refused answer, barred bool) {
	var o *fakehub.Org
	switch {
	case c.repo != nil:
		o = c.hub.Orgs[c.repo.Owner.ID]
	case c.r.PathValue("org") != "":
		o = c.org()
	case c.auth.Kind == access.ByInstall && c.route.template == "/installation/repositories":
		o = c.hub.Orgs[c.auth.Grant.Install.Account.ID]
	}
	why := c.auth.Barred(o)
	if why == "" {
		return answer{}, false
	}
	refused = failed(http.StatusForbidden, why)
	if !o.IPList {
		url := fmt.Sprintf("%s/orgs/%s/sso?authorization_request=fake", c.hub.URL(), o.Login)
		refused.header = http.Header{"X-Github-Sso": {"required; url=" + url}}
	}
	return refused, true
}
