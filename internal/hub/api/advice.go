package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// ownersWait is how long what an owner has to change is left alone.
const ownersWait = 10 * time.Minute

// advise tells a 403 that the App's permissions have nothing to do with, by
// GitHub's own sentence: there is no other sign. It reports whether it was one.
func (g *GitHub) advise(out *gate.Error, said string, header http.Header, doing string) bool {
	low := strings.ToLower(said)
	could := fmt.Sprintf("gatehold could not %s: ", doing)
	switch {
	case strings.Contains(low, "was archived"):
		out.Code, out.Final = "archived", true
		out.Text = could + "the repository is archived, and GitHub takes nothing there. gatehold stops until it is unarchived."
	case strings.Contains(low, "ip allow list"):
		out.Code, out.Until = "ip_not_allowed", g.cfg.Now().Add(ownersWait)
		out.Text = could + "the organisation's IP allow list does not have this server's address. " +
			"An owner can add it there, or to the App's own list and have the organisation take the lists of installed Apps."
	case strings.Contains(low, "saml") || strings.HasPrefix(header.Get("X-Github-Sso"), "required"):
		out.Code, out.Until = "sso_required", g.cfg.Now().Add(ownersWait)
		out.Text = could + "the organisation asks for single sign-on. " +
			"Whoever the token is of has to sign in to the organisation at GitHub and let the App in there; then it goes on."
	case strings.Contains(low, "installation has been suspended"):
		out.Code, out.Until = "suspended", g.cfg.Now().Add(ownersWait)
		out.Text = could + "the App's installation is suspended. An owner can take that back in the organisation's settings."
	default:
		return false
	}
	return true
}

// unknownName is added where GitHub finds nothing by a name. It forwards the
// old name of a repository, but not that of an organisation.
// https://docs.github.com/en/organizations/managing-organization-settings/renaming-an-organization
const unknownName = "It does not exist, or the App may not see it. Where it or its organisation was renamed, " +
	"the next event tells gatehold; in rules and settings use the present name."
