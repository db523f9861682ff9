package agentconfig

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// servers looks at every MCP server of a settings file.
func (v *view) servers(root *tree.Node) {
	for _, key := range []string{"mcpServers", "mcp_servers", "servers", "mcp", "context_servers"} {
		for _, list := range []*tree.Node{root.Get(key), root.Get("mcp", key), root.Get("mcp.servers"), root.Get("amp.mcpServers")} {
			for _, f := range list.Entries() {
				if f.Value.IsMap() && (f.Value.Has("command") || f.Value.Has("url") || f.Value.Has("args") ||
					f.Value.Has("serverUrl") || f.Value.Has("httpUrl")) {
					v.server(f.Key, f.Value)
				}
			}
		}
	}
}

// server looks at one MCP server: a program, or an address, that hands an
// agent tools, and whose words an agent takes for the truth.
func (v *view) server(name string, n *tree.Node) {
	program := strings.TrimSpace(n.Get("command").Str())
	args := n.Get("args").Strings()
	if list := n.Get("command"); list.IsList() {
		if all := list.Strings(); len(all) > 0 {
			program, args = all[0], append(all[1:len(all):len(all)], args...)
		}
	}
	url := n.Get("url").Str() + n.Get("serverUrl").Str() + n.Get("httpUrl").Str()
	v.add(mcpAdded, n.Line, name, bounded(strings.TrimSpace(program+" "+strings.Join(args, " ")+url)))
	v.serverCode(name, program, args, n.Line)
	v.serverArgs(name, program, args, n.Line)
	v.elsewhere(name, program, url, args, n.Line)
	for _, field := range append(n.Get("env").Entries(), n.Get("environment").Entries()...) {
		v.environment(name, field.Key, field.Value)
	}
	for _, field := range n.Get("headers").Entries() {
		if literalSecret(field.Key, field.Value.Str()) {
			v.add(mcpSecret, field.Line, name, field.Key)
		}
	}
	for _, key := range []string{"autoApprove", "alwaysAllow", "auto_approve", "trustedTools"} {
		if items := n.Get(key); items.IsList() && len(items.Items) > 0 {
			v.add(bypassed, items.Line, name, key)
		}
	}
	if n.Get("shell").True() {
		v.add(mcpCode, n.Line, name, "started through a shell")
	}
	if dir := n.Get("cwd").Str(); dir == "/" || strings.HasPrefix(dir, "/etc") || dir == "~" || strings.HasPrefix(dir, "/root") {
		v.add(mcpExposed, n.Line, name, "works in "+bounded(dir))
	}
	v.reach(name, args, n.Line)
}

// elsewhere looks for a server that is not on this machine.
func (v *view) elsewhere(name, program, url string, args []string, line int) {
	if url != "" {
		switch {
		case program != "":
			v.add(mcpExposed, line, name, "both a program and an address")
		case strings.HasPrefix(url, "http://") && !local(url):
			v.add(mcpExposed, line, name, "not encrypted")
		}
		if !local(url) {
			v.add(mcpRemote, line, name, bounded(url))
		}
	}
	for _, a := range args {
		if (strings.HasPrefix(a, "https://") || strings.HasPrefix(a, "http://")) && !local(a) {
			v.add(mcpRemote, line, name, bounded(a))
		}
	}
}

// serverCode looks for code that is fetched when the server starts.
func (v *view) serverCode(name, program string, args []string, line int) {
	base := program[strings.LastIndexByte(program, '/')+1:]
	switch base {
	case "npx", "bunx", "uvx", "pnpx":
		v.pinned(name, args, line)
		return
	case "pnpm", "yarn", "npm", "pipx", "uv", "bun":
		if i := slices.IndexFunc(args, func(a string) bool {
			return a == "dlx" || a == "exec" || a == "run" ||
				a == "x"
		}); i >= 0 && base != "npm" && base != "uv" {
			v.pinned(name, args[i+1:], line)
			return
		}
	case "docker", "podman":
		image := dockerImage(args)
		if image != "" && !strings.Contains(image, "@sha256:") &&
			(!strings.Contains(image[strings.LastIndexByte(image, '/')+1:], ":") || strings.HasSuffix(image, ":latest")) {
			v.add(mcpCode, line, name, "an image without a version: "+bounded(image))
		}
		if raises(base, args) {
			v.add(mcpExposed, line, name, "a container with the host's rights")
		}
		return
	}
	v.startedBy(name, program, args, line)
}

