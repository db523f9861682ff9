package accounts

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of what is asked so that people see what they may. Anybody with an account
// at GitHub can sign in, and the gates need what GitHub lets the App ask.
const (
	askedAtOnce = 8
	kept        = 1 << 15         // answers
	keptFor     = 2 * time.Minute // a no as well as a yes

	askEvery, askBurst         = 2 * time.Second, 500 // of all people together
	askEveryEach, askBurstEach = 10 * time.Second, 200
	mostPeople                 = 4096
)

// readers remember what people may see, and how often GitHub was asked.
type readers struct {
	said  *lru.Cache[string, answer]
	each  *lru.Cache[int64, *rate.Limiter]
	all   *rate.Limiter
	limit sync.Mutex
}

// answer is what GitHub said, and when.
type answer struct {
	yes bool
	at  time.Time
}

func newReaders() *readers {
	said, _ := lru.New[string, answer](kept) // errs only for a size below 1
	each, _ := lru.New[int64, *rate.Limiter](mostPeople)
	return &readers{said: said, each: each, all: rate.NewLimiter(rate.Every(askEvery), askBurst)}
}

// may takes one question of a person's, if there is one left.
func (r *readers) may(who int64, now time.Time) bool {
	r.limit.Lock()
	defer r.limit.Unlock()
	own, known := r.each.Get(who)
	if !known {
		own = rate.NewLimiter(rate.Every(askEveryEach), askBurstEach)
		r.each.Add(who, own)
	}
	if own.TokensAt(now) < 1 || r.all.TokensAt(now) < 1 {
		return false
	}
	return own.AllowN(now, 1) && r.all.AllowN(now, 1)
}

// Unasked is of how many repositories GitHub was not asked whether somebody may read
// them, because there were too many questions, and how long it takes until it can be.
type Unasked struct {
	Repos int
	Wait  time.Duration
}

// Readable are the repositories, by id, that GitHub lets somebody read. What it does not
// tell they may not, nor what is beyond the questions that are left: 200 of a person's
// at once, and one in ten seconds; those are told, too. An owner of an organisation may read all of it, by
// one question. Answers are used for two minutes.
func (u *Accounts) Readable(ctx context.Context, who gate.Actor, repos []gate.Repo) (map[int64]bool, Unasked) {
	may := map[int64]bool{}
	var left Unasked
	var ask []gate.Repo
	owned := map[string]bool{}
	for _, repo := range repos {
		owns, known := owned[repo.Owner]
		if !known && len(repos) > 1 {
			owns, _ = u.is(ctx, who, repo, "owner", repo.Owner)
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
	for _, repo := range ask {
		all.Go(func() error {
			is, asked := u.is(ctx, who, repo, "role:read", fmt.Sprint(repo.ID))
			mu.Lock()
			defer mu.Unlock()
			if is {
				may[repo.ID] = true
			}
			if !asked {
				left.Repos++
			}
			return nil
		})
	}
	_ = all.Wait() // none of them errs: not knowing is a no
	left.Wait = time.Duration(left.Repos) * askEveryEach
	return may, left
}

// is reports whether GitHub says that somebody is of a group, in a repository or in
// all of its owner's; asked is false where there was no question left.
func (u *Accounts) is(ctx context.Context, who gate.Actor, repo gate.Repo, group, of string) (yes, asked bool) {
	key, now := fmt.Sprintf("%d %s %s", who.ID, group, of), u.book.Now()
	if was, known := u.readers.said.Get(key); known && now.Before(was.at.Add(keptFor)) {
		return was.yes, true
	}
	if !u.readers.may(who.ID, now) {
		return false, false
	}
	p, err := u.people.Person(ctx, repo, who, []string{group})
	if err != nil && !gate.AsError(err).Final {
		return false, true // asked again when somebody looks again
	}
	yes = err == nil && p.Actor.ID == who.ID && p.Actor.Type == "User" && slices.Contains(p.Groups, group)
	u.readers.said.Add(key, answer{yes, now})
	return yes, true
}
