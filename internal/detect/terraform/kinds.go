package terraform

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("terraform", files)

var kinds = struct {
	class map[cloud.Class]*detect.Kind

	unreadable, stateBackend, provider, providerSource, moduleSource, moduleRemoved, scaledToZero,
	runsCommand, destroysByCommand, runsDownload, repointed, moduleUnpinned, providerRepointed *detect.Kind
}{
	class:             withProtections(cloud.Kinds(shipped)),
	unreadable:        shipped.Of("unreadable"),
	stateBackend:      shipped.Of("state-backend-changed"),
	provider:          shipped.Of("provider-changed"),
	providerSource:    shipped.Of("provider-source-changed"),
	moduleSource:      shipped.Of("module-source-changed"),
	moduleRemoved:     shipped.Of("module-removed"),
	scaledToZero:      shipped.Of("scaled-to-zero"),
	runsCommand:       shipped.Of("runs-command"),
	destroysByCommand: shipped.Of("destroys-by-command"),
	runsDownload:      shipped.Of("runs-download"),
	repointed:         shipped.Of("name-repointed"),
	moduleUnpinned:    shipped.Of("module-source-unpinned"),
	providerRepointed: shipped.Of("provider-repointed"),
}

func withProtections(classes map[cloud.Class]*detect.Kind) map[cloud.Class]*detect.Kind {
	classes[cloud.ProtectionWeakened] = shipped.Of("protection-weakened")
	return classes
}
