package web

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

// Credentials gives workloads what they need for one task.
type Credentials interface {
	Exchange(ctx context.Context, token string, wish gate.Wish) (credentials.Given, error)
	// GiveBack ends what a workload was given: one credential, or all where id is empty.
	GiveBack(ctx context.Context, token, id string) error
}

// tokens is the door at which workloads exchange identity tokens for credentials.
// https://www.rfc-editor.org/rfc/rfc8693
type tokens struct {
	of     Credentials
	intake *intake
	limit  *limiter
	slog   *slog.Logger
	now    func() time.Time
}

// The words of RFC 8693.
const (
	exchangeGrant  = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAccess     = "urn:ietf:params:oauth:token-type:access_token"
	typeJWT        = "urn:ietf:params:oauth:token-type:jwt"
	typeIDToken    = "urn:ietf:params:oauth:token-type:id_token"
	maxTokenForm   = 64 << 10 // bytes; an identity token has one or two thousand
	pollEvery      = 5        // seconds: how often whoever waits may ask
	maxTokenScopes = 100
)

func newTokens(d Deps, bodies *intake) *tokens {
	return &tokens{of: d.Credentials, intake: bodies, slog: d.Slog, now: d.Now, limit: newLimiter(d.Now, time.Second, 60, time.Second/50, 500)}
}

func (t *tokens) routes(e *gin.Engine) {
	e.POST("/token", t.exchange)
	e.POST("/token/revoke", t.revoke)
}

// exchange answers a request for a credential.
func (t *tokens) exchange(c *gin.Context) {
	form, err := t.form(c)
	if err != nil {
		t.refuse(c, err)
		return
	}
	token, wish, err := wishOf(form)
	if err != nil {
		t.refuse(c, err)
		return
	}
	got, err := t.of.Exchange(c.Request.Context(), token, wish)
	if err != nil {
		t.refuse(c, err)
		return
	}
	// Where the answer does not arrive, the token is ended with the job, or by the next
	// request for the same.
	answer := gin.H{
		"access_token": got.Token, "token_type": "Bearer", "issued_token_type": typeAccess, "expires_in": secondsTo(got.Until, t.now()),
		"credential": got.ID, "gate": got.Grant.Gate,
	}
	if got.Grant.Type == gate.IdentityToken {
		answer["token_type"], answer["issued_token_type"] = "N_A", typeJWT
	} else {
		answer["scope"] = scopeOf(got.Grant.Permissions)
	}
	c.JSON(http.StatusOK, answer)
}

// revoke takes back what a workload was given: by an identity token of the same one.
func (t *tokens) revoke(c *gin.Context) {
	form, err := t.form(c)
	if err != nil {
		t.refuse(c, err)
		return
	}
	token, err := subjectOf(form)
	if err == nil {
		err = t.of.GiveBack(c.Request.Context(), token, form.Get("credential"))
	}
	if err != nil {
		t.refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"revoked": true})
}

func (t *tokens) form(c *gin.Context) (url.Values, error) {
	if t.of == nil {
		return nil, &gate.Error{Code: "credentials_unconfigured",
			Text: "No credentials are given here: the operator of gatehold has not set it up."}
	}
	if err := t.limit.allow(c.ClientIP()); err != nil {
		return nil, err
	}
	if kind := c.ContentType(); kind != "application/x-www-form-urlencoded" {
		return nil, malformed("Send a form: application/x-www-form-urlencoded.")
	}
	body, done, err := t.intake.read(c, maxTokenForm, io.Discard)
	defer done()
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, malformed("The form cannot be read.")
	}
	for name, values := range form {
		if len(values) > 1 && name != "resource" && name != "audience" {
			return nil, malformed("The form names " + clipWord(name) + " twice.")
		}
	}
	return form, nil
}

func malformed(text string) error {
	return &gate.Error{Code: "token_request_invalid", Text: text, Final: true}
}

func clipWord(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, name)
	return clean[:min(len(clean), 40)]
}

func subjectOf(form url.Values) (string, error) {
	token := form.Get("subject_token")
	kind := form.Get("subject_token_type")
	switch {
	case token == "":
		return "", malformed("subject_token is missing: the identity token of the job that asks.")
	case kind != "" && kind != typeJWT && kind != typeIDToken:
		return "", malformed("subject_token_type must be " + typeJWT + ".")
	case form.Has("actor_token"):
		return "", malformed("An actor_token is not taken here: each step asks with its own identity.")
	}
	return token, nil
}

