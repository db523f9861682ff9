package dependency

import "github.com/gatehold/gatehold/internal/detect"

// kinds lists all that this detector reports.
func kinds() []*detect.Kind {
	return []*detect.Kind{
		kindRegistry, kindChecksOff, kindScriptsOn, kindForeignCode,
		kindInstallScript, kindHookScript, kindForeignSource, kindAlias,
		kindReplaced, kindVersionOverridden, kindLocalReplace, kindTyposquat,
		kindNew, kindAnyVersion, kindDowngraded, kindIntegrityChanged,
		kindIntegrityRemoved, kindWeakIntegrity, kindInsecureSource, kindSourceChanged,
		kindNameMismatch, kindLockGit, kindLockAlias, kindLockAlone,
		kindUnreadable,
	}
}
