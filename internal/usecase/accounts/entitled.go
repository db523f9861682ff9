package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/orgs"
)

// Orgs are the organisations in which people are somebody. Errors are something to try
// again.
type Orgs interface {
	All(ctx context.Context) ([]orgs.Org, error)
	// Of are those in which somebody may write, or approve something.
	Of(ctx context.Context, who gate.Actor) ([]orgs.Org, error)
	// Is reports whether somebody is of one of some groups in an organisation.
	Is(ctx context.Context, who gate.Actor, o orgs.Org, groups []string) (bool, error)
}

// asked is what is asked of a new key of somebody's: of each setting the strictest of the
// organisations in which they may write or approve. attest is whether a browser is asked
// for an attestation.
func (u *Accounts) asked(ctx context.Context, who gate.Actor) (asked account.Asked, attest bool, err error) {
	asked.Wait = u.wait
	in, err := u.orgs.Of(ctx, who)
	if err != nil {
		return asked, false, untold(err)
	}
	all := rulesfile.Passkeys{Attestation: rulesfile.AttestationNone}
	if len(in) == 0 {
		all.Attestation = rulesfile.AttestationRecorded
	}
	for _, o := range in {
		if o.Invalid != "" {
			return asked, false, &gate.Error{Code: "rules_invalid", Text: fmt.Sprintf(
				"What %s asks of passkeys is not known now, so none is made. %s", o.Name, o.Invalid)}
		}
		all = policy.StricterPasskeys(all, o.Passkeys)
	}
	if d, err := time.ParseDuration(all.Wait); err == nil && d > asked.Wait {
		asked.Wait = d
	}
	asked.Vouches, asked.Keys, asked.Models = all.Vouches, all.Keys, all.Models
	asked.Attested = all.Attestation == rulesfile.AttestationRequired
	return asked, all.Attestation != rulesfile.AttestationNone, nil
}

func untold(err error) error {
	known := gate.AsError(err)
	if known.Code != "internal" {
		return known
	}
	return &gate.Error{Code: "github_unavailable", Text: "It is not known now what your organisation asks of passkeys. Try again.", Err: err}
}

// entitlement is what somebody may do about another's key.
type entitlement struct {
	see   bool // that it is there, and object to it
	vouch bool
	end   bool
}

// over says what somebody may do about another's key: who may write where its owner may
// sees it, whoever the rules there name vouches for it, an owner of the organisation ends
// it. Errors are what kept GitHub from telling.
func (u *Accounts) over(ctx context.Context, who, other gate.Actor) (e entitlement, err error) {
	if who.ID == other.ID || other.ID == 0 {
		return e, nil
	}
	in, err := u.orgs.Of(ctx, other)
	if err != nil {
		return e, untold(err)
	}
	for _, o := range in {
		for _, may := range []struct {
			is *bool
			of []string
		}{{&e.vouch, o.Vouchers()}, {&e.end, []string{"owner"}}, {&e.see, []string{gate.WriteAccess}}} {
			if *may.is || len(may.of) == 0 {
				continue
			}
			is, err := u.orgs.Is(ctx, who, o, may.of)
			if err != nil {
				return e, untold(err)
			}
			*may.is = *may.is || is
			e.see = e.see || is
		}
	}
	return e, nil
}

// Governed are the people with keys of whom somebody may end some, by their accounts.
func (u *Accounts) Governed(ctx context.Context, s Session) ([]account.State, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return nil, err
	}
	all, err := u.orgs.All(ctx)
	if err != nil {
		return nil, untold(err)
	}
	owned := all[:0:0]
	for _, o := range all {
		is, err := u.orgs.Is(ctx, state.Actor, o, []string{"owner"})
		if err != nil {
			return nil, untold(err)
		}
		if is {
			owned = append(owned, o)
		}
	}
	if len(owned) == 0 {
		return nil, nil
	}
	names, err := u.book.Log.Live(ctx, string(gate.Account)+"/")
	if err != nil {
		return nil, trouble(err)
	}
	var out []account.State
	for _, name := range names[:min(len(names), mostGoverned)] {
		f, err := u.book.Accounts.Load(ctx, name)
		if gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return nil, trouble(err)
		}
		for _, o := range owned {
			is, err := u.orgs.Is(ctx, f.State.Actor, o, append([]string{gate.WriteAccess}, o.Approvers...))
			if err != nil {
				return nil, untold(err)
			}
			if is && f.State.Actor.ID != s.Account {
				out = append(out, f.State)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b account.State) int { return int(a.Actor.ID - b.Actor.ID) })
	return out, nil
}

// mostGoverned bounds how many people are asked about for one page.
const mostGoverned = 200
