package workflow

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/hosts"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// sends are programs that send what they are given to a host that is named.
var sends = map[string]bool{"curl": true, "wget": true, "http": true, "https": true, "xh": true, "httpie": true, "aria2c": true,
	"nc": true, "ncat": true, "netcat": true, "socat": true, "telnet": true, "openssl": true, "websocat": true, "curlie": true,
	"Invoke-RestMethod": true, "Invoke-WebRequest": true, "irm": true, "iwr": true, "gh": true, "git": true, "lynx": true,
	"ftp": true, "lftp": true, "sftp": true,
	"tftp": true, "mosquitto_pub": true}

// resolvers ask a name server; what stands in the name is seen by whose name it
// is.
var resolvers = map[string]bool{"nslookup": true, "dig": true, "host": true, "drill": true, "kdig": true, "getent": true, "ping": true,
	"ping6": true, "resolvectl": true, "traceroute": true, "Resolve-DnsName": true, "delv": true, "dnsget": true}

var mailers = map[string]bool{"mail": true, "mailx": true, "sendmail": true, "mutt": true, "swaks": true, "msmtp": true}

// encoders write what they read in another form.
var encoders = map[string]bool{"base64": true, "base32": true, "basenc": true, "xxd": true, "od": true, "hexdump": true, "hd": true,
	"rev": true, "tr": true, "sed": true, "awk": true, "gawk": true, "fold": true, "uuencode": true, "openssl": true, "gpg": true,
	"perl": true, "tac": true, "fmt": true, "uniq": true, "rot13": true, "gzip": true, "xz": true, "zstd": true, "bzip2": true,
	"cut":  true,
	"shuf": true, "nl": true, "paste": true, "python": true, "python3": true, "ruby": true}

var hashes = map[string]bool{"sha256sum": true, "sha1sum": true, "md5sum": true, "sha512sum": true, "shasum": true, "wc": true}

func interpreter(name string) bool {
	switch name {
	case "node", "nodejs", "deno", "bun", "ruby", "perl", "php", "pwsh", "powershell":
		return true
	}
	return strings.HasPrefix(name, "python")
}

// handed is the program text that an interpreter is given.
func handed(c *shell.Command) string {
	args := c.Args()
	for i, w := range args {
		switch w.Text {
		case "-c", "-e", "-E", "-r", "-p", "-pe", "-ne", "--eval", "--print", "-Command", "eval":
			if i+1 < len(args) {
				return args[i+1].Text
			}
		}
	}
	if c.Stdin != nil {
		return *c.Stdin
	}
	return ""
}

