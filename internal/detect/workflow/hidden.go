package workflow

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/hosts"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/pattern"
)

// split matches a call that runs something whose words are cut in two within:
// nobody writes that but to hide them from who reads.
var split = pattern.Of(`(?i)\b(?:exec|execsync|execfile|execfilesync|getexecoutput|spawn|spawnsync|system|popen|run|call|check_call|` +
	`check_output|eval|function|shell_exec|passthru|require|__import__|import_module|getattr)\s*\(\s*[^()\n]{0,80}?` +
	`(?:'[^'\n]{0,80}[a-z]'\s*(?:\+|\.)\s*'[a-z]|"[^"\n]{0,80}[a-z]"\s*(?:\+|\.)\s*"[a-z])`)

// packed matches text that a program unpacks and runs at once.
var packed = pattern.Of(`(?i)\b(?:eval|exec|execsync|function|system|popen|subprocess\.\w+)\s*\(\s*(?:new\s+)?[^\n]{0,60}?(?:atob\(|` +
	`buffer\.from\([^\n]{0,400}?base64|b64decode\(|fromhex\(|fromcharcode\(|unhexlify\(|codecs\.decode\(|decode64|chr\(|rot13|` +
	`\.reverse\(\)|\[::-1\]|zlib\.decompress|marshal\.loads)`)

// unpacked matches a text in a script of the shell that is decoded and run where it
// stands.
var unpacked = pattern.Of(`(?:echo|printf)\s+(?:-\w+\s+)?["']?[A-Za-z0-9+/=\\]{16,}["']?\s*\|\s*(?:base64\s+(?:-d|-D|--decode)\S*|` +
	`xxd\s+-r\s+-p|openssl\s+(?:enc\s+)?-?base64\s+-d|rev|tr\s+\S+\s+\S+)\s*(?:\|\s*gunzip\s*)?\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|` +
	`(?:ba|z|da)?sh\s+-c\s+["']?\$\(\s*(?:echo|printf|base64)\b[^)\n]*(?:-d|--decode)\s*\)|` +
	`\beval\s+["']?\$\(\s*(?:echo|printf|base64)\s+(?:-\w+\s+)?["']?[A-Za-z0-9+/=]{16,}[^)\n]*(?:-d|--decode)\s*\)|` +
	`base64\s+(?:-d|-D|--decode)\s*<<<\s*["']?[A-Za-z0-9+/=]{16,}["']?\s*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b`)

// hides finds code in a program text that is written so as not to be read.
func hides(text string) string {
	if strings.Contains(text, "sh") && unpacked().MatchString(text) {
		return "text that it unpacks and runs"
	}
	if !strings.Contains(text, "(") {
		return ""
	}
	if m := split().FindString(text); m != "" {
		return "a word in pieces: " + joined(m[strings.IndexAny(m, "'\""):])
	}
	if packed().MatchString(text) {
		return "text that it unpacks and runs"
	}
	return ""
}

// joined puts the pieces of a text together that a program would: 'a' + 'b'.
var pieces = pattern.Of(`'\s*\+\s*'|"\s*\+\s*"`)

func joined(s string) string {
	if !strings.Contains(s, "+") {
		return s
	}
	return pieces().ReplaceAllString(s, "")
}

// auditHidden looks at the programs of a step: in another shell than the
// system's, or in an input that is run.
func auditHidden(j *job, s *step) []hit {
	var out []hit
	look := func(t text) {
		if why := hides(t.s); why != "" && len(t.s) < maxBytes {
			out = append(out, hit{kind: kindHiddenCode, key: j.id + why, line: t.line, object: j.id, detail: why})
		}
	}
	if !s.run.empty() {
		look(s.run)
	}
	for _, in := range sinks[ownerRepo(s.action())] {
		look(s.input(in))
	}
	return out
}

// isProgram takes the programs of the repository's own actions: a runner runs
// them as it runs a step.
func isProgram(p string) bool {
	switch path.Ext(p) {
	case ".js", ".mjs", ".cjs", ".ts", ".py":
		return strings.HasPrefix(p, ".github/actions/") || strings.Contains(p, "/.github/actions/")
	}
	return false
}

// programHits are lines of a program of an action that are written so as not to be
// read, and that were not there.
func programHits(f *change.File) []hit {
	var out []hit
	for _, l := range f.AddedLines() {
		if why := hides(l.Text[:min(len(l.Text), maxBytes)]); why != "" {
			out = append(out, hit{kind: kindHiddenCode, line: l.Number, object: path.Base(f.Path), detail: why})
			if len(out) == 20 {
				break
			}
		}
	}
	return out
}

