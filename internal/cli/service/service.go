// Package service wires a gatehold from its configuration and runs it: the ledger, the
// doors, and the runner.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/redis"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/web"
	"github.com/gatehold/gatehold/internal/web/source"
)

// Service is a running gatehold: the doors and the runner on one ledger.
type Service struct {
	log      *slog.Logger
	ledger   ledger.Store
	keeper   *keeper.Keeper
	server   *http.Server
	Listener net.Listener
	Config   config.Config // as it is in force
	served   chan error    // the server's end
	ran      chan error    // the runner's end
	stopRun  context.CancelFunc
}

// The doors' patience. GitHub gives up on a delivery after ten seconds.
const (
	headerTime = 5 * time.Second
	bodyTime   = 30 * time.Second
	writeTime  = 90 * time.Second // after the headers: the body, what it asks for, and the answer
	idleTime   = 2 * time.Minute
	maxHeaders = 32 << 10 // bytes; GitHub's are a tenth of it
	graceTime  = 8 * time.Second
)

// Start wires everything and starts it. Nothing is asked of GitHub
// before the first delivery. A public URL with the port 0 gets the one that the
// system chose to listen on.
func Start(c config.Config, log *slog.Logger) (*Service, error) {
	now := time.Now
	channels, err := Channels(c.Notify)
	if err != nil {
		return nil, err
	}
	store, check, err := OpenStore(c)
	if err != nil {
		return nil, err
	}
	metrics := web.NewMetrics()
	github, inbox, err := NewHub(c, log, metrics)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, errors.Join(&gate.Error{Code: "listen", Err: err,
			Text: fmt.Sprintf("The address %s cannot be listened on: %s.", c.Listen, err)}, store.Close())
	}
	c.PublicURL = portIn(c.PublicURL, listener.Addr())
	given, err := credentialsWith(c, store, github, log, metrics)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), store.Close())
	}
	identities, rotates, err := identitiesWith(c, store, log)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), store.Close())
	}
	if identities != nil {
		given.Signer = identities
	}
	sealer, err := sealerOf(c, now)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), store.Close())
	}
	shown, each := source.New(github, now), personsOf(c, sealer)
	var lists *board.Board
	k := keeper.New(keeper.Config{
		Log: store, Hub: github, Missed: github, Past: github.Past(), Names: github, People: github, Owners: github, Inventory: github,
		Guard: Guard{Hub: github, App: c.AppID}, Trunks: github, Deploys: github, Jobs: github, Branches: github, InForce: github,
		Runs: github, Pushes: github, Ranges: github, Mentions: github, Workflows: github, Now: now, Slog: log, Observer: metrics,
		Appended:  func(shard int) { lists.Changed(shard) },
		PublicURL: PagesURL(c), Holder: holder(c, listener), Passkeys: passkeys(c, log), KeyWait: c.PasskeyWait,
		Channels: channels, KeyChannels: KeyChannels(c.Notify, channels),
		GitHubURL: c.WebURL(), Sights: sights(c, sealer), Lines: dangerous{shown},
		Credentials: given, Ways: waysOf(each), Waiting: waits{func() *board.Board { return lists }},
	})
	lists = board.New(board.Config{
		Tail: store, Streams: k.Book, People: github, Comparison: k.Repos, Now: now, Slog: log, PublicURL: PagesURL(c),
	})
	metrics.Watch(lists, now)
	doors := openToPeople(web.Deps{
		Inbox: inbox, Deliveries: k.Deliveries, Credentials: k.Credentials, Board: lists, Lists: lists, News: lists,
		GitHub: c.WebURL(), Metrics: metrics, Ready: check, Pages: c.Pages || c.SignIn(), Slog: log, Now: now, Sealer: sealer,
	}, c, github, k, lists, shown, each)
	if identities != nil {
		doors.Issuer = identities
	}
	s := &Service{
		log: log, ledger: store, keeper: k, Listener: listener, Config: c,
		served: make(chan error, 1), ran: make(chan error, 1),
		server: &http.Server{
			Handler:           web.New(doors),
			ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
			MaxHeaderBytes: maxHeaders,
			ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stopRun = cancel
	go lists.Run(ctx)
	go rotates(ctx)
	go func() { s.ran <- k.Run(ctx) }()
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// Wait returns when ctx ends or the service cannot go on.
func (s *Service) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.served:
		return fmt.Errorf("the server stopped: %w", err)
	case err := <-s.ran:
		return fmt.Errorf("the runner stopped: %w", err)
	}
}

