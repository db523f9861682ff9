package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// private reports whether a path holds credentials or what a system knows of
// its users.
func private(path string) bool {
	low := strings.ToLower(strings.TrimLeft(path, "@<>\"'"))
	for _, part := range []string{
		"/.ssh", "/.aws", "/.gnupg", "/.kube/config", "/.docker/config", "/.netrc", "/.npmrc", "/.pypirc", "/.git-credentials",
		"/.config/gh", "/.config/gcloud", "/.azure",
		"/etc/shadow", "/etc/passwd", "/etc/sudoers", "id_rsa", "id_ed25519", "credentials.json", "service-account",
		"service_account", "serviceaccount", "/.credentials", "secrets.json", "secrets.yaml", "secrets.yml",
		"/.bash_history", "/.zsh_history", "login.keychain", "keychains/", "cookies.sqlite", "wallet.dat", "/.password-store",
		"logins.json", "key4.db", "login data",
		"default/cookies", "/.mozilla/", "/.config/op", "/.vault-token", "/.terraform.d/credentials", "/.config/rclone",
		"/.local/share/keyrings", ".kdbx", "/proc/self/environ",
		".pem", ".p12", ".pfx", "private.key", "private_key",
	} {
		if strings.Contains(low, part) {
			return !strings.HasSuffix(low, ".pub")
		}
	}
	base := low[strings.LastIndexByte(low, '/')+1:]
	return base == ".env" || strings.HasPrefix(base, ".env.") && !strings.HasSuffix(base, ".example") &&
		!strings.HasSuffix(base, ".sample") && !strings.HasSuffix(base, ".template")
}

// written says what it means that a hook writes to a file, if anything.
func written(file string) *detect.Kind {
	low := strings.ToLower(file)
	for _, part := range []string{"/etc/cron", ".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", "authorized_keys",
		".git/hooks", "/etc/systemd", "launchagents", "launchdaemons", "/etc/rc", "/etc/init.d", "/etc/hosts", "/etc/sudoers",
		"/etc/passwd", "/etc/shadow", ".ssh/config", "/etc/profile", "/etc/ld.so", ".gitconfig"} {
		if strings.Contains(low, part) {
			return hookStays
		}
	}
	switch {
	case strings.HasPrefix(low, "/tmp/") || strings.HasPrefix(low, "/var/tmp/") || strings.HasPrefix(low, "/dev/shm/") ||
		strings.HasPrefix(low, "/var/www"):
		return hookShared
	case strings.HasPrefix(low, "/var/log"):
		return hookTracks
	case strings.HasPrefix(low, "/etc/") || strings.HasPrefix(low, "/usr/") || strings.HasPrefix(low, "/bin/"):
		return hookStays
	case instructionNames[low[strings.LastIndexByte(low, '/')+1:]] || strings.Contains(low, ".claude/"):
		return hookStays
	}
	return nil
}
