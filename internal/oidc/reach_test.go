package oidc

import (
	"net/netip"
	"testing"
)

// Which addresses are connected to: p where a private network is allowed, l where this
// machine is, a always, n never.
func TestReach(t *testing.T) {
	for address, want := range map[string]string{
		"140.82.121.4": "a", "2606:50c0:8000::154": "a", "8.8.8.8": "a",
		"127.0.0.1": "l", "127.255.255.254": "l", "::1": "l", "::ffff:127.0.0.1": "l", "64:ff9b::7f00:1": "l",
		"10.0.0.1": "p", "172.16.0.1": "p", "172.31.255.255": "p", "192.168.1.1": "p", "100.64.0.1": "p", "198.18.0.1": "p", "fd12::1": "p",
		"::ffff:10.0.0.1": "p", "64:ff9b::a00:1": "p",
		"169.254.169.254": "n", "169.254.170.2": "n", "::ffff:169.254.169.254": "n", "64:ff9b::a9fe:a9fe": "n", "fe80::1%eth0": "n",
		"fd00:ec2::254": "n", "fd20:ce::254": "n", "100.100.100.200": "n", "192.0.0.192": "n", "168.63.129.16": "n",
		"0.0.0.0": "n", "0.1.2.3": "n", "::": "n", "::127.0.0.1": "n", "255.255.255.255": "n", "224.0.0.1": "n", "ff02::1": "n", "240.0.0.1": "n",
		"2002:7f00:1::": "n", "2001:0:7f00:1::": "n", "2001:db8::1": "n", "fec0::1": "n", "64:ff9b:1::1": "n", "192.0.2.1": "n",
		"172.32.0.1": "a", "172.15.255.255": "a", "11.0.0.1": "a",
	} {
		for _, r := range []reach{{}, {private: true}, {local: true}, {private: true, local: true}} {
			allowed := want == "a" || want == "p" && r.private || want == "l" && r.local
			if what := r.refuses(netip.MustParseAddr(address)); (what == "") != allowed {
				t.Errorf("%s with %+v: %q", address, r, what)
			}
		}
	}
	for _, odd := range []string{"", "localhost:443", "127.0.0.1", "[::1]", "/run/socket"} {
		if (reach{private: true, local: true}).control(t.Context(), "tcp", odd, nil) == nil {
			t.Errorf("%q is connected to", odd)
		}
	}
	if (reach{}).control(t.Context(), "udp", "140.82.121.4:443", nil) == nil || (reach{}).control(t.Context(), "tcp4",
		"140.82.121.4:443", nil) != nil {
		t.Error("it is not by TCP alone that others are asked")
	}
}
