package fakehub

import (
	"fmt"
	"maps"
	"slices"
)

// ghostID is the account that GitHub shows in place of those whose people
// deleted them.
const ghostID = 10137

// Accounts that are not what one expects: deleted ones, whose work stays, and
// kinds other than users, bots and organisations.

// DeleteAccount deletes a user's account. What it made stays: REST shows the
// account ghost there, and GraphQL null. Its login is free. An account that
// owns repositories cannot be deleted.
func (h *Hub) DeleteAccount(a *Account) error {
	h.State.Lock()
	defer h.State.Unlock()
	for _, r := range h.RepoByID {
		if r.Owner == a {
			return fmt.Errorf("%s owns %s: it has to be deleted or transferred first", a.Login, r.FullName())
		}
	}
	h.vanish(a)
	return nil
}

// vanish takes an account out of everything but what it made.
func (h *Hub) vanish(a *Account) {
	delete(h.accounts, Fold(a.Login))
	delete(h.AccountByID, a.ID)
	maps.DeleteFunc(h.AccountByEmail, func(_ string, of *Account) bool { return of == a })
	for _, o := range h.Orgs {
		delete(o.Members, a.ID)
		for _, t := range o.Teams {
			delete(t.Members, a.ID)
			delete(t.pending, a.ID)
		}
	}
	for _, r := range h.RepoByID {
		delete(r.collaborators, a.ID)
	}
	a.Deleted = true
	a.simple.Store(nil)
}

// ghost stands in REST where a deleted account was.
func (h *Hub) ghost() *Account {
	if g := h.ghostAccount.Load(); g != nil {
		return g
	}
	g := &Account{ID: ghostID, Login: "ghost", Type: "User", Name: "Deleted user", hub: h}
	h.ghostAccount.CompareAndSwap(nil, g)
	return h.ghostAccount.Load()
}

// Delete deletes the App: it is uninstalled everywhere, its tokens end, and
// what it made stays. Its bot is null then in REST and in GraphQL, and so is
// the App itself on its check runs.
func (a *App) Delete() {
	for _, in := range a.Installations() {
		in.Uninstall()
	}
	h := a.hub
	h.State.Lock()
	defer h.State.Unlock()
	delete(h.Apps, a.ID)
	h.appList = slices.DeleteFunc(slices.Clone(h.appList), func(o *App) bool { return o == a })
	a.deleted = true
	h.vanish(a.Bot)
}

// Installations are those that the App has now.
func (a *App) Installations() []*Installation {
	a.hub.State.RLock()
	defer a.hub.State.RUnlock()
	return slices.Clone(a.Installs)
}

// CreateMannequin adds an account that an import made for somebody who has
// none: it can have written things, and can do nothing.
func (h *Hub) CreateMannequin(login string) *Account { return h.create(login, "Mannequin", 0) }
