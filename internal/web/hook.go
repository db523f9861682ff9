package web

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
)

// maxBody is GitHub's own cap on a payload: larger events are not sent.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const maxBody = 25 << 20

type door struct {
	inbox      Inbox
	intake     *intake
	deliveries Deliveries
	metrics    *Metrics
	slog       *slog.Logger
}

// webhook takes a delivery: authenticated, translated, durable, and only then
// answered. GitHub waits ten seconds and does not try again by itself, so
// nothing here calls out.
func (d *door) webhook(c *gin.Context) {
	done := func() {}
	delivery, err := d.inbox.Open(c.Request.Header, func(signed io.Writer) (body []byte, err error) {
		body, done, err = d.intake.read(c, maxBody, signed)
		return body, err
	})
	done()
	if err != nil {
		d.refused(c, "", err)
		return
	}
	fresh, err := d.deliveries.Take(c.Request.Context(), delivery)
	if err != nil {
		d.refused(c, delivery.Event, err)
		return
	}
	status, outcome := http.StatusAccepted, "taken"
	switch {
	case delivery.Seen == nil:
		status, outcome = http.StatusOK, "ignored"
	case !fresh:
		status, outcome = http.StatusOK, "duplicate"
	}
	d.metrics.delivered(delivery.Event, outcome)
	c.JSON(status, gin.H{"status": outcome})
}

func (d *door) refused(c *gin.Context, event string, err error) {
	d.metrics.delivered(event, gate.AsError(err).Code)
	refuse(c, d.slog, err)
}
