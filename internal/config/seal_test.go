package config

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
)

func sealKeys(t *testing.T, c Config, purpose string) [][]byte {
	t.Helper()
	keys, err := c.SealKeys(purpose)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestSealKeys(t *testing.T) {
	w := enough()
	w.env["GATEHOLD_WEBHOOK_SECRET"] = "new,old"
	c, err := w.load(Flags{})
	if err != nil {
		t.Fatal(err)
	}
	keys := sealKeys(t, c, "answers")
	if len(keys) != 2 || len(keys[0]) != SealKeyLength || bytes.Equal(keys[0], keys[1]) {
		t.Fatalf("%d keys of two secrets", len(keys))
	}
	old := c
	old.WebhookSecrets = [][]byte{[]byte("old")}
	if !bytes.Equal(sealKeys(t, old, "answers")[0], keys[1]) {
		t.Error("the key of a secret changes with the secrets beside it")
	}
	if bytes.Equal(sealKeys(t, c, "other")[0], keys[0]) {
		t.Error("two purposes have one key")
	}

	// The same key in another form is the same; another key is not.
	key, err := parseKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	same := c
	same.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if !bytes.Equal(sealKeys(t, same, "answers")[0], keys[0]) {
		t.Error("the form in which the private key is written changes what is sealed")
	}
	fresh, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	same.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(fresh)})
	if bytes.Equal(sealKeys(t, same, "answers")[0], keys[0]) {
		t.Error("whoever knows the webhook secret can make the key")
	}
	same.PrivateKey = []byte("no key")
	if _, err := same.SealKeys("answers"); err == nil {
		t.Error("keys without a private key")
	}
}

func TestClientID(t *testing.T) {
	w := enough()
	for text, ok := range map[string]bool{
		"Iv1.8a61f9b3a7aba766": true, "Iv23liAbcDEfGhIjKlMn": true, "": true, "123456789012": false, "Iv": false,
		"Iv1.8a61f9b3 7aba766": false, "Iv1.8a61f9b3é7aba766": false,
	} {
		w.env["GATEHOLD_CLIENT_ID"] = text
		c, err := w.load(Flags{})
		if (err == nil) != ok || ok && c.ClientID != text {
			t.Errorf("%q: %q, %v", text, c.ClientID, err)
		}
	}
}

func TestWhereGitHubIsSeen(t *testing.T) {
	for api, want := range map[string]string{
		"https://api.github.com": "https://github.com", "https://api.acme.ghe.com": "https://acme.ghe.com",
		"https://git.acme.example/api/v3": "https://git.acme.example", "http://127.0.0.1:7": "http://127.0.0.1:7",
	} {
		w := enough()
		w.env["GATEHOLD_GITHUB_URL"] = api
		c, err := w.load(Flags{})
		if err != nil || c.WebURL() != want {
			t.Errorf("%s is seen at %q, want %q (%v)", api, c.WebURL(), want, err)
		}
		w.env["GATEHOLD_GITHUB_WEB_URL"] = "https://people.acme.example/"
		if c, err = w.load(Flags{}); err != nil || c.WebURL() != "https://people.acme.example" {
			t.Errorf("told where, %q, %v", c.WebURL(), err)
		}
	}
}

func TestWhatReadingTheLedgerNeeds(t *testing.T) {
	w := world{env: map[string]string{"GATEHOLD_STORE": "sqlite:/x/y.db", "GATEHOLD_PUBLIC_URL": "https://g.example",
		"GATEHOLD_PAGES": "true"}, files: map[string]string{}}
	c, err := Store(Flags{}, func(k string) string { return w.env[k] }, nil)
	if err != nil || c.Store != "sqlite:/x/y.db" || c.PublicURL != "https://g.example" || !c.Pages {
		t.Errorf("%v, %v", c, err)
	}
	w.env["GATEHOLD_STORE"] = "nonsense"
	if _, err := Store(Flags{}, func(k string) string { return w.env[k] }, nil); err == nil {
		t.Error("nonsense is taken for a store")
	}
}
