package agent_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
)

func TestSessions(t *testing.T) {
	for body, want := range map[string]string{
		"Claude-Session: https://claude.ai/code/session_011CUabc":                           "claude-code https://claude.ai/code/session_011CUabc",
		"Link to Devin run: https://app.devin.ai/sessions/abc123?token=hush#frag":           "devin https://app.devin.ai/sessions/abc123",
		"See [the task](https://chatgpt.com/codex/tasks/task_e_123).":                       "codex https://chatgpt.com/codex/tasks/task_e_123",
		"[Open](https://cursor.com/agents?id=bc-1234)":                                      "cursor https://cursor.com/agents",
		"https://cursor.com/agents/bc-1234":                                                 "cursor https://cursor.com/agents/bc-1234",
		"*PR created automatically by Jules for task [1](https://jules.google.com/task/1)*": "jules https://jules.google.com/task/1",
		"Amp-Thread-ID: https://ampcode.com/threads/T-1-2":                                  "amp https://ampcode.com/threads/T-1-2",
		"Agent-Logs-Url: https://github.com/acme/shop/sessions/95a2931-cd2e":                "copilot https://github.com/acme/shop/sessions/95a2931-cd2e",
		"https://github.com/copilot/tasks/pull/PR_kwDO1?session_id=1":                       "copilot https://github.com/copilot/tasks/pull/PR_kwDO1",
		"https://Claude.AI/code/session_1/, and https://claude.ai/code/session_1.":          "claude-code https://claude.ai/code/session_1",
		"https://app.devin.ai/sessions/a https://claude.ai/code/session_1":                  "devin https://app.devin.ai/sessions/a, claude-code https://claude.ai/code/session_1",
		"https://claude.ai/code and https://claude.ai/code/":                                "",
		"http://app.devin.ai/sessions/a":                                                    "",
		"https://app.devin.ai.evil.example/sessions/a":                                      "",
		"https://evil@app.devin.ai/sessions/a":                                              "",
		"https://app.devin.ai@evil.example/sessions/a":                                      "",
		"https://app.devin.ai:8443/sessions/a":                                              "",
		"https://app.devin.ai/sessions/..":                                                  "",
		"https://app.devin.ai/sessions/%2e%2e/x":                                            "",
		"https://app.devin.ai/sessions//x":                                                  "",
		"https://github.com/acme/shop/pull/1":                                               "",
		"https://аpp.devin.ai/sessions/a":                                                   "", // the first letter is not Latin
		"> https://app.devin.ai/sessions/a":                                                 "",
		"`https://app.devin.ai/sessions/a`":                                                 "",
		"```\nhttps://app.devin.ai/sessions/a\n```":                                         "",
		"https://app.devin.ai/sessions/" + strings.Repeat("a", 200):                         "",
		"https://app.devin.ai/sessions/" + strings.Repeat("a", 101):                         "",
		"no address": "",
	} {
		for where, c := range map[string]*change.Change{"body": {Body: body},
			"commit": {Commits: []change.Commit{{Message: "Fix it\n\n" + body}}}} {
			var got []string
			for _, s := range agent.Sessions(c) {
				got = append(got, s.Agent+" "+s.URL)
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s %q: %v, want %q", where, body, got, want)
			}
		}
	}
}

func TestSessionsAreFew(t *testing.T) {
	c := change.Change{Body: strings.Repeat("https://app.devin.ai/sessions/same\n", 30)}
	for i := range 100 {
		c.Commits = append(c.Commits, change.Commit{Message: fmt.Sprintf("x\n\nhttps://app.devin.ai/sessions/%d", i)})
	}
	got := agent.Sessions(&c)
	if len(got) != 8 || got[0].URL != "https://app.devin.ai/sessions/same" || got[1].URL != "https://app.devin.ai/sessions/0" {
		t.Errorf("%v", got)
	}
}

func FuzzSessions(f *testing.F) {
	f.Add("https://app.devin.ai/sessions/a?token=x", "Claude-Session: https://claude.ai/code/session_1#x")
	f.Add("https://github.com/a/b/sessions/1@evil", "> https://cursor.com/agents\n`https://ampcode.com/threads/T-1`")
	f.Fuzz(func(t *testing.T, body, message string) {
		c := &change.Change{Body: body, Commits: []change.Commit{{Message: message}}}
		found := agent.Sessions(c)
		if len(found) > 8 || !slices.Equal(found, agent.Sessions(c)) {
			t.Fatalf("%v", found)
		}
		for _, s := range found {
			u, err := url.Parse(s.URL)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" ||
				u.String() != s.URL {
				t.Errorf("%q: %v", s.URL, err)
			}
			if len(s.URL) > 160 || !utf8.ValidString(s.URL) || s.Agent == "" ||
				strings.Contains(u.Path, "..") && strings.Contains(u.Path, "/../") {
				t.Errorf("%+v", s)
			}
			if !strings.Contains(strings.ToLower(body+"\n"+message), strings.ToLower(strings.TrimPrefix(s.URL, "https://"))) {
				t.Errorf("%q stands nowhere", s.URL)
			}
		}
	})
}
