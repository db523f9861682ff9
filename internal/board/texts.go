package board

import (
	"strings"
)

// texts keeps each text that many gates share once, and knows it again by a number: a
// search looks through it once, and not for each gate.
type texts struct {
	number map[string]uint32
	kept   []string
	low    []string // the same in small letters
}

// maxTexts bounds the texts that are kept once.
const maxTexts = 50_000

func newTexts() texts { return texts{number: map[string]uint32{}} }

// one is a text as it is kept, with its number. known is false where there is no room
// for it.
func (t *texts) one(text string) (kept string, number uint32, known bool) {
	n, has := t.number[text]
	if has {
		return t.kept[n], n, true
	}
	if len(t.kept) >= maxTexts {
		return text, 0, false
	}
	n = uint32(len(t.kept))
	t.number[text], t.kept, t.low = n, append(t.kept, text), append(t.low, strings.ToLower(text))
	return text, n, true
}

// share keeps what many gates say once, and puts together what a search looks through.
// The caller locks.
func (b *Board) share(s *Summary) {
	var own []string
	one := func(text string) string { kept, _, _ := b.texts.one(text); return kept }
	said := func(text string) string { // that a search looks through
		kept, n, known := b.texts.one(text)
		switch {
		case text == "":
		case known:
			s.shared = append(s.shared, n)
		default:
			own = append(own, text)
		}
		return kept
	}
	each := func(one func(string) string, list []string) []string {
		out := make([]string, len(list))
		for i, text := range list {
			out[i] = one(text)
		}
		return out
	}
	s.shared = make([]uint32, 0, 3+len(s.Agents)+len(s.Asked)+len(s.Rules))
	s.Agents, s.Asked, s.Rules, s.from = each(said, s.Agents), each(said, s.Asked), each(said, s.Rules), each(one, s.from)
	s.Subject.Repo.Owner, s.Subject.Repo.Name = one(s.Subject.Repo.Owner), one(s.Subject.Repo.Name)
	s.BaseRef, s.Subject.Environment = one(s.BaseRef), one(s.Subject.Environment)
	s.DecidedBy, s.Reason = said(s.DecidedBy), said(s.Reason)
	s.low = strings.ToLower(strings.Join(append([]string{s.Subject.String(), s.Head, s.Statement}, own...), " "))
}

// search is what is looked for: all of its words, each in whatever is said of a gate.
type search []sought

// sought is a word, with the shared texts that hold it.
type sought struct {
	word string
	in   []bool // by number
}

// search looks through the shared texts. The caller locks.
func (t *texts) search(text string) search {
	var out search
	for _, word := range strings.Fields(strings.ToLower(text)) {
		in := make([]bool, len(t.low))
		for i, low := range t.low {
			in[i] = strings.Contains(low, word)
		}
		out = append(out, sought{word, in})
	}
	return out
}

func (s search) finds(g *Summary) bool {
	for i := range s {
		if !s[i].is(g) {
			return false
		}
	}
	return true
}

func (s *sought) is(g *Summary) bool {
	for _, n := range g.shared {
		if s.in[n] {
			return true
		}
	}
	return strings.Contains(g.low, s.word)
}
