package kubernetes

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("kubernetes", files)

var kinds = struct {
	privileged, hostNamespace, hostPath, capability, escalation, root, unconfined, sysctl, hardening,
	token, image, plainSecret, controlPlane, admin, wildcard, escalate, powers, service, ingress,
	ingressTLS, netpol, admission, guardDeleted, stateful, reclaim, scaled, prune, patchDelete,
	hostPort, secrets, guardNarrowed, appRemoved, sourceChanged, sourceMoved, placed, suspended, replaced,
	dataUnlisted, entryGone, unguarded, recovery, resourceReplaced, resourceOpen, resourceWeaker,
	mounted, version, unreadable *detect.Kind
}{
	privileged:       shipped.Of("privileged"),
	hostNamespace:    shipped.Of("host-namespace"),
	hostPath:         shipped.Of("host-path"),
	capability:       shipped.Of("capability"),
	escalation:       shipped.Of("privilege-escalation"),
	root:             shipped.Of("runs-as-root"),
	unconfined:       shipped.Of("unconfined"),
	sysctl:           shipped.Of("unsafe-sysctl"),
	hardening:        shipped.Of("hardening-removed"),
	token:            shipped.Of("token-mounted"),
	image:            shipped.Of("image-unpinned"),
	plainSecret:      shipped.Of("plain-secret"),
	controlPlane:     shipped.Of("control-plane-weakened"),
	admin:            shipped.Of("grants-admin"),
	wildcard:         shipped.Of("grants-wildcard"),
	escalate:         shipped.Of("grants-escalation"),
	powers:           shipped.Of("grants-sensitive"),
	service:          shipped.Of("service-exposed"),
	ingress:          shipped.Of("ingress-added"),
	ingressTLS:       shipped.Of("ingress-without-tls"),
	netpol:           shipped.Of("network-policy-weakened"),
	admission:        shipped.Of("admission-weakened"),
	guardDeleted:     shipped.Of("guard-deleted"),
	stateful:         shipped.Of("stateful-deleted"),
	reclaim:          shipped.Of("volume-not-kept"),
	scaled:           shipped.Of("scaled-to-zero"),
	prune:            shipped.Of("prune-enabled"),
	patchDelete:      shipped.Of("patch-deletes"),
	hostPort:         shipped.Of("host-port"),
	secrets:          shipped.Of("grants-secrets"),
	guardNarrowed:    shipped.Of("guard-narrowed"),
	appRemoved:       shipped.Of("application-removed"),
	sourceChanged:    shipped.Of("source-changed"),
	sourceMoved:      shipped.Of("source-moved"),
	placed:           shipped.Of("namespace-changed"),
	suspended:        shipped.Of("reconciliation-suspended"),
	replaced:         shipped.Of("forced-replacement"),
	dataUnlisted:     shipped.Of("data-unlisted"),
	entryGone:        shipped.Of("entry-removed"),
	unguarded:        shipped.Of("resource-unguarded"),
	recovery:         shipped.Of("resource-recovery-weakened"),
	resourceReplaced: shipped.Of("resource-replaced"),
	resourceOpen:     shipped.Of("resource-exposed"),
	resourceWeaker:   shipped.Of("resource-weakened"),
	mounted:          shipped.Of("volume-mounted-elsewhere"),
	version:          shipped.Of("data-version-changed"),
	unreadable:       shipped.Of("unreadable"),
}
