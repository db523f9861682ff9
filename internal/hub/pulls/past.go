package pulls

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/lru"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What is read of the past, and how long it is used again.
const (
	pastLife    = 10 * time.Minute
	maxPast     = 20       // pull requests at once
	maxPastText = 64 << 20 // bytes kept, all repositories together
	pastListed  = 50       // updated last, among which those merged last are looked for

)

// pastQuery lists pull requests that were merged into a branch. GitHub orders
// by update, not by merge: a comment on an old one brings it to the front.
// https://docs.github.com/en/graphql/reference/objects#repository
const pastQuery = `query($owner: String!, $name: String!, $base: String!, $n: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequests(states: [MERGED], baseRefName: $base, first: $n, orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes {
        number
        mergedAt
        state
        isDraft
        title
        body
        changedFiles
        author { ...Account }
        labels(first: 50) { nodes { name } }
        headRefName
        headRefOid
        headRepository { nameWithOwner }
        baseRefName
        baseRefOid
      }
    }
  }
}
` + wire.AccountFragment

var pastRoute = api.Route{Name: "POST /graphql (past)", Need: "pull_requests: read", Max: 16 << 20}

type pastAnswer struct {
	Repository *struct {
		DatabaseID   int64 `json:"databaseId"`
		PullRequests struct {
			Nodes []*mergedPull `json:"nodes"`
		} `json:"pullRequests"`
	} `json:"repository"`
}

type mergedPull struct {
	state
	Number   int       `json:"number"`
	MergedAt time.Time `json:"mergedAt"`
}

// Past is what was merged before, kept for a while. It is its own adapter, so that who does not ask for the past pays nothing for it.
type Past struct {
	gh    *api.GitHub
	files *files.Files

	mu   sync.Mutex
	kept *lru.Cache[string, *pastOf]
}

// pastOf is the past of one branch of one repository.
type pastOf struct {
	mu      sync.Mutex // held while it is read: two askers read it once
	read    time.Time
	changes []change.Change
}

// Past returns an adapter that remembers what it read for ten minutes.
func (ps *Pulls) Past() *Past {
	return &Past{gh: ps.gh, files: ps.files, kept: lru.New[string, *pastOf](maxPastText)}
}

// Merged returns the last n pull requests, 20 at most, that were merged into a
// branch, the newest first, with the texts that want asks for. It takes one
// request for the list, and for each pull request one for the range and one for
// each 100 files whose texts are wanted. One with more than 300 files is not
// read: it has Gaps, as has one that could not be read for another reason.
func (p *Past) Merged(ctx context.Context, repo gate.Repo, baseRef string, n int, want func(*change.File) bool) ([]change.Change, error) {
	if err := api.CheckRepo(repo); err != nil {
		return nil, err
	}
	n = min(n, maxPast)
	key := strconv.FormatInt(repo.ID, 10) + " " + strconv.Itoa(n) + " " + baseRef
	of := p.of(key)
	of.mu.Lock()
	defer of.mu.Unlock()
	now := p.gh.Now()
	if of.read.IsZero() || now.Sub(of.read) >= pastLife || now.Before(of.read) {
		changes, err := p.ranges(ctx, repo, baseRef, n)
		if err != nil {
			return nil, err
		}
		of.changes, of.read = changes, now
	}
	if err := p.texts(ctx, repo, of.changes, want); err != nil {
		return nil, err
	}
	p.keep(key, of)
	out := make([]change.Change, len(of.changes))
	for i := range out {
		out[i] = of.changes[i]
		out[i].Files = slices.Clone(of.changes[i].Files)
		out[i].Gaps = slices.Clone(of.changes[i].Gaps)
	}
	return out, nil
}

func (p *Past) of(key string) *pastOf {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of, ok := p.kept.Get(key); ok {
		return of
	}
	of := &pastOf{}
	p.kept.Put(key, of, 1024)
	return of
}

