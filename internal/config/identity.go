package config

import (
	"bytes"
	"encoding/pem"
	"strings"
)

// identities reads whether gatehold signs identities, and with what. Whoever gives it a
// key wants that; without one it makes its own.
func (l *loader) identities(c *Config) {
	on := l.get(keyIdentities, "")
	key, ok := l.secret(keyIdentityKey)
	if !ok {
		return
	}
	if c.Identities = key.text != ""; on.text != "" {
		c.Identities = l.pages(on)
	}
	if key.text != "" {
		c.IdentityKeys = l.identityKeys(key)
	}
	if c.Identities && c.PublicURL == "" {
		l.fail("Identities name the address at which clouds read the keys: set GATEHOLD_PUBLIC_URL to where gatehold is reached by https.")
	}
}

// identityKeys reads keys in PEM, one after the other.
func (l *loader) identityKeys(s setting) []byte {
	text := s.text
	if !s.isFile && !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	whole := append([]byte(text), '\n')
	for rest := whole; len(bytes.TrimSpace(rest)) > 0; {
		one := rest
		block, after := pem.Decode(rest)
		if block != nil {
			one = pem.EncodeToMemory(block)
		}
		if _, err := parseKey(one); err != nil {
			l.fail("%s holds no usable private keys: %v.", s.name, err)
			return nil
		}
		rest = after
	}
	return whole
}
