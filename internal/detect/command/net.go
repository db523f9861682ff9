package command

import (
	"github.com/gatehold/gatehold/internal/detect/shell"
	"strings"
)

// knownInstallers are hosts of vendors whose documented way to install is a
// script from the network.
var knownInstallers = []string{"https://sh.rustup.rs", "https://apt.llvm.org/", "https://get.docker.com",
	"https://install.python-poetry.org", "https://astral.sh/",
	"https://raw.githubusercontent.com/nvm-sh/", "https://get.helm.sh", "https://raw.githubusercontent.com/helm/helm/",
	"https://deb.nodesource.com/",
	"https://get.sdkman.io", "https://cli.github.com/", "https://bun.sh/", "https://deno.land/", "https://fnm.vercel.app/",
	"https://get.pnpm.io/",
	"https://raw.githubusercontent.com/Homebrew/", "https://packages.microsoft.com/", "https://dl.yarnpkg.com/",
	"https://get.haskellstack.org", "https://get-ghcup.haskell.org",
	"https://install.determinate.systems/", "https://nixos.org/nix/install", "https://get.k3s.io", "https://golangci-lint.run/",
	"https://raw.githubusercontent.com/golangci/", "https://bootstrap.pypa.io/",
	"https://atlasgo.sh", "https://sdk.cloud.google.com", "https://fly.io/install.sh", "https://releases.hashicorp.com/",
	"https://dot.net/", "https://getcomposer.org/", "https://cli.codecov.io/", "https://codecov.io/bash",
	"https://foundry.paradigm.xyz", "https://starship.rs/", "https://get.pulumi.com", "https://aka.ms/"}

var shells = map[string]bool{"sh": true, "bash": true, "zsh": true, "dash": true, "ksh": true, "ash": true, "fish": true,
	"python": true, "python3": true,
	"perl": true, "ruby": true, "node": true, "php": true, "iex": true, "pwsh": true, "powershell": true,
	"Invoke-Expression": true, "tclsh": true, "lua": true, "source": true, ".": true, "eval": true}

func fetches(s string) bool {
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" \t\n$()<>`\"'|;", r) }) {
		switch shell.Base(w) {
		case "curl", "wget", "iwr", "irm", "Invoke-WebRequest", "Invoke-RestMethod", "fetch", "aria2c", "http", "https":
			return true
		}
		if strings.Contains(w, "DownloadString(") || strings.Contains(w, ".DownloadString") {
			return true
		}
	}
	return false
}

// piped finds a download that is run as it comes.
func piped(cmds []command, i int) []finding {
	c := &cmds[i]
	if c.name == "crontab" {
		return scheduledDownload(cmds, i)
	}
	if !shells[c.name] {
		return nil
	}
	if c.piped && !readsOwnScript(c.name, c) {
		for k := range upstream(cmds, i) {
			if len(cmds[k].words) > 0 && fetches(cmds[k].words[0].Text) {
				return pipeKind(cmds[k].text)
			}
		}
	}
	for _, w := range c.words[1:] {
		opens := strings.HasPrefix(w.Text, "$(") || strings.HasPrefix(w.Text, "(") || strings.HasPrefix(w.Text, "<(")
		if (opens || strings.HasPrefix(w.Text, "`")) && fetches(w.Text) {
			return pipeKind(w.Text)
		}
	}
	return nil
}

// scheduledDownload finds lines that a crontab is given and that run a download.
func scheduledDownload(cmds []command, i int) []finding {
	for k := range upstream(cmds, i) {
		if c := &cmds[k]; c.name == "echo" || c.name == "printf" {
			for _, w := range c.words[1:] {
				_, after, piped := strings.Cut(w.Text, "|")
				if next := strings.Fields(after); piped && len(next) > 0 && shells[shell.Base(next[0])] && fetches(w.Text) {
					return pipeKind(w.Text)
				}
			}
		}
	}
	return nil
}

// upstream are the commands whose output one reads, through the pipeline.
func upstream(cmds []command, i int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for in, n := cmds[i].In, 0; !in.Empty() && n < 40; in = cmds[in.From].In {
			for k := in.To - 1; k >= in.From && n < 40; k-- {
				if n++; !yield(k) {
					return
				}
			}
		}
	}
}

// readsOwnScript tells whether an interpreter runs a script of its own on what
// is piped to it: python -c, python3 -m json.tool, node -e.
func readsOwnScript(name string, c *command) bool {
	if name == "sh" || name == "bash" || name == "zsh" || name == "dash" {
		plain, _ := c.args()
		return c.flag("-c") || len(plain) > 0 && !c.flag("-s") && plain[0] != "-" && !strings.HasPrefix(plain[0], "<")
	}
	plain, flags := c.args()
	for _, f := range flags {
		if f == "-c" || f == "-m" || f == "-e" || f == "-p" || f == "-pe" || f == "-ne" || f == "-n" || f == "-r" {
			return true
		}
	}
	return len(plain) > 0 && plain[0] != "-"
}

