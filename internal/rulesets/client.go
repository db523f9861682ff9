package rulesets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of one exchange with GitHub.
const (
	maxAnswer   = 4 << 20
	answerTime  = 20 * time.Second
	maxPages    = 10
	perPage     = "100"
	apiVersion  = "2022-11-28"
	maxTokenLen = 4096
)

// Config says which GitHub to talk to, and by whose token.
type Config struct {
	API       *url.URL          // REST base: https://api.github.com or https://HOST/api/v3
	Token     string            // an administrator's own
	Transport http.RoundTripper // nil: one with timeouts of its own
}

// Client asks GitHub as an administrator. It may be used by many goroutines.
type Client struct {
	api   string // without a slash at the end
	token string
	http  *http.Client
}

// New checks the configuration. It does not use the network. The token goes in
// the clear to an address of this machine only.
func New(cfg Config) (*Client, error) {
	u := cfg.API
	switch {
	case u == nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && u.Scheme != "http":
		return nil,
			&gate.Error{Code: "usage",
				Text: "GitHub's address must be the base of its REST API, as in https://api.github.com or https://HOST/api/v3."}
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, &gate.Error{Code: "usage", Text: "GitHub's address would send the token in the clear: use https."}
	case cfg.Token == "" || len(cfg.Token) > maxTokenLen ||
		strings.ContainsFunc(cfg.Token, func(r rune) bool { return r <= ' ' || r >= 0x7F }):
		return nil,
			&gate.Error{Code: "usage", Text: "The administrator's token is empty or no token: it must be one word of plain letters."}
	}
	transport := cfg.Transport
	if transport == nil {
		dial := &net.Dialer{Timeout: 5 * time.Second}
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 5 * time.Second, IdleConnTimeout: 30 * time.Second,
		}
	}
	return &Client{
		api: strings.TrimRight(u.String(), "/"), token: cfg.Token,
		http: &http.Client{
			Transport: transport, Timeout: answerTime,
			// The token must not travel: not even to another path of this host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ask is one request. doing follows "gatehold could not" in an error.
type ask struct {
	method string
	path   []string // segments, escaped one by one
	query  url.Values
	body   []byte
	doing  string
}

// segments of a path must not climb out of it.
func (a ask) url(api string) (string, error) {
	var b strings.Builder
	b.WriteString(api)
	for _, s := range a.path {
		if s == "" || s == "." || s == ".." {
			return "", &gate.Error{Code: "usage", Text: fmt.Sprintf("%q is no name on GitHub.", s)}
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	if len(a.query) > 0 {
		b.WriteByte('?')
		b.WriteString(a.query.Encode())
	}
	return b.String(), nil
}

// do sends a request and returns the whole body of a 2xx answer.
func (c *Client) do(ctx context.Context, a ask) (json.RawMessage, error) {
	address, err := a.url(c.api)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if a.body != nil {
		body = bytes.NewReader(a.body)
	}
	req, err := http.NewRequestWithContext(ctx, a.method, address, body)
	if err != nil {
		return nil, &gate.Error{Code: "usage", Text: "gatehold could not " + a.doing + ": the name cannot stand in an address."}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-Github-Api-Version", apiVersion)
	req.Header.Set("User-Agent", "gatehold")
	if a.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(a, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, c.unreachable(a, err)
	case len(text) > maxAnswer:
		return nil, &gate.Error{Code: "answer_too_large", Text: "gatehold could not " + a.doing +
			": GitHub's answer is larger than gatehold reads."}
	case resp.StatusCode/100 != 2:
		return nil, c.refused(a, resp, text)
	}
	return text, nil
}

// pages reads a list to its end; more than maxPages pages is an error, for a
// list that is cut short would hide what is looked for. within names the member
// that holds the list, "" where the answer itself does.
func (c *Client) pages(ctx context.Context, a ask, within string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	a.method = http.MethodGet
	query := a.query
	for page := 1; page <= maxPages; page++ {
		a.query = url.Values{"per_page": {perPage}, "page": {fmt.Sprint(page)}}
		for k, v := range query {
			a.query[k] = v
		}
		text, err := c.do(ctx, a)
		if err != nil {
			return nil, err
		}
		if within != "" {
			o, err := parseObject(text)
			if err != nil {
				return nil, c.odd(a, err)
			}
			text = orEmpty(o.get(within))
		}
		var items []json.RawMessage
		if err := json.Unmarshal(text, &items); err != nil {
			return nil, c.odd(a, err)
		}
		all = append(all, items...)
		if len(items) < 100 {
			return all, nil
		}
	}
	return nil,
		&gate.Error{Code: "answer_too_large", Text: fmt.Sprintf("gatehold could not %s: there are more than %d of them.",
			a.doing, maxPages*100)}
}

func (c *Client) odd(a ask, err error) *gate.Error {
	return &gate.Error{Code: "github_unavailable", Err: err,
		Text: "gatehold could not " + a.doing + ": GitHub's answer has a form that gatehold does not know."}
}

func (c *Client) unreachable(a ask, err error) *gate.Error {
	why := "GitHub could not be reached"
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		why = "GitHub did not answer in time"
	}
	return &gate.Error{Code: "github_unavailable", Err: errors.New(c.clean(err.Error())),
		Text: fmt.Sprintf("gatehold could not %s: %s (%s).", a.doing, why, clip(c.clean(err.Error()), 200))}
}

// refused says what a status means for whoever runs the command.
func (c *Client) refused(a ask, resp *http.Response, body []byte) *gate.Error {
	status := resp.StatusCode
	said := c.said(body)
	out := &gate.Error{Code: "github_refused", Err: fmt.Errorf("status %d: %s", status, said)}
	text := "gatehold could not " + a.doing + ": "
	switch {
	case status/100 == 3:
		out.Code = "redirect_refused"
		text += "GitHub answers with another address, and the token goes nowhere else. If the repository or organisation " +
			"was renamed, use its present name."
	case status == http.StatusUnauthorized:
		out.Code = "no_permission"
		text += "GitHub does not take the token. It may have expired."
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && limited(resp.Header, said):
		out.Code = "rate_limited"
		text += "GitHub's rate limit for this token is used up. Try again later."
	case status == http.StatusForbidden:
		out.Code = "no_permission"
		text += fmt.Sprintf("GitHub says %q. %s", said, need(resp.Header))
	case status == http.StatusNotFound:
		out.Code = "not_found"
		text += "GitHub says that it does not exist, or this token may not see it. " + need(resp.Header)
	case status >= 500:
		out.Code = "github_unavailable"
		text += fmt.Sprintf("GitHub answered %d. Try again.", status)
	default:
		text += fmt.Sprintf("GitHub answered %d, %q.", status, said)
	}
	out.Text = text
	return out
}

func limited(h http.Header, said string) bool {
	return h.Get("Retry-After") != "" || h.Get("X-Ratelimit-Remaining") == "0" || strings.Contains(strings.ToLower(said), "rate limit")
}

// need says which token would do.
func need(h http.Header) string {
	switch {
	case strings.HasPrefix(h.Get("X-Github-Sso"), "required"):
		return "The organisation uses single sign-on: authorise the token for it on the token's settings page."
	case h.Get("X-Accepted-Github-Permissions") != "":
		return fmt.Sprintf("The token needs the permission %s.", clip(h.Get("X-Accepted-Github-Permissions"), 100))
	}
	return "It takes the token of an administrator: for a repository with administration: write (classic: repo), for an " +
		"organisation its owner's with organization_administration: write (classic: admin:org)."
}

// said is GitHub's own sentence, with the details of a 422.
func (c *Client) said(body []byte) string {
	o, err := parseObject(body)
	if err != nil {
		return ""
	}
	said := o.text("message")
	if errs := o.get("errors"); errs != nil {
		said += ": " + string(errs)
	}
	return clip(c.clean(said), 300)
}

// clean cuts the token out of a text, should it ever get into one.
func (c *Client) clean(text string) string { return strings.ReplaceAll(text, c.token, "[redacted]") }

// clip bounds text from outside to one printable line of at most n runes.
func clip(s string, n int) string {
	out := []rune(printable(strings.Join(strings.Fields(s), " ")))
	if len(out) > n {
		return string(out[:n]) + "..."
	}
	return string(out)
}
