package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web/page"
)

// Settings takes how somebody wants to be told.
type Settings interface {
	Settle(ctx context.Context, s accounts.Session, want gate.Settings) error
	Address(ctx context.Context, s accounts.Session, address string) error
	Unsubscribe(ctx context.Context, id int64, address string) error
}

// Letters sends somebody a link to an address that they say is theirs.
type Letters interface {
	Mails() bool
	Confirm(ctx context.Context, id, address, link string) error
}

// settings are where people say how they want to be told.
type settings struct {
	*sessions
	own     Settings
	letters Letters
	limit   *limiter // of links that are sent: nobody's mailbox is filled by another
}

const (
	sealedAddress = "address"
	sealedLeave   = "unsubscribe"
	addressLife   = time.Hour
	leaveLife     = 90 * 24 * time.Hour

	mailEvery, mailBurst               = 10 * time.Minute, 3
	mailEveryOverall, mailBurstOverall = 10 * time.Second, 30
	maxAddress                         = 254
)

// addressed is an address that an account says to have, or has.
type addressed struct {
	Account int64  `json:"account"`
	Address string `json:"address"`
}

// SealLeave seals that an account is told no more at an address.
func (s *Sealer) SealLeave(now time.Time, account int64, address string) (string, error) {
	return s.seal(sealedLeave, now.Add(leaveLife), addressed{account, address})
}

// set takes the form. Another address is sent a link first.
func (t *settings) set(c *gin.Context) {
	v := viewerOf(c)
	want, address, err := wantedOf(c)
	if err == nil {
		err = t.own.Settle(c.Request.Context(), v.session, want)
	}
	switch was := v.account.Settings.Mail; {
	case err != nil || address == was:
	case address == "":
		err = t.own.Address(c.Request.Context(), v.session, "")
	default:
		err = t.ask(c, v, address)
	}
	if err != nil {
		refuse(c, t.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/you")
}

// ask sends a link to an address.
func (t *settings) ask(c *gin.Context, v viewer, address string) error {
	if t.letters == nil || !t.letters.Mails() {
		return &gate.Error{Code: "channel_off", Text: "This server sends no mail to single people."}
	}
	if err := t.limit.allow(c.ClientIP()); err != nil {
		return err
	}
	sealed, err := t.sealer.seal(sealedAddress, t.now().Add(addressLife), addressed{v.actor().ID, address})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), stepTime)
	defer cancel()
	return t.letters.Confirm(ctx, rand.Text(), address, t.origin+"/you/mail?address="+url.QueryEscape(sealed))
}

// wantedOf is what a form says.
func wantedOf(c *gin.Context) (want gate.Settings, address string, err error) {
	wrong := func(text string) (gate.Settings, string, error) {
		return gate.Settings{}, "", &gate.Error{Code: "request_invalid", Text: text}
	}
	hour, herr := strconv.Atoi(c.PostForm("hour"))
	want = gate.Settings{
		Slack: c.PostForm("slack") != "", When: c.PostForm("when"), Hour: hour, Zone: strings.TrimSpace(c.PostForm("zone")),
		Quiet: strings.TrimSpace(c.PostForm("quiet")), Wake: c.PostForm("wake") != "",
	}
	address = strings.TrimSpace(c.PostForm("mail"))
	switch want.When {
	case "", gate.AtOnce, gate.Daily, gate.Weekdays:
	default:
		return wrong("You are told never, at once, each day or on weekdays.")
	}
	if herr != nil || hour < 0 || hour > 23 {
		return wrong("The hour is one from 0 to 23.")
	}
	if _, err := time.LoadLocation(want.Zone); err != nil || want.Zone == "Local" || len(want.Zone) > 64 {
		return wrong("There is no time zone of this name: write one as in Europe/Berlin.")
	}
	if _, err := notify.ParseQuiet(want.Quiet); want.Quiet != "" && (err != nil || strings.Contains(want.Quiet, " ")) {
		return wrong("Quiet hours are written as in 22:00-07:00; the zone stands beside them.")
	}
	if read, err := mail.ParseAddress(address); address != "" && (err != nil || read.Address != address || len(address) > maxAddress) {
		return wrong("An address is written as in ana@acme.example.")
	}
	return want, address, nil
}

// opened is an address that was sent to, of whoever is signed in.
func (t *settings) opened(sealed string, v viewer) (addressed, error) {
	var a addressed
	if err := t.sealer.open(sealedAddress, sealed, 0, &a); err != nil {
		return a, sealedError("ticket", err)
	}
	if a.Account != v.actor().ID {
		return a, &gate.Error{Code: "ticket_invalid", Text: "This link was sent for another person. Sign in as who asked for it."}
	}
	return a, nil
}

// mail shows an address that somebody brought back.
func (t *settings) mail(c *gin.Context) {
	v := viewerOf(c)
	a, err := t.opened(c.Query("address"), v)
	if err != nil {
		refuse(c, t.slog, err)
		return
	}
	draw(c, t.slog, page.Asked{Frame: t.frame(v), Title: "Is this your address?", What: a.Address, To: "/you/mail", Ticket: c.Query("address"),
		Yes: "It is: tell me there"}.HTML())
}

func (t *settings) confirm(c *gin.Context) {
	v := viewerOf(c)
	a, err := t.opened(c.PostForm("ticket"), v)
	if err == nil {
		err = t.own.Address(c.Request.Context(), v.session, a.Address)
	}
	if err != nil {
		refuse(c, t.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/you")
}

// leaving shows what a link at the end of a message does: looking at it does nothing, for
// programs look at links too.
func (t *settings) leaving(c *gin.Context) {
	var a addressed
	if err := t.sealer.open(sealedLeave, c.Query("of"), 0, &a); err != nil {
		refuse(c, t.slog, sealedError("ticket", err))
		return
	}
	draw(c, t.slog, page.Asked{Title: "No more mail?", What: a.Address, To: "/unsubscribe", Ticket: c.Query("of"), Yes: "Send no more"}.HTML())
}

// leave takes one request that ends the messages to an address: a mail program's, or that
// of the page. https://www.rfc-editor.org/rfc/rfc8058
func (t *settings) leave(c *gin.Context) {
	sealed := c.Query("of")
	if sealed == "" {
		sealed = c.PostForm("ticket")
	}
	var a addressed
	err := t.sealer.open(sealedLeave, sealed, 0, &a)
	if err != nil {
		err = sealedError("ticket", err)
	} else {
		err = t.own.Unsubscribe(c.Request.Context(), a.Account, a.Address)
	}
	if err != nil {
		refuse(c, t.slog, err)
		return
	}
	draw(c, t.slog, page.Asked{Title: "No more mail is sent to you.", What: a.Address}.HTML())
}
