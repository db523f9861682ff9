package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web/page"
)

// Keys are how people make passkeys.
type Keys interface {
	Enrol(ctx context.Context, s accounts.Session) (accounts.Ceremony, error)
	Enrolled(ctx context.Context, s accounts.Session, statement string, response []byte, name string) (accounts.Made,
		*accounts.Ceremony, error)
	Add(ctx context.Context, s accounts.Session, made accounts.Made, statement string, response []byte) error
	Revoke(ctx context.Context, s accounts.Session, key string) error
}

// Vouches are how people say whose somebody else's key is.
type Vouches interface {
	Vouching(ctx context.Context, s accounts.Session, other int64, key string) (accounts.Ceremony, accounts.Shown, error)
	Vouch(ctx context.Context, s accounts.Session, other int64, key, statement string, response []byte) error
	Object(ctx context.Context, s accounts.Session, other int64, key, reason string) error
}

// Endings are how owners of an organisation end the keys of others.
type Endings interface {
	// Governed are the people with keys of whom somebody may end some.
	Governed(ctx context.Context, s accounts.Session) ([]account.State, error)
	Ending(ctx context.Context, s accounts.Session, other int64, key, reason string) (accounts.Ceremony, error)
	End(ctx context.Context, s accounts.Session, other int64, key, statement string, response []byte) error
}

// you are the pages of a person's own sessions and passkeys, and of a colleague's
// passkey that waits.
type you struct {
	*sessions
	keys    Keys
	vouches Vouches
	letters Letters
	board   Board
	endings Endings
}

// sealedCeremony is what a page carries of what a browser was asked to do.
const sealedCeremony = "ceremony"

// ceremony is sealed for the session in which it began.
type ceremony struct {
	Session   string        `json:"session"`
	Statement string        `json:"statement"`
	Name      string        `json:"name,omitempty"`
	Made      accounts.Made `json:"made,omitzero"`
}

// sealedFor seals what a browser of a session was asked.
func (s *sessions) sealedFor(v viewer, c ceremony) (string, error) {
	c.Session = v.session.ID()
	st, err := gate.ReadStatement(c.Statement)
	if err != nil {
		return "", err
	}
	return s.sealer.seal(sealedCeremony, st.Expires, c)
}

// answered is what came back of a ceremony.
func (s *sessions) answered(c *gin.Context, v viewer) (ceremony, []byte, error) {
	var began ceremony
	if err := s.sealer.open(sealedCeremony, c.PostForm("ticket"), 0, &began); err != nil {
		return began, nil, sealedError("ticket", err)
	}
	if began.Session != v.session.ID() {
		return began, nil, &gate.Error{Code: "ticket_invalid", Text: "This page was made for another session. Load it again."}
	}
	return began, []byte(c.PostForm("response")), nil
}

func (y *you) show(c *gin.Context) {
	v := viewerOf(c)
	draw(c, y.slog, page.You{Frame: y.frame(v), Account: v.account, Session: v.session.ID(), Origin: y.origin, Now: y.now(),
		Mails: y.letters != nil && y.letters.Mails()}.HTML())
}

// enrol asks the browser for a new key.
func (y *you) enrol(c *gin.Context) {
	v := viewerOf(c)
	asked, err := y.keys.Enrol(c.Request.Context(), v.session)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	ticket, err := y.sealedFor(v, ceremony{Statement: asked.Statement, Name: c.PostForm("name")})
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	drawPasskey(c, y.slog, page.Ceremony{
		Frame: y.frame(v), Title: "A new passkey", To: "/you/keys/made", Ticket: ticket, Options: asked.Options,
		Create: true, Script: scriptPath(),
	}.HTML())
}

// made takes a new key. A further one has to be signed for first.
func (y *you) made(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := y.answered(c, v)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	made, add, err := y.keys.Enrolled(c.Request.Context(), v.session, began.Statement, response, began.Name)
	switch {
	case err != nil:
		refuse(c, y.slog, err)
		return
	case add == nil:
		c.Redirect(http.StatusSeeOther, "/you")
		return
	}
	ticket, err := y.sealedFor(v, ceremony{Statement: add.Statement, Made: made})
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	drawPasskey(c, y.slog, page.Ceremony{
		Frame: y.frame(v), Title: "Sign for the new passkey", To: "/you/keys/add", Ticket: ticket, Options: add.Options, Script: scriptPath(),
		Says: []page.Fact{{Name: "New passkey", Text: made.Key.Name}, {Name: "Signed by", Text: "one of yours that counts already"}},
	}.HTML())
}

