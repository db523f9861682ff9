package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web/page"
	"github.com/gatehold/gatehold/internal/words"
)

// Readers tells who may see what: who is not known to be allowed is not.
type Readers interface {
	Readable(ctx context.Context, who gate.Actor, repos []gate.Repo) (may map[int64]bool, left accounts.Unasked)
}

// How often somebody may begin to sign in.
const (
	signInEvery, signInBurst               = 2 * time.Second, 20
	signInEveryOverall, signInBurstOverall = 20 * time.Millisecond, 200
)

// openPages puts sign-in before the pages, and opens those of people. Of a repository
// that GitHub does not let them read they see nothing, not even that it is there.
func (d Deps) openPages(engine *gin.Engine, shown *gin.RouterGroup, pages *pages) {
	s := &sessions{accounts: d.People.Sessions, sealer: d.Sealer, origin: d.People.Origin, site: pages.site, slog: d.Slog, now: d.Now}
	limit := func() *limiter {
		return newLimiter(d.Now, signInEvery, signInBurst, signInEveryOverall, signInBurstOverall)
	}
	door := &signIn{sessions: s, browser: d.People.Browser, limit: limit(), backs: limit()}
	own := &you{sessions: s, keys: d.People.Keys, vouches: d.People.Vouches, endings: d.People.Endings, letters: d.People.Letters,
		board: d.Board}
	pages.decide = &decide{sessions: s, answers: d.Answers, signatures: d.People.Signatures}
	pages.readers, pages.sessions = d.People.Readers, s

	linking := &links{sessions: s, own: d.People.OwnLinks}

	open := engine.Group("/", few(d.Slog))
	open.GET("/sign-in", door.begin)
	open.GET(callbackPath, door.back)
	open.GET("/signed-out", func(c *gin.Context) { draw(c, d.Slog, page.SignedOut()) })
	open.GET(scriptPath(), script)

	shown.Use(s.known)
	shown.GET("/you", own.show)
	shown.GET("/people", own.people)
	shown.GET("/people/:account/keys/:key", own.vouching)
	shown.GET("/you/slack", linking.show)
	told := &settings{sessions: s, own: d.People.Settings, letters: d.People.Letters,
		limit: newLimiter(d.Now, mailEvery, mailBurst, mailEveryOverall, mailBurstOverall)}
	open.GET("/unsubscribe", told.leaving)
	open.POST("/unsubscribe", told.leave)
	shown.GET("/you/mail", told.mail)
	acts := shown.Group("/", s.ours())
	acts.POST("/you/settings", told.set)
	acts.POST("/you/mail", told.confirm)
	acts.POST("/you/slack", linking.claim)
	acts.POST("/you/slack/remove", linking.remove)
	acts.POST("/sign-out", door.out)
	acts.POST("/you/keys", own.enrol)
	acts.POST("/you/keys/made", own.made)
	acts.POST("/you/keys/add", own.add)
	acts.POST("/you/keys/revoke", own.revoke)
	acts.POST("/people/:account/keys/:key/vouch", own.vouch)
	acts.POST("/people/:account/keys/:key/object", own.object)
	acts.POST("/people/:account/keys/:key/end", own.ending)
	acts.POST("/people/:account/keys/:key/ended", own.ended)
	acts.POST("/answer", pages.decide.answer)
	acts.POST("/mine", pages.decide.claim)
	acts.POST("/mine/signed", pages.decide.claimed)
	acts.POST("/sign", pages.decide.sign)
}

// reader is who looks at a page, and what they may see of it.
type reader struct {
	readers Readers // nil: everything
	who     gate.Actor
	may     map[int64]bool
}

// reader asks what the reader of a page may see of repositories, all at once.
func (p *pages) reader(c *gin.Context, of ...gate.Repo) *reader {
	r := &reader{readers: p.readers, who: viewerOf(c).actor()}
	if r.readers != nil {
		var left accounts.Unasked
		if r.may, left = r.readers.Readable(c.Request.Context(), r.who, of); left.Repos > 0 {
			c.Set(unaskedKey, left)
		}
	}
	return r
}

// unaskedKey is where a request keeps of how many repositories GitHub was not asked.
const unaskedKey = "unasked"

// unasked says of how many repositories it is not known yet whether the reader may see
// them, and when to look again; nothing where all were asked about.
func unasked(c *gin.Context) string {
	left, is := c.Value(unaskedKey).(accounts.Unasked)
	if !is {
		return ""
	}
	minutes := max(1, int((left.Wait+time.Minute-1)/time.Minute))
	return fmt.Sprintf("GitHub was not asked yet whether you may see %s: they are left out here. Look again in %s.",
		words.Plural(left.Repos, "repository"), words.Plural(minutes, "minute"))
}

// sees reports whether the reader may see a repository that was asked about.
func (r *reader) sees(repo gate.Repo) bool { return r.readers == nil || r.may[repo.ID] }

// seen asks about all repositories that the lists know.
func (p *pages) seen(c *gin.Context) func(gate.Repo) bool {
	if p.readers == nil {
		return func(gate.Repo) bool { return true }
	}
	return p.reader(c, p.lists.Repos()...).sees
}

// only are those of a list whose repository may be seen.
func only[T any](sees func(gate.Repo) bool, list []T, repo func(T) gate.Repo) []T {
	return slices.DeleteFunc(slices.Clone(list), func(t T) bool { return !sees(repo(t)) })
}

// hears lets somebody hear of a gate that they may see, or of any that there is: what
// is said is that something has changed, and nothing else.
func (p *pages) hears(c *gin.Context) {
	of := c.Query("of")
	if of == "" {
		return
	}
	if repo, known := p.named(of); known && p.reader(c, repo).sees(repo) {
		return
	}
	refuse(c, p.slog, hidden())
}

// unlessHidden is err, or that there is nothing to see: for whoever may not see it, and
// where there is nothing. It is asked in both cases, so that neither takes longer.
func (p *pages) unlessHidden(c *gin.Context, repo gate.Repo, err error) error {
	switch {
	case err == nil:
		if p.reader(c, repo).sees(repo) {
			return nil
		}
	case gate.AsError(err).Code != "not_found":
		return err
	default:
		if named, known := p.named(streamOf(c)); known {
			p.reader(c, named)
		}
	}
	p.slog.Info("somebody asked for what they may not see, or what is not there", "id", viewerOf(c).actor().ID, "path", c.FullPath())
	return hidden()
}

// named is the repository that a stream is of, where the lists know it.
func (p *pages) named(stream string) (gate.Repo, bool) {
	for _, repo := range p.lists.Repos() {
		if strings.Contains(stream+"/", "/"+strconv.FormatInt(repo.ID, 10)+"/") {
			return repo, true
		}
	}
	return gate.Repo{}, false
}

// hidden is the answer to whoever may not see something, whether it is there or not.
func hidden() error {
	return &gate.Error{Code: "not_found", Text: "There is nothing at this address, or you may not see it."}
}
