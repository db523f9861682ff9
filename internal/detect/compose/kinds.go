package compose

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("compose", files)

var kinds = struct {
	privileged, host, hostPath, capability, unconfined, root, hardening, port, secret, noPassword,
	image, volume, service, scaled, version, durability, unreadable *detect.Kind
}{
	privileged: shipped.Of("privileged"),
	host:       shipped.Of("host-namespace"),
	hostPath:   shipped.Of("host-path"),
	capability: shipped.Of("capability"),
	unconfined: shipped.Of("unconfined"),
	root:       shipped.Of("runs-as-root"),
	hardening:  shipped.Of("hardening-removed"),
	port:       shipped.Of("data-port-published"),
	secret:     shipped.Of("plain-secret"),
	noPassword: shipped.Of("no-password"),
	image:      shipped.Of("image-unpinned"),
	volume:     shipped.Of("volume-removed"),
	service:    shipped.Of("stateful-service-removed"),
	scaled:     shipped.Of("scaled-to-zero"),
	version:    shipped.Of("data-version-changed"),
	durability: shipped.Of("durability-off"),
	unreadable: shipped.Of("unreadable"),
}
