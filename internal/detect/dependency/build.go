package dependency

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// buildScripts run when a package is built or installed.
var buildScripts = map[string]bool{"build.rs": true, "setup.py": true, "hatch_build.py": true, "extconf.rb": true, "mkrf_conf.rb": true,
	"conanfile.py": true, "binding.gyp": true, "Makefile.PL": true, "Build.PL": true, "mix.exs": true, "build.zig": true,
	"Package.swift": true, "noxfile.py": true, "_build.py": true, "build_backend.py": true, "preinstall.js": true, "postinstall.js": true,
	"install.js": true, "Rakefile": true, "setup.cjs": true, "postinstall.cjs": true, "postinstall.mjs": true, "preinstall.cjs": true,
	"preinstall.mjs": true, "install.cjs": true, "install.mjs": true, "build.sbt": true, "configure.ac": true}

// starters run at each start of an interpreter.
func starter(base string) bool {
	return strings.HasSuffix(base, ".pth") || base == "sitecustomize.py" || base == "usercustomize.py"
}

func builds(p string) bool {
	base := path.Base(p)
	return buildScripts[base] || starter(base) || strings.HasSuffix(base, ".gemspec")
}

// What a build script says that sends, that runs what it fetches, and that takes
// all that the environment holds, or what a home keeps.
var (
	senders = []string{"-x post", "--data", " -d ", " -d@", "-f file", " -t ", "post-file", "post-data", "requests.post", "requests.put",
		"httpx.post", ".post(", "urlopen(", "http.client", "httpsconnection(", "tcpstream::connect", "udpsocket", "socket.socket",
		"socket.create_connection", "net::http.post", "http.request(", "https.request(", "method: \"post\"", "method: 'post'", "nslookup ",
		"dig ", "sendto(", "ureq::post", "webhook", "curl.exe", "invoke-webrequest", "httpclient", "| curl", "|curl", "| nc ", "|nc "}
	secrets = []string{"env |", "env|", "printenv", "env::vars()", "env::vars_os()", "dict(os.environ)", "os.environ.copy()",
		"os.environ)", "os.environ.items()", "json.stringify(process.env)", "object.entries(process.env)", "env.to_h", "env.to_a", "env.map",
		"/.ssh", "/.aws", "/.npmrc", "/.netrc", "/.pypirc", "/.kube", ".git-credentials", "/.docker/config", "id_rsa", "/etc/passwd",
		"system.get_env()", "github_token", "npm_token", "aws_secret", "/proc/self/environ", "{**os.environ}", "vars(os.environ)",
		"cargo_registry_token", "pypi_token"}
	fetchers = []string{"curl", "wget", "urlopen(", "requests.get", "http.get(", "https.get(", "invoke-webrequest", "urlretrieve("}
	runs     = []string{"| sh", "|sh", "| bash", "|bash", "| python", "|python", "| node", "| perl", "exec(", "eval(", "| sudo", "|zsh",
		"| zsh", "bash <(", "sh <(", "sh -c \"$(", "bash -c \"$("}
	decoders = []string{"b64decode", "fromhex(", "base64 -d", "base64 --decode", "'base64')", "\"base64\")",
		"atob(", "decode64", "codecs.decode"}
	starts = []string{"popen(", "subprocess.", "os.system", "exec(", "eval(", "child_process", "command::new", "spawn(", "| sh", "|sh",
		"| bash", "|bash", "system("}
	startRuns = []string{"os.system", "subprocess", "exec(", "eval(", "urlopen", "socket", "base64", "popen", "requests", "__import__",
		"ctypes", "marshal", "compile("}
)

// buildScript looks at what is new in a script that runs when a package is built
// or installed, or whenever an interpreter starts.
func buildScript(f *change.File, r *detect.Report) {
	added := f.AddedLines()
	base := path.Base(f.Path)
	first := firsts{}
	for _, l := range added {
		low := strings.ToLower(l.Text)
		if t := strings.TrimSpace(low); t == "" || t[0] == '#' || strings.HasPrefix(t, "//") {
			continue
		}
		if kind := buildLine(base, low); kind != nil {
			add(r, kind, l.Number, base, bounded(l.Text))
		}
		first.read(low, l.Number)
	}
	if first[1] > 0 && first[3] > 0 && !strings.HasSuffix(base, ".pth") {
		add(r, kindBuildSends, first[1], base, "runs what has to be decoded first")
	}
	if first[0] > 0 && first[2] > 0 {
		add(r, kindBuildSends, first[0], base, "")
	}
	if starter(base) && !strings.HasSuffix(base, ".pth") && len(added) > 0 {
		add(r, kindStartsWithPython, added[0].Number, base, "")
	}
}

// firsts are the first lines that send, decode, take what is secret and start
// something; 0 for none.
type firsts [4]int

func (f *firsts) read(low string, line int) {
	for i, parts := range [...][]string{senders, decoders, secrets, starts} {
		if f[i] == 0 && anyOf(low, parts) {
			f[i] = line
		}
	}
}

// buildLine is what one line is by itself.
func buildLine(base, low string) *detect.Kind {
	if !strings.HasSuffix(base, ".pth") {
		if anyOf(low, fetchers) && anyOf(low, runs) && len(low) < 4096 {
			return kindBuildSends
		}
		return nil
	}
	switch {
	case !strings.HasPrefix(low, "import ") && !strings.HasPrefix(low, "import\t"):
		return nil
	case anyOf(low, startRuns):
		return kindBuildSends
	}
	return kindStartsWithPython
}

func anyOf(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

func bounded(s string) string {
	s = strings.TrimSpace(s)
	return strings.ToValidUTF8(s[:min(len(s), 120)], "")
}
