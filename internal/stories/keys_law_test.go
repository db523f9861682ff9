//go:build services

package stories

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

func keyPath(b *browser, who *fakehub.Account) string {
	return fmt.Sprintf("/people/%d/keys/%s", who.ID, b.keyID())
}

// ruledKeys are browsers under rules that ask more of passkeys.
func ruledKeys(t *testing.T, asks string) *desk {
	return newBrowsers(t, keyRules+"passkeys: "+asks+"\n")
}

func TestAttackVouchByWhoOnlyWrites(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	dev := d.hub.CreateUser("dev")
	d.Acme.AddMember(dev, "member")
	d.Shop.Collaborate(dev, "write")
	b := d.keyed("dev")
	bo := d.browser("bo").signIn().enrol()
	at := keyPath(bo, d.Bo)
	b.want(b.get(at), 200, "A passkey of @bo", "You cannot vouch for it: The rules let others vouch")
	form := url.Values{"ticket": {"x"}, "response": {"y"}}
	b.want(b.post(at+"/vouch", form), 400)
	b.want(b.post(at+"/object", url.Values{"reason": {"bo is on holiday"}}), 303) // which takes less
	bo.want(bo.get("/you"), 200, "objected laptop of bo")
}

func TestTwoHaveToVouch(t *testing.T) {
	t.Parallel()
	d := ruledKeys(t, "{ vouch: { approvals: 2 } }")
	cy, ana := d.keyed("cy"), d.keyed("ana")
	cy.signIn()
	bo := d.browser("bo").signIn().enrol()
	at := keyPath(bo, d.Bo)
	cy.want(cy.post(at+"/vouch", cy.sign(cy.want(cy.get(at), 200))), 303)
	bo.want(bo.get("/you"), 200, "waits laptop of bo", "Vouched for by @cy", "1 more have to")
	cy.want(cy.post(at+"/vouch", cy.sign(cy.want(cy.get(at), 200))), 409, "You have vouched")
	bo.want(bo.get("/you"), 200, "waits laptop of bo")
	ana.want(ana.post(at+"/vouch", ana.sign(ana.want(ana.get(at), 200))), 303)
	bo.want(bo.get("/you"), 200, "counts laptop of bo", "Vouched for by @cy", "@ana")
}

func TestRulesHaveAFirstKeyWaitForLonger(t *testing.T) {
	t.Parallel()
	d := ruledKeys(t, "{ wait: 48h, keys: 1 }")
	bo := d.keyed("bo")
	bo.want(bo.get("/you"), 200, "waits laptop of bo")
	d.later(24 * time.Hour)
	bo.signIn()
	bo.want(bo.get("/you"), 200, "counts laptop of bo")
	bo.want(bo.post("/you/keys", url.Values{"name": {"phone"}}), 409, "as many as one may have")
}

func TestRulesTakeAttestedKeysOnly(t *testing.T) {
	t.Parallel()
	d := ruledKeys(t, "{ attestation: required }")
	bo := d.browser("bo").signIn()
	made := bo.want(bo.post("/you/keys", url.Values{"name": {"laptop"}}), 200)
	bo.want(bo.post("/you/keys/made", bo.create(made)), 403, "attestation of the device's maker only")
	if p := bo.want(bo.get("/you"), 200); !strings.Contains(plain(p.body), "You have none yet") {
		t.Errorf("it was taken: %s", plain(p.body))
	}
}

