package agentconfig

import (
	"embed"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

//go:embed hooks/*.yaml
var hookFiles embed.FS

// hookTable says which commands are of one kind when a hook runs them.
type hookTable struct {
	kind  *detect.Kind
	table *tool.Table
}

// hookKinds are the kinds of which commands are told by a table, each in the
// file of hooks/ that is called as it is.
var hookKinds = []*detect.Kind{hookDestroys, hookStays, hookTracks, hookRaises, hookWatches, hookInstall, hookSecrets, hookNetwork}

// hooks are the tables of all of them, read once.
var hooks = sync.OnceValue(func() []hookTable {
	var out []hookTable
	for _, kind := range hookKinds {
		out = append(out, hookTable{kind, tool.New(hookTools(kind))})
	}
	return out
})

//go:embed permissions.yaml
var permissionFile []byte

// permissions is the table of what a shell permission lets an agent run that
// goes too far, and why.
var permissions = sync.OnceValue(func() *tool.Table { return tool.New(permissionTools()) })

func permissionTools() []*tool.Tool {
	tools, err := tool.Parse(permissionFile, tool.Row{Kind: "permission-widened", Object: "tool"})
	if err != nil {
		panic("agentconfig: " + err.Error()) // as for hookTools
	}
	return tools
}

// hookTools are the tools of one kind's file. It panics where that cannot be
// read, which a test of its examples would show.
func hookTools(kind *detect.Kind) []*tool.Tool {
	name := kind.ID[len("agentconfig/"):]
	text, err := hookFiles.ReadFile("hooks/" + name + ".yaml")
	if err != nil {
		panic("agentconfig: " + err.Error())
	}
	tools, err := tool.Parse(text, tool.Row{Kind: name, Object: "tool"})
	if err != nil {
		panic("agentconfig: " + err.Error())
	}
	return tools
}
