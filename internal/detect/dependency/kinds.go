package dependency

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("dependency", files)

var (
	kindNew               = shipped.Of("new-dependency")
	kindAnyVersion        = shipped.Of("any-version")
	kindDowngraded        = shipped.Of("downgraded")
	kindIntegrityChanged  = shipped.Of("integrity-changed")
	kindIntegrityRemoved  = shipped.Of("integrity-removed")
	kindWeakIntegrity     = shipped.Of("weak-integrity")
	kindInsecureSource    = shipped.Of("insecure-source")
	kindSourceChanged     = shipped.Of("source-changed")
	kindNameMismatch      = shipped.Of("name-mismatch")
	kindLockGit           = shipped.Of("locked-to-git")
	kindLockAlias         = shipped.Of("locked-alias")
	kindLockAlone         = shipped.Of("lock-without-manifest")
	kindUnreadable        = shipped.Of("unreadable")
	kindRegistry          = shipped.Of("registry-changed")
	kindChecksOff         = shipped.Of("checks-off")
	kindScriptsOn         = shipped.Of("install-scripts-enabled")
	kindForeignCode       = shipped.Of("update-runs-foreign-code")
	kindInstallScript     = shipped.Of("install-script")
	kindHookScript        = shipped.Of("prepare-script")
	kindForeignSource     = shipped.Of("foreign-source")
	kindAlias             = shipped.Of("aliased")
	kindReplaced          = shipped.Of("replaced")
	kindVersionOverridden = shipped.Of("version-overridden")
	kindLocalReplace      = shipped.Of("replaced-by-folder")
	kindGainsScript       = shipped.Of("gains-install-script")
	kindBuildSends        = shipped.Of("build-script-sends")
	kindStartsWithPython  = shipped.Of("starts-with-python")
	kindTyposquat         = shipped.Of("typosquat")
)
