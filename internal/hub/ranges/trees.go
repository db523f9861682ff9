package ranges

import (
	"bufio"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var treeRoute = api.Route{Name: "GET /repos/{owner}/{repo}/git/trees/{tree_sha}", Need: "contents: read", Max: 96 << 20}

// WithLines adds the line counts that the comparison told, as far as it went.
func WithLines(files, compared []change.File) []change.File {
	known := make(map[string]*change.File, len(compared))
	for i := range compared {
		known[compared[i].Path] = &compared[i]
	}
	for i := range files {
		if f := known[files[i].Path]; f != nil {
			files[i].Additions, files[i].Deletions = f.Additions, f.Deletions
		}
	}
	return files
}

// object id and mode, small: a repository can have 100,000 of them.
type leaf struct {
	id   [32]byte
	mode string // one of a few constants
}

// Diff compares the trees of merge base and head, which is named by its tree
// or its commit. The base is held in
// memory; of the head only what differs.
func Diff(ctx context.Context, c *api.Client, repo gate.Repo, head string, r *Span) ([]change.File, bool, error) {
	done, err := c.Large(ctx, api.Request{Route: treeRoute, Doing: "read the files of " + repo.FullName()})
	if err != nil {
		return nil, false, err
	}
	defer done()
	d := &treeDiff{base: make(map[string]leaf, 4096), loaded: make(chan struct{})}
	baseTree := r.baseTree
	if !wire.IsSHA(baseTree) {
		baseTree = r.MergeBase
	}
	var (
		wg               sync.WaitGroup
		baseErr, headErr error
	)
	wg.Go(func() { baseErr = readTree(ctx, c, repo, baseTree, d.readBase); d.baseDone() })
	wg.Go(func() { headErr = readTree(ctx, c, repo, head, d.readHead) })
	wg.Wait()
	if baseErr != nil {
		return nil, false, baseErr
	}
	if headErr != nil {
		return nil, false, headErr
	}
	if d.cut {
		return nil, false, nil
	}
	return d.files(), true, nil
}

func readTree(ctx context.Context, c *api.Client, repo gate.Repo, sha string, read func(io.Reader) error) error {
	return c.Get(ctx, api.Request{
		Route: treeRoute,
		URL:   api.RepoPath(repo) + "/git/trees/" + sha + "?recursive=1",
		Doing: fmt.Sprintf("read the tree %s of %s", wire.ShortSHA(sha), repo.FullName()),
	}, read)
}

type treeDiff struct {
	base   map[string]leaf
	once   sync.Once
	loaded chan struct{} // closed when base is whole, or never will be

	mu             sync.Mutex
	cut            bool
	added, changed []treeChange
}

type treeChange struct {
	path          string
	before, after leaf
}

func (d *treeDiff) baseDone() { d.once.Do(func() { close(d.loaded) }) }

func (d *treeDiff) readBase(body io.Reader) error {
	clear(d.base)
	return d.read(body, func(path string, l leaf) { d.base[path] = l })
}

// readHead waits for the base, while GitHub makes the answer ready.
func (d *treeDiff) readHead(body io.Reader) error {
	<-d.loaded
	d.added, d.changed = nil, nil
	return d.read(body, func(path string, l leaf) {
		before, ok := d.base[path]
		switch {
		case !ok:
			d.added = append(d.added, treeChange{path: path, after: l})
		case before != l:
			d.changed = append(d.changed, treeChange{path, before, l})
		}
		delete(d.base, path)
	})
}

func (d *treeDiff) read(body io.Reader, each func(string, leaf)) error {
	type entry struct {
		Path string `json:"path"`
		Mode string `json:"mode"`
		Type string `json:"type"`
		SHA  string `json:"sha"`
	}
	dec := json.NewDecoder(bufio.NewReaderSize(body, 64<<10))
	told := false
	err := wire.Object(dec, func(name string) error {
		switch name {
		case "tree":
			var odd error
			err := wire.Array(dec, func(e *entry) {
				if e.Type == "tree" {
					return
				}
				l, err := newLeaf(e.Mode, e.SHA)
				if err != nil {
					odd = err
					return
				}
				each(e.Path, l)
			})
			if err == nil {
				err = odd
			}
			return err
		case "truncated":
			var cut bool
			told = true
			err := dec.Decode(&cut)
			d.mu.Lock()
			d.cut = d.cut || cut
			d.mu.Unlock()
			return err
		}
		return wire.Skip(dec)
	})
	if err == nil && !told {
		err = fmt.Errorf("the tree does not say whether it is whole")
	}
	return err
}

func newLeaf(mode, sha string) (leaf, error) {
	var l leaf
	if n, err := hex.Decode(l.id[:], []byte(sha)); err != nil || n < 20 || len(sha) > 64 {
		return l, fmt.Errorf("%q is no object id", wire.Clip(sha, 80))
	}
	switch mode {
	case change.ModeFile:
		l.mode = change.ModeFile
	case change.ModeExecutable:
		l.mode = change.ModeExecutable
	case change.ModeSymlink:
		l.mode = change.ModeSymlink
	case change.ModeSubmodule:
		l.mode = change.ModeSubmodule
	default:
		l.mode = string([]byte(mode)[:min(len(mode), 6)])
	}
	return l, nil
}

// files turns what differs into files, in the order of their paths.
func (d *treeDiff) files() []change.File {
	var removed []treeChange
	for path, l := range d.base {
		removed = append(removed, treeChange{path: path, before: l})
	}
	byPath := func(a, b treeChange) int { return cmp.Compare(a.path, b.path) }
	slices.SortFunc(removed, byPath)
	slices.SortFunc(d.added, byPath)

	files := make([]change.File, 0, len(removed)+len(d.added)+len(d.changed))
	from := renames(removed, d.added)
	for _, a := range d.added {
		f := change.File{Path: a.path, Status: change.Added, Mode: a.after.mode, Before: change.NoText()}
		f.After.Blob = a.after.blob()
		if old, ok := from[a.path]; ok {
			f.Status, f.PreviousPath, f.PreviousMode = change.Renamed, old.path, old.before.mode
			f.Before = change.Text{Blob: old.before.blob()}
		}
		files = append(files, f)
	}
	gone := make(map[string]bool, len(from))
	for _, old := range from {
		gone[old.path] = true
	}
	for _, r := range removed {
		if !gone[r.path] {
			f := change.File{Path: r.path, Status: change.Removed, PreviousMode: r.before.mode, After: change.NoText()}
			f.Before.Blob = r.before.blob()
			files = append(files, f)
		}
	}
	for _, ch := range d.changed {
		f := change.File{Path: ch.path, Status: change.Modified, Mode: ch.after.mode, PreviousMode: ch.before.mode}
		if ch.before.id == ch.after.id {
			f.Status = change.Changed
		}
		f.Before.Blob, f.After.Blob = ch.before.blob(), ch.after.blob()
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b change.File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// renames pairs removed and added files of the same content, in order, keyed by
// the new path. Empty files are no evidence of a move.
func renames(removed, added []treeChange) map[string]treeChange {
	gone := map[[32]byte][]treeChange{}
	for _, r := range removed {
		if r.before.mode != change.ModeSubmodule && r.before.blob() != emptyBlob {
			gone[r.before.id] = append(gone[r.before.id], r)
		}
	}
	from := map[string]treeChange{}
	for _, a := range added {
		if old := gone[a.after.id]; len(old) > 0 && a.after.mode != change.ModeSubmodule {
			from[a.path], gone[a.after.id] = old[0], old[1:]
		}
	}
	return from
}

// blob is the id in hex: 20 bytes, or 32 in a repository of SHA-256.
func (l leaf) blob() string {
	if [12]byte(l.id[20:]) == ([12]byte{}) {
		return hex.EncodeToString(l.id[:20])
	}
	return hex.EncodeToString(l.id[:])
}

// All lists all files of a commit as added.
func All(ctx context.Context, c *api.Client, repo gate.Repo, sha string) ([]change.File, bool, error) {
	done, err := c.Large(ctx, api.Request{Route: treeRoute, Doing: "read the files of " + repo.FullName()})
	if err != nil {
		return nil, false, err
	}
	defer done()
	d := &treeDiff{base: map[string]leaf{}, loaded: make(chan struct{})}
	d.baseDone()
	if err := readTree(ctx, c, repo, sha, d.readHead); err != nil {
		return nil, false, err
	}
	if d.cut {
		return nil, false, nil
	}
	return d.files(), true, nil
}