// keep counts what is remembered now against the bound.
func (p *Past) keep(key string, of *pastOf) {
	size := 1024
	for i := range of.changes {
		for k := range of.changes[i].Files {
			f := &of.changes[i].Files[k]
			size += 512 + len(f.Before.Body) + len(f.After.Body)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept.Put(key, of, size)
}

// ranges reads the list, and then the files and commits of each, a few at once.
func (p *Past) ranges(ctx context.Context, repo gate.Repo, baseRef string, n int) ([]change.Change, error) {
	c, err := p.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	var pulls []*mergedPull
	err = p.gh.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		pulls, err = mergedPulls(ctx, c, repo, baseRef, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	changes := make([]change.Change, len(pulls))
	errs := make([]error, len(pulls))
	api.Each(len(pulls), func(i int) { changes[i], errs[i] = pastRange(ctx, c, repo, pulls[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func mergedPulls(ctx context.Context, c *api.Client, repo gate.Repo, baseRef string, n int) ([]*mergedPull, error) {
	var (
		answer pastAnswer
		errs   []api.GraphError
		err    error
	)
	r := api.Request{Route: pastRoute, Doing: "list what was merged into " + wire.Clip(baseRef, 100) + " of " + repo.FullName()}
	for listed := pastListed; ; listed /= 2 { // fewer where that many are too much
		errs, err = c.Query(ctx, r, pastQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "base": baseRef,
			"n": listed}, &answer)
		if !api.TooMuch(err) || listed/2 < n {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, c.GraphRefusal(errs[0], r)
	}
	if answer.Repository == nil || answer.Repository.DatabaseID != repo.ID {
		return nil, api.AnotherRepository(repo)
	}
	pulls := slices.DeleteFunc(answer.Repository.PullRequests.Nodes, func(p *mergedPull) bool { return p == nil || p.Number <= 0 })
	slices.SortStableFunc(pulls, func(a, b *mergedPull) int {
		return cmp.Or(b.MergedAt.Compare(a.MergedAt), cmp.Compare(b.Number, a.Number))
	})
	return pulls[:min(len(pulls), n)], nil
}

// pastRange reads one merged pull request. Trouble with it alone is a gap; that
// GitHub limits requests, or that time is up, is an error.
func pastRange(ctx context.Context, c *api.Client, repo gate.Repo, pull *mergedPull) (change.Change, error) {
	p := &present{state: &pull.state, number: pull.Number, repo: repo}
	out := p.change(gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: pull.Number})
	if !wire.IsSHA(pull.HeadRefOid) || !wire.IsSHA(pull.BaseRefOid) {
		out.Gaps = []string{"GitHub does not say what was merged."}
		return out, nil
	}
	span, err := ranges.Compare(ctx, c, repo, pull.BaseRefOid, pull.HeadRefOid)
	switch {
	case err != nil && hopeless(ctx, err):
		return out, err
	case err != nil:
		out.Gaps = []string{gate.AsError(err).Text}
		return out, nil
	case len(span.Files) != pull.ChangedFiles || len(span.Commits) != span.Total:
		out.Gaps = []string{fmt.Sprintf("Only %d of %d files and %d of %d commits were read.", len(span.Files),
			pull.ChangedFiles, len(span.Commits), span.Total)}
		return out, nil
	}
	out.Base, out.Files, out.Commits = span.MergeBase, span.Files, span.Commits
	return out, nil
}

// hopeless reports whether further requests would fail as well.
func hopeless(ctx context.Context, err error) bool {
	code := gate.AsError(err).Code
	return ctx.Err() != nil || code == "rate_limited" || code == "no_permission" || code == "not_installed"
}

// pastText bounds the texts of one of the changes that were merged before, in bytes.
const pastText = 4 << 20

// texts fills in what is wanted and not there yet.
func (p *Past) texts(ctx context.Context, repo gate.Repo, changes []change.Change, want func(*change.File) bool) error {
	errs := make([]error, len(changes))
	api.Each(len(changes), func(i int) {
		c := &changes[i]
		if len(c.Gaps) > 0 {
			return
		}
		s := gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: c.Number}
		err := p.files.TextsWithin(ctx, s, c, want, pastText)
		if err != nil && hopeless(ctx, err) {
			errs[i] = err
		} else if err != nil {
			c.Gaps = []string{gate.AsError(err).Text}
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
