package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const someChannels = `notify:
  ops-slack: { kind: slack, channel: C0123456789, token_file: slack, default: true, quiet: "22:00-07:00 Europe/Berlin" }
  oncall:
    kind: mail
    host: smtp.acme.example
    user: gatehold
    password_file: mail
    from: gatehold@acme.example
    to: [ops@acme.example, sec@acme.example]
  siem: { kind: webhook, url: "https://siem.acme.example/in?key=s3cr3t", secret_file: hook }
  team: { kind: teams, url_file: teams }
`

var channelFiles = map[string]string{
	"slack": "xoxb-s3cr3t\n", "mail": "s3cr3t\n", "hook": "whsec_s3cr3t\nwhsec_s3cr3t2\n",
	"teams": "https://prod.logic.azure.example/workflows/s3cr3t?sig=s3cr3t\n",
}

func withChannels(text string) world {
	w := enough()
	w.files = map[string]string{"c.yml": text}
	for name, secret := range channelFiles {
		w.files[name] = secret
	}
	return w
}

// Channels are read from the file, the variable, or a file of their own; and nothing
// prints what they are made of.
func TestChannels(t *testing.T) {
	var nested strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(someChannels, "notify:\n")) {
		nested.WriteString(strings.TrimPrefix(line, "  "))
	}
	inVariable, inFile := withChannels(""), withChannels("notify_file: channels.yml\n")
	inVariable.env["GATEHOLD_NOTIFY"] = nested.String()
	inFile.files["channels.yml"] = nested.String()
	for where, load := range map[string]func() (Config, error){
		"configuration": func() (Config, error) { return withChannels(someChannels).load(Flags{Config: "c.yml"}) },
		"variable":      func() (Config, error) { return inVariable.load(Flags{}) },
		"file":          func() (Config, error) { return inFile.load(Flags{Config: "c.yml"}) },
	} {
		c, err := load()
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		var names []string
		for _, channel := range c.Notify {
			names = append(names, channel.Name)
		}
		if !slices.Equal(names, []string{"ops-slack", "oncall", "siem", "team"}) {
			t.Fatalf("%s: channels %v", where, names)
		}
		slack, mail, hook, teams := c.Notify[0], c.Notify[1], c.Notify[2], c.Notify[3]
		if slack.Token != "xoxb-s3cr3t" || !slack.Default || slack.Quiet == "" || mail.Port != 587 || mail.Security != "starttls" ||
			mail.Password != "s3cr3t" || len(mail.To) != 2 || len(hook.Secrets) != 2 || hook.Default || !strings.Contains(teams.URL, "sig=") {
			t.Errorf("%s: they are %+v", where, []string{slack.Token, mail.Security, hook.URL, teams.URL})
		}
		text, err := json.Marshal(map[string]any{"c": c, "n": c.Notify})
		if err != nil {
			t.Fatal(err)
		}
		shown := string(text) + c.String() + fmt.Sprintf("%v %+v %#v %s", c.Notify, c.Notify[0], c.Notify, c.Notify[2])
		if strings.Contains(shown, "s3cr3t") || !strings.Contains(shown, "siem (webhook)") {
			t.Errorf("%s: it shows\n%s", where, shown)
		}
	}
}

// What is wrong with a channel is said, and no secret or address is repeated.
func TestChannelsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"a: s3cr3t":                                                                                    "mapping with `kind`",
		"a: {kind: pigeon}":                                                                            "must be slack, mail, webhook or teams",
		"A b: {kind: teams, url_file: teams}":                                                          "small letters",
		"a: {kind: teams}":                                                                             "whole address",
		"a: {kind: teams, url: 'http://x.y/z'}":                                                        "https",
		"a: {kind: teams, url: 'https://u:s3cr3t@x.y/z'}":                                              "without user and password",
		"a: {kind: teams, url: 'https://x.y', url_file: teams}":                                        "keep one",
		"a: {kind: webhook, url: 'https://x.y/s3cr3t'}":                                                "secret_file is missing",
		"a: {kind: webhook, url: 'https://x.y/', secret_file: hook, token: s3cr3t}":                    "no such key",
		"a: {kind: webhook, url: 'https://x.y/', secret_file: nowhere}":                                "cannot be read",
		"a: {kind: slack, token_file: slack, channel: '#ops'}":                                         "the channel's id",
		"a: {kind: slack, channel: C012}":                                                              "token_file is missing",
		"a: {kind: mail, host: h, from: a@b.c}":                                                        "to is missing",
		"a: {kind: mail, host: h, from: nobody, to: a@b.c}":                                            "from must be an address",
		"a: {kind: mail, host: h, from: a@b.c, to: a@b.c, security: none}":                             "on this machine only",
		"a: {kind: mail, host: h, from: a@b.c, to: a@b.c, port: 0}":                                    "number of a port",
		"a: {kind: mail, host: h, from: a@b.c, to: a@b.c, password_file: mail}":                        "no user",
		"a: {kind: slack, channel: C1, token_file: slack, signing_secret_file: hook}":                  "must be the id of the workspace",
		"a: {kind: slack, channel: C1, token_file: slack, workspace: T1}":                              "need signing_secret_file",
		"a: {kind: slack, channel: C1, token_file: slack, workspace: acme, signing_secret_file: hook}": "as in T0123456789",
		"a: {kind: mail, host: h, from: a@b.example, to: a@b.example, people: some}":                   "neither true nor false",
		"a: {kind: teams, url_file: teams, default: maybe}":                                            "neither true nor false",
		"a: {kind: teams, url_file: teams}\na: {kind: teams, url_file: teams}":                         "",
		"[a]": "mapping",
	} {
		w := withChannels("")
		w.env["GATEHOLD_NOTIFY"] = text
		_, err := w.load(Flags{})
		if said := problems(t, err); !strings.Contains(said, want) || strings.Contains(said, "s3cr3t") {
			t.Errorf("%s:\n%s", text, said)
		}
	}
}

// A channel of Slack has buttons only where it says what its app signs with, and from
// which workspace they are pressed.
func TestASlackWithButtons(t *testing.T) {
	w := withChannels("")
	w.env["GATEHOLD_NOTIFY"] = "a: {kind: slack, channel: C1, token_file: slack, workspace: T1, signing_secret_file: signing}"
	w.files["signing"] = "s3cr3t\n"
	c, err := w.load(Flags{})
	if err != nil || len(c.Notify) != 1 || c.Notify[0].Signing != "s3cr3t" || c.Notify[0].Team != "T1" {
		t.Errorf("it is read as %d channels: %v", len(c.Notify), err)
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, "s3cr3t") {
		t.Error("the signing secret is printed")
	}
}