// authHeader tells whether a header is one that credentials stand in.
func authHeader(header string) bool {
	name, _, _ := strings.Cut(strings.ToLower(header), ":")
	for _, w := range [...]string{"auth", "token", "key", "secret", "sign", "cookie"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// request looks at a program that sends: which secret, where in the request, to
// which host.
func (l *leaks) request(c *shell.Command, in taint) {
	name := c.Name()
	to := requestHosts(name, c)
	if mailers[name] {
		if t := l.words(c); !t.none() || !in.none() {
			t.secret += in.secret
			l.sent(c, t, "by mail")
		}
		return
	}
	report := func(t taint, how hosts.Carrier) bool {
		for _, h := range to {
			if hosts.Astray(t.secret, h, how) || l.holds(h) == t && !hosts.Within(withoutVars(h)) {
				l.sent(c, t, "to "+withoutVars(h))
				return true
			}
		}
		return false
	}
	if name == "gh" {
		l.shown(c, in)
		return
	}
	if !in.none() && report(in, hosts.InOther) {
		return
	}
	args, within := c.Args(), l.words(c)
	for i, w := range args {
		t := l.value(w.Text)
		before := ""
		if i > 0 {
			before = args[i-1].Text
		}
		if t.none() && reads(before, w.Text) {
			t = l.fileIn(w.Text)
		}
		if t.none() && (strings.Contains(w.Text, "$(") || strings.Contains(w.Text, "`")) {
			t = within
		}
		if !t.none() && report(t, carried(name, before, w.Text)) {
			return
		}
	}
}

// shown are commands of GitHub's program that write what they are given where
// others read it.
var shown = map[string]bool{"gist create": true, "issue create": true, "issue comment": true, "pr create": true, "pr comment": true,
	"pr edit": true, "issue edit": true, "release create": true, "release upload": true, "release edit": true, "variable set": true,
	"repo edit": true, "label create": true, "gist edit": true}

func (l *leaks) shown(c *shell.Command, in taint) {
	args := c.Args()
	if len(args) < 2 {
		return
	}
	what := args[0].Text + " " + args[1].Text
	if !shown[what] && args[0].Text != "api" {
		return
	}
	for _, w := range args[1:] {
		t := l.value(w.Text)
		if t.none() {
			t = l.fileIn(w.Text)
		}
		if t.none() && (strings.Contains(w.Text, "<(") || strings.Contains(w.Text, "$(")) {
			t = l.words(c)
		}
		if !t.none() && !authHeader(w.Text) {
			l.sent(c, t, "by gh "+what)
			return
		}
	}
	if !in.none() {
		l.sent(c, in, "by gh "+what)
	}
}

// carried says how an argument of a program that sends carries what it holds.
func carried(name, before, word string) hosts.Carrier {
	lower := strings.ToLower(word)
	switch before {
	case "-u", "--user", "--oauth2-bearer", "-b", "--cookie", "--password", "--http-password", "--proxy-user", "--key", "-E", "--cert",
		"-Headers", "-Token", "-Credential":
		return hosts.InAuth
	case "-H", "--header":
		if authHeader(word) {
			return hosts.InAuth
		}
		return hosts.InOther
	}
	if name == "git" || name != "curl" && name != "wget" && strings.Contains(lower, "authorization") ||
		strings.HasPrefix(lower, "--header=") && authHeader(word[9:]) {
		return hosts.InAuth
	}
	for _, w := range [...]string{"client_secret", "refresh_token", "grant_type", "assertion"} {
		if strings.Contains(lower, w) {
			return hosts.InAuth
		}
	}
	return hosts.InOther
}

func reads(before, word string) bool {
	switch before {
	case "-T", "--upload-file", "--post-file", "--body-file", "-InFile":
		return true
	}
	return strings.Contains(word, "@") || strings.Contains(word, "post-file=")
}

// fileIn is what a file holds that an argument names: @env.txt, f=@env.txt.
func (l *leaks) fileIn(word string) taint {
	for _, sep := range [...]string{"@", "="} {
		if i := strings.LastIndex(word, sep); i >= 0 {
			word = word[i+1:]
		}
	}
	file, _, _ := strings.Cut(word, ";")
	return l.files[clean(file)]
}

// requestHosts are the hosts that a command names. Programs for plain
// connections name them without a scheme.
func requestHosts(name string, c *shell.Command) []string {
	var out []string
	for _, w := range c.Args() {
		out = append(out, hosts.Of(w.Text)...)
	}
	if len(out) > 0 {
		return out
	}
	for _, w := range c.Args() {
		s := w.Text
		switch name {
		case "socat", "openssl":
			if i := strings.LastIndexByte(s, ':'); i > 0 {
				s = s[:i]
			}
			s = s[strings.LastIndexByte(s, ':')+1:]
		}
		s, _, _ = strings.Cut(s, "/")
		if !strings.HasPrefix(s, "-") && !strings.ContainsAny(s, "= {\"@") && strings.Contains(s, ".") {
			out = append(out, s)
		}
	}
	return out
}

// withoutVars is a host without the variables in it.
func withoutVars(host string) string {
	if i := strings.LastIndexAny(host, "}$)`"); i >= 0 {
		_, rest, _ := strings.Cut(host[i:], ".")
		return rest
	}
	return host
}

// keepers are actions that put files where others fetch them, with the input that
// names the files.
var keepers = map[string]string{"actions/upload-artifact": "path", "actions/upload-pages-artifact": "path", "actions/cache": "path",
	"softprops/action-gh-release": "files", "ncipollo/release-action": "artifacts", "peaceiris/actions-gh-pages": "publish_dir",
	"svenstaro/upload-release-action": "file", "jamesives/github-pages-deploy-action": "folder"}

// posts are actions that send what stands in their inputs.
var posts = map[string]bool{"fjogeleit/http-request-action": true, "joelwmale/webhook-action": true,
	"distributhor/workflow-webhook": true,
	"wei/curl":                      true, "indiesdev/curl": true, "satak/webrequest-action": true, "tyrrrz/action-http-request": true,
	"enflo/curl-action": true, "sozo-design/curl": true}

// action looks at a step that uses an action: what it uploads and posts, what
// program it is handed.
func (l *leaks) action() {
	s := l.step
	switch name := ownerRepo(s.action()); {
	case keepers[name] != "":
		l.upload(s.input(keepers[name]))
	case name == "actions/github-script":
		l.program(l.marked(s.input("script").s), s.input("script").line)
	case posts[name]:
		for _, p := range s.with {
			secret := secretIn(p.value.s)
			how := hosts.InOther
			if strings.Contains(strings.ToLower(p.value.s), "authorization") ||
				strings.Contains(p.key, "token") || strings.Contains(p.key, "secret") {
				how = hosts.InAuth
			}
			for _, q := range s.with {
				for _, h := range hosts.Of(q.value.s) {
					if secret != "" && hosts.Astray(secret, h, how) {
						l.hits = append(l.hits, hit{kind: kindSecretSent, key: secret, line: p.value.line, object: secret,
							detail: "to " + h})
						return
					}
				}
			}
		}
	}
}

// upload reports files with a secret in them that become an artifact, which
// whoever may read the repository may download.
func (l *leaks) upload(paths text) {
	for p := range strings.Lines(paths.s) {
		p = clean(strings.TrimSuffix(strings.TrimSpace(p), "/"))
		if p == "" || strings.HasPrefix(p, "!") {
			continue
		}
		for _, file := range sortedKeys(l.files) {
			t := l.files[file]
			if t.none() || strings.Contains(file, "GITHUB_") || file != p && !strings.HasPrefix(file, p+"/") &&
				!(p == "." || p == "*" || p == "**") {
				continue
			}
			l.hits = append(l.hits, hit{kind: kindSecretKept, key: t.secret, line: paths.line, object: t.secret, detail: "in " + file})
			return
		}
	}
}

// reaches are what programs send with, in lower case.
var reaches = []string{"fetch(", ".request(", "require('http", "http.request", "https.request", "http.get", "https.get", "axios", "got(",
	"got.post", "undici",
	"xmlhttprequest", "sendbeacon", "websocket", "urlopen", "requests.", "httpx.", "aiohttp", "http.client", "urllib", "socket",
	"net::http", "open-uri", "uri.open", "httparty", "faraday", "lwp", "http::tiny", "file_get_contents", "curl_exec", "fsockopen",
	"invoke-restmethod", "invoke-webrequest", "webclient", "dns.resolve", "dns.lookup", "gethostbyname", "resolver", "net.connect",
	"tls.connect", "smtplib", "ftplib", "paramiko", "curl ", "wget ", "nslookup"}

// wholeEnvironment are the ways to take every variable at once.
var wholeEnvironment = []string{"stringify(process.env", "dict(os.environ", "str(os.environ", "dumps(os.environ", "os.environ.copy(",
	"os.environ.items(", "object.entries(process.env", "env.to_h", "env.inspect", "env.to_json", "get-childitem env:",
	"gci env:", "$_env)",
	"getenv()", "values(%env"}

// codeEncoders write what they are given in another form.
var codeEncoders = []string{"b64encode", "tostring('base64",
	"tostring(\"base64", "btoa(", "base64.", "hexlify", ".hex()", "tostring('hex",
	"tostring(\"hex", "[::-1]", ".reverse()", ".split('')", "split(\"\")", "rot13", "bin2hex", "strrev", "encode64", "pack('m", "pack(\"m",
	"tobase64string", "encodeuricomponent", "escape(", "' '.join(", "\" \".join(", "ord(", "charcodeat", ".reverse", "binascii"}

var prints = []string{"print(", "console.log", "console.error", "core.info", "core.notice", "core.warning", "core.debug", "puts ", "p ",
	"echo ", "sys.stdout", "process.stdout", "write-host", "write-output", "core.summary", "die "}

func anyPart(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// program looks at the text of a program that a step hands to an interpreter.
func (l *leaks) program(text string, line int) {
	if l.read += len(text); l.read > maxBytes {
		return // one here-document is handed to many, say
	}
	low := strings.ToLower(text)
	t := l.named(text)
	if t.none() && anyPart(low, wholeEnvironment) {
		t = taint{secret: l.any()}
	}
	if t.none() && strings.Contains(low, "getidtoken(") {
		t = taint{secret: "ACTIONS_ID_TOKEN"}
	}
	if t.none() {
		return
	}
	at := func(k *kind, detail string) {
		l.hits = append(l.hits, hit{kind: k, key: t.secret, line: line, object: t.secret, detail: detail})
	}
	if anyPart(low, reaches) {
		how := hosts.InOther
		if strings.Contains(low, "authorization") || strings.Contains(low, "api-key") || strings.Contains(low, "apikey") ||
			strings.Contains(low, "client_secret") || strings.Contains(low, "auth=") || strings.Contains(low, "-token") {
			how = hosts.InAuth
		}
		for _, h := range hosts.Of(text) {
			if hosts.Astray(t.secret, h, how) {
				at(kindSecretSent, "to "+h)
				return
			}
		}
	}
	if anyPart(low, codeEncoders) && anyPart(low, prints) && !anyPart(low, reaches) {
		at(kindSecretPrinted, "by a program")
	}
}

// named finds a variable with a secret by its name alone: each language has its
// own way to read one.
func (l *leaks) named(text string) taint {
	for at := 0; at < len(text); {
		if !isIdent(text[at]) || text[at] == '-' {
			at++
			continue
		}
		end := at
		for end < len(text) && isIdent(text[end]) && text[end] != '-' {
			end++
		}
		if t, ok := l.vars[text[at:end]]; ok && readsVariable(text[:at]) {
			return t
		}
		at = end
	}
	return taint{}
}

// readsVariable tells whether what stands before a name reads a variable of the
// environment, or the name is our own mark of an expression.
func readsVariable(before string) bool {
	tail := strings.ToLower(before[max(0, len(before)-24):])
	return strings.HasSuffix(tail, "env.") || strings.HasSuffix(tail, "${") || strings.HasSuffix(tail, "$env:") ||
		strings.HasSuffix(tail, "$") || strings.Contains(tail, "env")
}
