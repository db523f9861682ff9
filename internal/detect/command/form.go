package command

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// form is how commands stand in a file.
type form uint8

const (
	noForm form = iota
	script
	makefile
	yaml
	packageJSON
	toml
	dockerfile
	code     // read by its lines: no reader knows its language
	program  // read by its words
	settings // NAME=VALUE lines that a shell may source
	crontab
	procfile
	ini
	notebook
	nix
	markup
	cmake
)

var byExt = map[string]form{".sh": script, ".bash": script, ".zsh": script, ".ksh": script, ".ps1": script, ".psm1": script,
	".bat": script, ".cmd": script, ".fish": script, ".nu": script, ".csh": script, ".command": script, ".service": script,
	".mk": makefile, ".mak": makefile, ".make": makefile, ".just": makefile, ".yml": yaml, ".yaml": yaml,
	".pl": code, ".lua": code, ".tcl": code, ".r": code, ".jl": code, ".tf": program, ".tofu": program, ".hcl": program,
	".nomad": program, ".bzl": program, ".bazel": program, ".star": program, ".gradle": program, ".jsonnet": program,
	".dockerfile": dockerfile, ".earth": dockerfile, ".cron": crontab, ".crontab": crontab, ".env": settings, ".envrc": script,
	".ipynb": notebook, ".nix": nix, ".csproj": markup, ".vbproj": markup, ".fsproj": markup, ".targets": markup, ".props": markup,
	".cmake": cmake}

// byName are files that are known by their whole name, in small letters.
var byName = map[string]form{"package.json": packageJSON, "composer.json": packageJSON, "turbo.json": packageJSON,
	"deno.json": packageJSON, "deno.jsonc": packageJSON, "makefile": makefile, "gnumakefile": makefile, "procfile": procfile,
	"crontab": crontab, "entrypoint": script, "rakefile": program, "fastfile": program, "vagrantfile": program, "tiltfile": program,
	"capfile": program, "dangerfile": program, "guardfile": program, "podfile": program, "snakefile": program, "sconstruct": program,
	"pnpm-lock.yaml": noForm, "vercel.json": packageJSON, "railway.json": packageJSON, "app.json": packageJSON,
	"devcontainer.json": packageJSON, ".devcontainer.json": packageJSON, "tasks.json": packageJSON, "project.json": packageJSON,
	"nx.json": packageJSON, "firebase.json": packageJSON, "lerna.json": packageJSON, ".lintstagedrc": packageJSON,
	".lintstagedrc.json": packageJSON, "launch.json": packageJSON, "wrangler.json": packageJSON, "wrangler.jsonc": packageJSON,
	"renovate.json": packageJSON, "dockerrun.aws.json": packageJSON, "task-definition.json": packageJSON, "taskdef.json": packageJSON,
	"nodemon.json": packageJSON, "angular.json": packageJSON, "buildspec.json": packageJSON, "ecosystem.config.json": packageJSON,
	"heroku.json": packageJSON, "railway.jsonc": packageJSON, "zerops.json": packageJSON, "cloudbuild.json": packageJSON,
	"netlify.toml": toml, "nixpacks.toml": toml, "fly.toml": toml, ".replit": toml, "railway.toml": toml, "wrangler.toml": toml,
	"pyproject.toml": toml, "mise.toml": toml, ".mise.toml": toml, "makefile.toml": toml, "project.toml": toml, "pixi.toml": toml,
	"devbox.json": packageJSON, "lefthook.toml": toml, "taskipy.toml": toml, ".air.toml": toml,
	"tox.ini": ini, "setup.cfg": ini, "supervisord.conf": ini, "uwsgi.ini": ini,
	".bashrc": script, ".bash_profile": script, ".bash_login": script, ".bash_logout": script, ".bash_aliases": script,
	".profile": script, ".zshrc": script, ".zprofile": script, ".zshenv": script, ".zlogin": script, ".kshrc": script,
	".xinitrc": script, ".xprofile": script, ".envrc": script, "apkbuild": script, "pkgbuild": script, "rc.local": script,
	"cmakelists.txt": cmake, "pom.xml": markup, "build.xml": markup, "earthfile": dockerfile,
	"go.mod": noForm, "license": noForm, "readme": noForm, "codeowners": noForm, "notice": noForm, "copying": noForm, "owners": noForm,
	"version": noForm, "changelog": noForm, "authors": noForm, "gemfile": noForm, "pipfile": noForm, "brewfile": noForm,
	"robots.txt": noForm, "requirements.txt": noForm, "go.sum": noForm, "package-lock.json": noForm}

