package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// GraphError is one entry of a GraphQL answer's errors. Such an answer has the
// status 200, and null where the error's path points to: which of the two it
// was, an error or nothing there, is told by this list alone.
type GraphError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

func (e GraphError) At() string {
	steps := make([]string, 0, len(e.Path))
	for _, step := range e.Path {
		steps = append(steps, fmt.Sprint(step))
	}
	return strings.Join(steps, ".")
}

// Below reports whether the error lies at a place of the answer or under it.
func (e GraphError) Below(place ...string) bool {
	if len(e.Path) < len(place) {
		return false
	}
	for i, step := range place {
		if e.Path[i] != step {
			return false
		}
	}
	return true
}

// Query sends one GraphQL query and decodes its data. The errors that come
// with partial data are returned for the caller to place; those that concern
// the whole answer are returned as an error.
func (c *Client) Query(ctx context.Context, r Request, text string, vars map[string]any, data any) ([]GraphError, error) {
	r.Method, r.URL = http.MethodPost, c.GitHub.cfg.GraphQL.String()
	r.Body = struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}{text, vars}
	var answer struct {
		Data   any          `json:"data"`
		Errors []GraphError `json:"errors"`
	}
	err := c.do(ctx, c.graph, r, func(body io.Reader) error {
		answer.Data, answer.Errors = data, nil
		return json.NewDecoder(body).Decode(&answer)
	})
	if err != nil {
		return nil, err
	}
	for _, e := range answer.Errors {
		if len(e.Path) == 0 || transient(e.Type) {
			return nil, c.GraphRefusal(e, r)
		}
	}
	switch { // null
	case answer.Data == nil && len(answer.Errors) > 0:
		return nil, c.GraphRefusal(answer.Errors[0], r)
	case answer.Data == nil:
		return nil, Malformed("it holds no data")
	}
	return answer.Errors, nil
}

// errTooMuch marks a query that GitHub began and gave up: for its limit of ten
// seconds, or for what one query may cost.
// https://github.blog/changelog/2025-09-01-graphql-api-resource-limits
var errTooMuch = errors.New("the query asks for too much at once")

// TooMuch reports whether a query failed for its size, as far as that can be
// told. GitHub says so in the answer, or its gateway gives up on it with 502 or
// 504, or nothing comes in time. Asked again as it is, it would fail again: it is
// split at once. Where GitHub is down, that costs a few requests once.
func TooMuch(err error) bool {
	var late net.Error
	status := StatusOf(err)
	return errors.Is(err, errTooMuch) || gate.AsError(err).Code == "answer_too_large" ||
		status == http.StatusBadGateway || status == http.StatusGatewayTimeout || errors.As(err, &late) && late.Timeout()
}

// Halved asks for a batch, and where that is too much for its halves, one after
// the other. What is too much by itself is an error.
func Halved[E any](batch []E, ask func([]E) error) error {
	err := ask(batch)
	if !TooMuch(err) || len(batch) < 2 {
		return err
	}
	half := len(batch) / 2
	if err := Halved(batch[:half], ask); err != nil {
		return err
	}
	return Halved(batch[half:], ask)
}

// transient are the types of error that say nothing about what was asked.
func transient(kind string) bool {
	switch kind {
	case "NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES", "UNPROCESSABLE":
		return false
	}
	return true // RATE_LIMITED, SERVICE_UNAVAILABLE, INTERNAL, time-outs without a type, ...
}

// GraphRefusal is the error for one that GraphQL reported.
func (c *Client) GraphRefusal(e GraphError, r Request) *gate.Error {
	said := wire.Clip(e.Message, 200)
	out := &gate.Error{Err: fmt.Errorf("graphql %s at %q: %s", e.Type, e.At(), said)}
	switch {
	case e.Type == "RATE_LIMITED" || strings.Contains(strings.ToLower(e.Message), "rate limit"):
		c.GitHub.limited(out, c.quotaReset(), r.Doing)
	case e.Type == "RESOURCE_LIMITS_EXCEEDED" || strings.Contains(strings.ToLower(e.Message), "timeout"):
		out.Code, out.Err = "github_unavailable", fmt.Errorf("%w: %w", errTooMuch, out.Err)
		out.Text = fmt.Sprintf("gatehold could not %s: it is more than GitHub answers in one query.", r.Doing)
	case e.Type == "NOT_FOUND":
		out.Code = "not_found"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub says %q. %s", r.Doing, said, unknownName)
	case e.Type == "FORBIDDEN" && c.GitHub.advise(out, e.Message, nil, r.Doing):
	case e.Type == "FORBIDDEN", e.Type == "INSUFFICIENT_SCOPES":
		out.Code = "no_permission"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub says %q. %s", r.Doing, said, missing(nil, r.Route))
	default:
		out.Code = "github_unavailable"
		out.Text = fmt.Sprintf("gatehold could not %s: GitHub says %q. It tries again.", r.Doing, said)
	}
	return out
}

// quotaReset is when the GraphQL quota begins anew, as the last answers said.
func (c *Client) quotaReset() time.Time {
	if reset := c.slots.graphReset.Load(); reset > 0 {
		return time.Unix(reset, 0)
	}
	return c.GitHub.cfg.Now().Add(secondaryWait)
}
