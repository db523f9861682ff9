package ranges

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Bounds of GitHub's comparison, and of how many commits gatehold reads.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const (
	MaxFiles       = 300
	commitsPerPage = 100
	maxCommits     = 2000
)

var compareRoute = api.Route{Name: "GET /repos/{owner}/{repo}/compare/{basehead}", Need: "contents: read", Max: 64 << 20, Cache: true}

// Span is a range of commits: from the merge base of a base and a head to that
// head.
type Span struct {
	Base      string // the commit that was compared with
	MergeBase string
	baseTree  string // tree of the merge base
	Total     int    // commits in the range
	Commits   []change.Commit
	Files     []change.File // at most 300
}

// Compare reads a range. The base is a commit or a branch.
func Compare(ctx context.Context, c *api.Client, repo gate.Repo, base, head string) (*Span, error) {
	s, err := comparePage(ctx, c, repo, base, head, "")
	if err != nil {
		return nil, err
	}
	if !wire.IsSHA(s.MergeBase) || !wire.IsSHA(s.Base) {
		return nil, api.Malformed("the comparison lacks its merge base")
	}
	if s.Total > 0 && len(s.Commits) == s.Total && !slices.ContainsFunc(s.Commits, func(c change.Commit) bool { return c.SHA == head }) {
		return nil, api.Malformed("the comparison is of another head")
	}
	return s, nil
}

func comparePage(ctx context.Context, c *api.Client, repo gate.Repo, base, head, query string) (*Span, error) {
	s := &Span{}
	err := c.Get(ctx, api.Request{
		Route: compareRoute,
		URL:   api.RepoPath(repo) + "/compare/" + url.PathEscape(base) + "..." + url.PathEscape(head) + query,
		Doing: fmt.Sprintf("compare %s of %s with its base", wire.ShortSHA(head), repo.FullName()),
	}, func(body io.Reader) error {
		*s = Span{}
		return s.decode(json.NewDecoder(body))
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// MoreCommits reads the commits that the first answer left out, all pages at
// once. What is beyond the bound is told by comparing with total.
func MoreCommits(ctx context.Context, c *api.Client, repo gate.Repo, s *Span, head string) error {
	pages := (min(s.Total, maxCommits) + commitsPerPage - 1) / commitsPerPage
	found := make([]*Span, pages)
	errs := make([]error, pages)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() {
			query := fmt.Sprintf("?per_page=%d&page=%d", commitsPerPage, i+1)
			found[i], errs[i] = comparePage(ctx, c, repo, s.Base, head, query)
		})
	}
	wg.Wait()
	seen := make(map[string]bool, s.Total)
	var all []change.Commit
	for i := range pages {
		if errs[i] != nil {
			return errs[i]
		}
		for _, commit := range found[i].Commits {
			if !seen[commit.SHA] {
				seen[commit.SHA] = true
				all = append(all, commit)
			}
		}
	}
	for _, commit := range s.Commits {
		if !seen[commit.SHA] {
			all = append(all, commit)
		}
	}
	s.Commits = all
	return nil
}

func (s *Span) decode(dec *json.Decoder) error {
	return wire.Object(dec, func(name string) error {
		switch name {
		case "base_commit", "merge_base_commit":
			var commit commitAnswer
			if err := dec.Decode(&commit); err != nil {
				return err
			}
			if name == "base_commit" {
				s.Base = commit.SHA
			} else {
				s.MergeBase, s.baseTree = commit.SHA, commit.Commit.Tree.SHA
			}
			return nil
		case "total_commits":
			return dec.Decode(&s.Total)
		case "commits":
			return wire.Array(dec, func(a *commitAnswer) { s.Commits = append(s.Commits, a.commit()) })
		case "files":
			return wire.Array(dec, func(a *wire.File) {
				if f, ok := a.ChangeFile(); ok {
					s.Files = append(s.Files, f)
				}
			})
		}
		return wire.Skip(dec)
	})
}

type commitAnswer struct {
	SHA    string `json:"sha"`
	Commit struct {
		Message   string       `json:"message"`
		Author    personAnswer `json:"author"`
		Committer personAnswer `json:"committer"`
		Tree      struct {
			SHA string `json:"sha"`
		} `json:"tree"`
		Verification struct {
			Verified bool `json:"verified"`
		} `json:"verification"`
	} `json:"commit"`
	Author    *wire.Account `json:"author"`
	Committer *wire.Account `json:"committer"`
	Parents   []struct {
		SHA string `json:"sha"`
	} `json:"parents"`
}

type personAnswer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// commit translates. GitHub signs with its own key as the account web-flow, so
// a verified signature of that committer is GitHub's.
func (a *commitAnswer) commit() change.Commit {
	c := change.Commit{
		SHA: a.SHA, Message: a.Commit.Message,
		Author:    a.Commit.Author.person(a.Author),
		Committer: a.Commit.Committer.person(a.Committer),
		Verified:  a.Commit.Verification.Verified,
	}
	c.SignedByGitHub = c.Verified && c.Committer.Login == "web-flow"
	for _, p := range a.Parents {
		c.Parents = append(c.Parents, p.SHA)
	}
	return c
}

func (p personAnswer) person(a *wire.Account) change.Person {
	out := change.Person{Name: p.Name, Email: p.Email}
	if a != nil {
		out.Login, out.ID, out.Type = a.Login, a.ID, change.ActorType(a.Type)
	}
	return out
}
