package oidc

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of the claims that are kept.
const (
	maxClaims = 100
	maxName   = 128
	maxClaim  = 2048
)

// times checks when a token is good, and is until when. Fractions of a second, which
// some issuers write, are left out.
func (i *issuer) times(claims map[string]any, now time.Time) (time.Time, error) {
	exp, okExp := moment(claims["exp"])
	iat, okIat := moment(claims["iat"])
	nbf := iat
	okNbf := true
	if from, has := claims["nbf"]; has {
		nbf, okNbf = moment(from)
	}
	switch {
	case !okExp || !okIat || !okNbf:
		return exp, refuse(ClaimsMissing, "The token does not say in seconds when it was issued (iat), from when (nbf) and until when (exp) "+
			"it is good.")
	case !now.Before(exp.Add(skew)):
		return exp, refuse(Expired, "The token has run out: ask its issuer for a new one, and send it at once.")
	case now.Add(skew).Before(nbf) || now.Add(skew).Before(iat):
		return exp, refuse(Early, "The token is not good yet: the clock of its issuer, or gatehold's, is wrong by more than a minute.")
	case now.Sub(iat) > i.Age+skew:
		return exp, refuse(TooOld, "The token was issued too long ago: ask its issuer for a new one, and send it at once.")
	case exp.Sub(iat) > i.Life || !exp.After(iat):
		return exp, refuse(TooLong, "The token is good for longer than gatehold's configuration takes of its issuer, or for no time at all.")
	}
	return exp, nil
}

var seconds = regexp.MustCompile(`^([0-9]{1,11})(\.[0-9]{1,9})?$`)

func moment(v any) (time.Time, bool) {
	n, is := v.(json.Number)
	if !is {
		return time.Time{}, false
	}
	m := seconds.FindStringSubmatch(n.String())
	if m == nil {
		return time.Time{}, false
	}
	whole, err := strconv.ParseInt(m[1], 10, 64)
	return time.Unix(whole, 0).UTC(), err == nil
}

// audience takes a token that is for gatehold, and for nobody else: one that is for
// others too can be sent on by them.
func (i *issuer) audience(v any) error {
	if list, is := v.([]any); is && len(list) == 1 {
		v = list[0]
	}
	if name, is := v.(string); !is || name == "" || name != i.Audience {
		return refuse(AudienceWrong, "The token is not for gatehold, or not for gatehold alone: ask its issuer for one with the audience "+
			strconv.Quote(i.Audience)+".")
	}
	return nil
}

// reader reads claims, and remembers the first that is not as it should be.
type reader struct {
	claims map[string]any
	taken  map[string]bool
	err    error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// optional is a text; "" where the token has none.
func (r *reader) optional(name string) string {
	r.taken[name] = true
	v, has := r.claims[name]
	if !has || v == nil {
		return ""
	}
	text, is := v.(string)
	if !is || len(text) > maxClaim {
		r.fail(refuse(ClaimsMissing, "The token's claim "+name+" is no text, or too long a one."))
		return ""
	}
	return text
}

func (r *reader) text(name string) string {
	text := r.optional(name)
	if text == "" {
		r.fail(refuse(ClaimsMissing, "The token lacks the claim "+name+", without which gatehold does not know who asks."))
	}
	return text
}

var idText = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// id is a number that is given as text, in the one way in which GitHub writes it.
func (r *reader) id(name string) int64 { return r.number(name, r.text(name)) }

func (r *reader) optionalID(name string) int64 {
	text := r.optional(name)
	if text == "" {
		return 0
	}
	return r.number(name, text)
}

func (r *reader) number(name, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if text != "" && (err != nil || !idText.MatchString(text)) {
		r.fail(refuse(ClaimsMissing, "The token's claim "+name+" is no number of GitHub's."))
		return 0
	}
	return n
}

var shaText = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func (r *reader) sha(name string) string {
	text := r.optional(name)
	if text != "" && !shaText.MatchString(text) {
		r.fail(refuse(ClaimsMissing, "The token's claim "+name+" is no full SHA of a commit."))
		return ""
	}
	return text
}

// job is what a token of GitHub Actions claims. GitHub Enterprise Server does not
// tell the check run; what else is optional here GitHub leaves empty at times.
// https://docs.github.com/en/actions/reference/security/oidc
func (r *reader) job() *gate.WorkflowJob {
	j := &gate.WorkflowJob{
		Repo: r.id("repository_id"), Owner: r.id("repository_owner_id"), FullName: r.text("repository"),
		Run: r.id("run_id"), CheckRun: r.optionalID("check_run_id"),
		Environment: r.optional("environment"), SHA: r.sha("sha"), Ref: r.text("ref"),
		HeadRef: r.optional("head_ref"), BaseRef: r.optional("base_ref"), Event: r.text("event_name"),
		Workflow: r.text("workflow_ref"), WorkflowSHA: r.sha("workflow_sha"),
		JobWorkflow: r.text("job_workflow_ref"), JobWorkflowSHA: r.sha("job_workflow_sha"),
		Runner: r.optional("runner_environment"), By: r.id("actor_id"), Login: r.text("actor"),
	}
	attempt := r.id("run_attempt")
	if attempt > 1<<30 {
		r.fail(refuse(ClaimsMissing, "The token's claim run_attempt is no number of GitHub's."))
		return nil
	}
	j.Attempt = int(attempt)
	return j
}

// rest are the other claims, but for those that hold further values. Too many, or too
// long ones, are not cut: a rule might miss what is no longer there.
func (r *reader) rest() map[string]string {
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.claims)) {
		text, is := scalar(r.claims[name])
		if !is || r.taken[name] {
			continue
		}
		if len(out) == maxClaims || len(name) > maxName || len(text) > maxClaim {
			r.fail(unreadable("its claims are more, or longer, than gatehold keeps"))
			return nil
		}
		out[name] = text
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
