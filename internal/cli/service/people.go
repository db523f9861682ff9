package service

import (
	"log/slog"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/passkey"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/usecase/telling"
	"github.com/gatehold/gatehold/internal/web"
	"github.com/gatehold/gatehold/internal/web/source"
)

// openToPeople opens the door for people at a command line, where there is a
// client id that they sign in with.
func openToPeople(d web.Deps, c config.Config, github *hub.Hub, k *keeper.Keeper, lists *board.Board,
	shown *source.Reader, each *persons,
) web.Deps {
	if c.ClientID == "" {
		return d
	}
	d.SignIns, d.Answers, d.Waiting = github, k.Answers, lists
	if c.SignIn() { // without it anybody sees the pages who reaches them: they show no line of code
		d.Source, d.Slack = shown, slackDoor(c)
		d.People = &web.People{
			Browser: github, Sessions: k.Accounts, Keys: k.Accounts, Vouches: k.Accounts, Endings: k.Accounts,
			Signatures: k.Accounts, Readers: k.Accounts,
			Links: k.Accounts, OwnLinks: k.Accounts, Settings: k.Accounts, Letters: each,
			Origin: strings.TrimSuffix(c.PublicURL, "/"),
		}
		for _, p := range c.TrustedProxies {
			d.Proxies = append(d.Proxies, p.String())
		}
	}
	return d
}

// sealerOf seals what people are given and give back; nil where nobody can sign in.
func sealerOf(c config.Config, now func() time.Time) (*web.Sealer, error) {
	if c.ClientID == "" {
		return nil, nil
	}
	keys, err := c.SealKeys("answers")
	if err != nil {
		return nil, err
	}
	return web.NewSealer(keys, now)
}

// sights are those of the buttons of messages; nil where nobody can be linked who would
// press them.
func sights(c config.Config, sealer *web.Sealer) telling.Sights {
	if sealer == nil || !c.SignIn() {
		return nil
	}
	return sealer
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
