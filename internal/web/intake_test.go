package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// strangers is an inbox that knows nobody: what it was sent it reads, and then
// refuses. "known" as event is the exception.
type strangers struct {
	mu   sync.Mutex
	peak uint64 // bytes of the heap in use, when a body was whole
	sums map[string][32]byte
}

func (s *strangers) Open(header http.Header, body func(io.Writer) ([]byte, error)) (gate.Delivery, error) {
	hash := sha256.New()
	text, err := body(hash)
	if err != nil {
		return gate.Delivery{}, err
	}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peak = max(s.peak, now.HeapInuse)
	if s.sums == nil {
		s.sums = map[string][32]byte{}
	}
	if sum := sha256.Sum256(text); bytes.Equal(hash.Sum(nil), sum[:]) {
		s.sums[header.Get("X-GitHub-Delivery")] = sum
	}
	if header.Get("X-GitHub-Event") != "known" {
		return gate.Delivery{}, &gate.Error{Code: "signature_invalid", Text: "Nobody knows you.", Final: true}
	}
	return gate.Delivery{Event: "ping"}, nil
}

// taker takes everything.
type taker struct{}

func (taker) Take(context.Context, gate.Delivery) (bool, error) { return true, nil }

func openDoor(t *testing.T, in Inbox) string {
	server := httptest.NewServer(New(Deps{Inbox: in, Deliveries: taker{}, Board: shown{}, Metrics: NewMetrics(),
		Slog: slog.New(slog.DiscardHandler), Now: time.Now, Pages: true}))
	t.Cleanup(server.Close)
	return server.URL
}

// nothing is an endless body.
type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// send posts a body; declared without saying how long it is otherwise.
func send(url, event, id string, body io.Reader, declared int64) (status int, after string, err error) {
	req, err := http.NewRequest(http.MethodPost, url+"/webhook", body)
	if err != nil {
		return 0, "", err
	}
	req.ContentLength = declared
	req.Header.Set("X-GitHub-Event", event)
	req.Header.Set("X-GitHub-Delivery", id)
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("Retry-After"), err
}

// TestBodiesOfStrangersTakeLittleMemory: sixty of 24 MB at once, which say how
// long they are or do not; and what is small comes in meanwhile.
func TestBodiesOfStrangersTakeLittleMemory(t *testing.T) {
	const large = 24 << 20
	for name, declared := range map[string]int64{"declared": large, "chunked": -1} {
		t.Run(name, func(t *testing.T) {
			in := &strangers{}
			url := openDoor(t, in)
			var senders sync.WaitGroup
			over := make(chan struct{})
			for n := range 60 {
				senders.Go(func() {
					status, after, err := send(url, "push", fmt.Sprint("large-", n), io.LimitReader(nothing{}, large), declared)
					if err == nil && status != 401 && (status != 503 || after == "") { // a sender who is cut off may not see why
						t.Errorf("a large body was answered %d, to be sent again after %q s", status, after)
					}
				})
			}
			go func() { senders.Wait(); close(over) }()
			for n, flooded := 0, true; flooded || n < 20; n++ {
				if status, _, err := send(url, "known", fmt.Sprint("small-", n), strings.NewReader(strings.Repeat("a", 30<<10)),
					30<<10); status != 200 {
					t.Fatalf("a small body was answered %d, %v", status, err)
				}
				select {
				case <-over:
					flooded = false
				default:
				}
			}
			if in.peak > 256<<20 {
				t.Errorf("the heap grew to %d MB", in.peak>>20)
			}
			t.Logf("the heap grew to %d MB", in.peak>>20)
		})
	}
}

// TestBodiesComeInWhole: whatever the length and however it is said, the inbox
// has every byte, and has hashed every byte.
func TestBodiesComeInWhole(t *testing.T) {
	in := &strangers{}
	url := openDoor(t, in)
	lengths := []int{0, 1, firstRead - 1, firstRead, firstRead + 1, readAtOnce + 1, smallBody - 1, smallBody, smallBody + 1,
		3 << 20, maxBody}
	for i, n := range lengths {
		body := bytes.Repeat([]byte{'x', byte(i), 'y'}, n/3+1)[:n]
		for _, declared := range []int64{int64(n), -1} {
			id := fmt.Sprint(n, " ", declared)
			status, _, err := send(url, "known", id, struct{ io.Reader }{bytes.NewReader(body)}, declared)
			if status != 200 || in.sums[id] != sha256.Sum256(body) {
				t.Errorf("%d bytes, declared %d: status %d, %v", n, declared, status, err)
			}
		}
	}
	for name, declared := range map[string]int64{"declared": maxBody + 1, "chunked": -1} {
		if status, _, err := send(url, "known", name, io.LimitReader(nothing{}, maxBody+1), declared); err == nil &&
			status != 413 || in.sums[name] != [32]byte{} {
			t.Errorf("a body that is too large, %s: status %d, %v", name, status, err)
		}
	}
}

