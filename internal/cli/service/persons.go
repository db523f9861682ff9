package service

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/mail"
	"github.com/gatehold/gatehold/internal/notify/slack"
	"github.com/gatehold/gatehold/internal/usecase/digests"
	"github.com/gatehold/gatehold/internal/web"
)

// persons are the ways in which single people are told, by the channels that the
// configuration has: members of a workspace as its app, addresses by the mail server that
// is for people.
type persons struct {
	channels []config.Channel
	client   *http.Client
	sealer   *web.Sealer
	origin   string
}

// personsOf are those ways; nil where nobody can sign in to say how they want to be told.
func personsOf(c config.Config, sealer *web.Sealer) *persons {
	if sealer == nil || !c.SignIn() {
		return nil
	}
	return &persons{channels: c.Notify, sealer: sealer, origin: strings.TrimSuffix(c.PublicURL, "/"),
		client: notify.NewClient(http.DefaultTransport.(*http.Transport).Clone())}
}

// Slack leads to a member.
func (p *persons) Slack(of gate.SlackUser) notify.Channel {
	i := slices.IndexFunc(p.channels, func(c config.Channel) bool { return c.Signing != "" && c.Team == of.Team })
	if i < 0 {
		return nil
	}
	c := p.channels[i]
	return slack.New(slack.Config{Name: c.Name, Token: c.Token, Channel: of.User, API: c.URL, Client: p.client, Now: time.Now})
}

// Mail leads to an address.
func (p *persons) Mail(address string) notify.Channel {
	i := slices.IndexFunc(p.channels, func(c config.Channel) bool { return c.People })
	if i < 0 {
		return nil
	}
	c := p.channels[i]
	c.To = []string{address}
	return mailOf(c)
}

// Leave is where an address is told no more.
func (p *persons) Leave(id int64, address string, now time.Time) string {
	sealed, err := p.sealer.SealLeave(now, id, address)
	if err != nil {
		return ""
	}
	return p.origin + "/unsubscribe?of=" + url.QueryEscape(sealed)
}

// Confirm sends somebody a link by which they show that an address is theirs.
func (p *persons) Confirm(ctx context.Context, id, address, link string) error {
	to := p.Mail(address)
	if to == nil {
		return &gate.Error{Code: "channel_off", Text: "This server sends no mail to single people."}
	}
	_, err := to.Send(ctx, notify.Delivery{Message: notify.Message{
		ID: "msg_" + id, Thread: "address", State: notify.Held, At: time.Now(), Subject: "gatehold",
		Title:    "Is this your address?",
		Sentence: "Somebody who is signed in to gatehold wants to be told by mail here. If that was not you, do nothing: nothing more is sent.",
		Page:     link,
	}})
	return err
}

// Mails reports whether single people can be told by mail.
func (p *persons) Mails() bool {
	return slices.ContainsFunc(p.channels, func(c config.Channel) bool { return c.People })
}

func mailOf(c config.Channel) notify.Channel {
	return mail.New(mail.Config{
		Name: c.Name, Host: c.Host, Port: c.Port, Security: c.Security, User: c.User, Password: c.Password, From: c.From, To: c.To,
	})
}

// waits is what waits for a person, by the lists.
type waits struct{ lists func() *board.Board }

// Waits lists what waits for a person's answer.
func (w waits) Waits(ctx context.Context, who gate.Actor) ([]digests.Hold, error) {
	list, err := w.lists().Holds(ctx, who, "")
	if err != nil {
		return nil, err
	}
	var out []digests.Hold
	for _, h := range list.Gates {
		if h.Standing == gate.IsHeld || len(h.Review) > 0 {
			out = append(out, digests.Hold{Stream: h.Stream, Subject: h.Subject, Title: h.Title, Level: h.Level, Since: h.Since})
		}
	}
	if len(out) == 0 && list.Unasked > 0 {
		return nil, &gate.Error{Code: "github_unavailable",
			Text: fmt.Sprintf("GitHub does not tell whether %d repositories may be seen by who is to be told.", list.Unasked)}
	}
	return out, nil
}

// waysOf are the ways of persons, where there are any.
func waysOf(p *persons) digests.Ways {
	if p == nil {
		return nil
	}
	return p
}
