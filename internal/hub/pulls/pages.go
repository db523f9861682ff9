package pulls

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// GitHub lists at most so many files of a pull request.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const (
	maxListedFiles = 3000
	filesPerPage   = 100
)

var (
	filesRoute = api.Route{Name: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files", Need: "pull_requests: read", Max: 64 << 20}
	pullRoute  = api.Route{Name: "GET /repos/{owner}/{repo}/pulls/{pull_number}", Need: "pull_requests: read"}
)

// pagedFiles reads the list of a pull request's files, all pages at once, and
// then looks whether the head is still the same: the pages are not one
// snapshot.
func pagedFiles(ctx context.Context, c *api.Client, p *present) ([]change.File, string, error) {
	pages := (min(max(p.ChangedFiles, 1), maxListedFiles) + filesPerPage - 1) / filesPerPage
	found := make([][]change.File, pages)
	errs := make([]error, pages)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() { found[i], errs[i] = filePage(ctx, c, p, i+1) })
	}
	wg.Wait()
	var files []change.File
	for i := range pages {
		if errs[i] != nil {
			return nil, "", errs[i]
		}
		files = append(files, found[i]...)
	}
	head, count, err := pullNow(ctx, c, p)
	if err != nil {
		return nil, "", err
	}
	if head != p.HeadRefOid {
		return nil, "", moved(p.repo, p.number)
	}
	if count != len(files) || distinct(files) != len(files) {
		return files,
			fmt.Sprintf("Only %d of the %d changed files could be read: GitHub lists no more than %d, and cuts trees of "+
				"this size short.", distinct(files), count, maxListedFiles), nil
	}
	return files, "", nil
}

func filePage(ctx context.Context, c *api.Client, p *present, page int) ([]change.File, error) {
	var files []change.File
	err := c.Get(ctx, api.Request{
		Route: filesRoute,
		URL:   fmt.Sprintf("%s/pulls/%d/files?per_page=%d&page=%d", api.RepoPath(p.repo), p.number, filesPerPage, page),
		Doing: fmt.Sprintf("list the files of %s#%d", p.repo.FullName(), p.number),
	}, func(body io.Reader) error {
		files = nil
		return wire.Array(json.NewDecoder(body), func(a *wire.File) {
			if f, ok := a.ChangeFile(); ok {
				files = append(files, f)
			}
		})
	})
	return files, err
}

func pullNow(ctx context.Context, c *api.Client, p *present) (head string, files int, err error) {
	var now struct {
		Head struct {
			SHA string `json:"sha"`
		} `json:"head"`
		ChangedFiles int `json:"changed_files"`
	}
	err = c.Get(ctx, api.Request{
		Route: pullRoute,
		URL:   fmt.Sprintf("%s/pulls/%d", api.RepoPath(p.repo), p.number),
		Doing: fmt.Sprintf("read %s#%d", p.repo.FullName(), p.number),
	}, api.Into(&now))
	return now.Head.SHA, now.ChangedFiles, err
}

func moved(repo gate.Repo, number int) *gate.Error {
	return &gate.Error{Code: "moved", Text: fmt.Sprintf("%s#%d got a new head while gatehold read it. It reads it again.",
		repo.FullName(), number)}
}

func distinct(files []change.File) int {
	paths := make(map[string]bool, len(files))
	for i := range files {
		paths[files[i].Path] = true
	}
	return len(paths)
}
