package api

import (
	"fmt"
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
)

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
