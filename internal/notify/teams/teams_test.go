package teams_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/notify/teams"
)

// Nothing that others wrote is a link or a mention in a card, nor are its marks read;
// and a card stays below what Teams takes.
func TestACard(t *testing.T) {
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	channel := &teams.Teams{Poster: notify.Poster{Client: notify.NewClient(http.DefaultTransport), URL: server.URL, Name: "ops", Now: time.Now}}
	d := notifytest.Delivery()
	for range 40 {
		d.Findings = append(d.Findings, strings.Repeat("*", 5000))
	}
	if _, err := channel.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Type, Version string
				Body          []struct {
					Type, Text string
					Facts      []struct{ Title, Value string }
				}
				Actions []struct{ Type, URL string }
				MSTeams any
			}
		}
	}
	if err := json.Unmarshal(body, &sent); err != nil || sent.Type != "message" || len(sent.Attachments) != 1 || len(body) > 28<<10 {
		t.Fatalf("%d bytes: %v", len(body), err)
	}
	card := sent.Attachments[0]
	if card.ContentType != "application/vnd.microsoft.card.adaptive" || card.Content.Type != "AdaptiveCard" || card.Content.MSTeams != nil {
		t.Errorf("it is no plain card: %s", body)
	}
	var texts []string
	for _, block := range card.Content.Body {
		texts = append(texts, block.Text)
		for _, f := range block.Facts {
			texts = append(texts, f.Title, f.Value)
		}
	}
	all := strings.Join(texts, "\n")
	for _, bad := range []string{"://", "www.evil", "](", "*bold", " _it_", "{{"} {
		if strings.Contains(all, bad) {
			t.Errorf("the card holds %q:\n%s", bad, all)
		}
	}
	if !strings.Contains(all, "and 45 more findings.") || !strings.Contains(all, "evil.example") {
		t.Errorf("the card says:\n%s", all)
	}
	for _, a := range card.Content.Actions {
		if a.Type != "Action.OpenUrl" || a.URL != d.Page && a.URL != d.GitHub {
			t.Errorf("it leads to %q by %q", a.URL, a.Type)
		}
	}
	if len(card.Content.Actions) != 2 {
		t.Errorf("%d links", len(card.Content.Actions))
	}
}
