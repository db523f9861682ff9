package hub

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// request is one exchange with GitHub.
type request struct {
	route  route
	method string
	url    string // relative to the API, or absolute for GraphQL
	accept string // empty: JSON
	body   any
	doing  string            // follows "gatehold could not" in an error's sentence
	header func(http.Header) // of the answer; nil: nobody asks
}

// do sends a request and hands the body of its answer to read. A token that
// GitHub does not take (401) is renewed once. What a 403 refuses, another token
// would be refused as well, and all that is kept of answers is worth nothing to
// it, for ETags belong to the token that they were given to: unless the account
// has accepted since what was refused.
func (c *client) do(ctx context.Context, via *github.Client, r request, read func(io.Reader) error) error {
	err := c.try(ctx, via, r, read)
	if fresh, ok := c.another(ctx, err); ok {
		if via == c.graph {
			via = fresh.graph
		} else {
			via = fresh.rest
		}
		err = fresh.try(ctx, via, r, read)
	}
	if err != nil && gate.AsError(err).Code == "not_installed" {
		c.hub.forgetHomes(c.installation)
	}
	return err
}

// another is the client with which a request that was refused is tried again.
func (c *client) another(ctx context.Context, refused error) (*client, bool) {
	switch {
	case refused == nil:
		return c, false
	case statusOf(refused) == http.StatusUnauthorized:
		return c.hub.renew(c)
	case gate.AsError(refused).Code == "no_permission":
		return c.hub.regrant(ctx, c)
	}
	return c, false
}

func (c *client) try(ctx context.Context, via *github.Client, r request, read func(io.Reader) error) error {
	req, err := via.NewRequest(r.method, r.url, r.body)
	if err != nil {
		return &gate.Error{Code: "invalid_request", Text: "gatehold could not build its request to GitHub.", Final: true, Err: err}
	}
	if r.accept != "" {
		req.Header.Set("Accept", r.accept)
	}
	resp, err := via.BareDo(withRoute(ctx, r.route), req)
	if err != nil {
		return c.hub.refusal(err, r.doing, r.route)
	}
	defer resp.Body.Close()
	if r.header != nil {
		r.header(resp.Header)
	}
	if err := read(resp.Body); err != nil {
		return c.hub.refusal(err, r.doing, r.route)
	}
	// What is left is at most a line end: read it, so that the connection is
	// used again and the answer counts as whole.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	return nil
}

func (c *client) get(ctx context.Context, r request, read func(io.Reader) error) error {
	r.method = http.MethodGet
	return c.do(ctx, c.rest, r, read)
}

// into decodes one JSON value.
func into(v any) func(io.Reader) error {
	return func(body io.Reader) error { return json.NewDecoder(body).Decode(v) }
}

// repoPath is the start of a repository's routes. It goes by the id: a name may
// be another repository's by now, and what is written goes where it leads. What
// GitHub describes below /repos/{owner}/{repo} it answers here as well; its
// redirects for renamed repositories lead here.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
func repoPath(r gate.Repo) string { return "repositories/" + strconv.FormatInt(r.ID, 10) }

func checkRepo(r gate.Repo) error {
	if !wire.IsRepo(r) {
		return invalid("The subject does not name a repository.")
	}
	return nil
}
