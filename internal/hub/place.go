package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gatehold/gatehold/internal/gate"
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
func (h *Hub) byName(ctx context.Context, repo gate.Repo, do func(gate.Repo) error) error {
	h.mu.Lock()
	known, renamed := h.names.get(repo.ID)
	h.mu.Unlock()
	if renamed && known.was == repo.FullName() {
		repo = known.now
	}
	err := do(repo)
	code := gate.AsError(err).Code
	if err == nil || code != "not_found" && code != "repository_moved" && !errors.Is(err, errNoCommit) {
		return err
	}
	now, found := h.nameOf(ctx, repo)
	switch {
	case found != nil && code == "repository_moved": // that another has its name says nothing of it, and this does
		return found
	case found != nil || now.FullName() == repo.FullName():
		return err
	}
	return do(now)
}

// nameOf asks GitHub what a repository is called.
func (h *Hub) nameOf(ctx context.Context, repo gate.Repo) (gate.Repo, error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return repo, err
	}
	var answer repoAnswer
	err = c.do(ctx, c.rest, request{
		route: repositoryRoute, method: http.MethodGet, url: repoPath(repo), doing: "find " + repo.FullName(),
	}, into(&answer))
	now := answer.repo(repo.Installation)
	switch {
	case err != nil:
		return repo, err
	case checkRepo(now) != nil || now.ID != repo.ID:
		return repo, anotherRepository(repo)
	}
	h.mu.Lock()
	h.names.put(repo.ID, named{was: repo.FullName(), now: now}, 1)
	h.mu.Unlock()
	return now, nil
}

func anotherRepository(repo gate.Repo) *gate.Error {
	return &gate.Error{Code: "repository_moved",
		Text: fmt.Sprintf("%s is another repository by now. gatehold asks GitHub what the one that it knows is called; "+
			"nothing is written to the other.", repo.FullName())}
}
