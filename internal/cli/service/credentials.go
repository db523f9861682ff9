package service

import (
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/mint"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/oidc"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
	"github.com/gatehold/gatehold/internal/web"
)

// credentialsWith is what credentials are given with, as the configuration has it. Without
// an App whose tokens may be given, or keys that sign identities, nobody is believed who
// asks.
func credentialsWith(c config.Config, store ledger.Store, github *hub.Hub, log *slog.Logger, metrics *web.Metrics) (
	keeper.Credentials, error) {
	with := keeper.Credentials{Running: github}
	keys, err := c.SealKeys("credentials")
	if err != nil {
		return with, err
	}
	kept, has := store.(ledger.Vault)
	if !has {
		return with, fmt.Errorf("the ledger has no vault")
	}
	if with.Vault, err = credentials.NewSealed(kept, keys); err != nil {
		return with, err
	}
	if !c.Mints() && !c.Identities {
		return with, nil
	}
	if c.Mints() {
		if with.Mint, err = newMint(c, log, metrics); err != nil {
			return with, err
		}
	}
	issuers := c.TokenIssuers()
	if len(issuers) == 0 {
		return with, &gate.Error{Code: "issuers_missing", Text: "There are credentials to give, and nobody who may ask: set " +
			"GATEHOLD_PUBLIC_URL, which identity tokens name as their audience, or GATEHOLD_ISSUERS."}
	}
	with.Verifier = oidc.New(oidc.Config{Issuers: believed(issuers), Now: time.Now})
	return with, nil
}

// time.Now is the clock of a service.
func believed(list []config.Issuer) []oidc.Issuer {
	out := make([]oidc.Issuer, len(list))
	for i, one := range list {
		out[i] = oidc.Issuer{URL: one.URL, Audience: one.Audience, Kind: one.Kind, Algorithms: one.Algorithms, JWKS: one.JWKS, CA: one.CA,
			Age: one.Age, Life: one.Life, Private: one.Private, Local: one.Local}
	}
	return out
}

// newMint speaks as the App whose tokens are given.
func newMint(c config.Config, log *slog.Logger, metrics *web.Metrics) (*mint.Mint, error) {
	rest, err := url.Parse(c.GitHubURL)
	if err != nil {
		return nil, err
	}
	graphql, err := url.Parse(c.GraphQLURL())
	if err != nil {
		return nil, err
	}
	gh, err := api.New(api.Config{
		API: rest, GraphQL: graphql, AppID: c.MintAppID, PrivateKey: c.MintKey, Now: time.Now, Log: log, Observe: metrics.Requested,
	})
	if err != nil {
		return nil, err
	}
	return mint.New(gh), nil
}
