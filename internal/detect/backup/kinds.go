package backup

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("backup", files)

var (
	kindOff         = shipped.Of("switched-off")
	kindGone        = shipped.Of("job-removed")
	kindDeleted     = shipped.Of("file-deleted")
	kindPlanDeleted = shipped.Of("plan-deleted")
	kindRetention   = shipped.Of("retention-lowered")
	kindPurged      = shipped.Of("copies-purged")
	kindVersioning  = shipped.Of("versions-off")
	kindPaused      = shipped.Of("job-paused")
	kindRarer       = shipped.Of("runs-rarer")
	kindLess        = shipped.Of("copies-less")
	kindElsewhere   = shipped.Of("brought-elsewhere")
	kindUnsafe      = shipped.Of("durability-off")
	kindLogs        = shipped.Of("logs-shorter")
	kindChecks      = shipped.Of("checks-off")
	kindUnreadable  = shipped.Of("unreadable")
)
