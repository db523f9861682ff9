package cloud

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// wideRange says whether one range of addresses is more than anybody owns: half
// the internet is open to the world as much as all of it. No one holds more than
// eight leading bits of version 4, and of version 6 all that is routed is 2000::/3.
func wideRange(s string) bool {
	p, err := netip.ParsePrefix(strings.TrimSpace(s))
	if err != nil {
		return false
	}
	first := p.Masked().Addr().AsSlice()[0]
	if p.Addr().Is4() {
		return p.Bits() < 8 && first < 224 // what is above is multicast, or nobody's
	}
	return p.Bits() < 12 && first < 0xfc // and here what is local
}

// half is of how many addresses of version 4 a list is open to the world.
const half = 1 << 31

// manyRanges says whether ranges that are each of a fair size are the world
// together.
func manyRanges(n *tree.Node) bool {
	if !n.IsList() || len(n.Items) < 2 {
		return false
	}
	seen := map[netip.Prefix]bool{}
	total := 0
	for _, item := range n.Items {
		p, err := netip.ParsePrefix(item.Str())
		if err != nil || !p.Addr().Is4() || seen[p.Masked()] || p.Masked().Addr().IsPrivate() {
			continue
		}
		seen[p.Masked()] = true
		total += 1 << (32 - p.Bits())
	}
	return total >= half
}

// manyAddresses says the same of a first and a last address.
func manyAddresses(first, last string) bool {
	a, errA := netip.ParseAddr(first)
	b, errB := netip.ParseAddr(last)
	if errA != nil || errB != nil || !a.Is4() || !b.Is4() {
		return false
	}
	from, to := a.As4(), b.As4()
	low, high := binary.BigEndian.Uint32(from[:]), binary.BigEndian.Uint32(to[:])
	return high >= low && high-low >= half-1
}