// startedBy looks at what starts a server that is no package's and no image's.
func (v *view) startedBy(name, program string, args []string, line int) {
	base := program[strings.LastIndexAny(program, "/\\")+1:]
	if base = strings.TrimSuffix(strings.ToLower(base), ".exe"); base == "cmd" || base == "env" || base == "wsl" || base == "nohup" ||
		base == "xargs" || strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".bat") || strings.HasSuffix(base, ".ps1") {
		v.add(mcpWrapper, line, name, "started by "+base)
	}
	whole := program + " " + strings.Join(args, " ")
	for _, c := range v.commandsOf(whole) {
		for _, s := range judge(&c) {
			if s.kind == hookCode {
				v.add(mcpCode, line, name, bounded(whole))
			}
		}
	}
	if shells[base] {
		if why := wrapped(base, args); why != "" {
			v.add(mcpWrapper, line, name, why)
		}
		for i, a := range args {
			if a == "-c" && i+1 < len(args) {
				v.shellServer(name, args[i+1], line)
			}
			if strings.HasPrefix(a, "http://") || strings.HasPrefix(a, "https://") {
				v.add(mcpCode, line, name, "code from "+bounded(a))
			}
		}
	}
	if networkers[base] {
		v.add(mcpExposed, line, name, "the program "+base)
	}
}

// wrapped says by what a server is started that is not the server itself.
func wrapped(base string, args []string) string {
	switch base {
	case "sh", "bash", "zsh", "dash", "ksh", "fish", "pwsh", "powershell":
		return "started by " + base
	case "osascript", "iex":
		return "started by " + base
	}
	if slices.ContainsFunc(args, func(a string) bool { return a == "-c" || a == "-e" || a == "--eval" || a == "-" || a == "eval" }) {
		return "code given to " + base
	}
	return ""
}

// raises reports whether a container gets the host's rights.
func raises(program string, args []string) bool {
	c := shell.Command{Words: []shell.Word{{Text: program}}}
	for _, a := range args {
		c.Words = append(c.Words, shell.Word{Text: a})
	}
	for _, h := range hooks() {
		if h.kind == hookRaises && len(h.table.Match(&c)) > 0 {
			return true
		}
	}
	return false
}

func (v *view) shellServer(name, script string, line int) {
	for _, c := range v.commandsOf(script) {
		if len(judge(&c)) > 0 {
			v.add(mcpCode, line, name, bounded(script))
			return
		}
	}
}

// isShell reports whether an argument is more than one word to a shell.
func isShell(arg string) bool {
	read := shell.Read(arg, 1).Commands
	return len(read) > 1 || len(read) == 1 && read[0].Background
}

// pinned looks for a package that is fetched in whatever version there is.
func (v *view) pinned(name string, args []string, line int) {
	for i, a := range args {
		if strings.HasPrefix(a, "-") || i > 0 && (args[i-1] == "--from" || args[i-1] == "-p" || args[i-1] == "--package") &&
			strings.ContainsAny(a, "@=") {
			continue
		}
		at := strings.LastIndexByte(a, '@')
		version := ""
		if at > 0 {
			version = a[at+1:]
		} else if _, pin, ok := strings.Cut(a, "=="); ok {
			version = pin
		}
		if version == "" || version == "latest" || version == "next" || strings.HasPrefix(version, "^") ||
			strings.HasPrefix(version, "~") || version == "*" {
			v.add(mcpCode, line, name, "a package without a version: "+bounded(a))
		}
		return
	}
}

func dockerImage(args []string) string {
	skip := false
	for i, a := range args {
		switch {
		case skip:
			skip = false
		case i == 0 && (a == "run" || a == "exec"):
		case a == "-e" || a == "-v" || a == "--env" || a == "--volume" || a == "--mount" || a == "--name" || a == "-p" ||
			a == "--network" || a == "-w" || a == "--env-file" || a == "-u":
			skip = true
		case strings.HasPrefix(a, "-"):
		default:
			return a
		}
	}
	return ""
}

