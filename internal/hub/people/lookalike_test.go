package people

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// Letters that are folded into ASCII ones (Kelvin sign, long s) name no
// organisation.
func TestLookAlikeOrganisation(t *testing.T) {
	i := &inquiry{repo: gate.Repo{Owner: "kiosks"}}
	for group, want := range map[string]bool{"@kiosks/sre": true, "@Kiosks/SRE": true, "@\u212aiosks/sre": false,
		"@kio\u017fks/sre": false, "@kiosks/\u017fre": false, "@kiosk/sre": false} {
		if _, _, ok := i.ask(group); ok != want {
			t.Errorf("%q is asked about: %v", group, ok)
		}
	}
}
