package web

import (
	"context"
	"net/http"
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
	Vouching(ctx context.Context, s accounts.Session, other int64, key string, repos []gate.Repo) (accounts.Ceremony, account.Key, error)
	Vouch(ctx context.Context, s accounts.Session, other int64, key, statement string, response []byte, repos []gate.Repo) error
	Object(ctx context.Context, s accounts.Session, other int64, key, reason string, repos []gate.Repo) error
}

// you are the pages of a person's own sessions and passkeys, and of a colleague's
// passkey that waits.
type you struct {
	*sessions
	keys    Keys
	vouches Vouches
	letters Letters
	board   Board
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

// maxMeeting bounds the repositories in which two people are looked for.
const maxMeeting = 50

// meeting are repositories in which two people may meet.
func (y *you) meeting() []gate.Repo {
	var out []gate.Repo
	for _, r := range y.board.Repositories() {
		if len(out) < maxMeeting {
			out = append(out, r.Repo)
		}
	}
	return out
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
	asked, k, err := y.vouches.Vouching(c.Request.Context(), v.session, other, key, y.meeting())
	known := gate.AsError(err)
	if err != nil && (k.ID == "" || known.Code != "key_needed" && known.Code != "key_waiting" && known.Code != "passkeys_off") {
		refuse(c, y.slog, err)
		return
	}
	view := page.Vouch{Frame: y.frame(v), Whose: whose.Actor, Key: k, Now: y.now(), Script: scriptPath()}
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
		err = y.vouches.Vouch(c.Request.Context(), v.session, otherOf(c), c.Param("key"), began.Statement, response, y.meeting())
	}
	y.done(c, err, "/you")
}

func (y *you) object(c *gin.Context) {
	v := viewerOf(c)
	reason, err := reasonOf(c)
	if err == nil {
		err = y.vouches.Object(c.Request.Context(), v.session, otherOf(c), c.Param("key"), reason, y.meeting())
	}
	y.done(c, err, "/you")
}
