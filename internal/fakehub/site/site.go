// Package site puts a whole GitHub together and serves it: the state of package
// fakehub, its API and pages, webhooks, and what can go wrong with all of them.
// Tests and the demo begin here, with New.
package site

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/api"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/fakehub/pages"
)

// Hub is one GitHub with all that it shows: what each part does for a test is
// a method of it.
type Hub struct {
	*fakehub.Hub
	*actions.Actions // workflow runs, environments, deployments
	*access.Book     // tokens, and sign-ins through devices
	*journal.Journal // what was asked
	*hooks.Sender    // webhooks and their log
	*faults.Table    // what goes wrong
	*lag.Lags        // what is behind
	*graph.Graph     // queries, and when they are too heavy
	*api.Quotas      // what may be asked

	api   *api.Server
	log   *slog.Logger
	serve *http.Server
}

// New returns a GitHub that serves nothing yet.
func New(opt fakehub.Options) *Hub {
	h := fakehub.New(opt)
	a, book := actions.New(h), access.NewBook(h)
	s := &Hub{Hub: h, Actions: a, Book: book, Journal: h.Journal, Sender: h.Hooks, log: h.Log,
		Table: faults.NewTable(h.Random, h.Options.Now), Lags: lag.New(h), Graph: graph.New(h, a), Quotas: api.NewQuotas(h.Options, h.Now)}
	s.api = api.New(api.Parts{Hub: h, Actions: a, Book: book, Faults: s.Table, Lags: s.Lags, Graph: s.Graph, Quotas: s.Quotas},
		pages.New(h, a, book).Serve)
	return s
}

// Start listens on a free port of 127.0.0.1 and returns the base URL, without
// a slash at its end.
func (s *Hub) Start() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("fakehub cannot listen on 127.0.0.1: %w", err)
	}
	base := "http://" + l.Addr().String()
	s.SetURL(base)
	s.serve = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn)}
	go func() {
		if err := s.serve.Serve(l); err != http.ErrServerClosed {
			s.log.Error("fakehub stopped serving", "error", err)
		}
	}()
	return base, nil
}

// Handler serves the API and the pages, for those who bring their own server.
func (s *Hub) Handler() http.Handler { return s.api.Handler() }

// Close stops serving and sending; requests and webhooks under way are cut.
func (s *Hub) Close() {
	s.Sender.Close()
	if s.serve != nil {
		s.serve.Close()
	}
}
