package gateconfig

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("gateconfig", files)

var (
	removed            = shipped.Of("removed")
	unreadable         = shipped.Of("unreadable")
	rulesWeakened      = shipped.Of("rules-weakened")
	rulesChanged       = shipped.Of("rules-changed")
	ownerRemoved       = shipped.Of("owner-removed")
	ownerAdded         = shipped.Of("owner-added")
	ownerShadowed      = shipped.Of("owner-shadowed")
	protectionWeakened = shipped.Of("protection-weakened")
	manifestWidened    = shipped.Of("app-widened")
	autoMerge          = shipped.Of("auto-merge")
)
