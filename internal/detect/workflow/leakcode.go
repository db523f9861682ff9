package workflow

import (
	"strings"
)

// reaches are what programs send with, in lower case.
var reaches = []string{"fetch(", ".request(", "require('http", "http.request", "https.request", "http.get", "https.get", "axios", "got(",
	"got.post", "undici",
	"xmlhttprequest", "sendbeacon", "websocket", "urlopen", "requests.", "httpx.", "aiohttp", "http.client", "urllib", "socket",
	"net::http", "open-uri", "uri.open", "httparty", "faraday", "lwp", "http::tiny", "file_get_contents", "curl_exec", "fsockopen",
	"invoke-restmethod", "invoke-webrequest", "webclient", "dns.resolve", "dns.lookup", "gethostbyname", "resolver", "net.connect",
	"tls.connect", "smtplib", "ftplib", "paramiko", "curl ", "wget ", "nslookup"}

// wholeEnvironment are the ways to take every variable at once.
var wholeEnvironment = []string{"stringify(process.env", "dict(os.environ", "str(os.environ", "dumps(os.environ", "os.environ.copy(",
	"os.environ.items(", "object.entries(process.env", "env.to_h", "env.inspect", "env.to_json", "get-childitem env:", "gci env:", "$_env)",
	"getenv()", "values(%env"}

// codeEncoders write what they are given in another form.
var codeEncoders = []string{"b64encode", "tostring('base64", "tostring(\"base64", "btoa(", "base64.", "hexlify", ".hex()", "tostring('hex",
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
	if len(text) > maxBytes {
		return
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
		how := inOther
		if strings.Contains(low, "authorization") || strings.Contains(low, "api-key") || strings.Contains(low, "apikey") ||
			strings.Contains(low, "client_secret") || strings.Contains(low, "auth=") || strings.Contains(low, "-token") {
			how = inAuth
		}
		for _, h := range hostsOf(text) {
			if astray(t.secret, h, how) {
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
