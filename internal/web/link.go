package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web/page"
)

// OwnLinks takes the side of a link to Slack of who is signed in.
type OwnLinks interface {
	Linkable(ctx context.Context, s accounts.Session, l accounts.Linking) (*accounts.Ceremony, error)
	Link(ctx context.Context, s accounts.Session, l accounts.Linking, statement string, response []byte) error
	Unlink(ctx context.Context, s accounts.Session, nonce string) error
}

// links are the pages on which somebody says which member of Slack they are.
type links struct {
	*sessions
	own OwnLinks
}

const sealedClaim = "claim of a link"

// claim is what the page of a link carries, for the session in which it was opened.
type claim struct {
	Session   string           `json:"session"`
	Link      accounts.Linking `json:"link"`
	Statement string           `json:"statement,omitempty"`
}

// show shows whom a link from Slack is of.
func (l *links) show(c *gin.Context) {
	v := viewerOf(c)
	opened, err := l.sealer.openLink(c.Query("link"))
	if err != nil {
		refuse(c, l.slog, err)
		return
	}
	asked, err := l.own.Linkable(c.Request.Context(), v.session, opened.Linking)
	if err != nil {
		refuse(c, l.slog, err)
		return
	}
	view := page.Link{Frame: l.frame(v), Member: opened.Of, Until: opened.Until, Script: scriptPath()}
	held := claim{Session: v.session.ID(), Link: opened.Linking}
	if asked != nil {
		view.Options, held.Statement = asked.Options, asked.Statement
	}
	if view.Ticket, err = l.sealer.seal(sealedClaim, opened.Until, held); err != nil {
		refuse(c, l.slog, err)
		return
	}
	drawPasskey(c, l.slog, view.HTML())
}

// claim takes that somebody is the member that a link is of.
func (l *links) claim(c *gin.Context) {
	v := viewerOf(c)
	var held claim
	if err := l.sealer.open(sealedClaim, c.PostForm("ticket"), 0, &held); err != nil {
		refuse(c, l.slog, sealedError("ticket", err))
		return
	}
	if held.Session != v.session.ID() {
		refuse(c, l.slog, &gate.Error{Code: "ticket_invalid", Text: "This page was made for another session. Open the link from Slack again."})
		return
	}
	if err := l.own.Link(c.Request.Context(), v.session, held.Link, held.Statement, []byte(c.PostForm("response"))); err != nil {
		refuse(c, l.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/you")
}

func (l *links) remove(c *gin.Context) {
	if err := l.own.Unlink(c.Request.Context(), viewerOf(c).session, c.PostForm("link")); err != nil {
		refuse(c, l.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/you")
}
