package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/gate"
)

var (
	listDeliveries = route{name: "GET /app/hook/deliveries"}
	redeliverRoute = route{name: "POST /app/hook/deliveries/{delivery_id}/attempts"}
)

// newAppClient makes, when it is first asked for, the client that speaks as the
// App itself, by its signed token and not an installation's.
func newAppClient(h *Hub) func() (*client, error) {
	return sync.OnceValues(func() (*client, error) {
		auth, err := ghinstallation.NewAppsTransport(h.guard, h.cfg.AppID, h.cfg.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("hub: the private key cannot be used: %w", err)
		}
		auth.BaseURL = strings.TrimSuffix(h.cfg.API.String(), "/")
		c := &client{hub: h, made: h.cfg.Now()}
		c.rest = github.NewClient(&http.Client{Transport: auth, CheckRedirect: h.checkRedirect})
		c.rest.BaseURL, c.rest.UserAgent = h.cfg.API, "gatehold"
		return c, nil
	})
}

// maxDeliveryPages bounds one reading of the delivery log: 5,000 deliveries.
const maxDeliveryPages = 50

// Deliveries returns what GitHub tried to deliver to the App's webhook after
// the attempt with an id, oldest first. GitHub keeps the log for three days
// (Enterprise Server: seven); at most 5,000 attempts are read, the newest. whole
// is false where that does not reach back to the attempt, or, for 0, to the
// beginning of the log.
// https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
func (h *Hub) Deliveries(ctx context.Context, after int64) (out []gate.Attempt, whole bool, err error) {
	c, err := h.app()
	if err != nil {
		return nil, false, err
	}
	cursor := ""
	for range maxDeliveryPages {
		page, next, err := c.deliveryPage(ctx, cursor)
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

func (c *client) deliveryPage(ctx context.Context, cursor string) (page []gate.Attempt, next string, err error) {
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
	err = c.get(ctx, request{
		route: listDeliveries, url: "app/hook/deliveries?" + query.Encode(), doing: "read the App's delivery log",
		header: func(header http.Header) { next = nextCursor(header) },
	}, into(&items))
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
func (h *Hub) Redeliver(ctx context.Context, id int64) error {
	c, err := h.app()
	if err != nil {
		return err
	}
	err = c.do(ctx, c.rest, request{
		route: redeliverRoute, method: http.MethodPost, doing: "have an event delivered again",
		url: fmt.Sprintf("app/hook/deliveries/%d/attempts", id),
	}, func(io.Reader) error { return nil })
	var accepted *github.AcceptedError // how go-github reports 202, which is success here
	if errors.As(err, &accepted) {
		return nil
	}
	return err
}
