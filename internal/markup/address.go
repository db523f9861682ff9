package markup

import (
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Address is where a link leads or a form goes. It is one of ours, on the host that
// the page came from, or begins with https://. Whatever it is made from, it holds
// nothing but printable ASCII, and neither quotes nor angle brackets.
type Address struct{ url string }

// Path is an address of ours. Of path only the slashes mean something: all else is
// escaped. The query is names and values in turn.
func Path(path string, query ...string) Address {
	parts := strings.Split(strings.TrimLeft(path, "/"), "/") // "//host" would be an address of another host
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	address := "/" + strings.Join(parts, "/")
	if len(query) > 0 {
		address += encoded(query)
	}
	return Address{address}
}

// Here is the address of the page itself with another query, of names and values in
// turn.
func Here(query ...string) Address { return Address{encoded(query)} }

// encoded keeps the order of what it is given.
func encoded(query []string) string {
	pairs := make([]string, 0, len(query)/2)
	for i := 0; i+1 < len(query); i += 2 {
		pairs = append(pairs, url.QueryEscape(query[i])+"="+url.QueryEscape(query[i+1]))
	}
	return "?" + strings.Join(pairs, "&")
}

// HTTPS is an address from outside. ok is false where it is none that begins with
// https://: then there is nothing to link to.
func HTTPS(address string) (a Address, ok bool) {
	if !strings.HasPrefix(address, "https://") {
		return Address{}, false
	}
	var b strings.Builder
	for i := range len(address) {
		c := address[i]
		if meansItself(c) || c == '%' && isHex(address, i+1) && isHex(address, i+2) {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return Address{b.String()}, true
}

// meansItself reports whether a byte may stand in any part of an address.
func meansItself(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~!#$&*+,/:;=?@[]", c) >= 0
}

func isHex(s string, i int) bool {
	return i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
}

// Href is where a link leads.
func Href(to Address) g.Node { return h.Href(to.url) }

// Action is where a form goes.
func Action(to Address) g.Node { return h.Action(to.url) }

// Part is a part of the page itself, by an id that stands in the source.
func Part(id constant) Address { return Address{"#" + url.PathEscape(string(id))} }
