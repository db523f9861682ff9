package program

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds calls
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("program", files)

// The kinds that are not the table's alone.
var (
	inTest     = shipped.Of("in-test")
	minor      = shipped.Of("delete-minor")
	unreadable = shipped.Of("unreadable")
)

// named are the kinds by the names that the table gives them.
var named = func() map[string]*detect.Kind {
	out := map[string]*detect.Kind{}
	for _, name := range [...]string{"delete-cloud-data", "delete-cloud", "destroy-infrastructure", "drop-schema", "drop-table", "delete-rows",
		"update-all", "sync-schema", "allow-clean", "flush-store", "delete-store", "delete-root", "delete-data", "delete-cluster-data",
		"delete-repository", "remove-protection", "update-rows"} {
		out[name] = shipped.Of(name)
	}
	return out
}()
