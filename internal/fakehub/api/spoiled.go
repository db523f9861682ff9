package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// fail answers a request whose effect does not happen.
func (s *Server) fail(w http.ResponseWriter, c *call, entry *journal.Request, f *faults.Fault) {
	retry := f.RetryAfter
	if retry == 0 {
		retry = time.Minute
	}
	switch f.Kind {
	case faults.Hang:
		<-c.r.Context().Done()
		s.Hub.Journal.End(entry, 0)
	case faults.LostRequest:
		s.Hub.Journal.End(entry, 0)
		hangUp(w)
	case faults.Redirect:
		s.finish(w, c, entry, answer{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {f.Location}},
			body: wire.Encode(wire.Object{"message", "Moved", "url", f.Location})})
	case faults.SecondaryLimit:
		s.finish(w, c, entry, secondary(int(retry.Seconds())))
	case faults.TooMany:
		ans := failed(http.StatusTooManyRequests,
			"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		ans.header = http.Header{"Retry-After": {strconv.Itoa(int(retry.Seconds()))}}
		s.finish(w, c, entry, ans)
	case faults.PrimaryLimit:
		ans, resource := failed(http.StatusForbidden, "API rate limit exceeded for this installation."), "core"
		if c.route.template == graphPath {
			ans, resource = graphAnswer(graph.Limited("this installation")), "graphql"
		}
		b := bucket{resource: resource, limit: s.Hub.Options.RESTQuota, used: s.Hub.Options.RESTQuota, reset: s.Hub.Now().Add(retry)}
		ans.header = http.Header{}
		b.fill(ans.header)
		s.finish(w, c, entry, ans)
	default:
		s.finish(w, c, entry, failure(f))
	}
}

func failure(f *faults.Fault) answer {
	code := f.Code
	if code == 0 {
		code = http.StatusBadGateway
	}
	if f.Body != "" {
		return answer{status: code, body: []byte(f.Body)}
	}
	if code >= 500 { // what GitHub's front sends then is no JSON
		return answer{status: code, body: []byte("<html><head><title>" + http.StatusText(code) + "</title></head></html>"),
			header: http.Header{"Content-Type": {"text/html"}}}
	}
	return failed(code, http.StatusText(code))
}

// spoil loses or breaks the answer to what has happened.
func (s *Server) spoil(w http.ResponseWriter, entry *journal.Request, f *faults.Fault, ans answer) {
	s.Hub.Journal.End(entry, 0)
	if f.Kind == faults.LostAnswer {
		hangUp(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(ans.status)
	if _, err := w.Write(ans.body[:len(ans.body)/2]); err != nil {
		s.Hub.Log.Debug("half an answer did not reach its client", "error", err)
	}
}

// hangUp closes the connection as a broken line does.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to cut an answer short, for a server that cannot hijack
	}
	conn.Close()
}
