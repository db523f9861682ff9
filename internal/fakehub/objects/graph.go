package objects

import (
	"container/heap"
	"slices"
)

// Range is what lies between two commits.
type Range struct {
	// MergeBase is the best common ancestor, "" where there is none.
	MergeBase string
	// Ahead are the commits that the head has and the base has not, parents
	// before children; Behind the other way round.
	Ahead, Behind []string
}

const (
	fromBase = 1 << iota
	fromHead
	stale // reachable from a common ancestor that was already found
)

// Between walks the graph down from both commits until only common history is
// left. Commits are visited by generation, so that what is known of a commit
// when its turn comes is final. Cost: the commits of the range, and those few
// of the common history that are as young.
func (s *Store) Between(base, head string) Range {
	marks := map[string]int{}
	queue := &byGeneration{}
	open := 0 // queued commits that are not known to be common
	push := func(sha string, mark int) {
		c := s.commits[sha]
		if c == nil {
			return
		}
		old, seen := marks[sha]
		marks[sha] = old | mark
		if !seen {
			heap.Push(queue, c)
		}
		was, is := seen && !common(old), !common(old|mark)
		if is && !was {
			open++
		} else if was && !is {
			open--
		}
	}
	push(base, fromBase)
	push(head, fromHead)

	var r Range
	for queue.Len() > 0 && (open > 0 || r.MergeBase == "") {
		c := heap.Pop(queue).(*Commit)
		mark := marks[c.SHA]
		if !common(mark) {
			open--
		}
		switch mark {
		case fromHead:
			r.Ahead = append(r.Ahead, c.SHA)
		case fromBase:
			r.Behind = append(r.Behind, c.SHA)
		case fromBase | fromHead:
			if r.MergeBase == "" {
				r.MergeBase = c.SHA
			}
			mark |= stale
		}
		for _, p := range c.Parents {
			push(p, mark)
		}
	}
	slices.Reverse(r.Ahead)
	slices.Reverse(r.Behind)
	return r
}

func common(mark int) bool { return mark&fromBase != 0 && mark&fromHead != 0 }

// byGeneration is a heap with the youngest generation first; the committer's
// date and the id only make the order the same each time.
type byGeneration []*Commit

func (q byGeneration) Len() int      { return len(q) }
func (q byGeneration) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q byGeneration) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.generation != b.generation {
		return a.generation > b.generation
	}
	if !a.Committer.Date.Equal(b.Committer.Date) {
		return a.Committer.Date.After(b.Committer.Date)
	}
	return a.SHA < b.SHA
}
func (q *byGeneration) Push(x any) { *q = append(*q, x.(*Commit)) }
func (q *byGeneration) Pop() any {
	old := *q
	c := old[len(old)-1]
	*q = old[:len(old)-1]
	return c
}
