package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindAppToken = &kind{
		ID: "workflow/app-token-scope", Risk: 25,
		Title:       "mints a token with all that its App may do",
		Why:         "A GitHub App's token that no input narrows carries every permission of the App, in every repository where it is installed.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/create-github-app-token@v2
        with:
          app-id: 1
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/create-github-app-token@v2
        with:
          app-id: 1
          permission-contents: read
`,
	}
	kindSelfHosted = &kind{
		ID: "workflow/self-hosted-runner", Risk: 35,
		Title:       "runs on a machine of our own",
		Why:         "A self-hosted runner is not thrown away after the job: what one job leaves behind, the next one runs, inside the network where the machine stands.",
		Controls:    []string{detect.ASI05, detect.NHI06, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: self-hosted
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
`,
	}
	kindRunnerGroup = &kind{
		ID: "workflow/runner-group", Risk: 20,
		Title:       "runs on a group of runners",
		Why:         "A runner group may hold machines of our own, which are not thrown away after a job; which ones is set outside of this file.",
		Controls:    []string{detect.NHI06, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on:
      group: builders
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
`,
	}
	kindSelfHostedPublic = &kind{
		ID: "workflow/self-hosted-runner-public", Risk: 45,
		Title:       "runs outsiders' changes on a machine of our own",
		Why:         "A pull request's code runs on a machine inside our network that is not thrown away afterwards; a fork can leave something behind there.",
		Controls:    []string{detect.ASI05, detect.NHI06, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: pull_request
jobs:
  build:
    runs-on: [self-hosted, linux]
`,
		Quiet: `on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
`,
	}
	kindPrivilegedContainer = &kind{
		ID: "workflow/privileged-container", Risk: 35,
		Title:       "gives a container the host",
		Why:         "A privileged container, or one with the Docker socket, is root on the runner: it reads all secrets of the job and changes what later steps run.",
		Controls:    []string{detect.ASI05, detect.NHI06, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container:
      image: alpine:3.20
      options: --privileged
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container:
      image: alpine:3.20
      options: --cpus 1
`,
	}
	kindUnpinnedImage = &kind{
		ID: "workflow/unpinned-image", Risk: 25,
		Title:       "runs in whatever image is the latest",
		Why:         "An image without a version is whatever its owner pushed last; a replaced image runs with the code, token and secrets of the job.",
		Controls:    []string{detect.ASI04, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container: acme/build:latest
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container: acme/build:1.4.2
`,
	}
	kindUnpinnedStepImage = &kind{
		ID: "workflow/unpinned-step-image", Risk: 15,
		Title:       "runs a step in whatever image is the latest",
		Why:         "An image without a version is whatever its owner pushed last.",
		Controls:    []string{detect.ASI04, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker://alpine:latest
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker://alpine:3.20
`,
	}
	kindUnpinned = &kind{
		ID: "workflow/unpinned-action", Risk: 25,
		Title:       "runs a third party's action by a tag",
		Why:         "Whoever owns the action, or takes its account over, can move the tag to other code, which then runs with this job's token and secrets; that has happened to widely used actions.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@v2
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
	}
	kindBranchRef = &kind{
		ID: "workflow/branch-ref-action", Risk: 35,
		Title:       "runs a third party's action by a branch",
		Why:         "The action is whatever was pushed to a branch last: any push to it is code that runs here with the job's token and secrets.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@main
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup-tool@v2
`,
	}
	kindTagFirstParty = &kind{
		ID: "workflow/first-party-tag", Risk: 5,
		Title:       "runs one of GitHub's own actions by a tag",
		Why:         "GitHub's own actions are as trusted as the platform; a full commit SHA is still the safer form.",
		Controls:    []string{detect.ASI04, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@1e31de5234b9f8995739874a8ce0492dc87873e2
`,
	}
)
