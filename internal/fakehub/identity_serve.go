package fakehub

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// byIDPath stands in a request's path where the owner would: the repository is
// asked for by its id.
const byIDPath = "/repos/repositories/"

type repositoryID struct{}

// serveByID serves /repositories/{id} and all below it as /repos/{owner}/{repo}. The
// id means the same repository whatever it is called.
func (h *Hub) serveByID(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		id = -1 // which no repository has
	}
	again := r.Clone(context.WithValue(r.Context(), repositoryID{}, id))
	again.URL = &url.URL{Path: byIDPath + strings.TrimPrefix(r.URL.Path, "/repositories/"), RawQuery: r.URL.RawQuery}
	if r.URL.RawPath != "" {
		again.URL.RawPath = byIDPath + strings.TrimPrefix(r.URL.RawPath, "/repositories/")
	}
	h.mux.ServeHTTP(w, again)
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
		c.repo = c.hub.repoByID[id]
		return answer{}, false
	}
	defer c.behind(Repositories, nil)()
	c.repo, moved = c.hub.named(full)
	if !moved || !c.auth.sees(c.repo) {
		return answer{}, false
	}
	return c.leadTo(c.repo), true
}

// leadTo answers 301 to a read and 307 to a write, as GitHub does.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
func (c *call) leadTo(r *Repo) answer {
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
	return answer{status: status, header: http.Header{"Location": {to}}, body: encode(obj{"message", message, "url", to,
		"documentation_url", "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"})}
}

// graphNode finds what a global id means, whatever it is called.
func graphNode(x *execution, _ any, a arguments) (any, error) { return x.byNodeID(a.text("id")) }

func graphNodes(x *execution, _ any, a arguments) (any, error) {
	ids, _ := a["ids"].([]any)
	out := make([]node, 0, len(ids))
	for _, id := range ids {
		text, _ := id.(string)
		found, err := x.byNodeID(text)
		if err != nil {
			return nil, err
		}
		out = append(out, found.(node))
	}
	return out, nil
}

// byNodeID knows repositories, pull requests and accounts.
func (x *execution) byNodeID(id string) (any, error) {
	missing := &graphError{kind: "NOT_FOUND", message: "Could not resolve to a node with the global id of '" + id + "'"}
	kind, text, _ := strings.Cut(id, "_")
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, missing
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(string(decoded), kind+":"), 10, 64)
	if err != nil {
		return nil, missing
	}
	switch kind {
	case "R":
		if r := x.hub.repoByID[n]; r != nil && x.call.auth.sees(r) && x.call.auth.barred(x.hub.orgs[r.owner.ID]) == "" {
			return node{"Repository", r}, nil
		}
	case "PR":
		for _, r := range x.hub.repoByID {
			for _, p := range r.pulls {
				if p.ID == n && x.call.auth.sees(r) && x.may(r, "pull_requests") == nil {
					return node{"PullRequest", p}, nil
				}
			}
		}
	case "U", "BOT", "O", "M":
		if a := x.hub.byID[n]; a != nil {
			return actor(a), nil
		}
	}
	return nil, missing
}
