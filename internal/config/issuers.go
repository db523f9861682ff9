package config

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// ActionsIssuer is the kind of an issuer whose tokens are of jobs of GitHub Actions.
const ActionsIssuer = "actions"

// Issuer is one whose word is taken of who asks for a credential.
type Issuer struct {
	Name       string
	URL        string // as it stands in the tokens
	Audience   string
	Kind       string // ActionsIssuer, or ""
	Algorithms []string
	JWKS       string        // address, or path, of its keys; "": its discovery document says where
	CA         string        // PEM; "": the system's
	Age, Life  time.Duration // of a token, at most; 0: what is usual
	Private    bool          // it lies in a private network
	Local      bool          // it lies on this machine
}

// String names an issuer.
func (i Issuer) String() string { return i.Name + " (" + i.URL + ")" }

// Format makes every verb of fmt print String.
func (i Issuer) Format(f fmt.State, _ rune) { io.WriteString(f, i.String()) }

const maxIssuers = 20

// Bounds of the times that an issuer may be given.
const maxTokenAge, maxTokenLife = 24 * time.Hour, 48 * time.Hour

var (
	issuerKeys = []string{"kind", "url", "audience", "algorithms", "jwks", "jwks_file", "ca_file", "max_age", "max_life", "private"}

	issuerAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)

func showIssuers(list []Issuer) string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = one.String()
	}
	return strings.Join(names, ", ")
}

// TokenIssuers are those whose tokens are taken: the ones that are configured, or else
// GitHub's own, where the address is known that tokens are to name as their audience.
func (c Config) TokenIssuers() []Issuer {
	if len(c.Issuers) > 0 || c.PublicURL == "" {
		return c.Issuers
	}
	return []Issuer{c.actionsIssuer(ActionsIssuer)}
}

// actionsIssuer is that of the GitHub that is configured:
// https://token.actions.githubusercontent.com, https://token.actions.SUB.ghe.com, or
// https://HOST/_services/token.
// https://docs.github.com/en/enterprise-server/actions/reference/security/oidc
func (c Config) actionsIssuer(name string) Issuer {
	i := Issuer{Name: name, Kind: ActionsIssuer, Audience: c.PublicURL}
	api, err := url.Parse(strings.TrimSuffix(c.GitHubURL, "/"))
	if err != nil {
		return i
	}
	switch host := api.Hostname(); {
	case host == apiHost:
		i.URL = "https://token.actions.githubusercontent.com"
	case strings.HasPrefix(host, "api.") && strings.HasSuffix(host, geHost):
		i.URL = "https://token.actions." + strings.TrimPrefix(host, "api.")
	default: // the operator's own
		i.URL = api.Scheme + "://" + api.Host + "/_services/token"
		i.Private, i.Local = true, isLoopback(host)
	}
	return i
}

// issuers reads what stands under issuers: a mapping of names.
func (l *loader) issuers(s setting, ok bool, c Config) []Issuer {
	if !ok || s.text == "" {
		return nil
	}
	top := namedMapping(s.text)
	if top == nil {
		l.fail("%s must be a mapping of issuers by name, as in `gitlab: {url: https://gitlab.acme.example}`.", s.name)
		return nil
	}
	var out []Issuer
	for i := 0; i+1 < len(top.Content); i += 2 {
		name := top.Content[i].Value
		switch {
		case !isChannelName(name):
			l.fail("%s: the name of an issuer is 1 to 50 small letters, digits and hyphens.", s.name)
			continue
		case len(out) == maxIssuers:
			l.fail("%s: there may be at most %d issuers.", s.name, maxIssuers)
			return out
		}
		r := &issuerReader{loader: l, at: s.name + "." + name, values: map[string]*yaml.Node{}}
		one := r.read(name, top.Content[i+1], c)
		if slices.ContainsFunc(out, func(o Issuer) bool { return o.Name == name || o.URL == one.URL && one.URL != "" }) {
			l.fail("%s: the issuer %s, or its url, stands there twice: keep one.", s.name, name)
		}
		out = append(out, one)
	}
	return out
}

// issuerReader reads one issuer, and tells every problem of it.
type issuerReader struct {
	*loader
	at     string
	values map[string]*yaml.Node
}

