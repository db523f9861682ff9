package fakehub

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxRequests is how many requests the journal lists; the counts go on.
const maxRequests = 100_000

// maxViolations bounds the list of broken contracts; the first are the ones to
// read.
const maxViolations = 200

// Request is one request that came.
type Request struct {
	Number int64
	At     time.Time
	Method string
	Route  string // GitHub's path template
	Path   string
	Query  string
	Accept string
	Status int // 0: not answered
}

// RouteStatus is what requests are counted by.
type RouteStatus struct {
	Route  string // "GET /repos/{owner}/{repo}"
	Status int
}

type journal struct {
	mu         sync.Mutex
	number     int64
	flying     int
	mostFlying int
	list       []*Request
	counts     map[RouteStatus]int
	violations []string
}

func (j *journal) begin(now time.Time, rt *route, r *http.Request) *Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.number++
	j.flying++
	j.mostFlying = max(j.mostFlying, j.flying)
	e := &Request{Number: j.number, At: now, Method: r.Method, Route: rt.template,
		Path: strings.Replace(r.URL.Path, byIDPath, "/repositories/", 1), Query: r.URL.RawQuery, Accept: r.Header.Get("Accept")}
	if len(j.list) < maxRequests {
		j.list = append(j.list, e)
	}
	return e
}

func (j *journal) end(e *Request, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flying--
	e.Status = status
	j.counts[RouteStatus{e.Method + " " + e.Route, status}]++
}

func (j *journal) inFlight() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.flying
}

func (j *journal) violate(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.violations) < maxViolations && !slices.Contains(j.violations, what) {
		j.violations = append(j.violations, what)
	}
}

// Requests lists what came, oldest first, the first 100,000 since ResetCounts.
func (h *Hub) Requests() []Request {
	h.journal.mu.Lock()
	defer h.journal.mu.Unlock()
	out := make([]Request, len(h.journal.list))
	for i, e := range h.journal.list {
		out[i] = *e
	}
	return out
}

// Counts says how often each route was answered with each status, 0 standing
// for no answer.
func (h *Hub) Counts() map[RouteStatus]int {
	h.journal.mu.Lock()
	defer h.journal.mu.Unlock()
	return maps.Clone(h.journal.counts)
}

// Total is how many requests were answered, or not.
func (h *Hub) Total() int {
	n := 0
	for _, c := range h.Counts() {
		n += c
	}
	return n
}

// MaxInFlight is how many requests were served at the same time, at most.
func (h *Hub) MaxInFlight() int {
	h.journal.mu.Lock()
	defer h.journal.mu.Unlock()
	return h.journal.mostFlying
}

// ResetCounts begins counting anew.
func (h *Hub) ResetCounts() {
	h.journal.mu.Lock()
	defer h.journal.mu.Unlock()
	h.journal.list, h.journal.counts, h.journal.mostFlying = nil, map[RouteStatus]int{}, h.journal.flying
}

// Violations are requests, answers, queries and webhooks that are not such as
// GitHub's description says, and paths that this hub does not serve. Tests
// assert that there are none.
func (h *Hub) Violations() []string {
	h.journal.mu.Lock()
	defer h.journal.mu.Unlock()
	return slices.Clone(h.journal.violations)
}
