// Package keyword finds which of many keywords occur in a text, in one pass.
package keyword

// Matcher finds which of many keywords occur in a text, in one pass whatever
// they are: an Aho-Corasick automaton with a dense table over the few bytes
// that keywords use. Letters match without case.
type Matcher struct {
	class [256]uint8 // of a byte; 0 for bytes in no keyword
	width int
	next  []uint16  // state*width + class
	out   [][]int32 // keywords that end in a state, by index
}

// New builds the automaton. Keywords are in lower case.
func New(keywords []string) *Matcher {
	m := &Matcher{width: 1}
	for _, k := range keywords {
		for i := 0; i < len(k); i++ {
			if m.class[k[i]] == 0 {
				m.class[k[i]] = uint8(m.width)
				m.width++
			}
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		m.class[c-'a'+'A'] = m.class[c]
	}
	m.grow()
	for i, k := range keywords {
		m.insert(k, int32(i))
	}
	m.link()
	return m
}

func (m *Matcher) grow() {
	m.next = append(m.next, make([]uint16, m.width)...)
	m.out = append(m.out, nil)
}

func (m *Matcher) insert(k string, index int32) {
	state := 0
	for i := 0; i < len(k); i++ {
		at := state*m.width + int(m.class[k[i]])
		if m.next[at] == 0 {
			m.next[at] = uint16(len(m.out))
			m.grow()
		}
		state = int(m.next[at])
	}
	m.out[state] = append(m.out[state], index)
}

// link turns the trie into an automaton, breadth first.
func (m *Matcher) link() {
	fail := make([]uint16, len(m.out))
	var queue []uint16
	for c := 1; c < m.width; c++ {
		if s := m.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := int(queue[0])
		queue = queue[1:]
		back := int(fail[s])
		m.out[s] = append(m.out[s], m.out[back]...)
		for c := 1; c < m.width; c++ {
			at := s*m.width + c
			if t := m.next[at]; t != 0 {
				fail[t] = m.next[back*m.width+c]
				queue = append(queue, t)
			} else {
				m.next[at] = m.next[back*m.width+c]
			}
		}
	}
}

// Find calls hit for each keyword at the offset where it ends.
func (m *Matcher) Find(text string, hit func(keyword int32, end int)) {
	state := 0
	for i := 0; i < len(text); i++ {
		c := m.class[text[i]]
		if c == 0 {
			state = 0
			continue
		}
		state = int(m.next[state*m.width+int(c)])
		for _, k := range m.out[state] {
			hit(k, i+1)
		}
	}
}
