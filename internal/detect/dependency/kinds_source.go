package dependency

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindRegistry = &detect.Kind{
		ID: "dependency/registry-changed", Risk: 50,
		Title:       "gets packages from another registry",
		Why:         "Whoever runs the new registry decides what every package is; where two are asked, the higher version wins, and anybody can publish one under an internal name.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".npmrc",
		Fires:       "registry=https://npm.example.net/\n",
		Quiet:       "registry=https://registry.npmjs.org/\n",
	}
	kindChecksOff = &detect.Kind{
		ID: "dependency/checks-off", Risk: 45,
		Title:       "no longer checks what it downloads",
		Why:         "Packages can be exchanged on their way, and nothing notices.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: ".npmrc",
		Fires:       "strict-ssl=false\n",
		Quiet:       "strict-ssl=true\n",
	}
	kindScriptsOn = &detect.Kind{
		ID: "dependency/install-scripts-enabled", Risk: 40,
		Title:       "lets packages run scripts when they are installed",
		Why:         "Every package, and every package of a package, may then run commands on each machine that installs them.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61, detect.ASI05},
		ExamplePath: ".npmrc",
		FiresBefore: "ignore-scripts=true\n",
		Fires:       "ignore-scripts=false\n",
		QuietBefore: "ignore-scripts=false\n",
		Quiet:       "ignore-scripts=true\n",
	}
	kindForeignCode = &detect.Kind{
		ID: "dependency/update-runs-foreign-code", Risk: 35,
		Title:       "lets updates run code of packages",
		Why:         "Dependabot then runs code of the packages that it looks at, with the credentials for private registries at hand.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61, detect.ASI05},
		ExamplePath: ".github/dependabot.yml",
		Fires: `updates:
  - insecure-external-code-execution: allow
`,
		Quiet: `updates:
  - insecure-external-code-execution: deny
`,
	}
	kindInstallScript = &detect.Kind{
		ID: "dependency/install-script", Risk: 45,
		Title:       "runs a command whenever it is installed",
		Why:         "The script runs on each developer machine and in each build that installs the package, before anybody looks at it.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61, detect.ASI05},
		ExamplePath: "package.json",
		FiresBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Fires: `{
  "name": "shop",
  "scripts": {
    "postinstall": "node setup.js"
  },
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		QuietBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Quiet: `{
  "name": "shop",
  "scripts": {
    "lint": "eslint ."
  },
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
	}
	kindHookScript = &detect.Kind{
		ID: "dependency/prepare-script", Risk: 15,
		Title:       "sets hooks up or builds when it is installed",
		Why:         "A prepare script of a usual sort runs on each developer machine.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "package.json",
		FiresBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Fires: `{
  "name": "shop",
  "scripts": {
    "prepare": "husky"
  },
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		QuietBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Quiet: `{
  "name": "shop",
  "scripts": {
    "format": "prettier ."
  },
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
	}
	kindForeignSource = &detect.Kind{
		ID: "dependency/foreign-source", Risk: 45,
		Title:       "takes a package past the registry",
		Why:         "A git repository or an archive at a URL can change under the same name, has no published hash, and nobody else looks at it.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "package.json",
		FiresBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Fires: `{
  "name": "shop",
  "dependencies": {
    "zod": "git+https://github.com/someone/zod.git"
  }
}
`,
		QuietBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Quiet: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.24.0"
  }
}
`,
	}
	kindAlias = &detect.Kind{
		ID: "dependency/aliased", Risk: 35,
		Title:       "puts another package under a known name",
		Why:         "What the code imports by the known name is another package.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "package.json",
		FiresBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Fires: `{
  "name": "shop",
  "dependencies": {
    "zod": "npm:zodd@1.0.0"
  }
}
`,
		QuietBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Quiet: `{
  "name": "shop",
  "dependencies": {
    "zod": "npm:zod@3.24.0"
  }
}
`,
	}
	kindReplaced = &detect.Kind{
		ID: "dependency/replaced", Risk: 40,
		Title:       "is replaced by another source",
		Why:         "Everything that asks for the package gets the fork, the folder or the other package instead.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "go.mod",
		FiresBefore: "module shop\n",
		Fires: `module shop

replace golang.org/x/net => github.com/someone/net v0.1.0
`,
		QuietBefore: "module shop\n",
		Quiet: `module shop

require golang.org/x/net v0.58.0
`,
	}
	kindVersionOverridden = &detect.Kind{
		ID: "dependency/version-overridden", Risk: 20,
		Title:       "is forced to a version",
		Why:         "Whatever asks for another version gets this one, fixes of security holes included.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "go.mod",
		FiresBefore: "module shop\n",
		Fires: `module shop

replace golang.org/x/net => golang.org/x/net v0.57.0
`,
		QuietBefore: "module shop\n",
		Quiet: `module shop

require golang.org/x/net v0.58.0
`,
	}
	kindLocalReplace = &detect.Kind{
		ID: "dependency/replaced-by-folder", Risk: 15,
		Title:       "is replaced by a folder",
		Why:         "The package is taken from the repository itself or from beside it.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "go.mod",
		FiresBefore: "module shop\n",
		Fires: `module shop

replace example.com/lib => ../lib
`,
		QuietBefore: "module shop\n",
		Quiet: `module shop

require example.com/lib v1.0.0
`,
	}
	kindTyposquat = &detect.Kind{
		ID: "dependency/typosquat", Risk: 50,
		Title:       "has a name that reads like a popular package",
		Why:         "One keystroke from a popular name is where packages that steal credentials wait.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61, detect.ASI05},
		ExamplePath: "package.json",
		FiresBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Fires: `{
  "name": "shop",
  "dependencies": {
    "lodahs": "^4.17.21",
    "zod": "^3.23.8"
  }
}
`,
		QuietBefore: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
		Quiet: `{
  "name": "shop",
  "dependencies": {
    "lodash": "^4.17.21",
    "zod": "^3.23.8"
  }
}
`,
	}
)
