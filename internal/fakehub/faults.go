package fakehub

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind says what goes wrong with a request.
type FaultKind int

// What can go wrong with a request.
const (
	// Status answers Fault.Code (502 where 0) and does nothing.
	Status FaultKind = iota
	// SecondaryLimit answers 403 with retry-after.
	SecondaryLimit
	// TooMany answers 429 with retry-after.
	TooMany
	// PrimaryLimit answers 403 (GraphQL: 200 with an error) with no quota left,
	// and its reset after Fault.RetryAfter.
	PrimaryLimit
	// Hang answers nothing until the client gives up.
	Hang
	// LostAnswer does what was asked and closes the connection unanswered.
	LostAnswer
	// LostRequest closes the connection and does nothing.
	LostRequest
	// Redirect answers 307 to Fault.Location.
	Redirect
	// Malformed does what was asked and answers half of the JSON.
	Malformed
	// Slow only takes Fault.Delay longer.
	Slow
)

// Fault is one thing that goes wrong. Of Times, Probability and Until, those
// that are set must all allow it; with none set it goes wrong always.
type Fault struct {
	// Route is a pattern for "METHOD /path/{as}/{in}/GitHub's/description",
	// where * stands for any run of characters; "" is every route.
	Route string
	Kind  FaultKind
	// Asks is what the request's body must contain: a field of a GraphQL query,
	// or the conclusion of a check run. "" is every body.
	Asks string
	// Match, where it is not nil, must agree too. It is called with no lock
	// held, and may be called by many requests at once.
	Match func(r *http.Request, body []byte) bool

	Times       int       // how often, at most
	Skip        int       // how many requests go well before
	Probability float64   // of each request, by the hub's seed
	Until       time.Time // on the hub's clock

	Code       int
	Body       string        // of Status; GitHub's own page where ""
	RetryAfter time.Duration // of the limits; a minute where zero
	Location   string
	Delay      time.Duration // before anything happens, for every kind
}

// Injected is a fault in force.
type Injected struct {
	table *faultTable
	fault Fault
	hits  int
	seen  int
	off   bool
}

type faultTable struct {
	mu   sync.Mutex
	list []*Injected
}

// Inject puts a fault in force. Where several match a request, the first that
// was injected decides.
func (h *Hub) Inject(f Fault) *Injected {
	in := &Injected{table: &h.faults, fault: f}
	h.faults.mu.Lock()
	defer h.faults.mu.Unlock()
	h.faults.list = append(h.faults.list, in)
	return in
}

// Hits is how often the fault has struck.
func (in *Injected) Hits() int {
	in.table.mu.Lock()
	defer in.table.mu.Unlock()
	return in.hits
}

// Remove ends the fault.
func (in *Injected) Remove() {
	in.table.mu.Lock()
	defer in.table.mu.Unlock()
	in.off = true
	in.table.list = slices.DeleteFunc(in.table.list, func(o *Injected) bool { return o == in })
}

// fits says whether a fault is about a request.
func (f *Fault) fits(c *call) bool {
	return (f.Route == "" || matches(f.Route, c.route.name())) && bytes.Contains(c.body, []byte(f.Asks)) &&
		(f.Match == nil || f.Match(c.r, c.body))
}

// inForce are the faults that are about a request, in the order of their
// injection.
func (t *faultTable) inForce(c *call) []*Injected {
	t.mu.Lock()
	list := slices.Clone(t.list)
	t.mu.Unlock()
	return slices.DeleteFunc(list, func(in *Injected) bool { return !in.fault.fits(c) })
}

// take finds the fault that strikes this request, nil for none.
func (t *faultTable) take(c *call) *Fault {
	h, list := c.hub, t.inForce(c)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, in := range list {
		f := &in.fault
		if in.off {
			continue
		}
		in.seen++
		if in.seen <= f.Skip || f.Times > 0 && in.hits >= f.Times || !f.Until.IsZero() && !h.opt.Now().Before(f.Until) ||
			f.Probability > 0 && h.random.float() >= f.Probability {
			continue
		}
		in.hits++
		return f
	}
	return nil
}

// matches compares text with a pattern in which * is any run of characters. It
// takes the leftmost place for each part, so its time is linear.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, last)
}

func (f *Fault) latency() time.Duration {
	if f == nil {
		return 0
	}
	return f.Delay
}

// before says that nothing of what was asked happens.
func (f *Fault) before() bool {
	return f != nil && f.Kind != LostAnswer && f.Kind != Malformed && f.Kind != Slow
}

