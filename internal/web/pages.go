package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/report"
)

//go:embed html
var html embed.FS

// maxText is how many characters of a text from outside are shown.
const maxText = 600

// templates escape what comes from outside by its place in the page. What is
// invisible or turns the reading direction is spelled out by text, and the
// style sheet keeps what is left apart (class "outside").
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"short": short,
	"when":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"join":  strings.Join,
	"words": guardedText,
	"text":  func(s string) string { return report.Visible(s, maxText) },
}).ParseFS(html, "html/*.html"))

type pages struct {
	keeper Keeper
	slog   *slog.Logger
	now    func() time.Time
}

// list shows every gate, the newest change first.
func (p *pages) list(c *gin.Context) {
	gates := p.keeper.Gates()
	if strings.Contains(c.GetHeader("Accept"), "application/json") {
		c.JSON(http.StatusOK, gates)
		return
	}
	counts := map[keeper.Standing]int{}
	unreviewed := 0
	for _, g := range gates {
		counts[g.Standing]++
		unreviewed += len(g.Unreviewed)
	}
	p.render(c, "list.html", map[string]any{"Gates": gates, "Counts": counts, "Unreviewed": unreviewed, "Now": p.now()})
}

// repositories shows, for each repository, what makes GitHub wait for its gates
// and what is missing there.
func (p *pages) repositories(c *gin.Context) {
	repos := p.keeper.Repositories()
	if strings.Contains(c.GetHeader("Accept"), "application/json") {
		c.JSON(http.StatusOK, repos)
		return
	}
	counts := map[string]int{}
	for _, r := range repos {
		counts[guardedText(r.Guarded)]++
	}
	p.render(c, "repositories.html", map[string]any{"Repositories": repos, "Counts": counts, "Now": p.now()})
}

// guardedText is how a repository stands, in words.
func guardedText(g keeper.Guarded) string { return strings.ReplaceAll(string(g), "_", " ") }

// detail shows one gate: its verdict with the reasons, and its record.
func (p *pages) detail(c *gin.Context) {
	stream := strings.Trim(c.Param("stream"), "/")
	detail, err := p.keeper.Detail(c.Request.Context(), stream)
	if err != nil {
		refuse(c, p.slog, err)
		return
	}
	if strings.Contains(c.GetHeader("Accept"), "application/json") {
		c.JSON(http.StatusOK, detail.State.Verdict)
		return
	}
	p.render(c, "detail.html", map[string]any{
		"Stream": stream, "State": detail.State, "Verdict": detail.State.Verdict,
		"Records": detail.Records, "Rules": grouped(detail.State.Verdict), "Enforcement": detail.Enforcement, "Now": p.now(),
	})
}

func (p *pages) render(c *gin.Context, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
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
