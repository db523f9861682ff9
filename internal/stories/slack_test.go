//go:build services

package stories

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/notify/slack"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

// slackRules take an approval by Slack, or by a passkey.
const slackRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"], via: [passkey, slack] }
  critical: { approvals: 1, from: ["@acme/sre"], via: [passkey, slack] }
`

func (r *rig) inSlack() []telling.Channel {
	return []telling.Channel{{Name: "ops", Default: true, Repaints: true, Place: notifytest.SlackChannel, To: slack.New(slack.Config{
		Name: "ops", Token: notifytest.SlackToken, Channel: notifytest.SlackChannel, API: r.slack.URL + "/api/",
		Client: notify.NewClient(http.DefaultTransport), Now: r.clock.now,
	})}}
}

func (r *rig) slackDoor() *slack.Door {
	return &slack.Door{Apps: []slack.App{{Secret: notifytest.SlackSecret, Workspace: notifytest.SlackTeam}}, API: []string{r.slack.URL + "/api/"},
		Client: notify.NewClient(http.DefaultTransport), Now: r.clock.now}
}

func newSlack(t *testing.T, rules string) *desk {
	t.Helper()
	return newBrowsersIn(t, rules, notifytest.NewWorkspace(t))
}

// sends has Slack send what it signed, and returns how it is answered.
func (d *desk) sends(body string) int {
	d.t.Helper()
	req := httptest.NewRequest("POST", pagesAt+"/slack/actions", strings.NewReader(body))
	req.Header = notifytest.SignedBySlack(notifytest.SlackSecret, body, d.clock.now())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	(*d.door.Load()).ServeHTTP(w, req)
	return w.Code
}

// presses has a member press a button, and returns what they alone are told.
func (d *desk) presses(p notifytest.Pressed, says ...string) string {
	d.t.Helper()
	d.settle()
	before := len(d.slack.Replies())
	d.later(time.Second) // each request is signed at another moment
	if code := d.sends(d.slack.Body(p)); code != 200 {
		d.t.Fatalf("Slack is answered %d", code)
	}
	d.until(20*time.Second, "nobody was told what came of it", func() bool { return len(d.slack.Replies()) > before })
	told := d.slack.Replies()[before]
	for _, s := range says {
		if !strings.Contains(told, s) {
			d.t.Fatalf("it does not say %q: %s", s, told)
		}
	}
	return told
}

// carried is what a button of the message carries now.
func (d *desk) carried(button string) string {
	d.t.Helper()
	value := ""
	d.until(20*time.Second, "no message has the button", func() bool {
		all := d.slack.Messages()
		if len(all) > 0 {
			value = notifytest.Carried(all[0], button)
		}
		return value != ""
	})
	return value
}

func (d *desk) approves(user string) notifytest.Pressed {
	d.t.Helper()
	return notifytest.Pressed{User: user, Button: notify.Approves, Value: d.carried(notify.Approves), Reason: "The table is empty."}
}

var linkIn = regexp.MustCompile(`"url":"https://gate\.acme\.test(/you/slack\?link=[^"]*)"`)

// asksForLink has a member press who is not known, and returns the link and what its
// buttons carry.
func (d *desk) asksForLink(user string) (link, sealed string) {
	d.t.Helper()
	told := d.presses(d.approves(user), "does not know yet who you are")
	m := linkIn.FindStringSubmatch(told)
	if m == nil {
		d.t.Fatalf("there is no link in %s", told)
	}
	return m[1], notifytest.Carried(told, notify.Links)
}

// linked links a member to whoever holds a browser.
func (d *desk) linked(user string, b *browser) *browser {
	d.t.Helper()
	link, sealed := d.asksForLink(user)
	shown := b.want(b.get(link), 200, "Are you this member of Slack?", user, "of the workspace T1")
	b.want(b.post("/you/slack", url.Values{"ticket": {b.field(shown, ticket)}}), 303)
	b.want(b.get("/you"), 200, "Go back to Slack and confirm there")
	told := d.presses(notifytest.Pressed{User: user, Button: notify.Links, Value: sealed}, "@"+b.login+" at GitHub says that you are them")
	d.presses(notifytest.Pressed{User: user, Button: notify.Confirms, Value: notifytest.Carried(told, notify.Confirms)}, "You are linked")
	return b
}

