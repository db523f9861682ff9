package fakehub

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// quotaTable has a bucket for each installation (or person) and resource.
type quotaTable struct {
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

func (q *quotaTable) bucket(c *call) *bucket {
	if c.route.template == "/graphql" {
		return q.find(c, "graphql")
	}
	return q.find(c, "core")
}

func (q *quotaTable) find(c *call, resource string) *bucket {
	who := cmp.Or(c.auth.who, "anonymous")
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.buckets[resource+" "+who]
	if b == nil {
		b = &bucket{resource: resource, who: who, limit: c.hub.opt.RESTQuota, points: map[*route]int{}, budget: c.hub.opt.PointsPerMinute,
			writes: creation{perMinute: q.perMinute, perHour: q.perHour}}
		if resource == "graphql" {
			b.limit = c.hub.opt.GraphQLQuota
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
	case c.r.Method == http.MethodGet || c.route.template == "/graphql":
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

func (b *bucket) json(now time.Time) obj {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roll(now)
	return obj{"limit", max(0, b.limit), "used", b.used, "remaining", max(0, b.limit-b.used), "reset", b.reset.Unix()}
}

func (q *quotaTable) overview(c *call, now time.Time) obj {
	core, graph := q.find(c, "core").json(now), q.find(c, "graphql").json(now)
	return obj{"resources", obj{"core", core, "graphql", graph, "search", core, "integration_manifest", core}, "rate", core}
}

// QuotaUsed is what an installation has used of this hour.
func (h *Hub) QuotaUsed(in *Installation) (rest, graphql int) {
	used := func(resource string) int {
		h.quota.mu.Lock()
		b := h.quota.buckets[fmt.Sprintf("%s installation ID %d", resource, in.ID)]
		h.quota.mu.Unlock()
		if b == nil {
			return 0
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.roll(h.now())
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
