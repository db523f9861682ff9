package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

// Slack authenticates and translates what Slack sends when somebody presses a button, and
// tells them alone what came of it. Its errors are *gate.Error.
type Slack interface {
	Read(header http.Header, body []byte) (notify.Press, error)
	Say(ctx context.Context, to string, r notify.Reply) error
}

// Links tells who a member of Slack is, and takes their side of a link.
type Links interface {
	InSlack(ctx context.Context, of gate.SlackUser) (gate.Actor, error)
	LinkedBy(ctx context.Context, l accounts.Linking) (gate.Actor, error)
	Confirm(ctx context.Context, l accounts.Linking, by int64) error
	Disown(ctx context.Context, l accounts.Linking) error
}

// slackDoor is the door by which people answer in Slack. Before Slack is answered, which
// waits for three seconds, the answer is on record; what becomes of it is said after.
type slackDoor struct {
	slack   Slack // nil: the channel is off
	links   Links
	answers Answers
	sealer  *Sealer
	intake  *intake
	origin  string
	after   chan struct{} // has room for who is told what came of it
	slog    *slog.Logger
	now     func() time.Time
}

const (
	slackPath = "/slack/actions"
	maxPress  = 256 << 10 // the message that was pressed on is in it

	sealedPress = "press in Slack"
	sealedLink  = "link from Slack"

	pressTime = 2500 * time.Millisecond
	afterTime = 30 * time.Second
	afterOnce = 32
	linkLife  = 15 * time.Minute
)

// SealSight seals what the buttons of a message are for.
func (s *Sealer) SealSight(until time.Time, saw notify.Sight) (string, error) {
	return s.seal(sealedPress, until, saw)
}

// linked is what the buttons of a link in Slack carry: whom it is to, once that was said.
type linked struct {
	accounts.Linking
	By int64 `json:"by,omitempty"`
}

func (d Deps) openSlack(engine *gin.Engine, bodies *intake) {
	door := &slackDoor{slack: d.Slack, answers: d.Answers, sealer: d.Sealer, intake: bodies, after: make(chan struct{}, afterOnce),
		slog: d.Slog, now: d.Now}
	if d.People != nil {
		door.links, door.origin = d.People.Links, d.People.Origin
	}
	engine.POST(slackPath, door.take)
}

// take takes a press. An answer that is no success is shown by Slack as one.
func (d *slackDoor) take(c *gin.Context) {
	if d.slack == nil || d.links == nil || d.answers == nil || d.sealer == nil {
		refuse(c, d.slog, &gate.Error{Code: "channel_off", Text: "This server takes no answers by Slack."})
		return
	}
	body, done, err := d.intake.read(c, maxPress, io.Discard)
	defer done()
	var press notify.Press
	if err == nil {
		press, err = d.slack.Read(c.Request.Header, body)
	}
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), pressTime)
	defer cancel()
	say, err := d.act(ctx, press)
	var known *gate.Error
	switch {
	case errors.As(err, &known) && known.Code != "store_unavailable":
		say = func(context.Context) notify.Reply { return notify.Reply{Text: known.Text} }
	case err != nil:
		refuse(c, d.slog, err)
		return
	}
	c.Status(http.StatusOK)
	d.tell(press, say)
}

// tell tells the presser what there is to tell, after Slack was answered. It is lost where
// gatehold ends meanwhile: what counts is on record, and the message follows it.
func (d *slackDoor) tell(press notify.Press, say func(context.Context) notify.Reply) {
	if say == nil {
		return
	}
	select {
	case d.after <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-d.after }()
		ctx, cancel := context.WithTimeout(context.Background(), afterTime)
		defer cancel()
		if err := d.slack.Say(ctx, press.Reply, say(ctx)); err != nil {
			d.slog.Warn("a press in Slack was not answered there", "code", gate.AsError(err).Code, "error", err)
		}
	}()
}

// act does what a button is for, and returns how it is answered; nil: not at all.
func (d *slackDoor) act(ctx context.Context, press notify.Press) (func(context.Context) notify.Reply, error) {
	switch press.Button {
	case notify.Approves:
		return d.answer(ctx, press, gate.Approve)
	case notify.Denies:
		return d.answer(ctx, press, gate.Deny)
	case notify.Links, notify.Confirms, notify.Disowns:
		reply, err := d.link(ctx, press)
		return func(context.Context) notify.Reply { return reply }, err
	}
	return nil, nil // a button that leads to a page: Slack tells of it too
}

// answer puts an answer on record, of whom the member of Slack is linked to. It is to what
// the message showed: what has changed since is told, and decides nothing.
func (d *slackDoor) answer(ctx context.Context, press notify.Press, a gate.Answer) (func(context.Context) notify.Reply, error) {
	var saw notify.Sight
	if err := d.sealer.open(sealedPress, press.Value, 0, &saw); err != nil {
		return nil, &gate.Error{Code: "ticket_invalid", Err: err,
			Text: "The buttons of this message have run out, or are not of this server. Answer on the page of the gate."}
	}
	if saw.Place != press.Place {
		return nil, &gate.Error{Code: "target_mismatch",
			Text: "This button is a copy of one in another channel of Slack. Answer on the message there."}
	}
	who, err := d.links.InSlack(ctx, press.By)
	if err != nil && gate.AsError(err).Code == "not_linked" {
		reply, err := d.linkable(press)
		return func(context.Context) notify.Reply { return reply }, err
	}
	if err != nil {
		return nil, err
	}
	key := gate.ViaSlack + ":" + saw.ID + ":" + strconv.FormatInt(who.ID, 10) + ":" + string(a)
	if _, err := d.answers.Offer(ctx, saw.Stream, key, gate.Offered{
		By: who, Answer: a, Via: gate.ViaSlack, Reason: press.Reason, For: saw.For, Saw: gate.Sight{Version: saw.Version},
	}); err != nil {
		return nil, err
	}
	return func(ctx context.Context) notify.Reply { return d.outcome(ctx, who, saw, key) }, nil
}

