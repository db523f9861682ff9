// Package access says who calls: the App with its JWT, an installation or a
// person by a token, or nobody; what each of them may see and do; and how tokens
// are given out, a person's sign-in through a browser or another device included.
package access

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Who calls, and may call.
const (
	ByNobody  = 1 << iota // no credentials at all
	ByApp                 // the App itself, with a JWT
	ByInstall             // an installation token
	ByUser                // a person's token
	ByClient              // the App itself, with its client id and secret
	ByToken   = ByInstall | ByUser
)

// Caller is who a request comes from.
type Caller struct {
	Kind  int // one of the above
	App   *fakehub.App
	Grant *Grant // of a token
	Who   string // whose quota it is; "": anybody's
}

// Sees says whether a repository exists for the caller.
func (a Caller) Sees(r *fakehub.Repo) bool {
	switch a.Kind {
	case ByApp:
		return a.App.InstallationFor(r) != nil
	case ByInstall:
		return !r.Private || a.Covers(r)
	case ByUser:
		if app := a.Grant.App; app != nil && r.Private && app.InstallationFor(r) == nil {
			return false
		}
		return r.Permission(a.Grant.User) != "none"
	}
	return !r.Private
}

// Covers says whether the token was issued for the repository.
func (a Caller) Covers(r *fakehub.Repo) bool {
	g := a.Grant
	return g.Install.Covers(r) && (g.Repos == nil || g.Repos[r.ID])
}

// Barred says why an organisation does not take the request, "" where it does.
func (a Caller) Barred(o *fakehub.Org) (why string) {
	switch {
	case o == nil || a.Kind == ByApp || a.Kind == ByNobody:
		return ""
	case o.IPList:
		return fmt.Sprintf("Although you appear to have the correct authorization credentials, "+
			"the `%s` organization has an IP allow list enabled, "+
			"and your IP address is not permitted to access this resource.", o.Login)
	case o.SAML && a.Kind == ByUser && !a.Grant.saml:
		kind := "Personal Access token"
		if a.Grant.App != nil {
			kind = "OAuth token"
		}
		return "Resource protected by organization SAML enforcement. You must grant your " + kind + " access to this organization."
	}
	return ""
}

// May says whether the caller has a permission to read on a repository that it
// sees.
func (a Caller) May(r *fakehub.Repo, permission string) bool {
	if a.Kind == ByUser {
		if a.Grant.App == nil || !r.Private && a.Grant.App.InstallationFor(r) == nil {
			return true
		}
		in := a.Grant.App.InstallationFor(r)
		return in != nil && !in.Suspended && fakehub.Allows(in.Permissions, permission, "read")
	}
	if !a.Covers(r) && !r.Private {
		return true
	}
	return fakehub.Allows(a.Grant.Permissions, permission, "read") && fakehub.Allows(a.Grant.Install.Permissions, permission, "read") &&
		!a.Grant.Install.Suspended
}

// Person is whose token the caller has: somebody's own, or the App's bot.
func (a Caller) Person() *fakehub.Account {
	if a.Kind == ByUser {
		return a.Grant.User
	}
	return a.App.Bot
}
