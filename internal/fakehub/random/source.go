// Package random is chance that can be repeated: tokens, ids and the chances of
// faults, all from one seed.
package random

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Source may be used by many goroutines.
type Source struct {
	mu   sync.Mutex
	rand *rand.Rand
}

// Float is at least 0 and less than 1.
func (r *Source) Float() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.Float64()
}

// Bytes are n random bytes.
func (r *Source) Bytes(n int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.rand.Uint32())
	}
	return b
}

// GUID is a version 4 UUID.
func (r *Source) GUID() string {
	b := r.Bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// New is a source whose numbers are those of a seed.
func New(seed uint64) *Source {
	return &Source{rand: rand.New(rand.NewPCG(seed, 0x6761746568))}
}
