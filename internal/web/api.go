package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

// SignIns asks GitHub who somebody is who enters a code there. Its errors are
// *gate.Error.
type SignIns interface {
	SignIn(ctx context.Context) (gate.SignIn, error)
	// SignedIn tells who entered the code, once; an actor without an id: nobody
	// has yet. wait, if any, is how long GitHub wants to be left alone.
	SignedIn(ctx context.Context, device string) (who gate.Actor, wait time.Duration, err error)
}

// Answers is how people at a command line answer.
type Answers interface {
	Look(ctx context.Context, who gate.Actor, stream string, o gate.Offered) (answers.Look, error)
	Offer(ctx context.Context, stream, key string, o gate.Offered) (fresh bool, err error)
	Outcome(ctx context.Context, stream, key string, after uint64) (answers.Outcome, error)
}

// Waiting is what people at a command line ask of the board.
type Waiting interface {
	Holds(ctx context.Context, who gate.Actor, repository string) (board.Holds, error)
	// Resolve finds the stream of what people call acme/shop#12.
	Resolve(subject string) (stream string, err error)
}

// api is the door for people at a command line. They sign in at GitHub for each
// request; the token that comes of it never leaves the server, and nothing of a
// request is kept between its steps but what the asker carries, sealed:
//
//	POST /api/requests           what is wanted: a code to enter at GitHub, and a handle
//	POST /api/requests/complete  the handle: 202 until the code was entered; then
//	                             what waits, or a gate and a ticket to answer it
//	POST /api/answers            the ticket: the answer is put on record, once
//	POST /api/answers/outcome    the ticket: what became of it
type api struct {
	signIns SignIns // nil: the channel is off
	answers Answers
	board   Waiting
	sealer  *Sealer
	intake  *intake
	codes   *limiter // of the App's codes
	calls   *limiter // of everything else
	slog    *slog.Logger
	now     func() time.Time
}

// Bounds of the door. GitHub lets 50 codes of an App be entered in an hour.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#rate-limits-for-the-device-flow
const (
	maxRequest = 32 << 10
	maxReason  = 500 // characters

	codeEvery, codeBurst               = time.Minute, 10
	codeEveryOverall, codeBurstOverall = 30 * time.Second, 30
	callEvery, callBurst               = 200 * time.Millisecond, 50
	callEveryOverall, callBurstOverall = 5 * time.Millisecond, 400

	ticketLife   = 10 * time.Minute
	outcomeGrace = 20 * time.Minute // a ticket tells what became of it for longer than it answers
	stepTime     = 30 * time.Second
)

func newAPI(d Deps, bodies *intake) *api {
	return &api{
		intake:  bodies,
		signIns: d.SignIns, answers: d.Answers, board: d.Waiting, sealer: d.Sealer, slog: d.Slog, now: d.Now,
		codes: newLimiter(d.Now, codeEvery, codeBurst, codeEveryOverall, codeBurstOverall),
		calls: newLimiter(d.Now, callEvery, callBurst, callEveryOverall, callBurstOverall),
	}
}

func (a *api) routes(engine *gin.Engine) {
	engine.POST("/api/requests", a.step((*api).begin))
	engine.POST("/api/requests/complete", a.step((*api).complete))
	engine.POST("/api/answers", a.step((*api).answer))
	engine.POST("/api/answers/outcome", a.step((*api).outcome))
}

// step is what each of the four requests goes through.
func (a *api) step(do func(*api, context.Context, *gin.Context) (status int, answer any, err error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		if a.signIns == nil || a.answers == nil || a.board == nil || a.sealer == nil {
			a.refuse(c,
				&gate.Error{Code: "channel_off",
					Text: "This server takes no answers by the command line: it was given no client id that people sign in " +
						"with (GATEHOLD_CLIENT_ID). Use the buttons of the check."})
			return
		}
		if err := a.calls.allow(c.ClientIP()); err != nil {
			a.refuse(c, err)
			return
		}
		ctx, cancel := context.WithTimeout(c.Request.Context(), stepTime)
		defer cancel()
		status, answer, err := do(a, ctx, c)
		if err != nil {
			a.refuse(c, err)
			return
		}
		c.JSON(status, answer)
	}
}

