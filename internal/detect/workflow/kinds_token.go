package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindWriteAll = &kind{
		ID: "workflow/write-all", Risk: 45,
		Title:       "gives the token every right",
		Why:         "The job may change code, releases, packages and workflows settings of the repository; one hijacked step is enough to do so.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
permissions: write-all
jobs: {}
`,
		Quiet: `on: push
permissions: {}
jobs: {}
`,
	}
	kindReadAll = &kind{
		ID: "workflow/read-all", Risk: 12,
		Title:       "lets the token read everything",
		Why:         "The job may read all that the repository holds, though it may change nothing.",
		Controls:    []string{detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
permissions: read-all
jobs: {}
`,
		Quiet: `on: push
permissions: {}
jobs: {}
`,
	}
	kindWorkflowWrite = &kind{
		ID: "workflow/workflow-write", Risk: 30,
		Title:       "lets every job write",
		Why:         "A scope with write access for the whole workflow is given to every job and every action in it, though mostly one needs it.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
permissions:
  contents: write
jobs: {}
`,
		Quiet: `on: push
permissions:
  contents: read
jobs: {}
`,
	}
	kindJobWriteCode = &kind{
		ID: "workflow/job-write", Risk: 20,
		Title:       "lets a job write code, packages or identities",
		Why:         "A job's token may push code, publish packages, deploy or prove the repository's identity elsewhere; every action in the job may use it.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: write
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
	}
	kindJobWrite = &kind{
		ID: "workflow/job-write-minor", Risk: 12,
		Title:       "lets a job write comments, labels or statuses",
		Why:         "A job's token may write what people read, though no code.",
		Controls:    []string{detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      issues: write
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      issues: read
`,
	}
	kindWidened = &kind{
		ID: "workflow/permissions-widened", Risk: 40,
		Title:       "gets more rights for its token",
		Why:         "The job's token may now write what it could only read before; every action and script in the job may use it.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4, detect.Manage24},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: write
`,
		QuietBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: none
`,
	}
	kindIDToken = &kind{
		ID: "workflow/id-token-added", Risk: 40,
		Title:       "may now prove its identity to a cloud",
		Why:         "id-token: write lets every step of the job ask for a token with which clouds and registries give out credentials; their trust rules are then all that stands between a script and production.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.NHI08, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps: []
`,
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      id-token: write
`,
		QuietBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps: []
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
	}
	kindPermissionsRemoved = &kind{
		ID: "workflow/permissions-removed", Risk: 35,
		Title:       "falls back to the default rights",
		Why:         "Without a permissions block the token has what the repository or organisation gives by default, which may be write access to everything.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps: []
`,
		QuietBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: read
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions: {}
`,
	}
)
