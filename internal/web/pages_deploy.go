package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// filter narrows a list by what the query asks for; empty: all.
type filter struct {
	Repository string // "owner/name"
	Standing   string
}

func filterOf(c *gin.Context) filter {
	return filter{Repository: strings.TrimSpace(c.Query("repository")), Standing: strings.TrimSpace(c.Query("standing"))}
}

func (f filter) of(repo gate.Repo) bool {
	return f.Repository == "" || strings.EqualFold(f.Repository, repo.FullName())
}

func (f filter) as(standing string) bool { return f.Standing == "" || f.Standing == standing }

// Any reports whether something may be left out.
func (f filter) Any() bool { return f != filter{} }

func wantsJSON(c *gin.Context) bool {
	return strings.Contains(c.GetHeader("Accept"), "application/json")
}

// environments shows what runs where, and what waits or went by its gate.
func (p *pages) environments(c *gin.Context) {
	f := filterOf(c)
	all, err := p.board.Environments(c.Request.Context(), f.Repository)
	if err != nil {
		refuse(c, p.slog, err)
		return
	}
	counts := map[board.Occupied]int{}
	bypassed := 0
	for _, e := range all.List {
		counts[e.Standing]++
		bypassed += len(e.Bypassed)
	}
	all.List = slices.DeleteFunc(all.List, func(e board.EnvironmentSummary) bool { return !f.as(string(e.Standing)) })
	if wantsJSON(c) {
		c.JSON(http.StatusOK, all)
		return
	}
	p.render(c, "environments.html", map[string]any{
		"Environments": all.List, "Omitted": all.Omitted, "Counts": counts, "Bypassed": bypassed, "Filter": f, "Now": p.now(),
	})
}

// environment shows one environment with what reached it.
func (p *pages) environment(c *gin.Context) {
	e, err := p.board.Environment(c.Request.Context(), strings.Trim(c.Param("stream"), "/"))
	if err != nil {
		refuse(c, p.slog, err)
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, e)
		return
	}
	p.render(c, "environment.html", map[string]any{"Environment": e, "Now": p.now()})
}

// repository shows what makes GitHub wait for the gates of one repository, and
// how surely each of its ways to deploy is held.
func (p *pages) repository(c *gin.Context) {
	stream := strings.Trim(c.Param("stream"), "/")
	repos := p.board.Repositories()
	i := slices.IndexFunc(repos, func(r board.RepoSummary) bool { return r.Stream == stream })
	if i < 0 {
		refuse(c, p.slog, &gate.Error{Code: "not_found", Text: "There is no such repository."})
		return
	}
	if wantsJSON(c) {
		c.JSON(http.StatusOK, repos[i])
		return
	}
	var ways []held
	for _, hold := range []gate.Hold{gate.NotHeld, gate.BestEffort, gate.Certain} {
		h := held{Hold: hold, Paths: slices.DeleteFunc(slices.Clone(repos[i].Paths), func(j gate.Job) bool { return j.Held != hold })}
		if len(h.Paths) > 0 {
			ways = append(ways, h)
		}
	}
	p.render(c, "repository.html", map[string]any{"Repository": repos[i], "Ways": ways, "Now": p.now()})
}

// held are the ways to deploy that are held as surely.
type held struct {
	Hold  gate.Hold
	Paths []gate.Job
}

// heldText is how surely something is held, in words.
func heldText(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "held for certain"
	case gate.BestEffort:
		return "held at best effort"
	}
	return "not held"
}

func heldClass(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "passed"
	case gate.BestEffort:
		return "watching"
	}
	return "denied"
}

// occupiedClass is the colour of how an environment stands.
func occupiedClass(o board.Occupied) string {
	switch o {
	case board.WasBypassed:
		return "denied"
	case board.HasWaiting, board.HasFailed:
		return "held"
	case board.IsRunning:
		return "passed"
	}
	return "closed"
}

func spaced[T ~string](s T) string { return strings.ReplaceAll(string(s), "_", " ") }

// gateFacts are the facts of a gate's page beside its verdict, whose fields
// stand at the top as on the check run.
type gateFacts struct {
	*gate.Verdict
	Gate gateState `json:"gate"`
}

type gateState struct {
	Stream      string            `json:"stream"`
	Subject     gate.Subject      `json:"subject"`
	Version     uint64            `json:"version"`
	Standing    gate.Standing     `json:"standing"`
	Released    bool              `json:"released"` // what stands so may go on
	Closed      bool              `json:"closed"`
	ClosedWhy   string            `json:"closed_why,omitempty"`
	Failure     *gate.Failed      `json:"failure,omitempty"`
	Waits       []gate.Wait       `json:"waits"` // that stand now
	Answered    gate.Reply        `json:"answered,omitempty"`
	Replied     []gate.Replied    `json:"replied"`
	Halted      *gate.Halted      `json:"halted,omitempty"`
	Choices     []choiceFacts     `json:"choices"`
	Refusals    []gate.Refused    `json:"refusals"`
	Voided      []voidFacts       `json:"voided"`
	Overrides   []overrideFacts   `json:"overrides"`
	Bypassed    []gate.Arrival    `json:"bypassed"` // reached the environment without passing a gate
	Enforcement *gate.Enforcement `json:"enforcement,omitempty"`
	Records     []recordFacts     `json:"records"`
}

type choiceFacts struct {
	gate.Counted
	At time.Time `json:"at"`
}

type voidFacts struct {
	choiceFacts
	Why string    `json:"why"`
	On  time.Time `json:"on"`
}

type overrideFacts struct {
	choiceFacts
	Review *choiceFacts `json:"review"` // null: nobody has looked at it yet
}

type recordFacts struct {
	Version uint64    `json:"version"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Hash    string    `json:"hash"`
}

func factsOf(c gate.Choice) choiceFacts { return choiceFacts{c.Counted, c.At} }

func (p *pages) facts(stream string, d board.Detail) gateFacts {
	s, now := d.State, p.now()
	g := gateState{
		Stream: stream, Subject: s.Subject, Version: s.Version, Closed: s.Done, ClosedWhy: s.ClosedWhy,
		Standing: s.Standing(now), Released: s.Standing(now).Passes(),
		Failure: s.Failure, Waits: append([]gate.Wait{}, s.Waits(now)...), Answered: s.Answered(),
		Replied: append([]gate.Replied{}, s.Deployment.Replied...),
		Halted:  s.WorkflowRun.Halted, Choices: []choiceFacts{}, Refusals: append([]gate.Refused{}, s.Refusals...),
		Voided: []voidFacts{}, Overrides: []overrideFacts{},
		Bypassed: append([]gate.Arrival{}, d.Bypassed...), Enforcement: d.Enforcement, Records: []recordFacts{},
	}
	for _, c := range s.Choices {
		g.Choices = append(g.Choices, factsOf(c))
	}
	for _, v := range s.Voided {
		g.Voided = append(g.Voided, voidFacts{factsOf(v.Choice), v.Why, v.On})
	}
	for _, o := range s.Overrides {
		facts := overrideFacts{choiceFacts: factsOf(o.Choice)}
		if o.Review != nil {
			review := factsOf(*o.Review)
			facts.Review = &review
		}
		g.Overrides = append(g.Overrides, facts)
	}
	for _, r := range d.Records {
		g.Records = append(g.Records, recordFacts{r.Version, r.At, r.Kind, r.Hash})
	}
	return gateFacts{Verdict: s.Verdict, Gate: g}
}
