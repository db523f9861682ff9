package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func activityRoutes() []route {
	return []route{{method: "GET", template: "/repos/{owner}/{repo}/activity", who: access.ByToken,
		need: "contents:read", public: true, fn: listActivity}}
}

// periods are what time_period can say.
var periods = map[string]time.Duration{"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 30 * 24 * time.Hour,
	"quarter": 91 * 24 * time.Hour, "year": 365 * 24 * time.Hour}

// listActivity lists who moved which branch, the newest first. Its pages are
// told apart by cursors, which name an activity.
func listActivity(c *call) answer {
	since, ref := c.hub.Now().Add(-periods[c.query("time_period")]), fakehub.BranchName(c.query("ref"))
	actor, kind := c.query("actor"), c.query("activity_type")
	var all []fakehub.Activity
	for _, a := range c.repo.Activities {
		if (ref == "" || a.Branch == ref) && (kind == "" || a.Kind == kind) && (c.query("time_period") == "" || a.At.After(since)) &&
			(actor == "" || a.By != nil && fakehub.Fold(a.By.Login) == fakehub.Fold(actor)) {
			all = append(all, a)
		}
	}
	if c.query("direction") != "asc" {
		slices.Reverse(all)
	}
	from, to, link := c.cursorPage(len(all), func(i int) int64 { return all[i].ID })
	out := make([]wire.Object, 0, to-from)
	for _, a := range all[from:to] {
		out = append(out, wire.Object{"id", a.ID, "node_id", wire.NodeID("PUSH", a.ID), "before", a.Before, "after", a.After,
			"ref", "refs/heads/" + a.Branch,
			"timestamp", a.At, "activity_type", a.Kind, "actor", a.By.JSON()})
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
