package pulls

import (
	"context"
	"slices"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Most edits of a title, a text or a label change nothing that is judged. What
// was judged is kept for a while, in this process: with the words of the event
// in the place of those that were there it is judged again, and where it comes
// to the very same, GitHub is not asked. Whatever is not known for sure asks.
type spare struct {
	// hearing is held by whoever puts an event on record, until its words are kept.
	hearing sync.RWMutex

	judged *lru.Cache[string, kept]         // by stream
	words  *lru.Cache[wording, *gate.Words] // by the record of the event
}

type wording struct {
	stream  string
	version uint64
}

// kept is what the newest judgement of a gate was made of.
type kept struct {
	covers uint64
	change change.Change
	rules  *policy.Rules
}

// Bounds of what is kept.
const (
	keptChanges = 256
	keptText    = 96 << 10 // bytes of text of one change
	keptFiles   = 300
	keptEvents  = 1 << 10
	keptWords   = 32 << 10 // bytes of the words of one event
)

func newSpare() *spare {
	judged, _ := lru.New[string, kept](keptChanges) // errs only for a size below 1
	words, _ := lru.New[wording, *gate.Words](keptEvents)
	return &spare{judged: judged, words: words}
}

// Hear puts an event on a pull request on record and keeps its words, where there
// are any.
func (u *Pulls) Hear(w *gate.Words, stream string, record func() (ledger.Head, error)) error {
	return u.spare.hear(w, stream, record)
}

// hear puts an event on record and keeps its words: nobody finds the one without
// the other.
func (p *spare) hear(w *gate.Words, stream string, record func() (ledger.Head, error)) error {
	if w == nil || len(w.Title)+len(w.Body) > keptWords {
		_, err := record()
		return err
	}
	p.hearing.RLock()
	defer p.hearing.RUnlock()
	head, err := record()
	if err == nil {
		p.words.Add(wording{stream, head.Version}, w)
	}
	return err
}

// of are the words of an event that is on record.
func (p *spare) of(stream string, version uint64) (*gate.Words, bool) {
	p.hearing.Lock() // whoever has put it on record has kept its words by now
	defer p.hearing.Unlock()
	return p.words.Get(wording{stream, version})
}

// keep remembers what a gate was judged by.
func (p *spare) keep(stream string, covers uint64, c *change.Change, rules *policy.Rules) {
	p.judged.Remove(stream)
	size := len(c.Title) + len(c.Body)
	for i := range c.Files {
		size += len(c.Files[i].Before.Body) + len(c.Files[i].After.Body)
	}
	for i := range c.Commits {
		size += len(c.Commits[i].Message)
	}
	if size > keptText || len(c.Files) > keptFiles {
		return
	}
	own := *c
	own.Files = slices.Clone(c.Files)
	p.judged.Add(stream, kept{covers: covers, change: own, rules: rules})
}

// spared reports whether all that was seen since the last judgement is edits
// after each of which it would come to the same, and then records that.
func (u *Pulls) spared(ctx context.Context, f book.Gate) (bool, error) {
	s := f.State
	if s.Subject.Kind != gate.PullRequest || !s.OnlyEdited() || len(s.Choices) > 0 { // whoever approved is asked about again
		return false, nil
	}
	was, known := u.spare.judged.Get(f.Name)
	if !known || was.covers != s.Covered {
		return false, nil
	}
	for _, version := range s.Pull.Edits {
		w, heard := u.spare.of(f.Name, version)
		if !heard || !u.same(s.Verdict, was, w) {
			return false, nil
		}
	}
	covers := f.Head.Version
	was.covers = covers
	u.spare.judged.Add(f.Name, was)
	judged := gate.Judged{
		Covers: covers, Head: s.Verdict.Head, BaseRef: s.BaseRef, Digest: s.Verdict.Digest, Lane: s.Lane, Spared: true,
		Reverts: change.Reverts(&was.change),
	}
	if said := s.Pull.Said; said.Head == judged.Head && said.BaseRef == judged.BaseRef { // else a comparison would look again
		judged.Of = &said
	}
	_, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: judged})
	return true, err
}

// same judges what was judged with other words.
func (u *Pulls) same(verdict *gate.Verdict, was kept, w *gate.Words) bool {
	now := was.change
	now.Title, now.Body, now.Labels, now.Draft = w.Title, w.Body, w.Labels, w.Draft
	now.Assignees = nil
	for _, a := range w.Assignees {
		now.Assignees = append(now.Assignees, change.Actor{Login: a.Login, ID: a.ID, Type: change.ActorType(a.Type)})
	}
	if !slices.Equal(judge.Resolves(now.Body), judge.Resolves(was.change.Body)) || // GitHub links other issues then
		!slices.Equal(change.Reverts(&now), change.Reverts(&was.change)) {
		return false
	}
	v := judge.Change(was.rules, &now)
	return v.Digest == verdict.Digest && sameLinks(judge.Origin(&now), verdict.Origin)
}
