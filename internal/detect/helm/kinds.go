package helm

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("helm", files)

var kinds = struct {
	persistence, recovery, exposed, privileged, security, scaled, image, secret, source,
	dependencyGone, uninstalled, unreadable *detect.Kind
}{
	persistence:    shipped.Of("persistence-disabled"),
	recovery:       shipped.Of("recovery-weakened"),
	exposed:        shipped.Of("exposed"),
	privileged:     shipped.Of("privileged"),
	security:       shipped.Of("security-weakened"),
	scaled:         shipped.Of("scaled-to-zero"),
	image:          shipped.Of("image-unpinned"),
	secret:         shipped.Of("plain-secret"),
	source:         shipped.Of("dependency-source-changed"),
	dependencyGone: shipped.Of("stateful-dependency-removed"),
	uninstalled:    shipped.Of("release-uninstalled"),
	unreadable:     shipped.Of("unreadable"),
}

// classes are what settings of other charts and clouds come to in values.
var classes = map[cloud.Class]*detect.Kind{
	cloud.RecoveryWeakened: kinds.recovery, cloud.DeletionUnguarded: kinds.recovery, cloud.Privileged: kinds.privileged,
	cloud.Exposed: kinds.exposed, cloud.IsolationWeakened: kinds.exposed, cloud.WorldOpenAdmin: kinds.exposed,
	cloud.WorldOpenPort:      kinds.exposed,
	cloud.EncryptionWeakened: kinds.security, cloud.TLSWeakened: kinds.security, cloud.LoggingWeakened: kinds.security,
	cloud.AuthWeakened: kinds.security, cloud.HardeningRemoved: kinds.security,
}
