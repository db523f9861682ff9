package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Request is one exchange with GitHub.
type Request struct {
	Route  Route
	Method string
	URL    string // relative to the API, or absolute for GraphQL
	Accept string // empty: JSON
	Body   any
	Doing  string            // follows "gatehold could not" in an error's sentence
	Header func(http.Header) // of the answer; nil: nobody asks
}

// do sends a request and hands the body of its answer to read. A token that
// GitHub does not take (401) is renewed once. What a 403 refuses, another token
// would be refused as well, and all that is kept of answers is worth nothing to
// it, for ETags belong to the token that they were given to: unless the account
// has accepted since what was refused.
func (c *Client) do(ctx context.Context, via *github.Client, r Request, read func(io.Reader) error) error {
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
		c.GitHub.forgetHomes(c.Installation)
	}
	return err
}

// another is the client with which a request that was refused is tried again.
func (c *Client) another(ctx context.Context, refused error) (*Client, bool) {
	switch {
	case refused == nil:
		return c, false
	case StatusOf(refused) == http.StatusUnauthorized:
		return c.GitHub.renew(c)
	case gate.AsError(refused).Code == "no_permission":
		return c.GitHub.regrant(ctx, c)
	}
	return c, false
}

func (c *Client) try(ctx context.Context, via *github.Client, r Request, read func(io.Reader) error) error {
	req, err := via.NewRequest(r.Method, r.URL, r.Body)
	if err != nil {
		return &gate.Error{Code: "invalid_request", Text: "gatehold could not build its request to GitHub.", Final: true, Err: err}
	}
	if r.Accept != "" {
		req.Header.Set("Accept", r.Accept)
	}
	resp, err := via.BareDo(withRoute(ctx, r.Route), req)
	if err != nil {
		return c.GitHub.Refusal(err, r.Doing, r.Route)
	}
	defer resp.Body.Close()
	if r.Header != nil {
		r.Header(resp.Header)
	}
	if err := read(resp.Body); err != nil {
		return c.GitHub.Refusal(err, r.Doing, r.Route)
	}
	// What is left is at most a line end: read it, so that the connection is
	// used again and the answer counts as whole.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	return nil
}

// Send does what a request says, with the installation's token.
func (c *Client) Send(ctx context.Context, r Request, read func(io.Reader) error) error {
	return c.do(ctx, c.rest, r, read)
}

// Get reads what a request asks for.
func (c *Client) Get(ctx context.Context, r Request, read func(io.Reader) error) error {
	r.Method = http.MethodGet
	return c.Send(ctx, r, read)
}

// Into decodes one JSON value.
func Into(v any) func(io.Reader) error {
	return func(body io.Reader) error { return json.NewDecoder(body).Decode(v) }
}

// RepoPath is the start of a repository's routes. It goes by the id: a name may
// be another repository's by now, and what is written goes where it leads. What
// GitHub describes below /repos/{owner}/{repo} it answers here as well; its
// redirects for renamed repositories lead here.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
func RepoPath(r gate.Repo) string { return "repositories/" + strconv.FormatInt(r.ID, 10) }

func CheckRepo(r gate.Repo) error {
	if !wire.IsRepo(r) {
		return Invalid("The subject does not name a repository.")
	}
	return nil
}

const pastAtOnce = 4

// Each calls do for 0 to n-1, a few at once, and returns when all have ended.
func Each(n int, do func(i int)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, pastAtOnce)
	for i := range n {
		wg.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			do(i)
		})
	}
	wg.Wait()
}

const PerPage = 100

func TooMany(what string, pages int) *gate.Error {
	return &gate.Error{Code: "answer_too_large",
		Text: fmt.Sprintf("There are more than the %d %s that gatehold lists.", pages*PerPage, what), Final: true}
}
