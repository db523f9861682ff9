package web

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
)

// statuses is the one table from a code to an HTTP status. A code that is not
// in it is internal.
var statuses = map[string]int{
	"signature_missing":  http.StatusUnauthorized,
	"signature_invalid":  http.StatusUnauthorized,
	"target_mismatch":    http.StatusForbidden,
	"not_json":           http.StatusUnsupportedMediaType,
	"payload_invalid":    http.StatusBadRequest,
	"delivery_invalid":   http.StatusBadRequest,
	"too_large":          http.StatusRequestEntityTooLarge,
	"body_unreadable":    http.StatusBadRequest,
	"body_slow":          http.StatusRequestTimeout,
	"busy":               http.StatusServiceUnavailable,
	"not_found":          http.StatusNotFound,
	"method_not_allowed": http.StatusMethodNotAllowed,
	"store_unavailable":  http.StatusServiceUnavailable,

	"channel_off":        http.StatusNotFound,
	"request_invalid":    http.StatusBadRequest,
	"invalid_request":    http.StatusBadRequest,
	"queue":              http.StatusBadRequest,
	"handle_invalid":     http.StatusBadRequest,
	"handle_expired":     http.StatusGone,
	"ticket_invalid":     http.StatusBadRequest,
	"ticket_expired":     http.StatusGone,
	"sign_in_expired":    http.StatusGone,
	"sign_in_denied":     http.StatusForbidden,
	"not_human":          http.StatusForbidden,
	"not_judged":         http.StatusConflict,
	"too_many_requests":  http.StatusTooManyRequests,
	"rate_limited":       http.StatusServiceUnavailable,
	"github_unavailable": http.StatusServiceUnavailable,
	"github_refused":     http.StatusBadGateway,
	"answer_too_large":   http.StatusBadGateway,
	"no_permission":      http.StatusBadGateway,
}

// busyWait is after how many seconds whoever met a full server may try again.
const busyWait = "5"

// refuse answers with an error's code and sentence. The cause goes to the log
// only.
func refuse(c *gin.Context, log *slog.Logger, err error) {
	known := gate.AsError(err)
	status, ok := statuses[known.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	switch {
	case known.Code == "busy": // a flood must not become one of the log: the metrics count it
		c.Header("Retry-After", busyWait)
	case status >= http.StatusInternalServerError:
		log.Error("a request failed", "path", c.FullPath(), "code", known.Code, "error", err)
	}
	c.AbortWithStatusJSON(status, gin.H{"code": known.Code, "text": known.Text})
}
