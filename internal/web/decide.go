package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/usecase/answers"
	"github.com/gatehold/gatehold/internal/web/page"
	"github.com/gatehold/gatehold/internal/words"
)

// Signatures are how a passkey signs an answer.
type Signatures interface {
	Show(ctx context.Context, s accounts.Session, stream string, subject gate.Subject, base string, o gate.Offered) (accounts.Ceremony, error)
	Sign(ctx context.Context, s accounts.Session, statement string, response []byte) (stream, key string, err error)
	Claim(ctx context.Context, s accounts.Session, stream string, shown gate.For) (accounts.Ceremony, error)
	Claimed(ctx context.Context, s accounts.Session, statement string, response []byte) (stream string, err error)
}

// decide is how people answer on a gate's page: by a click there, which is worth
// what a button of the check is worth, or signed by a passkey.
type decide struct {
	*sessions
	answers    Answers
	signatures Signatures
}

const (
	sealedSight = "sight"
	sightLife   = time.Hour
)

// sight is what somebody was shown of a gate.
type sight struct {
	ID      string   `json:"id"`
	Session string   `json:"session"`
	Stream  string   `json:"stream"`
	Version uint64   `json:"version"`
	For     gate.For `json:"for"`
}

// form is how a viewer answers on a gate that they see, or why they cannot.
func (d *decide) form(c *gin.Context, v viewer, stream string, detail board.Detail) page.Decide {
	view := page.Decide{
		Login: v.actor().Login, Stream: stream, State: detail.State, Now: d.now(),
		HasKey: len(v.account.Counting(d.now())) > 0, Said: d.said(c, stream),
	}
	if code, _ := detail.State.MayClaim(v.actor()); code == "" {
		view.Mine = true
	}
	look, err := d.answers.Look(c.Request.Context(), v.actor(), stream, gate.Offered{Answer: gate.Deny, Via: gate.ViaPage})
	if err != nil {
		view.Cannot = gate.AsError(err).Text
		return view
	}
	// What is sealed is what this page shows, not what has come since it was read.
	shown := detail.State
	if look.For != shown.For() {
		view.Cannot = moved(shown.For(), look.For) + " Load the page again."
		return view
	}
	view.Review = len(look.Review) > 0
	if !view.Review {
		view.Cannot = look.Doubt
	}
	view.Ticket, err = d.sealer.seal(sealedSight, d.now().Add(sightLife), sight{
		ID: rand.Text(), Session: v.session.ID(), Stream: stream, Version: shown.Version, For: shown.For(),
	})
	if err != nil {
		view.Cannot = gate.AsError(err).Text
	}
	return view
}

// said is what became of the answer that an address names.
func (d *decide) said(c *gin.Context, stream string) *answers.Outcome {
	key := c.Query("said")
	if key == "" || len(key) > 200 {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), stepTime)
	defer cancel()
	out, err := d.answers.Outcome(ctx, stream, key, 0)
	if err != nil || out.State == "unknown" {
		return nil
	}
	return &out
}

// read is the answer of a form, to what it was shown.
func (d *decide) read(c *gin.Context, v viewer) (sight, gate.Offered, error) {
	var saw sight
	if err := d.sealer.open(sealedSight, c.PostForm("ticket"), 0, &saw); err != nil {
		return saw, gate.Offered{}, sealedError("ticket", err)
	}
	if saw.Session != v.session.ID() {
		return saw, gate.Offered{}, &gate.Error{Code: "ticket_invalid", Text: "This page was made for another session. Load it again."}
	}
	reason, err := reasonOf(c)
	if err != nil {
		return saw, gate.Offered{}, err
	}
	answer, via, _ := strings.Cut(c.PostForm("answer"), "/")
	o := gate.Offered{
		By: v.actor(), Answer: gate.Answer(answer), Via: via, Reason: reason, For: saw.For, Saw: gate.Sight{Version: saw.Version},
	}
	switch o.Answer {
	case gate.Approve, gate.Deny, gate.Override, gate.Review:
		if via == gate.ViaPage || via == gate.ViaPasskey {
			return saw, o, nil
		}
	}
	return saw, o, &gate.Error{Code: "request_invalid", Text: "An answer is approve, deny, override or review, by the page or by passkey."}
}

// reasonOf is the reason that a form gives.
func reasonOf(c *gin.Context) (string, error) {
	reason := strings.TrimSpace(c.PostForm("reason"))
	if utf8.RuneCountInString(reason) > maxReason || strings.ContainsFunc(reason, unicode.IsControl) || !utf8.ValidString(reason) {
		return "", &gate.Error{Code: "request_invalid", Text: "A reason is one line of at most 500 characters."}
	}
	return reason, nil
}