// TestSlowBodiesAreCutOff: a body that stalls, or trickles, gives its room back.
func TestSlowBodiesAreCutOff(t *testing.T) {
	in := &intake{slack: 50 * time.Millisecond}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST("/", func(c *gin.Context) {
		_, done, err := in.read(c, maxBody, io.Discard)
		defer done()
		if err != nil {
			refuse(c, slog.New(slog.DiscardHandler), err)
			return
		}
		select { // the deadline of the body is not one of the answer
		case <-c.Request.Context().Done():
		case <-time.After(3 * in.slack):
			c.Status(http.StatusNoContent)
		}
	})
	server := httptest.NewServer(engine)
	defer server.Close()
	for name, test := range map[string]struct {
		head, body string
		status     int
	}{
		"nothing":        {"Content-Length: 20000000", "", 408},
		"a part":         {"Content-Length: 300000", strings.Repeat("a", 100_000), 408},
		"an endless one": {"Transfer-Encoding: chunked", "5\r\nhello\r\n", 408},
		"whole":          {"Content-Length: 5", "hello", 204},
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", test.head, test.body)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != test.status {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
		conn.Close()
	}
	if in.held != 0 || in.large != 0 {
		t.Errorf("%d bytes are held, %d of large bodies", in.held, in.large)
	}
}

// TestRoomIsBounded: in whatever order bodies grow and end, they never hold more
// than they may, small ones find room as long as small ones have left some, and
// what ends leaves nothing behind.
func TestRoomIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := newIntake()
		under := map[int]*holding{}
		for n := range rapid.IntRange(1, 200).Draw(t, "steps") {
			of := rapid.IntRange(0, 40).Draw(t, "of")
			h := under[of]
			if h == nil || rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
				if h != nil {
					h.done()
				}
				under[of] = &holding{of: in}
				continue
			}
			large := h.large || rapid.Bool().Draw(t, "large")
			most := int64(smallBody)
			if large {
				most = maxBody
			}
			bytes := max(h.bytes, rapid.Int64Range(0, most).Draw(t, "bytes"))
			var small int64
			for _, o := range under {
				if !o.large && o != h {
					small += o.bytes
				}
			}
			took := h.take(bytes, large)
			if !took && !large && small+bytes <= bytesAtOnce-largeAtOnce {
				t.Fatalf("step %d: small bodies hold %d bytes, and there is no room for %d more", n, small, bytes)
			}
			if in.held > bytesAtOnce || in.large > largeAtOnce || in.large < 0 || in.held < in.large {
				t.Fatalf("step %d: %d bytes are held, %d of large bodies", n, in.held, in.large)
			}
		}
		for _, h := range under {
			h.done()
		}
		if in.held != 0 || in.large != 0 {
			t.Fatalf("%d bytes are left, %d of large bodies", in.held, in.large)
		}
	})
}

// TestFewLookAtOnce: pages that nobody fetches are bounded, and the door for
// deliveries is not among them.
func TestFewLookAtOnce(t *testing.T) {
	release, inside := make(chan struct{}), make(chan struct{}, shownAtOnce)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/", few(slog.New(slog.DiscardHandler)), func(c *gin.Context) {
		inside <- struct{}{}
		<-release
		c.Status(http.StatusNoContent)
	})
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w
	}
	var readers sync.WaitGroup
	for range shownAtOnce {
		readers.Go(func() {
			if w := get(); w.Code != http.StatusNoContent {
				t.Errorf("answered %d", w.Code)
			}
		})
		<-inside
	}
	if w := get(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many was answered %d", w.Code)
	}
	close(release)
	readers.Wait()
	if w := get(); w.Code != http.StatusNoContent {
		t.Errorf("afterwards one was answered %d", w.Code)
	}
}
