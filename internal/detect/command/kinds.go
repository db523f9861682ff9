package command

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("command", files)

var (
	kindForcePush         = shipped.Of("force-push")
	kindRepoDelete        = shipped.Of("delete-repository")
	kindGitHub            = shipped.Of("weaken-repository")
	kindPipeToShell       = shipped.Of("pipe-to-shell")
	kindKnownInstaller    = shipped.Of("pipe-known-installer")
	kindReverseShell      = shipped.Of("reverse-shell")
	kindExfiltrate        = shipped.Of("exfiltrate")
	kindWorldWritable     = shipped.Of("world-writable")
	kindWorldWritableFile = shipped.Of("world-writable-file")
	kindSetuid            = shipped.Of("setuid")
	kindGuard             = shipped.Of("disable-guard")
	kindInTest            = shipped.Of("in-test")
	kindUnreadable        = shipped.Of("unreadable")
	kindDeleteRoot        = shipped.Of("delete-root")
	kindDeleteTree        = shipped.Of("delete-working-tree")
	kindDeleteData        = shipped.Of("delete-data")
	kindDeleteVariable    = shipped.Of("delete-variable")
	kindDeleteOld         = shipped.Of("delete-old")
	kindWipe              = shipped.Of("wipe-disk")
	kindDropDatabase      = shipped.Of("drop-database")
	kindDropTable         = shipped.Of("drop-table")
	kindReset             = shipped.Of("reset-database")
	kindResetProduction   = shipped.Of("reset-production-database")
	kindThrowaway         = shipped.Of("reset-test-database")
	kindFlush             = shipped.Of("flush-store")
	kindOverwrite         = shipped.Of("overwrite-on-restore")
	kindResetWAL          = shipped.Of("reset-wal")
	kindVault             = shipped.Of("destroy-secrets")
	kindClusterData       = shipped.Of("cluster-delete-data")
	kindClusterDelete     = shipped.Of("cluster-delete")
	kindScaleZero         = shipped.Of("scale-to-zero")
	kindMinor             = shipped.Of("delete-minor")
	kindDestroy           = shipped.Of("destroy-infrastructure")
	kindUnattended        = shipped.Of("apply-unattended")
	kindStateRemoved      = shipped.Of("state-removed")
	kindCloudData         = shipped.Of("cloud-delete-data")
	kindCloudDelete       = shipped.Of("cloud-delete")
	kindSyncDelete        = shipped.Of("sync-delete")
	kindAdmin             = shipped.Of("grants-administrator")
	kindVolumes           = shipped.Of("delete-volumes")
	kindVolumesDown       = shipped.Of("delete-volumes-of-project")
	kindHostContainer     = shipped.Of("container-with-host")
	kindRewrite           = shipped.Of("rewrite-history")
)
