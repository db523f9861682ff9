package hosting

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/hosting")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"wrangler.toml", "wrangler.jsonc", "fly.toml", "render.yaml", ".do/app.yaml", "railway.toml", "app.json",
		".platform/services.yaml", "config/deploy.yml", "vercel.json", "netlify.toml", ".ebextensions/db.config", "appwrite.json"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
