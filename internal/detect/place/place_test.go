package place

import "testing"

func TestSameEnvironment(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"k8s/app.yaml", "k8s/base/db.yaml", true}, {"overlays/production/a.yaml", "overlays/production/sub/b.yaml", true},
		{"envs/prod/a.yaml", "live-production/a.yaml", true},
		{"overlays/staging/a.yaml", "overlays/production/a.yaml", false}, {"base/a.yaml", "overlays/production/a.yaml", false},
		{"clusters/eu/a.yaml", "clusters/us/a.yaml", false},
		{"app-prod.yaml", "app-staging.yaml", false}, {"Envs/PROD/a.yaml", "envs/prod/b.yaml", true},
		{"clusters/eu/a.yaml", "clusters/eu/prod.d/a.yaml", false},
		{"production.yaml", "products.yaml", false}, {"k8s/products.yaml", "k8s/orders.yaml", true}, {"", "", true},
	} {
		if SameEnvironment(c.a, c.b) != c.same || SameEnvironment(c.b, c.a) != c.same {
			t.Errorf("%s and %s: want %v, but %v and %v", c.a, c.b, c.same, Environments(c.a), Environments(c.b))
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"a", "a", true}, {"a", "a/b", true}, {".", "a", true}, {"a", "ab", false}, {"s/a", "s/b", false}} {
		if Within(c.a, c.b) != c.want || Within(c.b, c.a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}
