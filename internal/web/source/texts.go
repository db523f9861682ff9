package source

import (
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/gatehold/gatehold/internal/change"
)

// key is a file at a commit, which says one thing for ever.
type key struct {
	repo         int64
	commit, path string
}

// texts keeps texts up to so many bytes and files; those used longest ago go first.
// The caller locks.
type texts struct {
	left int64
	kept *simplelru.LRU[key, change.Text]
}

// room is what an entry takes beside its text.
const room = 256

func newTexts(bytes int64, files int) *texts {
	t := &texts{left: bytes}
	t.kept, _ = simplelru.NewLRU(files, func(_ key, gone change.Text) { t.left += size(gone) }) // errs only for a size below 1
	return t
}

func size(t change.Text) int64 { return int64(len(t.Body)) + room }

func (t *texts) get(k key) (change.Text, bool) { return t.kept.Get(k) }

func (t *texts) put(k key, text change.Text) {
	t.kept.Remove(k)
	t.kept.Add(k, text)
	t.left -= size(text)
	for t.left < 0 {
		t.kept.RemoveOldest()
	}
}
