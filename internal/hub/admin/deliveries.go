package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
)

var (
	listDeliveries = api.Route{Name: "GET /app/hook/deliveries"}
	redeliverRoute = api.Route{Name: "POST /app/hook/deliveries/{delivery_id}/attempts"}
)

// maxDeliveryPages bounds one reading of the delivery log: 5,000 deliveries.
const maxDeliveryPages = 50

// Deliveries returns what GitHub tried to deliver to the App's webhook after
// the attempt with an id, oldest first. GitHub keeps the log for three days
// (Enterprise Server: seven); at most 5,000 attempts are read, the newest. whole
// is false where that does not reach back to the attempt, or, for 0, to the
// beginning of the log.
// https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
func (ad *Admin) Deliveries(ctx context.Context, after int64) (out []gate.Attempt, whole bool, err error) {
	c, err := ad.gh.AsApp()
	if err != nil {
		return nil, false, err
	}
	cursor := ""
	for range maxDeliveryPages {
		page, next, err := deliveryPage(ctx, c, cursor)
		if err != nil {
			return nil, false, err
		}
		for _, a := range page {
			if a.ID <= after {
				slices.Reverse(out)
				return out, true, nil
			}
			out = append(out, a)
		}
		if next == "" {
			whole = after == 0
			break
		}
		cursor = next
	}
	slices.Reverse(out)
	return out, whole, nil
}

func deliveryPage(ctx context.Context, c *api.Client, cursor string) (page []gate.Attempt, next string, err error) {
	query := url.Values{"per_page": {"100"}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var items []struct {
		ID          int64     `json:"id"`
		GUID        string    `json:"guid"`
		DeliveredAt time.Time `json:"delivered_at"`
		StatusCode  int       `json:"status_code"`
	}
	err = c.Get(ctx, api.Request{
		Route: listDeliveries, URL: "app/hook/deliveries?" + query.Encode(), Doing: "read the App's delivery log",
		Header: func(header http.Header) { next = nextCursor(header) },
	}, api.Into(&items))
	for _, i := range items {
		page = append(page, gate.Attempt{ID: i.ID, GUID: i.GUID, At: i.DeliveredAt,
			OK: i.StatusCode >= 200 && i.StatusCode < 300, Status: i.StatusCode})
	}
	return page, next, err
}

// nextCursor is the cursor of the next page, as the Link header gives it.
func nextCursor(header http.Header) string {
	for _, link := range strings.Split(header.Get("Link"), ",") {
		target, params, ok := strings.Cut(strings.TrimSpace(link), ">")
		if !ok || !strings.Contains(params, `rel="next"`) {
			continue
		}
		if u, err := url.Parse(strings.TrimPrefix(target, "<")); err == nil {
			return u.Query().Get("cursor")
		}
	}
	return ""
}

// Redeliver asks GitHub to deliver an attempt's event again.
// https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook
func (ad *Admin) Redeliver(ctx context.Context, id int64) error {
	c, err := ad.gh.AsApp()
	if err != nil {
		return err
	}
	err = c.Send(ctx, api.Request{
		Route: redeliverRoute, Method: http.MethodPost, Doing: "have an event delivered again",
		URL: fmt.Sprintf("app/hook/deliveries/%d/attempts", id),
	}, func(io.Reader) error { return nil })
	if api.Taken(err) {
		return nil
	}
	return err
}
