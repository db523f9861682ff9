package agentconfig

import (
	"slices"
	"strings"
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// programs, by what a hook that runs them does.
var (
	shells     = set("sh bash zsh dash ksh fish python python3 node perl ruby php deno bun pwsh powershell iex osascript")
	networkers = set("curl wget nc ncat netcat socat telnet ssh scp sftp rsync ftp tftp sendmail mail mailx mutt msmtp " +
		"aria2c httpie http xh websocat ngrok cloudflared chisel")
	resolvers = set("nslookup dig host ping drill")
	raisers   = set("mount umount sudo doas su pkexec runas usermod useradd adduser userdel groupadd passwd chpasswd " +
		"visudo setcap chroot nsenter unshare insmod modprobe")
	destroyers = set("shred mkfs wipefs srm fdisk parted dropdb")
	stayers    = set("defaults crontab at batch launchctl ssh-copy-id update-rc.d chkconfig schtasks")
	detachers  = set("nohup disown setsid daemonize")
	firewalls  = set("iptables ip6tables nft ufw firewall-cmd pfctl ipset route setenforce auditctl")
	clipboards = set("pbcopy pbpaste xclip xsel wl-copy wl-paste clip clip.exe")
	watchers   = set("screencapture scrot gnome-screenshot import arecord sox xinput xdotool tcpdump tshark wireshark " +
		"strace ltrace gdb dtruss")
	miners = set("xmrig minerd cpuminer ethminer")
)

// judge says what one simple command of a hook does.
func judge(c *command) []seen {
	var out []seen
	out = append(out, reaches(c)...)
	out = append(out, destroys(c)...)
	out = append(out, stays(c)...)
	out = append(out, raises(c)...)
	out = append(out, reads(c)...)
	if c.guard && len(out) == 0 {
		out = append(out, seen{hookSilent, c.name})
	}
	return out
}

// reaches looks for the network, and for code that comes from elsewhere.
func reaches(c *command) []seen {
	var out []seen
	if runsElsewhere(c) {
		out = append(out, seen{hookCode, c.name})
	}
	inner := strings.Join(c.args, " ")
	switch {
	case networkers[c.name] && !local(inner):
		out = append(out, seen{hookNetwork, c.name})
	case resolvers[c.name] && strings.Contains(inner, "$"):
		out = append(out, seen{hookNetwork, c.name})
	case c.name == "openssl" && c.has("s_client", "s_server"), c.name == "git" && c.has("push"):
		out = append(out, seen{hookNetwork, c.name})
	case strings.HasPrefix(c.name, "python") && c.has("http.server", "SimpleHTTPServer", "pyftpdlib"),
		c.name == "npx" && c.has("http-server", "serve", "localtunnel", "ngrok"):
		out = append(out, seen{hookNetwork, c.name})
	case slices.Contains(c.inner, "curl") || slices.Contains(c.inner, "wget"):
		out = append(out, seen{hookCode, "curl"})
	}
	if installs(c) {
		out = append(out, seen{hookInstall, c.name})
	}
	return out
}

// decoders turn what is piped through them into something else.
var decoders = set("base64 xxd openssl gunzip")

// runsElsewhere reports whether a command runs code that does not stand in the
// text, or cannot be read there.
func runsElsewhere(c *command) bool {
	source := c.name == "source" || c.name == "."
	inner := strings.Join(c.args, " ")
	switch {
	case c.name == "eval" || miners[c.name] || strings.Contains(inner, "stratum+tcp"):
		return true
	case source:
		return c.fetches() || strings.Contains(inner, "/tmp/") || strings.Contains(inner, "$")
	case shells[c.name]:
		return networkers[c.before] || decoders[c.before] || c.fetches() || inlineCode(c, inner) ||
			c.name == "bash" && strings.Contains(c.text, "-i >&")
	}
	return false
}

// inlineCode reports whether an interpreter is handed code that opens a
// connection, starts programs, or is not to be read.
func inlineCode(c *command, inner string) bool {
	if c.has("-enc", "-EncodedCommand", "-encodedcommand") {
		return true
	}
	if !c.has("-c", "-e", "-r", "--eval") {
		return false
	}
	for _, sign := range []string{"socket", "http.get", "http.request", "https.", "urllib", "requests.", "child_process",
		"fsockopen", "LWP", "Net::", "os.system", "subprocess", "b64decode"} {
		if strings.Contains(inner, sign) {
			return true
		}
	}
	return false
}

func local(args string) bool {
	return strings.Contains(args, "://localhost") || strings.Contains(args, "://127.0.0.1") || strings.Contains(args, "://[::1]")
}

// installs reports whether software is put onto the machine, outside what the
// project itself declares.
func installs(c *command) bool {
	switch c.name {
	case "npm", "pnpm", "yarn", "bun":
		return c.has("install", "i", "add") && c.has("-g", "--global") || c.has("global")
	case "pip", "pip3", "pipx":
		return c.has("install") && !c.has("-r", "--requirement", "-e", "--editable", ".")
	case "gem", "cargo", "go":
		return c.has("install")
	case "brew", "apt", "apt-get", "yum", "dnf", "apk", "pacman", "snap", "choco", "winget":
		return c.has("install", "add", "-S")
	case "npx", "uvx", "bunx", "dlx":
		return c.has("-y", "--yes")
	}
	return false
}

// takesData tells the kinds of what cannot be taken back from the others that the
// table of tools gives.
func takesData(kind string) bool {
	for _, begin := range [...]string{"delete-", "drop-", "destroy-", "wipe-", "flush-", "reset-", "cloud-delete", "cluster-delete",
		"overwrite-", "rewrite-"} {
		if strings.HasPrefix(kind, begin) {
			return kind != "delete-minor" && kind != "reset-test-database"
		}
	}
	return false
}

func destroys(c *command) []seen {
	args := strings.Join(c.args, " ")
	for _, m := range c.does {
		if takesData(m.Kind) {
			return []seen{{hookDestroys, c.name}}
		}
	}
	switch {
	case c.name == "rm" && (c.short("rRf") || c.has("--recursive", "--force")),
		destroyers[c.name] || strings.HasPrefix(c.name, "mkfs."),
		c.name == "dd" && strings.Contains(args, "of=/dev"),
		c.name == "truncate",
		c.name == "find" && c.has("-delete"),
		c.name == "git" && (c.has("reset") && c.has("--hard") || c.has("clean") && c.short("fd") ||
			c.has("push") && (c.has("--force") || c.short("f"))),
		c.name == "terraform" && c.has("destroy"), c.name == "kubectl" && c.has("delete"),
		(c.name == "docker" || c.name == "podman") && c.has("prune"):
		return []seen{{hookDestroys, c.name}}
	}
	for _, file := range c.writes() {
		if strings.HasPrefix(file, "/dev/sd") || strings.HasPrefix(file, "/dev/nvme") || strings.HasPrefix(file, "/dev/disk") {
			return []seen{{hookDestroys, file}}
		}
	}
	return nil
}

// stays looks for what outlives the hook, or covers its tracks.
func stays(c *command) []seen {
	var out []seen
	args := strings.Join(c.args, " ")
	switch {
	case stayers[c.name] && !(c.name == "crontab" && c.has("-l")),
		c.name == "systemctl" && c.has("enable", "start", "daemon-reload", "link"),
		c.name == "git" && c.has("config") && (c.has("--global", "--system") || strings.Contains(args, "hookspath") ||
			strings.Contains(args, "hooksPath") || strings.Contains(args, "user.")),
		c.name == "ssh-keygen" || c.name == "ssh-add":
		out = append(out, seen{hookStays, c.name})
	case detachers[c.name], c.name == "screen" && c.short("d"), c.name == "tmux" && c.has("-d"), c.behind:
		out = append(out, seen{hookDetached, c.name})
	case c.name == "history" && c.short("c"), c.name == "unset" && strings.Contains(args, "HIST"),
		c.name == "set" && strings.Contains(args, "+o history"), c.name == "journalctl" && strings.Contains(args, "--vacuum"),
		c.name == "auditctl", c.name == "pkill" || c.name == "killall" || c.name == "kill",
		strings.Contains(args, "/var/log") && (c.name == "rm" || c.name == "truncate" || c.name == "shred"):
		out = append(out, seen{hookTracks, c.name})
	}
	for _, file := range c.writes() {
		if kind := written(file); kind != nil {
			out = append(out, seen{kind, bounded(file)})
		}
	}
	for _, e := range append(c.env, exported(c)...) {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case name == "HISTFILE" || name == "HISTSIZE" || name == "HISTCONTROL":
			out = append(out, seen{hookTracks, name})
		case steers(name) && (name != "PATH" || !strings.HasPrefix(value, "./node_modules") && !strings.HasPrefix(value, "$PWD")):
			out = append(out, seen{hookEnvironment, name})
		}
	}
	return out
}

