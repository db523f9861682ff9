package docker

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("docker", files)

var kinds = struct {
	base, root, pipe, remote, secret, unverified, insecure, writable, shell, unreadable *detect.Kind
}{
	base:       shipped.Of("base-unpinned"),
	root:       shipped.Of("runs-as-root"),
	pipe:       shipped.Of("pipe-to-shell"),
	remote:     shipped.Of("adds-remote"),
	secret:     shipped.Of("secret-in-image"),
	unverified: shipped.Of("verification-off"),
	insecure:   shipped.Of("insecure-build"),
	writable:   shipped.Of("loose-permissions"),
	shell:      shipped.Of("exposes-remote-access"),
	unreadable: shipped.Of("unreadable"),
}
