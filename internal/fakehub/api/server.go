// Package api answers what programs ask of a hub over HTTP: GitHub's REST API,
// and the way to GraphQL. A request passes faults, latency, identity, limits and
// the contract; then its handler has the state locked. Routes are named by the
// path templates of GitHub's description, with the permission that each needs.
package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// maxBody is how much of a request is read.
const maxBody = 32 << 20

const (
	graphPath      = "/graphql"
	enterprisePath = "/api/v3"
)

// Parts are what a server answers from.
type Parts struct {
	Hub     *fakehub.Hub
	Actions *actions.Actions
	Book    *access.Book
	Faults  *faults.Table
	Lags    *lag.Lags
	Graph   *graph.Graph
	Quotas  *Quotas
}

// Server answers what programs ask of a hub: GitHub's API.
type Server struct {
	Parts
	mux *http.ServeMux
}

// New leaves to other what is no call of the API; unknown answers a call that
// nobody knows.
func New(p Parts, other func(unknown http.HandlerFunc) http.HandlerFunc) *Server {
	s := &Server{Parts: p, mux: http.NewServeMux()}
	s.routeAll(other)
	return s
}

// call is one request on its way.
type call struct {
	server *Server
	hub    *fakehub.Hub
	r      *http.Request
	route  *route
	prefix string // /api/v3 where the client used it
	path   string // without the prefix
	body   []byte
	auth   access.Caller
	repo   *fakehub.Repo
	look   *lag.Look
}

// answer is what a handler gives back; writing it is for the one who called it.
type answer struct {
	status int
	body   []byte
	link   string
	header http.Header
}

func ok(v any) answer { return answer{status: http.StatusOK, body: wire.Encode(v)} }

func created(v any) answer { return answer{status: http.StatusCreated, body: wire.Encode(v)} }

func failed(status int, message string, errs ...any) answer {
	o := wire.Object{"message", message}
	if len(errs) > 0 {
		o = append(o, "errors", wire.List(errs))
	}
	o = append(o, "documentation_url", "https://docs.github.com/rest", "status", strconv.Itoa(status))
	return answer{status: status, body: wire.Encode(o)}
}

func notFound() answer                { return failed(http.StatusNotFound, "Not Found") }
func badRequest(why string) answer    { return failed(http.StatusBadRequest, why) }
func unprocessable(why string) answer { return failed(http.StatusUnprocessableEntity, why) }
func forbidden() answer {
	return failed(http.StatusForbidden, "Resource not accessible by integration")
}

// Handler serves the API, for those who bring their own server.
func (s *Server) Handler() http.Handler {
	enterprise := http.StripPrefix(enterprisePath, s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/v3/"):
			enterprise.ServeHTTP(w, r)
		case r.URL.Path == "/api/graphql":
			http.StripPrefix("/api", s.mux).ServeHTTP(w, r)
		default:
			s.mux.ServeHTTP(w, r)
		}
	})
}

// handle takes a request through faults, latency, identity, limits and the
// contract to its handler, and writes what came of it.
func (s *Server) handle(rt *route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{server: s, hub: s.Hub, r: r, route: rt, path: r.URL.Path}
		if full, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(full, "/api/v3/") {
			c.prefix = enterprisePath
		}
		entry := s.Hub.Journal.Begin(s.Hub.Now(), rt.template, strings.Replace(r.URL.Path, byIDPath, "/repositories/", 1), r)
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.finish(w, c, entry, failed(http.StatusRequestEntityTooLarge, "The request could not be read whole"))
			return
		}
		c.body = body
		fault := s.Faults.Take(faults.Asked{Route: rt.name(), Request: r, Body: body})
		if !s.wait(r, s.Hub.Options.Latency+fault.Latency()) {
			s.Hub.Journal.End(entry, 0)
			return
		}
		if fault.Before() {
			s.fail(w, c, entry, fault)
			return
		}
		ans := s.answer(c)
		if fault != nil && fault.After() {
			s.spoil(w, entry, fault, ans)
			return
		}
		s.finish(w, c, entry, ans)
	}
}