func exported(c *command) []string {
	if c.name == "export" || c.name == "declare" || c.name == "setx" {
		return c.args
	}
	return nil
}

// steers reports whether a variable changes what programs load, whom they
// trust, or where they send things.
func steers(name string) bool {
	low := strings.ToLower(name)
	switch low {
	case "path", "ld_preload", "ld_library_path", "node_options", "pythonpath", "pythonstartup", "perl5opt", "rubyopt",
		"java_tool_options", "bash_env", "env", "ifs", "prompt_command",
		"http_proxy", "https_proxy", "all_proxy", "node_tls_reject_unauthorized", "git_ssh_command", "git_config_global",
		"ssl_cert_file", "curl_ca_bundle", "requests_ca_bundle", "npm_config_registry", "pip_index_url", "node_extra_ca_certs",
		"git_ssl_no_verify", "pythonhttpsverify":
		return true
	}
	return strings.HasPrefix(low, "dyld_") || strings.HasSuffix(low, "_base_url") && !strings.HasPrefix(low, "app") ||
		strings.HasSuffix(low, "_api_url") && (strings.Contains(low, "anthropic") || strings.Contains(low, "openai"))
}

func raises(c *command) []seen {
	args := strings.Join(c.args, " ")
	switch {
	case raisers[c.name], firewalls[c.name],
		c.name == "chmod" && (strings.Contains(args, "777") || strings.Contains(args, "+s") || strings.Contains(args, "a+w") ||
			strings.Contains(args, "4755")),
		c.name == "chown" && strings.Contains(args, "root"),
		(c.name == "docker" || c.name == "podman") &&
			(c.has("--privileged", "--pid=host", "--net=host", "--network=host") || strings.Contains(args, "-v /:") ||
				strings.Contains(args, "docker.sock")),
		c.name == "spctl" || c.name == "csrutil" || c.name == "ifconfig" && len(c.args) > 1,
		c.name == "ip" && c.has("add", "del", "set"), c.name == "sysctl" && c.short("w"):
		return []seen{{hookRaises, c.name}}
	}
	return nil
}

// reads looks for what a hook has no business with.
func reads(c *command) []seen {
	var out []seen
	for _, a := range c.args {
		if private(a) {
			out = append(out, seen{hookSecrets, bounded(a)})
			break
		}
	}
	switch {
	case clipboards[c.name], watchers[c.name]:
		out = append(out, seen{hookWatches, c.name})
	case (c.name == "env" || c.name == "printenv") && (len(c.args) == 0 || strings.HasPrefix(c.args[0], ">")),
		c.name == "security" && strings.Contains(strings.Join(c.args, " "), "find-"),
		c.name == "set" && len(c.args) > 0 && strings.HasPrefix(c.args[0], ">"):
		out = append(out, seen{hookSecrets, c.name})
	}
	return out
}
