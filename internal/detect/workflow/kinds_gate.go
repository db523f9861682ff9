package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindAgentAction = &kind{
		ID: "workflow/agent-action", Risk: 40,
		Title:       "lets an AI agent act without limits",
		Why:         "An agent in the workflow takes text of outsiders as its task, may be started by anybody, or may run any command: what it is told to do, it does with the job's token.",
		Controls:    []string{detect.ASI01, detect.ASI02, detect.ASI05, detect.MaestroL3, detect.MaestroL7},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: anthropics/claude-code-action@1e31de5234b9f8995739874a8ce0492dc87873e2
        with:
          allowed_non_write_users: '*'
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: anthropics/claude-code-action@1e31de5234b9f8995739874a8ce0492dc87873e2
        with:
          allowed_non_write_users: octocat
`,
	}
	kindAgentTrigger = &kind{
		ID: "workflow/agent-trigger", Risk: 30,
		Title:       "starts an AI agent on events that outsiders cause",
		Why:         "Anybody who can open an issue or a pull request, or comment on one, puts text before an agent that acts with the job's token.",
		Controls:    []string{detect.ASI01, detect.ASI02, detect.MaestroL3, detect.MaestroL7},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: issues
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: openai/codex-action@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: openai/codex-action@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
	}
	kindEnvironmentRemoved = &kind{
		ID: "workflow/environment-removed", Risk: 55,
		Title:       "no longer waits for its environment",
		Why:         "The environment's protection rules (reviewers, branches, waiting time) no longer stand before this job, and its deployments are no longer recorded; it deploys as soon as it is started.",
		Controls:    []string{detect.ASI03, detect.ASI10, detect.NHI08, detect.MaestroL4, detect.MaestroL6, detect.Manage24},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
`,
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
`,
		QuietBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    timeout-minutes: 5
    steps:
      - run: ./deploy.sh
`,
	}
	kindEnvironmentChanged = &kind{
		ID: "workflow/environment-changed", Risk: 50,
		Title:       "waits for another environment",
		Why:         "Another environment has other protection rules and other secrets: the job may now deploy without the approval that it needed before.",
		Controls:    []string{detect.ASI03, detect.ASI10, detect.NHI08, detect.MaestroL4, detect.MaestroL6, detect.Manage24},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
`,
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: dev
    steps:
      - run: ./deploy.sh
`,
		QuietBefore: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment:
      name: production
    steps:
      - run: ./deploy.sh
`,
	}
	kindDeployTrigger = &kind{
		ID: "workflow/deploy-trigger-added", Risk: 30,
		Title:       "newly starts a deployment",
		Why:         "A deployment can now be started by an event, or from a branch, that did not start it before.",
		Controls:    []string{detect.ASI02, detect.NHI08, detect.MaestroL4, detect.Manage24},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: [push]
jobs:
  deploy:
    environment: production
    steps: []
`,
		Fires: `on: [push, pull_request]
jobs:
  deploy:
    environment: production
    steps: []
`,
		QuietBefore: `on: [push]
jobs:
  deploy:
    environment: production
    steps: []
`,
		Quiet: `on: [push]
jobs:
  deploy:
    environment: production
    steps: []
`,
	}
	kindDeployAdded = &kind{
		ID: "workflow/deploy-added", Risk: 25,
		Title:       "deploys, with no environment before it",
		Why:         "A new step changes what runs in production or staging, and no environment with protection rules stands before it.",
		Controls:    []string{detect.ASI02, detect.NHI08, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply -f deploy/
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply --dry-run=client -f deploy/
`,
	}
)
