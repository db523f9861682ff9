package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// Quiet hours end when they say, by the clock of there: never before a message comes,
// never in other quiet hours, and nobody waits for longer than they last.
func TestQuietHoursEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		hour := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 30, 59}).Draw(t, "minute"))
		})
		from, to := hour.Draw(rt, "from"), hour.Draw(rt, "to")
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"}).Draw(rt, "zone")
		where, err := time.LoadLocation(zone)
		if err != nil {
			rt.Fatal(err)
		}
		if from == to {
			return
		}
		q, err := notify.ParseQuiet(from + "-" + to + " " + zone)
		if err != nil {
			rt.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1_300_000_000, 1_900_000_000).Draw(rt, "at"), 0)
		until := q.Until(at)
		if until.Before(at) || until.Sub(at) > 25*time.Hour || !q.Until(until).Equal(until) {
			rt.Fatalf("%s-%s %s at %s: until %s, then %s", from, to, zone, at, until, q.Until(until))
		}
		if clock := at.In(where).Format("15:04"); until.Equal(at) && at.Second() > 0 && gapless(where, at) &&
			(from < to && clock >= from && clock < to || from > to && (clock >= from || clock < to)) {
			rt.Fatalf("%s-%s %s at %s: it is quiet, and nobody is left alone", from, to, zone, at.In(where))
		}
	})
}

// gapless reports whether clocks did not change on that day, or on those beside it.
func gapless(where *time.Location, at time.Time) bool {
	_, before := at.In(where).AddDate(0, 0, -2).Zone()
	_, after := at.In(where).AddDate(0, 0, 2).Zone()
	return before == after
}