// after says that the effect happens and its answer is spoilt.
func (f *Fault) after() bool { return f.Kind == LostAnswer || f.Kind == Malformed }

// fail answers a request whose effect does not happen.
func (h *Hub) fail(w http.ResponseWriter, c *call, entry *Request, f *Fault) {
	retry := f.RetryAfter
	if retry == 0 {
		retry = time.Minute
	}
	switch f.Kind {
	case Hang:
		<-c.r.Context().Done()
		h.journal.end(entry, 0)
	case LostRequest:
		h.journal.end(entry, 0)
		hangUp(w)
	case Redirect:
		h.finish(w, c, entry, answer{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {f.Location}},
			body: encode(obj{"message", "Moved", "url", f.Location})})
	case SecondaryLimit:
		h.finish(w, c, entry, secondary(int(retry.Seconds())))
	case TooMany:
		ans := failed(http.StatusTooManyRequests,
			"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		ans.header = http.Header{"Retry-After": {strconv.Itoa(int(retry.Seconds()))}}
		h.finish(w, c, entry, ans)
	case PrimaryLimit:
		ans, resource := failed(http.StatusForbidden, "API rate limit exceeded for this installation."), "core"
		if c.route.template == "/graphql" {
			e := &graphError{kind: "RATE_LIMITED", message: "API rate limit exceeded for this installation."}
			ans, resource = ok(obj{"errors", list{e.json(nil, nil)}}), "graphql"
		}
		b := bucket{resource: resource, limit: h.opt.RESTQuota, used: h.opt.RESTQuota, reset: h.now().Add(retry)}
		ans.header = http.Header{}
		b.fill(ans.header)
		h.finish(w, c, entry, ans)
	default:
		h.finish(w, c, entry, f.status())
	}
}

func (f *Fault) status() answer {
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
func (h *Hub) spoil(w http.ResponseWriter, entry *Request, f *Fault, ans answer) {
	h.journal.end(entry, 0)
	if f.Kind == LostAnswer {
		hangUp(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(ans.status)
	if _, err := w.Write(ans.body[:len(ans.body)/2]); err != nil {
		h.log.Debug("half an answer did not reach its client", "error", err)
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

// HookFaultKind says what goes wrong with a webhook.
type HookFaultKind int

// What can go wrong with a webhook.
const (
	Drop      HookFaultKind = iota // never sent, and not in the log
	Duplicate                      // sent twice, with one GUID
	Delay                          // sent HookFault.Delay of real time later: others overtake it
	// Fail does not reach the App: the log has it with HookFault.Code, 0 for no
	// connection, and it can be delivered again.
	Fail
	// Late is sent when HookFault.Delay of the hub's clock has passed, by
	// Hub.Tick.
	Late
)

// HookFault is one thing that goes wrong with webhooks.
type HookFault struct {
	Event, Action string // "" is every one
	Kind          HookFaultKind
	Times         int
	Probability   float64
	Delay         time.Duration // a random part of it, where Probability is set
	Code          int           // of Fail
}

// fate is what becomes of a delivery.
type fate struct {
	copies      int
	delay, late time.Duration
	failed      bool
	code        int
}

type hookFaults struct {
	mu   sync.Mutex
	list []*HookFault
}

// InjectHook puts a fault of webhooks in force; the function ends it.
func (h *Hub) InjectHook(f HookFault) (remove func()) {
	t := &h.hooks.faults
	t.mu.Lock()
	defer t.mu.Unlock()
	entry := &f
	if f.Times == 0 {
		f.Times = -1
	}
	t.list = append(t.list, entry)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.list = slices.DeleteFunc(t.list, func(o *HookFault) bool { return o == entry })
	}
}

// take says how many copies of a delivery are sent, and how.
func (t *hookFaults) take(d *delivery, h *Hub) fate {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.list {
		if f.Times == 0 || f.Event != "" && f.Event != d.event || f.Action != "" && f.Action != d.action ||
			f.Probability > 0 && h.random.float() >= f.Probability {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		delay := f.Delay
		if f.Probability > 0 {
			delay = time.Duration(float64(f.Delay) * h.random.float())
		}
		switch f.Kind {
		case Drop:
			return fate{}
		case Duplicate:
			return fate{copies: 2}
		case Fail:
			return fate{copies: 1, failed: true, code: f.Code}
		case Late:
			return fate{copies: 1, late: delay}
		}
		return fate{copies: 1, delay: delay}
	}
	return fate{copies: 1}
}
