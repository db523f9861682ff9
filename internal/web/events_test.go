package web

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// bell is rung by hand.
type bell struct {
	of   chan string
	news chan struct{}
}

func (b bell) Watch(stream string) (<-chan struct{}, func()) {
	b.of <- stream
	return b.news, func() { b.of <- "stopped" }
}

func TestBrowsersAreToldThatSomethingChanged(t *testing.T) {
	b := bell{make(chan string, 4), make(chan struct{}, 1)}
	e := newEvents(b)
	e.every = time.Millisecond
	engine := gin.New()
	engine.GET("/events", e.listen)
	server := httptest.NewServer(engine)
	defer server.Close()
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events?of=pr/42/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "text/event-stream" || !strings.Contains(resp.Header.Get("Cache-Control"), "no-transform") ||
		resp.Header.Get("X-Accel-Buffering") != "no" || <-b.of != "pr/42/1" {
		t.Errorf("%v", resp.Header)
	}
	b.news <- struct{}{}
	want := map[string]bool{"retry: 5000": true, "data: changed": true, ": still here": true}
	for lines := bufio.NewScanner(resp.Body); len(want) > 0 && lines.Scan(); {
		delete(want, lines.Text())
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
	hangUp()
	if <-b.of != "stopped" {
		t.Error("somebody who hung up is told on")
	}
}

func TestTooManyListenersAreTurnedAway(t *testing.T) {
	e := newEvents(bell{})
	var leave []func()
	for range listenersEach {
		leave = append(leave, e.enter("10.0.0.1"))
	}
	if e.enter("10.0.0.1") != nil || e.enter("10.0.0.2") == nil {
		t.Error("one address has more than its share, or keeps others out")
	}
	for _, l := range leave {
		l()
	}
	if again := e.enter("10.0.0.1"); again == nil {
		t.Error("who left is counted still")
	}
	e.all = listeners
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodGet, "/events", nil)
	if e.listen(c); c.Writer.Status() != http.StatusNoContent {
		t.Errorf("one too many: %d", c.Writer.Status())
	}
}
