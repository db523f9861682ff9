package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/hub/inbox"
)

// TestTheManifestAsksForWhatIsUsedAndNoMore holds app.yml against the events
// that the code handles, and against the permissions that the design allows.
func TestTheManifestAsksForWhatIsUsedAndNoMore(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "app.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Events      []string          `yaml:"default_events"`
		Permissions map[string]string `yaml:"default_permissions"`
		Public      bool              `yaml:"public"`
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	slices.Sort(manifest.Events)
	if want := inbox.Events(); !slices.Equal(manifest.Events, want) {
		t.Errorf("app.yml asks for the events %v, the code handles %v", manifest.Events, want)
	}
	least := map[string]string{
		"metadata": "read", "checks": "write", "contents": "read", "pull_requests": "read",
		"actions": "read", "deployments": "write", "merge_queues": "read", "members": "read",
	}
	for name, level := range manifest.Permissions {
		if least[name] != level {
			t.Errorf("app.yml asks for %s: %s, the design allows %q", name, level, least[name])
		}
	}
	if len(manifest.Permissions) != len(least) || manifest.Public {
		t.Errorf("permissions %v, public %v", manifest.Permissions, manifest.Public)
	}
}
