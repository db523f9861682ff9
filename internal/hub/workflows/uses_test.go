package workflows

import (
	"strings"
	"testing"
)

func TestWhatUsesNames(t *testing.T) {
	remote := wfile{"acme", "shared", ".github/workflows/ship.yml", "v1"}
	for _, test := range []struct {
		use    string
		from   wfile
		want   string // "": nothing that is read
		reason bool
	}{
		{"./.github/workflows/a.yml", wfile{}, "./.github/workflows/a.yml", false},
		{"./.github/workflows/a.yml", remote, "acme/shared/.github/workflows/a.yml@v1", false},
		{"acme/x/.github/workflows/a.yml@main", remote, "acme/x/.github/workflows/a.yml@main", false},
		{"acme/x/.github/workflows/a.yml@feature/b-1.2_3", wfile{}, "acme/x/.github/workflows/a.yml@feature/b-1.2_3", false},
		{"actions/checkout@v4", wfile{}, "", false}, {"acme/x/action/sub@v1", wfile{}, "", false},
		{"docker://alpine:3", wfile{}, "", false},
		{"./actions/x", wfile{}, "", false}, {"./.github/workflows/", wfile{}, "", false},
		{"./.github/workflows/a/b.yml", wfile{}, "", false}, {"", wfile{}, "", false},
		{"./.github/workflows/..", wfile{}, "", false}, {"../.github/workflows/a.yml", wfile{}, "", false},
		{"acme/x/.github/workflows/a.yml", wfile{}, "", true}, {"acme/x/.github/workflows/a.yml@", wfile{}, "", true},
		{"acme/x/.github/workflows/a.yml@main:secret", wfile{}, "", true}, {"acme/x/.github/workflows/a.yml@a..b", wfile{}, "", true},
		{"acme/x/.github/workflows/a.yml@-x", wfile{}, "", true}, {"acme/x/.github/workflows/a.yml@${{ inputs.ref }}", wfile{}, "", true},
		{"acme/x/.github/workflows/a.yml@main^{tree}", wfile{}, "", true},
		{"acme/x/.github/workflows/a.yml@" + strings.Repeat("a", 256), wfile{}, "", true},
		{"../x/.github/workflows/a.yml@main", wfile{}, "", true}, {"acme/x/.github/workflows/a/b.yml@main", wfile{}, "", true},
	} {
		file, ok, reason := workflowUse(test.use, test.from)
		if ok != (test.want != "") || ok && file.String() != test.want || (reason != "") != test.reason {
			t.Errorf("%q from %v: %v, %v, %q", test.use, test.from, file, ok, reason)
		}
	}
}