func (r *issuerReader) text(key string) string {
	v := r.values[key]
	if v == nil {
		return ""
	}
	if v.Kind != yaml.ScalarNode || isNull(v) || strings.TrimSpace(v.Value) == "" {
		r.fail("%s.%s must be one value.", r.at, key)
		return ""
	}
	return strings.TrimSpace(v.Value)
}

func (r *issuerReader) read(name string, n *yaml.Node, c Config) Issuer {
	i := Issuer{Name: name}
	if n.Kind != yaml.MappingNode {
		r.fail("%s must be a mapping with `url`, or with `kind: actions`.", r.at)
		return i
	}
	for k := 0; k+1 < len(n.Content); k += 2 {
		key := n.Content[k].Value
		if !slices.Contains(issuerKeys, key) || r.values[key] != nil {
			r.fail("%s: each key stands there once, and is one of %s.", r.at, strings.Join(issuerKeys, ", "))
		}
		r.values[key] = n.Content[k+1]
	}
	switch kind := r.text("kind"); kind {
	case "":
	case ActionsIssuer:
		i = c.actionsIssuer(name)
	default:
		r.fail("%s.kind must be actions, or left out.", r.at)
	}
	if given := r.text("url"); given != "" || i.URL == "" {
		i.URL = given
		i.Private, i.Local = false, r.address("url", given)
	}
	if i.Audience = c.PublicURL; r.values["audience"] != nil {
		i.Audience = r.text("audience")
	}
	if i.Audience == "" {
		r.fail("%s.audience is missing: what tokens for gatehold name as their audience. It is public_url, where that is given.", r.at)
	}
	if on := r.text("private"); on != "" {
		if on != "true" && on != "false" {
			r.fail("%s.private is neither true nor false.", r.at)
		}
		i.Private = on == "true"
	}
	i.Age, i.Life = r.duration("max_age", maxTokenAge), r.duration("max_life", maxTokenLife)
	i.Algorithms = r.algorithms(r.values["algorithms"])
	r.keys(&i)
	return i
}

// address checks one that tokens or gatehold name. Issuers are compared byte by byte,
// so that nothing is made nicer here. It reports whether it is of this machine, which
// alone may be http.
func (r *issuerReader) address(key, text string) (local bool) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.ForceQuery ||
		strings.Contains(text, "#"):
		r.fail("%s.%s must be a whole address, as in https://gitlab.acme.example, without user, password, ? and #.", r.at, key)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		r.fail("%s.%s must be https: only an address of this machine may be http.", r.at, key)
	default:
		return isLoopback(u.Hostname())
	}
	return false
}

func (r *issuerReader) keys(i *Issuer) {
	at, path := r.text("jwks"), r.text("jwks_file")
	switch {
	case at != "" && path != "":
		r.fail("%s has both jwks and jwks_file: keep one of them.", r.at)
	case at != "":
		i.JWKS, i.Local = at, r.address("jwks", at) || i.Local
	case path != "":
		if _, ok := r.secretFile(path, r.at+".jwks_file"); ok {
			i.JWKS = path // it is read again: whoever rotates keys writes it anew
		}
	}
	if ca := r.text("ca_file"); ca != "" {
		found, ok := r.secretFile(ca, r.at+".ca_file")
		if i.CA = found.text; ok && !x509.NewCertPool().AppendCertsFromPEM([]byte(i.CA)) {
			r.fail("%s.ca_file holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----.", r.at)
		}
	}
}

func (r *issuerReader) duration(key string, most time.Duration) time.Duration {
	text := r.text(key)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Minute || d > most {
		r.fail("%s.%s must be a time from 1m to %s, as in 15m or 1h.", r.at, key, strings.TrimSuffix(most.String(), "0m0s"))
	}
	return d
}

// algorithms are those of a list, or of one word.
func (r *issuerReader) algorithms(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	items := n.Content
	if n.Kind == yaml.ScalarNode {
		items = []*yaml.Node{n}
	}
	var out []string
	for _, item := range items {
		if !slices.Contains(issuerAlgorithms, item.Value) {
			r.fail("%s.algorithms may hold %s.", r.at, strings.Join(issuerAlgorithms, ", "))
			return nil
		}
		out = append(out, item.Value)
	}
	if len(out) == 0 {
		r.fail("%s.algorithms is empty: leave it out for RS256.", r.at)
	}
	return out
}
