package dependency

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindNew = &detect.Kind{
		ID: "dependency/new-dependency", Risk: 12,
		Title:       "is a new direct dependency",
		Why:         "One more author whose code runs here.",
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
    "nanoid": "^5.0.0",
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
    "zod": "^3.24.0"
  }
}
`,
	}
	kindAnyVersion = &detect.Kind{
		ID: "dependency/any-version", Risk: 25,
		Title:       "takes any version",
		Why:         "The newest version is taken whatever it is, within minutes of being published.",
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
    "zod": "latest"
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
	kindDowngraded = &detect.Kind{
		ID: "dependency/downgraded", Risk: 25,
		Title:       "goes back to an older version",
		Why:         "What was repaired since then, security holes among it, is open again.",
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
    "zod": "^3.1.0"
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
	kindIntegrityChanged = &detect.Kind{
		ID: "dependency/integrity-changed", Risk: 60,
		Title:       "has another hash for the same version",
		Why:         "A published version does not change: another hash means other content, from another place or on the way.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61, detect.Measure27},
		ExamplePath: "go.sum",
		FiresBefore: "example.com/a v1.0.0 h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n",
		Fires:       "example.com/a v1.0.0 h1:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=\n",
		QuietBefore: "example.com/a v1.0.0 h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n",
		Quiet:       "example.com/a v1.0.1 h1:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=\n",
	}
	kindIntegrityRemoved = &detect.Kind{
		ID: "dependency/integrity-removed", Risk: 45,
		Title:       "has lost its hash",
		Why:         "What is downloaded is no longer compared with what was reviewed.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		FiresBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
`,
		QuietBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Quiet: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==

other@^1.0.0:
  version "1.0.0"
`,
	}
	kindWeakIntegrity = &detect.Kind{
		ID: "dependency/weak-integrity", Risk: 25,
		Title:       "is held by a hash that can be forged",
		Why:         "Two archives with the same SHA-1 can be made: the hash no longer proves what was reviewed.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha1-1ZNEUixLxGSmWnMKxpUAf9tm3Yg=
`,
		Quiet: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindInsecureSource = &detect.Kind{
		ID: "dependency/insecure-source", Risk: 45,
		Title:       "is fetched without encryption",
		Why:         "Anybody on the way can exchange the package.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		FiresBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "http://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		QuietBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "http://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Quiet: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindSourceChanged = &detect.Kind{
		ID: "dependency/source-changed", Risk: 45,
		Title:       "comes from another host",
		Why:         "The same package from another host is whatever that host says it is.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		FiresBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "https://npm.example.net/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		QuietBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Quiet: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.npmjs.org/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindNameMismatch = &detect.Kind{
		ID: "dependency/name-mismatch", Risk: 55,
		Title:       "comes from another package's archive",
		Why:         "The lock file says one name and fetches another: what is installed is not what the manifest asks for.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/malicious/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Quiet: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindLockGit = &detect.Kind{
		ID: "dependency/locked-to-git", Risk: 35,
		Title:       "is locked to a git repository",
		Why:         "A repository can be rewritten or taken over, and what comes from it has no published hash.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		FiresBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Fires: `left@^1.0.0:
  version "1.2.0"
  resolved "git+https://github.com/someone/left.git#abc"
  integrity sha512-abcdefghijkl==
`,
		QuietBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Quiet: `left@^1.0.0:
  version "1.3.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.3.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindLockAlias = &detect.Kind{
		ID: "dependency/locked-alias", Risk: 20,
		Title:       "is another package under this name",
		Why:         "The lock file puts one package in the place of another; tools that check names read past it.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		Fires: `"left@npm:right@^1.0.0":
  version "1.0.0"
`,
		Quiet: `"left@npm:^1.0.0":
  version "1.0.0"
`,
	}
	kindLockAlone = &detect.Kind{
		ID: "dependency/lock-without-manifest", Risk: 18,
		Title:       "changes though no manifest does",
		Why:         "What is installed changes though nothing that people read says so; updates within a range look the same.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "yarn.lock",
		FiresBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		Fires: `left@^1.0.0:
  version "1.3.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.3.0.tgz"
  integrity sha512-abcdefghijkl==
`,
		QuietBefore: `left@^1.0.0:
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/left/-/left-1.2.0.tgz"
  integrity sha512-abcdefghijkl==
`,
	}
	kindUnreadable = &detect.Kind{
		ID: "dependency/unreadable", Risk: 30,
		Title:       "could not be read",
		Why:         "What a manifest that cannot be read installs is not known.",
		Controls:    []string{detect.ASI04, detect.NHI03, detect.MaestroL4, detect.Govern61},
		ExamplePath: "package.json",
		Fires:       "{ \"dependencies\": \n",
		Quiet: `{
  "name": "shop",
  "dependencies": {
    "zod": "^3.23.8"
  }
}
`,
	}
)
