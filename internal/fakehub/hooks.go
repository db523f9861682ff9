package fakehub

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
)

// maxHookPayload is GitHub's: a larger event is not sent at all.
const maxHookPayload = 25 << 20

// permissionOf is what an installation must have to hear of an event.
func permissionOf(event string) string {
	switch event {
	case "pull_request":
		return "pull_requests"
	case "check_run", "check_suite":
		return "checks"
	case "push":
		return "contents"
	case "merge_group":
		return "merge_queues"
	case "repository_ruleset":
		return "administration"
	case "workflow_run", "workflow_job":
		return "actions"
	case "deployment", "deployment_status", protectionEvent:
		return "deployments"
	}
	return "metadata"
}

// listens says whether any App wants an event of a repository, so that nothing
// is built for nobody.
func (h *Hub) listens(r *Repo, event string) bool {
	for _, app := range h.appList {
		if in := app.installationFor(r); in != nil && app.hears(in, event) {
			return true
		}
	}
	return false
}

func (a *App) hears(in *Installation, event string) bool {
	return a.hookURL != "" && !in.suspended && a.events[event] && allows(in.permissions, permissionOf(event), "read")
}

// emit sends an event of a repository to every App that listens, all with the
// same GUID, as GitHub does. The caller holds h.mu.
func (h *Hub) emit(r *Repo, event, action string, payload obj) {
	guid := h.random.guid()
	for _, app := range h.appList {
		if in := app.installationFor(r); in != nil && app.hears(in, event) {
			h.emitTo(app, in, r, event, action, payload, guid)
		}
	}
}

// emitTo sends to one App and adds what is its own.
func (h *Hub) emitTo(app *App, in *Installation, r *Repo, event, action string, payload obj, guid string) {
	if app.hookURL == "" || in.suspended {
		return
	}
	payload = append(payload[:len(payload):len(payload)], "installation", obj{"id", in.ID, "node_id", nodeID("MDI", in.ID)})
	if h.orgs[in.account.ID] != nil {
		payload = append(payload, "organization", in.account.orgJSON())
	}
	if event == protectionEvent {
		payload = payload.without(h.asking.Omit)
	}
	d := &delivery{guid: guid, app: app, event: event, action: action, installation: in.ID, payload: encode(payload)}
	if r != nil {
		d.repository = r.ID
	}
	h.hooks.enqueue(d)
}

// hookSender sends deliveries with a few workers from one queue.
type hookSender struct {
	hub     *Hub
	client  *http.Client
	ctx     context.Context
	stop    context.CancelFunc
	log     hookLog
	faults  hookFaults
	pending atomic.Int64

	mu     sync.Mutex
	queue  []*delivery
	late   []lateDelivery // the first due first
	held   []*Held
	wake   *sync.Cond
	closed bool
	idle   *sync.Cond
}

func newHookSender(h *Hub) *hookSender {
	ctx, stop := context.WithCancel(context.Background())
	s := &hookSender{hub: h, ctx: ctx, stop: stop, client: &http.Client{
		Timeout:       h.opt.HookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: h.opt.HookWorkers, IdleConnTimeout: 30 * time.Second},
	}}
	s.wake, s.idle = sync.NewCond(&s.mu), sync.NewCond(&s.mu)
	s.log.keep = h.opt.KeepDeliveries
	for range h.opt.HookWorkers {
		go s.work()
	}
	return s
}

func (s *hookSender) close() {
	s.mu.Lock()
	s.closed = true
	s.wake.Broadcast()
	s.idle.Broadcast()
	s.mu.Unlock()
	s.stop()
	s.client.CloseIdleConnections()
}

// enqueue takes the webhook's address and secret as they are now; the caller
// holds hub.mu. What a fault drops has no entry in the log, as if GitHub had
// never made it.
func (s *hookSender) enqueue(d *delivery) {
	if len(d.payload) > maxHookPayload {
		return
	}
	d.url, d.secret, d.target, d.hook = d.app.hookURL, d.app.secret, d.app.ID, d.app.hookID
	fate := s.faults.take(d, s.hub)
	for range fate.copies {
		switch {
		case fate.failed:
			s.log.add(d, failedAttempt(s.hub.now(), fate.code))
		case fate.late > 0:
			s.postpone(d, s.hub.opt.Now().Add(fate.late))
		case fate.delay > 0:
			s.pending.Add(1)
			time.AfterFunc(fate.delay, func() { s.put(d) })
		default:
			s.pending.Add(1)
			s.put(d)
		}
	}
}

func (s *hookSender) put(d *delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caught(d) {
		s.done()
		return
	}
	s.queue = append(s.queue, d)
	s.wake.Signal()
}

func (s *hookSender) work() {
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
func (s *hookSender) done() {
	if s.pending.Add(-1) == 0 {
		s.idle.Broadcast()
	}
}

func (s *hookSender) settle(ctx context.Context) error {
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
func (s *hookSender) send(d *delivery) {
	s.log.add(d, s.post(d))
}

func (s *hookSender) post(d *delivery) attempt {
	if c := s.hub.opt.Contract; c != nil {
		if err := c.Webhook(d.event, d.action, d.payload); err != nil {
			s.hub.journal.violate("webhook " + d.event + " " + d.action + ": " + err.Error())
		}
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, d.url, bytes.NewReader(d.payload))
	if err != nil {
		return failedAttempt(s.hub.now(), 0)
	}
	req.Header = d.headers()
	at, started := s.hub.now(), time.Now()
	a := attempt{at: at, request: req.Header}
	resp, err := s.client.Do(req)
	if err != nil {
		a.status = "failed to connect to host"
		if strings.Contains(err.Error(), "Client.Timeout") {
			a.status, a.code = "timed out", 504
		}
	} else {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what a cut-off answer said so far is all there is to log
		resp.Body.Close()
		a.code, a.status, a.header, a.body = resp.StatusCode, http.StatusText(resp.StatusCode), resp.Header, body
		if resp.StatusCode < 300 {
			a.status = "OK"
		}
	}
	a.took = time.Since(started)
	return a
}

func (d *delivery) headers() http.Header {
	h := http.Header{
		"Content-Type": {"application/json"}, "Accept": {"*/*"}, "User-Agent": {"GitHub-Hookshot/044aadd"},
		"X-Github-Event": {d.event}, "X-Github-Delivery": {d.guid}, "X-Github-Hook-Id": {fmt.Sprint(d.hook)},
		"X-Github-Hook-Installation-Target-Id":   {fmt.Sprint(d.target)},
		"X-Github-Hook-Installation-Target-Type": {"integration"},
	}
	if d.secret != "" {
		m1, m256 := hmac.New(sha1.New, []byte(d.secret)), hmac.New(sha256.New, []byte(d.secret))
		m1.Write(d.payload)
		m256.Write(d.payload)
		h.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(m1.Sum(nil)))
		h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m256.Sum(nil)))
	}
	return h
}
