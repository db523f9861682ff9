// Package journal remembers which requests came, how they were answered, and
// what of all that was said is not such as GitHub's description of itself says.
package journal

import (
	"maps"
	"net/http"
	"slices"
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

// Journal may be used by many goroutines.
type Journal struct {
	mu         sync.Mutex
	number     int64
	flying     int
	mostFlying int
	list       []*Request
	counts     map[RouteStatus]int
	violations []string
}

// New is an empty journal.
func New() *Journal { return &Journal{counts: map[RouteStatus]int{}} }

// Begin writes down a request that came. route is GitHub's template of path.
func (j *Journal) Begin(now time.Time, route, path string, r *http.Request) *Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.number++
	j.flying++
	j.mostFlying = max(j.mostFlying, j.flying)
	e := &Request{Number: j.number, At: now, Method: r.Method, Route: route,
		Path: path, Query: r.URL.RawQuery, Accept: r.Header.Get("Accept")}
	if len(j.list) < maxRequests {
		j.list = append(j.list, e)
	}
	return e
}

// End writes down how it was answered.
func (j *Journal) End(e *Request, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flying--
	e.Status = status
	j.counts[RouteStatus{e.Method + " " + e.Route, status}]++
}

// InFlight is how many requests are being served.
func (j *Journal) InFlight() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.flying
}

// Violate writes down what breaks the contract, each sentence once.
func (j *Journal) Violate(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.violations) < maxViolations && !slices.Contains(j.violations, what) {
		j.violations = append(j.violations, what)
	}
}

// Requests lists what came, oldest first, the first 100,000 since ResetCounts.
func (j *Journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Request, len(j.list))
	for i, e := range j.list {
		out[i] = *e
	}
	return out
}

// Counts says how often each route was answered with each status, 0 standing
// for no answer.
func (j *Journal) Counts() map[RouteStatus]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.counts)
}

// Total is how many requests were answered, or not.
func (j *Journal) Total() int {
	n := 0
	for _, c := range j.Counts() {
		n += c
	}
	return n
}

// MaxInFlight is how many requests were served at the same time, at most.
func (j *Journal) MaxInFlight() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.mostFlying
}

// ResetCounts begins counting anew.
func (j *Journal) ResetCounts() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list, j.counts, j.mostFlying = nil, map[RouteStatus]int{}, j.flying
}

// Violations are requests, answers, queries and webhooks that are not such as
// GitHub's description says, and paths that this hub does not serve. Tests
// assert that there are none.
func (j *Journal) Violations() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.violations)
}
