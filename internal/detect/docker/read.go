package docker

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// compareBases reports base images that can now change under their name.
func compareBases(before, after []instruction, r *detect.Report) {
	old := map[string]int{}
	had := map[string]bool{}
	for _, s := range stages(before) {
		name, pin := pinning(s.image)
		old[name] = max(old[name], pin+1)
		had[s.image] = true
	}
	aliases := map[string]bool{"scratch": true}
	for _, s := range stages(after) {
		name, pin := pinning(s.image)
		ours := aliases[strings.ToLower(s.image)]
		if s.alias != "" {
			aliases[s.alias] = true
		}
		if ours || had[s.image] || strings.Contains(s.image, "$") {
			continue
		}
		was := old[name] - 1
		if strings.HasSuffix(s.image, ":latest") && was != 0 || pin < was {
			r.Add(detect.Observation{Kind: kinds.base, Line: s.from, Object: s.image})
		}
	}
}

// pinning splits an image from how firmly it is named: 2 for a digest, 1 for
// a tag, 0 for neither or "latest".
func pinning(image string) (name string, pin int) {
	name, _, digest := strings.Cut(image, "@")
	i := strings.LastIndexByte(name, ':')
	tagged := i >= 0 && !strings.Contains(name[i:], "/")
	tag := ""
	if tagged {
		name, tag = name[:i], name[i+1:]
	}
	switch {
	case digest:
		return name, 2
	case tagged && tag != "latest":
		return name, 1
	}
	return name, 0
}

// finalUser is who the image runs as, where something says so.
func finalUser(in []instruction) (user string, line int, ok bool) {
	all := stages(in)
	if len(all) == 0 {
		return "", 0, false
	}
	last := all[len(all)-1]
	line = last.userLine
	if line == 0 {
		line = last.from
	}
	return last.user, line, true
}

// compareUser reports an image that runs as root and did not before.
func compareUser(before, after []instruction, r *detect.Report) {
	was, _, had := finalUser(before)
	is, line, ok := finalUser(after)
	if !ok {
		return
	}
	explicit := isRoot(is)
	switch {
	case had && was != "" && !isRoot(was) && (is == "" || explicit), explicit && !(had && (isRoot(was) || was == "")):
		detail := "USER " + is
		if is == "" {
			detail = "no USER any more"
		}
		r.Add(detect.Observation{Kind: kinds.root, Line: line, Detail: detail})
	}
}

func isRoot(user string) bool {
	user, _, _ = strings.Cut(strings.ToLower(user), ":")
	return user == "root" || user == "0"
}

// read reports what one new piece of an instruction does.
func read(i instruction, piece string, r *detect.Report) {
	add := func(kind *detect.Kind, detail string) {
		r.Add(detect.Observation{Kind: kind, Line: i.line, Object: i.name, Detail: detail})
	}
	_, args, _ := strings.Cut(piece, " ")
	low := strings.ToLower(args)
	switch i.name {
	case "RUN":
		readRun(low, add)
	case "ADD":
		if (strings.Contains(low, "http://") || strings.Contains(low, "https://") || strings.Contains(low, "git@")) &&
			!strings.Contains(low, "--checksum") {
			add(kinds.remote, "ADD from the network")
		}
		readCopy(low, add)
	case "COPY":
		readCopy(low, add)
	case "ENV", "ARG":
		name, value, ok := strings.Cut(args, "=")
		if !ok {
			name, value, _ = strings.Cut(args, " ")
		}
		if secretName(name) && secretValue(value) {
			add(kinds.secret, name)
		}
		if what := unverifiedSetting(strings.ToLower(name), strings.Trim(strings.ToLower(value), `"'`)); what != "" {
			add(kinds.unverified, what)
		}
	case "EXPOSE":
		port, _, _ := strings.Cut(low, "/")
		switch port {
		case "22", "23", "3389", "2375", "2376", "5900":
			add(kinds.shell, "port "+port)
		}
	}
}

func readRun(low string, add func(*detect.Kind, string)) {
	if strings.HasPrefix(low, "--") {
		switch {
		case strings.HasPrefix(low, "--security=insecure"):
			add(kinds.insecure, low)
		case strings.HasPrefix(low, "--network=host"):
			add(kinds.insecure, low)
		}
		return
	}
	if pipesToShell(low) {
		add(kinds.pipe, "what is fetched is run unseen")
	}
	for _, flag := range unverifiedFlags {
		if strings.Contains(low, flag.flag) && (flag.with == "" || hasWord(low, flag.with)) {
			add(kinds.unverified, strings.TrimSpace(flag.with+" "+strings.TrimSpace(flag.flag)))
			break
		}
	}
	if hasWord(low, "export") || strings.Contains(low, "=") {
		for _, w := range strings.Fields(low) {
			name, value, ok := strings.Cut(w, "=")
			if what := unverifiedSetting(name, strings.Trim(value, `"'`)); ok && what != "" {
				add(kinds.unverified, what)
			}
		}
	}
	switch {
	case strings.Contains(low, "chmod") && (strings.Contains(low, "777") || strings.Contains(low, "a+rwx") ||
		strings.Contains(low, "o+w") || strings.Contains(low, "a+w")):
		add(kinds.writable, "chmod")
	case strings.Contains(low, "chmod") && (strings.Contains(low, "u+s") || strings.Contains(low, " 4755") || strings.Contains(low, "+s ")):
		add(kinds.writable, "setuid")
	case strings.Contains(low, "nopasswd"):
		add(kinds.writable, "sudo without a password")
	case strings.Contains(low, "chpasswd"):
		add(kinds.secret, "a password set in the image")
	}
}