func (v *view) serverArgs(name, program string, args []string, line int) {
	base := program[strings.LastIndexByte(program, '/')+1:]
	for i, a := range args {
		switch {
		case private(a):
			v.add(mcpExposed, line, name, "is given "+bounded(a))
		case !shells[base] || base == "node" || strings.HasPrefix(base, "python"):
			if strings.ContainsAny(a, ";|`&$") && isShell(a) {
				v.add(mcpCode, line, name, "an argument with shell syntax")
			}
		}
		if why := v.exposes(base, a, args[i+1:]); why != "" {
			v.add(mcpExposed, line, name, why)
		}
	}
}

// exposing are beginnings of flags that take a server's guards away, and
// exposingWhole whole ones.
var (
	exposing = []string{"--no-verify", "--disable-", "--no-sandbox", "--allow-all", "--allow-run", "--allow-write", "--unsafe",
		"--dangerously", "--skip-", "--no-auth", "--inspect"}
	exposingWhole = set("--insecure --yolo --privileged")
	wholeMachine  = map[string]bool{"/": true, "~": true, "/etc": true, "/root": true, "/home": true, "/Users": true, "C:\\": true,
		"$HOME": true, "${HOME}": true}
)

// exposes says what an argument opens to more than the server needs, or nothing.
func (v *view) exposes(base, arg string, rest []string) string {
	low := strings.ToLower(arg)
	begins := func(p string) bool { return strings.HasPrefix(low, p) }
	switch {
	case exposingWhole[low] || slices.ContainsFunc(exposing, begins), low == "-k" && base == "curl", low == "-a" && base == "deno":
		return bounded(arg)
	case low == "0.0.0.0" || strings.HasSuffix(low, "=0.0.0.0") || low == "::" || strings.HasPrefix(low, "0.0.0.0:"):
		return "listens to everybody"
	case (low == "--port" || low == "-p") && len(rest) > 0 && len(rest[0]) <= 3 && digitsOnly(rest[0]):
		return "listens on port " + rest[0]
	case wholeMachine[arg]:
		return "is given " + arg
	}
	return ""
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// environment looks at one variable of a server, or of all an agent runs.
func (v *view) environment(owner, key string, n *tree.Node) {
	value := n.Str()
	switch {
	case strings.HasSuffix(strings.ToLower(key), "_base_url") && local(value):
	case steers(key):
		v.add(mcpEnvironment, n.At(), owner, key)
	case literalSecret(key, value):
		v.add(mcpSecret, n.At(), owner, key) // the value is never shown
	case value == "0.0.0.0" || value == "::":
		v.add(mcpExposed, n.At(), owner, key+" listens to everybody")
	}
}

// literalSecret reports whether a value that is named like a secret stands
// there itself, rather than a reference to it.
func literalSecret(key, value string) bool {
	low := strings.ToLower(key)
	named := false
	for _, part := range []string{"token", "secret", "password", "passwd", "api_key", "apikey", "api-key", "access_key",
		"private_key", "credential", "authorization", "service_key", "auth_key", "_key", "_pat"} {
		named = named || strings.HasSuffix(low, part) || strings.Contains(low, part+"_")
	}
	if !named || len(value) < 8 || strings.HasSuffix(low, "_file") || strings.HasSuffix(low, "_path") {
		return false
	}
	lowValue := strings.ToLower(value)
	for _, reference := range []string{"${", "{{", "$(", "<", "your", "xxx", "changeme", "placeholder", "example", "...",
		"op://", "vault:", "todo"} {
		if strings.Contains(lowValue, reference) {
			return false
		}
	}
	return !strings.HasPrefix(value, "$") && !strings.HasPrefix(value, "env:")
}

// reach looks for servers that put a database, a browser, the file system or a
// cloud into an agent's hands.
func (v *view) reach(name string, args []string, line int) {
	low := strings.ToLower(name + " " + strings.Join(args, " "))
	for _, what := range []string{"postgres", "mysql", "mongo", "redis", "sqlite", "database", "supabase", "puppeteer",
		"playwright", "browser", "selenium", "chrome", "filesystem", "shell", "terminal", "ssh", "docker", "gmail", "email",
		"exec", "kubernetes", "kubectl", "desktop-commander", "stripe", "cloudflare", "terraform", "-aws", "aws-", "gcp-", "azure-"} {
		if strings.Contains(low, what) && !strings.Contains(low, what+"ion") {
			v.add(mcpReach, line, name, strings.Trim(what, "-"))
			return
		}
	}
}
