package markup

import (
	"net"
	"net/url"
	"strings"
)

// Site is another host that pages link to, GitHub's: as whoever set gatehold up named
// it. The zero Site is none, and nothing leads there.
type Site struct{ base string }

// NewSite takes https://, and http:// on this machine alone.
func NewSite(address string) (Site, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Site{}, false
	}
	ip := net.ParseIP(u.Hostname())
	local := ip != nil && ip.IsLoopback() || u.Hostname() == "localhost"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return Site{}, false
	}
	base := Address{}
	if base, _ = HTTPS("https://" + u.Host + u.Path); base.url == "" {
		return Site{}, false
	}
	return Site{u.Scheme + strings.TrimSuffix(strings.TrimPrefix(base.url, "https"), "/")}, true
}

// Known reports whether something can lead there.
func (s Site) Known() bool { return s.base != "" }

// Path is a page of the site. Of path only the slashes mean something. A part of the
// page may be named, by letters, digits and hyphens.
func (s Site) Path(path, part string) Address {
	address := s.base + Path(path).url
	if part != "" && strings.Trim(part, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == "" {
		address += "#" + part
	}
	return Address{address}
}