// scriptFolders hold scripts without an ending.
var scriptFolders = map[string]bool{"bin": true, "sbin": true, "script": true, "scripts": true, "hooks": true,
	"cron.daily": true, "cron.hourly": true, "cron.weekly": true, "cron.monthly": true, "profile.d": true, "init.d": true,
	".husky": true, ".githooks": true, "git-hooks": true, "libexec": true}

// formOf says how commands stand in a file, by its name and mode alone.
func formOf(f *change.File) form {
	base := path.Base(f.Path)
	if base == "BUILD" || base == "WORKSPACE" { // Bazel's, by capitals alone
		return program
	}
	base = strings.ToLower(base)
	ext := path.Ext(base)
	if form, known := byName[base]; known {
		return form
	}
	switch {
	case base == "justfile", strings.HasPrefix(base, "makefile."), strings.HasPrefix(base, "gnumakefile."):
		return makefile
	case isDockerfile(base):
		return dockerfile
	case strings.HasPrefix(base, "jenkinsfile"):
		return program
	case strings.HasPrefix(f.Path, ".husky/"):
		return script
	case strings.HasSuffix(base, ".min.js"):
		return noForm
	case strings.HasPrefix(base, ".env"), strings.HasSuffix(base, ".env.local"), strings.HasSuffix(base, ".env.production"):
		return settings
	}
	if form, ok := byExt[ext]; ok {
		return form
	}
	if source.LanguageOf(ext) != source.NoLanguage {
		return program
	}
	return byFolder(f, ext)
}

// byFolder is the form of a file whose name says nothing, by where it lies.
func byFolder(f *change.File, ext string) form {
	folder := strings.ToLower(path.Base(path.Dir(f.Path)))
	switch {
	case ext == ".config" && folder == ".ebextensions":
		return yaml
	case ext == ".conf" && strings.Contains(folder, "supervisor"):
		return ini
	case folder == "cron.d" && ext == "":
		return crontab
	case ext == ".txt" && scriptFolders[folder]:
		return script
	case ext == "":
		return script // if its first line says so
	}
	return noForm
}

// isDockerfile takes a name in small letters.
func isDockerfile(base string) bool {
	return strings.HasPrefix(base, "dockerfile") || strings.HasPrefix(base, "containerfile") || strings.HasSuffix(base, ".dockerfile")
}

// languageOf is the language that a program is read in.
func languageOf(name string) source.Language {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".tf", ".tofu", ".hcl", ".nomad": // the same comments, strings and here-documents
		return source.Ruby
	case ".bzl", ".bazel", ".star":
		return source.Python
	case ".gradle", ".jsonnet":
		return source.CLike
	}
	switch {
	case strings.HasPrefix(base, "jenkinsfile"):
		return source.CLike
	case base == "tiltfile", base == "snakefile", base == "sconstruct", base == "build", base == "workspace":
		return source.Python
	case path.Ext(base) == "":
		return source.Ruby
	}
	return source.LanguageOf(path.Ext(base))
}

// byFirstLine says how commands stand in a file without an ending by what it says
// itself, and gives it a name with one.
func byFirstLine(f *change.File) (form, string) {
	first, _, _ := strings.Cut(f.After.Body[:min(len(f.After.Body), 200)], "\n")
	if !strings.HasPrefix(first, "#!") {
		if strings.HasPrefix(first, "#cloud-config") {
			return yaml, f.Path + ".yaml"
		}
		if f.Mode == change.ModeExecutable || scriptFolders[strings.ToLower(path.Base(path.Dir(f.Path)))] {
			return script, f.Path // what runs it takes it for a shell's
		}
		return noForm, ""
	}
	for _, by := range [...]struct{ name, ext string }{{"python", ".py"}, {"ruby", ".rb"}, {"node", ".js"}, {"bun", ".js"},
		{"deno", ".ts"}, {"php", ".php"}, {"perl", ".pl"}, {"lua", ".lua"}, {"elixir", ".exs"}, {"groovy", ".groovy"},
		{"pwsh", ".ps1"}, {"make", ".mk"}, {"just", ".just"}, {"sh", ".sh"}, {"/nu", ".nu"}, {" nu", ".nu"}} {
		if strings.Contains(first, by.name) {
			named := change.File{Path: f.Path + by.ext, Mode: f.Mode}
			return formOf(&named), named.Path
		}
	}
	return noForm, ""
}
