package command

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ServerAddress checks the address of a gatehold server, and gives it without a slash at
// the end. What goes there is worth an answer, or a credential, so it does not go in
// the clear.
func ServerAddress(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", Usage("--server must be a whole address, as in https://gatehold.example.com.")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", Usage("--server must hold no user, no password and nothing after ? or #.")
	case u.Scheme == "http" && !onThisMachine(u.Hostname()):
		return "", Usage("--server must be https: only an address of this machine may be http.")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func onThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Client follows no redirect: what is asked with stays where it was sent.
func Client(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
