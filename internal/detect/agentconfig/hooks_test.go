package agentconfig

import (
	"regexp"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/tool"
)

// Each row's own examples are run: one that is wrong fails here.
func TestHooksHoldWhatTheySay(t *testing.T) {
	for _, kind := range hookKinds {
		for _, one := range hookTools(kind) {
			for _, problem := range tool.Check(one, []string{kind.ID[len("agentconfig/"):]}) {
				t.Errorf("%s: %s", kind.ID, problem)
			}
		}
	}
}

func TestPermissionsHoldWhatTheySay(t *testing.T) {
	for _, one := range permissionTools() {
		for _, problem := range tool.Check(one, []string{"permission-widened"}) {
			t.Error(problem)
		}
	}
}

// A class that is written wrongly would be a word that nobody says.
func TestPhrasesNameClassesThatAre(t *testing.T) {
	for _, s := range slices.Concat(said, meant) {
		for _, text := range s.phrases {
			for _, found := range regexp.MustCompile(`(?:^|[ |=])@(\w+)`).FindAllStringSubmatch(text, -1) {
				if classes()[found[1]] == nil {
					t.Errorf("%q names the class %q, which is not there", text, found[1])
				}
			}
		}
	}
}
