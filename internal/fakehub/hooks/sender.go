// Package hooks sends webhooks and keeps GitHub's log of them. It knows
// nothing of what they tell.
package hooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/random"
)

// maxPayload is GitHub's: a larger event is not sent at all.
const maxPayload = 25 << 20

// Options say how webhooks are sent.
type Options struct {
	Now     func() time.Time // the hub's clock
	Random  *random.Source
	Timeout time.Duration // of one webhook, in real time
	Workers int           // how many webhooks are sent at once
	Keep    int           // how many deliveries the log keeps
	// Check hears of every payload that is sent; nil: nobody does.
	Check func(event, action string, payload []byte)
}

// Sender sends events with a few workers from one queue.
type Sender struct {
	*faults.HookTable
	opt     Options
	client  *http.Client
	ctx     context.Context
	stop    context.CancelFunc
	log     record
	pending atomic.Int64

	mu     sync.Mutex
	queue  []*Event
	late   []lateEvent // the first due first
	held   []*Held
	wake   *sync.Cond
	closed bool
	idle   *sync.Cond
}

// NewSender waits for events, until Close.
func NewSender(opt Options) *Sender {
	ctx, stop := context.WithCancel(context.Background())
	s := &Sender{HookTable: faults.NewHookTable(opt.Random), opt: opt, ctx: ctx, stop: stop, client: &http.Client{
		Timeout:       opt.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: opt.Workers, IdleConnTimeout: 30 * time.Second},
	}}
	s.wake, s.idle = sync.NewCond(&s.mu), sync.NewCond(&s.mu)
	s.log.keep = opt.Keep
	for range opt.Workers {
		go s.work()
	}
	return s
}

// Close stops sending; webhooks under way are cut.
func (s *Sender) Close() {
	s.mu.Lock()
	s.closed = true
	s.wake.Broadcast()
	s.idle.Broadcast()
	s.mu.Unlock()
	s.stop()
	s.client.CloseIdleConnections()
}

// Enqueue takes the webhook's address and secret as they are now: the caller
// holds the lock of the hub's state. What a fault drops has no entry in the log, as if GitHub had
// never made it.
func (s *Sender) Enqueue(d *Event) {
	if len(d.Payload) > maxPayload {
		return
	}
	d.to = *d.Hook
	fate := s.Take(d.Name, d.Action)
	for range fate.Copies {
		switch {
		case fate.Failed:
			s.log.add(d, failedAttempt(s.now(), fate.Code))
		case fate.Late > 0:
			s.postpone(d, s.opt.Now().Add(fate.Late))
		case fate.Delay > 0:
			s.pending.Add(1)
			time.AfterFunc(fate.Delay, func() { s.put(d) })
		default:
			s.pending.Add(1)
			s.put(d)
		}
	}
}

func (s *Sender) put(d *Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caught(d) {
		s.done()
		return
	}
	s.queue = append(s.queue, d)
	s.wake.Signal()
}

func (s *Sender) work() {
	for {
		s.mu.Lock()
		for len(s.queue) == 0 && !s.closed {
			s.wake.Wait()
		}
		if s.closed {
			s.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.queue[0] = nil
		s.queue = s.queue[1:]
		s.mu.Unlock()
		s.send(d)
		s.mu.Lock()
		s.done()
		s.mu.Unlock()
	}
}

// done is called with the lock held.
func (s *Sender) done() {
	if s.pending.Add(-1) == 0 {
		s.idle.Broadcast()
	}
}

// Settle waits until every queued webhook has been answered, dropped or has
// run into its time limit, or until ctx ends.
func (s *Sender) Settle(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		s.idle.Broadcast()
		s.mu.Unlock()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.pending.Load() > 0 && !s.closed {
		if ctx.Err() != nil {
			return fmt.Errorf("%d webhooks are still under way: %w", s.pending.Load(), ctx.Err())
		}
		s.idle.Wait()
	}
	return nil
}

// send posts the delivery once and writes down how it went.
func (s *Sender) send(d *Event) {
	s.log.add(d, s.Post(d))
}

// Post posts an event once, and writes nothing down.
func (s *Sender) Post(d *Event) Attempt {
	if s.opt.Check != nil {
		s.opt.Check(d.Name, d.Action, d.Payload)
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, d.to.URL, bytes.NewReader(d.Payload))
	if err != nil {
		return failedAttempt(s.now(), 0)
	}
	req.Header = d.headers()
	at, started := s.now(), time.Now()
	a := Attempt{At: at, Request: req.Header}
	resp, err := s.client.Do(req)
	if err != nil {
		a.Status = "failed to connect to host"
		if strings.Contains(err.Error(), "Client.Timeout") {
			a.Status, a.Code = "timed out", 504
		}
	} else {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what a cut-off answer said so far is all there is to log
		resp.Body.Close()
		a.Code, a.Status, a.Header, a.Body = resp.StatusCode, http.StatusText(resp.StatusCode), resp.Header, body
		if resp.StatusCode < 300 {
			a.Status = "OK"
		}
	}
	a.Took = time.Since(started)
	return a
}

func (d *Event) headers() http.Header {
	h := http.Header{
		"Content-Type": {"application/json"}, "Accept": {"*/*"}, "User-Agent": {"GitHub-Hookshot/044aadd"},
		"X-Github-Event": {d.Name}, "X-Github-Delivery": {d.GUID}, "X-Github-Hook-Id": {fmt.Sprint(d.to.ID)},
		"X-Github-Hook-Installation-Target-Id":   {fmt.Sprint(d.to.App)},
		"X-Github-Hook-Installation-Target-Type": {"integration"},
	}
	if d.to.Secret != "" {
		m1, m256 := hmac.New(sha1.New, []byte(d.to.Secret)), hmac.New(sha256.New, []byte(d.to.Secret))
		m1.Write(d.Payload)
		m256.Write(d.Payload)
		h.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(m1.Sum(nil)))
		h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m256.Sum(nil)))
	}
	return h
}

func (s *Sender) now() time.Time { return s.opt.Now().UTC().Truncate(time.Second) }

// Requeue sends the event of an attempt again with its GUID, to where the App
// has its webhooks now; the caller holds the lock of the hub's state.
func (s *Sender) Requeue(a *Attempt) {
	again := *a.Of
	again.Redelivery = true
	s.Enqueue(&again)
}

// PostAgain sends the signed body of an attempt again under another GUID, as
// somebody does who has caught it: the GUID is not signed. The log knows
// nothing of it.
func (s *Sender) PostAgain(a *Attempt) (guid string, status int, err error) {
	again := *a.Of
	again.GUID = s.opt.Random.GUID()
	got := s.Post(&again)
	if got.Code == 0 {
		return again.GUID, 0, fmt.Errorf("nobody answers at %s: %s", again.to.URL, got.Status)
	}
	return again.GUID, got.Code, nil
}