// wait is for latency; no lock is held. False: the client is gone.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer is the way of a request that no fault has stopped.
func (s *Server) answer(c *call) answer {
	if s.Hub.Options.Concurrency > 0 && s.Hub.Journal.InFlight() > s.Hub.Options.Concurrency {
		return secondary(60)
	}
	if c.route.web {
		if c.prefix != "" {
			return s.unserved(c)
		}
		return s.dispatch(c)
	}
	caller, refused := s.Book.Authenticate(c.r.Header.Get("Authorization"))
	if refused != "" {
		return failed(http.StatusUnauthorized, refused)
	}
	c.auth = caller
	if c.suspended() {
		return failed(http.StatusForbidden, "Sorry. Your account was suspended.")
	}
	if c.auth.Kind&c.route.who == 0 {
		return c.wrongKind()
	}
	if v := c.r.Header.Get("X-Github-Api-Version"); v != "" && v != "2022-11-28" && v != "2026-03-10" {
		return badRequest(v + " is not a supported version.")
	}
	bucket := s.Quotas.bucket(c)
	ok, left := bucket.charge(s.Hub.Now(), 1, c.points(s.Hub.Options.PointsPerMinute), c.route)
	if !ok {
		if bucket.resource == "graphql" && left.status == http.StatusForbidden && left.header.Get("Retry-After") == "" {
			left.status, left.body = graph.Limited(bucket.who)
		}
		return left
	}
	ans := s.checked(c)
	if ans.header == nil {
		ans.header = http.Header{}
	}
	if etag := c.etag(ans); etag != "" {
		ans.header.Set("Etag", etag)
		if c.r.Header.Get("If-None-Match") == etag {
			bucket.refund(1)
			ans.status, ans.body = http.StatusNotModified, nil
		}
	}
	if accepted := c.accepted(); accepted != "" {
		ans.header.Set("X-Accepted-Github-Permissions", accepted)
	}
	bucket.headers(ans.header, s.Hub.Now())
	return ans
}

// checked asks the contract before and after.
func (s *Server) checked(c *call) answer {
	if s.Hub.Options.Contract == nil {
		return s.dispatch(c)
	}
	if err := s.Hub.Options.Contract.Request(c.r, c.route.template, c.params(), c.body); err != nil {
		why := c.route.name() + ": " + err.Error()
		s.Hub.Journal.Violate("request " + why)
		return badRequest("The request breaks GitHub's description: " + why)
	}
	if c.route.template == graphPath {
		if refused, bad := s.againstSchema(c); bad {
			return refused
		}
	}
	ans := s.dispatch(c)
	if kind := ans.header["Content-Type"]; len(kind) > 0 && !strings.Contains(kind[0], "json") {
		return ans // asked for raw: the description is of JSON
	}
	if err := s.Hub.Options.Contract.Response(c.r.Method, c.route.template, ans.status, ans.body); err != nil {
		s.Hub.Journal.Violate("response " + c.route.name() + ": " + err.Error())
	}
	return ans
}

// dispatch finds the repository, checks what the token may do and runs the
// handler with the state locked.
func (s *Server) dispatch(c *call) answer {
	defer s.hold(c)()
	if owner := c.r.PathValue("owner"); owner != "" {
		if refused, moved := c.find(owner + "/" + c.r.PathValue("repo")); moved {
			return refused
		}
		if c.repo == nil || !c.auth.Sees(c.repo) {
			return notFound()
		}
	}
	if refused, barred := c.bar(); barred {
		return refused
	}
	if !c.permitted() {
		return forbidden()
	}
	if c.route.write {
		if c.repo != nil && c.repo.Archived {
			return failed(http.StatusForbidden, "Repository was archived so is read-only.")
		}
		if refused, late := c.notArrived(); late {
			return refused
		}
		return c.route.fn(c)
	}
	defer c.look.Behind(readsOf(c.route.template), c.repo)()
	return c.route.fn(c)
}

