package config

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

func (l *loader) listen(s setting) string {
	_, port, err := net.SplitHostPort(s.text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		l.fail("%s: %q is not an address to listen on: write HOST:PORT or :PORT, as in :8080.", s.name, s.text)
	}
	return s.text
}

// address reads an absolute http or https URL that is nothing but an address.
// It is not repeated in problems before it is known to hold no password.
func (l *loader) address(s setting) (*url.URL, bool) {
	u, err := url.Parse(s.text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		l.fail("%s must be a whole address, as in https://gatehold.example.com.", s.name)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		l.fail("%s must hold no user, no password and nothing after ? or #.", s.name)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		l.fail("%s: %s would send secrets in the clear: use https. Only an address of this machine may be http.", s.name, s.text)
	default:
		u.Host, u.Path = strings.ToLower(u.Host), strings.TrimRight(u.Path, "/")
		return u, true
	}
	return nil, false
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (l *loader) publicURL(s setting) string {
	if s.text == "" {
		return ""
	}
	u, ok := l.address(s)
	if !ok {
		return ""
	}
	return u.String()
}

// githubURL checks that it is the base of an API, and says which one is meant
// where it is the address that people use.
func (l *loader) githubURL(s setting) string {
	u, ok := l.address(s)
	if !ok {
		return ""
	}
	host := u.Hostname()
	want := ""
	switch {
	case host == webHost || host == "www."+webHost:
		want = "https://" + apiHost
	case strings.HasSuffix(host, geHost) && !strings.HasPrefix(host, "api."):
		want = "https://api." + host
	case host == apiHost || strings.HasSuffix(host, geHost):
		if u.Path != "" {
			want = "https://" + host
		}
	case u.Path != "/api/v3" && !isLoopback(host):
		want = "https://" + u.Host + "/api/v3"
	}
	if want != "" {
		l.fail("%s: %s is not the base of GitHub's REST API there: write %s.", s.name, s.text, want)
	}
	return u.String()
}

func (l *loader) appID(s setting) int64 {
	if s.text == "" {
		l.fail("The GitHub App's id is missing: set GATEHOLD_APP_ID (the App's settings page shows it as App ID).")
		return 0
	}
	id, err := strconv.ParseInt(s.text, 10, 64)
	if err != nil || id <= 0 {
		// What stands there may be a secret that was put in the wrong place.
		l.fail("%s must be a number: the App ID of the App's settings page, not its client id.", s.name)
	}
	return id
}

// clientID checks that it is none of the App's other names or secrets. GitHub
// does not say how client ids are made: they begin with Iv so far.
func (l *loader) clientID(s setting) string {
	if s.text == "" {
		return ""
	}
	plain := func(r rune) bool {
		return r == '.' || r == '_' || r == '-' || r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	number := strings.Trim(s.text, "0123456789") == ""
	if len(s.text) < 8 || len(s.text) > 64 || number || strings.ContainsFunc(s.text, func(r rune) bool { return !plain(r) }) {
		// What stands there may be a secret that was put in the wrong place.
		l.fail("%s must be the Client ID of the settings page of the App that people sign in with, which begins with Iv: "+
			"neither an App ID nor a client secret.", s.name)
		return ""
	}
	return s.text
}

func (l *loader) privateKey(s setting, ok bool) []byte {
	if !ok {
		return nil
	}
	if s.text == "" {
		l.fail("The GitHub App's private key is missing: set GATEHOLD_PRIVATE_KEY_FILE to the path of the .pem file that " +
			"the App's settings page generates, or GATEHOLD_PRIVATE_KEY to its content.")
		return nil
	}
	text := s.text
	if !s.isFile && !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n") // what cannot hold lines often holds them so
	}
	key := append([]byte(text), '\n')
	if _, err := parseKey(key); err != nil {
		hint := ""
		if !s.isFile && !strings.Contains(text, "-----BEGIN") {
			hint = " If it is the path of a file, it belongs into " + variable(keyPrivateKey+fileKey) + "."
		}
		l.fail("%s holds no usable private key: %v.%s", s.name, err, hint)
	}
	return key
}

// parseKey reads an RSA private key in PEM. Its errors say nothing of what
// stands there.
func parseKey(text []byte) (*rsa.PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is not PEM, which begins with -----BEGIN RSA PRIVATE KEY-----, or not whole")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("there is something after the key")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
	case "PRIVATE KEY":
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(*rsa.PrivateKey); ok {
				return key, nil
			}
			return nil, errors.New("it is not an RSA key, and GitHub Apps have RSA keys")
		}
	case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE":
		return nil, errors.New("it is the public half, and the private one is needed")
	}
	return nil, errors.New("it is PEM, but not an RSA private key without a passphrase")
}

// webhookSecrets parts several secrets: those of a file by lines, those of a
// variable or the YAML file by lines and commas.
func (l *loader) webhookSecrets(s setting, ok bool) [][]byte {
	if !ok {
		return nil
	}
	separators := ",\n\r"
	if s.isFile {
		separators = "\n\r"
	}
	var secrets [][]byte
	for _, one := range strings.FieldsFunc(s.text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if one = strings.TrimSpace(one); one != "" {
			secrets = append(secrets, []byte(one))
		}
	}
	if len(secrets) == 0 {
		l.fail("The webhook secret is missing: set GATEHOLD_WEBHOOK_SECRET_FILE or GATEHOLD_WEBHOOK_SECRET to the secret of " +
			"the App's settings page. Without one anybody could send deliveries.")
	}
	return secrets
}

func (l *loader) store(s setting, ok bool) string {
	if !ok {
		return ""
	}
	if s.text == "" {
		return "sqlite:gatehold.db"
	}
	if path, ok := strings.CutPrefix(s.text, "sqlite:"); ok {
		if strings.TrimSpace(path) == "" || strings.HasPrefix(path, "//") {
			l.fail("%s needs the path of a file after sqlite:, as in sqlite:/var/lib/gatehold/ledger.db.", s.name)
		}
		return s.text
	}
	u, err := url.Parse(s.text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" {
		l.fail("%s is no store: write sqlite:PATH, redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS, and "+
			"percent-encode special characters of the password.", s.name)
	}
	return s.text
}

func (l *loader) logLevel(s setting) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.text)); err != nil {
		l.fail("%s: %q is no level: write debug, info, warn or error.", s.name, s.text)
	}
	return level
}

func (l *loader) pages(s setting) bool {
	on, err := strconv.ParseBool(s.text)
	if err != nil {
		l.fail("%s: %q is neither true nor false.", s.name, s.text)
	}
	return on
}
