package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/web/page"
	"github.com/gatehold/gatehold/internal/web/source"
)

// evil is what a page must show as text, wherever it comes from.
const evil = `"'></code></title><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a>` +
	"\u202egnp\u202c\u200b\n{{.}}"

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	shop  = gate.Repo{Installation: 1, ID: 42, Owner: "acme", Name: "shop"}
	plain = gate.Repo{Installation: 1, ID: 43, Owner: "acme", Name: "plain"}
	prod  = gate.Subject{Kind: gate.Environment, Repo: shop, Environment: "Production"}
	going = gate.Subject{Kind: gate.Deployment, Repo: shop, Run: 7, DeploymentID: 9, SHA: "abcdef0123456789", Environment: "Production"}
)

// shown is a board whose every word is hostile where text says so.
type shown struct{ text string }

func (s shown) gates() []board.Summary {
	return []board.Summary{
		{Stream: going.Stream(), Subject: going, Head: going.SHA, Standing: gate.IsHeld, Score: 70, Level: gate.High,
			Agents: []string{s.text}, Reason: s.text, ChangedAt: noon},
		{Stream: "pr/43/1", Subject: gate.Subject{Kind: gate.PullRequest, Repo: plain, Number: 1}, Standing: gate.IsPassed,
			Reason: "fine", ChangedAt: noon},
	}
}

func (s shown) List(q board.Query) board.Page {
	out := board.Page{Gates: []board.Summary{}, Counts: map[gate.Standing]int{}, Unreviewed: 1}
	for _, g := range s.gates() {
		if (q.Repository == "" || strings.EqualFold(q.Repository, g.Subject.Repo.FullName())) && (q.Standing == "" || q.Standing == g.Standing) {
			out.Gates = append(out.Gates, g)
			out.Counts[g.Standing]++
			out.Total++
		}
	}
	if q.After == "" && q.Set == board.AllGates {
		out.Next = "next-one"
	}
	return out
}

func (s shown) Repos() []gate.Repo { return []gate.Repo{shop, plain} }

func (s shown) Agents(func(gate.Repo) bool) []board.Agent {
	return []board.Agent{{Name: s.text, Owner: s.text, Strength: gate.Verified, Asked: []string{s.text}, Repos: []string{s.text}, Changes: 3, Reverted: 1, Last: noon}}
}

func (s shown) RulesInForce() []board.InForce {
	return []board.InForce{{Repo: shop, Mode: "enforce", Tip: "abc", At: noon, Stream: "pr/42/1",
		Rules: gate.RulesRef{Digest: "d1ge57", Sources: []string{"acme/shop/.github/gatehold.yml@1", s.text, "pack " + s.text}}}}
}

func (s shown) Trends(func(gate.Repo) bool) board.Trends {
	return board.Trends{Days: []board.Day{{Day: noon, Held: 1, Passed: 2}}, Waited: []board.Waited{{UpTo: 60, N: 1}, {N: 2}},
		Rules: []board.Rule{{Rule: s.text, N: 3}}, Decided: 3, Half: 60, Slow: 7200}
}

func (s shown) Lines(_ context.Context, _ gate.Repo, _, _ string, paths []string) (map[string]source.Sides, error) {
	out := map[string]source.Sides{}
	for _, p := range paths {
		out[p] = source.Sides{Before: change.TextOf("one\n"), After: change.TextOf("one\n" + strings.ReplaceAll(s.text, "\n", " ") + "\n")}
	}
	return out, nil
}

func (s shown) Around(context.Context, gate.Subject, string) source.Around {
	return source.Around{About: change.About{Title: s.text, Body: s.text, Author: change.Actor{Login: s.text}},
		CI: change.CI{Known: true, Failed: 1, Running: 2, Unread: "They are not read.",
			Open: []change.CheckOf{{Name: s.text, Failed: true, Run: 7}, {Name: s.text, Address: s.text}, {Name: s.text, Address: "https://ci.example/" + s.text}}}}
}

func (s shown) Repositories() []board.RepoSummary {
	return []board.RepoSummary{
		{Repo: plain, Stream: "repo/43", Guarded: board.Enforced, Paths: []gate.Job{}, PathsAt: noon},
		{
			Repo: shop, Stream: "repo/42", Guarded: board.NotEnforced, PathsAt: noon, ChangedAt: noon, Failure: s.text,
			Enforcement: []gate.Enforcement{{Branch: "main", Missing: []string{s.text}},
				{Environment: s.text, Enforced: true, Bypass: []string{s.text}}, {Environment: "x", Unknown: s.text}},
			Paths: []gate.Job{
				{ID: "ship " + s.text, Workflow: ".github/workflows/ship.yml", Held: gate.NotHeld, Why: s.text, Can: []string{s.text}},
				{ID: "slow", Workflow: s.text, Environment: s.text, Held: gate.BestEffort}, {ID: "prod", Held: gate.Certain},
			},
		},
	}
}

