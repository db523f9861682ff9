// Package web is the doors: the webhook that GitHub posts to, the health and
// metrics endpoints, and the pages. Doors authenticate, translate and hand
// over to the use cases; they decide nothing. gin's types do not leave it.
package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/web/page"
)

// Inbox authenticates and translates a webhook delivery. It asks for the body
// only where the headers are right; every byte of it goes to signed as it
// comes. Its errors are *gate.Error, or the body's.
type Inbox interface {
	Open(header http.Header, body func(signed io.Writer) ([]byte, error)) (gate.Delivery, error)
}

// Deliveries takes what GitHub tells of.
type Deliveries interface {
	Take(ctx context.Context, d gate.Delivery) (fresh bool, err error)
}

// Board is what the pages show.
type Board interface {
	Detail(ctx context.Context, stream string) (board.Detail, error)
	Repositories() []board.RepoSummary
	Environments(ctx context.Context, repository string, sees func(gate.Repo) bool) (board.Environments, error)
	Environment(ctx context.Context, stream string) (board.EnvironmentDetail, error)
}

// Lists are what the board has in memory.
type Lists interface {
	List(q board.Query) board.Page
	Agents(sees func(gate.Repo) bool) []board.Agent
	RulesInForce() []board.InForce
	Trends(sees func(gate.Repo) bool) board.Trends
	Repos() []gate.Repo // that the lists know
}

// Deps are what the doors are made of.
type Deps struct {
	Inbox      Inbox
	Deliveries Deliveries
	Board      Board // of the pages
	Lists      Lists
	News       News   // nil: pages do not hear of changes
	Source     Source // of the lines on them; nil: none are shown
	GitHub     string // where people reach it, for links
	Metrics    *Metrics
	// Ready says whether deliveries can be taken; its error is shown.
	Ready func(ctx context.Context) error
	// Pages opens the pages that list gates and verdicts, to whoever can
	// reach the server.
	Pages bool
	Slog  *slog.Logger
	Now   func() time.Time

	// SignIns, Answers, Waiting and Sealer open the door for people at a command line.
	// Where one is nil, the door says that it is closed.
	SignIns SignIns
	Answers Answers
	Waiting Waiting
	Sealer  *Sealer

	// Credentials gives workloads what they need; nil: the door says that none are given.
	Credentials Credentials
	// Issuer tells clouds by which keys they believe what gatehold signs; nil: it signs
	// nothing.
	Issuer http.Handler

	// People open the pages to people who sign in with a browser, and to nobody else.
	// nil: they are open to whoever can reach the server, if at all.
	People *People
	// Slack takes what people press there; nil: nothing is. It needs People.
	Slack Slack
	// Proxies are whose X-Forwarded-For is believed: addresses and networks.
	Proxies []string
}

// People is what people need who sign in with a browser. All must be set.
type People struct {
	Browser    Browser
	Sessions   Sessions
	Keys       Keys
	Vouches    Vouches
	Endings    Endings
	Signatures Signatures
	Readers    Readers
	Links      Links
	OwnLinks   OwnLinks
	Settings   Settings
	Letters    Letters
	Origin     string // of the pages: "https://gate.example.com"
}

// New returns the handler of all doors.
func New(d Deps) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	if d.Slog == nil {
		d.Slog = slog.New(slog.DiscardHandler)
	}
	engine := gin.New()
	if err := engine.SetTrustedProxies(d.Proxies); err != nil { // the configuration was checked
		_ = engine.SetTrustedProxies(nil)
		d.Slog.Error("no forwarded address is believed", "error", err)
	}
	engine.HandleMethodNotAllowed = true
	engine.Use(recovered(d.Slog), hardened)
	if d.People != nil {
		engine.Use(strict(strings.HasPrefix(d.People.Origin, "https://")))
	}

	bodies := newIntake()
	door := &door{inbox: d.Inbox, intake: bodies, deliveries: d.Deliveries, metrics: d.Metrics, slog: d.Slog}
	engine.POST("/webhook", door.webhook)
	newAPI(d, bodies).routes(engine)
	d.openSlack(engine, bodies)
	newTokens(d, bodies).routes(engine)
	if d.Issuer != nil {
		told := engine.Group("/.well-known", few(d.Slog))
		told.GET("/openid-configuration", gin.WrapH(d.Issuer))
		told.GET("/jwks.json", gin.WrapH(d.Issuer))
	}
	engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	engine.GET("/readyz", few(d.Slog), ready(d.Ready))
	engine.GET("/metrics", few(d.Slog), gin.WrapH(d.Metrics.Handler()))
	if d.Pages {
		site, _ := markup.NewSite(d.GitHub)
		pages := &pages{board: d.Board, lists: d.Lists, source: d.Source, waiting: d.Waiting, site: site, slog: d.Slog, now: d.Now}
		shown := engine.Group("/", few(d.Slog))
		if d.People != nil {
			d.openPages(engine, shown, pages)
		}
		shown.GET("/", func(c *gin.Context) { c.Redirect(http.StatusFound, "/gates") })
		shown.GET("/gates", pages.list)
		if pages.live = d.News != nil; pages.live {
			heard := engine.Group("/")
			if pages.sessions != nil {
				heard.Use(pages.sessions.known, pages.hears)
			}
			heard.GET("/events", newEvents(d.News).listen)
		}
		shown.GET("/gates/*stream", pages.detail)
		shown.GET("/waiting", pages.waits)
		shown.GET("/agents", pages.agents)
		shown.GET("/rules", pages.rules)
		shown.GET("/trends", pages.trends)
		shown.GET("/coverage", pages.coverage)
		shown.GET("/repositories", pages.repositories)
		shown.GET("/repositories/*stream", pages.repository)
		shown.GET("/environments", pages.environments)
		shown.GET("/environments/*stream", pages.environment)
	}
	engine.NoRoute(func(c *gin.Context) {
		refuse(c, d.Slog, &gate.Error{Code: "not_found", Text: "There is nothing at this address."})
	})
	engine.NoMethod(func(c *gin.Context) {
		refuse(c, d.Slog, &gate.Error{Code: "method_not_allowed", Text: "This address does not answer to this method."})
	})
	return engine
}

func ready(check func(context.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
		defer cancel()
		if err := check(ctx); err != nil {
			c.String(http.StatusServiceUnavailable, "not ready: %s\n", gate.AsError(err).Text)
			return
		}
		c.String(http.StatusOK, "ready\n")
	}
}

// Bounds of what is shown: a page is made whole in memory, and takes it until
// its reader has it.
const (
	shownAtOnce = 16
	shownTime   = 20 * time.Second
)

// few lets a few requests through at once, and none of them longer than it takes
// a reader who reads.
func few(log *slog.Logger) gin.HandlerFunc {
	free := make(chan struct{}, shownAtOnce)
	return func(c *gin.Context) {
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
		default:
			refuse(c, log, busy("Too many are looking at once. Try again in a moment."))
			return
		}
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(shownTime)) // errs where there is no connection
		c.Next()
	}
}

// hardened sets the headers that every answer carries.
func hardened(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", page.Policy())
	h.Set("Cache-Control", "no-store")
	c.Next()
}

// recovered turns a panic into an internal error: one request fails, the
// others go on.
func recovered(log *slog.Logger) gin.HandlerFunc {
	return gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, err any) {
		log.Error("a request panicked", "path", c.FullPath(), "panic", err)
		refuse(c, log, &gate.Error{Code: "internal", Text: "gatehold met an error of its own; its log has the details."})
	})
}
