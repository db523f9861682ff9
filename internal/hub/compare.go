package hub

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
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Bounds of GitHub's comparison, and of how many commits gatehold reads.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const (
	maxCompareFiles = 300
	commitsPerPage  = 100
	maxCommits      = 2000
)

var compareRoute = route{name: "GET /repos/{owner}/{repo}/compare/{basehead}", need: "contents: read", max: 64 << 20, cache: true}

// span is a range of commits: from the merge base of a base and a head to that
// head.
type span struct {
	base      string // the commit that was compared with
	mergeBase string
	baseTree  string // tree of the merge base
	total     int    // commits in the range
	commits   []change.Commit
	files     []change.File // at most 300
}

// compare reads a range. The base is a commit or a branch.
func (c *client) compare(ctx context.Context, repo gate.Repo, base, head string) (*span, error) {
	s, err := c.comparePage(ctx, repo, base, head, "")
	if err != nil {
		return nil, err
	}
	if !wire.IsSHA(s.mergeBase) || !wire.IsSHA(s.base) {
		return nil, malformed("the comparison lacks its merge base")
	}
	if s.total > 0 && len(s.commits) == s.total && !slices.ContainsFunc(s.commits, func(c change.Commit) bool { return c.SHA == head }) {
		return nil, malformed("the comparison is of another head")
	}
	return s, nil
}

func (c *client) comparePage(ctx context.Context, repo gate.Repo, base, head, query string) (*span, error) {
	s := &span{}
	err := c.get(ctx, request{
		route: compareRoute,
		url:   repoPath(repo) + "/compare/" + url.PathEscape(base) + "..." + url.PathEscape(head) + query,
		doing: fmt.Sprintf("compare %s of %s with its base", wire.ShortSHA(head), repo.FullName()),
	}, func(body io.Reader) error {
		*s = span{}
		return s.decode(json.NewDecoder(body))
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// moreCommits reads the commits that the first answer left out, all pages at
// once. What is beyond the bound is told by comparing with total.
func (c *client) moreCommits(ctx context.Context, repo gate.Repo, s *span, head string) error {
	pages := (min(s.total, maxCommits) + commitsPerPage - 1) / commitsPerPage
	found := make([]*span, pages)
	errs := make([]error, pages)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() {
			query := fmt.Sprintf("?per_page=%d&page=%d", commitsPerPage, i+1)
			found[i], errs[i] = c.comparePage(ctx, repo, s.base, head, query)
		})
	}
	wg.Wait()
	seen := make(map[string]bool, s.total)
	var all []change.Commit
	for i := range pages {
		if errs[i] != nil {
			return errs[i]
		}
		for _, commit := range found[i].commits {
			if !seen[commit.SHA] {
				seen[commit.SHA] = true
				all = append(all, commit)
			}
		}
	}
	for _, commit := range s.commits {
		if !seen[commit.SHA] {
			all = append(all, commit)
		}
	}
	s.commits = all
	return nil
}

func (s *span) decode(dec *json.Decoder) error {
	return wire.Object(dec, func(name string) error {
		switch name {
		case "base_commit", "merge_base_commit":
			var commit commitAnswer
			if err := dec.Decode(&commit); err != nil {
				return err
			}
			if name == "base_commit" {
				s.base = commit.SHA
			} else {
				s.mergeBase, s.baseTree = commit.SHA, commit.Commit.Tree.SHA
			}
			return nil
		case "total_commits":
			return dec.Decode(&s.total)
		case "commits":
			return wire.Array(dec, func(a *commitAnswer) { s.commits = append(s.commits, a.commit()) })
		case "files":
			return wire.Array(dec, func(a *fileAnswer) {
				if f, ok := a.file(); ok {
					s.files = append(s.files, f)
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
	return c
}

func (p personAnswer) person(a *wire.Account) change.Person {
	out := change.Person{Name: p.Name, Email: p.Email}
	if a != nil {
		out.Login, out.ID, out.Type = a.Login, a.ID, change.ActorType(a.Type)
	}
	return out
}

// fileAnswer is a file as comparisons and lists of a pull request's files show
// it. Patches are left where they are.
type fileAnswer struct {
	SHA       string `json:"sha"`
	Filename  string `json:"filename"`
	Previous  string `json:"previous_filename"`
	Status    string `json:"status"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
}

func (a *fileAnswer) file() (change.File, bool) {
	f := change.File{Path: a.Filename, PreviousPath: a.Previous, Status: change.Status(a.Status), Additions: a.Additions,
		Deletions: a.Deletions}
	f.After.Blob = a.SHA
	switch f.Status {
	case "unchanged":
		return f, false
	case change.Added, change.Copied:
		// A copy is new where it is: all of it is what the change brings.
		f.Before = change.NoText()
	case change.Removed:
		f.Before.Blob = a.SHA
		f.After = change.NoText()
	case change.Modified, change.Renamed, change.Changed:
	default:
		f.Status = change.Modified
	}
	return f, f.Path != ""
}
