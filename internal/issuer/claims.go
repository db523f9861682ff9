package issuer

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
)

// AWSTags is the claim from which AWS takes session tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
const AWSTags = "https://aws.amazon.com/tags"

// AWS's bounds of session tags, in characters.
const (
	maxTags   = 50
	maxTagKey = 128
	maxTag    = 256
)

// maxSubject is what OpenID Connect bounds a subject to.
const maxSubject = 255

// registered are claims that say who somebody is, for whom a token is or how long: of
// RFC 7519, 8693 and OpenID Connect.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "nonce", "auth_time", "acr", "amr", "at_hash", "c_hash",
	"cnf", "act", "may_act", "scope", "client_id", "email", "email_verified", AWSTags}

// own are the claims that gatehold makes itself.
var own = []string{"repository", "repository_id", "repository_owner", "repository_owner_id", "environment", "sha", "ref", "run_id",
	"run_attempt", "workflow", "job_workflow_ref", "runner_environment", "credential", "gate", "gate_url", "verdict", "rules", "approvers",
	"channels", "agent", "agent_owner", "actors"}

// tagged are those of them by which AWS can decide, and which its log shows.
var tagged = []string{"repository", "repository_id", "environment", "sha", "run_id", "run_attempt", "credential", "gate", "verdict",
	"approvers", "channels", "agent"}

// Reserved reports whether a rule may not give a claim of this name: it would say what
// gatehold alone says. AWS tells no small letters from large ones.
func Reserved(name string) bool {
	is := func(o string) bool { return strings.EqualFold(o, name) }
	return slices.ContainsFunc(registered, is) || slices.ContainsFunc(own, is)
}

// Subject is who an identity is for. It is stable and exact: Azure compares nothing else.
//
//	repo:OWNER/NAME:environment:ENV            a deployment there, whose gate was released
//	repo:OWNER/NAME:agent:AGENT:credential:ID  an agent, for a task
//	repo:OWNER/NAME:credential:ID              any other job
//
// A job that only says that it is of an environment is never the first. GitHub tells
// neither environments nor accounts apart by letter case: they stand in small letters.
func Subject(repository, environment, agent, credential string) string {
	switch {
	case environment != "":
		return "repo:" + repository + ":environment:" + strings.ToLower(environment)
	case agent != "":
		return "repo:" + repository + ":agent:" + strings.ToLower(agent) + ":credential:" + credential
	}
	return "repo:" + repository + ":credential:" + credential
}

// released is the environment for which the gate was released that a grant hangs on;
// empty: it hangs on none of an environment.
func released(g gate.Grant) string {
	if g.Gate == "" || g.Subject == nil || g.Subject.Kind != gate.Deployment {
		return ""
	}
	return g.Subject.Environment
}

func (i *Issuer) claims(g gate.Grant, w gate.Workload, jti string, at, until time.Time) (map[string]any, error) {
	switch {
	case g.Type != gate.IdentityToken || len(g.Audience) != 1 || g.Audience[0] == "":
		return nil, no("audience_missing", "An identity is for one audience: say for which one.")
	case g.Repo.Owner == "" || g.Repo.Name == "" || g.Rule == "":
		return nil, no("subject_missing", "It is not known of which repository and credential this identity would be.")
	}
	for name := range g.Claims {
		if Reserved(name) {
			return nil, no("claim_reserved", "The rules give identities the claim %s, which is gatehold's own: give it another name in the "+
				"rules file.", name)
		}
	}
	subject := Subject(g.Repo.FullName(), released(g), g.Agent, g.Rule)
	if len(subject) > maxSubject || !utf8.ValidString(subject) || strings.ContainsFunc(subject, unicode.IsControl) {
		return nil, no("subject_long", "The subject of this identity would be longer than clouds take, or hold what they do not: give the "+
			"environment a shorter name.")
	}
	c := map[string]any{}
	for name, value := range g.Claims {
		c[name] = value
	}
	about(c, g, w)
	if g.Gate != "" && i.Link != nil {
		set(c, "gate_url", i.Link(g.Gate))
	}
	c[AWSTags] = tags(c, g.Claims)
	c["iss"], c["sub"], c["aud"], c["jti"] = i.URL, subject, g.Audience[0], jti
	c["iat"], c["nbf"], c["exp"] = at.Unix(), at.Unix(), until.Unix()
	return c, nil
}

// about says of a grant what is known of it. Numbers are text, as in GitHub's own tokens:
// policies compare text.
func about(c map[string]any, g gate.Grant, w gate.Workload) {
	set(c, "repository", g.Repo.FullName())
	set(c, "repository_id", number(g.Repo.ID))
	set(c, "repository_owner", g.Repo.Owner)
	set(c, "credential", g.Rule)
	set(c, "gate", g.Gate)
	set(c, "verdict", g.For.Verdict)
	set(c, "rules", g.RulesFile)
	set(c, "agent", g.Agent)
	set(c, "agent_owner", g.Owner)
	if len(g.Actors) > 0 {
		c["actors"] = g.Actors
	}
	var ids, channels []string
	for _, a := range g.Approvers {
		ids = append(ids, number(a.ID))
		if !slices.Contains(channels, a.Channel) {
			channels = append(channels, a.Channel)
		}
	}
	if len(ids) > 0 {
		c["approvers"], c["channels"] = ids, channels
	}
	j := w.Job
	if j == nil {
		return
	}
	set(c, "repository_owner_id", number(j.Owner))
	set(c, "environment", j.Environment)
	set(c, "sha", j.SHA)
	set(c, "ref", j.Ref)
	set(c, "run_id", number(j.Run))
	set(c, "run_attempt", number(int64(j.Attempt)))
	set(c, "workflow", j.Workflow)
	set(c, "job_workflow_ref", j.JobWorkflow)
	set(c, "runner_environment", j.Runner)
}

func set(c map[string]any, name, value string) {
	if value != "" {
		c[name] = value
	}
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// tags are the session tags: what AWS refuses in one would make it refuse the whole
// token, and is left out.
func tags(c map[string]any, rules map[string]string) map[string]any {
	principal, keys := map[string][]string{}, []string{}
	add := func(name, value string) {
		value = clip(value)
		had := slices.ContainsFunc(keys, func(o string) bool { return strings.EqualFold(o, name) })
		if value == "" || had || len(principal) == maxTags || utf8.RuneCountInString(name) > maxTagKey ||
			strings.ContainsFunc(name+value, notOfTags) || strings.HasPrefix(strings.ToLower(name), "aws:") {
			return
		}
		principal[name], keys = []string{value}, append(keys, name)
	}
	for _, name := range tagged {
		switch v := c[name].(type) {
		case string:
			add(name, v)
		case []string:
			add(name, strings.Join(v, " "))
		}
	}
	mine := len(keys)
	names := make([]string, 0, len(rules))
	for name := range rules {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		add(name, rules[name])
	}
	// What gatehold says stays, whatever role is assumed next.
	return map[string]any{"principal_tags": principal, "transitive_tag_keys": keys[:mine]}
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxTag {
		return string(r[:maxTag])
	}
	return s
}

func notOfTags(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r) || r == utf8.RuneError
}
