package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of the bodies that are under way, all requests together. Who sends one
// is known only when it is whole, so a stranger's costs memory until then: this
// much and no more. What GitHub was refused is asked for again within minutes.
const (
	bytesAtOnce = 64 << 20
	largeAtOnce = 48 << 20  // of large bodies: what is left is for small ones
	smallBody   = 256 << 10 // most deliveries are a tenth of it
)

// The patience with one body: a stalled or trickling one is cut off. GitHub
// itself gives up after ten seconds, an Enterprise Server after thirty.
const (
	bodySlack  = 5 * time.Second
	bodyPace   = 1 << 20 // bytes a second, on average, beyond the slack
	firstRead  = 16 << 10
	readAtOnce = 64 << 10
)

// intake reads the bodies of requests, and bounds what they hold of the memory.
type intake struct {
	slack time.Duration

	mu    sync.Mutex
	held  int64 // bytes, of all bodies under way
	large int64 // of those, bytes of large bodies
}

func newIntake() *intake { return &intake{slack: bodySlack} }

// holding is what one body under way holds.
type holding struct {
	of    *intake
	bytes int64
	large bool
}

// take has a body hold so many bytes in all, or reports that there is no room.
func (h *holding) take(bytes int64, large bool) bool {
	in := h.of
	in.mu.Lock()
	defer in.mu.Unlock()
	held, ofLarge := in.held-h.bytes, in.large
	if h.large {
		ofLarge -= h.bytes
	}
	if large {
		ofLarge += bytes
	}
	if held+bytes > bytesAtOnce || ofLarge > largeAtOnce {
		return false
	}
	in.held, in.large = held+bytes, ofLarge
	h.bytes, h.large = bytes, large
	return true
}

// done gives back what the body held.
func (h *holding) done() { h.take(0, false) }

// read takes a request's body of at most max bytes, and writes it to copyTo as
// it comes. It must be called once; done is always to be called, when the body
// is not used any more. Its errors are *gate.Error with the codes too_large,
// busy, body_slow and body_unreadable.
func (in *intake) read(c *gin.Context, max int64, copyTo io.Writer) (body []byte, done func(), err error) {
	r := reading{
		from: http.MaxBytesReader(c.Writer, c.Request.Body, max), to: copyTo, declared: c.Request.ContentLength, max: max,
		holds: &holding{of: in}, control: http.NewResponseController(c.Writer), began: time.Now(),
	}
	r.patience(0)
	if r.declared > max {
		return nil, r.holds.done, tooLarge(max)
	}
	if body, err = r.all(); err == nil {
		// A deadline that stays would end the request's context in the middle of its
		// answer. After a refusal it has to stay: the rest of the body still comes.
		_ = r.control.SetReadDeadline(time.Time{})
	}
	return body, r.holds.done, err
}

// patience is how long is waited for the next bytes, once so many have come.
func (r *reading) patience(have int) {
	pace := time.Duration(have) * time.Second / bodyPace
	_ = r.control.SetReadDeadline(r.began.Add(r.holds.of.slack + pace)) // errs where there is no connection
}

// reading is one body on its way in.
type reading struct {
	from     io.Reader
	to       io.Writer
	declared int64 // bytes; -1: not said
	max      int64
	holds    *holding
	control  *http.ResponseController
	began    time.Time
}

func (r *reading) all() ([]byte, error) {
	if r.declared > smallBody && !r.holds.take(r.declared, true) { // not even begun
		return nil, r.refusal(errBusy)
	}
	body, err := r.larger(nil)
	for err == nil && int64(len(body)) != r.declared {
		if len(body) == cap(body) {
			if body, err = r.larger(body); err != nil {
				break
			}
		}
		if len(body) > 0 {
			r.patience(len(body))
		}
		n, rerr := r.from.Read(body[len(body):min(cap(body), len(body)+readAtOnce)])
		if _, err = r.to.Write(body[len(body) : len(body)+n]); err != nil {
			break
		}
		body = body[:len(body)+n]
		if rerr == io.EOF {
			break
		}
		err = rerr
	}
	switch {
	case err != nil:
		return nil, r.refusal(err)
	case int64(len(body)) < r.declared:
		return nil, r.refusal(io.ErrUnexpectedEOF)
	}
	return body, nil
}

var errBusy = errors.New("the bodies under way hold all that they may")

// larger is the body with room for more. It doubles with what has come, so that
// a sender holds no more than it sent, and from smallBody on it holds at once
// all that it can become: two that wait for each other would both be in vain.
func (r *reading) larger(body []byte) ([]byte, error) {
	size := min(max(2*int64(cap(body)), firstRead), r.max+1) // one more: it ends before
	if r.declared >= 0 && (size > smallBody || size > r.declared) {
		size = r.declared
	}
	holds, large := size, r.declared > smallBody || size > smallBody
	if size > smallBody && r.declared < 0 {
		holds = r.max
	}
	if !r.holds.take(holds, large) {
		return nil, errBusy
	}
	next := make([]byte, len(body), size)
	copy(next, body)
	return next, nil
}

func (r *reading) refusal(err error) error {
	var past *http.MaxBytesError
	switch {
	case errors.Is(err, errBusy):
		return busy("More is being sent at once than this server takes in. Deliver it again.")
	case errors.As(err, &past):
		return tooLarge(r.max)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &gate.Error{Code: "body_slow", Text: "The payload came too slowly. Deliver it again.", Err: err}
	}
	return &gate.Error{Code: "body_unreadable", Text: "The payload ended before it was whole. Deliver it again.", Err: err}
}

func tooLarge(max int64) error {
	if max == maxBody {
		return &gate.Error{Code: "too_large", Text: "The payload is larger than 25 MB, which GitHub never sends."}
	}
	return &gate.Error{Code: "too_large", Text: "The request is larger than 32 KB."}
}

func busy(text string) error { return &gate.Error{Code: "busy", Text: text} }
