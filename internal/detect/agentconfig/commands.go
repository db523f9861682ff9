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
	detachers = set("nohup disown setsid daemonize")
	miners    = set("xmrig minerd cpuminer ethminer")
)

// judge says what one simple command of a hook does.
func judge(c *command) []seen {
	var out []seen
	out = append(out, reaches(c)...)
	out = append(out, listed(c)...)
	out = append(out, writes(c)...)
	out = append(out, sets(c)...)
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
	case strings.Contains(inner, "0.0.0.0") || strings.Contains(inner, "[::]:"):
		out = append(out, seen{hookNetwork, c.name})
	case slices.Contains(c.inner, "curl") || slices.Contains(c.inner, "wget"):
		out = append(out, seen{hookCode, "curl"})
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

// listed is what the tables say of a command.
func listed(c *command) []seen {
	var out []seen
	if c.shell != nil {
		for _, h := range hooks() {
			if len(h.table.Match(c.shell)) > 0 {
				out = append(out, seen{h.kind, c.name})
			}
		}
	}
	for _, m := range c.does {
		if takesData(m.Kind) && !slices.Contains(out, seen{hookDestroys, c.name}) {
			out = append(out, seen{hookDestroys, c.name})
		}
	}
	if detachers[c.name] || c.name == "screen" && c.short("d") || c.name == "tmux" && c.has("-d") || c.behind {
		out = append(out, seen{hookDetached, c.name})
	}
	return out
}

// writes looks at the files that output is sent to.
func writes(c *command) []seen {
	var out []seen
	for _, file := range c.writes() {
		if kind := written(file); kind != nil {
			out = append(out, seen{kind, bounded(file)})
		}
		if strings.HasPrefix(file, "/dev/sd") || strings.HasPrefix(file, "/dev/nvme") || strings.HasPrefix(file, "/dev/disk") {
			out = append(out, seen{hookDestroys, file})
		}
	}
	return out
}

// sets looks at variables that are set.
func sets(c *command) []seen {
	var out []seen
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
	case (c.name == "env" || c.name == "printenv") && (len(c.args) == 0 || strings.HasPrefix(c.args[0], ">")),
		c.name == "security" && strings.Contains(strings.Join(c.args, " "), "find-"),
		c.name == "set" && len(c.args) > 0 && strings.HasPrefix(c.args[0], ">"):
		out = append(out, seen{hookSecrets, c.name})
	}
	return out
}
