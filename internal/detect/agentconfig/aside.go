package agentconfig

import "strings"

// scriptOf is how a text is read that names its own interpreter.
func scriptOf(path string) class {
	if low := strings.ToLower(path); beside(low, low[strings.LastIndexByte(low, '/')+1:]) {
		return aside
	}
	return script
}

// aside looks at a script that no hook runs. What a script of a repository may
// well do, to install or delete or talk to a service, is told and holds nothing;
// what none should do is told as of a hook.
func (v *view) aside(text string) {
	own := &view{table: v.table}
	own.script(text, 1)
	lines := strings.Split(text, "\n")
	for _, s := range own.seen {
		switch {
		case s.kind == unreadable, grave(s, lines[max(0, min(s.line, len(lines))-1)]):
			v.seen = append(v.seen, s)
		case s.kind.Risk >= 40:
			v.add(agentScript, s.line, strings.TrimPrefix(s.kind.ID, "agentconfig/hook-"), s.detail)
		}
	}
}

// grave reports whether what a script was seen to do in a line is nothing that a
// skill needs.
func grave(s sighting, line string) bool {
	low := strings.ToLower(line + " " + s.detail)
	says := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(low, p) {
				return true
			}
		}
		return false
	}
	switch s.kind {
	case hookCode:
		return says("/dev/tcp", "curl", "wget", "base64", "stratum") && !says("keyring", "gpg")
	case hookSecrets:
		return says("/.ssh", "/.aws", "/.gnupg", "/etc/shadow", "id_rsa", "keychain", "history", "kwallet", "/.netrc", "/.kube")
	case hookStays:
		return says("crontab", ".bashrc", ".zshrc", ".profile", "authorized_keys", "launchctl", "launchagents", ".git/hooks")
	case hookTracks:
		return says("history", "/var/log", "journalctl", "auditctl")
	}
	return false
}
