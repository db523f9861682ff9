package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// News says when a gate is shown anew; an empty stream is any of them.
type News interface {
	Watch(stream string) (news <-chan struct{}, stop func())
}

// events tells browsers that what they show has changed. It says that, and nothing of
// what: whoever looks asks again for the page.
type events struct {
	news  News
	every time.Duration // between two signs of life, which keep proxies from hanging up

	mu   sync.Mutex
	open map[string]int // by the network of whoever looks
	all  int
}

// The bounds of who may listen, and for how long: a browser comes again by itself.
const (
	listeners     = 256
	listenersEach = 8
	aliveEvery    = 20 * time.Second
	listenFor     = 10 * time.Minute
	eventTime     = 10 * time.Second // that one event may take to be sent
	comeAgain     = 5000             // milliseconds
)

func newEvents(n News) *events { return &events{news: n, every: aliveEvery, open: map[string]int{}} }

// enter counts a listener. Where there are too many, leave is nil.
func (e *events) enter(remote string) (leave func()) {
	from := network(remote).String()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all >= listeners || e.open[from] >= listenersEach {
		return nil
	}
	e.all++
	e.open[from]++
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.all--
		if e.open[from]--; e.open[from] == 0 {
			delete(e.open, from)
		}
	}
}

// listen is the door. Whoever is one too many is answered 204, after which a browser
// does not come again.
func (e *events) listen(c *gin.Context) {
	leave := e.enter(c.ClientIP())
	if leave == nil {
		c.Status(http.StatusNoContent)
		return
	}
	defer leave()
	news, stop := e.news.Watch(c.Query("of"))
	defer stop()
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // of nginx: pass it on as it comes
	say := func(what string) bool {
		out := http.NewResponseController(c.Writer)
		_ = out.SetWriteDeadline(time.Now().Add(eventTime)) // errs where there is no connection
		if _, err := c.Writer.WriteString(what + "\n\n"); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	alive, end := time.NewTicker(e.every), time.NewTimer(listenFor)
	defer alive.Stop()
	defer end.Stop()
	for ok := say(fmt.Sprintf("retry: %d", comeAgain)); ok; {
		select {
		case <-news:
			ok = say("data: changed")
		case <-alive.C:
			ok = say(": still here")
		case <-end.C:
			return
		case <-c.Request.Context().Done():
			return
		}
	}
}
