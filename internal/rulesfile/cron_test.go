package rulesfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zoneOf(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// starts lists the times of a schedule between two moments, by walking.
func starts(s schedule, from, to time.Time, zone *time.Location) []string {
	var out []string
	for at := from; ; {
		next, ok := s.next(at, to, zone)
		if !ok {
			return out
		}
		out = append(out, next.In(zone).Format("02 15:04 MST"))
		at = next.Add(time.Nanosecond)
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		cron, zone, from, to string
		want                 []string
	}{
		{"0 16 * * 5", "Europe/Vienna", "2026-11-20T00:00:00Z", "2026-11-30T00:00:00Z", []string{"20 16:00 CET", "27 16:00 CET"}},
		{"0 16 * * 5", "", "2026-11-20T16:00:00Z", "2026-11-27T16:00:00Z", []string{"20 16:00 UTC"}},
		{"*/20 3-4 1,15 11 *", "", "2026-11-01T00:00:00Z", "2026-11-15T03:30:00Z",
			[]string{"01 03:00 UTC", "01 03:20 UTC", "01 03:40 UTC", "01 04:00 UTC", "01 04:20 UTC", "01 04:40 UTC",
				"15 03:00 UTC", "15 03:20 UTC"}},
		// The day of the month or of the week, where both are restricted.
		{"0 0 13 * 5", "", "2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z", []string{"06 00:00 UTC", "13 00:00 UTC", "20 00:00 UTC"}},
		{"0 0 * * 7", "", "2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", []string{"01 00:00 UTC", "08 00:00 UTC"}},
		{"0 0 29 2 *", "", "2028-02-01T00:00:00Z", "2028-03-05T00:00:00Z", []string{"29 00:00 UTC"}},
		{"5/25 0 1 1 *", "", "2027-01-01T00:00:00Z", "2027-01-01T02:00:00Z", []string{"01 00:05 UTC", "01 00:30 UTC", "01 00:55 UTC"}},
		// 2026-03-29: two o'clock becomes three. 2026-10-25: three becomes two.
		{"30 2 * * *", "Europe/Vienna", "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z",
			[]string{"28 02:30 CET", "29 03:00 CEST", "30 02:30 CEST"}},
		{"30 2 * * *", "Europe/Vienna", "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z",
			[]string{"24 02:30 CEST", "25 02:30 CEST", "25 02:30 CET", "26 02:30 CET"}},
		// In Apia there was no 30 December 2011 at all.
		{"0 12 30 12 *", "Pacific/Apia", "2011-12-28T00:00:00Z", "2012-01-02T00:00:00Z", []string{"31 00:00 +14"}},
		// Midnight itself is left out in Santiago.
		{"0 0 6 9 *", "America/Santiago", "2026-09-01T00:00:00Z", "2026-09-10T00:00:00Z", []string{"06 01:00 -03"}},
	} {
		s, err := parseCron(c.cron)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := time.Parse(time.RFC3339, c.from)
		to, _ := time.Parse(time.RFC3339, c.to)
		if got := starts(s, from, to, zoneOf(t, c.zone)); !slices.Equal(got, c.want) {
			t.Errorf("%s in %q: %q, want %q", c.cron, c.zone, got, c.want)
		}
	}
}

func TestSchedulesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
		"* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *",
		"-1 * * * *", "1- * * * *", "1,,2 * * * *", "+1 * * * *", "0 0 31 2 *", "0 0 31 4,6,9,11 *", "0 0 30 2 *",
		"1/2/3 * * * *", "00001 * * * *"} {
		if _, err := parseCron(text); err == nil {
			t.Errorf("%q was taken for a schedule", text)
		}
	}
	if _, err := parseCron("0 0 31 2 1"); err != nil {
		t.Errorf("a Monday of February does come: %v", err)
	}
}

func drawCron(t *rapid.T) string {
	field := func(label string, low, high int) string {
		switch rapid.IntRange(0, 4).Draw(t, label) {
		case 0:
			return fmt.Sprint(rapid.IntRange(low, high).Draw(t, label+" at"))
		case 1:
			a := rapid.IntRange(low, high).Draw(t, label+" from")
			return fmt.Sprintf("%d-%d", a, rapid.IntRange(a, high).Draw(t, label+" to"))
		case 2:
			return fmt.Sprintf("*/%d", rapid.IntRange(1, high).Draw(t, label+" step"))
		}
		return "*"
	}
	return strings.Join([]string{field("minute", 0, 59), field("hour", 0, 23), field("day", 1, 31), field("month", 1, 12),
		field("weekday", 0, 7)}, " ")
}