func TestAYesInSlack(t *testing.T) {
	t.Parallel()
	d := newSlack(t, slackRules)
	bo := d.linked("UBO", d.browser("bo").signIn())
	if d.passes() {
		t.Fatal("released before anybody answered")
	}
	d.presses(d.approves("UBO"), "It counts: @bo, approve by slack.")
	d.says("Released: approved by @bo", "")
	d.until(20*time.Second, "the message has its buttons still", func() bool {
		return !strings.Contains(d.slack.Messages()[0], notify.Approves) && strings.Contains(d.slack.Messages()[0], "Released")
	})
	nonce := regexp.MustCompile(`name="link" value="([^"]*)"`)
	yours := bo.want(bo.get("/you"), 200, "linked somebody UBO of the workspace T1")
	bo.want(bo.post("/you/slack/remove", url.Values{"link": {bo.field(yours, nonce)}}), 303)
	if strings.Contains(plain(bo.get("/you").body), "UBO") {
		t.Error("the link is there still")
	}
	d.push()
	d.presses(d.approves("UBO"), "does not know yet who you are")
}

// Who has a passkey signs the link with it.
func TestALinkIsSigned(t *testing.T) {
	t.Parallel()
	d := newSlack(t, slackRules)
	bo := d.keyed("bo")
	link, sealed := d.asksForLink("UBO")
	shown := bo.want(bo.get(link), 200, "It is me: sign with your passkey")
	bo.want(bo.post("/you/slack", url.Values{"ticket": {bo.field(shown, ticket)}}), 403)
	bo.want(bo.post("/you/slack", bo.sign(shown)), 303)
	bo.want(bo.get("/you"), 200, "signed by a passkey")
	told := d.presses(notifytest.Pressed{User: "UBO", Button: notify.Links, Value: sealed}, "@bo at GitHub says")
	d.presses(notifytest.Pressed{User: "UBO", Button: notify.Confirms, Value: notifytest.Carried(told, notify.Confirms)}, "You are linked")
	d.presses(d.approves("UBO"), "It counts: @bo, approve by slack.")
}

