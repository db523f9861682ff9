package checks

import (
	"fmt"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
	"github.com/gatehold/gatehold/internal/report"
)

// The platform's bounds on the buttons of a check run, in characters.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	maxActions           = 3
	maxActionLabel       = 20
	maxActionDescription = 40
	maxActionIdentifier  = 20
)

// checkActions refuses what GitHub would refuse, and with it the whole check,
// and buttons that do not say of which painting they are. A shortened
// label could promise something else than the button does, so none is cut.
func checkActions(actions []report.Action) error {
	if len(actions) > maxActions {
		return api.Invalid(fmt.Sprintf("A check run has %d buttons at most.", maxActions))
	}
	for _, a := range actions {
		_, nonce, ours := gate.ReadButton(a.Identifier)
		ours = ours && nonce != "" && fits(a.Identifier, maxActionIdentifier)
		if !ours || !fits(a.Label, maxActionLabel) || !fits(a.Description, maxActionDescription) {
			return api.Invalid(fmt.Sprintf("A check run's button %q is none that GitHub or gatehold takes.", wire.Clip(a.Identifier, 40)))
		}
	}
	return nil
}

func fits(s string, most int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
}

// actionBodies is never nil: an empty list takes the buttons of the last
// publication away, a missing one may leave them.
func actionBodies(actions []report.Action) []map[string]any {
	list := make([]map[string]any, 0, len(actions))
	for _, a := range actions {
		list = append(list, map[string]any{"label": a.Label, "description": a.Description, "identifier": a.Identifier})
	}
	return list
}
