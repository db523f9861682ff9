package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

//go:embed html
var html embed.FS

// maxText is how many characters of a text from outside are shown.
const maxText = 600

// templates escape what comes from outside by its place in the page. What is
// invisible or turns the reading direction is spelled out by text, and the
// style sheet keeps what is left apart (class "outside").
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"short":     short,
		"when":      func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"join":      strings.Join,
		"words":     spaced[string],
		"guard":     spaced[board.Guarded],
		"holds":     heldText,
		"holdClass": heldClass,
		"class":     occupiedClass,
		"envOf": func(s gate.Subject) string {
			return gate.Subject{Kind: gate.Environment, Repo: s.Repo, Environment: s.Environment}.Stream()
		},
		"repoOf": func(r gate.Repo) string { return gate.Subject{Kind: gate.Repository, Repo: r}.Stream() },
		"rest":   func(list []gate.Arrival, n int) int { return len(list) - n },
		"link":   func(s string) bool { return strings.HasPrefix(s, "https://") },
		"text":   func(s string) string { return report.Visible(s, maxText) },
	}).ParseFS(html, "html/*.html"))
})

type pages struct {
	board Board
	slog  *slog.Logger
	now   func() time.Time
}

// list shows every gate, the newest change first.
func (p *pages) list(c *gin.Context) {
	f := filterOf(c)
	counts := map[gate.Standing]int{}
	unreviewed := 0
	gates := []board.Summary{}
	for _, g := range p.board.Gates() {
		if !f.of(g.Subject.Repo) {
			continue
		}
		counts[g.Standing]++
		unreviewed += len(g.Unreviewed)
		if f.as(string(g.Standing)) {
			gates = append(gates, g)
		}
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, gates)
		return
	}
	p.render(c, "list.html", map[string]any{"Gates": gates, "Counts": counts, "Unreviewed": unreviewed, "Filter": f, "Now": p.now()})
}

// repositories shows, for each repository, what makes GitHub wait for its gates
// and what is missing there.
func (p *pages) repositories(c *gin.Context) {
	f := filterOf(c)
	counts := map[board.Guarded]int{}
	repos := []board.RepoSummary{}
	for _, r := range p.board.Repositories() {
		if !f.of(r.Repo) {
			continue
		}
		counts[r.Guarded]++
		if f.as(string(r.Guarded)) {
			repos = append(repos, r)
		}
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, repos)
		return
	}
	p.render(c, "repositories.html", map[string]any{"Repositories": repos, "Counts": counts, "Filter": f, "Now": p.now()})
}

// detail shows one gate: its verdict with the reasons, and its record.
func (p *pages) detail(c *gin.Context) {
	stream := strings.Trim(c.Param("stream"), "/")
	detail, err := p.board.Detail(c.Request.Context(), stream)
	if err != nil {
		refuse(c, p.slog, err)
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, p.facts(stream, detail))
		return
	}
	now := p.now()
	p.render(c, "detail.html", map[string]any{
		"Standing": detail.State.Standing(now), "Reason": board.Reason(detail.State, now), "Now": now,
		"Stream": stream, "State": detail.State, "Verdict": detail.State.Verdict, "Bypassed": detail.Bypassed,
		"Records": detail.Records, "Rules": grouped(detail.State.Verdict), "Enforcement": detail.Enforcement,
	})
}

func (p *pages) render(c *gin.Context, name string, data any) {
	var page bytes.Buffer
	if err := templates().ExecuteTemplate(&page, name, data); err != nil {
		refuse(c, p.slog, err)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
}

// ruleGroup is one rule with all its findings, as a person reads them.
type ruleGroup struct {
	Rule, Pack, Why string
	Risk            int
	Observe         bool
	Findings        []gate.Finding
}

// grouped puts findings under their rules, in the order of the verdict.
func grouped(v *gate.Verdict) []ruleGroup {
	if v == nil {
		return nil
	}
	var groups []ruleGroup
	at := map[string]int{}
	for _, f := range v.Findings {
		key := f.Pack + "\x00" + f.Rule
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, ruleGroup{Rule: f.Rule, Pack: f.Pack, Why: f.Why, Risk: f.Risk, Observe: f.Observe})
		}
		groups[i].Findings = append(groups[i].Findings, f)
		groups[i].Risk = max(groups[i].Risk, f.Risk)
	}
	return groups
}

func short(sha string) string {
	if len(sha) > 8 {
		return sha[:8]
	}
	return sha
}