// wishOf reads what is asked for.
func wishOf(form url.Values) (token string, wish gate.Wish, err error) {
	if form.Get("grant_type") != exchangeGrant {
		return "", wish, &gate.Error{Code: "grant_unsupported", Text: "grant_type must be " + exchangeGrant + ".", Final: true}
	}
	if token, err = subjectOf(form); err != nil {
		return "", wish, err
	}
	wish.Rule = form.Get("credential")
	if wish.Rule == "" || len(wish.Rule) > 50 {
		return "", wish, malformed("credential is missing: the id of one in the rules.")
	}
	switch form.Get("requested_token_type") {
	case "", typeAccess:
		wish.Type = gate.InstallationToken
	case typeJWT, typeIDToken:
		wish.Type = gate.IdentityToken
	default:
		return "", wish, malformed("requested_token_type must be " + typeAccess + " or " + typeJWT + ".")
	}
	wish.Audience = sortedOf(form["audience"])
	if wish.Type == gate.InstallationToken && len(wish.Audience) > 0 {
		return "", wish, malformed("A token for GitHub has no audience: ask for an identity with requested_token_type " + typeJWT + ".")
	}
	for _, resource := range form["resource"] { // by RFC 8693 an address
		name := resource[strings.LastIndexByte(strings.TrimSuffix(resource, "/"), '/')+1:]
		wish.Repositories = append(wish.Repositories, strings.TrimSuffix(name, "/"))
	}
	wish.Repositories = sortedOf(wish.Repositories)
	wish.Permissions, err = permissionsOf(form.Get("scope"))
	return token, wish, err
}

func sortedOf(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// permissionsOf reads a scope: "contents:write packages:read".
func permissionsOf(scope string) (map[string]string, error) {
	words := strings.Fields(scope)
	if len(words) == 0 {
		return nil, nil
	}
	out := map[string]string{}
	for _, word := range words {
		name, level, ok := strings.Cut(word, ":")
		if _, twice := out[name]; !ok || twice || len(out) == maxTokenScopes {
			return nil, malformed("scope must be permissions with their levels, each once, as in contents:write packages:read.")
		}
		out[name] = level
	}
	return out, nil
}

func scopeOf(permissions map[string]string) string {
	var words []string
	for name, level := range permissions {
		words = append(words, name+":"+level)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func secondsTo(until, now time.Time) int64 {
	return max(0, int64(math.Floor(until.Sub(now).Seconds())))
}

// oauth is the one table from a code to an error of OAuth and its status. A refusal that
// is not in it is access_denied.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
var oauth = map[string]struct {
	word   string
	status int
}{
	credentials.Pending:        {"authorization_pending", http.StatusBadRequest},
	"credential_live":          {"authorization_pending", http.StatusBadRequest},
	"token_request_invalid":    {"invalid_request", http.StatusBadRequest},
	"too_large":                {"invalid_request", http.StatusRequestEntityTooLarge},
	"body_unreadable":          {"invalid_request", http.StatusBadRequest},
	"body_slow":                {"invalid_request", http.StatusRequestTimeout},
	"grant_unsupported":        {"unsupported_grant_type", http.StatusBadRequest},
	"not_allowed":              {"invalid_scope", http.StatusBadRequest},
	"audience_missing":         {"invalid_target", http.StatusBadRequest},
	"credentials_unconfigured": {"unsupported_grant_type", http.StatusNotFound},
	"too_many_requests":        {"slow_down", http.StatusTooManyRequests},
	"requests_many":            {"slow_down", http.StatusTooManyRequests},
	"busy":                     {"temporarily_unavailable", http.StatusServiceUnavailable},
	"store_unavailable":        {"temporarily_unavailable", http.StatusServiceUnavailable},
}

// notTheirs are the codes of identity tokens that prove nothing: what is wrong is the
// grant.
var notTheirs = []string{"token_unreadable", "token_used", "token_expired", "token_early", "token_too_old", "token_too_long",
	"issuer_unknown", "audience_wrong", "signature_wrong", "algorithm_refused", "claims_missing"}

// refuse answers with an error of OAuth, and the code and sentence of ours.
func (t *tokens) refuse(c *gin.Context, err error) {
	known := gate.AsError(err)
	answer, listed := oauth[known.Code]
	switch {
	case listed:
	case slices.Contains(notTheirs, known.Code):
		answer.word, answer.status = "invalid_grant", http.StatusBadRequest
	case known.Final:
		answer.word, answer.status = "access_denied", http.StatusForbidden
	default:
		answer.word, answer.status = "temporarily_unavailable", http.StatusServiceUnavailable
		t.slog.Warn("a credential could not be given", "code", known.Code, "error", err)
	}
	body := gin.H{"error": answer.word, "error_description": known.Text, "code": known.Code}
	if answer.word == "authorization_pending" || answer.word == "slow_down" || answer.word == "temporarily_unavailable" {
		wait := int64(pollEvery)
		if known.Until.After(t.now()) {
			wait = max(wait, secondsTo(known.Until, t.now())+1)
		}
		body["interval"] = wait
	}
	c.AbortWithStatusJSON(answer.status, body)
}
