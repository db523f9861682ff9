package config

import (
	"net/netip"
	"strings"
	"unicode"
)

// SignIn reports whether people can sign in in a browser: there is an App that they
// do it with, and an address for GitHub to send them back to.
func (c Config) SignIn() bool { return c.ClientID != "" && c.ClientSecret != "" && c.PublicURL != "" }

// CallbackURL is where GitHub sends a browser back to. The App that people sign in
// with has it among its callback URLs, letter by letter. It is empty where nobody can
// sign in in a browser.
func (c Config) CallbackURL() string {
	if !c.SignIn() {
		return ""
	}
	return strings.TrimSuffix(c.PublicURL, "/") + "/sign-in/callback"
}

// clientSecret checks that it can be one. GitHub does not say how they are made: they
// are 40 digits of a hexadecimal number so far.
func (l *loader) clientSecret(s setting, ok bool) string {
	if !ok || s.text == "" {
		return ""
	}
	unsound := func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == 0x7f }
	switch {
	case s.text == l.get(keyClientID, "").text:
		l.fail("%s is the client id. The client secret is another value, which the App's settings page shows once: when it is generated.",
			s.name)
	case len(s.text) < 20 || len(s.text) > 255 || strings.ContainsFunc(s.text, unsound):
		// What stands there may be a secret that was put in the wrong place.
		l.fail("%s must be the one client secret that the settings page of the App generates which people sign in with, "+
			"in one line: neither a private key nor a webhook secret.", s.name)
	default:
		return s.text
	}
	return ""
}

// checkSignIn holds what a sign-in in a browser needs together. A client id alone is
// enough for a command line.
func (l *loader) checkSignIn(c Config) {
	if c.ClientSecret == "" {
		return
	}
	if l.get(keyClientID, "").text == "" {
		l.fail("There is a client secret, and nothing says of which App: set GATEHOLD_CLIENT_ID to the Client ID of the App that " +
			"people sign in with, or take GATEHOLD_CLIENT_SECRET away.")
	}
	if l.get(keyPublicURL, "").text == "" {
		l.fail("There is a client secret, and GitHub cannot send people back: set GATEHOLD_PUBLIC_URL to the address where people " +
			"reach gatehold, which begins with https://, or take GATEHOLD_CLIENT_SECRET away.")
	}
}

// maxProxies is far more than a deployment has.
const maxProxies = 64

// proxies reads addresses and networks, parted by commas, spaces or lines.
func (l *loader) proxies(s setting) []netip.Prefix {
	var all []netip.Prefix
	for _, one := range strings.FieldsFunc(s.text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		p, ok := l.proxy(one, s.name)
		if !ok {
			return nil
		}
		all = append(all, p)
	}
	if len(all) > maxProxies {
		l.fail("%s lists more than %d addresses: name the network that they are in.", s.name, maxProxies)
		return nil
	}
	return all
}

func (l *loader) proxy(text, name string) (netip.Prefix, bool) {
	address, err := netip.ParseAddr(text)
	if err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil || p.Addr().Is4In6():
		l.fail("%s must list addresses and networks, as in 10.1.2.3, 10.0.0.0/8 or fd00::/8: not all that stands there is one.", name)
	case p != p.Masked():
		l.fail("%s: %s names a network and an address in it: write %s for the network, or %s for the address.", name, p, p.Masked(), p.Addr())
	case p.Bits() == 0:
		l.fail("%s: with %s anybody could say that they come from anywhere: list your reverse proxies alone.", name, p)
	default:
		return p, true
	}
	return netip.Prefix{}, false
}

func showPrefixes(all []netip.Prefix) string {
	var shown []string
	for _, p := range all {
		shown = append(shown, p.String())
	}
	return strings.Join(shown, ", ")
}
