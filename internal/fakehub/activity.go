package fakehub

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What can have happened to a branch, as the activity of a repository names
// it.
const (
	activityPush     = "push"
	activityForced   = "force_push"
	activityCreation = "branch_creation"
	activityDeletion = "branch_deletion"
	activityMerge    = "pr_merge"
	activityQueue    = "merge_queue_merge"
)

// activity is one change of a branch: the repository remembers all of them,
// also those of which no webhook arrived.
type activity struct {
	id            int64
	kind          string
	branch        string
	before, after string
	by            *Account
	at            time.Time
}

// act writes down that a branch moved.
func (r *Repo) act(kind, branch, before, after string, by *Account) {
	r.activities = append(r.activities, activity{id: r.hub.id("activity", 21_000_000_001), kind: kind, branch: branch,
		before: orElse(before, zeroSHA), after: orElse(after, zeroSHA), by: by, at: r.hub.now()})
}

// kindOfPush says what a push is that neither a merge nor a queue makes.
func (r *Repo) kindOfPush(before, after string) string {
	switch {
	case before == "":
		return activityCreation
	case after == "":
		return activityDeletion
	case len(r.store.Between(before, after).Behind) > 0:
		return activityForced
	}
	return activityPush
}

func activityRoutes() []route {
	return []route{{method: "GET", template: "/repos/{owner}/{repo}/activity", who: byToken,
		need: "contents:read", public: true, fn: (*Hub).listActivity}}
}

// periods are what time_period can say.
var periods = map[string]time.Duration{"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 30 * 24 * time.Hour,
	"quarter": 91 * 24 * time.Hour, "year": 365 * 24 * time.Hour}

// listActivity lists who moved which branch, the newest first. Its pages are
// told apart by cursors, which name an activity.
func (h *Hub) listActivity(c *call) answer {
	since, ref := h.now().Add(-periods[c.query("time_period")]), branchName(c.query("ref"))
	actor, kind := c.query("actor"), c.query("activity_type")
	var all []activity
	for _, a := range c.repo.activities {
		if (ref == "" || a.branch == ref) && (kind == "" || a.kind == kind) && (c.query("time_period") == "" || a.at.After(since)) &&
			(actor == "" || a.by != nil && fold(a.by.Login) == fold(actor)) {
			all = append(all, a)
		}
	}
	if c.query("direction") != "asc" {
		slices.Reverse(all)
	}
	from, to, link := c.cursorPage(len(all), func(i int) int64 { return all[i].id })
	out := make([]obj, 0, to-from)
	for _, a := range all[from:to] {
		out = append(out, obj{"id", a.id, "node_id", nodeID("PUSH", a.id), "before", a.before, "after", a.after,
			"ref", "refs/heads/" + a.branch,
			"timestamp", a.at, "activity_type", a.kind, "actor", a.by.json()})
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// cursorPage cuts out of total items those that lie after or before the item
// that a cursor names. A cursor that names none is the beginning.
func (c *call) cursorPage(total int, id func(i int) int64) (from, to int, link string) {
	at := func(name string) int {
		n, err := strconv.ParseInt(c.query(name), 10, 64)
		if err != nil {
			return -1
		}
		for i := range total {
			if id(i) == n {
				return i
			}
		}
		return -1
	}
	from, to = at("after")+1, total
	if before := at("before"); before >= 0 {
		to = before
		from = max(from, to-c.pageSize())
	}
	to = min(to, from+c.pageSize())
	url := func(cursor string, i int) string {
		q := c.r.URL.Query()
		q.Del("after")
		q.Del("before")
		q.Set(cursor, fmt.Sprint(id(i)))
		rel := map[string]string{"after": "next", "before": "prev"}[cursor]
		return "<" + c.base() + c.asked() + "?" + q.Encode() + `>; rel="` + rel + `"`
	}
	var parts []string
	if to < total && to > from {
		parts = append(parts, url("after", to-1))
	}
	if from > 0 && to > from {
		parts = append(parts, url("before", from))
	}
	return from, to, strings.Join(parts, ", ")
}