// loaders are variables by which a program runs code before its own, with what
// in the value says so; empty: any value that names a file does.
var loaders = map[string][]string{"LD_PRELOAD": nil, "LD_AUDIT": nil, "DYLD_INSERT_LIBRARIES": nil, "BASH_ENV": nil, "PYTHONSTARTUP": nil,
	"PERL5OPT": {"-m"}, "RUBYOPT": {"-r"}, "NODE_OPTIONS": {"--require", "-r", "--import", "--loader", "--experimental-loader"},
	"JAVA_TOOL_OPTIONS": {"-javaagent", "-agentpath"}, "_JAVA_OPTIONS": {"-javaagent", "-agentpath"},
	"JDK_JAVA_OPTIONS": {"-javaagent", "-agentpath"}, "MAVEN_OPTS": {"-javaagent", "-agentpath"}, "GRADLE_OPTS": {"-javaagent", "-agentpath"},
	"DOTNET_STARTUP_HOOKS": nil, "GIT_EXTERNAL_DIFF": nil, "PROMPT_COMMAND": nil, "GOFLAGS": {"-toolexec"}, "NPM_CONFIG_SCRIPT_SHELL": nil,
	"GIT_PROXY_COMMAND": nil, "PHP_INI_SCAN_DIR": nil, "CORECLR_PROFILER_PATH": nil, "RUSTC_WRAPPER": nil}

// loads tells whether a variable makes programs run a file that does not come
// with the system or a package.
func loads(name, value string) bool {
	marks, ok := loaders[strings.ToUpper(name)]
	if !ok {
		return false
	}
	low := strings.ToLower(value)
	if marks == nil {
		return ownFile(low)
	}
	for _, m := range marks {
		if i := strings.Index(low, m); i >= 0 && ownFile(strings.TrimLeft(low[i+len(m):], " =:")) {
			return true
		}
	}
	return false
}

// ownFile tells whether a value names a file of the checkout or one that was
// put somewhere by the run.
func ownFile(v string) bool {
	v = strings.Trim(strings.TrimSpace(v), "\"'")
	for _, w := range [...]string{"./", "../", "/tmp/", "/dev/shm", "/home/", "$", "%", "~", "http",
		"data:", "file:", ".github/", "/var/tmp"} {
		if strings.HasPrefix(v, w) {
			return true
		}
	}
	return false
}

// auditLoaders finds variables that make every program of a job run code first.
func auditLoaders(where string, groups ...[]pair) []hit {
	var out []hit
	for _, group := range groups {
		for _, p := range group {
			if loads(p.key, p.value.s) {
				out = append(out, hit{kind: kindLoader, key: where + p.key, line: p.value.line, object: p.key, detail: "in " + where})
			}
		}
	}
	return out
}

// oddProgram finds an interpreter that runs a file which by its name holds no
// program.
func oddProgram(c *shell.Command) string {
	name := c.Name()
	if !interpreter(name) && name != "bash" && name != "sh" && name != "source" && name != "." {
		return ""
	}
	args := c.Args()
	if len(args) == 0 || strings.HasPrefix(args[0].Text, "-") {
		return ""
	}
	switch path.Ext(strings.ToLower(args[0].Text)) {
	case ".dat", ".bin", ".txt", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".svg", ".md", ".csv", ".log", ".tmp", ".pdf", ".woff", ".woff2",
		".ttf", ".zip", ".gz", ".bak", ".lock", ".mp4", ".webp":
		return args[0].Text
	}
	return ""
}

// releaseHosts serve what their owners released, each release under an address
// of its own.
var releaseHosts = []string{"github.com", "githubusercontent.com", "gitlab.com", "k8s.io", "googleapis.com", "helm.sh", "hashicorp.com",
	"docker.com", "npmjs.org", "pypi.org", "crates.io", "golang.org", "go.dev", "apache.org", "gnu.org", "python.org", "nodejs.org",
	"rust-lang.org", "rustup.rs", "microsoft.com", "aka.ms", "amazonaws.com", "codecov.io", "sigs.k8s.io", "kernel.org", "debian.org",
	"ubuntu.com", "dl.google.com", "cloudflare.com", "jfrog.io", "maven.org", "astral.sh", "deno.land", "bun.sh", "mozilla.org"}

