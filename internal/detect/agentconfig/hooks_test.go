package agentconfig

import (
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
