// Package source reads from GitHub what a page shows beside the record: the lines
// that findings are about, what a pull request says of itself, and what other checks
// say of its head.
//
// # Contract
//
// It is read when a page is looked at, bounded in files, bytes and time, and kept in
// memory for a while: texts by commit and path, which never change, the rest for half
// a minute. All pages together ask GitHub so often and no more: whoever looks at many of
// them must not take from the judging what GitHub lets the App ask. Nothing of it is put
// on record, and nothing that decides reads it. What cannot be had is an error with a
// sentence; the page is drawn without it.
package source

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/time/rate"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// GitHub is what is asked of it.
type GitHub interface {
	// TextsWithin fills in both sides of the files that want asks for. Where they
	// have more than limit bytes, the error's code is texts_past_limit.
	TextsWithin(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error
	About(ctx context.Context, s gate.Subject) (change.About, error)
	CI(ctx context.Context, repo gate.Repo, sha string) (change.CI, error)
}

// Sides are the two texts of a file.
type Sides struct{ Before, After change.Text }

// Around is what stands around a change on GitHub.
type Around struct {
	About change.About
	CI    change.CI
}

// The bounds of what is read for one page, and of what is kept.
const (
	MaxFiles  = 24
	maxBytes  = 2 << 20
	patience  = 4 * time.Second
	keptBytes = 32 << 20
	keptFiles = 2048
	keptFor   = 30 * time.Second
	askEvery  = 3 * time.Second // one question, in the long run
	askAtOnce = 60

	asksAround = 3 // of what the pull request says, check runs and statuses
)

// Reader reads. It is safe for concurrent use.
type Reader struct {
	gh     GitHub
	now    func() time.Time
	may    *rate.Limiter
	around *lru.LRU[string, Around]

	mu    sync.Mutex
	texts *texts
}

// New returns a reader that has read nothing yet.
func New(gh GitHub, now func() time.Time) *Reader {
	return &Reader{gh: gh, now: now, may: rate.NewLimiter(rate.Every(askEvery), askAtOnce),
		around: lru.NewLRU[string, Around](keptFiles, nil, keptFor), texts: newTexts(keptBytes, keptFiles)}
}

// Lines reads files before and after a change, by path; of more than MaxFiles the
// first. An empty base is a commit before which there was nothing.
func (r *Reader) Lines(ctx context.Context, repo gate.Repo, base, head string, paths []string) (map[string]Sides, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out := map[string]Sides{}
	wanted := change.Change{Base: base, Head: head}
	for _, path := range paths[:min(len(paths), MaxFiles)] {
		known, has := r.known(repo, base, head, path)
		if _, twice := out[path]; has || twice {
			out[path] = known
			continue
		}
		out[path] = Sides{}
		f := change.File{Path: path, Status: change.Modified}
		if base == "" {
			f.Before = change.NoText()
		}
		wanted.Files = append(wanted.Files, f)
	}
	if len(wanted.Files) == 0 {
		return out, nil
	}
	if !r.may.AllowN(r.now(), 1) {
		return nil, &gate.Error{Code: "busy", Text: "So many pages are looked at that GitHub is not asked for more."}
	}
	subject := gate.Subject{Kind: gate.PullRequest, Repo: repo}
	if err := r.gh.TextsWithin(ctx, subject, &wanted, func(*change.File) bool { return true }, maxBytes); err != nil {
		return nil, err
	}
	for _, f := range wanted.Files {
		s := Sides{Before: absent(f.Before), After: absent(f.After)}
		out[f.Path] = s
		r.keep(repo, base, head, f.Path, s)
	}
	return out, nil
}

// absent tells a file that is not in a commit from one that cannot be read: only of
// the latter GitHub names the content.
func absent(t change.Text) change.Text {
	if t.State == change.Unreadable && t.Blob == "" {
		return change.NoText()
	}
	return t
}

// Around reads what a pull request says of itself, and what other checks say of its
// head; of another subject the checks alone. What cannot be had is left out.
func (r *Reader) Around(ctx context.Context, s gate.Subject, head string) Around {
	key := s.Stream() + " " + head
	if known, ok := r.around.Get(key); ok {
		return known
	}
	if !r.may.AllowN(r.now(), asksAround) {
		return Around{}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out Around
	var told, counted error
	var both sync.WaitGroup
	both.Go(func() { out.CI, counted = r.gh.CI(ctx, s.Repo, head) })
	if s.Kind == gate.PullRequest {
		out.About, told = r.gh.About(ctx, s)
	}
	both.Wait()
	if told == nil && counted == nil {
		r.around.Add(key, out)
	}
	return out
}

func (r *Reader) known(repo gate.Repo, base, head, path string) (Sides, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, hasBefore := r.texts.get(key{repo.ID, base, path})
	after, hasAfter := r.texts.get(key{repo.ID, head, path})
	return Sides{before, after}, (hasBefore || base == "") && hasAfter
}

func (r *Reader) keep(repo gate.Repo, base, head, path string, s Sides) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts.put(key{repo.ID, base, path}, s.Before)
	r.texts.put(key{repo.ID, head, path}, s.After)
}
