package api

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// GraphQL finds a repository by its name, which may be another one's by now.
// Every answer is held against the repository's id, or is about commits that are
// named by theirs; where it does not fit, the name is asked for by the id.

// errNoCommit marks an answer that lacks a commit which the repository has.
var errNoCommit = errors.New("the repository lacks the commit")

func Lacking(what string) *gate.Error {
	e := Malformed(what)
	e.Err = errNoCommit
	return e
}

// named is the name that a repository was found by, where the one that events
// told leads nowhere or to another.
type named struct {
	was string
	now gate.Repo
}

// ByName does what goes by a repository's name. Where the name leads elsewhere,
// it asks for the one that the repository has now, and does it once more.
func (g *GitHub) ByName(ctx context.Context, told gate.Repo, do func(gate.Repo) error) error {
	repo := g.knownAs(told)
	err := do(repo)
	var owned ownedBy
	code := gate.AsError(err).Code
	switch {
	case errors.As(err, &owned):
		g.keepName(told, owned.now)
		return do(owned.now)
	case err == nil || code != "not_found" && code != "repository_moved" && !errors.Is(err, errNoCommit):
		return err
	}
	now, found := g.nameOf(ctx, repo)
	switch {
	case found != nil && code == "repository_moved": // that another has its name says nothing of it, and this does
		return found
	case found != nil || now.FullName() == repo.FullName():
		return err
	}
	g.keepName(told, now)
	return do(now)
}

// knownAs is a repository by the name that it was found by last.
func (g *GitHub) knownAs(told gate.Repo) gate.Repo {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, is := g.names.Get(told.ID); is && known.was == told.FullName() {
		return known.now
	}
	return told
}

// keepName remembers by what name a repository was found.
func (g *GitHub) keepName(told, now gate.Repo) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.FullName() == told.FullName() {
		g.names.Remove(told.ID)
		return
	}
	g.names.Put(told.ID, named{was: told.FullName(), now: now}, 1)
}

// ownedBy marks an answer about a repository that has another owner than was asked
// for: GitHub led there from a name of before, and what was asked of the
// organisation in the same query is another's.
type ownedBy struct{ now gate.Repo }

func (o ownedBy) Error() string { return "it is " + o.now.FullName() + " now" }

// Placed is the repository that an answer is about, as it is called now. It is an
// error where that is not the one that was asked for, or is not that owner's.
func Placed(asked gate.Repo, id int64, nameWithOwner string) (gate.Repo, error) {
	if id != asked.ID {
		return asked, AnotherRepository(asked)
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
func (g *GitHub) nameOf(ctx context.Context, repo gate.Repo) (gate.Repo, error) {
	c, err := g.Of(ctx, repo)
	if err != nil {
		return repo, err
	}
	answer, err := c.Repository(ctx, repo, "find "+repo.FullName())
	now := answer.Repo(repo.Installation)
	switch {
	case err != nil:
		return repo, err
	case CheckRepo(now) != nil || now.ID != repo.ID:
		return repo, AnotherRepository(repo)
	}
	return now, nil
}

// InSight is nil where the App sees a repository, so that what GitHub does not find
// there is gone. Of one that it may not see GitHub finds nothing, whatever there is.
func (c *Client) InSight(ctx context.Context, repo gate.Repo) error {
	answer, err := c.Repository(ctx, repo, "find "+repo.FullName())
	if err == nil && answer.ID != repo.ID {
		return AnotherRepository(repo)
	}
	return err
}

func AnotherRepository(repo gate.Repo) *gate.Error {
	return &gate.Error{Code: "repository_moved",
		Text: fmt.Sprintf("%s is another repository by now. gatehold asks GitHub what the one that it knows is called; "+
			"nothing is written to the other.", repo.FullName())}
}

var repositoryRoute = Route{Name: "GET /repos/{owner}/{repo}", Need: "metadata: read", Max: 1 << 20, Cache: true}

// Repository reads what GitHub describes by a repository's id. Whether it is the
// one that was asked for, the caller sees by the answer's.
func (c *Client) Repository(ctx context.Context, repo gate.Repo, doing string) (found wire.Repo, err error) {
	err = c.Get(ctx, Request{Route: repositoryRoute, URL: RepoPath(repo), Doing: doing}, Into(&found))
	return found, err
}

// NameTaken is for what was listed under a name that another repository has: of the
// one that was asked about there is nothing there any more, or not yet: GitHub may
// tell of the name as it was.
func NameTaken(repo gate.Repo) *gate.Error {
	return &gate.Error{Code: "not_found", Text: fmt.Sprintf("%s is another repository by now.", repo.FullName())}
}
