package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// secondaryWait is what GitHub asks for where it names no time itself.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const secondaryWait = time.Minute

func invalid(text string) *gate.Error {
	return &gate.Error{Code: "invalid_request", Text: text, Final: true}
}

func malformed(what string) *gate.Error {
	return &gate.Error{Code: "github_unavailable", Text: "GitHub's answer is incomplete: " + what + ". gatehold tries again."}
}

// refusal translates whatever a request ended with. The doing is a phrase that
// follows "gatehold could not": "read acme/shop#7".
func (h *Hub) refusal(err error, doing string, r route) *gate.Error {
	var known *gate.Error
	if errors.As(err, &known) {
		return known
	}
	out := &gate.Error{Code: "github_unavailable", Err: err}
	var (
		limit  *github.RateLimitError
		abuse  *github.AbuseRateLimitError
		answer *github.ErrorResponse
		token  *ghinstallation.HTTPError
	)
	switch {
	case errors.As(err, &limit):
		h.limited(out, limit.Rate.Reset.Time, doing)
	case errors.As(err, &abuse):
		wait := secondaryWait
		if abuse.RetryAfter != nil && *abuse.RetryAfter > 0 {
			wait = *abuse.RetryAfter
		}
		h.limited(out, h.cfg.Now().Add(wait), doing)
	case errors.As(err, &token) && token.Response != nil:
		h.refusedToken(out, token.Response, doing)
	case errors.As(err, &answer):
		h.refusedStatus(out, answer, doing, r)
	case errors.Is(err, errForeignHost):
		out.Code = "redirect_refused"
		out.Text = "GitHub sent gatehold to another host, where its token must not go. Check that the API address is the " +
			"one that GitHub itself uses."
	case errors.Is(err, errAnotherRepository):
		out.Code = "redirect_refused"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub sent it to another repository than the one that it asked for "+
			"by its id. It asks again.", doing)
	case errors.Is(err, errTooLarge):
		out.Code = "answer_too_large"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub's answer is larger than gatehold reads.", doing)
	case errors.Is(err, context.DeadlineExceeded):
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub did not answer in time. It tries again.", doing)
	default:
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub could not be reached or its answer was cut off. It tries again.", doing)
	}
	return out
}

func (h *Hub) limited(out *gate.Error, until time.Time, doing string) {
	now := h.cfg.Now()
	if until.Before(now) {
		until = now.Add(secondaryWait)
	}
	out.Code = "rate_limited"
	out.Until = until.Add(time.Second) // the reset is given in whole seconds
	out.Text = fmt.Sprintf("gatehold could not %s: GitHub's rate limit for this installation is used up. It goes on at %s.",
		doing, out.Until.UTC().Format("15:04:05 MST"))
}

// limitOf tells a rate limit from other refusals by its headers and message.
// go-github types 403 only, and only some of them.
func (h *Hub) limitOf(status int, header http.Header, message string) (time.Time, bool) {
	if status != http.StatusForbidden && status != http.StatusTooManyRequests {
		return time.Time{}, false
	}
	if after, err := strconv.Atoi(header.Get("Retry-After")); err == nil && after >= 0 && after < 1<<20 {
		return h.cfg.Now().Add(time.Duration(after) * time.Second), true
	}
	if header.Get("X-Ratelimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return time.Unix(reset, 0), true
		}
	}
	limited := status == http.StatusTooManyRequests || strings.Contains(strings.ToLower(message), "rate limit")
	return h.cfg.Now().Add(secondaryWait), limited
}

func (h *Hub) refusedStatus(out *gate.Error, e *github.ErrorResponse, doing string, r route) {
	status, header := e.Response.StatusCode, e.Response.Header
	if until, ok := h.limitOf(status, header, e.Message); ok {
		h.limited(out, until, doing)
		return
	}
	said := wire.Clip(e.Message, 200)
	switch {
	case status == http.StatusUnauthorized:
		out.Code = "no_permission"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub does not take its token. Check the App's id and private key.", doing)
	case status == http.StatusForbidden && h.advise(out, e.Message, header, doing):
	case status == http.StatusForbidden:
		out.Code = "no_permission"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub says %q. %s", doing, said, missing(header, r))
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusUnavailableForLegalReasons:
		out.Code = "not_found"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub says %q. %s", doing, said, unknownName)
	case status >= 500:
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub answered %d. It tries again.", doing, status)
	default:
		out.Code = "github_refused"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub answered %d, %q.", doing, status, said)
	}
}

// missing names the permission to grant. GitHub says which would do in a header.
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions
func missing(header http.Header, r route) string {
	need := header.Get("X-Accepted-Github-Permissions")
	if need == "" {
		need = r.need
	}
	if need == "" {
		return "Check the App's permissions and that the organisation accepted them."
	}
	return fmt.Sprintf("The App needs the permission %s, accepted by the organisation.", wire.Clip(need, 100))
}

// refusedToken explains why no installation token was to be had.
func (h *Hub) refusedToken(out *gate.Error, resp *http.Response, doing string) {
	said := ""
	if answer, ok := github.CheckResponse(resp).(*github.ErrorResponse); ok {
		said = answer.Message
	}
	if until, ok := h.limitOf(resp.StatusCode, resp.Header, said); ok {
		h.limited(out, until, doing)
		return
	}
	if resp.StatusCode == http.StatusForbidden && h.advise(out, said, resp.Header, doing) {
		return
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		out.Code = "no_permission"
		out.Text = "GitHub does not accept the App's signature. Check the App's id, its private key and this machine's clock."
	case http.StatusForbidden:
		out.Code = "no_permission"
		out.Text = "GitHub gives the App no token for this installation. It may be suspended: an owner can take that back " +
			"in the organisation's settings."
	case http.StatusNotFound:
		out.Code = gate.NotInstalled // it may be, anew, and nobody tells of all that waits
		out.Text = "The App is not installed there any more."
	default:
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub answered %d to the request for a token. It tries again.", doing,
			resp.StatusCode)
	}
}

// statusOf is the HTTP status that an error came with, 0 where it is unknown
// whether GitHub did what was asked.
func statusOf(err error) int {
	var (
		answer *github.ErrorResponse
		limit  *github.RateLimitError
		abuse  *github.AbuseRateLimitError
	)
	switch {
	case errors.As(err, &answer):
		return answer.Response.StatusCode
	case errors.As(err, &limit):
		return limit.Response.StatusCode
	case errors.As(err, &abuse):
		return abuse.Response.StatusCode
	}
	return 0
}