func (a *api) refuse(c *gin.Context, err error) {
	if until := gate.AsError(err).Until; !until.IsZero() {
		c.Header("Retry-After", strconv.Itoa(max(1, int(until.Sub(a.now()).Seconds()+1))))
	}
	refuse(c, a.slog, err)
}

// wish is what a request is for.
type wish struct {
	Want       string      `json:"want"`                 // "holds" or "answer"
	Repository string      `json:"repository,omitempty"` // of holds: only this one
	Subject    string      `json:"subject,omitempty"`    // of answer: "acme/shop#12", or a stream
	Answer     gate.Answer `json:"answer,omitempty"`
	Reason     string      `json:"reason,omitempty"`
}

func (w wish) check() error {
	wrong := func(text string) error { return &gate.Error{Code: "request_invalid", Text: text} }
	switch {
	case len(w.Repository) > 201 || strings.ContainsFunc(w.Repository, unicode.IsControl):
		return wrong("A repository is written as owner/name.")
	case w.Want == "holds" && (w.Subject != "" || w.Answer != "" || w.Reason != ""):
		return wrong("A list of what waits has no subject, answer or reason.")
	case w.Want == "holds":
		return nil
	case w.Want != "answer":
		return wrong(`What is wanted is "holds" or "answer".`)
	case w.Repository != "":
		return wrong("An answer names its subject, not a repository.")
	case utf8.RuneCountInString(w.Reason) > maxReason || strings.ContainsFunc(w.Reason, unicode.IsControl):
		return wrong("A reason is one line of at most 500 characters.")
	}
	switch w.Answer {
	case gate.Approve, gate.Deny, gate.Override, gate.Review:
		return board.CheckSubject(w.Subject)
	}
	return wrong("An answer is approve, deny, override or review.")
}

// handle is what has to be known again when the code was entered.
type handle struct {
	Device   string `json:"device"`
	Interval int64  `json:"interval"` // seconds
	Wish     wish   `json:"wish"`
}

// begin gets a code for the person to enter.
func (a *api) begin(ctx context.Context, c *gin.Context) (int, any, error) {
	var w wish
	if err := a.readBody(c, &w); err != nil {
		return 0, nil, err
	}
	if err := w.check(); err != nil {
		return 0, nil, err
	}
	if err := a.codes.allow(c.ClientIP()); err != nil {
		return 0, nil, err
	}
	in, err := a.signIns.SignIn(ctx)
	if err != nil {
		return 0, nil, err
	}
	seconds := int64(in.Interval / time.Second)
	sealed, err := a.sealer.seal(sealedSignIn, a.now().Add(in.Life), handle{Device: in.Device, Interval: seconds, Wish: w})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, gin.H{
		"user_code": in.UserCode, "verification_uri": in.Address,
		"interval": seconds, "expires_in": int64(in.Life / time.Second), "handle": sealed,
	}, nil
}

// complete tells what was wanted, once the code was entered.
func (a *api) complete(ctx context.Context, c *gin.Context) (int, any, error) {
	var body struct {
		Handle string `json:"handle"`
	}
	if err := a.readBody(c, &body); err != nil {
		return 0, nil, err
	}
	var h handle
	if err := a.sealer.open(sealedSignIn, body.Handle, 0, &h); err != nil {
		return 0, nil, sealedError("handle", err)
	}
	who, wait, err := a.signIns.SignedIn(ctx, h.Device)
	switch {
	case err != nil:
		return 0, nil, err
	case who.ID == 0:
		return http.StatusAccepted, gin.H{"status": "pending", "interval": max(h.Interval, int64(wait/time.Second))}, nil
	case who.Type != "User":
		return 0, nil, &gate.Error{Code: "not_human", Text: "Only people sign in here."}
	}
	a.slog.Info("somebody signed in", "id", who.ID, "login", who.Login, "want", h.Wish.Want, "subject", h.Wish.Subject)
	if h.Wish.Want == "holds" {
		list, err := a.board.Holds(ctx, who, h.Wish.Repository)
		return http.StatusOK, gin.H{"status": "done", "who": who, "holds": list}, err
	}
	return a.show(ctx, who, h.Wish)
}

