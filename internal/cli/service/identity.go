package service

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

// identitiesWith is what signs identities, nil where nothing does, and what rotates its
// keys meanwhile.
func identitiesWith(c config.Config, store ledger.Store, log *slog.Logger) (*issuer.Issuer, func(context.Context), error) {
	rest := func(context.Context) {}
	if !c.Identities {
		return nil, rest, nil
	}
	with := issuer.Config{URL: c.PublicURL, Link: func(stream string) string {
		if pages := PagesURL(c); pages != "" {
			return pages + "/gates/" + stream
		}
		return ""
	}}
	if len(c.IdentityKeys) > 0 {
		keys, err := issuer.ReadKeys(c.IdentityKeys)
		if err != nil {
			return nil, rest, err
		}
		with.Keys, err = issuer.NewGiven(keys...)
		return issuer.New(with), rest, err
	}
	seals, err := c.SealKeys("issuer")
	if err != nil {
		return nil, rest, err
	}
	vault, has := store.(ledger.Vault)
	if !has {
		return nil, rest, fmt.Errorf("the ledger has no vault")
	}
	sealed, err := credentials.NewSealed(vault, seals)
	if err != nil {
		return nil, rest, err
	}
	kept := issuer.NewKept(issuer.KeptConfig{Log: store, Vault: sealed, Now: time.Now, Slog: log})
	with.Keys = kept
	return issuer.New(with), kept.Run, nil
}
