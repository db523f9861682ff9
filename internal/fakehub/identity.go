package fakehub

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// A repository is its id. Its name, its owner and what the owner is called can
// change; old names lead to it until somebody takes them.

// Rename gives the repository another name. The old one redirects, until a
// repository of that name is made.
func (r *Repo) Rename(name string, by *Account) error {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	if err := r.Refused(); err != nil {
		return err
	}
	was := r.Name
	if err := h.rename(r, r.Owner, name); err != nil || was == name {
		return err
	}
	r.emitChange("renamed", by, "changes", wire.Object{"repository", wire.Object{"name", wire.Object{"from", was}}})
	return nil
}

// Transfer gives the repository to another account. Its teams lose it, and so
// do installations that were given it; those that have all of the new owner's
// repositories gain it. The old name redirects.
func (r *Repo) Transfer(to, by *Account) error {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	if err := r.Refused(); err != nil {
		return err
	}
	from := r.Owner
	had := h.installationsOf(r)
	if err := h.rename(r, to, r.Name); err != nil || from == to {
		return err
	}
	r.teams = map[*Team]string{}
	for _, in := range had {
		delete(in.repos, r.ID)
		h.emitSelection(in, []*Repo{r}, nil)
	}
	for _, in := range h.installationsOf(r) {
		h.emitSelection(in, nil, []*Repo{r})
	}
	whose, who := "user", any(from.JSON())
	if h.Orgs[from.ID] != nil {
		whose, who = "organization", from.OrgJSON()
	}
	r.emitChange("transferred", by, "changes", wire.Object{"owner", wire.Object{"from", wire.Object{whose, who}}})
	return nil
}

// Archive makes the repository read-only: writes are answered with 403.
func (r *Repo) Archive(by *Account) { r.setArchived(true, by) }

// Unarchive lets it be written to again.
func (r *Repo) Unarchive(by *Account) { r.setArchived(false, by) }

func (r *Repo) setArchived(yes bool, by *Account) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	if r.Gone || r.Archived == yes {
		return
	}
	r.Archived = yes
	r.cached.Store(nil)
	r.emitChange(map[bool]string{true: "archived", false: "unarchived"}[yes], by)
}

// Delete removes the repository, and the names that led to it. Pull requests
// whose heads it held stay, and say null where it was. Its forks are forks of
// nothing.
func (r *Repo) Delete(by *Account) {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	if r.Gone {
		return
	}
	r.emitChange("deleted", by)
	had := h.installationsOf(r)
	r.Gone = true
	delete(h.repos, Fold(r.FullName()))
	delete(h.RepoByID, r.ID)
	maps.DeleteFunc(h.moved, func(_ string, to *Repo) bool { return to == r })
	for _, in := range had {
		delete(in.repos, r.ID)
		h.emitSelection(in, []*Repo{r}, nil)
	}
	for _, f := range h.RepoByID {
		if f.Parent == r {
			f.Parent = nil
			f.cached.Store(nil)
		}
	}
}

// Copy pushes all branches to a new repository that is no fork: it has the
// same commits, under an id of its own.
func (r *Repo) Copy(to *Account, name string) (*Repo, error) {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	if h.repos[Fold(to.Login+"/"+name)] != nil {
		return nil, fmt.Errorf("the name %s/%s is taken", to.Login, name)
	}
	c := h.addRepo(to, name, r.Store, r.Diffs)
	c.Signatures, c.DefaultBranch = r.Signatures, r.DefaultBranch
	for _, branch := range slices.Sorted(maps.Keys(r.Refs)) {
		c.move(branch, r.Refs[branch], to)
	}
	return c, nil
}

// rename moves a repository to another place, and leaves a signpost.
func (h *Hub) rename(r *Repo, owner *Account, name string) error {
	old, key := Fold(r.FullName()), Fold(owner.Login+"/"+name)
	if other := h.repos[key]; other != nil && other != r {
		return fmt.Errorf("the name %s/%s is taken", owner.Login, name)
	}
	delete(h.repos, old)
	h.moved[old] = r
	r.Owner, r.Name = owner, name
	delete(h.moved, key)
	h.repos[key] = r
	r.cached.Store(nil)
	return nil
}