func (s *Server) finish(w http.ResponseWriter, c *call, entry *journal.Request, ans answer) {
	s.Hub.Journal.End(entry, ans.status)
	header := w.Header()
	for k, v := range ans.header {
		header[k] = v
	}
	if ans.link != "" {
		header.Set("Link", ans.link)
	}
	header.Set("X-Github-Request-Id", "FAKE:"+strconv.FormatInt(entry.Number, 16))
	header.Set("X-Github-Media-Type", "github.v3; format=json")
	if len(ans.body) > 0 {
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json; charset=utf-8")
		}
		header.Set("Content-Length", strconv.Itoa(len(ans.body)))
	}
	w.WriteHeader(ans.status)
	if _, err := w.Write(ans.body); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		s.Hub.Log.Debug("an answer did not reach its client", "route", c.route.name(), "error", err)
	}
}

// hold takes the state's lock for a request.
func (s *Server) hold(c *call) (release func()) {
	via := lag.REST
	if c.route.template == graphPath {
		via = lag.GraphQL
	}
	c.look = s.Lags.Look(via)
	switch {
	case c.route.write:
		s.Hub.State.Lock()
	case c.look.Past():
		s.Hub.State.RWMutex.Lock()
	default:
		s.Hub.State.RLock()
		return s.Hub.State.RUnlock
	}
	return s.Hub.State.RWMutex.Unlock
}

// etag is for what can be asked for again: a whole answer to a GET.
func (c *call) etag(ans answer) string {
	if c.r.Method != http.MethodGet || ans.status != http.StatusOK || c.route.template == "/rate_limit" {
		return ""
	}
	// An ETag belongs to one token: another has to read anew.
	token := ""
	if g := c.auth.Grant; g != nil {
		token = g.Token
	}
	sum := sha256.Sum256(append([]byte(token+"\n"), ans.body...))
	return `W/"` + hex.EncodeToString(sum[:]) + `"`
}

// actions is what there is of workflows and deployments in the repository.
func (c *call) actions() *actions.Repo { return c.server.Actions.Of(c.repo) }

func (c *call) base() string { return c.hub.URL() + c.prefix }

func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }

// number is a path value; 0, which no id is, where it is none.
func (c *call) number(name string) int64 {
	n, err := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c *call) params() map[string]string {
	m := map[string]string{}
	for _, name := range c.route.names {
		m[name] = c.r.PathValue(name)
	}
	return m
}

// decode reads the body into v; false: it is no such JSON.
func (c *call) decode(v any) bool {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return true
	}
	return json.Unmarshal(c.body, v) == nil
}

func (c *call) pageSize() int {
	n, err := strconv.Atoi(c.query("per_page"))
	if err != nil || n < 1 {
		return 30
	}
	return min(n, 100)
}

// page cuts the asked page out of total items: from, to, and the Link header.
func (c *call) page(total int) (from, to int, link string) {
	size := c.pageSize()
	page, err := strconv.Atoi(c.query("page"))
	if err != nil || page < 1 {
		page = 1
	}
	last := max(1, (total+size-1)/size)
	from, to = min((page-1)*size, total), min(page*size, total)
	if page > last {
		from, to = total, total
	}
	url := func(p int) string {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(p))
		return "<" + c.base() + c.asked() + "?" + q.Encode() + ">"
	}
	var parts []string
	if page > 1 {
		parts = append(parts, url(min(page-1, last))+`; rel="prev"`, url(1)+`; rel="first"`)
	}
	if page < last {
		parts = append(parts, url(page+1)+`; rel="next"`, url(last)+`; rel="last"`)
	}
	return from, to, strings.Join(parts, ", ")
}

// unserved answers what this hub does not know; a product that comes here uses
// more of GitHub than the fake has.
func (s *Server) unserved(c *call) answer {
	s.Hub.Journal.Violate(fmt.Sprintf("fakehub does not serve %s %s", c.r.Method, c.path))
	return failed(http.StatusNotImplemented, fmt.Sprintf("fakehub does not serve %s %s", c.r.Method, c.path))
}
