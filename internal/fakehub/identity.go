package fakehub

import (
	"fmt"
	"maps"
	"slices"
)

// A repository is its id. Its name, its owner and what the owner is called can
// change; old names lead to it until somebody takes them.

// Rename gives the repository another name. The old one redirects, until a
// repository of that name is made.
func (r *Repo) Rename(name string, by *Account) error {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := r.refused(); err != nil {
		return err
	}
	was := r.Name
	if err := h.rename(r, r.owner, name); err != nil || was == name {
		return err
	}
	r.emitChange("renamed", by, "changes", obj{"repository", obj{"name", obj{"from", was}}})
	return nil
}

// Transfer gives the repository to another account. Its teams lose it, and so
// do installations that were given it; those that have all of the new owner's
// repositories gain it. The old name redirects.
func (r *Repo) Transfer(to, by *Account) error {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := r.refused(); err != nil {
		return err
	}
	from := r.owner
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
	whose, who := "user", any(from.json())
	if h.orgs[from.ID] != nil {
		whose, who = "organization", from.orgJSON()
	}
	r.emitChange("transferred", by, "changes", obj{"owner", obj{"from", obj{whose, who}}})
	return nil
}

// Archive makes the repository read-only: writes are answered with 403.
func (r *Repo) Archive(by *Account) { r.setArchived(true, by) }

// Unarchive lets it be written to again.
func (r *Repo) Unarchive(by *Account) { r.setArchived(false, by) }

func (r *Repo) setArchived(yes bool, by *Account) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.gone || r.archived == yes {
		return
	}
	r.archived = yes
	r.cached.Store(nil)
	r.emitChange(map[bool]string{true: "archived", false: "unarchived"}[yes], by)
}

// Delete removes the repository, and the names that led to it. Pull requests
// whose heads it held stay, and say null where it was. Its forks are forks of
// nothing.
func (r *Repo) Delete(by *Account) {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.gone {
		return
	}
	r.emitChange("deleted", by)
	had := h.installationsOf(r)
	r.gone = true
	delete(h.repos, fold(r.fullName()))
	delete(h.repoByID, r.ID)
	maps.DeleteFunc(h.moved, func(_ string, to *Repo) bool { return to == r })
	for _, in := range had {
		delete(in.repos, r.ID)
		h.emitSelection(in, []*Repo{r}, nil)
	}
	for _, f := range h.repoByID {
		if f.parent == r {
			f.parent = nil
			f.cached.Store(nil)
		}
	}
}

// Copy pushes all branches to a new repository that is no fork: it has the
// same commits, under an id of its own.
func (r *Repo) Copy(to *Account, name string) (*Repo, error) {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.repos[fold(to.Login+"/"+name)] != nil {
		return nil, fmt.Errorf("the name %s/%s is taken", to.Login, name)
	}
	c := h.addRepo(to, name, r.store, r.diffs)
	c.signatures, c.defaultBranch = r.signatures, r.defaultBranch
	for _, branch := range slices.Sorted(maps.Keys(r.refs)) {
		c.move(branch, r.refs[branch], to)
	}
	return c, nil
}

// rename moves a repository to another place, and leaves a signpost.
func (h *Hub) rename(r *Repo, owner *Account, name string) error {
	old, key := fold(r.fullName()), fold(owner.Login+"/"+name)
	if other := h.repos[key]; other != nil && other != r {
		return fmt.Errorf("the name %s/%s is taken", owner.Login, name)
	}
	delete(h.repos, old)
	h.moved[old] = r
	r.owner, r.Name = owner, name
	delete(h.moved, key)
	h.repos[key] = r
	r.cached.Store(nil)
	return nil
}

// named finds a repository by its name, or by one that it had: moved says so.
func (h *Hub) named(full string) (r *Repo, moved bool) {
	if r := h.repos[fold(full)]; r != nil {
		return r, false
	}
	r = h.moved[fold(full)]
	return r, r != nil
}

// refused says why nothing can be written to the repository, nil where
// something can.
func (r *Repo) refused() error {
	switch {
	case r.gone:
		return fmt.Errorf("%s was deleted", r.fullName())
	case r.archived:
		return fmt.Errorf("%s was archived so is read-only", r.fullName())
	}
	return nil
}

// installationsOf are all installations that were given the repository.
func (h *Hub) installationsOf(r *Repo) []*Installation {
	var out []*Installation
	for _, app := range h.appList {
		if in := app.installationFor(r); in != nil {
			out = append(out, in)
		}
	}
	return out
}

// emitChange tells those who listen to events of repositories.
func (r *Repo) emitChange(action string, by *Account, more ...any) {
	if by == nil {
		by = r.owner
	}
	r.changed = r.hub.now()
	r.cached.Store(nil)
	if !r.hub.listens(r, "repository") {
		return
	}
	payload := append(obj{"action", action}, more...)
	r.hub.emit(r, "repository", action, append(payload, "repository", r.json(), "sender", by.json()))
}

// renameOwner moves all repositories of an account that is called otherwise
// from now on. The caller changes the login.
func (h *Hub) renameOwner(a *Account, login string) error {
	var mine []*Repo
	for _, r := range h.reposByID() {
		if r.owner != a {
			continue
		}
		if other := h.repos[fold(login+"/"+r.Name)]; other != nil && other != r {
			return fmt.Errorf("the name %s/%s is taken", login, r.Name)
		}
		mine = append(mine, r)
	}
	for _, r := range mine {
		delete(h.repos, fold(r.fullName()))
		h.moved[fold(r.fullName())] = r
	}
	a.Login = login
	for _, r := range mine {
		delete(h.moved, fold(r.fullName()))
		h.repos[fold(r.fullName())] = r
	}
	return nil
}

// emitRenamed tells Apps that what they are installed on is called otherwise.
func (h *Hub) emitRenamed(a *Account, was string) {
	for _, app := range h.appList {
		for _, in := range app.installs {
			if in.account != a {
				continue
			}
			changes := obj{"login", obj{"from", was}}
			if app.events["installation_target"] {
				kind := "User"
				if h.orgs[a.ID] != nil {
					kind = "Organization"
				}
				h.tellApp(in, "installation_target", "renamed", obj{"action", "renamed", "account", a.json(), "changes", changes,
					"target_type", kind, "installation", obj{"id", in.ID, "node_id", nodeID("MDI", in.ID)}, "sender", a.json()})
			}
			if h.orgs[a.ID] != nil && app.events["organization"] && allows(in.permissions, "members", "read") {
				h.tellApp(in, "organization", "renamed", obj{"action", "renamed", "changes", changes,
					"installation", obj{"id", in.ID, "node_id", nodeID("MDI", in.ID)}, "sender", a.json()})
			}
		}
	}
}

// Reinstall uninstalls the App and installs it anew, on the same repositories:
// the new installation has another id.
func (in *Installation) Reinstall() *Installation {
	var repos []*Repo
	if !in.all {
		in.app.hub.mu.RLock()
		repos = in.covered()
		in.app.hub.mu.RUnlock()
	}
	in.Uninstall()
	return in.app.InstallOn(in.account, repos...)
}
