package api

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

func Invalid(text string) *gate.Error {
	return &gate.Error{Code: "invalid_request", Text: text, Final: true}
}

func Malformed(what string) *gate.Error {
	return &gate.Error{Code: "github_unavailable", Text: "GitHub's answer is incomplete: " + what + ". gatehold tries again."}
}

// Refusal translates whatever a request ended with. The doing is a phrase that
// follows "gatehold could not": "read acme/shop#7".
func (g *GitHub) Refusal(err error, doing string, r Route) *gate.Error {
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
		g.limited(out, limit.Rate.Reset.Time, doing)
	case errors.As(err, &abuse):
		wait := secondaryWait
		if abuse.RetryAfter != nil && *abuse.RetryAfter > 0 {
			wait = *abuse.RetryAfter
		}
		g.limited(out, g.cfg.Now().Add(wait), doing)
	case errors.As(err, &token) && token.Response != nil:
		g.refusedToken(out, token.Response, doing)
	case errors.As(err, &answer):
		g.refusedStatus(out, answer, doing, r)
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

func (g *GitHub) limited(out *gate.Error, until time.Time, doing string) {
	now := g.cfg.Now()
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
func (g *GitHub) limitOf(status int, header http.Header, message string) (time.Time, bool) {
	if status != http.StatusForbidden && status != http.StatusTooManyRequests {
		return time.Time{}, false
	}
	if after, err := strconv.Atoi(header.Get("Retry-After")); err == nil && after >= 0 && after < 1<<20 {
		return g.cfg.Now().Add(time.Duration(after) * time.Second), true
	}
	if header.Get("X-Ratelimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return time.Unix(reset, 0), true
		}
	}
	limited := status == http.StatusTooManyRequests || strings.Contains(strings.ToLower(message), "rate limit")
	return g.cfg.Now().Add(secondaryWait), limited
}

func (g *GitHub) refusedStatus(out *gate.Error, e *github.ErrorResponse, doing string, r Route) {
	status, header := e.Response.StatusCode, e.Response.Header
	if until, ok := g.limitOf(status, header, e.Message); ok {
		g.limited(out, until, doing)
		return
	}
	said := wire.Clip(e.Message, 200)
	switch {
	case status == http.StatusUnauthorized:
		out.Code = "no_permission"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub does not take its token. Check the App's id and private key.", doing)
	case status == http.StatusForbidden && g.advise(out, e.Message, header, doing):
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
func missing(header http.Header, r Route) string {
	need := header.Get("X-Accepted-Github-Permissions")
	if need == "" {
		need = r.Need
	}
	if need == "" {
		return "Check the App's permissions and that the organisation accepted them."
	}
	return fmt.Sprintf("The App needs the permission %s, accepted by the organisation.", wire.Clip(need, 100))
}

// refusedToken explains why no installation token was to be had.
func (g *GitHub) refusedToken(out *gate.Error, resp *http.Response, doing string) {
	said := ""
	if answer, ok := github.CheckResponse(resp).(*github.ErrorResponse); ok {
		said = answer.Message
	}
	if until, ok := g.limitOf(resp.StatusCode, resp.Header, said); ok {
		g.limited(out, until, doing)
		return
	}
	if resp.StatusCode == http.StatusForbidden && g.advise(out, said, resp.Header, doing) {
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

// StatusOf is the HTTP status that an error came with, 0 where it is unknown
// whether GitHub did what was asked.
func StatusOf(err error) int {
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

// SaidBy is GitHub's own sentence in an error; ok is false where it said none.
func SaidBy(err error) (said string, ok bool) {
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) {
		return "", false
	}
	return answer.Message, true
}

// Taken reports whether an error says that GitHub took what was asked, to do it
// later: the status 202, which go-github reports as an error.
func Taken(err error) bool {
	var accepted *github.AcceptedError
	return errors.As(err, &accepted)
}
