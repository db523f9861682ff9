package board

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Set is which gates a list is about.
type Set string

// The sets.
const (
	AllGates     Set = ""
	OpenGates    Set = "open"       // not closed, and GitHub was not answered for good; or to be reviewed
	DecidedGates Set = "decided"    // over, or somebody has answered
	ToReview     Set = "unreviewed" // released at once, and nobody else has looked
)

// Query narrows a list; what is empty does not.
type Query struct {
	Set         Set
	Repository  string // "owner/name"
	Environment string
	Agent       string
	Level       gate.Level
	Standing    gate.Standing
	Text        string        // words, each a part of the subject, the sentence, the reason, a rule, an agent or who decided
	Older       time.Duration // nothing has changed for so long
	After       string        // Next of the page before
	Limit       int           // 0: DefaultLimit
	// See tells which repositories may be seen; nil: all. It must not wait.
	See func(gate.Repo) bool
}

// Page is a part of a list, the newest change first.
type Page struct {
	Gates      []Summary
	Next       string                // the cursor of what comes after; empty: nothing does
	Counts     map[gate.Standing]int // of all that the query finds, whatever their standing
	Total      int                   // that the query finds
	Unreviewed int                   // releases at once that nobody else has looked at, of all gates
}

// The sizes of a page.
const (
	DefaultLimit = 50
	maxLimit     = 200
)

// cursor is a place in a list: before it stand newer changes.
type cursor struct {
	at     int64 // nanoseconds
	stream string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.at, 36) + " " + c.stream))
}

// readCursor reads what String wrote; anything else is the beginning.
func readCursor(s string) (cursor, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	at, stream, ok := strings.Cut(string(raw), " ")
	n, numErr := strconv.ParseInt(at, 36, 64)
	return cursor{n, stream}, err == nil && numErr == nil && ok
}

// before orders a list: the newest change first.
func (c cursor) before(o cursor) bool {
	return cmp.Or(cmp.Compare(o.at, c.at), strings.Compare(c.stream, o.stream)) < 0
}

// Repos are the repositories that the lists know, by id.
func (b *Board) Repos() []gate.Repo {
	b.mu.RLock()
	defer b.mu.RUnlock()
	known := map[int64]gate.Repo{}
	for i := range b.index {
		if r := b.index[i].gate.Subject.Repo; known[r.ID].ID == 0 {
			known[r.ID] = r
		}
	}
	for _, s := range b.repos {
		known[s.Repo.ID] = s.Repo // as it is called now
	}
	return slices.SortedFunc(maps.Values(known), func(a, b gate.Repo) int { return cmp.Compare(a.ID, b.ID) })
}

// List finds gates. It goes by what it has in memory, and asks nobody.
func (b *Board) List(q Query) Page {
	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, maxLimit)
	after, from := readCursor(q.After)
	now := b.Now()
	out := Page{Gates: []Summary{}, Counts: map[gate.Standing]int{}}
	var first newest // of what was found, the last of them on top
	repo := splitName(q.Repository)
	b.mu.RLock()
	defer b.mu.RUnlock()
	search := b.texts.search(q.Text)
	for i := range b.index {
		e := &b.index[i]
		if q.See != nil && !q.See(e.gate.Subject.Repo) {
			continue
		}
		out.Unreviewed += int(e.unreviewed)
		if !q.Set.has(e) || !q.finds(e.gate, repo, now) || !search.finds(e.gate) {
			continue
		}
		out.Counts[e.gate.Standing]++
		if q.Standing != "" && q.Standing != e.gate.Standing {
			continue
		}
		out.Total++
		switch {
		case from && !after.before(e.cursor()):
		case len(first) <= limit:
			heap.Push(&first, e)
		case e.newer(first[0]):
			first[0] = e
			heap.Fix(&first, 0)
		}
	}
	slices.SortFunc(first, func(a, b *entry) int {
		if a.newer(b) {
			return -1
		}
		return 1
	})
	if len(first) > limit {
		out.Next = first[limit-1].cursor().String()
		first = first[:limit]
	}
	for _, e := range first {
		out.Gates = append(out.Gates, b.told(e.gate))
	}
	return out
}

// splitName takes "owner/name" apart, so that nothing is put together for each gate.
func splitName(full string) [2]string {
	owner, name, _ := strings.Cut(full, "/")
	return [2]string{owner, name}
}

// finds reports whether a query is about a gate, its standing left out.
func (q *Query) finds(s *Summary, repo [2]string, now time.Time) bool {
	switch {
	case q.Repository != "" && !(strings.EqualFold(repo[1], s.Subject.Repo.Name) && strings.EqualFold(repo[0], s.Subject.Repo.Owner)),
		q.Environment != "" && !gate.SameEnvironment(q.Environment, s.Subject.Environment),
		q.Level != "" && q.Level != s.Level,
		q.Agent != "" && !slices.Contains(s.Agents, q.Agent),
		q.Older > 0 && now.Sub(s.ChangedAt) < q.Older:
		return false
	}
	return true
}

func (k Set) has(e *entry) bool {
	switch k {
	case OpenGates:
		return !e.over || e.unreviewed > 0
	case DecidedGates:
		return e.over || e.decided
	case ToReview:
		return e.unreviewed > 0
	}
	return true
}

// entry is what a list goes by, side by side for all gates: most of them are passed
// over without a look at the gate itself.
type entry struct {
	gate          *Summary
	at            int64 // when it changed, in nanoseconds
	opened        int64 // in seconds
	kind          gate.Kind
	over, decided bool
	unreviewed    uint16
}

func entryOf(s *Summary) entry {
	return entry{
		gate: s, at: s.ChangedAt.UnixNano(), opened: s.OpenedAt.Unix(), kind: s.Subject.Kind, decided: !s.DecidedAt.IsZero(),
		over:       s.Standing == gate.IsClosed || s.Standing == gate.IsReleased || s.Standing == gate.IsRejected,
		unreviewed: uint16(min(len(s.Unreviewed), 1000)),
	}
}

func (e *entry) cursor() cursor { return cursor{e.at, e.gate.Stream} }

func (e *entry) newer(o *entry) bool {
	return e.at > o.at || e.at == o.at && e.gate.Stream < o.gate.Stream
}

// put lists a gate as it is now. The caller locks.
func (b *Board) put(s *Summary) {
	b.gates[s.Stream] = s
	i, has := b.place[s.Stream]
	if !has {
		i = len(b.index)
		b.place[s.Stream] = i
		b.index = append(b.index, entry{})
	}
	b.index[i] = entryOf(s)
}

// drop forgets a gate. The caller locks.
func (b *Board) drop(stream string) {
	i, has := b.place[stream]
	if !has {
		return
	}
	last := len(b.index) - 1
	b.index[i] = b.index[last]
	b.place[b.index[i].gate.Stream] = i
	b.index[last] = entry{}
	b.index = b.index[:last]
	delete(b.place, stream)
	delete(b.gates, stream)
}

// newest is a heap of gates with the oldest change on top.
type newest []*entry

func (n newest) Len() int           { return len(n) }
func (n newest) Less(i, j int) bool { return n[j].newer(n[i]) }
func (n newest) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *newest) Push(v any)        { *n = append(*n, v.(*entry)) }
func (n *newest) Pop() any {
	last := len(*n) - 1
	v := (*n)[last]
	*n = (*n)[:last]
	return v
}

// maxGraveRules bounds the rules that a gate is listed with.
const maxGraveRules = 4

func graveRules(v *gate.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Risk >= gate.GraveFrom && !f.Observe && len(out) < maxGraveRules && !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	return out
}
