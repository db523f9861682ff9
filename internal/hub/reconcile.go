package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Bounds of one look at everything, in pages of a hundred.
const (
	listedPerPage       = 100
	maxPullPages        = 100 // open pull requests of one repository
	maxInstallPages     = 100
	maxRepositoryPages  = 500 // of one installation
	maxListedPullAnswer = 64 << 20
)

var (
	pullsRoute         = route{name: "GET /repos/{owner}/{repo}/pulls", need: "pull_requests: read", max: maxListedPullAnswer, cache: true}
	installationsRoute = route{name: "GET /app/installations"}
	repositoriesRoute  = route{name: "GET /installation/repositories", need: "metadata: read", cache: true}
)

// pullAnswer is a pull request as lists show it.
type pullAnswer struct {
	Number int `json:"number"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Base struct {
		SHA  string    `json:"sha"`
		Ref  string    `json:"ref"`
		Repo wire.Repo `json:"repo"`
	} `json:"base"`
	wire.PullState
}

// OpenPulls lists the open pull requests of a repository as if each had just
// been seen, oldest first, to be compared with what events have told. The pages
// are not one snapshot: what is opened or closed meanwhile tells of itself, or
// is found the next time. More than 10,000 are an error, returned with those.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
func (h *Hub) OpenPulls(ctx context.Context, repo gate.Repo) ([]gate.Look, error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return nil, err
	}
	var out []gate.Look
	listed := map[int]bool{}
	for page := range maxPullPages {
		n := 0
		var odd error
		err := c.get(ctx, request{
			route: pullsRoute,
			url:   fmt.Sprintf("%s/pulls?state=open&sort=created&direction=asc&per_page=%d&page=%d", repoPath(repo), listedPerPage, page+1),
			doing: "list the open pull requests of " + repo.FullName(),
		}, func(body io.Reader) error {
			n, odd = 0, nil
			return wire.Array(json.NewDecoder(body), func(a *pullAnswer) {
				n++
				seen, err := a.look(repo)
				if err != nil {
					odd = err
				} else if !listed[a.Number] {
					listed[a.Number] = true
					out = append(out, seen)
				}
			})
		})
		if err = errors.Join(err, odd); err != nil {
			return out, gate.AsError(err)
		}
		if n < listedPerPage {
			return out, nil
		}
	}
	return out, tooMany("open pull requests of "+repo.FullName(), maxPullPages)
}

// look names the repository as it is named now. Names are used again: what is
// listed under one must be of the repository that was asked about.
func (a *pullAnswer) look(repo gate.Repo) (gate.Look, error) {
	now := a.Base.Repo.Repo(repo.Installation)
	switch {
	case now.ID != repo.ID && now.ID != 0:
		return gate.Look{}, &gate.Error{Code: "not_found", Text: fmt.Sprintf("%s is another repository by now.",
			repo.FullName()), Final: true}
	case checkRepo(now) != nil || a.Number <= 0 || !wire.IsSHA(a.Head.SHA) || !wire.IsSHA(a.Base.SHA) || a.Base.Ref == "":
		return gate.Look{}, malformed("a pull request in it lacks its number, head or base")
	}
	return gate.Look{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: now, Number: a.Number},
		Why:     gate.Reconciled,
		Head:    a.Head.SHA, Base: a.Base.SHA, BaseRef: a.Base.Ref, Said: a.Said(a.Head.SHA, a.Base.Ref),
	}, nil
}

// Repositories lists the repositories of all installations. Suspended
// installations, and repositories that are archived or disabled, are left out:
// nothing can happen there. What could be listed is returned beside the first
// error, so that one installation does not keep the others from being looked
// at.
// https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
func (h *Hub) Repositories(ctx context.Context) ([]gate.Repo, error) {
	installations, first := h.installations(ctx)
	var out []gate.Repo
	for _, id := range installations {
		repos, err := h.repositoriesOf(ctx, id)
		out = append(out, repos...)
		if err == nil {
			continue
		}
		h.cfg.Log.Warn("the repositories of an installation cannot be listed", "installation", id, "error", err)
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if first != nil {
		return out, gate.AsError(first)
	}
	return out, nil
}

// installations lists those that are not suspended.
// https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
func (h *Hub) installations(ctx context.Context) ([]int64, error) {
	c, err := h.app()
	if err != nil {
		return nil, err
	}
	var out []int64
	for page := range maxInstallPages {
		var list []struct {
			ID          int64             `json:"id"`
			Suspended   *string           `json:"suspended_at"`
			Permissions map[string]string `json:"permissions"`
		}
		err := c.get(ctx, request{
			route: installationsRoute, doing: "list the App's installations",
			url: fmt.Sprintf("app/installations?per_page=%d&page=%d", listedPerPage, page+1),
		}, into(&list))
		if err != nil {
			return out, err
		}
		for _, i := range list {
			if i.ID > 0 && i.Suspended == nil {
				h.accepted(i.ID, i.Permissions)
				out = append(out, i.ID)
			}
		}
		if len(list) < listedPerPage {
			return out, nil
		}
	}
	return out, tooMany("installations of the App", maxInstallPages)
}

// accepted drops an installation's client where the account has granted more
// since its token was given out: that token never gets it. It comes with an
// event that asks for such a list.
func (h *Hub) accepted(installation int64, permissions map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, ok := h.clients.get(installation)
	if !ok || c.slots.granted.Load() == nil {
		return
	}
	for name, level := range permissions {
		if !c.slots.may(name, level) {
			h.clients.remove(installation)
			return
		}
	}
}

func (h *Hub) repositoriesOf(ctx context.Context, installation int64) ([]gate.Repo, error) {
	c, err := h.client(installation)
	if err != nil {
		return nil, err
	}
	var out []gate.Repo
	for page := range maxRepositoryPages {
		var answer struct {
			Repositories []wire.Repo `json:"repositories"`
		}
		err := c.get(ctx, request{
			route: repositoriesRoute, doing: fmt.Sprintf("list the repositories of the installation %d", installation),
			url: fmt.Sprintf("installation/repositories?per_page=%d&page=%d", listedPerPage, page+1),
		}, into(&answer))
		if err != nil {
			return out, err
		}
		for _, a := range answer.Repositories {
			r := a.Repo(installation)
			if checkRepo(r) == nil && !a.Archived && !a.Disabled {
				out = append(out, r)
				h.tellDefault(r.ID, a.Default)
			}
		}
		if len(answer.Repositories) < listedPerPage {
			return out, nil
		}
	}
	return out, tooMany(fmt.Sprintf("repositories of the installation %d", installation), maxRepositoryPages)
}

func tooMany(what string, pages int) *gate.Error {
	return &gate.Error{Code: "answer_too_large",
		Text: fmt.Sprintf("There are more than the %d %s that gatehold lists.", pages*listedPerPage, what), Final: true}
}
