package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindBranchFirstParty = &kind{
		ID: "workflow/first-party-branch", Risk: 20,
		Title:       "runs one of GitHub's own actions by a branch",
		Why:         "What is on the branch is not released: it can break or change between two runs.",
		Controls:    []string{detect.ASI04, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@main
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`,
	}
	kindUnpinnedReusable = &kind{
		ID: "workflow/unpinned-reusable-workflow", Risk: 30,
		Title:       "calls another repository's workflow by a tag or branch",
		Why:         "Whoever can move that ref decides what the called jobs do, with the rights and secrets that are handed to them.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  call:
    uses: acme/ci/.github/workflows/build.yml@v1
`,
		Quiet: `on: push
jobs:
  call:
    uses: acme/ci/.github/workflows/build.yml@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
	}
	kindUnpinnedTool = &kind{
		ID: "workflow/unpinned-tool", Risk: 20,
		Title:       "installs whatever version of a tool is the latest",
		Why:         "The action is held, but the program that it fetches and runs is not.",
		Controls:    []string{detect.ASI04, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@1e31de5234b9f8995739874a8ce0492dc87873e2
        with:
          version: v0.60.0
`,
	}
	kindPinLoosened = &kind{
		ID: "workflow/pin-loosened", Risk: 35,
		Title:       "is no longer held at a commit",
		Why:         "The action was held at a commit that nobody can change; now it follows a tag or branch that its owner, or a thief of the account, can move.",
		Controls:    []string{detect.ASI04, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		FiresBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@v2
`,
		QuietBefore: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`,
	}
	kindObfuscatedUses = &kind{
		ID: "workflow/obfuscated-uses", Risk: 25,
		Title:       "is written so that tools misread it",
		Why:         "GitHub takes the reference as it is, while tools and people who look for pins and known actions read past it.",
		Controls:    []string{detect.ASI04, detect.ASI09, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout/./@v4
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`,
	}
	kindTyposquat = &kind{
		ID: "workflow/typosquat-action", Risk: 50,
		Title:       "has a name that reads like a well-known owner's",
		Why:         "One keystroke away from a well-known owner is where lookalike accounts wait; their code would run with the job's token and secrets.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: action/checkout@v4
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`,
	}
	kindArchived = &kind{
		ID: "workflow/archived-action", Risk: 20,
		Title:       "runs an action that nobody maintains",
		Why:         "The action's repository is read-only: a hole that is found in it stays open.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/create-release@v1
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`,
	}
	kindVulnerable = &kind{
		ID: "workflow/vulnerable-action", Risk: 40,
		Title:       "runs an action with a known hole",
		Why:         "A published advisory says how this version can be made to leak secrets or run commands; a fixed version exists.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: tj-actions/changed-files@v44
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: tj-actions/changed-files@v46
`,
	}
)
