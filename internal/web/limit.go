package web

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/gatehold/gatehold/internal/gate"
)

// limiter bounds how often something is asked for, by each remote address and
// overall, in this process.
type limiter struct {
	each    func() *rate.Limiter
	overall *rate.Limiter
	from    *lru.Cache[netip.Addr, *rate.Limiter]
	now     func() time.Time
}

// maxAddresses bounds the addresses that are remembered.
const maxAddresses = 4096

// newLimiter allows one in every, after a burst, to an address; and overall.
func newLimiter(now func() time.Time, every time.Duration, burst int, everyOverall time.Duration, burstOverall int) *limiter {
	from, _ := lru.New[netip.Addr, *rate.Limiter](maxAddresses) // errs only for a size below 1
	return &limiter{
		each:    func() *rate.Limiter { return rate.NewLimiter(rate.Every(every), burst) },
		overall: rate.NewLimiter(rate.Every(everyOverall), burstOverall),
		from:    from, now: now,
	}
}

// allow takes one, or says until when there is none. What one address is refused
// is not taken from the others.
func (l *limiter) allow(remote string) error {
	now, address := l.now(), network(remote)
	own, ok := l.from.Get(address)
	if !ok {
		own = l.each()
		if before, had, _ := l.from.PeekOrAdd(address, own); had {
			own = before
		}
	}
	for _, r := range []*rate.Limiter{own, l.overall} {
		taken := r.ReserveN(now, 1)
		if wait := taken.DelayFrom(now); wait > 0 {
			taken.CancelAt(now)
			return &gate.Error{Code: "too_many_requests", Text: "Too many have asked for this. Try again in a while.", Until: now.Add(wait)}
		}
	}
	return nil
}

// network is the address, or of IPv6 the network of 64 bits, that one customer
// of a provider has.
func network(remote string) netip.Addr {
	address, err := netip.ParseAddr(remote)
	if err != nil {
		return netip.Addr{}
	}
	if address = address.Unmap(); address.Is6() {
		if p, err := address.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return address
}
