package web

import (
	"errors"
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
	inbox   Inbox
	keeper  Keeper
	metrics *Metrics
	slog    *slog.Logger
}

// webhook takes a delivery: authenticated, translated, durable, and only then
// answered. GitHub waits ten seconds and does not try again by itself, so
// nothing here calls out.
func (d *door) webhook(c *gin.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	if err != nil {
		d.refused(c, "", bodyError(err))
		return
	}
	delivery, err := d.inbox.Open(c.Request.Header, body)
	if err != nil {
		d.refused(c, "", err)
		return
	}
	fresh, err := d.keeper.Take(c.Request.Context(), delivery)
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

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &gate.Error{Code: "too_large", Text: "The payload is larger than 25 MB, which GitHub never sends.", Err: err}
	}
	return &gate.Error{Code: "body_unreadable", Text: "The payload ended before it was whole. Deliver it again.", Err: err}
}