func (s shown) arrivals() (all []gate.Arrival) {
	for range 8 {
		all = append(all, gate.Arrival{DeploymentID: 5, SHA: "feedbeef00", At: noon, By: gate.Actor{Login: s.text}})
	}
	return all
}

func (s shown) environment() board.EnvironmentSummary {
	a := gate.Arrival{DeploymentID: 9, SHA: going.SHA, Run: 7, At: noon, By: gate.Actor{Login: s.text}, Gate: going.Stream(),
		Approved: true}
	failed := gate.Arrival{SHA: "bad0000000", Failed: true, At: noon, By: gate.Actor{Login: s.text}}
	return board.EnvironmentSummary{
		Stream: prod.Stream(), Repo: shop, Environment: s.text, Standing: board.WasBypassed, Failure: s.text,
		Runs: &board.Arrived{Arrival: a, ReleasedBy: []string{"bo", s.text}}, Failed: &failed, Bypassed: s.arrivals(),
		Waiting:     s.gates()[:1],
		Enforcement: &gate.Enforcement{Environment: s.text, Missing: []string{s.text}, Bypass: []string{s.text}},
	}
}

func (s shown) Environments(_ context.Context, repository string, _ func(gate.Repo) bool) (board.Environments, error) {
	out := board.Environments{List: []board.EnvironmentSummary{s.environment(),
		{Stream: "env/43/x", Repo: plain, Environment: "dev", Standing: board.NothingRuns}}, Omitted: 3}
	if repository != "" {
		out.List = slices.DeleteFunc(out.List,
			func(e board.EnvironmentSummary) bool { return !strings.EqualFold(e.Repo.FullName(), repository) })
	}
	return out, nil
}

func (s shown) Environment(_ context.Context, stream string) (board.EnvironmentDetail, error) {
	if stream != prod.Stream() {
		return board.EnvironmentDetail{}, &gate.Error{Code: "not_found", Text: "There is no such environment."}
	}
	e := s.environment()
	back := *e.Runs
	back.ReleasedBy, back.Rollback = nil, true
	return board.EnvironmentDetail{EnvironmentSummary: e, Omitted: 2,
		Arrivals: []board.Arrived{*e.Runs, back, {Arrival: e.Bypassed[0]}, {Arrival: *e.Failed}}}, nil
}

func (s shown) Detail(_ context.Context, stream string) (board.Detail, error) {
	verdict := &gate.Verdict{
		Score: 70, Level: gate.High, Held: true, Mode: "enforce", Reason: s.text, Digest: "d1ge57", Head: going.SHA,
		Findings: []gate.Finding{{Rule: s.text, Pack: s.text, Message: s.text, Path: s.text, Why: s.text, Line: 2, Object: s.text, Risk: 80},
			{Rule: s.text, Pack: s.text, Message: s.text}},
		Needs: &gate.Need{Approvals: 1, From: []string{s.text}},
		Agent: gate.Attribution{Is: true, Names: []string{s.text}, Instigators: []string{s.text}, Owners: []gate.Owned{{Agent: s.text, Owner: s.text}}},
		Origin: []gate.Link{{Kind: "issue", Ref: "#12 " + s.text, By: s.text},
			{Kind: "session", Ref: "https://app.devin.ai/sessions/a1", By: "devin", Agent: true},
			{Kind: "session", Ref: "javascript:alert(4)", By: s.text}},
		Problems: []gate.Problem{{Code: "x", Text: s.text}},
		Intent: &gate.Intent{Files: 2, Folders: []string{s.text}, Kinds: []string{s.text}, Outside: []gate.Outside{{Path: s.text, How: s.text}, {How: s.text}},
			Declared: []gate.Scope{{Where: s.text, Paths: []string{s.text}, Kinds: []string{}, Environments: []string{s.text}}, {Fault: s.text}}, Omitted: 3},
	}
	subject := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}
	detail := board.Detail{Records: []ledger.Record{{Stream: stream, Version: 1, At: noon, Kind: "seen", Hash: "abc"}}}
	if stream == going.Stream() {
		subject = going
		verdict.Origin = nil
		verdict.Deploy = &gate.Deploy{
			Environment: s.text, Run: 7, Attempt: 2, Workflow: s.text, Trigger: s.text, Summary: s.text, First: true, Omitted: 4,
			Outgoing: []gate.Outgoing{
				{Number: 412, Title: s.text, Agent: true, Names: []string{s.text}, Score: 60, Level: gate.High, Worst: s.text,
					ApprovedBy: []string{"ana", s.text}, Valid: true},
				{SHA: "0123456789", Title: "a commit", Why: s.text},
			},
			Chain: []gate.Link{{Kind: "pull_request", Ref: "#412", By: s.text, Agent: true, OnBehalf: []string{s.text}},
				{Kind: "deployment", Ref: s.text}},
			Jobs: []gate.Job{{ID: s.text, Workflow: s.text, Held: gate.NotHeld, Why: s.text, Can: []string{s.text}},
				{ID: "prod", Environment: s.text, Held: gate.Certain}},
			Waits: []gate.Wait{{Code: "freeze", Text: s.text, Until: noon.Add(time.Hour), Except: []string{s.text}}},
		}
		detail.Bypassed = s.arrivals()
	}
	said := gate.Counted{By: gate.Actor{Login: s.text}, Answer: gate.Approve, Via: "button", Reason: s.text}
	detail.State = gate.State{
		Subject: subject, Version: 3, Verdict: verdict, OpenedAt: noon, JudgedAt: noon,
		Approvals: gate.Approvals{
			Choices: []gate.Choice{{Counted: said, At: noon}}, Refusals: []gate.Refused{{Text: s.text}},
			Voided:    []gate.Void{{Choice: gate.Choice{Counted: said, At: noon}, Why: s.text}},
			Overrides: []gate.OverrideRecord{{Choice: gate.Choice{Counted: said, At: noon}}},
		},
		Deployment: gate.DeploymentState{Replied: []gate.Replied{{Reply: gate.Commented, Attempt: 1, Comment: s.text,
			By: []string{s.text}}}},
		WorkflowRun: gate.RunState{Halted: &gate.Halted{Attempt: 1}},
	}
	return detail, nil
}