// Named finds a repository by its name, or by one that it had: moved says so.
func (h *Hub) Named(full string) (r *Repo, moved bool) {
	if r := h.repos[Fold(full)]; r != nil {
		return r, false
	}
	r = h.moved[Fold(full)]
	return r, r != nil
}

// Refused says why nothing can be written to the repository, nil where
// something can.
func (r *Repo) Refused() error {
	switch {
	case r.Gone:
		return fmt.Errorf("%s was deleted", r.FullName())
	case r.Archived:
		return fmt.Errorf("%s was archived so is read-only", r.FullName())
	}
	return nil
}

// installationsOf are all installations that were given the repository.
func (h *Hub) installationsOf(r *Repo) []*Installation {
	var out []*Installation
	for _, app := range h.appList {
		if in := app.InstallationFor(r); in != nil {
			out = append(out, in)
		}
	}
	return out
}

// emitChange tells those who listen to events of repositories.
func (r *Repo) emitChange(action string, by *Account, more ...any) {
	if by == nil {
		by = r.Owner
	}
	r.changed = r.hub.Now()
	r.cached.Store(nil)
	if !r.hub.Listens(r, "repository") {
		return
	}
	payload := append(wire.Object{"action", action}, more...)
	r.hub.Emit(r, "repository", action, append(payload, "repository", r.JSON(), "sender", by.JSON()))
}

// renameOwner moves all repositories of an account that is called otherwise
// from now on. The caller changes the login.
func (h *Hub) renameOwner(a *Account, login string) error {
	var mine []*Repo
	for _, r := range h.ReposByID() {
		if r.Owner != a {
			continue
		}
		if other := h.repos[Fold(login+"/"+r.Name)]; other != nil && other != r {
			return fmt.Errorf("the name %s/%s is taken", login, r.Name)
		}
		mine = append(mine, r)
	}
	for _, r := range mine {
		delete(h.repos, Fold(r.FullName()))
		h.moved[Fold(r.FullName())] = r
	}
	a.Login = login
	for _, r := range mine {
		delete(h.moved, Fold(r.FullName()))
		h.repos[Fold(r.FullName())] = r
	}
	return nil
}

// emitRenamed tells Apps that what they are installed on is called otherwise.
func (h *Hub) emitRenamed(a *Account, was string) {
	for _, app := range h.appList {
		for _, in := range app.Installs {
			if in.Account != a {
				continue
			}
			changes := wire.Object{"login", wire.Object{"from", was}}
			if app.Events["installation_target"] {
				kind := "User"
				if h.Orgs[a.ID] != nil {
					kind = "Organization"
				}
				h.tellApp(in, "installation_target", "renamed", wire.Object{"action", "renamed", "account", a.JSON(), "changes", changes,
					"target_type", kind, "installation", wire.Object{"id", in.ID, "node_id", wire.NodeID("MDI", in.ID)}, "sender", a.JSON()})
			}
			if h.Orgs[a.ID] != nil && app.Events["organization"] && Allows(in.Permissions, "members", "read") {
				h.tellApp(in, "organization", "renamed", wire.Object{"action", "renamed", "changes", changes,
					"installation", wire.Object{"id", in.ID, "node_id", wire.NodeID("MDI", in.ID)}, "sender", a.JSON()})
			}
		}
	}
}

// Reinstall uninstalls the App and installs it anew, on the same repositories:
// the new installation has another id.
func (in *Installation) Reinstall() *Installation {
	var repos []*Repo
	if !in.all {
		in.App.hub.State.RLock()
		repos = in.covered()
		in.App.hub.State.RUnlock()
	}
	in.Uninstall()
	return in.App.InstallOn(in.Account, repos...)
}
