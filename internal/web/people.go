package web

import (
	"context"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/page"
)

// Readers tells who may see what. Its errors are *gate.Error; who is not known to be
// allowed is not.
type Readers interface {
	MayRead(ctx context.Context, who gate.Actor, repo gate.Repo) (bool, error)
}

// How often somebody may begin to sign in.
const (
	signInEvery, signInBurst               = 2 * time.Second, 20
	signInEveryOverall, signInBurstOverall = 20 * time.Millisecond, 200
)

// openPages puts sign-in before the pages, and opens those of people. Of a repository
// that GitHub does not let them read they see nothing, not even that it is there.
func (d Deps) openPages(engine *gin.Engine, shown *gin.RouterGroup, pages *pages) {
	s := &sessions{accounts: d.People.Sessions, sealer: d.Sealer, origin: d.People.Origin, slog: d.Slog, now: d.Now}
	door := &signIn{sessions: s, browser: d.People.Browser,
		limit: newLimiter(d.Now, signInEvery, signInBurst, signInEveryOverall, signInBurstOverall)}
	own := &you{sessions: s, keys: d.People.Keys, vouches: d.People.Vouches, board: d.Board}
	pages.decide = &decide{sessions: s, answers: d.Answers, signatures: d.People.Signatures}
	pages.readers = d.People.Readers

	open := engine.Group("/", few(d.Slog))
	open.GET("/sign-in", door.begin)
	open.GET(callbackPath, door.back)
	open.GET("/signed-out", func(c *gin.Context) { draw(c, d.Slog, page.SignedOut()) })
	open.GET(scriptPath(), script)

	shown.Use(s.known)
	shown.GET("/you", own.show)
	shown.GET("/people/:account/keys/:key", own.vouching)
	acts := shown.Group("/", s.ours())
	acts.POST("/sign-out", door.out)
	acts.POST("/you/keys", own.enrol)
	acts.POST("/you/keys/made", own.made)
	acts.POST("/you/keys/add", own.add)
	acts.POST("/you/keys/revoke", own.revoke)
	acts.POST("/people/:account/keys/:key/vouch", own.vouch)
	acts.POST("/people/:account/keys/:key/object", own.object)
	acts.POST("/answer", pages.decide.answer)
	acts.POST("/sign", pages.decide.sign)
}

// maxAsked bounds the repositories that are asked about for one page.
const maxAsked = 200

// reader is who looks at a page, and what they may see of it.
type reader struct {
	c       *gin.Context
	readers Readers // nil: everything
	who     gate.Actor
	known   map[int64]bool
	asked   int
	slog    func(err error)
}

func (p *pages) reader(c *gin.Context) *reader {
	return &reader{c: c, readers: p.readers, who: viewerOf(c).actor(), known: map[int64]bool{},
		slog: func(err error) { p.slog.Warn("who may see a repository is not known", "error", err) }}
}

// may reports whether the reader may see a repository. What GitHub does not tell is a
// no.
func (r *reader) may(repo gate.Repo) bool {
	if r.readers == nil {
		return true
	}
	if may, known := r.known[repo.ID]; known {
		return may
	}
	if r.asked++; r.asked > maxAsked {
		return false
	}
	may, err := r.readers.MayRead(r.c.Request.Context(), r.who, repo)
	if err != nil {
		r.slog(err)
	}
	r.known[repo.ID] = may && err == nil
	return r.known[repo.ID]
}

// only are those of a list that the reader may see.
func only[T any](r *reader, list []T, repo func(T) gate.Repo) []T {
	if r.readers == nil {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(t T) bool { return !r.may(repo(t)) })
}

// hidden is the answer to whoever may not see something, whether it is there or not.
func hidden() error {
	return &gate.Error{Code: "not_found", Text: "There is nothing at this address, or you may not see it."}
}