func (y *you) add(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := y.answered(c, v)
	if err == nil {
		err = y.keys.Add(c.Request.Context(), v.session, began.Made, began.Statement, response)
	}
	y.done(c, err, "/you")
}

func (y *you) revoke(c *gin.Context) {
	y.done(c, y.keys.Revoke(c.Request.Context(), viewerOf(c).session, c.PostForm("key")), "/you")
}

func (y *you) done(c *gin.Context, err error, to string) {
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, to)
}

func otherOf(c *gin.Context) int64 {
	id, err := strconv.ParseInt(c.Param("account"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// vouching shows a colleague's key that waits.
func (y *you) vouching(c *gin.Context) {
	v, other, key := viewerOf(c), otherOf(c), c.Param("key")
	whose, err := y.accounts.Account(c.Request.Context(), other)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	asked, k, err := y.vouches.Vouching(c.Request.Context(), v.session, other, key)
	known := gate.AsError(err)
	if err != nil && (k.ID == "" || known.Code != "key_needed" && known.Code != "key_waiting" && known.Code != "not_voucher" &&
		known.Code != "passkeys_off") {
		refuse(c, y.slog, err)
		return
	}
	view := page.Vouch{Frame: y.frame(v), Whose: whose.Actor, Key: k.Key, Ends: k.Ends, Now: y.now(), Script: scriptPath()}
	if err != nil {
		view.Cannot = known.Text
	} else if view.Ticket, err = y.sealedFor(v, ceremony{Statement: asked.Statement}); err != nil {
		refuse(c, y.slog, err)
		return
	}
	view.Options = asked.Options
	drawPasskey(c, y.slog, view.HTML())
}

func (y *you) vouch(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := y.answered(c, v)
	if err == nil {
		err = y.vouches.Vouch(c.Request.Context(), v.session, otherOf(c), c.Param("key"), began.Statement, response)
	}
	y.done(c, err, "/you")
}

func (y *you) object(c *gin.Context) {
	v := viewerOf(c)
	reason, err := reasonOf(c)
	if err == nil {
		err = y.vouches.Object(c.Request.Context(), v.session, otherOf(c), c.Param("key"), reason)
	}
	y.done(c, err, "/you")
}

// people lists those of whom the viewer may end passkeys.
func (y *you) people(c *gin.Context) {
	v := viewerOf(c)
	all, err := y.endings.Governed(c.Request.Context(), v.session)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	draw(c, y.slog, page.People{Frame: y.frame(v), People: all, Now: y.now()}.HTML())
}

// ending shows what a passkey signs so that another's counts no more.
func (y *you) ending(c *gin.Context) {
	v, other, key := viewerOf(c), otherOf(c), c.Param("key")
	reason, err := reasonOf(c)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	asked, err := y.endings.Ending(c.Request.Context(), v.session, other, key, reason)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	whose, err := y.accounts.Account(c.Request.Context(), other)
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	ticket, err := y.sealedFor(v, ceremony{Statement: asked.Statement})
	if err != nil {
		refuse(c, y.slog, err)
		return
	}
	at := "/people/" + strconv.FormatInt(other, 10) + "/keys/" + key
	k, _ := whose.Key(key)
	drawPasskey(c, y.slog, page.Ceremony{
		Frame: y.frame(v), Title: "End a passkey of @" + whose.Actor.Login, To: at + "/ended", Back: at, Ticket: ticket, Options: asked.Options,
		Script: scriptPath(),
		Says: []page.Fact{{Name: "Whose", Text: "@" + whose.Actor.Login}, {Name: "Passkey", Text: k.Name}, {Name: "Id", Text: key, Code: true},
			{Name: "Reason", Text: reason}, {Name: "What it does", Text: "It counts no more, for good, and what stands on it is void."}},
	}.HTML())
}

func (y *you) ended(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := y.answered(c, v)
	if err == nil {
		err = y.endings.End(c.Request.Context(), v.session, otherOf(c), c.Param("key"), began.Statement, response)
	}
	y.done(c, err, "/people/"+strconv.FormatInt(otherOf(c), 10)+"/keys/"+url.PathEscape(c.Param("key")))
}
