// Package redis keeps the ledger on a Redis server or cluster: the store for
// several replicas of gatehold on different machines.
//
// # What is promised
//
// Redis is as durable as it is set up. With appendonly yes and appendfsync
// always, an Append that returned nil is on the server's disk: Redis syncs
// before it answers. With appendfsync everysec a power cut or a crash of the
// machine loses up to the last second of what was acknowledged (a crash of the
// Redis process alone does not). Without an append-only file a restart loses
// everything since the last snapshot. Check refuses both.
//
// Redis copies to its replicas after it has answered. A failover can therefore
// lose acknowledged appends, whatever is set: where that matters, restart the
// primary on its disk instead of promoting a replica. Two halves of a cluster
// that do not see each other are the same case.
//
// Nothing may expire or be evicted: maxmemory-policy must be noeviction where
// maxmemory is set. The whole ledger is in the server's memory.
//
// An Append whose context ends while it is under way may have been written or
// not. A connection that breaks is asked again, and the answer is true: an
// append that came through the first time is not taken for somebody else's.
//
// # Keys
//
// Every key of a shard bears the same hash tag, so that a shard lies on one
// node of a cluster and each script touches one slot:
//
//	gatehold:{07}:tail            stream of all records of shard 7, in order
//	gatehold:{07}:place           the last place given
//	gatehold:{07}:due             streams by due time
//	gatehold:{07}:live            streams that still go on, by name
//	gatehold:{07}:listed          there once live names every stream that it has to
//	gatehold:{07}:places:STREAM   the places of a stream's records
//	gatehold:{07}:keys:STREAM     the keys that a stream has seen
//	gatehold:lease:NAME           a lease, by the clock of the server
//	gatehold:vault:ID             what has to be undone later, sealed; it expires
package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"

	redis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/gatehold/gatehold/internal/ledger"
)

//go:embed append.lua
var appendScript string

//go:embed read.lua
var readScript string

//go:embed lease.lua
var leaseScript string

//go:embed live.lua
var liveScript string

// Options are the settings of a store. The zero value is what serve uses.
type Options struct {
	// Prefix begins the name of every key, so that several ledgers can share
	// a server; empty: "gatehold". It must not hold braces.
	Prefix string
}

// Store is a ledger.Log on Redis.
type Store struct {
	client redis.UniversalClient
	where  string // for errors: host and port, no password
	prefix string

	append, read, lease, live *redis.Script

	mu     sync.RWMutex // held for reading by every call under way
	closed bool
}

var _ ledger.Store = (*Store)(nil)

// Open prepares a store; it does not connect yet, the first call does.
//
// The URL is redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS.
// One that names further nodes, ?addr=HOST:PORT&addr=..., is a cluster. Errors
// never repeat the URL, because of the password in it.
func Open(address string, opts Options) (*Store, error) {
	if opts.Prefix == "" {
		opts.Prefix = "gatehold"
	}
	if strings.ContainsAny(opts.Prefix, "{}") {
		return nil, errors.New("ledger: the prefix of the Redis keys must not hold braces: they decide where a cluster keeps a key")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Host == "" {
		return nil,
			errors.New("ledger: the Redis URL cannot be understood: write redis://[USER:PASSWORD@]HOST[:PORT][/DB], or " +
				"rediss:// for TLS, and percent-encode special characters of the password")
	}
	// The library would write to standard error by itself. What goes wrong is in
	// the errors.
	logging.Disable()
	client, err := connect(address, u.Query().Has("addr"))
	if err != nil {
		return nil, err
	}
	return &Store{
		client: client,
		where:  u.Host,
		prefix: opts.Prefix,
		append: redis.NewScript(appendScript),
		read:   redis.NewScript(readScript),
		lease:  redis.NewScript(leaseScript),
		live:   redis.NewScript(liveScript),
	}, nil
}

// connect makes the client. Its retries are safe, see append.lua.
func connect(address string, cluster bool) (redis.UniversalClient, error) {
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if cluster {
		o, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, badURL(err)
		}
		o.ContextTimeoutEnabled, o.DisableIdentity, o.MaintNotificationsConfig = true, true, quiet
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, badURL(err)
	}
	o.ContextTimeoutEnabled, o.DisableIdentity, o.MaintNotificationsConfig = true, true, quiet
	return redis.NewClient(o), nil
}

// badURL tells what is wrong with a URL without the URL: of the library's
// sentences, only those are passed on that name a parameter or the database.
func badURL(err error) error {
	text := err.Error()
	for _, safe := range []string{"unexpected option", "invalid database number", "invalid URL path"} {
		if strings.Contains(text, safe) {
			return fmt.Errorf("ledger: the Redis URL has a part that cannot be used: its database must be a number and its "+
				"parameters those of go-redis (%s)", safe)
		}
	}
	return errors.New("ledger: the Redis URL has a part that cannot be used: write redis://[USER:PASSWORD@]HOST[:PORT][/DB]")
}

// Close lets the calls under way finish, then lets go of the connections.
// Closing again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.client.Close()
}

// enter is the start of every call: it holds Close off until leave.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return nil, ledger.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		s.mu.RUnlock()
		return nil, err
	}
	return s.mu.RUnlock, nil
}

// shardKey names a key of a shard.
func (s *Store) shardKey(shard int, name string) string {
	return fmt.Sprintf("%s:{%02d}:%s", s.prefix, shard, name)
}

// failed says what happened and, where it is known, what to do.
func (s *Store) failed(err error) error {
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("ledger: Redis at %s did not answer in time: %w", s.where, err)
	case errors.As(err, &network):
		return fmt.Errorf("ledger: Redis at %s cannot be reached: %w", s.where, err)
	case redis.IsAuthError(err):
		return fmt.Errorf("ledger: Redis at %s refuses the user and password of the URL: %w", s.where, err)
	}
	return fmt.Errorf("ledger: Redis at %s: %w", s.where, err)
}
