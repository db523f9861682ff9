package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/page"
)

// claim shows what a passkey signs so that a head counts as its person's own work.
func (d *decide) claim(c *gin.Context) {
	v := viewerOf(c)
	var saw sight
	if err := d.sealer.open(sealedSight, c.PostForm("ticket"), 0, &saw); err != nil {
		refuse(c, d.slog, sealedError("ticket", err))
		return
	}
	if saw.Session != v.session.ID() {
		refuse(c, d.slog, &gate.Error{Code: "ticket_invalid", Text: "This page was made for another session. Load it again."})
		return
	}
	asked, err := d.signatures.Claim(c.Request.Context(), v.session, saw.Stream, saw.For)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	st, err := gate.ReadStatement(asked.Statement)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	ticket, err := d.sealedFor(v, ceremony{Statement: asked.Statement})
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	drawPasskey(c, d.slog, page.Ceremony{
		Frame: d.frame(v), Title: "Sign that it is yours", To: "/mine/signed", Back: "/gates/" + saw.Stream, Ticket: ticket,
		Options: asked.Options, Script: scriptPath(),
		Says: []page.Fact{
			{Name: "You say", Text: "I, @" + v.actor().Login + ", made this myself: no agent wrote it for me. I answer for it."},
			{Name: "Subject", Text: st.Subject}, {Name: "Head", Text: st.For.Head, Code: true}, {Name: "Base", Text: st.Base, Code: true},
			{Name: "Branch", Text: st.For.BaseRef, Code: true}, {Name: "Good until", Text: st.Expires.UTC().Format("2006-01-02 15:04:05 UTC")},
		},
	}.HTML())
}

// claimed takes what a passkey signed of a head.
func (d *decide) claimed(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := d.answered(c, v)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	stream, err := d.signatures.Claimed(c.Request.Context(), v.session, began.Statement, response)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/gates/"+stream)
}
