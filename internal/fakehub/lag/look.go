package lag

import (
	"github.com/gatehold/gatehold/internal/fakehub"
)

// Look is what one request has to do with lags: whether it may see the past,
// and what was decided for it by each.
type Look struct {
	lags    *Lags
	via     API
	allowed bool
	decided map[*Lagging]bool
}

// Look begins a request.
func (t *Lags) Look(via API) *Look { return &Look{lags: t, via: via, allowed: t.inForce.Load() > 0} }

// Past says whether the request may be answered with the past: then it needs the
// state's lock for itself alone.
func (k *Look) Past() bool { return k.allowed }

// Behind puts the hub into the state in which a read of a kind is answered,
// until back is called.
func (k *Look) Behind(kind Reads, r *fakehub.Repo) (back func()) {
	if kind == 0 {
		return func() {}
	}
	return k.into(kind, r, false)
}

// Early puts the hub into the state that a write of what a kind of read shows is
// held against, until back is called.
func (k *Look) Early(kind Reads, r *fakehub.Repo) (back func()) { return k.into(kind, r, true) }

func (k *Look) into(kind Reads, r *fakehub.Repo, write bool) (back func()) {
	if !k.allowed {
		return func() {}
	}
	h := k.lags.hub
	was := h.Present
	h.Travel(k.pick(kind, r, write))
	return func() { h.Travel(was) }
}

// pick finds the moment that a read or a write sees; nil: the present.
func (k *Look) pick(kind Reads, r *fakehub.Repo, write bool) *fakehub.Moment {
	for _, l := range k.lags.list {
		fits := l.lag.Writes == write && (l.lag.Of == 0 || l.lag.Of&kind != 0) && (l.lag.Via == AnyAPI || l.lag.Via == k.via) &&
			(l.lag.Repo == nil || l.lag.Repo == r)
		if !fits || !k.strikes(l) {
			continue
		}
		if l.moment != nil {
			return l.moment
		}
		return k.lags.asOf(k.lags.hub.Options.Now().Add(-l.lag.Behind))
	}
	return nil
}

// strikes decides once for each request whether a lag that fits holds for it.
func (k *Look) strikes(l *Lagging) bool {
	if yes, known := k.decided[l]; known {
		return yes
	}
	h := k.lags.hub
	l.seen++
	yes := l.seen > l.lag.Skip && (l.lag.Times == 0 || l.hits < l.lag.Times) &&
		(l.lag.For == 0 || h.Options.Now().Before(l.began.Add(l.lag.For))) &&
		(l.lag.Probability == 0 || h.Random.Float() < l.lag.Probability)
	if yes {
		l.hits++
	}
	if k.decided == nil {
		k.decided = map[*Lagging]bool{}
	}
	k.decided[l] = yes
	return yes
}
