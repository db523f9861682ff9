//go:build services

package stories

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// TestScriptsThatFailed plays what random scripts were shortened to that failed once.
func TestScriptsThatFailed(t *testing.T) {
	t.Parallel()
	for _, played := range []struct {
		name   string
		seed   uint64
		script []op
	}{
		{"a green that was earned for another branch and is not painted again", 20142, []op{
			{"open", 54, 0, 0}, {"retarget", 28, 14, 13}, {"trunk", 55, 27, 10}, {"rerequest", 22, 54, 49}, {"release", 42, 10, 55},
			{"merge", 26, 16, 28},
		}},
		{"deliveries that GitHub has forgotten", 20437, []op{
			{"fault", 55, 10, 54}, {"open", 52, 10, 13}, {"kill", 12, 30, 40}, {"hook", 2, 44, 21}, {"merge", 1, 0, 3},
			{"day", 23, 46, 38}, {"mend", 50, 30, 32}, {"day", 48, 3, 31}, {"press", 45, 58, 40},
		}},
		{"an answer without the push that was lost", 30046, []op{
			{"open", 49, 33, 13}, {"press", 14, 5, 40}, {"rerequest", 48, 2, 12}, {"hook", 35, 6, 40}, {"lag", 20, 57, 50},
			{"open", 9, 40, 12},
		}},
	} {
		t.Run(played.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "played.db")
			_, err := perform(t, func(now func() time.Time) ledger.Store {
				s, err := sqlite.Open(path, sqlite.Options{Now: now})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}, played.seed, played.script, map[string]int{})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
