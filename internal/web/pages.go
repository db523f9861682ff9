package web

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/web/page"
)

// pages are the handlers of what people look at. Each gives what it shows as JSON
// too.
type pages struct {
	board   Board
	lists   Lists
	live    bool    // pages hear of changes
	source  Source  // nil: no lines are shown
	waiting Waiting // nil: it is not known what waits for whom
	site    markup.Site
	slog    *slog.Logger
	now     func() time.Time

	sessions *sessions // nil: nobody signs in
	decide   *decide   // nil: nobody signs in
	readers  Readers   // nil: everybody sees everything
}

// frame is what every page has around what it shows. of is the gate whose news it
// wants; empty: all of them.
func (p *pages) frame(c *gin.Context, of ...string) page.Frame {
	f := page.Frame{Site: p.site}
	if v := viewerOf(c); v.session.Account != 0 {
		f = p.sessions.frame(v)
	}
	f.Unasked = unasked(c)
	switch {
	case !p.live:
	case len(of) > 0:
		f.Live = markup.Path("/events", "of", of[0])
	default:
		f.Live = markup.Path("/events")
	}
	return f
}

// query is what a list is asked for: of repositories that the reader may see.
func (p *pages) query(c *gin.Context, f page.Filter) board.Query {
	q := f.Query()
	q.See = p.seen(c)
	return q
}

// list shows gates, the newest change first. What comes after is named in the header
// Link, as GitHub does.
func (p *pages) list(c *gin.Context) {
	view := page.Gates{Frame: p.frame(c), Filter: filterOf(c), Now: p.now()}
	view.Page = p.lists.List(p.query(c, view.Filter))
	if wantsJSON(c) {
		if view.Page.Next != "" {
			c.Header("Link", "<"+nextOf(c, view.Page.Next)+`>; rel="next"`)
		}
		c.JSON(http.StatusOK, view.Page.Gates)
		return
	}
	p.show(c, view.HTML())
}

// nextOf is this address, with what comes after.
func nextOf(c *gin.Context, after string) string {
	query := c.Request.URL.Query()
	query.Set("after", after)
	return c.Request.URL.Path + "?" + query.Encode()
}

// waits shows what waits for whoever looks.
func (p *pages) waits(c *gin.Context) {
	view := page.Waiting{Frame: p.frame(c), Holds: board.Holds{Gates: []board.Hold{}}, Now: p.now()}
	if v := view.Viewer; v.ID != 0 && p.waiting != nil {
		holds, err := p.waiting.Holds(c.Request.Context(), gate.Actor{Login: v.Login, ID: v.ID, Type: "User"}, "")
		if err != nil {
			refuse(c, p.slog, err)
			return
		}
		view.Holds = holds
	}
	p.give(c, view.Holds, view)
}

// agents shows who works by itself, and what came of it.
func (p *pages) agents(c *gin.Context) {
	sees := p.seen(c)
	view := page.Agents{Frame: p.frame(c), Agents: p.lists.Agents(sees), Now: p.now()}
	p.give(c, view.Agents, view)
}

// rules shows by which rules repositories are judged.
func (p *pages) rules(c *gin.Context) {
	all := only(p.seen(c), p.lists.RulesInForce(), func(r board.InForce) gate.Repo { return r.Repo })
	view := page.Rules{Frame: p.frame(c), Rules: all, Now: p.now()}
	p.give(c, view.Rules, view)
}

// trends shows how it went.
func (p *pages) trends(c *gin.Context) {
	sees := p.seen(c)
	view := page.Trends{Frame: p.frame(c), Trends: p.lists.Trends(sees), Now: p.now()}
	p.give(c, view.Trends, view)
}

// coverage shows what is not held for certain.
func (p *pages) coverage(c *gin.Context) {
	all := only(p.seen(c), p.board.Repositories(), func(r board.RepoSummary) gate.Repo { return r.Repo })
	view := page.Coverage{Frame: p.frame(c), Repositories: all,
		Now: p.now()}
	p.give(c, view.Repositories, view)
}

// give is a page, or what it shows as JSON.
func (p *pages) give(c *gin.Context, facts any, view page.View) {
	if wantsJSON(c) {
		c.JSON(http.StatusOK, facts)
		return
	}
	p.show(c, view.HTML())
}

// detail shows one gate: its verdict with the reasons, and its record.
func (p *pages) detail(c *gin.Context) {
	stream := streamOf(c)
	detail, err := p.board.Detail(c.Request.Context(), stream)
	if err = p.unlessHidden(c, detail.State.Subject.Repo, err); err != nil {
		refuse(c, p.slog, err)
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, p.facts(stream, detail))
		return
	}
	view := p.gatePage(c, stream, detail)
	if p.decide != nil {
		view.Decide = p.decide.form(c, viewerOf(c), stream, detail).HTML()
	}
	p.show(c, view.HTML())
}

