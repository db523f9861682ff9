package config

import "fmt"

// Mints reports whether workloads can be given tokens: there is an App whose tokens they
// are.
func (c Config) Mints() bool { return c.MintAppID != 0 && len(c.MintKey) > 0 }

// mint reads as which App tokens are made for workloads. It is never the one that holds
// the gates: that would have to have all that may be given, and a gate is worth what
// its App cannot be used for.
func (l *loader) mint(c *Config) {
	id := l.get(keyMintAppID, "")
	key, ok := l.secret(keyMintKey)
	switch {
	case id.text == "" && key.text == "" || !ok:
		return
	case id.text == "":
		l.fail("There is a private key of an App for credentials, and nothing says of which: set GATEHOLD_CREDENTIAL_APP_ID to its App ID.")
		return
	case key.text == "":
		l.fail("There is an App for credentials without its private key: set GATEHOLD_CREDENTIAL_PRIVATE_KEY_FILE to the path of the .pem " +
			"file that its settings page generates.")
		return
	}
	c.MintAppID = l.appID(id)
	c.MintKey = l.privateKey(key, true)
	if c.MintAppID != 0 && c.MintAppID == c.AppID {
		l.fail("%s is the App that holds the gates. Tokens are given as another App, which has what may be given and no part in the "+
			"gates: register one, and give it here.", id.name)
	}
}

func showID(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprint(id)
}
