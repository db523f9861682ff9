// Package faults is what goes wrong with requests to GitHub and with webhooks
// from it, by a test's order or by chance.
package faults

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/random"
)

// Kind says what goes wrong with a request.
type Kind int

// What can go wrong with a request.
const (
	// Status answers Fault.Code (502 where 0) and does nothing.
	Status Kind = iota
	// SecondaryLimit answers 403 with retry-after.
	SecondaryLimit
	// TooMany answers 429 with retry-after.
	TooMany
	// PrimaryLimit answers 403 (GraphQL: 200 with an error) with no quota left,
	// and its reset after Fault.RetryAfter.
	PrimaryLimit
	// Hang answers nothing until the client gives up.
	Hang
	// LostAnswer does what was asked and closes the connection unanswered.
	LostAnswer
	// LostRequest closes the connection and does nothing.
	LostRequest
	// Redirect answers 307 to Fault.Location.
	Redirect
	// Malformed does what was asked and answers half of the JSON.
	Malformed
	// Slow only takes Fault.Delay longer.
	Slow
)

// Fault is one thing that goes wrong. Of Times, Probability and Until, those
// that are set must all allow it; with none set it goes wrong always.
type Fault struct {
	// Route is a pattern for "METHOD /path/{as}/{in}/GitHub's/description",
	// where * stands for any run of characters; "" is every route.
	Route string
	Kind  Kind
	// Asks is what the request's body must contain: a field of a GraphQL query,
	// or the conclusion of a check run. "" is every body.
	Asks string
	// Match, where it is not nil, must agree too. It is called with no lock
	// held, and may be called by many requests at once.
	Match func(r *http.Request, body []byte) bool

	Times       int       // how often, at most
	Skip        int       // how many requests go well before
	Probability float64   // of each request, by the hub's seed
	Until       time.Time // on the hub's clock

	Code       int
	Body       string        // of Status; GitHub's own page where ""
	RetryAfter time.Duration // of the limits; a minute where zero
	Location   string
	Delay      time.Duration // before anything happens, for every kind
}

// Injected is a fault in force.
type Injected struct {
	table *Table
	fault Fault
	hits  int
	seen  int
	off   bool
}

// Table has the faults of requests that are in force.
type Table struct {
	random *random.Source
	now    func() time.Time

	mu   sync.Mutex
	list []*Injected
}

// NewTable has no faults yet. now is the clock of Fault.Until.
func NewTable(source *random.Source, now func() time.Time) *Table {
	return &Table{random: source, now: now}
}

// Asked is a request that something can go wrong with.
type Asked struct {
	Route string // "GET /repos/{owner}/{repo}"
	*http.Request
	Body []byte
}

// Inject puts a fault in force. Where several match a request, the first that
// was injected decides.
func (t *Table) Inject(f Fault) *Injected {
	in := &Injected{table: t, fault: f}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, in)
	return in
}

// Hits is how often the fault has struck.
func (in *Injected) Hits() int {
	in.table.mu.Lock()
	defer in.table.mu.Unlock()
	return in.hits
}

// Remove ends the fault.
func (in *Injected) Remove() {
	in.table.mu.Lock()
	defer in.table.mu.Unlock()
	in.off = true
	in.table.list = slices.DeleteFunc(in.table.list, func(o *Injected) bool { return o == in })
}

// fits says whether a fault is about a request.
func (f *Fault) fits(q Asked) bool {
	return (f.Route == "" || Matches(f.Route, q.Route)) && bytes.Contains(q.Body, []byte(f.Asks)) &&
		(f.Match == nil || f.Match(q.Request, q.Body))
}

// inForce are the faults that are about a request, in the order of their
// injection.
func (t *Table) inForce(q Asked) []*Injected {
	t.mu.Lock()
	list := slices.Clone(t.list)
	t.mu.Unlock()
	return slices.DeleteFunc(list, func(in *Injected) bool { return !in.fault.fits(q) })
}

// Take finds the fault that strikes this request, nil for none.
func (t *Table) Take(q Asked) *Fault {
	list := t.inForce(q)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, in := range list {
		f := &in.fault
		if in.off {
			continue
		}
		in.seen++
		if in.seen <= f.Skip || f.Times > 0 && in.hits >= f.Times || !f.Until.IsZero() && !t.now().Before(f.Until) ||
			f.Probability > 0 && t.random.Float() >= f.Probability {
			continue
		}
		in.hits++
		return f
	}
	return nil
}

// Latency is how much longer the request takes; of no fault, nothing.
func (f *Fault) Latency() time.Duration {
	if f == nil {
		return 0
	}
	return f.Delay
}

// Before says that nothing of what was asked happens.
func (f *Fault) Before() bool {
	return f != nil && f.Kind != LostAnswer && f.Kind != Malformed && f.Kind != Slow
}

// After says that the effect happens and its answer is spoilt.
func (f *Fault) After() bool { return f.Kind == LostAnswer || f.Kind == Malformed }

// Matches compares text with a pattern in which * is any run of characters. It
// takes the leftmost place for each part, so its time is linear.
func Matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, last)
}