func TestAnOwnerEndsTheKeyOfAnother(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, keyRules)
	d.Acme.AddMember(d.hub.CreateUser("olga"), "admin")
	olga, bo := d.browser("olga").signIn().enrol(), d.browser("bo").signIn().enrol()
	cy := d.browser("cy").signIn().enrol()
	d.later(25 * time.Hour)
	olga.signIn()
	bo.signIn()
	cy.signIn()
	at := keyPath(bo, d.Bo)
	cy.want(cy.post(at+"/end", url.Values{"reason": {"no more"}}), 403, "Only owners")
	cy.want(cy.get("/people"), 200, "nobody here whose passkeys are yours")
	olga.want(olga.get("/people"), 200, "@bo", "laptop of bo", "@cy")
	olga.want(olga.get(at), 200, "End it")
	olga.want(olga.post(at+"/end", nil), 400, "Say why")
	asked := olga.want(olga.post(at+"/end", url.Values{"reason": {"The laptop was stolen."}}), 200, "This is what your passkey signs",
		"The laptop was stolen.", "@bo")
	form := olga.sign(asked)
	other := keyPath(cy, d.hub.Account("cy"))
	olga.want(olga.post(other+"/ended", form), 400, "another passkey")
	olga.want(olga.post(at+"/ended", form), 303)
	olga.want(olga.post(at+"/ended", form), 409)
	bo.want(bo.get("/you"), 200, "revoked laptop of bo", "The laptop was stolen.")
	bo.want(bo.answers(bo.gatePage(), "approve/passkey", ""), 409, "You have no passkey here yet")
	// What is lost is made good by a new first key, for which somebody vouches.
	bo.key = newKey()
	bo.signIn().enrol()
	again := keyPath(bo, d.Bo)
	cy.want(cy.post(again+"/vouch", cy.sign(cy.want(cy.get(again), 200))), 303)
	bo.want(bo.get("/you"), 200, "counts laptop of bo", "Vouched for by @cy")
}

// presuming rules take everything for an agent's that nothing proves human.
const presuming = keyRules + "agents: { presume: agent }\n"

func TestWhoOpenedItSignsThatItIsTheirs(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, presuming)
	bo, cy := d.browser("bo").signIn().enrol(), d.browser("cy").signIn().enrol()
	d.later(25 * time.Hour)
	bo.signIn()
	cy.signIn()
	d.again(fakehub.NewPull{Author: d.Bo, Message: "Drop it"}, "Held: needs 1 approval")
	shown := bo.want(bo.gatePage(), 200, "Is it yours?")
	if p := cy.gatePage(); strings.Contains(p.body, "Is it yours?") {
		t.Error("another is asked whether it is theirs")
	}
	cy.want(cy.post("/mine", url.Values{"ticket": {cy.field(cy.gatePage(), ticket)}}), 403, "Only whoever opened it")
	asked := bo.want(bo.post("/mine", url.Values{"ticket": {bo.field(shown, ticket)}}), 200, "This is what your passkey signs", "I, @bo",
		d.pull.HeadSHA())
	form := bo.sign(asked)
	cy.want(cy.post("/mine/signed", form), 400, "another session")
	if d.passes() {
		t.Fatal("it passes by what was not signed yet")
	}
	bo.want(bo.post("/mine/signed", form), 303)
	d.says("Passed", "Signed as theirs by @bo, passkey")
	if !d.passes() {
		t.Error("what its author signed for is held")
	}
	bo.want(bo.post("/mine/signed", form), 409)
	bo.want(bo.gatePage(), 200, "Signed as theirs by @bo")
	d.push() // which the same account made, and nobody signed for
	if d.passes() {
		t.Error("a push stands on what was signed of another head")
	}
}

func TestAttackClaimOfAnAgentsWork(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, presuming)
	bo := d.keyed("bo")
	shown := bo.gatePage() // of what ana had her agent do
	bo.want(bo.post("/mine", url.Values{"ticket": {bo.field(shown, ticket)}}), 403, "Only whoever opened it")
	d.again(fakehub.NewPull{Author: d.Bo, Files: testworld.Dropped, Message: "Drop it\n\nCo-Authored-By: Claude <noreply@anthropic.com>"},
		"Held: needs 1 approval")
	bo.signIn()
	shown = bo.gatePage()
	if strings.Contains(shown.body, "Is it yours?") {
		t.Error("who opened it is asked to sign for an agent's work")
	}
	if ticket.MatchString(shown.body) {
		bo.want(bo.post("/mine", url.Values{"ticket": {bo.field(shown, ticket)}}), 409, "no signature takes away")
	}
	if d.passes() {
		t.Error("it was released")
	}
}
