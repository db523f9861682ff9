package wire

import (
	"strings"
)

// RulesPath is where a repository and an organisation keep their rules.
const RulesPath = ".github/gatehold.yml"

// WorkflowFolder is where GitHub takes a repository's workflows from.
const WorkflowFolder = ".github/workflows/"

// IsWorkflow holds for the path of a workflow file: GitHub takes them from
// one folder, without folders below it.
func IsWorkflow(path string) bool {
	name, ok := strings.CutPrefix(path, WorkflowFolder)
	return ok && len(path) <= 400 && name != "" && name != ".." && !strings.ContainsAny(name, "/:\x00\n\r")
}