// answer takes a click, or shows what a passkey is to sign.
func (d *decide) answer(c *gin.Context) {
	v := viewerOf(c)
	saw, o, err := d.read(c, v)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	if o.Via == gate.ViaPasskey {
		d.show(c, v, saw, o)
		return
	}
	key := gate.ViaPage + ":" + saw.ID + ":" + string(o.Answer)
	if _, err := d.answers.Offer(c.Request.Context(), saw.Stream, key, o); err != nil {
		refuse(c, d.slog, err)
		return
	}
	d.outcome(c, saw.Stream, key, saw.Version)
}

// show shows exactly what a passkey signs, and asks for it. What has changed since it
// was shown is said before anything is signed.
func (d *decide) show(c *gin.Context, v viewer, saw sight, o gate.Offered) {
	ctx := c.Request.Context()
	o.Via = gate.ViaPasskey
	look, err := d.answers.Look(ctx, v.actor(), saw.Stream, o)
	if err == nil && look.For != saw.For {
		err = &gate.Error{Code: "verdict_moved", Text: moved(saw.For, look.For) + " Load the page again and look."}
	}
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	asked, err := d.signatures.Show(ctx, v.session, saw.Stream, look.Of, look.Verdict.Base, o)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	ticket, err := d.sealedFor(v, ceremony{Statement: asked.Statement})
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	st, err := gate.ReadStatement(asked.Statement)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	drawPasskey(c, d.slog, page.Ceremony{
		Frame: d.frame(v), Title: signing(o.Answer), To: "/sign", Ticket: ticket, Options: asked.Options, Script: scriptPath(),
		Says: facts(st, look),
		Back: "/gates/" + saw.Stream,
	}.HTML())
}

// moved says what is otherwise than what was shown.
func moved(was, now gate.For) string {
	switch {
	case was.Head != now.Head:
		return "There are new commits: the head is " + words.Short(now.Head) + " now."
	case was.Attempt != now.Attempt:
		return "Another attempt of the run waits now."
	case was.BaseRef != now.BaseRef:
		return "It goes into another branch now, " + now.BaseRef + "."
	case was.Rules != now.Rules:
		return "The rules have changed since."
	}
	return "It was judged again since, and something else was found."
}

func signing(a gate.Answer) string {
	switch a {
	case gate.Approve:
		return "Approve by passkey"
	case gate.Deny:
		return "Deny by passkey"
	case gate.Override:
		return "Release at once by passkey"
	}
	return "Review by passkey"
}

// facts are what a statement says, for a person to read before it is signed.
func facts(st gate.Statement, look answers.Look) []page.Fact {
	out := []page.Fact{
		{Name: "Answer", Text: string(st.Answer)},
		{Name: "Subject", Text: st.Subject},
		{Name: "What it does", Text: look.Title},
		{Name: "Head", Text: st.For.Head, Code: true},
		{Name: "Base", Text: st.Base, Code: true},
		{Name: "Branch", Text: st.For.BaseRef, Code: true},
		{Name: "Verdict", Text: st.For.Verdict, Code: true},
		{Name: "Rules", Text: st.For.Rules, Code: true},
		{Name: "Reason", Text: st.Reason},
		{Name: "Good until", Text: st.Expires.UTC().Format("2006-01-02 15:04:05 UTC")},
	}
	if st.Environment != "" {
		out = append(out, page.Fact{Name: "Environment", Text: st.Environment})
	}
	return out
}

// sign takes what a passkey signed.
func (d *decide) sign(c *gin.Context) {
	v := viewerOf(c)
	began, response, err := d.answered(c, v)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	stream, key, err := d.signatures.Sign(c.Request.Context(), v.session, began.Statement, response)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	d.outcome(c, stream, key, 0)
}

// outcome leads back to the gate, where it says what became of the answer. It waits
// a little for it to be counted.
func (d *decide) outcome(c *gin.Context, stream, key string, after uint64) {
	_, _ = settled(c.Request.Context(), d.answers, stream, key, after) // the page says what came of it
	to := url.URL{Path: "/gates/" + stream, RawQuery: url.Values{"said": {key}}.Encode()}
	c.Redirect(http.StatusSeeOther, to.String())
}

const (
	outcomeTime  = 4 * time.Second
	outcomePause = 50 * time.Millisecond
)
