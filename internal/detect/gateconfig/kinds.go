package gateconfig

import "github.com/gatehold/gatehold/internal/detect"

var controls = []string{detect.ASI02, detect.ASI03, detect.ASI10, detect.MaestroL6, detect.Manage24}

const why = "What holds agents' changes back is itself held back by nothing else: once it is weaker, the next change passes, and nobody is asked."

const (
	rulesPath  = ".github/gatehold.yml"
	ownersPath = ".github/CODEOWNERS"
)

var removed = &detect.Kind{
	ID: "gateconfig/removed", Risk: 60, Title: "takes away a file that holds changes back", Why: why, Controls: controls, ExamplePath: rulesPath,
	FiresBefore: "version: 1\nmode: enforce\n", Fires: "", QuietBefore: "version: 1\n", Quiet: "version: 1\n",
}

var unreadable = &detect.Kind{
	ID: "gateconfig/unreadable", Risk: 40, Title: "could not be read", Controls: controls, ExamplePath: rulesPath,
	Why:         "A file that holds changes back and cannot be read holds nothing back, or nobody can tell what.",
	FiresBefore: "version: 1\n", Fires: "version: [\n", QuietBefore: "version: 1\n", Quiet: "version: 1 # the first\n",
}

var rulesWeakened = &detect.Kind{
	ID: "gateconfig/rules-weakened", Risk: 60, Title: "makes gatehold's rules weaker", Why: why, Controls: controls, ExamplePath: rulesPath,
	FiresBefore: "version: 1\nmode: enforce\n", Fires: "version: 1\nmode: observe\n",
	QuietBefore: "version: 1\nmode: observe\n", Quiet: "version: 1\nmode: enforce\n",
}

var rulesChanged = &detect.Kind{
	ID: "gateconfig/rules-changed", Risk: 20, Title: "changes gatehold's rules", Why: why, Controls: controls, ExamplePath: rulesPath,
	FiresBefore: "version: 1\nneeds:\n  high: { approvals: 1 }\n", Fires: "version: 1\nneeds:\n  high: { approvals: 2 }\n",
	QuietBefore: "version: 1\n", Quiet: "# ours\nversion: 1\n",
}

var ownerRemoved = &detect.Kind{
	ID: "gateconfig/owner-removed", Risk: 45, Title: "is no longer owned as it was", Why: why, Controls: controls, ExamplePath: ownersPath,
	FiresBefore: "* @acme/dev\n/db/ @acme/dba\n", Fires: "* @acme/dev\n",
	QuietBefore: "* @acme/dev\n/db/ @acme/dba\n", Quiet: "# who looks after what\n* @acme/dev\n/db/ @acme/dba\n/api/ @acme/api\n",
}

var ownerAdded = &detect.Kind{
	ID: "gateconfig/owner-added", Risk: 25, Title: "can be approved by more people", Controls: controls, ExamplePath: ownersPath,
	Why:         "One owner is enough for a review: whoever is added can release what only the others could.",
	FiresBefore: "/db/ @acme/dba\n", Fires: "/db/ @acme/dba @acme/interns\n", QuietBefore: "/db/ @acme/dba @acme/ops\n", Quiet: "/db/ @acme/ops @acme/dba\n",
}

var ownerShadowed = &detect.Kind{
	ID: "gateconfig/owner-shadowed", Risk: 45, Title: "loses its owners to a later, wider line", Why: why, Controls: controls, ExamplePath: ownersPath,
	FiresBefore: "* @acme/dev\n/db/ @acme/dba\n", Fires: "/db/ @acme/dba\n* @acme/dev\n",
	QuietBefore: "/api/ @acme/api\n/db/ @acme/dba\n", Quiet: "/db/ @acme/dba\n/api/ @acme/api\n",
}

var protectionWeakened = &detect.Kind{
	ID: "gateconfig/protection-weakened", Risk: 55, Title: "makes a protection of branches or environments weaker", Why: why, Controls: controls, ExamplePath: ".github/settings.yml",
	FiresBefore: "branches:\n  - name: main\n    protection:\n      enforce_admins: true\n", Fires: "branches:\n  - name: main\n    protection:\n      enforce_admins: false\n",
	QuietBefore: "branches:\n  - name: main\n    protection:\n      enforce_admins: false\n", Quiet: "branches:\n  - name: main\n    protection:\n      enforce_admins: true\n",
}

var manifestWidened = &detect.Kind{
	ID: "gateconfig/app-widened", Risk: 45, Title: "asks for more rights for an App", Controls: []string{detect.ASI03, detect.NHI05, detect.MaestroL6}, ExamplePath: "app.yml",
	Why:         "Whoever gets hold of the App's key, or misleads the App, can then do that in every repository that installed it.",
	FiresBefore: "default_permissions:\n  contents: read\n", Fires: "default_permissions:\n  contents: write\n",
	QuietBefore: "default_permissions:\n  contents: write\n", Quiet: "default_permissions:\n  contents: read\n",
}

var autoMerge = &detect.Kind{
	ID: "gateconfig/auto-merge", Risk: 35, Title: "lets a bot merge or run what others wrote", Controls: []string{detect.ASI04, detect.ASI08, detect.MaestroL6, detect.Govern61}, ExamplePath: "renovate.json",
	Why:         "A package that was taken over reaches the main branch, and what is built from it, with nobody looking.",
	FiresBefore: `{"automerge": false}`, Fires: `{"automerge": true}`, QuietBefore: `{"automerge": true}`, Quiet: `{"automerge": false}`,
}

var kinds = []*detect.Kind{removed, unreadable, rulesWeakened, rulesChanged, ownerRemoved, ownerAdded, ownerShadowed, protectionWeakened, manifestWidened, autoMerge}
