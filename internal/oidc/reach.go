package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// reach says which addresses an issuer may have, beside public ones.
type reach struct {
	private, local bool
}

// unreached is the error of an address that is not connected to.
type unreached struct{ what string }

func (e *unreached) Error() string {
	return fmt.Sprintf("it lies at %s, where gatehold does not connect to", e.what)
}

// hint says what an issuer's configuration may lack.
func hint(err error) string {
	var at *unreached
	if errors.As(err, &at) {
		return " Its name leads to " + at.what + ", where gatehold connects to only if the issuer's configuration says so."
	}
	return ""
}

// control is asked when an address is dialled: whatever a name meant before, this is
// what it means.
func (r reach) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return &unreached{"no address of the internet"}
	}
	if what := r.refuses(at.Addr()); what != "" {
		return &unreached{what}
	}
	return nil
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

var (
	// metadata is where clouds tell a machine its secrets. Some lie in ranges that are
	// private, or public.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
	// https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
	metadata = prefixes("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32", "192.0.0.192/32",
		"168.63.129.16/32")
	private = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7")
	// https://www.iana.org/assignments/iana-ipv4-special-registry
	nobody = prefixes("0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	public6 = netip.MustParsePrefix("2000::/3")
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // the last four bytes are an address
)

// refuses names what an address is where it is not connected to, and is "" where it is.
func (r reach) refuses(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		return r.refuses(netip.AddrFrom4([4]byte(b[12:])))
	}
	in := func(list []netip.Prefix) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	switch {
	case in(metadata):
		return "an address of the machine's own link or of a cloud's metadata"
	case a.IsLoopback():
		return unless(r.local, "an address of gatehold's own machine")
	case in(private):
		return unless(r.private, "an address of a private network")
	case in(nobody) || a.Is6() && !public6.Contains(a):
		return "an address that is nobody's on the internet"
	}
	return ""
}

func unless(allowed bool, what string) string {
	if allowed {
		return ""
	}
	return what
}
