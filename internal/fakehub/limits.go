package fakehub

import (
	"fmt"
	"net/http"
	"time"
)

// Heavy is what a GraphQL query may weigh. GitHub gives up on one that takes
// it too long, with HTTP 502 instead of an entry of errors; here it is one that
// looks at more objects, or whose answer is longer. Zero bounds nothing.
type Heavy struct {
	Nodes, Bytes int
}

// SetHeavy says from when on queries are too heavy.
func (h *Hub) SetHeavy(heavy Heavy) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heavy = heavy
}

// tooHeavy spoils the answer to a query that weighs too much.
func (x *execution) tooHeavy(ans answer) answer {
	bound := x.hub.heavy
	if (bound.Nodes == 0 || x.nodes <= bound.Nodes) && (bound.Bytes == 0 || len(ans.body) <= bound.Bytes) {
		return ans
	}
	return answer{status: http.StatusBadGateway, body: encode(obj{"data", nil, "errors", list{obj{"message",
		"Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. " +
			"Please include `FAKE:0000` when reporting this issue."}}})}
}

// LimitContent changes the limits of content creation of everybody from now on,
// as Options.ContentPerMinute and ContentPerHour set them; zero bounds nothing.
func (h *Hub) LimitContent(perMinute, perHour int) {
	q := &h.quota
	q.mu.Lock()
	defer q.mu.Unlock()
	q.perMinute, q.perHour = perMinute, perHour
	for _, b := range q.buckets {
		b.mu.Lock()
		b.writes.perMinute, b.writes.perHour = perMinute, perHour
		b.mu.Unlock()
	}
}

// creation counts what an installation or a person writes, against the limits
// of content creation. Zero bounds nothing.
type creation struct {
	perMinute, perHour int
	minute, hour       time.Time // when each began
	inMinute, inHour   int
}

// take counts one write; false comes with the answer of the limit.
func (n *creation) take(now time.Time) (allowed bool, refused answer) {
	if now.Sub(n.minute) >= time.Minute {
		n.minute, n.inMinute = now, 0
	}
	if now.Sub(n.hour) >= time.Hour {
		n.hour, n.inHour = now, 0
	}
	var wait time.Duration
	if n.perMinute > 0 && n.inMinute >= n.perMinute {
		wait = n.minute.Add(time.Minute).Sub(now)
	}
	if n.perHour > 0 && n.inHour >= n.perHour {
		wait = max(wait, n.hour.Add(time.Hour).Sub(now))
	}
	if wait > 0 {
		ans := failed(http.StatusForbidden, "You have exceeded a secondary rate limit and have been "+
			"temporarily blocked from content creation. "+
			"Please retry your request again later.")
		ans.header = http.Header{"Retry-After": {fmt.Sprint(max(1, int(wait.Seconds())))}}
		return false, ans
	}
	n.inMinute++
	n.inHour++
	return true, answer{}
}

// UseIPAllowList makes the organisation take requests from no address that
// anybody has here; off, from all.
func (o *Org) UseIPAllowList(yes bool) {
	o.hub.mu.Lock()
	defer o.hub.mu.Unlock()
	o.ipList = yes
}

// EnforceSAML makes people's tokens useless for the organisation, until each
// was authorized with AuthorizeSAML. Installations go on.
func (o *Org) EnforceSAML(yes bool) {
	o.hub.mu.Lock()
	defer o.hub.mu.Unlock()
	o.saml = yes
}

// AuthorizeSAML lets a person's token pass the single sign-on of all
// organisations.
func (h *Hub) AuthorizeSAML(token string) {
	h.tokens.mu.Lock()
	defer h.tokens.mu.Unlock()
	if g := h.tokens.grants[token]; g != nil {
		signedIn := *g
		signedIn.saml = true
		h.tokens.grants[token] = &signedIn
	}
}

// barred says why an organisation does not take the request, "" where it does.
func (a auth) barred(o *Org) (why string) {
	switch {
	case o == nil || a.kind == byApp || a.kind == byNobody:
		return ""
	case o.ipList:
		return fmt.Sprintf("Although you appear to have the correct authorization credentials, "+
			"the `%s` organization has an IP allow list enabled, "+
			"and your IP address is not permitted to access this resource.", o.Login)
	case o.saml && a.kind == byUser && !a.grant.saml:
		kind := "Personal Access token"
		if a.grant.app != nil {
			kind = "OAuth token"
		}
		return "Resource protected by organization SAML enforcement. You must grant your " + kind + " access to this organization."
	}
	return ""
}

// bar answers for the organisation of the path, or of the repository.
func (c *call) bar() (refused answer, barred bool) {
	var o *Org
	switch {
	case c.repo != nil:
		o = c.hub.orgs[c.repo.owner.ID]
	case c.r.PathValue("org") != "":
		o = c.org()
	case c.auth.kind == byInstall && c.route.template == "/installation/repositories":
		o = c.hub.orgs[c.auth.grant.install.account.ID]
	}
	why := c.auth.barred(o)
	if why == "" {
		return answer{}, false
	}
	refused = failed(http.StatusForbidden, why)
	if !o.ipList {
		url := fmt.Sprintf("%s/orgs/%s/sso?authorization_request=fake", c.hub.URL(), o.Login)
		refused.header = http.Header{"X-Github-Sso": {"required; url=" + url}}
	}
	return refused, true
}
