package web

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/page"
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
	"redirect_refused":   http.StatusBadGateway,

	"signature_expired": http.StatusUnauthorized,
	"signature_used":    http.StatusConflict,
	"link_unknown":      http.StatusNotFound,
	"link_used":         http.StatusConflict,
	"link_expired":      http.StatusGone,
	"link_open":         http.StatusConflict,
	"session_ended":     http.StatusUnauthorized,
	"cross_origin":      http.StatusForbidden,
	"verdict_moved":     http.StatusConflict,
	"passkeys_off":      http.StatusNotFound,
	"key_refused":       http.StatusBadRequest,
	"signature_refused": http.StatusForbidden,
	"key_needed":        http.StatusConflict,
	"key_waits":         http.StatusConflict,
	"key_waiting":       http.StatusConflict,
	"key_known":         http.StatusConflict,
	"key_unknown":       http.StatusNotFound,
	"key_dead":          http.StatusConflict,
	"key_copied":        http.StatusForbidden,
	"keys_many":         http.StatusConflict,
	"own_key":           http.StatusForbidden,
	"sign_in_stale":     http.StatusConflict,
	"statement_other":   http.StatusBadRequest,
	"statement_expired": http.StatusGone,
	"statement_used":    http.StatusConflict,

	"vouched_before":     http.StatusConflict,
	"not_voucher":        http.StatusForbidden,
	"not_owner":          http.StatusForbidden,
	"reason":             http.StatusBadRequest,
	"rules_invalid":      http.StatusServiceUnavailable,
	"rules_unreadable":   http.StatusServiceUnavailable,
	"attestation_needed": http.StatusForbidden,
	"model_refused":      http.StatusForbidden,
	"not_claimable":      http.StatusConflict,
	"not_author":         http.StatusForbidden,
	"claim_useless":      http.StatusConflict,
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
	if reads := c.GetHeader("Accept"); strings.Contains(reads, "text/html") && !strings.HasPrefix(c.FullPath(), "/api/") {
		c.Abort()
		c.Status(status)
		c.Header("Content-Type", "text/html; charset=utf-8")
		_ = page.Refusal{Code: known.Code, Text: known.Text}.HTML().Render(c.Writer) // to a browser that has gone, perhaps
		return
	}
	c.AbortWithStatusJSON(status, gin.H{"code": known.Code, "text": known.Text})
}
