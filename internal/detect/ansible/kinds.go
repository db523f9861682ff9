package ansible

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("ansible", files)

var kinds = struct{ unreadable *detect.Kind }{unreadable: shipped.Of("unreadable")}

// named are the kinds that the table of modules gives.
var named = func() map[string]*detect.Kind {
	out := map[string]*detect.Kind{}
	for _, name := range []string{"deletes-data", "deletes-path", "deletes-any-path", "deletes-resource", "wipes-disk", "guard-off",
		"world-writable", "unverified"} {
		out[name] = shipped.Of(name)
	}
	return out
}()
