package service

import (
	"log/slog"
	"strings"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/passkey"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web"
	"github.com/gatehold/gatehold/internal/web/source"
)

// openToPeople opens the door for people at a command line, where there is a
// client id that they sign in with.
func openToPeople(d web.Deps, c config.Config, github *hub.Hub, k *keeper.Keeper, lists *board.Board) (web.Deps, error) {
	if c.ClientID == "" {
		return d, nil
	}
	keys, err := c.SealKeys("answers")
	if err != nil {
		return d, err
	}
	if d.Sealer, err = web.NewSealer(keys, d.Now); err != nil {
		return d, err
	}
	d.SignIns, d.Answers, d.Waiting = github, k.Answers, lists
	if c.SignIn() { // without it anybody sees the pages who reaches them: they show no line of code
		d.Source = source.New(github, d.Now)
		d.People = &web.People{
			Browser: github, Sessions: k.Accounts, Keys: k.Accounts, Vouches: k.Accounts, Endings: k.Accounts, Signatures: k.Accounts,
			Readers: k.Accounts,
			Origin:  strings.TrimSuffix(c.PublicURL, "/"),
		}
		for _, p := range c.TrustedProxies {
			d.Proxies = append(d.Proxies, p.String())
		}
	}
	return d, nil
}

// passkeys are those of the server's public address, or nil with why browsers make
// none for it.
func passkeys(c config.Config, log *slog.Logger) accounts.Passkeys {
	if !c.SignIn() {
		return nil
	}
	party, err := passkey.NewParty(c.PublicURL)
	if err != nil {
		log.Warn("people can sign in, and make no passkeys", "error", err)
		return nil
	}
	return party
}
