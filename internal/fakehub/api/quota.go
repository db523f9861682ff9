package api

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Quotas has a bucket for each installation (or person) and resource.
type Quotas struct {
	opt fakehub.Options
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
	// perMinute and perHour are the limits of content creation.
	perMinute, perHour int
}

// bucket counts one hour of requests, and the points of this minute.
type bucket struct {
	resource string
	who      string

	mu     sync.Mutex
	limit  int // below zero: none
	used   int
	reset  time.Time
	minute time.Time
	points map[*route]int
	budget int // of points for each route and minute
	writes creation
}

// NewQuotas has counted nothing yet.
func NewQuotas(opt fakehub.Options, now func() time.Time) *Quotas {
	return &Quotas{opt: opt, now: now, buckets: map[string]*bucket{}, perMinute: opt.ContentPerMinute, perHour: opt.ContentPerHour}
}

func (q *Quotas) bucket(c *call) *bucket {
	if c.route.template == graphPath {
		return q.find(c, "graphql")
	}
	return q.find(c, "core")
}

func (q *Quotas) find(c *call, resource string) *bucket {
	who := cmp.Or(c.auth.Who, "anonymous")
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.buckets[resource+" "+who]
	if b == nil {
		b = &bucket{resource: resource, who: who, limit: q.opt.RESTQuota, points: map[*route]int{}, budget: q.opt.PointsPerMinute,
			writes: creation{perMinute: q.perMinute, perHour: q.perHour}}
		if resource == "graphql" {
			b.limit = q.opt.GraphQLQuota
		}
		q.buckets[resource+" "+who] = b
	}
	return b
}

// points is what a request costs against the secondary limit; 0 where that is
// not in force.
func (c *call) points(limit int) (cost int) {
	switch {
	case limit <= 0:
		return 0
	case c.r.Method == http.MethodGet || c.route.template == graphPath:
		return 1
	}
	return 5
}

// charge takes cost from the quota; false comes with the answer of a limit.
// /rate_limit costs nothing.
func (b *bucket) charge(now time.Time, cost, points int, rt *route) (bool, answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	if rt.template == "/rate_limit" {
		return true, answer{}
	}
	if b.limit >= 0 && b.used+cost > b.limit {
		return false, b.exhausted()
	}
	if points > 0 {
		if now.Sub(b.minute) >= time.Minute {
			b.minute, b.points = now, map[*route]int{}
		}
		if b.points[rt]+points > b.budget {
			return false, secondary(max(1, 60-int(now.Sub(b.minute).Seconds())))
		}
		b.points[rt] += points
	}
	if rt.write && strings.HasPrefix(rt.template, "/repos/") {
		if ok, refused := b.writes.take(now); !ok {
			return false, refused
		}
	}
	b.used += cost
	return true, answer{}
}

func (b *bucket) refund(cost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used = max(0, b.used-cost)
}

func (b *bucket) roll(now time.Time) {
	if !now.Before(b.reset) {
		b.used, b.reset = 0, now.Add(time.Hour)
	}
}

func (b *bucket) exhausted() answer {
	ans := failed(http.StatusForbidden, "API rate limit exceeded for "+b.who+".")
	ans.header = http.Header{}
	b.fill(ans.header)
	return ans
}

func (b *bucket) headers(h http.Header, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	b.fill(h)
}

func (b *bucket) fill(h http.Header) {
	if b.limit < 0 {
		return
	}
	h.Set("X-Ratelimit-Limit", strconv.Itoa(b.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, b.limit-b.used)))
	h.Set("X-Ratelimit-Used", strconv.Itoa(b.used))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(b.reset.Unix(), 10))
	h.Set("X-Ratelimit-Resource", b.resource)
}

func (b *bucket) json(now time.Time) wire.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	return wire.Object{"limit", max(0, b.limit), "used", b.used, "remaining", max(0, b.limit-b.used), "reset", b.reset.Unix()}
}

func (q *Quotas) overview(c *call, now time.Time) wire.Object {
	core, graph := q.find(c, "core").json(now), q.find(c, "graphql").json(now)
	return wire.Object{"resources", wire.Object{"core", core, "graphql", graph, "search", core, "integration_manifest", core}, "rate", core}
}

// QuotaUsed is what an installation has used of this hour.
func (q *Quotas) QuotaUsed(in *fakehub.Installation) (rest, graphql int) {
	used := func(resource string) int {
		q.mu.Lock()
		b := q.buckets[fmt.Sprintf("%s installation ID %d", resource, in.ID)]
		q.mu.Unlock()
		if b == nil {
			return 0
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.roll(q.now())
		return b.used
	}
	return used("core"), used("graphql")
}

// secondary is the answer of a secondary limit.
func secondary(retryAfter int) answer {
	ans := failed(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	ans.header = http.Header{"Retry-After": {strconv.Itoa(retryAfter)}}
	return ans
}

// LimitContent changes the limits of content creation of everybody from now on,
// as Options.ContentPerMinute and ContentPerHour set them; zero bounds nothing.
func (q *Quotas) LimitContent(perMinute, perHour int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.perMinute, q.perHour = perMinute, perHour
	for _, b := range q.buckets {
		b.mu.Lock()
		b.writes.perMinute, b.writes.perHour = perMinute, perHour
		b.mu.Unlock()
	}
}

// creation counts what an installation or a person writes, against the limits
// of content creation. Zero bounds nothing.
type creation struct {
	perMinute, perHour int
	minute, hour       time.Time // when each began
	inMinute, inHour   int
}

// take counts one write; false comes with the answer of the limit.
func (n *creation) take(now time.Time) (allowed bool, refused answer) {
	if now.Sub(n.minute) >= time.Minute {
		n.minute, n.inMinute = now, 0
	}
	if now.Sub(n.hour) >= time.Hour {
		n.hour, n.inHour = now, 0
	}
	var wait time.Duration
	if n.perMinute > 0 && n.inMinute >= n.perMinute {
		wait = n.minute.Add(time.Minute).Sub(now)
	}
	if n.perHour > 0 && n.inHour >= n.perHour {
		wait = max(wait, n.hour.Add(time.Hour).Sub(now))
	}
	if wait > 0 {
		ans := failed(http.StatusForbidden, "You have exceeded a secondary rate limit and have been "+
			"temporarily blocked from content creation. "+
			"Please retry your request again later.")
		ans.header = http.Header{"Retry-After": {fmt.Sprint(max(1, int(wait.Seconds())))}}
		return false, ans
	}
	n.inMinute++
	n.inHour++
	return true, answer{}
}