// gatePage puts together what the page of a gate shows.
func (p *pages) gatePage(c *gin.Context, stream string, d board.Detail) page.Gate {
	s, now := d.State, p.now()
	view := page.Gate{
		Frame: p.frame(c, stream), Stream: stream, Detail: d, Now: now, Missing: report.Missing(s, now),
		Statement: report.StatementOf(s.Subject, s.Verdict, s.Base(), s.Left()), Story: report.Story(entriesOf(d.Records), s.Voided),
	}
	if v := s.Verdict; v != nil {
		view.Blocks, view.NoLines = p.blocks(c.Request.Context(), s.Subject.Repo, v)
	}
	view.RuleLines = p.ruleLines(c.Request.Context(), s)
	if head := s.Head(); p.source != nil && head != "" {
		around := p.source.Around(c.Request.Context(), s.Subject, head)
		view.About, view.CI = around.About, around.CI
	}
	return view
}

// entriesOf are records as what they say. One that this version does not know is left
// out: it stands among the records all the same.
func entriesOf(records []ledger.Record) []gate.Entry {
	var out []gate.Entry
	for _, r := range records {
		if event, err := gate.Decode(r.Kind, r.Body); err == nil {
			out = append(out, gate.Entry{Version: r.Version, At: r.At, Event: event})
		}
	}
	return out
}

// repositories shows, for each repository, what makes GitHub wait for its gates
// and what is missing there.
func (p *pages) repositories(c *gin.Context) {
	view := page.Repositories{
		Frame:        p.frame(c),
		Repositories: []board.RepoSummary{}, Counts: map[board.Guarded]int{}, Filter: filterOf(c), Now: p.now(),
	}
	sees := p.seen(c)
	for _, r := range p.board.Repositories() {
		if !view.Filter.Of(r.Repo) || !sees(r.Repo) {
			continue
		}
		view.Counts[r.Guarded]++
		if view.Filter.As(string(r.Guarded)) {
			view.Repositories = append(view.Repositories, r)
		}
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, view.Repositories)
		return
	}
	p.show(c, view.HTML())
}

// repository shows what makes GitHub wait for the gates of one repository, and
// how surely each of its ways to deploy is held.
func (p *pages) repository(c *gin.Context) {
	stream := streamOf(c)
	repos := p.board.Repositories()
	i := slices.IndexFunc(repos, func(r board.RepoSummary) bool { return r.Stream == stream })
	if i < 0 || !p.reader(c, repos[i].Repo).sees(repos[i].Repo) {
		refuse(c, p.slog, hidden())
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, repos[i])
		return
	}
	p.show(c, page.Repository{Frame: p.frame(c), Repository: repos[i], Now: p.now()}.HTML())
}

// environments shows what runs where, and what waits or went by its gate.
func (p *pages) environments(c *gin.Context) {
	f := filterOf(c)
	all, err := p.board.Environments(c.Request.Context(), f.Repository, p.seen(c))
	if err != nil {
		refuse(c, p.slog, err)
		return
	}
	view := page.Environments{Frame: p.frame(c), Counts: map[board.Occupied]int{}, Omitted: all.Omitted, Filter: f, Now: p.now()}
	for _, e := range all.List {
		view.Counts[e.Standing]++
		view.Bypassed += len(e.Bypassed)
	}
	all.List = slices.DeleteFunc(all.List, func(e board.EnvironmentSummary) bool { return !f.As(string(e.Standing)) })
	if wantsJSON(c) {
		c.JSON(http.StatusOK, all)
		return
	}
	view.Environments = all.List
	p.show(c, view.HTML())
}

// environment shows one environment with what reached it.
func (p *pages) environment(c *gin.Context) {
	e, err := p.board.Environment(c.Request.Context(), streamOf(c))
	if err = p.unlessHidden(c, e.Repo, err); err != nil {
		refuse(c, p.slog, err)
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, e)
		return
	}
	p.show(c, page.Environment{Frame: p.frame(c), Environment: e, Now: p.now()}.HTML())
}

// drawn is a page. It is made whole in memory, so that what cannot be drawn is
// refused instead of being cut off.
type drawn interface{ Render(w io.Writer) error }

func (p *pages) show(c *gin.Context, d drawn) { draw(c, p.slog, d) }

func draw(c *gin.Context, log *slog.Logger, d drawn) {
	var out bytes.Buffer
	if err := d.Render(&out); err != nil {
		refuse(c, log, err)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", out.Bytes())
}

func filterOf(c *gin.Context) page.Filter {
	asked := func(name string) string { return strings.TrimSpace(c.Query(name)) }
	return page.Filter{Repository: asked("repository"), Standing: asked("standing"), Set: asked("set"), Environment: asked("environment"),
		Agent: asked("agent"), Level: asked("level"), Text: asked("q"), Older: asked("older"), After: asked("after")}
}

// streamOf is the part of the path that names a stream, slashes and all.
func streamOf(c *gin.Context) string { return strings.Trim(c.Param("stream"), "/") }

func wantsJSON(c *gin.Context) bool {
	return strings.Contains(c.GetHeader("Accept"), "application/json")
}
