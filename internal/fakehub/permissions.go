package fakehub

import (
	"cmp"
	"slices"
)

// Allows says whether granted permissions include name at level.
func Allows(granted map[string]string, name, level string) bool {
	rank := map[string]int{"": 0, "read": 1, "write": 2, "admin": 3}
	if name == "metadata" && level == "read" {
		return len(granted) > 0
	}
	return rank[granted[name]] >= rank[level]
}

// CanMerge says whether somebody may write to the repository.
func (r *Repo) CanMerge(a *Account) bool { return RoleRank(r.Permission(a)) >= RoleRank("write") }

// Association is how GitHub calls what an account is to a repository.
func (r *Repo) Association(a *Account) string {
	if a == r.Owner {
		return "OWNER"
	}
	if o := r.hub.Orgs[r.Owner.ID]; o != nil && o.Members[a.ID] != "" {
		return "MEMBER"
	}
	if r.collaborators[a.ID] != "" {
		return "COLLABORATOR"
	}
	return "NONE"
}

// RoleRank orders the roles in a repository, "" being none.
func RoleRank(role string) int {
	return slices.Index([]string{"", "read", "triage", "write", "maintain", "admin"}, role)
}

// Permission is the role that an account has in a repository: its own, what
// its teams have, or what the organisation gives its owners and members; none
// where it may not even read.
func (r *Repo) Permission(a *Account) string {
	best := r.collaborators[a.ID]
	raise := func(role string) {
		if RoleRank(role) > RoleRank(best) {
			best = role
		}
	}
	if a == r.Owner {
		raise("admin")
	}
	if o := r.hub.Orgs[r.Owner.ID]; o != nil {
		switch o.Members[a.ID] {
		case "admin":
			raise("admin")
		case "member":
			raise("read")
		}
	}
	for t, role := range r.teams {
		if _, in := t.Role(a.ID, 0); in {
			raise(role)
		}
	}
	if !r.Private {
		raise("read")
	}
	return cmp.Or(best, "none")
}

// Writes says whether somebody can write to the repository's contents: by a
// role, or as the bot of an App that was given it.
func (r *Repo) Writes(a *Account) bool {
	if r.CanMerge(a) {
		return true
	}
	app := r.hub.appOf(a)
	if app == nil {
		return false
	}
	in := app.InstallationFor(r)
	return in != nil && !in.Suspended && Allows(in.Permissions, "contents", "write")
}

// appOf is the App whose bot an account is, or nil.
func (h *Hub) appOf(a *Account) *App {
	i := slices.IndexFunc(h.appList, func(app *App) bool { return app.Bot == a })
	if i < 0 {
		return nil
	}
	return h.appList[i]
}

// People are the people who can be signed in as: humans of the organisation,
// and those the repository was shared with, by name. The caller holds the lock State.
func (r *Repo) People() (logins []string) {
	ids := map[int64]bool{r.Owner.ID: true}
	for id, permission := range r.collaborators {
		ids[id] = permission != ""
	}
	if o := r.hub.Orgs[r.Owner.ID]; o != nil {
		for id := range o.Members {
			ids[id] = true
		}
	}
	for id, in := range ids {
		if a := r.hub.AccountByID[id]; in && a.Type == "User" {
			logins = append(logins, a.Login)
		}
	}
	slices.Sort(logins)
	return logins
}
