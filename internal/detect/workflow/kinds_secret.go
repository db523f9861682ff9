package workflow

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindInherit = &kind{
		ID: "workflow/secrets-inherit", Risk: 35,
		Title:       "hands all secrets to another repository's workflow",
		Why:         "Every secret of this repository and its organisation is handed to code that somebody else can change.",
		Controls:    []string{detect.ASI03, detect.NHI02, detect.NHI03, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  call:
    uses: acme/ci/.github/workflows/build.yml@1e31de5234b9f8995739874a8ce0492dc87873e2
    secrets: inherit
`,
		Quiet: `on: push
jobs:
  call:
    uses: acme/ci/.github/workflows/build.yml@1e31de5234b9f8995739874a8ce0492dc87873e2
    secrets:
      token: ${{ secrets.BUILD_TOKEN }}
`,
	}
	kindInheritLocal = &kind{
		ID: "workflow/secrets-inherit-local", Risk: 25,
		Title:       "hands all secrets to another workflow",
		Why:         "The called workflow gets every secret, not the ones that it needs; whoever changes it later has them all.",
		Controls:    []string{detect.NHI02, detect.NHI05, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  call:
    uses: ./.github/workflows/build.yml
    secrets: inherit
`,
		Quiet: `on: push
jobs:
  call:
    uses: ./.github/workflows/build.yml
`,
	}
	kindAllSecrets = &kind{
		ID: "workflow/all-secrets", Risk: 50,
		Title:       "takes all secrets at once",
		Why:         "toJSON(secrets), or a name that is computed, brings every secret of the repository into one step; one leak is then a leak of all of them.",
		Controls:    []string{detect.ASI03, detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          ALL: ${{ toJSON(secrets) }}
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          ONE: ${{ secrets.GITHUB_TOKEN }}
`,
	}
	kindUnredacted = &kind{
		ID: "workflow/secret-unredacted", Risk: 25,
		Title:       "unpacks a secret so that logs do not hide it",
		Why:         "GitHub hides a secret in logs as it stands; a field taken out of one with fromJSON is printed in plain.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          USER: ${{ fromJSON(secrets.LOGIN).user }}
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          USER: ${{ secrets.GITHUB_TOKEN }}
`,
	}
	kindSecretInScript = &kind{
		ID: "workflow/secret-in-script", Risk: 20,
		Title:       "pastes a secret into a script",
		Why:         "A secret that is put into the script's text lies in a file on the runner and in the process list, and breaks the script where it holds a quote.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: curl -u "ci:${{ secrets.API_TOKEN }}" https://api.example.com
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: curl -u "ci:$TOKEN" https://api.example.com
        env:
          TOKEN: ${{ secrets.API_TOKEN }}
`,
	}
	kindNewSecret = &kind{
		ID: "workflow/new-secret", Risk: 25,
		Title:       "uses a secret that it did not use, outside of an environment",
		Why:         "A secret that no environment guards is given to every run of this job, on any branch: no protection rule and no reviewer stands before it.",
		Controls:    []string{detect.NHI02, detect.NHI05, detect.NHI08, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          KEY: ${{ secrets.DEPLOY_KEY }}
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh
        env:
          KEY: ${{ secrets.GITHUB_TOKEN }}
`,
	}
	kindNewSecretInEnvironment = &kind{
		ID: "workflow/new-secret-in-environment", Risk: 15,
		Title:       "uses a secret that it did not use",
		Why:         "A job gets one more secret; the environment's protection rules still stand before it.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
        env:
          KEY: ${{ secrets.DEPLOY_KEY }}
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy.sh
`,
	}
	kindHardcodedCredentials = &kind{
		ID: "workflow/hardcoded-credentials", Risk: 45,
		Title:       "holds a registry password in plain",
		Why:         "A password in the file is readable by everybody who can read the repository, now and in its history: it must be changed at its issuer, taking the line out is not enough.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container:
      image: registry.example.com/app:1.2
      credentials:
        username: ci
        password: letmein
`,
		Quiet: `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    container:
      image: registry.example.com/app:1.2
      credentials:
        username: ci
        password: ${{ secrets.REGISTRY_PASSWORD }}
`,
	}
	kindPersistedCredentials = &kind{
		ID: "workflow/persisted-credentials", Risk: 25,
		Title:       "leaves its token on disk on purpose",
		Why:         "persist-credentials: true keeps the job's token in .git/config, where every later step and action can read it.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: true
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
`,
	}
	kindLeakedCredentials = &kind{
		ID: "workflow/leaked-credentials", Risk: 40,
		Title:       "uploads its token with the checkout",
		Why:         "The whole checkout goes into an artifact, and the job's token lies in its .git folder: whoever may download the artifact while the job runs has the token.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: ".github/workflows/ci.yml",
		Fires: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/upload-artifact@v4
        with:
          path: .
`,
		Quiet: `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/upload-artifact@v4
        with:
          path: dist
`,
	}
)
