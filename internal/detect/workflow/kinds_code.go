package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindUnreadable = &kind{
		ID: "workflow/unreadable", Risk: 35,
		Title:       "could not be read",
		Why:         "What a workflow does cannot be judged when its text cannot be read; it may run all the same.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs: [unclosed
`,
		Quiet: `on: push
jobs: {}
`,
	}
	kindPrivilegedTrigger = &kind{
		ID: "workflow/privileged-trigger", Risk: 40,
		Title:       "runs with secrets on events that outsiders cause",
		Why:         "A run on pull_request_target or workflow_run has the secrets and the write token of the repository while anybody on the internet can cause it; one careless step hands them over.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4, detect.Manage24},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`,
		Quiet: `on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`,
	}
	kindUntrustedCheckout = &kind{
		ID: "workflow/untrusted-checkout", Risk: 70,
		Title:       "fetches an outsider's code in a privileged run",
		Why:         "The code of anybody's pull request is fetched into a run that has the repository's secrets and a token that writes; building or testing it gives both away, and what was pushed or published with them cannot be called back.",
		Controls:    []string{detect.ASI05, detect.ASI03, detect.NHI02, detect.MaestroL4, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
`,
		Quiet: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: main
`,
	}
	kindArtifactPoisoning = &kind{
		ID: "workflow/artifact-poisoning", Risk: 50,
		Title:       "runs what another run's artifact holds",
		Why:         "A run after another workflow takes an artifact that a fork's pull request may have built, and then executes something: the outsider's files run with this repository's rights.",
		Controls:    []string{detect.ASI05, detect.ASI04, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: 
  workflow_run:
    workflows: [build]

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: dawidd6/action-download-artifact@1e31de5234b9f8995739874a8ce0492dc87873e2
      - run: ./report.sh
`,
		Quiet: `on: 
  workflow_run:
    workflows: [build]

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./report.sh
`,
	}
	kindInjection = &kind{
		ID: "workflow/script-injection", Risk: 60,
		Title:       "pastes an outsider's text into code",
		Why:         "Text that anybody can write (a title, a comment, a branch name) is put into a script before the shell reads it, so that it can be a command and run with the job's token and secrets.",
		Controls:    []string{detect.ASI05, detect.ASI01, detect.MaestroL4, detect.Measure27},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: issues
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.issue.title }}"
`,
		Quiet: `on: issues
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$TITLE"
        env:
          TITLE: ${{ github.event.issue.title }}
`,
	}
	kindInjectionPush = &kind{
		ID: "workflow/script-injection-push", Risk: 40,
		Title:       "pastes a commit's text into code",
		Why:         "A commit message or an author's name is put into a script before the shell reads it; whoever gets a commit merged runs commands with the job's token and secrets.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.head_commit.message }}"
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.head_commit.id }}"
`,
	}
	kindInjectionRef = &kind{
		ID: "workflow/script-injection-ref", Risk: 25,
		Title:       "pastes a branch name into code",
		Why:         "A branch or tag name may hold shell syntax, and an agent that may push a branch chooses its name; pasted into a script it runs as a command.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.ref_name }}"
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$GITHUB_REF_NAME"
`,
	}
	kindInjectionInput = &kind{
		ID: "workflow/script-injection-input", Risk: 15,
		Title:       "pastes a caller's input into code",
		Why:         "Whoever calls this workflow or action hands in text that is put into a script before the shell reads it.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on:
  workflow_call:
    inputs:
      name:
        type: string
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ inputs.name }}"
`,
		Quiet: `on:
  workflow_call:
    inputs:
      name:
        type: boolean
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ inputs.name }}"
`,
	}
	kindEnvInjection = &kind{
		ID: "workflow/environment-injection", Risk: 45,
		Title:       "writes an outsider's text to the job's environment",
		Why:         "What a privileged run appends to GITHUB_ENV or GITHUB_PATH is in force for every later step: a value with a line break in it can set LD_PRELOAD or put a program in front of another.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "TITLE=$TITLE" >> $GITHUB_ENV
`,
		Quiet: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "MODE=ci" >> $GITHUB_ENV
`,
	}
	kindInsecureCommands = &kind{
		ID: "workflow/insecure-commands", Risk: 45,
		Title:       "turns log commands that set variables back on",
		Why:         "ACTIONS_ALLOW_UNSECURE_COMMANDS lets anything that a step prints set environment variables and paths for later steps, which GitHub closed as a hole in 2020.",
		Controls:    []string{detect.ASI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
env:
  ACTIONS_ALLOW_UNSECURE_COMMANDS: true
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`,
		Quiet: `on: push
env:
  ACTIONS_ALLOW_UNSECURE_COMMANDS: false
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
`,
	}
	kindBotCondition = &kind{
		ID: "workflow/bot-condition", Risk: 35,
		Title:       "trusts whoever acted last to be a bot",
		Why:         "github.actor is whoever caused the last event, not who wrote the code: a pull request with an attacker's commits passes as soon as the bot touches it.",
		Controls:    []string{detect.ASI03, detect.ASI09, detect.NHI04, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: gh pr merge --auto
        if: github.actor == 'dependabot[bot]'
`,
		Quiet: `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: gh pr merge --auto
        if: github.event.pull_request.user.login == 'dependabot[bot]'
`,
	}
	kindUnsoundContains = &kind{
		ID: "workflow/unsound-contains", Risk: 30,
		Title:       "asks whether a string holds a name, not whether it is one",
		Why:         "contains() on one string is true for any part of it: a branch named after a piece of the list passes the check that was meant to stop it.",
		Controls:    []string{detect.ASI03, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./release.sh
        if: contains('refs/heads/main refs/heads/stable', github.ref)
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./release.sh
        if: contains(fromJSON('["refs/heads/main"]'), github.ref)
`,
	}
	kindAlwaysTrue = &kind{
		ID: "workflow/condition-always-true", Risk: 30,
		Title:       "has a condition that is always true",
		Why:         "Text or a line break outside of ${{ }} makes the whole condition a string, and a string counts as true: the step that it should guard always runs.",
		Controls:    []string{detect.ASI03, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./release.sh
        if: ${{ github.ref == 'refs/heads/main' }} && ${{ github.event_name == 'push' }}
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./release.sh
        if: ${{ github.ref == 'refs/heads/main' && github.event_name == 'push' }}
`,
	}
	kindCachePoisoning = &kind{
		ID: "workflow/cache-poisoning", Risk: 25,
		Title:       "takes a shared cache into a release",
		Why:         "Other runs fill the cache that this job restores, those of pull requests among them: what one of them put there goes out with the release, signed and trusted.",
		Controls:    []string{detect.ASI04, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: release
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/cache@v4
`,
		Quiet: `on: release
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/cache@v4
        with:
          lookup-only: true
`,
	}
)