func TestAttackSlack(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(t *testing.T, d *desk){
		"a copied link": func(t *testing.T, d *desk) {
			link, sealed := d.asksForLink("UBO")
			eve := d.browser("cy").signIn()
			eve.want(eve.post("/you/slack", url.Values{"ticket": {eve.field(eve.want(eve.get(link), 200), ticket)}}), 303)
			bo := d.browser("bo").signIn()
			bo.want(bo.get(link), 409, "used before, by you or by somebody else")
			told := d.presses(notifytest.Pressed{User: "UBO", Button: notify.Links, Value: sealed}, "@cy at GitHub says that you are them")
			no := notifytest.Carried(told, notify.Disowns)
			d.presses(notifytest.Pressed{User: "UEVE", Button: notify.Confirms, Value: notifytest.Carried(told, notify.Confirms)}, "made for somebody else")
			d.presses(notifytest.Pressed{User: "UBO", Button: notify.Disowns, Value: no}, "Nothing was linked")
			d.presses(notifytest.Pressed{User: "UBO", Button: notify.Confirms, Value: no}, "There is no such link any more")
			d.presses(d.approves("UBO"), "does not know yet who you are")
		},
		"another person's session": func(t *testing.T, d *desk) {
			link, _ := d.asksForLink("UBO")
			bo, cy := d.browser("bo").signIn(), d.browser("cy").signIn()
			form := url.Values{"ticket": {cy.field(cy.want(cy.get(link), 200), ticket)}}
			bo.want(bo.post("/you/slack", form), 400, "another session")
		},
		"nobody is signed in": func(t *testing.T, d *desk) {
			link, _ := d.asksForLink("UBO")
			b := d.browser("bo")
			if to := b.want(b.get(link), 302).location; !strings.HasPrefix(to, "/sign-in?to=") {
				t.Errorf("the link leads to %s", to)
			}
		},
		"a sign-in of long ago": func(t *testing.T, d *desk) {
			bo := d.browser("bo").signIn()
			d.later(11 * time.Minute)
			link, _ := d.asksForLink("UBO")
			bo.want(bo.get(link), 409, "confirmed within 10 minutes of signing in")
		},
		"an expired link": func(t *testing.T, d *desk) {
			link, sealed := d.asksForLink("UBO")
			d.later(16 * time.Minute)
			bo := d.browser("bo").signIn()
			bo.want(bo.get(link), 410, "has run out")
			d.presses(notifytest.Pressed{User: "UBO", Button: notify.Links, Value: sealed}, "has run out")
		},
		"Slack's side alone": func(t *testing.T, d *desk) {
			_, sealed := d.asksForLink("UBO")
			d.presses(notifytest.Pressed{User: "UBO", Button: notify.Links, Value: sealed}, "Nobody has confirmed at gatehold yet")
			d.presses(notifytest.Pressed{User: "UBO", Button: notify.Confirms, Value: sealed}, "not of a link that somebody has confirmed")
		},
		"a confirmed link again": func(t *testing.T, d *desk) {
			link, sealed := d.asksForLink("UBO")
			bo := d.browser("bo").signIn()
			form := url.Values{"ticket": {bo.field(bo.want(bo.get(link), 200), ticket)}}
			bo.want(bo.post("/you/slack", form), 303)
			bo.want(bo.post("/you/slack", form), 409, "used before")
			told := d.presses(notifytest.Pressed{User: "UBO", Button: notify.Links, Value: sealed}, "@bo")
			confirm := notifytest.Pressed{User: "UBO", Button: notify.Confirms, Value: notifytest.Carried(told, notify.Confirms)}
			d.presses(confirm, "You are linked")
			d.presses(confirm, "confirmed before")
		},
		"another workspace": func(t *testing.T, d *desk) {
			p := d.approves("UBO")
			p.Team = "T2"
			if code := d.sends(d.slack.Body(p)); code != 403 {
				t.Errorf("it is answered %d", code)
			}
		},
		"a request that is sent again": func(t *testing.T, d *desk) {
			d.linked("UANA", d.browser("ana").signIn())
			body := d.slack.Body(d.approves("UANA"))
			if first, again := d.sends(body), d.sends(body); first != 200 || again != 409 {
				t.Errorf("it is answered %d, and then %d", first, again)
			}
		},
		"what was pressed was copied from elsewhere": func(t *testing.T, d *desk) {
			d.linked("UBO", d.browser("bo").signIn())
			p := d.approves("UBO")
			p.Channel = "C2"
			d.presses(p, "copy of one in another channel")
			p = d.approves("UBO")
			p.Value += "x"
			d.presses(p, "have run out, or are not of this server")
		},
		"the head moves before the button is pressed": func(t *testing.T, d *desk) {
			d.linked("UBO", d.browser("bo").signIn())
			p := d.approves("UBO")
			d.push()
			d.presses(p, "Look again and answer again", "There are new commits")
		},
		"who asked for the work": func(t *testing.T, d *desk) {
			d.linked("UANA", d.browser("ana").signIn())
			d.presses(d.approves("UANA"), "Somebody who had no part in it has to decide")
		},
		"somebody without the right": func(t *testing.T, d *desk) {
			eve := d.hub.CreateUser("eve")
			d.linked("UEVE", d.browser(eve.Login).signIn())
			d.presses(d.approves("UEVE"), "not of @acme/sre")
		},
		"the rules have changed": func(t *testing.T, d *desk) {
			d.linked("UBO", d.browser("bo").signIn())
			p := d.approves("UBO")
			_, err := d.Shop.Commit("main", fakehub.NewCommit{Author: d.Bo, Message: "Keep Slack out",
				Files: fakehub.Files{".github/gatehold.yml": strings.ReplaceAll(slackRules, "[passkey, slack]", "[passkey]")}})
			d.must(err)
			d.says("Held", "by `passkey`")
			d.until(20*time.Second, "the message has its buttons still", func() bool { return !strings.Contains(d.slack.Messages()[0], notify.Approves) })
			d.presses(p, "Look again and answer again")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newSlack(t, slackRules)
			d.t = t
			attack(t, d)
			if d.passes() {
				t.Error("it was released")
			}
		})
	}
}

// Where the rules do not name Slack its messages have no buttons; that nobody answered is
// told once, and on the check and the page.
func TestWhatNobodyAnswers(t *testing.T) {
	t.Parallel()
	d := newSlack(t, keyRules+"tell:\n  - { to: [ops], when: [held, decided] }\n  - { to: [ops], after: 2h }\n  - { to: [ops], after: 4h }\n")
	d.until(20*time.Second, "nobody was told", func() bool { return len(d.slack.Messages()) == 1 })
	if strings.Contains(d.slack.Messages()[0], notify.Approves) {
		t.Error("the rules do not name Slack, and its message has buttons")
	}
	d.later(2 * time.Hour)
	d.says("Held", "`ops` on "+d.clock.now().UTC().Format("2006-01-02 15:04"))
	d.says("Held", "when nobody had answered for 2h")
	d.later(time.Hour)
	d.settle()
	if n := len(d.slack.Messages()); n != 2 {
		t.Errorf("there are %d messages", n)
	}
	d.later(time.Hour)
	d.says("Held", "when nobody had answered for 4h")
	bo := d.browser("bo").signIn()
	bo.want(bo.gatePage(), 200, "ops was told that nobody had answered for 2h.", "ops was told that nobody had answered for 4h.", "Who was told")
}
