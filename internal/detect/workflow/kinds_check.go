package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindDeployInEnvironment = &kind{
		ID: "workflow/deploy-added-in-environment", Risk: 15,
		Title:       "deploys, behind an environment",
		Why:         "A new step changes what runs in production or staging; the environment's rules stand before it.",
		Controls:    []string{detect.ASI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl apply -f deploy/
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl get pods
`,
	}
	kindNonBlocking = &kind{
		ID: "workflow/check-non-blocking", Risk: 35,
		Title:       "no longer fails when its check fails",
		Why:         "The check still seems to run, and passes whatever it finds: what it was to keep out can now be merged and deployed unseen.",
		Controls:    []string{detect.ASI09, detect.ASI10, detect.MaestroL5, detect.MaestroL6, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Test
        run: go test ./...
`,
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Test
        run: go test ./...
        continue-on-error: true
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Test
        run: go test ./...
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Test
        run: go test ./...
        timeout-minutes: 5
`,
	}
	kindDisabled = &kind{
		ID: "workflow/step-disabled", Risk: 15,
		Title:       "is switched off, or its failure is ignored",
		Why:         "What the step did no longer happens, or no longer counts when it fails.",
		Controls:    []string{detect.MaestroL5},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
`,
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
        if: false
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
        if: success()
`,
	}
	kindCheckRemoved = &kind{
		ID: "workflow/check-removed", Risk: 30,
		Title:       "no longer runs a check",
		Why:         "A test or check that ran before is gone from this workflow: what it was to find can now be merged and deployed unseen.",
		Controls:    []string{detect.ASI09, detect.MaestroL5, detect.MaestroL6, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go build ./...
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test -race ./...
`,
	}
	kindSecurityCheckRemoved = &kind{
		ID: "workflow/security-check-removed", Risk: 40,
		Title:       "no longer looks for holes",
		Why:         "A scan for vulnerabilities, secrets or unsafe code that ran before is gone from this workflow.",
		Controls:    []string{detect.ASI09, detect.ASI10, detect.MaestroL5, detect.MaestroL6, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v3
`,
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go build ./...
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v3
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v4
`,
	}
	kindCheckUntriggered = &kind{
		ID: "workflow/check-untriggered", Risk: 30,
		Title:       "no longer runs its checks on pull requests",
		Why:         "The checks still stand in the file, but nothing starts them before a merge.",
		Controls:    []string{detect.ASI09, detect.MaestroL5, detect.MaestroL6},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		Fires: `on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		QuietBefore: `on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		Quiet: `on: [pull_request, push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
	}
	kindSecurityDeleted = &kind{
		ID: "workflow/security-workflow-deleted", Risk: 45,
		Title:       "is deleted, and with it a security check",
		Why:         "A workflow that looked for vulnerabilities, secrets or unsafe code is gone; nothing says so when it no longer runs.",
		Controls:    []string{detect.ASI09, detect.ASI10, detect.MaestroL5, detect.MaestroL6, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v3
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v3
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/analyze@v4
`,
	}
	kindChecksDeleted = &kind{
		ID: "workflow/check-workflow-deleted", Risk: 35,
		Title:       "is deleted, and with it a check",
		Why:         "A workflow that tested or checked changes is gone; nothing says so when it no longer runs.",
		Controls:    []string{detect.ASI09, detect.MaestroL5, detect.MaestroL6, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: go test ./...
`,
	}
	kindWorkflowDeleted = &kind{
		ID: "workflow/workflow-deleted", Risk: 20,
		Title:       "is deleted",
		Why:         "What the workflow did no longer happens: a release, a clean-up, a report that somebody waits for.",
		Controls:    []string{detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./notify.sh
`,
	}
)
