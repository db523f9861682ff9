package notify

import (
	"fmt"
	"strings"
	"time"
)

// Quiet are hours of each day in which people are left alone, but for what is
// critical or waits for too long.
type Quiet struct {
	from, to time.Duration // since midnight
	zone     *time.Location
}

// ParseQuiet reads "22:00-07:00" or "22:00-07:00 Europe/Berlin"; without a zone it is
// UTC.
func ParseQuiet(text string) (*Quiet, error) {
	hours, zone, _ := strings.Cut(strings.TrimSpace(text), " ")
	from, to, both := strings.Cut(hours, "-")
	begins, err1 := time.Parse("15:04", from)
	ends, err2 := time.Parse("15:04", to)
	if !both || err1 != nil || err2 != nil || begins.Equal(ends) {
		return nil, fmt.Errorf("hours are written as in 22:00-07:00 Europe/Berlin")
	}
	where, err := time.LoadLocation(strings.TrimSpace(zone))
	if err != nil || zone == "Local" {
		return nil, fmt.Errorf("there is no time zone of this name: write one as in Europe/Berlin")
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	return &Quiet{from: begins.Sub(midnight), to: ends.Sub(midnight), zone: where}, nil
}

// Until is when people may be told of something that comes at a moment: then, or when
// the quiet hours end.
func (q *Quiet) Until(at time.Time) time.Time {
	if q == nil {
		return at
	}
	local := at.In(q.zone)
	for day := -1; day <= 0; day++ {
		begins, ends := q.on(local, day, q.from), q.on(local, day, q.to)
		if q.to < q.from {
			ends = q.on(local, day+1, q.to)
		}
		if !at.Before(begins) && at.Before(ends) {
			return ends
		}
	}
	return at
}

// on is a time of the day that lies some days after a moment, by the clock of there.
func (q *Quiet) on(at time.Time, days int, clock time.Duration) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day()+days, int(clock.Hours()), int(clock.Minutes())%60, 0, 0, q.zone)
}
