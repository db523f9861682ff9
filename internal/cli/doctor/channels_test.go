package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// A dead channel shows: one that refuses when it is asked, one that cannot be asked and
// whose messages do not arrive, and a person who is not reached. One that works is fine.
func TestADeadChannelShows(t *testing.T) {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ok":false,"error":"token_revoked"}`)
	}))
	defer slack.Close()
	store, err := sqlite.Open(t.TempDir()+"/l.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	streams := book.New(engine.New(engine.Config{Log: store, Now: time.Now}), "").Tellings
	record := func(stream string, events ...gate.Event) {
		for _, e := range events {
			if _, err := streams.Record(t.Context(), stream, engine.Draft{Event: e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	letter := func(channel, id string) gate.Event {
		return gate.Addressed{Letters: []gate.Letter{{Channel: channel, ID: id, Key: "k", State: "held"}}}
	}
	record(gate.TellStream("pr/1/1"), letter("siem", "a"), gate.Sending{Channel: "siem", ID: "a", Key: "k"},
		gate.Unsent{Channel: "siem", ID: "a", Code: "channel_refused", Text: "It says no.", Attempt: 8, Since: time.Now()})
	record(gate.DigestStream(7), letter("person-mail", "b"), gate.Sending{Channel: "person-mail", ID: "b", Key: "k"},
		gate.Unsent{Channel: "person-mail", ID: "b", Text: "No such mailbox.", Attempt: 1, Since: time.Now(), Next: time.Now().Add(time.Hour)})
	told, err := toldBy(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	d := &doctor{now: time.Now, tell: func(finding) {}, cfg: config.Config{Notify: []config.Channel{
		{Name: "ops", Kind: config.SlackChannel, Token: "xoxb-x", Channel: "C1", URL: slack.URL + "/api/"},
		{Name: "siem", Kind: config.WebhookChannel, URL: "https://siem.acme.example"},
		{Name: "team", Kind: config.TeamsChannel, URL: "https://team.acme.example"},
	}}}
	d.channels(t.Context(), told)
	want := map[string]string{"ops": "fail token_revoked", "siem": "fail 1 messages could not be sent (1 given up): It says no.",
		"team": "ok nothing was told", "person-mail": "fail 1 people could not be told (0 given up): No such mailbox."}
	for _, f := range d.findings {
		name, says, _ := strings.Cut(f.Says, ": ")
		state, words, _ := strings.Cut(want[name], " ")
		if f.State != state || !strings.Contains(says, words) {
			t.Errorf("of %s it says %s: %s", name, f.State, says)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
}