// outcome is what became of an answer; where something has changed since the message was
// painted, what.
func (d *slackDoor) outcome(ctx context.Context, who gate.Actor, saw notify.Sight, key string) notify.Reply {
	out, err := settled(ctx, d.answers, saw.Stream, key, saw.Version)
	if err != nil {
		return notify.Reply{Text: gate.AsError(err).Text}
	}
	reply := notify.Reply{Text: out.Text, Link: [2]string{d.origin + "/gates/" + saw.Stream, "See it in gatehold"}}
	switch out.Code {
	case "head_moved", "attempt_moved", "verdict_moved":
		look, err := d.answers.Look(ctx, who, saw.Stream, gate.Offered{Answer: gate.Deny, Via: gate.ViaSlack})
		if err == nil && look.For != saw.For {
			reply.Text += " " + moved(saw.For, look.For)
		}
	}
	return reply
}

// settled waits a little for a choice to be counted or refused.
func settled(ctx context.Context, from Answers, stream, key string, after uint64) (answers.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, outcomeTime)
	defer cancel()
	pause := time.NewTicker(outcomePause)
	defer pause.Stop()
	for {
		out, err := from.Outcome(ctx, stream, key, after)
		if err != nil || out.State != "pending" {
			return out, err
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return out, nil
		}
	}
}

// linkable gives a member of Slack a link that only they are shown, by which they say at
// gatehold who they are.
func (d *slackDoor) linkable(press notify.Press) (notify.Reply, error) {
	l := accounts.Linking{Nonce: rand.Text(), Of: press.By, Until: d.now().Add(linkLife).UTC().Truncate(time.Second)}
	sealed, err := d.sealer.seal(sealedLink, l.Until, linked{Linking: l})
	if err != nil {
		return notify.Reply{}, err
	}
	return notify.Reply{
		Text: "gatehold does not know yet who you are at GitHub. Open the link, which is good for you alone, once, and for 15 minutes; " +
			"sign in and confirm there; then come back and confirm here.",
		Link:    [2]string{d.origin + "/you/slack?link=" + url.QueryEscape(sealed), "Say who I am"},
		Buttons: []notify.ReplyButton{{Button: notify.Links, Text: "I have confirmed there", Value: sealed}},
	}, nil
}

// openLink opens what a link, or one of its buttons, carries.
func (s *Sealer) openLink(sealed string) (linked, error) {
	var l linked
	switch err := s.open(sealedLink, sealed, 0, &l); {
	case errors.Is(err, errRunOut):
		return l, &gate.Error{Code: "link_expired", Err: err,
			Text: "This link from Slack has run out. Press the button in Slack again for another."}
	case err != nil:
		return l, &gate.Error{Code: "link_unknown", Text: "This is no link from Slack. Press the button there again.", Err: err}
	}
	return l, nil
}

// link is Slack's side of a link.
func (d *slackDoor) link(ctx context.Context, press notify.Press) (notify.Reply, error) {
	l, err := d.sealer.openLink(press.Value)
	if err != nil {
		return notify.Reply{}, err
	}
	if !l.Of.Is(press.By) {
		return notify.Reply{}, &gate.Error{Code: "link_unknown", Text: "This link was made for somebody else in Slack."}
	}
	switch {
	case press.Button == notify.Links:
		return d.asked(ctx, l.Linking)
	case press.Button == notify.Disowns:
		return notify.Reply{Text: "Nothing was linked. If somebody asked you to open that link, tell whoever looks after gatehold."},
			d.links.Disown(ctx, l.Linking)
	case l.By == 0:
		return notify.Reply{}, &gate.Error{Code: "link_unknown", Text: "This button is not of a link that somebody has confirmed."}
	}
	if err := d.links.Confirm(ctx, l.Linking, l.By); err != nil {
		return notify.Reply{}, err
	}
	return notify.Reply{Text: "You are linked. What you press here is pressed by that account from now on, until you remove the link on its " +
		"page. Press the button of the message again.", Link: [2]string{d.origin + "/you", "Your page"}}, nil
}

// asked shows who says to be a member of Slack, for the member to say the same.
func (d *slackDoor) asked(ctx context.Context, l accounts.Linking) (notify.Reply, error) {
	by, err := d.links.LinkedBy(ctx, l)
	if err != nil {
		return notify.Reply{}, err
	}
	sealed, err := d.sealer.seal(sealedLink, l.Until, linked{Linking: l, By: by.ID})
	if err != nil {
		return notify.Reply{}, err
	}
	return notify.Reply{
		Text: "@" + by.Login + " at GitHub says that you are them. If that is you, what you press in Slack is pressed by @" + by.Login +
			" from now on.",
		Buttons: []notify.ReplyButton{
			{Button: notify.Confirms, Text: notify.Clip("I am @"+by.Login, 60), Value: sealed},
			{Button: notify.Disowns, Text: "That is not me", Value: sealed},
		},
	}, nil
}
