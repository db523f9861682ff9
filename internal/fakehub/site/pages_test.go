package site_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// browse gets a page as a browser does.
func (w *world) browse(path string) *reply { w.t.Helper(); return w.as("").get(path) }

// submit sends a form as a browser does, from a page of this site or another.
func (w *world) submit(path, site string, form url.Values) *reply {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", site)
	client := &http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	return &reply{t: w.t, what: "POST " + path, status: resp.StatusCode, header: resp.Header}
}

const hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> \u202egnp.exe"

// heldPull is a pull request of hostile words, and a check of hostile words on
// it that has a button.
func (w *world) heldPull() (*fakehub.Pull, string) {
	w.t.Helper()
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: hostile, Body: hostile,
		Files: fakehub.Files{"a<b>\u202e\".txt": hostile + "\n"}})
	if err != nil {
		w.t.Fatal(err)
	}
	run := w.check(fields{"head_sha": pull.HeadSHA(), "conclusion": "action_required",
		"output": fields{"title": "Held " + hostile, "summary": "**Held.** " + hostile,
			"text": "<details><summary>More</summary>\n\n`x`\n\n</details>",
			"annotations": []any{fields{"path": "a<b>\u202e\".txt", "start_line": 1, "end_line": 1,
				"annotation_level": "failure", "message": hostile}}},
		"actions": []any{fields{"label": "Approve", "description": "Let it go", "identifier": "approve"}}}).want(201)
	return pull, string(regexp.MustCompile(`"id":(\d+)`).FindSubmatch(run.body)[1])
}

var foreign = regexp.MustCompile(`<script|<img|onerror=[^&"]*>|<b>`)

func TestAPageShowsThePullRequestAndNothingForeign(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	pull, run := w.heldPull()
	page := w.browse("/acme/shop/pull/1").want(200)
	for _, text := range []string{"Held &lt;script", "<strong>Held.</strong>", "<details><summary>More</summary>",
		"Action required", `value="` + run + `"`,
		"<option selected>alice</option>", "‹U+202E›gnp.exe", "Approve", pull.HeadSHA()[:7], "fixer[bot]", "requires no check"} {
		page.says(text)
	}
	if bad := foreign.FindAll(page.body, -1); bad != nil {
		t.Errorf("foreign: %q", bad)
	}
	policy := page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy of the page is %q", policy)
	}
	if strings.Contains(string(page.body), "<option>fixer") {
		t.Error("a bot can be signed in as")
	}
	w.browse("/acme/shop").want(200).says("/acme/shop/pull/1").says("#1 open")
	w.browse("/").want(200).says("/acme/shop").says("1 open pull request<")
	w.browse("/acme/shop/pull/2").want(404)
	w.browse("/acme/shop/pull/x").want(404)
	if v := w.hub.Violations(); len(v) > 0 {
		t.Errorf("pages are no API: %q", v)
	}
	if n := w.hub.Total(); n != 2 { // the token and the check
		t.Errorf("pages are counted among %d requests", n)
	}
}

func TestAButtonOnAPageIsPressedAsTheOneChosen(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	_, run := w.heldPull()
	w.took()
	path := "/acme/shop/pull/1/press"
	form := func(as, run, action string) url.Values {
		return url.Values{"as": {as}, "run": {run}, "action": {action}}
	}
	back := w.submit(path, "same-origin", form("bob", run, "approve")).want(303).header.Get("Location")
	clicks := only(w.took(), "check_run", "requested_action")
	if len(clicks) != 1 || clicks[0].payload["sender"].(map[string]any)["login"] != "bob" {
		t.Fatalf("the App heard %d clicks: %v", len(clicks), clicks)
	}
	page := w.browse(back).want(200).says("@bob pressed <strong>approve</strong>. The App was told").says("<option selected>bob</option>")
	if page.header.Get("Refresh") == "" {
		t.Error("the page does not look again for the answer")
	}
	w.api().do("PATCH", runs+"/"+run, fields{"conclusion": "success", "output": fields{"title": "Released", "summary": "s"}}).want(200)
	page = w.browse(back).want(200).says("The App has answered").says("Released")
	if page.header.Get("Refresh") != "" {
		t.Error("the page still looks for an answer")
	}

	w.hub.CreateUser("mallory") // of no organisation
	for name, c := range map[string]struct {
		site   string
		form   url.Values
		status int
	}{
		"an outsider":         {"same-origin", form("mallory", run, "approve"), 403},
		"a bot":               {"same-origin", form("fixer[bot]", run, "approve"), 403},
		"nobody":              {"same-origin", form("", run, "approve"), 403},
		"another site's page": {"cross-site", form("bob", run, "approve"), 403},
		"no such button":      {"same-origin", form("bob", run, "explode"), 409},
		"no such run":         {"same-origin", form("bob", "7", "approve"), 404},
		"no number":           {"same-origin", form("bob", "x", "approve"), 400},
	} {
		if got := w.submit(path, c.site, c.form); got.status != c.status {
			t.Errorf("%s: status %d, want %d", name, got.status, c.status)
		}
	}
	if clicks := only(w.took(), "check_run", "requested_action"); len(clicks) != 0 {
		t.Errorf("%d clicks that were refused reached the App", len(clicks))
	}
}

func TestPagesDoNotHideWhatTheAPILacks(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	for _, path := range []string{"/repos/acme", "/repos/acme/shop/pull/1", "/emojis", "/api/v3/acme/shop"} {
		w.api().get(path).want(501)
	}
	if v := w.hub.Violations(); len(v) != 4 {
		t.Errorf("%d violations are noted: %q", len(v), v)
	}
}