// pipesToShell finds what is fetched from the network and run at once.
func pipesToShell(low string) bool {
	fetched := false
	for _, part := range strings.Split(low, "|") {
		words := strings.Fields(part)
		for len(words) > 0 && (words[0] == "sudo" || words[0] == "env" || words[0] == "-e" ||
			strings.HasPrefix(words[0], "-") || strings.Contains(words[0], "=")) {
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		switch path := words[0][strings.LastIndexByte(words[0], '/')+1:]; path {
		case "sh", "bash", "zsh", "ash", "dash", "python", "python3", "perl", "ruby", "node", "php":
			if fetched || strings.Contains(part, "<(curl") || strings.Contains(part, "<(wget") ||
				strings.Contains(part, "$(curl") || strings.Contains(part, "$(wget") {
				return true
			}
		case "eval", "source", ".":
			if strings.Contains(part, "$(curl") || strings.Contains(part, "$(wget") || strings.Contains(part, "<(curl") {
				return true
			}
		}
		fetched = fetched || hasWord(part, "curl") || hasWord(part, "wget")
	}
	return strings.Contains(low, "iex") && (strings.Contains(low, "downloadstring") || strings.Contains(low, "iwr"))
}

func hasWord(s, word string) bool {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\"'[],();", r) }) {
		if w == word || strings.HasSuffix(w, "/"+word) {
			return true
		}
	}
	return false
}

// unverifiedFlags switch off the check of what is fetched.
var unverifiedFlags = []struct{ flag, with string }{
	{"--allow-unauthenticated", ""}, {"--force-yes", ""}, {"--allow-downgrades --allow-remove-essential", ""},
	{"--nogpgcheck", ""}, {"--no-gpg-check", ""}, {"--allow-untrusted", ""},
	{"--trusted-host", ""}, {" -k ", "curl"}, {"--insecure", "curl"}, {"--no-check-certificate", ""}, {"--nosignature", ""},
	{"--nodigest", ""}, {"strict-ssl false", ""}, {"strict-ssl=false", ""},
	{"http.sslverify false", ""}, {"http.sslverify=false", ""}, {"sslverify=0", ""}, {"sslverify=false", ""},
	{"--no-verify-ssl", ""}, {"acquire::https::verify-peer=false", ""}, {"[trusted=yes]", ""},
	{"--disable-content-trust", ""}, {"allowinsecurerepositories=true", ""}, {"allow-insecure=yes", ""}, {"-sk ", "curl"},
	{"-fsslk", "curl"}, {"-lk ", "curl"}, {"-kl", "curl"}, {"-ks", "curl"},
}

func unverifiedSetting(name, value string) string {
	switch name {
	case "node_tls_reject_unauthorized", "pythonhttpsverify":
		if value == "0" {
			return name + "=0"
		}
	case "git_ssl_no_verify", "npm_config_strict_ssl", "docker_content_trust", "curl_insecure", "goinsecure", "gonosumdb",
		"gonosumcheck", "pip_trusted_host", "uv_insecure_host":
		if name == "git_ssl_no_verify" && value != "" && value != "0" && value != "false" ||
			(name == "npm_config_strict_ssl" || name == "docker_content_trust") && (value == "false" || value == "0") ||
			(name == "goinsecure" || name == "pip_trusted_host" || name == "uv_insecure_host") && value != "" {
			return name
		}
	}
	return ""
}

func readCopy(low string, add func(*detect.Kind, string)) {
	words := strings.Fields(low)
	for i, w := range words {
		if strings.HasPrefix(w, "--") || i == len(words)-1 && len(words) > 1 {
			continue // flags, and where it goes
		}
		w = strings.Trim(w, `[]",'`)
		base := w[strings.LastIndexByte(w, '/')+1:]
		switch {
		case base == ".env" || strings.HasPrefix(base, ".env.") && !strings.Contains(base, "example") &&
			!strings.Contains(base, "sample"), base == "id_rsa", base == "id_ed25519", base == "id_dsa", base == ".netrc",
			base == ".pgpass",
			base == "credentials" && strings.Contains(w, ".aws"), base == ".dockercfg", base == ".git-credentials",
			base == "kubeconfig", w == ".ssh" || strings.HasSuffix(w, "/.ssh"), base == ".aws",
			strings.HasSuffix(base, ".p12"), strings.HasSuffix(base, ".pfx"), strings.HasSuffix(base, ".tfstate"),
			base == "service-account.json", base == "private.pem", base == "private.key":
			add(kinds.secret, base)
		}
	}
}

var secretWords = []string{"password", "passwd", "passphrase", "secret", "api_key", "apikey", "access_key", "private_key",
	"auth_token", "access_token", "client_secret", "_token", "credential"}

func secretName(name string) bool {
	n := strings.ToLower(name)
	for _, w := range []string{"_file", "_path", "_url", "_name", "_id", "_dir", "_host", "_ttl", "_length", "_policy"} {
		if strings.HasSuffix(n, w) {
			return false
		}
	}
	for _, w := range secretWords {
		if strings.Contains(n, w) || n == "token" {
			return true
		}
	}
	return false
}

func secretValue(v string) bool {
	v = strings.ToLower(strings.Trim(strings.TrimSpace(v), `"'`))
	if len(v) < 4 || strings.ContainsAny(v, "$<{") || strings.HasPrefix(v, "/") || strings.HasPrefix(v, "http") {
		return false
	}
	return v != "true" && v != "false" && v != "none" && v != "null" && !strings.Contains(v, "changeme") &&
		!strings.Contains(v, "placeholder") && !strings.Contains(v, "dummy") && strings.Trim(v, "x*.-") != ""
}
