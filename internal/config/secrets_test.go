package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func secretConfig() Config {
	return Config{
		Listen: ":8080", AppID: 7, PrivateKey: []byte(testKey()), Store: "redis://somebody:s3cr3t@redis.example/2?x=s3cr3t",
		WebhookSecrets: [][]byte{[]byte("s3cr3t-one"), []byte("s3cr3t-two")}, ClientID: "Iv1.shown", ClientSecret: "s3cr3t-of-the-client",
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	c := secretConfig()
	keyPart := strings.Split(testKey(), "\n")[3]
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c, "pointer", &c)
	shown := map[string]string{"slog": log.String(), "String": c.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %v"} {
		args := []any{c}
		if verb == "%T %v" {
			args = []any{&c, struct{ Inner Config }{c}}
		}
		shown[verb] = fmt.Sprintf(verb, args...)
	}
	for _, v := range []any{c, &c, map[string]any{"c": c}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown["json"] += string(text)
	}
	for how, text := range shown {
		for _, secret := range []string{"s3cr3t", fmt.Sprintf("%x", "s3cr3t"), "somebody", keyPart,
			fmt.Sprint([]byte("s3cr3t-one"))[1:15]} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q:\n%s", how, secret, text)
			}
		}
		if how != "%T %v" && !strings.Contains(text, "redis.example") {
			t.Errorf("%s hides what is no secret:\n%s", how, text)
		}
	}
	if want := "private_key: [redacted] SHA256:" + fingerprint(&mustKey(t).PublicKey); !strings.Contains(c.String(), want) {
		t.Errorf("String lacks %q:\n%s", want, c)
	}
	if want := "client_id: Iv1.shown\nclient_secret: [redacted]\n"; !strings.Contains(c.String(), want) {
		t.Errorf("String lacks %q:\n%s", want, c)
	}
	for _, store := range []string{"redis://s3cr3t@h", "redis://:s3cr3t%zz@h", "s3cr3t"} {
		if text := (Config{Store: store, PrivateKey: []byte("s3cr3t")}).String(); strings.Contains(text, "s3cr3t") {
			t.Errorf("store %s is shown:\n%s", store, text)
		}
	}
}

// Whatever is wrong with a secret, wherever it stands, it is not repeated.
func TestNoErrorRepeatsSecrets(t *testing.T) {
	const secret = "s3cr3t"
	broken := strings.Replace(testKey(), "\n", "\n"+secret+"!", 2)
	for name, w := range map[string]world{
		"key":          {env: map[string]string{"GATEHOLD_PRIVATE_KEY": broken}},
		"no key":       {env: map[string]string{"GATEHOLD_PRIVATE_KEY": secret}},
		"key file":     {env: map[string]string{"GATEHOLD_PRIVATE_KEY_FILE": "k"}, files: map[string]string{"k": broken}},
		"store":        {env: map[string]string{"GATEHOLD_STORE": "redis://:" + secret + "%zz@h"}},
		"store scheme": {env: map[string]string{"GATEHOLD_STORE": "http://:" + secret + "@h"}},
		"store file":   {env: map[string]string{"GATEHOLD_STORE_FILE": "k"}, files: map[string]string{"k": secret}},
		"url with password": {env: map[string]string{"GATEHOLD_GITHUB_URL": "https://u:" + secret + "@h/api/v3",
			"GATEHOLD_PUBLIC_URL": "https://u:" + secret + "%zz@h"}},
		"id": {env: map[string]string{"GATEHOLD_APP_ID": secret}},
		"both": {env: map[string]string{"GATEHOLD_WEBHOOK_SECRET": secret, "GATEHOLD_WEBHOOK_SECRET_FILE": "k"},
			files: map[string]string{"k": secret}},
		"client secret":           {env: map[string]string{"GATEHOLD_CLIENT_SECRET": secret, "GATEHOLD_CLIENT_ID": "Iv1.aaaa"}},
		"client secret of no App": {env: map[string]string{"GATEHOLD_CLIENT_SECRET": secret + "-0123456789-0123456789"}},
		"client secret for an id": {env: map[string]string{"GATEHOLD_CLIENT_SECRET": secret + "-id", "GATEHOLD_CLIENT_ID": secret + "-id"}},
		"proxies":                 {env: map[string]string{"GATEHOLD_TRUSTED_PROXIES": secret}},
		"proxies' list":           {files: map[string]string{"f": "trusted_proxies: [" + secret + "/8]"}},
		"alias":                   {files: map[string]string{"f": "webhook_secret: *" + secret}},
		"tag":                     {files: map[string]string{"f": "webhook_secret: !" + secret + " x"}},
		"colon":                   {files: map[string]string{"f": "webhook_secret: " + secret + ": " + secret}},
		"escape":                  {files: map[string]string{"f": `webhook_secret: "` + secret + `\z"`}},
		"key of the file":         {files: map[string]string{"f": secret + ": x"}},
		"mapping":                 {files: map[string]string{"f": "private_key: {" + secret + ": x}"}},
		"scalar":                  {files: map[string]string{"f": secret}},
		"list":                    {files: map[string]string{"f": "store: [" + secret + "]"}},
	} {
		_, err := w.load(Flags{Config: map[bool]string{true: "f"}[w.files["f"] != ""]})
		if text := problems(t, err); strings.Contains(text, secret) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