// Stop ends in the order that loses nothing: first the doors, then the
// runner, then the ledger.
func (s *Service) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), graceTime)
	defer cancel()
	err := s.server.Shutdown(ctx)
	s.stopRun()
	select {
	case <-s.ran:
	case <-ctx.Done():
		err = errors.Join(err, errors.New("steps under way did not end in time; they go on after the restart"))
	}
	return errors.Join(err, s.ledger.Close())
}

// OpenStore opens the ledger, and gives the check of its readiness.
func OpenStore(c config.Config) (ledger.Store, func(context.Context) error, error) {
	if path, ok := strings.CutPrefix(c.Store, "sqlite:"); ok {
		store, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			return nil, nil, &gate.Error{Code: "store_unavailable", Err: err,
				Text: fmt.Sprintf("The ledger %s cannot be opened: %s.", path, err)}
		}
		return store, readable(store), nil
	}
	store, err := redis.Open(c.Store, redis.Options{})
	if err != nil {
		return nil, nil, &gate.Error{Code: "store_unavailable", Err: err, Text: "The Redis ledger cannot be used: " + err.Error()}
	}
	return store, store.Check, nil
}

// readable is the readiness of a store without a server of its own.
func readable(log ledger.Store) func(context.Context) error {
	return func(ctx context.Context) error {
		if _, err := log.Due(ctx, []int{0}, time.Time{}, 1); err != nil {
			return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be read.", Err: err}
		}
		return nil
	}
}

// NewHub is GitHub as the configuration has it, and the door of its webhooks.
func NewHub(c config.Config, log *slog.Logger, metrics *web.Metrics) (*hub.Hub, *inbox.Inbox, error) {
	rest, err := url.Parse(c.GitHubURL)
	if err != nil {
		return nil, nil, err
	}
	graphql, err := url.Parse(c.GraphQLURL())
	if err != nil {
		return nil, nil, err
	}
	people, err := url.Parse(c.WebURL())
	if err != nil {
		return nil, nil, err
	}
	door, err := inbox.New(c.AppID, c.WebhookSecrets)
	if err != nil {
		return nil, nil, err
	}
	github, err := hub.New(api.Config{
		API: rest, GraphQL: graphql, AppID: c.AppID, PrivateKey: c.PrivateKey, Web: people, ClientID: c.ClientID,
		ClientSecret: c.ClientSecret, Now: time.Now, Log: log, Observe: metrics.Requested,
	})
	return github, door, err
}

// holder names this process among replicas: the same after a restart, so that
// it takes its shards over at once, and another for each replica of a host.
func holder(c config.Config, l net.Listener) string {
	return c.Hostname + " " + l.Addr().String()
}

// portIn puts the port of what is listened on in the place of 0 in an address.
func portIn(address string, of net.Addr) string {
	u, err := url.Parse(address)
	on, tcp := of.(*net.TCPAddr)
	if err != nil || !tcp || u.Port() != "0" {
		return address
	}
	u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(on.Port))
	return u.String()
}

// PagesURL is where a check links to; without pages there is nothing to see. Pages
// are served where people can sign in, and else only where that was asked for.
func PagesURL(c config.Config) string {
	if !c.Pages && !c.SignIn() {
		return ""
	}
	return strings.TrimSuffix(c.PublicURL, "/")
}
