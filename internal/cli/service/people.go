package service

import (
	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/web"
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
	return d, nil
}