func pipeKind(text string) []finding {
	for _, host := range knownInstallers {
		if strings.Contains(text, host) {
			return found(kindKnownInstaller, host, "")
		}
	}
	object := ""
	for w := range strings.FieldsSeq(text) {
		if strings.Contains(w, "://") {
			object = strings.Trim(w, "\"'()`")
			break
		}
	}
	return found(kindPipeToShell, object, "")
}

// reverse finds shells that are handed to somebody on the network.
func reverse(text string) []finding {
	l := strings.ToLower(text)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(l, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("/dev/tcp/", "/dev/udp/") && has("bash", "sh ", "exec", "0>&1", "<>"):
		return found(kindReverseShell, "/dev/tcp", "")
	case hasNetcat(l) && has(" -e ", " -c ", "--exec", "/bin/sh", "/bin/bash", "-i 2>&1"):
		return found(kindReverseShell, "netcat", "")
	case has("socat") && has("exec:") && has("tcp"):
		return found(kindReverseShell, "socat", "")
	case has("socket") && has("connect(") && has("dup2", "/bin/sh", "subprocess.call"):
		return found(kindReverseShell, "socket", "")
	}
	return nil
}

func hasNetcat(l string) bool {
	for _, n := range [...]string{"nc ", "ncat ", "netcat "} {
		if strings.HasPrefix(l, n) || strings.Contains(l, " "+n) || strings.Contains(l, "|"+n) || strings.Contains(l, "/"+n) {
			return true
		}
	}
	return false
}

// exfiltrates finds what belongs to the machine or the job being sent away.
func exfiltrates(cmds []command, i int) []finding {
	c := &cmds[i]
	switch c.name {
	case "curl", "wget", "nc", "ncat":
	case "dig", "nslookup", "host", "ping", "drill":
		return resolved(c)
	default:
		return nil
	}
	for _, w := range c.words[1:] {
		l := strings.ToLower(w.Text)
		for _, f := range [...]string{"@.env", "@~/.ssh", "@$home/.ssh", "id_rsa", "id_ed25519", ".aws/credentials",
			"@/etc/passwd", "/etc/shadow", ".kube/config", "@.npmrc", "@~/.npmrc", ".docker/config.json",
			".git-credentials", ".netrc", "serviceaccount/token", "@/run/secrets/"} {
			if strings.Contains(l, f) && !c.flag("--netrc-file", "-i", "--key", "-o", "--output") {
				return found(kindExfiltrate, strings.TrimPrefix(f, "@"), c.name)
			}
		}
		if (strings.Contains(l, "$(env") || strings.Contains(l, "`env`") || strings.Contains(l, "$(printenv")) &&
			!strings.Contains(l, "localhost") {
			return found(kindExfiltrate, "the environment", c.name)
		}
	}
	for k := range upstream(cmds, i) {
		switch cmds[k].name {
		case "env", "printenv", "set":
			if !cmds[k].Opened {
				return found(kindExfiltrate, "the environment", c.name)
			}
		case "tar", "zip", "cat":
			if c.name != "nc" && c.name != "ncat" {
				continue
			}
			for _, w := range cmds[k].words[1:] {
				if owned(w.Text) {
					return found(kindExfiltrate, w.Text, c.name)
				}
			}
		}
	}
	return nil
}

// owned tells what is the machine's or a person's own.
func owned(p string) bool {
	for _, folder := range [...]string{"/etc", "/home", "/root", "~", "$HOME", "/var/lib", "/run/secrets"} {
		if p == folder || strings.HasPrefix(p, folder+"/") {
			return true
		}
	}
	return false
}

// resolved finds secrets that are asked for as the name of a host: the server of that
// domain learns them.
func resolved(c *command) []finding {
	for _, w := range c.words[1:] {
		l := strings.ToLower(w.Text)
		if !strings.Contains(l, "$(") && !strings.Contains(l, "`") {
			continue
		}
		for _, f := range [...]string{".aws/credentials", ".env", "id_rsa", "id_ed25519", "/etc/passwd", "/etc/shadow", ".kube/config",
			".npmrc", ".netrc", "serviceaccount/token", "/run/secrets/", "$(env", "$(printenv", "_token", "_secret", "_key", "password"} {
			if strings.Contains(l, f) {
				return found(kindExfiltrate, strings.TrimPrefix(f, "$("), c.name)
			}
		}
	}
	return nil
}

// reaches tells whether a text may hold what reverse looks for.
func reaches(text string) bool {
	for _, w := range [...]string{"/dev/tcp", "/dev/udp", "nc ", "ncat", "netcat", "socat", "connect("} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
