//go:build services

package stories

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
)

// keyRules take an approval by passkey alone.
const keyRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"], via: [passkey] }
  critical: { approvals: 1, from: ["@acme/sre"], via: [passkey] }
`

// keyed is somebody whose first key has waited long enough.
func (d *desk) keyed(login string) *browser {
	d.t.Helper()
	b := d.browser(login).signIn().enrol()
	d.later(accounts.FirstWait)
	return b.signIn()
}

func TestAYesByPasskey(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	bo := d.browser("bo").signIn().enrol()
	bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 409, "counts from")
	bo.want(bo.follow(bo.answers(bo.gatePage(), "approve/page", "")), 200, "by page, which the rules do not take for this")
	d.later(accounts.FirstWait)
	if to := bo.want(bo.get("/gates"), 302).location; to != "/sign-in?to=%2Fgates" {
		t.Fatalf("who was away for a day goes to %s", to)
	}
	bo.signIn()
	asked := bo.want(bo.answers(bo.gatePage(), "approve/passkey", "The table is empty."), 200,
		"Approve by passkey", d.name(), d.pull.HeadSHA(), "The table is empty.")
	if policy := asked.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") {
		t.Errorf("the page runs no script: %s", policy)
	}
	if asked.header.Get("Strict-Transport-Security") == "" || asked.header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Errorf("other sites are not kept away: %v", asked.header)
	}
	if d.passes() {
		t.Fatal("released by what was not signed yet")
	}
	bo.want(bo.follow(bo.post("/sign", bo.sign(asked))), 200, "It counts: @bo, approve by passkey.")
	d.says("Released: approved by @bo", "")
	bo.want(bo.get("/you"), 200, "signed 1 time")
}

func TestAVouchedKeyCountsAtOnce(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	cy := d.keyed("cy")
	bo := d.browser("bo").signIn().enrol()
	at := "/people/" + strconv.FormatInt(d.Bo.ID, 10) + "/keys/" + bo.keyID()
	bo.want(bo.get(at), 404)
	stranger := d.hub.CreateUser("eve")
	eve := d.browser(stranger.Login).signIn()
	eve.want(eve.get(at), 404, "not for you to say")
	shown := cy.want(cy.get(at), 200, "A passkey of @bo", "laptop of bo", "Is it theirs?")
	cy.want(cy.post(at+"/vouch", cy.sign(shown)), 303)
	bo.want(bo.get("/you"), 200, "counts laptop of bo", "Vouched for by @cy")
	bo.want(bo.signs("approve", ""), 200, "It counts: @bo, approve by passkey.")
	d.says("Released: approved by @bo", "")
}

func TestAnObjectionEndsAKey(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	cy := d.browser("cy").signIn()
	bo := d.browser("bo").signIn().enrol()
	at := "/people/" + strconv.FormatInt(d.Bo.ID, 10) + "/keys/" + bo.keyID()
	cy.want(cy.get(at), 200, "You cannot vouch for it: You have no passkey here yet")
	cy.want(cy.post(at+"/object", url.Values{"reason": {"bo is on holiday"}}), 303)
	d.later(accounts.FirstWait)
	bo.signIn()
	bo.want(bo.get("/you"), 200, "objected laptop of bo", "bo is on holiday")
	bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 409, "You have no passkey here yet")
}

func TestAFurtherKeyIsSignedForByOneThatCounts(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	bo := d.keyed("bo")
	first := bo.key
	bo.key = newKey()
	made := bo.want(bo.post("/you/keys", url.Values{"name": {"phone"}}), 200)
	sign := bo.want(bo.post("/you/keys/made", bo.create(made)), 200, "Sign for the new passkey", "phone")
	second := bo.key
	bo.want(bo.post("/you/keys/add", bo.sign(sign)), 403) // by itself it cannot
	bo.key = first
	bo.want(bo.post("/you/keys/add", bo.sign(sign)), 303)
	bo.key = second
	bo.want(bo.get("/you"), 200, "counts phone", "Signed for by another key of yours")
	bo.want(bo.signs("approve", ""), 200, "It counts: @bo, approve by passkey.")
}

func TestAttackPasskeys(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(t *testing.T, d *desk, bo *browser){
		"a signature is sent again": func(t *testing.T, d *desk, bo *browser) {
			form := bo.sign(bo.want(bo.answers(bo.gatePage(), "deny/passkey", ""), 200))
			bo.want(bo.post("/sign", form), 303)
			bo.want(bo.post("/sign", form), 409, "signed and taken before")
		},
		"the head moves before it is signed": func(t *testing.T, d *desk, bo *browser) {
			form := bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))
			d.push()
			bo.want(bo.follow(bo.post("/sign", form)), 200, "Look again and answer again")
		},
		"the head moves before it is answered": func(t *testing.T, d *desk, bo *browser) {
			shown := bo.gatePage()
			d.push()
			bo.want(bo.answers(shown, "approve/passkey", ""), 409, "There are new commits", "Load the page again")
		},
		"what one was shown another signs": func(t *testing.T, d *desk, bo *browser) {
			cy := d.keyed("cy")
			bo.signIn()
			form := cy.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))
			cy.want(cy.post("/sign", form), 400, "another session")
			bo.want(bo.post("/sign", form), 403)
		},
		"the answer is another than was signed": func(t *testing.T, d *desk, bo *browser) {
			deny := bo.want(bo.answers(bo.gatePage(), "deny/passkey", ""), 200)
			approve := bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200)
			form := bo.sign(deny)
			form.Set("ticket", bo.field(approve, ticket))
			bo.want(bo.post("/sign", form), 403, "not this passkey's")
		},
		"the key was revoked": func(t *testing.T, d *desk, bo *browser) {
			form := bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))
			bo.want(bo.post("/you/keys/revoke", url.Values{"key": {bo.keyID()}}), 303)
			bo.want(bo.post("/sign", form), 409, "was revoked")
		},
		"the page was open for too long": func(t *testing.T, d *desk, bo *browser) {
			form := bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))
			d.later(11 * time.Minute)
			bo.want(bo.post("/sign", form), 410)
		},
		"the key was copied": func(t *testing.T, d *desk, bo *browser) {
			copied := bo.key
			bo.want(bo.signs("deny", ""), 200, "It counts")
			bo.key = copied
			bo.want(bo.post("/sign", bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))), 403, "count of this passkey went back")
			bo.want(bo.get("/you"), 200, "revoked laptop of bo")
		},
		"another origin": func(t *testing.T, d *desk, bo *browser) {
			bo.rp.Origin = "https://gate.acme.test.evil.test"
			bo.want(bo.post("/sign", bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))), 403)
		},
		"nobody's finger": func(t *testing.T, d *desk, bo *browser) {
			bo.device.Options.UserNotVerified = true
			bo.want(bo.post("/sign", bo.sign(bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 200))), 403)
		},
		"another site sends it": func(t *testing.T, d *desk, bo *browser) {
			form := url.Values{"ticket": {bo.field(bo.gatePage(), ticket)}, "answer": {"deny/page"}}
			bo.want(bo.ask("POST", "/answer", "cross-site", form), 403, "Another site sent this")
			bo.want(bo.ask("POST", "/answer", "same-site", form), 403)
		},
		"who asked for the work": func(t *testing.T, d *desk, _ *browser) {
			ana := d.keyed("ana")
			shown := ana.want(ana.gatePage(), 200, "Somebody who had no part in it has to decide")
			if ticket.MatchString(shown.body) {
				t.Error("she is given something to answer with")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newBrowsers(t, keyRules)
			d.t = t
			attack(t, d, d.keyed("bo"))
			if d.passes() {
				t.Error("it was released")
			}
		})
	}
}

// push moves the head of the pull request, and waits until it is judged.
func (d *desk) push() {
	d.t.Helper()
	if _, err := d.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		d.t.Fatal(err)
	}
	d.says("Held: needs 1 approval", "")
}

func TestAttackSignIn(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	t.Run("the code of another's sign-in", func(t *testing.T) {
		bo, eve := d.browser("bo"), d.browser("cy")
		eveAt := eve.want(eve.get("/sign-in"), 302).location
		back := eve.authorized(eveAt)
		bo.want(bo.get("/sign-in"), 302)
		bo.want(bo.get(back), 403, "begun by somebody else")
		fresh := d.browser("bo")
		fresh.want(fresh.get(back), 410, "in another browser")
	})
	t.Run("the code is used again", func(t *testing.T) {
		bo := d.browser("bo")
		back := bo.authorized(bo.want(bo.get("/sign-in"), 302).location)
		bo.want(bo.get(back), 302)
		bo.want(bo.get(back), 410)
	})
	t.Run("a cookie that was signed out", func(t *testing.T) {
		bo := d.browser("bo").signIn()
		stolen := bo.cookies["__Host-gatehold"]
		bo.want(bo.post("/sign-out", nil), 303)
		bo.cookies["__Host-gatehold"] = stolen
		bo.want(bo.get("/you"), 302)
	})
	t.Run("everywhere", func(t *testing.T) {
		bo, there := d.browser("bo").signIn(), d.browser("bo").signIn()
		bo.want(bo.post("/sign-out", url.Values{"everywhere": {"yes"}}), 303)
		there.want(there.get("/you"), 302)
	})
	t.Run("signing in again is another session", func(t *testing.T) {
		bo := d.browser("bo").signIn()
		before := bo.cookies["__Host-gatehold"]
		bo.signIn()
		bo.cookies["__Host-gatehold"] = before
		bo.want(bo.get("/you"), 302)
	})
	t.Run("leads to this site only", func(t *testing.T) {
		for _, to := range []string{"https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/sign-in", "\t//evil.test"} {
			bo := d.browser("bo")
			back := bo.authorized(bo.want(bo.get("/sign-in?to="+url.QueryEscape(to)), 302).location)
			if at := bo.want(bo.get(back), 302).location; at != "/gates" {
				t.Errorf("%q leads to %q", to, at)
			}
		}
	})
	t.Run("a machine", func(t *testing.T) {
		b := d.browser("bo")
		for _, path := range []string{"/answer", "/sign", "/you/keys", "/you/keys/made", "/you/keys/add", "/you/keys/revoke", "/sign-out"} {
			b.want(b.post(path, nil), 401, "Sign in again")
		}
		for _, path := range []string{"/", "/gates", "/gates/" + d.stream(), "/repositories", "/environments", "/you", "/people/1/keys/x"} {
			if to := b.want(b.get(path), 302).location; !strings.HasPrefix(to, "/sign-in?") && path != "/" {
				t.Errorf("%s leads to %s", path, to)
			}
		}
	})
}

// Of what GitHub does not let somebody read, they see nothing: not even that it is
// there.
func TestNobodySeesWhatGitHubHides(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	d.Shop.SetPrivate(true)
	eve := d.browser(d.hub.CreateUser("eve").Login).signIn()
	there, nowhere := eve.want(eve.get("/gates/"+d.stream()), 404), eve.want(eve.get("/gates/pr/1/1"), 404)
	if there.body != nowhere.body {
		t.Errorf("what is hidden is told from what is not there:\n%s\n%s", plain(there.body), plain(nowhere.body))
	}
	for _, path := range []string{"/gates", "/repositories", "/environments", "/waiting", "/agents", "/rules", "/trends", "/coverage"} {
		if p := eve.want(eve.get(path), 200); strings.Contains(p.body, "acme/shop") || strings.Contains(plain(p.body), "devin") {
			t.Errorf("%s shows a stranger: %s", path, plain(p.body))
		}
	}
	bo := d.browser("bo").signIn()
	bo.want(bo.get("/gates"), 200, "acme/shop")
}
