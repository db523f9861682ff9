package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func attemptJSON(a *hooks.Attempt) wire.Object {
	o := wire.Object{
		"id", a.ID, "guid", a.Of.GUID, "delivered_at", a.At, "redelivery", a.Of.Redelivery, "duration",
		json.Number(strconv.FormatFloat(a.Took.Seconds(), 'f', 3, 64)),
		"status", a.Status, "status_code", a.Code, "event", a.Of.Name, "action", wire.OrNull(a.Of.Action),
		"installation_id", a.Of.Installation, "repository_id", nil, "throttled_at", nil,
	}
	if a.Of.Repository != 0 {
		o[slices.Index(o, any("repository_id"))+1] = a.Of.Repository
	}
	return o
}

func listDeliveries(c *call) answer {
	items := c.hub.Hooks.Attempts(c.auth.App.ID, c.hub.Now().Add(-hooks.Retention))
	if status := c.query("status"); status != "" {
		items = slices.DeleteFunc(items, func(a *hooks.Attempt) bool { return (a.Code >= 200 && a.Code < 300) != (status == "success") })
	}
	if cursor := c.query("cursor"); cursor != "" {
		last, err := strconv.ParseInt(strings.TrimPrefix(cursor, "v1_"), 10, 64)
		if err != nil {
			return badRequest("The provided cursor is invalid")
		}
		items = slices.DeleteFunc(items, func(a *hooks.Attempt) bool { return a.ID >= last })
	}
	size := c.pageSize()
	out := make([]wire.Object, 0, size)
	for _, a := range items[:min(size, len(items))] {
		out = append(out, attemptJSON(a))
	}
	ans := ok(out)
	if len(items) > size {
		ans.link = fmt.Sprintf(`<%s%s?per_page=%d&cursor=v1_%d>; rel="next"`, c.base(), c.path, size, items[size-1].ID)
	}
	return ans
}

func getDelivery(c *call) answer {
	a := c.hub.Hooks.Find(c.auth.App.ID, c.number("delivery_id"), c.hub.Now().Add(-hooks.Retention))
	if a == nil {
		return notFound()
	}
	return ok(append(attemptJSON(a), "url", a.SentTo(),
		"request", wire.Object{"headers", flat(a.Request), "payload", wire.Raw(a.Of.Payload)},
		"response", wire.Object{"headers", flat(a.Header), "payload", string(a.Body)}))
}

func attemptDelivery(c *call) answer {
	a := c.hub.Hooks.Find(c.auth.App.ID, c.number("delivery_id"), c.hub.Now().Add(-hooks.Retention))
	if a == nil {
		return notFound()
	}
	c.hub.Hooks.Requeue(a)
	return answer{status: http.StatusAccepted, body: []byte("{}")}
}

// flat is a header as the log shows it: one value for each name.
func flat(header http.Header) wire.Object {
	o := wire.Object{}
	for name, values := range header {
		o = append(o, name, strings.Join(values, ", "))
	}
	return o
}
