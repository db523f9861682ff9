//go:build services

package stories

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/notify/slack"
	"github.com/gatehold/gatehold/internal/usecase/digests"
)

// letters are those that people were sent, by address.
type letters struct {
	mu   sync.Mutex
	sent map[string][]notify.Message
}

func (l *letters) to(address string) []notify.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]notify.Message(nil), l.sent[address]...)
}

// persons are the ways to single people of a rig.
type persons struct{ *rig }

type letterbox struct {
	*rig
	address string
}

func (letterbox) Check(context.Context) error { return nil }

func (b letterbox) Send(_ context.Context, d notify.Delivery) (string, error) {
	b.letters.mu.Lock()
	defer b.letters.mu.Unlock()
	if b.letters.sent == nil {
		b.letters.sent = map[string][]notify.Message{}
	}
	b.letters.sent[b.address] = append(b.letters.sent[b.address], d.Message)
	return d.ID, nil
}

func (p persons) Slack(of gate.SlackUser) notify.Channel {
	s := p.inSlack()[0].To.(*slack.Slack).Config
	s.Channel = of.User
	return slack.New(s)
}

func (p persons) Mail(address string) notify.Channel { return letterbox{p.rig, address} }

func (p persons) Leave(id int64, address string, now time.Time) string {
	sealed, err := p.sealer().SealLeave(now, id, address)
	p.must(err)
	return pagesAt + "/unsubscribe?of=" + url.QueryEscape(sealed)
}

func (p persons) Mails() bool { return true }

func (p persons) Confirm(ctx context.Context, id, address, link string) error {
	_, err := p.Mail(address).Send(ctx, notify.Delivery{Message: notify.Message{ID: id, Page: link}})
	return err
}

func (p persons) Waits(ctx context.Context, who gate.Actor) ([]digests.Hold, error) {
	list, err := p.lists.Holds(ctx, who, "")
	var out []digests.Hold
	for _, h := range list.Gates {
		out = append(out, digests.Hold{Stream: h.Stream, Subject: h.Subject, Title: h.Title, Level: h.Level, Since: h.Since})
	}
	return out, err
}

func settingsForm(more ...string) url.Values {
	form := url.Values{"when": {"daily"}, "hour": {"12"}, "zone": {"UTC"}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// Somebody asks for a digest by mail and in Slack, gets it once a day, and leaves by the
// one request that their mail program sends.
func TestADigestIsAskedForAndLeft(t *testing.T) {
	t.Parallel()
	d := newSlack(t, slackRules)
	bo := d.linked("UBO", d.browser("bo").signIn())
	const address = "bo@acme.example"
	bo.want(bo.post("/you/settings", settingsForm("slack", "yes", "mail", address)), 303)
	if strings.Contains(bo.get("/you").body, address) {
		t.Fatal("an address is somebody's that they did not show to be theirs")
	}
	sent := d.letters.to(address)
	if len(sent) != 1 {
		t.Fatalf("%d letters were sent", len(sent))
	}
	link := strings.TrimPrefix(sent[0].Page, pagesAt)
	cy := d.browser("cy").signIn()
	cy.want(cy.get(link), 400, "sent for another person")
	shown := bo.want(bo.get(link), 200, "Is this your address?", address)
	bo.want(bo.post("/you/mail", url.Values{"ticket": {bo.field(shown, ticket)}}), 303)
	if !strings.Contains(bo.get("/you").body, address) {
		t.Fatal("the address is not kept")
	}
	d.settle()
	if len(d.letters.to(address)) != 1 || len(d.slack.Direct("UBO")) != 0 {
		t.Fatal("a digest came before its hour")
	}
	noon := d.clock.now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	d.later(noon.Sub(d.clock.now()) + time.Second)
	d.until(time.Minute, "no digest came", func() bool { return len(d.letters.to(address)) == 2 && len(d.slack.Direct("UBO")) == 1 })
	digest := d.letters.to(address)[1]
	if digest.Title != "1 change waits for you" || len(digest.Findings) != 1 || !strings.HasPrefix(digest.Findings[0], d.name()+": Held") {
		t.Errorf("the digest says %+v", digest)
	}
	leave := strings.TrimPrefix(digest.Leave, pagesAt)
	program := d.browser("cy") // nobody is signed in there
	program.want(program.get(leave), 200, "No more mail?", address)
	program.want(program.get(leave+"x"), 400)
	program.want(program.ask("POST", leave, "cross-site", url.Values{"List-Unsubscribe": {"One-Click"}}), 200, "No more mail is sent")
	d.later(24 * time.Hour)
	d.until(time.Minute, "Slack was left too", func() bool { return len(d.slack.Direct("UBO")) == 2 })
	d.settle()
	if n := len(d.letters.to(address)); n != 2 {
		t.Errorf("after leaving there are %d letters", n)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	t.Parallel()
	d := newSlack(t, slackRules)
	bo := d.browser("bo").signIn()
	for says, form := range map[string]url.Values{
		"The hour is one":          settingsForm("hour", "24"),
		"no time zone":             settingsForm("zone", "Mars/Base"),
		"There is no time zone":    settingsForm("zone", "Local"),
		"Quiet hours are written":  settingsForm("quiet", "22-7"),
		"An address is written":    settingsForm("mail", "Bo <bo@acme.example>"),
		"An address is written as": settingsForm("mail", "bo@acme.example\r\nBcc: all@acme.example"),
		"never, at once, each day": settingsForm("when", "hourly"),
	} {
		bo.want(bo.post("/you/settings", form), 400, says)
	}
	bo.want(bo.ask("POST", "/you/settings", "cross-site", settingsForm()), 403, "Another site sent this")
	for range 3 {
		bo.want(bo.post("/you/settings", settingsForm("mail", "eve@acme.example")), 303)
	}
	bo.want(bo.post("/you/settings", settingsForm("mail", "eve@acme.example")), 429)
	if n := len(d.letters.to("eve@acme.example")); n != 3 {
		t.Errorf("somebody else's mailbox has %d letters", n)
	}
}

// Who wants to be told at once is told when it begins to wait, alone.
func TestOneIsToldAtOnce(t *testing.T) {
	t.Parallel()
	d := newSlack(t, slackRules)
	bo := d.linked("UBO", d.browser("bo").signIn())
	bo.want(bo.post("/you/settings", settingsForm("when", "at_once", "slack", "yes")), 303)
	d.until(2*time.Minute, "nobody is told", func() bool { return len(d.slack.Direct("UBO")) == 1 })
	d.presses(notifytest.Pressed{User: "UBO", Button: notify.Denies, Value: d.carried(notify.Denies)}, "It counts: @bo, deny by slack.")
	d.later(10 * time.Minute)
	d.settle()
	if n := len(d.slack.Direct("UBO")); n != 1 {
		t.Errorf("told %d times", n)
	}
}
