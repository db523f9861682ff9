package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// byIDPath stands in a request's path where the owner would: the repository is
// asked for by its id.
const byIDPath = "/repos/repositories/"

type repositoryID struct{}

// serveByID serves /repositories/{id} and all below it as /repos/{owner}/{repo}. The
// id means the same repository whatever it is called.
func (s *Server) serveByID(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		id = -1 // which no repository has
	}
	again := r.Clone(context.WithValue(r.Context(), repositoryID{}, id))
	again.URL = &url.URL{Path: byIDPath + strings.TrimPrefix(r.URL.Path, "/repositories/"), RawQuery: r.URL.RawQuery}
	if r.URL.RawPath != "" {
		again.URL.RawPath = byIDPath + strings.TrimPrefix(r.URL.RawPath, "/repositories/")
	}
	s.mux.ServeHTTP(w, again)
}

// asked is the path as the client had it, without its prefix.
func (c *call) asked() string {
	path := c.r.URL.EscapedPath()
	if rest, byID := strings.CutPrefix(path, byIDPath); byID {
		return "/repositories/" + rest
	}
	return path
}

// find sets the repository that a request is about. One that is asked for by a
// name that it no longer has comes with the answer that leads to it.
func (c *call) find(full string) (refused answer, moved bool) {
	if id, ok := c.r.Context().Value(repositoryID{}).(int64); ok {
		c.repo = c.hub.RepoByID[id]
		return answer{}, false
	}
	defer c.look.Behind(lag.Repositories, nil)()
	c.repo, moved = c.hub.Named(full)
	if !moved || !c.auth.Sees(c.repo) {
		return answer{}, false
	}
	return c.leadTo(c.repo), true
}

// leadTo answers 301 to a read and 307 to a write, as GitHub does.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
func (c *call) leadTo(r *fakehub.Repo) answer {
	parts := strings.SplitN(strings.TrimPrefix(c.r.URL.EscapedPath(), "/repos/"), "/", 3)
	to := fmt.Sprintf("%s/repositories/%d", c.base(), r.ID)
	if len(parts) == 3 {
		to += "/" + parts[2]
	}
	if q := c.r.URL.RawQuery; q != "" {
		to += "?" + q
	}
	status, message := http.StatusTemporaryRedirect, "Temporary Redirect"
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		status, message = http.StatusMovedPermanently, "Moved Permanently"
	}
	return answer{status: status, header: http.Header{"Location": {to}}, body: wire.Encode(wire.Object{"message", message, "url", to,
		"documentation_url", "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"})}
}