// next and last find what a walk over all minutes finds, wherever the clock
// changes.
func TestSchedulesAgainstAWalk(t *testing.T) {
	zones := []string{"UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"}
	begins := []string{"2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-03-08T01:00:00Z", "2026-11-01T00:00:00Z",
		"2026-04-04T08:00:00Z", "2026-10-03T10:00:00Z", "2026-09-05T20:00:00Z"}
	rapid.Check(t, func(t *rapid.T) {
		s, err := parseCron(drawCron(t))
		if err != nil {
			return
		}
		zone := zoneOf(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		from, _ := time.Parse(time.RFC3339, rapid.SampledFrom(begins).Draw(t, "begin"))
		to := from.Add(20 * time.Hour)
		walked := map[int64]bool{}
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			wall := at.In(zone)
			if s.fits(wall) && s.hour&(1<<wall.Hour()) != 0 && s.minute&(1<<wall.Minute()) != 0 {
				walked[at.Unix()] = true
			}
		}
		for at := from; ; {
			next, ok := s.next(at, to, zone)
			if !ok {
				break
			}
			_, before := next.Add(-time.Second).In(zone).Zone()
			_, after := next.In(zone).Zone()
			if !walked[next.Unix()] && after <= before {
				t.Fatalf("%s is no time of it", next.In(zone))
			}
			delete(walked, next.Unix())
			if last, ok := s.last(next, next.Add(-time.Minute), zone); !ok || !last.Equal(next) {
				t.Fatalf("last does not find %s", next.In(zone))
			}
			at = next.Add(time.Nanosecond)
		}
		if len(walked) > 0 {
			t.Fatalf("missed %d times", len(walked))
		}
	})
}

// A moment lies in a window of a freeze just where some start of it is less
// than its length ago.
func TestFreezesAgainstAWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Freeze{Cron: drawCron(t), Lasts: fmt.Sprintf("%dm", rapid.IntRange(1, 3000).Draw(t, "lasts")),
			Zone: rapid.SampledFrom([]string{"UTC", "Europe/Vienna"}).Draw(t, "zone")}
		s, err := parseCron(f.Cron)
		if err != nil {
			return
		}
		lasts, _ := time.ParseDuration(f.Lasts)
		zone := zoneOf(t, f.Zone)
		now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 60*24*400).Draw(t, "minutes")) * time.Minute)
		windows, err := f.Windows(now, now.Add(FreezeAhead))
		if err != nil {
			t.Fatal(err)
		}
		frozen := func(at time.Time) bool {
			for start := at; start.After(at.Add(-lasts)); start = start.Add(-time.Minute) {
				if wall := start.In(zone); s.fits(wall) && s.hour&(1<<wall.Hour()) != 0 && s.minute&(1<<wall.Minute()) != 0 {
					return true
				}
			}
			return false
		}
		told := func(at time.Time) bool {
			return slices.ContainsFunc(windows, func(w window) bool { return !at.Before(w.From) && at.Before(w.Until) })
		}
		if len(windows) > 2 || len(windows) == 2 && windows[1].From.Before(windows[0].Until) {
			t.Fatalf("windows are not apart: %v", windows)
		}
		horizon := now.Add(72 * time.Hour)
		if len(windows) > 0 {
			horizon = windows[len(windows)-1].Until // what comes then is looked for then
			if len(windows) == 2 && horizon.After(windows[0].Until) {
				horizon = windows[0].Until
			}
		}
		for range 20 {
			at := now.Add(time.Duration(rapid.IntRange(0, 60*72).Draw(t, "ahead")) * time.Minute)
			if at.Before(horizon) && frozen(at) != told(at) {
				t.Fatalf("%s: frozen %v, told %v: %v", at.In(zone), frozen(at), told(at), windows)
			}
		}
	})
}

func FuzzCron(f *testing.F) {
	for _, seed := range []string{"0 16 * * 5", "*/5 0-23/2 1,15 * 1-5", "* * * * *", "30 2 * * *", "0 0 29 2 *", "5/25 0 1 1 *", "x"} {
		f.Add(seed, int64(1790000000), 64)
	}
	vienna := zoneOf(f, "Europe/Vienna")
	f.Fuzz(func(t *testing.T, text string, at int64, hours int) {
		s, err := parseCron(text)
		if err != nil {
			return
		}
		now := time.Unix(at%(1<<33), 0)
		lasts := time.Duration(1+(hours%1000+1000)%1000) * time.Hour
		fr := Freeze{Cron: text, Lasts: lasts.String(), Zone: "Europe/Vienna"}
		windows, err := fr.Windows(now, now.Add(FreezeAhead))
		if err != nil {
			t.Fatalf("%q parses, and has no windows: %v", text, err)
		}
		for _, w := range windows {
			if !w.From.Before(w.Until) || !now.Before(w.Until) {
				t.Fatalf("%q at %s: the window %v", text, now, w)
			}
			if last, ok := s.last(w.From, w.From.Add(-time.Minute), vienna); !ok || !last.Equal(w.From) {
				t.Fatalf("%q: %s is no start", text, w.From)
			}
		}
	})
}
