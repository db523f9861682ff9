package hosts

import (
	"slices"
	"testing"
)

func TestWhoseHostIsWhose(t *testing.T) {
	for _, c := range []struct {
		secret, host string
		how          Carrier
		astray       bool
	}{
		{"NPM_TOKEN", "registry.npmjs.org", InAuth, false},
		{"NPM_TOKEN", "collect.example.net", InAuth, true},
		{"GH_PAT", "api.github.com", InOther, false},
		{"AWS_SECRET_ACCESS_KEY", "sts.eu-west-1.amazonaws.com", InOther, false},
		{"CF_API_TOKEN", "api.cloudflare.com", InOther, false},
		{"RENDER_DEPLOY_KEY", "api.render.com", InOther, false},
		{"HOOK_KEY", "api.acme.example", InAuth, false},
		{"HOOK_KEY", "api.acme.example", InOther, true},
		{"NPM_TOKEN", "localhost:4873", InOther, false},
		{"NPM_TOKEN", "verdaccio", InOther, false},
		{"NPM_TOKEN", "collect.svc.cluster.local", InOther, false},
		{"NPM_TOKEN", "${HOST}", InOther, false},
		{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "upload.pypi.org", InOther, false},
		{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "collect.example.net", InAuth, true},
	} {
		if got := Astray(c.secret, c.host, c.how); got != c.astray {
			t.Errorf("%s to %s: astray is %v", c.secret, c.host, got)
		}
	}
}

func TestHostsOfAText(t *testing.T) {
	got := Of(`curl "https://user:pw@a.example/x?y" http://b.example:80 'ftp://c.example'`)
	if want := []string{"a.example", "b.example:80", "c.example"}; !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
}
