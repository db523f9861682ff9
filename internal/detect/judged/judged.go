// Package judged holds the kinds of what no detector sees in a text: only who
// judges a change or a run knows the rules, the task and the environments that
// they depend on. Their examples are told in words.
package judged

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed boundaries deploy intent owners
var files embed.FS

var (
	boundaries = of("boundaries")
	deploy     = of("deploy")
	intent     = of("intent")
	owners     = of("owners")
)

// What a change does to boundaries, tasks and owners.
var (
	Crossed          = boundaries.Told("crossed")
	OutsideIntent    = intent.Told("outside")
	UnreadableIntent = intent.Told("unreadable")
	ManyOwners       = owners.Told("spread")
)

// What a workflow run can do outside of every held environment.
var (
	NoEnvironment  = deploy.Told("no-environment")
	NewEnvironment = deploy.Told("new-environment")
	Unprotected    = deploy.Told("unprotected-environment")
	AnyEnvironment = deploy.Told("any-environment")
	IDToken        = deploy.Told("id-token")
	Secrets        = deploy.Told("secrets")
	AllSecrets     = deploy.Told("all-secrets")
	Writes         = deploy.Told("writes")
	OwnMachines    = deploy.Told("own-machines")
	UnreadableRun  = deploy.Told("unreadable")
)

// Namespaces are what stands before the slash of their ids.
var Namespaces = []string{"boundaries", "deploy", "intent", "owners"}

// All are the kinds, each with all that its file says.
func All() []*detect.Kind {
	return slices.Concat(boundaries.All(), deploy.All(), intent.All(), owners.All())
}

func of(namespace string) *detect.Kinds {
	sub, err := fs.Sub(files, namespace)
	if err != nil {
		panic("judged: " + err.Error()) // a name that is no path
	}
	return detect.KindsOf(namespace, sub)
}
