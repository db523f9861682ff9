package identity

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("identity", files)

type kind = detect.Kind

var (
	kindTLS          = shipped.Of("tls-check-off")
	kindToken        = shipped.Of("token-check-off")
	kindSSO          = shipped.Of("sign-on-weakened")
	kindOpened       = shipped.Of("access-opened")
	kindGuardRemoved = shipped.Of("guard-removed")
	kindPolicy       = shipped.Of("policy-allows")
	kindCORS         = shipped.Of("cors-open")
	kindCSRF         = shipped.Of("csrf-check-off")
	kindSession      = shipped.Of("session-weakened")
	kindDebug        = shipped.Of("debug-on")
	kindHash         = shipped.Of("password-hash-weakened")
	kindService      = shipped.Of("service-open")
	kindKeyAdded     = shipped.Of("login-key-added")
	kindInTest       = shipped.Of("in-test")
	kindAllOpened    = shipped.Of("all-opened")
	kindDashboard    = shipped.Of("dashboard-open")
	kindSwitchedOff  = shipped.Of("guard-switched-off")
	kindNarrowed     = shipped.Of("guard-narrowed")
	kindCheckGone    = shipped.Of("check-removed")
	kindConsole      = shipped.Of("console-open")
	kindUnreadable   = shipped.Of("unreadable")
)
