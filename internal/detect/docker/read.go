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

// readRun looks at a flag of RUN.
func readRun(low string, add func(*detect.Kind, string)) {
	if strings.HasPrefix(low, "--security=insecure") || strings.HasPrefix(low, "--network=host") {
		add(kinds.insecure, low)
	}
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
