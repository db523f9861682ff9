package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
)

func TestQuietHours(t *testing.T) {
	at := func(text string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ hours, at, until string }{
		{"22:00-07:00", "2026-11-30T21:59:59Z", "2026-11-30T21:59:59Z"},
		{"22:00-07:00", "2026-11-30T22:00:00Z", "2026-12-01T07:00:00Z"},
		{"22:00-07:00", "2026-12-01T06:59:00Z", "2026-12-01T07:00:00Z"},
		{"22:00-07:00", "2026-12-01T07:00:00Z", "2026-12-01T07:00:00Z"},
		{"12:00-13:30", "2026-12-01T12:30:00Z", "2026-12-01T13:30:00Z"},
		{"12:00-13:30", "2026-12-01T14:00:00Z", "2026-12-01T14:00:00Z"},
		{"22:00-07:00 Europe/Berlin", "2026-11-30T21:30:00Z", "2026-12-01T06:00:00Z"},
		{"22:00-07:00 America/New_York", "2026-11-30T22:30:00Z", "2026-11-30T22:30:00Z"},
		{"22:00-07:00 Europe/Berlin", "2027-03-27T23:00:00Z", "2027-03-28T05:00:00Z"}, // the night in which clocks go forward
	} {
		q, err := notify.ParseQuiet(c.hours)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Until(at(c.at)); !got.Equal(at(c.until)) {
			t.Errorf("%s, at %s: until %s, want %s", c.hours, c.at, got.UTC().Format(time.RFC3339), c.until)
		}
	}
	for _, text := range []string{"", "22:00", "22-07", "22:00-22:00", "25:00-07:00", "22:00-07:00 Mars/Base", "22:00-07:00 Local"} {
		if _, err := notify.ParseQuiet(text); err == nil {
			t.Errorf("%q are hours", text)
		}
	}
	var never *notify.Quiet
	if now := time.Now(); !never.Until(now).Equal(now) {
		t.Error("no quiet hours are some")
	}
}

func TestAPlainMessage(t *testing.T) {
	d := notifytest.Delivery()
	text := d.Plain()
	if strings.Contains(text, "https://evil") || strings.Contains(text, "www.evil") || strings.Count(text, "://") != 2 ||
		!strings.Contains(text, "Waits since: 2026-11-30 10:00 UTC") || !strings.HasPrefix(text, "Held: ") {
		t.Errorf("it says:\n%s", text)
	}
	d.State = notify.Released
	if strings.Contains(d.Plain(), "Waits since") {
		t.Error("what is decided waits")
	}
	if got := notify.Clip("äöü", 2); got != "ä…" {
		t.Errorf("clipped: %q", got)
	}
}