func pagesOf(t *testing.T, text string) http.Handler {
	t.Helper()
	return New(Deps{Board: shown{text}, Lists: shown{text}, Source: shown{text}, GitHub: "https://github.com", Metrics: NewMetrics(), Pages: true, Now: func() time.Time { return noon },
		Ready: func(context.Context) error { return nil }})
}

func read(t *testing.T, h http.Handler, path, accept string) (int, string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") ||
		!strings.Contains(csp, "; script-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: %q", path, csp)
	}
	return w.Code, w.Body.String()
}

var everyPage = []string{"/gates", "/gates?set=all", "/gates?set=decided", "/gates?set=unreviewed", "/agents", "/rules", "/trends", "/coverage", "/gates/pr/42/1", "/gates/" + going.Stream(), "/repositories", "/repositories/repo/42",
	"/repositories/repo/43", "/environments", "/environments/" + prod.Stream()}

// Whatever comes from outside is text on every page, and every page gives its
// facts as JSON.
func TestEveryPageShowsHostileTextAsText(t *testing.T) {
	h := pagesOf(t, evil)
	for _, path := range everyPage {
		code, body := read(t, h, path, "text/html")
		if code != http.StatusOK || !strings.HasSuffix(strings.TrimSpace(body), "</body></html>") {
			t.Errorf("%s: %d, %.300s", path, code, body)
		}
		ours := body[strings.LastIndex(body, "<script>"):]
		sum := sha256.Sum256([]byte(strings.TrimSuffix(strings.TrimPrefix(ours, "<script>"), "</script></body></html>")))
		if !strings.Contains(page.Policy(), "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") {
			t.Errorf("%s: the script is not the one that may run", path)
		}
		body = strings.TrimSuffix(body, ours)
		for _, bad := range []string{"<script", "<img", `href="javascript`, "\u202e", "\u200b", "onerror=alert(2)>",
			"<no value>", "ZgotmplZ"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if path != "/repositories/repo/43" && !strings.Contains(body, `\u{202E}gnp`) {
			t.Errorf("%s does not show what it was told", path)
		}
		if code, body = read(t, h, path, "application/json"); code != http.StatusOK || !json.Valid([]byte(body)) ||
			strings.Contains(body, "<") {
			t.Errorf("%s as JSON: %d, %.300s", path, code, body)
		}
	}
	if _, body := read(t, h, `/gates?repository="><script>&standing="><img>`, "text/html"); strings.Contains(body, "\"><script") ||
		strings.Contains(body, "<img") {
		t.Error("what the query says becomes part of the page")
	}
}

func TestWhatThePagesSay(t *testing.T) {
	h := pagesOf(t, "something")
	for path, says := range map[string][]string{
		"/gates/" + going.Stream(): {"What goes out", "attempt 2", "#412", "approved by <strong class=\"outside\">@ana",
			"Reached without passing a gate:", "And 3 more.", "What it waits for", "not held", "held for certain",
			"What led here", "on behalf of", "What GitHub was told", "commented", "cancelled", "Not reviewed yet",
			"href=\"/environments/" + prod.Stream(), "href=\"/gates/pr/42/412\""},
		"/gates/pr/42/1": {"What led here", `href="https://app.devin.ai/sessions/a1"`, "#12 something"},
		"/repositories/repo/42": {"1 <strong class=\"denied\">not held", "held at best effort", "held for certain",
			"ship something", "something"},
		"/repositories/repo/43": {"deploy nothing that gatehold can see"},
		"/repositories":         {"3 ways to deploy"},
		"/environments": {"8 deployments reached an environment without passing a gate", "let go by", "@bo",
			"acme/plain dev", "It does not wait for gatehold", "And 3 more", "did not succeed", "Waits:"},
		"/environments/" + prod.Stream(): {"it passed no gate", "back to what was approved there before", "@bo",
			"href=\"/gates/" + going.Stream(), "And 2 before"},
	} {
		_, body := read(t, h, path, "text/html")
		for _, text := range says {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
	}
	for _, path := range []string{"/environments/env/1/x", "/repositories/repo/1", "/repositories/", "/environments/"} {
		if code, _ := read(t, h, path, "text/html"); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestListsAreFiltered(t *testing.T) {
	h := pagesOf(t, "something")
	for query, want := range map[string]int{
		"/gates": 2, "/gates?repository=ACME/shop": 1, "/gates?standing=passed": 1,
		"/gates?repository=acme/shop&standing=passed": 0, "/gates?repository=acme/none": 0,
		"/repositories": 2, "/repositories?standing=not_enforced": 1, "/repositories?repository=acme/plain": 1,
	} {
		_, body := read(t, h, query, "application/json")
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != want {
			t.Errorf("%s: %d, want %d (%v)", query, len(list), want, err)
		}
	}
	for query, want := range map[string]int{"/environments": 2, "/environments?repository=acme/shop": 1,
		"/environments?standing=unknown": 1, "/environments?standing=running": 0} {
		_, body := read(t, h, query, "application/json")
		var got board.Environments
		if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.List) != want {
			t.Errorf("%s: %d, want %d (%v)", query, len(got.List), want, err)
		}
	}
}

// A list goes on where the page before ended, and says so as GitHub does.
func TestListsGoOn(t *testing.T) {
	h := pagesOf(t, "something")
	req := httptest.NewRequest(http.MethodGet, "/gates?set=all&agent=devin", nil)
	req.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if link := w.Header().Get("Link"); link != `</gates?after=next-one&agent=devin&set=all>; rel="next"` {
		t.Errorf("the next page is %q", link)
	}
	_, body := read(t, h, "/gates?set=all&agent=devin&older=24h&q=x", "text/html")
	for _, want := range []string{`href="?set=all&amp;agent=devin&amp;q=x&amp;older=24h&amp;after=next-one"`, `<option value="24h" selected>`,
		`<input type="hidden" name="set" value="all">`, `aria-current="page">All</a>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the list has no %s", want)
		}
	}
	asked := page.Filter{Set: "decided", Older: "24h", Level: "high", Text: "x"}.Query()
	if asked.Set != board.DecidedGates || asked.Older != 24*time.Hour || asked.Level != gate.High || asked.Text != "x" {
		t.Errorf("the board is asked %+v", asked)
	}
	if odd := (page.Filter{Set: "odd", Older: "odd"}).Query(); odd.Set != board.OpenGates || odd.Older != 0 {
		t.Errorf("the board is asked %+v", odd)
	}
}

// The verdict stands at the top as on the check run, the rest beside it.
func TestAGateAsJSON(t *testing.T) {
	_, body := read(t, pagesOf(t, "something"), "/gates/"+going.Stream(), "application/json")
	var got struct {
		Digest string       `json:"digest"`
		Deploy *gate.Deploy `json:"deploy"`
		Gate   gateState    `json:"gate"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Digest != "d1ge57" || got.Deploy == nil ||
		got.Gate.Subject.Run != 7 || len(got.Gate.Bypassed) != 8 || len(got.Gate.Waits) != 1 || len(got.Gate.Overrides) != 1 ||
		got.Gate.Choices[0].By.Login != "something" {
		t.Errorf("%v: %s", err, body)
	}
}
