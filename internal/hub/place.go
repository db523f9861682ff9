package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// GraphQL finds a repository by its name, which may be another one's by now.
// Every answer is held against the repository's id, or is about commits that are
// named by theirs; where it does not fit, the name is asked for by the id.

// errNoCommit marks an answer that lacks a commit which the repository has.
var errNoCommit = errors.New("the repository lacks the commit")

func lacking(what string) *gate.Error {
	e := malformed(what)
	e.Err = errNoCommit
	return e
}

// named is the name that a repository was found by, where the one that events
// told leads nowhere or to another.
type named struct {
	was string
	now gate.Repo
}

// byName does what goes by a repository's name. Where the name leads elsewhere,
// it asks for the one that the repository has now, and does it once more.
func (h *Hub) byName(ctx context.Context, told gate.Repo, do func(gate.Repo) error) error {
	repo := h.knownAs(told)
	err := do(repo)
	var owned ownedBy
	code := gate.AsError(err).Code
	switch {
	case errors.As(err, &owned):
		h.keepName(told, owned.now)
		return do(owned.now)
	case err == nil || code != "not_found" && code != "repository_moved" && !errors.Is(err, errNoCommit):
		return err
	}
	now, found := h.nameOf(ctx, repo)
	switch {
	case found != nil && code == "repository_moved": // that another has its name says nothing of it, and this does
		return found
	case found != nil || now.FullName() == repo.FullName():
		return err
	}
	h.keepName(told, now)
	return do(now)
}

// knownAs is a repository by the name that it was found by last.
func (h *Hub) knownAs(told gate.Repo) gate.Repo {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, is := h.names.get(told.ID); is && known.was == told.FullName() {
		return known.now
	}
	return told
}

// keepName remembers by what name a repository was found.
func (h *Hub) keepName(told, now gate.Repo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.FullName() == told.FullName() {
		h.names.remove(told.ID)
		return
	}
	h.names.put(told.ID, named{was: told.FullName(), now: now}, 1)
}

// ownedBy marks an answer about a repository that has another owner than was asked
// for: GitHub led there from a name of before, and what was asked of the
// organisation in the same query is another's.
type ownedBy struct{ now gate.Repo }

func (o ownedBy) Error() string { return "it is " + o.now.FullName() + " now" }

// placed is the repository that an answer is about, as it is called now. It is an
// error where that is not the one that was asked for, or is not that owner's.
func placed(asked gate.Repo, id int64, nameWithOwner string) (gate.Repo, error) {
	if id != asked.ID {
		return asked, anotherRepository(asked)
	}
	now := asked
	if owner, name, ok := strings.Cut(nameWithOwner, "/"); ok && wire.IsName(owner) && wire.IsName(name) {
		now.Owner, now.Name = owner, name
	}
	if !strings.EqualFold(now.Owner, asked.Owner) {
		return asked, &gate.Error{Code: "repository_moved", Err: ownedBy{now},
			Text: fmt.Sprintf("%s belongs to %s by now. gatehold asks again by that name.", asked.FullName(), now.Owner)}
	}
	return now, nil
}

// nameOf asks GitHub what a repository is called.
func (h *Hub) nameOf(ctx context.Context, repo gate.Repo) (gate.Repo, error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return repo, err
	}
	var answer wire.Repo
	err = c.do(ctx, c.rest, request{
		route: repositoryRoute, method: http.MethodGet, url: repoPath(repo), doing: "find " + repo.FullName(),
	}, into(&answer))
	now := answer.Repo(repo.Installation)
	switch {
	case err != nil:
		return repo, err
	case checkRepo(now) != nil || now.ID != repo.ID:
		return repo, anotherRepository(repo)
	}
	return now, nil
}

// inSight is nil where the App sees a repository, so that what GitHub does not find
// there is gone. Of one that it may not see GitHub finds nothing, whatever there is.
func (c *client) inSight(ctx context.Context, repo gate.Repo) error {
	var answer wire.Repo
	err := c.get(ctx, request{
		route: repositoryRoute, url: repoPath(repo), doing: "find " + repo.FullName(),
	}, into(&answer))
	if err == nil && answer.ID != repo.ID {
		return anotherRepository(repo)
	}
	return err
}

func anotherRepository(repo gate.Repo) *gate.Error {
	return &gate.Error{Code: "repository_moved",
		Text: fmt.Sprintf("%s is another repository by now. gatehold asks GitHub what the one that it knows is called; "+
			"nothing is written to the other.", repo.FullName())}
}
