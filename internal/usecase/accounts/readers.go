package accounts

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of one look at what somebody may see.
const (
	mostAsked   = 500 // repositories that GitHub is asked about
	askedAtOnce = 8
)

// Readable are the repositories, by id, that GitHub lets somebody read. What it does not
// tell, and what is beyond 500 that had to be asked about, they may not. An owner of
// an organisation may read all of it, by one question. What GitHub said is known for as
// long as the port of people remembers it.
func (u *Accounts) Readable(ctx context.Context, who gate.Actor, repos []gate.Repo) map[int64]bool {
	may := map[int64]bool{}
	var ask []gate.Repo
	owned := map[string]bool{}
	for _, repo := range repos {
		owns, known := owned[repo.Owner]
		if !known && len(repos) > 1 {
			owns = u.is(ctx, who, repo, "owner")
			owned[repo.Owner] = owns
		}
		if owns {
			may[repo.ID] = true
			continue
		}
		ask = append(ask, repo)
	}
	var mu sync.Mutex
	var all errgroup.Group
	all.SetLimit(askedAtOnce)
	for _, repo := range slices.Clip(ask[:min(len(ask), mostAsked)]) {
		all.Go(func() error {
			if u.is(ctx, who, repo, "role:read") {
				mu.Lock()
				defer mu.Unlock()
				may[repo.ID] = true
			}
			return nil
		})
	}
	_ = all.Wait() // none of them errs: not knowing is a no
	return may
}

// is reports whether GitHub says that somebody is of a group.
func (u *Accounts) is(ctx context.Context, who gate.Actor, repo gate.Repo, group string) bool {
	p, err := u.people.Person(ctx, repo, who, []string{group})
	return err == nil && p.Actor.ID == who.ID && p.Actor.Type == "User" && slices.Contains(p.Groups, group)
}