// ticket is an answer that was shown what it is about, and waits for its yes.
type ticket struct {
	ID      string       `json:"id"`
	Stream  string       `json:"stream"`
	Version uint64       `json:"version"` // of the stream, when it was shown
	Offered gate.Offered `json:"offered"`
}

// key is what makes a ticket count once.
func (t ticket) key() string { return "cli:" + t.ID }

func (a *api) show(ctx context.Context, who gate.Actor, w wish) (int, any, error) {
	offered := gate.Offered{By: who, Answer: w.Answer, Via: gate.ViaCLI, Reason: strings.TrimSpace(w.Reason)}
	stream, err := a.board.Resolve(w.Subject)
	if err != nil {
		return 0, nil, err
	}
	look, err := a.answers.Look(ctx, who, stream, offered)
	if err != nil {
		return 0, nil, err
	}
	offered.For, offered.Saw = look.For, gate.Sight{Version: look.Version}
	sealed, err := a.sealer.seal(sealedTicket, a.now().Add(ticketLife),
		ticket{ID: rand.Text(), Stream: look.Stream, Version: look.Version, Offered: offered})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, gin.H{"status": "done", "who": who, "gate": look, "ticket": sealed,
		"expires_in": int64(ticketLife / time.Second)}, nil
}

// answer puts the answer on record. Whether it counts is decided afterwards, by
// who the person is then and what the gate is then.
func (a *api) answer(ctx context.Context, c *gin.Context) (int, any, error) {
	t, err := a.ticket(c, 0)
	if err != nil {
		return 0, nil, err
	}
	fresh, err := a.answers.Offer(ctx, t.Stream, t.key(), t.Offered)
	if err != nil {
		return 0, nil, err
	}
	if !fresh {
		return http.StatusOK, gin.H{"status": "seen"}, nil
	}
	return http.StatusAccepted, gin.H{"status": "taken"}, nil
}

// outcome tells what became of the answer.
func (a *api) outcome(ctx context.Context, c *gin.Context) (int, any, error) {
	t, err := a.ticket(c, outcomeGrace)
	if err != nil {
		return 0, nil, err
	}
	out, err := a.answers.Outcome(ctx, t.Stream, t.key(), t.Version)
	return http.StatusOK, out, err
}

func (a *api) ticket(c *gin.Context, grace time.Duration) (t ticket, err error) {
	var body struct {
		Ticket string `json:"ticket"`
	}
	if err := a.readBody(c, &body); err != nil {
		return t, err
	}
	if err := a.sealer.open(sealedTicket, body.Ticket, grace, &t); err != nil {
		return t, sealedError("ticket", err)
	}
	return t, nil
}

func sealedError(what string, err error) error {
	if errors.Is(err, errRunOut) {
		return &gate.Error{Code: what + "_expired", Text: "The " + what + " has run out. Begin again.", Err: err}
	}
	return &gate.Error{Code: what + "_invalid",
		Text: "The " + what + " was not given out by this server for this, or its keys are others now. Begin again.", Err: err}
}

// readBody reads one JSON object, strictly.
func (a *api) readBody(c *gin.Context, to any) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return &gate.Error{Code: "not_json", Text: "Requests are accepted as application/json only."}
	}
	text, done, err := a.intake.read(c, maxRequest, io.Discard)
	defer done()
	if err != nil {
		return err
	}
	invalid := &gate.Error{Code: "request_invalid", Text: "The request is not one JSON object with the fields of this address."}
	if !utf8.Valid(text) {
		return invalid
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(to); err != nil {
		return invalid
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return invalid
	}
	return nil
}
