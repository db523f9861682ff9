package doctor

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/hub/admin"
)

// What the doctor wants is what the manifest asks for.
func TestTheDoctorWantsWhatTheManifestAsksFor(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "app.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Permissions map[string]string `yaml:"default_permissions"`
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(manifest.Permissions, admin.Permissions()) {
		t.Errorf("app.yml asks for %v, the doctor wants %v", manifest.Permissions, admin.Permissions())
	}
}

func TestPermissionsAreComparedByLevel(t *testing.T) {
	needs := map[string]string{"checks": "write", "contents": "read", "metadata": "read"}
	for _, c := range []struct{ has, lacking, dangerous, needless string }{
		{"checks=write contents=read metadata=read", "", "", ""},
		{"checks=read metadata=read", "checks: write contents: read", "", ""},
		{"checks=admin contents=write metadata=read", "", "contents: write", "checks: admin"},
		{"checks=write contents=read metadata=read administration=read", "", "", "administration: read"},
		{"checks=write contents=read metadata=read administration=write secrets=write issues=write", "",
			"administration: write secrets: write", "issues: write"},
		{"checks=odd contents=read metadata=read", "checks: write", "", "checks: odd"},
	} {
		has := map[string]string{}
		for _, p := range strings.Fields(c.has) {
			name, level, _ := strings.Cut(p, "=")
			has[name] = level
		}
		got := comparePermissions(has, needs)
		for i, pair := range [][2]string{{strings.Join(got.lacking, " "), c.lacking},
			{strings.Join(got.dangerous, " "), c.dangerous}, {strings.Join(got.needless, " "), c.needless}} {
			if pair[0] != pair[1] {
				t.Errorf("%s, %d: %q, want %q", c.has, i, pair[0], pair[1])
			}
		}
	}
}
