package fakehub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HookRetention is how long GitHub keeps deliveries: an older one can be neither
// listed nor delivered again.
const HookRetention = 72 * time.Hour

// delivery is one event for one App. It does not change once it is queued.
type delivery struct {
	guid         string
	app          *App
	event        string
	action       string
	installation int64
	repository   int64
	payload      []byte
	redelivery   bool

	url    string
	secret string
	target int64
	hook   int64
}

// attempt is how one sending went.
type attempt struct {
	id      int64
	at      time.Time
	took    time.Duration
	status  string
	code    int
	request http.Header
	header  http.Header
	body    []byte
	of      *delivery
}

// hookLog keeps the latest attempts, oldest first.
type hookLog struct {
	mu    sync.Mutex
	keep  int
	next  int64
	items []*attempt
}

// Delivery is one attempt of a webhook delivery, as the log has it.
type Delivery struct {
	ID            int64
	GUID          string
	AppID         int64
	Event, Action string
	Code          int // HTTP status, 0 where there was no answer
	Status        string
	Redelivery    bool
	Payload       []byte
	Took          time.Duration
	At            time.Time
}

func (l *hookLog) add(d *delivery, a attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	a.id, a.of = 12_000_000_000+l.next, d
	l.items = append(l.items, &a)
	if len(l.items) > 2*l.keep {
		l.items = slices.Clone(l.items[l.keep:])
	}
}

// list is the App's attempts that are young enough, newest first.
func (l *hookLog) list(app *App, since time.Time) []*attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*attempt
	for _, a := range slices.Backward(l.items[max(0, len(l.items)-l.keep):]) {
		if (app == nil || a.of.app == app) && !a.at.Before(since) {
			out = append(out, a)
		}
	}
	return out
}

func (l *hookLog) find(app *App, id int64, since time.Time) *attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, ok := slices.BinarySearchFunc(l.items, id, func(a *attempt, id int64) int { return int(a.id - id) })
	if !ok || l.items[i].of.app != app || l.items[i].at.Before(since) {
		return nil
	}
	return l.items[i]
}

// Deliveries is the log of all Apps, oldest first.
func (h *Hub) Deliveries() []Delivery {
	items := h.hooks.log.list(nil, time.Time{})
	out := make([]Delivery, 0, len(items))
	for _, a := range slices.Backward(items) {
		out = append(out, Delivery{ID: a.id, GUID: a.of.guid, AppID: a.of.app.ID, Event: a.of.event, Action: a.of.action, Code: a.code,
			Status: a.status, Redelivery: a.of.redelivery, Payload: a.of.payload, Took: a.took, At: a.at})
	}
	return out
}

// Redeliver sends an event again with its GUID, as the button on the App's
// page does.
func (h *Hub) Redeliver(id int64) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, app := range h.appList {
		if a := h.hooks.log.find(app, id, time.Time{}); a != nil {
			h.redeliver(a)
			return nil
		}
	}
	return fmt.Errorf("there is no delivery %d", id)
}

func (h *Hub) redeliver(a *attempt) {
	again := *a.of
	again.redelivery = true
	h.hooks.enqueue(&again)
}

func (a *attempt) json() obj {
	o := obj{
		"id", a.id, "guid", a.of.guid, "delivered_at", a.at, "redelivery", a.of.redelivery, "duration",
		json.Number(strconv.FormatFloat(a.took.Seconds(), 'f', 3, 64)),
		"status", a.status, "status_code", a.code, "event", a.of.event, "action", orNull(a.of.action),
		"installation_id", a.of.installation, "repository_id", nil, "throttled_at", nil,
	}
	if a.of.repository != 0 {
		o[slices.Index(o, any("repository_id"))+1] = a.of.repository
	}
	return o
}

func (h *Hub) listDeliveries(c *call) answer {
	items := h.hooks.log.list(c.auth.app, h.now().Add(-HookRetention))
	if status := c.query("status"); status != "" {
		items = slices.DeleteFunc(items, func(a *attempt) bool { return (a.code >= 200 && a.code < 300) != (status == "success") })
	}
	if cursor := c.query("cursor"); cursor != "" {
		last, err := strconv.ParseInt(strings.TrimPrefix(cursor, "v1_"), 10, 64)
		if err != nil {
			return badRequest("The provided cursor is invalid")
		}
		items = slices.DeleteFunc(items, func(a *attempt) bool { return a.id >= last })
	}
	size := c.pageSize()
	out := make([]obj, 0, size)
	for _, a := range items[:min(size, len(items))] {
		out = append(out, a.json())
	}
	ans := ok(out)
	if len(items) > size {
		ans.link = fmt.Sprintf(`<%s%s?per_page=%d&cursor=v1_%d>; rel="next"`, c.base(), c.path, size, items[size-1].id)
	}
	return ans
}

func (h *Hub) getDelivery(c *call) answer {
	a := h.hooks.log.find(c.auth.app, c.number("delivery_id"), h.now().Add(-HookRetention))
	if a == nil {
		return notFound()
	}
	return ok(append(a.json(), "url", a.of.url,
		"request", obj{"headers", flat(a.request), "payload", raw(a.of.payload)},
		"response", obj{"headers", flat(a.header), "payload", string(a.body)}))
}

func (h *Hub) attemptDelivery(c *call) answer {
	a := h.hooks.log.find(c.auth.app, c.number("delivery_id"), h.now().Add(-HookRetention))
	if a == nil {
		return notFound()
	}
	h.redeliver(a)
	return answer{status: http.StatusAccepted, body: []byte("{}")}
}

// flat is a header as the log shows it: one value for each name.
func flat(header http.Header) obj {
	o := obj{}
	for name, values := range header {
		o = append(o, name, strings.Join(values, ", "))
	}
	return o
}