// auditDownloads finds a file that one step of a job fetches and the same or a
// later one runs, with nobody having looked whether it is what it should be.
func auditDownloads(j *job) []hit {
	fetched := map[string]string{} // file to its address
	for i := range j.steps {
		s := &j.steps[i]
		if s.run.empty() {
			continue
		}
		if s.verifies() {
			return nil
		}
		cmds := s.script().Commands
		for k := range cmds[:min(len(cmds), maxCommands)] {
			c := &cmds[k]
			if file, address := downloaded(c); file != "" && !released(address) {
				fetched[clean(file)] = address
			}
			for n, w := range c.Words {
				from, ok := fetched[clean(w.Text)]
				if ok && (n == 0 || n == 1 && interpreterOrShell(c.Name())) {
					return []hit{{kind: kindDownloadRun, key: from, line: s.run.line, object: j.id, detail: "from " + strings.Join(hosts.Of(from), " ")}}
				}
			}
		}
	}
	return nil
}

func interpreterOrShell(name string) bool {
	return interpreter(name) || name == "sh" || name == "bash" || name == "source" || name == "."
}

// verifies tells whether a step compares what it has with what it should be.
func (s *step) verifies() bool {
	return s.runs("sha256sum", "shasum", "sha512sum", "cosign verify", "gpg --verify", "minisign", "openssl dgst", "sha1sum",
		"cosign verify-blob",
		"slsa-verifier", "gh attestation verify")
}

// downloaded is the file that a command fetches, and from where.
func downloaded(c *shell.Command) (file, address string) {
	if name := c.Name(); name != "curl" && name != "wget" {
		return "", ""
	}
	args := c.Args()
	for i, w := range args {
		switch t := w.Text; {
		case strings.Contains(t, "://"):
			address = t
		case strings.HasPrefix(t, "-") && !strings.HasPrefix(t, "--") && strings.HasSuffix(strings.ToLower(t), "o") && i+1 < len(args),
			(t == "--output" || t == "--output-document") && i+1 < len(args):
			file = args[i+1].Text
		}
	}
	if writes := c.Writes(); file == "" && len(writes) > 0 {
		file = writes[0]
	}
	if strings.HasPrefix(file, "/dev/") || file == "-" || strings.Contains(file, "://") {
		return "", ""
	}
	return file, address
}

// released tells whether an address names one release, or a host of releases.
func released(address string) bool {
	if strings.ContainsAny(address, "$") {
		return true
	}
	for _, h := range hosts.Of(address) {
		for _, known := range releaseHosts {
			if h == known || strings.HasSuffix(h, "."+known) {
				return true
			}
		}
	}
	_, path, _ := strings.Cut(address, "://")
	_, path, _ = strings.Cut(path, "/")
	return strings.ContainsAny(path, "0123456789") && strings.Contains(path, ".")
}

// doors are actions, and words of scripts, by which somebody elsewhere comes into the machine
// that a job runs on.
var doors = map[string]bool{"mxschmitt/action-tmate": true, "lhotari/action-upterm": true, "owenthereal/action-upterm": true,
	"csexton/debugger-action": true, "fawazahmed0/action-debug": true, "valeriangalliat/action-sshd-cloudflared": true,
	"luchihoratiu/debug-via-ssh": true, "p3terx/ssh2actions": true, "nwtgck/actions-tmate": true, "tailscale/ssh-action": true,
	"namespacelabs/breakpoint-action": true}

var doorWords = pattern.Of(`(?m)(?:^|[;&|]\s*|\bsudo\s+)(?:tmate\s+(?:-S|-F|new-session)|upterm\s+host|ngrok\s+tcp|ttyd\s|sshx\b|gotty\s|` +
	`cloudflared\s+tunnel\s+--url\s+(?:ssh|tcp)|ssh\s+[^\n]*-R\s*\d+:\S*:22)`)

// auditDoors finds a step that lets somebody log in to the runner, where neither
// the one who started the run alone may, nor a person starts it with that in mind.
func auditDoors(j *job, s *step) []hit {
	with := ""
	switch {
	case doors[ownerRepo(s.action())] && s.input("limit-access-to-actor").s != "true" && s.input("limit-access-to-users").s == "":
		with = ownerRepo(s.action())
	case !s.run.empty() && len(s.run.s) < maxBytes:
		with = strings.Trim(doorWords().FindString(s.run.s), " ;&|\n")
	}
	if with == "" || strings.Contains(s.ifs.s+j.ifs.s, "workflow_dispatch") || strings.Contains(s.ifs.s, "inputs.") {
		return nil
	}
	return []hit{{kind: kindRemoteShell, key: j.id, line: s.line, object: j.id, detail: "by " + with}}
}
