package secret

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("secret", files)

var (
	kindPrivateKey = shipped.Of("private-key")
	kindToken      = shipped.Of("token")
	kindPassword   = shipped.Of("password")
	kindConnection = shipped.Of("connection")
	kindGeneric    = shipped.Of("generic")
	kindIdentifier = shipped.Of("identifier")
	kindTest       = shipped.Of("in-test")
	kindKeyFile    = shipped.Of("key-file")
	kindUnreadable = shipped.Of("unreadable")
)
