package rulesfile

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on what the machine has installed

	"github.com/gatehold/gatehold/internal/words"
)

// cronFields are the five fields of a schedule and their bounds.
var cronFields = [5]struct {
	name      string
	low, high int
}{{"minute", 0, 59}, {"hour", 0, 23}, {"day of the month", 1, 31}, {"month", 1, 12}, {"day of the week", 0, 7}}

// schedule is a cron line: for each field the values that it takes, as bits.
// Its times are those of a clock on the wall. A time that a clock which is put
// forward leaves out counts at the moment of that; one that a clock which is
// put back shows twice counts twice.
type schedule struct {
	minute, hour, day, month, weekday uint64
	// Where both are restricted, a day that fits either fits, as in crontab(5).
	anyDay, anyWeekday bool
}

// errNever is the fault of a schedule whose days no calendar has.
var errNever = errors.New("its time never comes: none of its months has such a day")

// parseCron reads five fields of numbers, *, ranges, lists and steps. The error
// says in a clause what is wrong.
func parseCron(text string) (schedule, error) {
	var s schedule
	parts := strings.Fields(text)
	if len(parts) != len(cronFields) {
		return s, fmt.Errorf("must have five fields (minute, hour, day, month, day of the week), and this has %d", len(parts))
	}
	into := [5]*uint64{&s.minute, &s.hour, &s.day, &s.month, &s.weekday}
	for i, part := range parts {
		f := cronFields[i]
		set, ok := cronField(part, f.low, f.high)
		if !ok {
			return s, fmt.Errorf("%q is no %s: numbers from %d to %d, *, ranges, lists and steps", words.Clip(part), f.name, f.low, f.high)
		}
		*into[i] = set
	}
	if s.weekday&(1<<7) != 0 { // 7 is Sunday too
		s.weekday |= 1
	}
	s.anyDay, s.anyWeekday = strings.HasPrefix(parts[2], "*"), strings.HasPrefix(parts[4], "*")
	if !s.possible() {
		return s, errNever
	}
	return s, nil
}

// cronField reads one field into bits.
func cronField(s string, low, high int) (set uint64, ok bool) {
	number := func(s string, low, high int) (int, bool) {
		if len(s) == 0 || len(s) > 4 || strings.Trim(s, "0123456789") != "" {
			return 0, false
		}
		v, err := strconv.Atoi(s)
		return v, err == nil && v >= low && v <= high
	}
	for item := range strings.SplitSeq(s, ",") {
		span, step, stepped := strings.Cut(item, "/")
		every := 1
		if stepped {
			if every, ok = number(step, 1, high); !ok {
				return 0, false
			}
		}
		from, to := low, high
		if span != "*" {
			a, b, ranged := strings.Cut(span, "-")
			if from, ok = number(a, low, high); !ok {
				return 0, false
			}
			switch {
			case ranged:
				if to, ok = number(b, low, high); !ok || to < from {
					return 0, false
				}
			case !stepped:
				to = from
			}
		} else if high == 7 {
			to = 6 // * is each day of the week once
		}
		for v := from; v <= to; v += every {
			set |= 1 << v
		}
	}
	return set, true
}

// possible reports whether some day of the calendar fits.
func (s schedule) possible() bool {
	if !s.anyWeekday {
		if !s.anyDay || s.weekday != 0 {
			return true // a day of the week comes in every month
		}
	}
	longest := [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	for m := 1; m <= 12; m++ {
		if s.month&(1<<m) != 0 && bits.TrailingZeros64(s.day) <= longest[m] {
			return true
		}
	}
	return false
}

// fits reports whether a day of the calendar is one of the schedule's.
func (s schedule) fits(day time.Time) bool {
	if s.month&(1<<int(day.Month())) == 0 {
		return false
	}
	inMonth, inWeek := s.day&(1<<day.Day()) != 0, s.weekday&(1<<int(day.Weekday())) != 0
	if s.anyDay || s.anyWeekday {
		return inMonth && inWeek
	}
	return inMonth || inWeek
}

// next is the first time of the schedule at or after t and before limit.
func (s schedule) next(t, limit time.Time, zone *time.Location) (time.Time, bool) {
	for day := calendar(t, zone).AddDate(0, 0, -1); !day.After(calendar(limit, zone).AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		var best time.Time
		if !s.fits(day) {
			continue
		}
		s.times(day, zone, func(at time.Time) {
			if !at.Before(t) && at.Before(limit) && (best.IsZero() || at.Before(best)) {
				best = at
			}
		})
		if !best.IsZero() {
			return best, true
		}
	}
	return time.Time{}, false
}

// last is the last time of the schedule at or before t and after limit.
func (s schedule) last(t, limit time.Time, zone *time.Location) (time.Time, bool) {
	for day := calendar(t, zone).AddDate(0, 0, 1); !day.Before(calendar(limit, zone).AddDate(0, 0, -1)); day = day.AddDate(0, 0, -1) {
		var best time.Time
		if !s.fits(day) {
			continue
		}
		s.times(day, zone, func(at time.Time) {
			if !at.After(t) && at.After(limit) && at.After(best) {
				best = at
			}
		})
		if !best.IsZero() {
			return best, true
		}
	}
	return time.Time{}, false
}

// calendar is the day that a clock in zone shows, as a date of its own.
func calendar(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// times calls each with the times of the schedule on one day of the calendar,
// at most 1,440 of them and those that come twice.
func (s schedule) times(day time.Time, zone *time.Location, each func(time.Time)) {
	y, m, d := day.Date()
	clock := clockOn(day, zone)
	for hour := range 24 {
		if s.hour&(1<<hour) == 0 {
			continue
		}
		for minute := range 60 {
			if s.minute&(1<<minute) != 0 {
				clock.at(time.Date(y, m, d, hour, minute, 0, 0, time.UTC), each)
			}
		}
	}
}

// clock is how a clock in a zone runs around one day: how far it is from UTC,
// and when that changes.
type clock struct {
	zone    *time.Location
	offsets []time.Duration
	shifts  []shift
}

type shift struct {
	at            time.Time
	before, after time.Duration
}

// clockOn looks a day back and a day ahead: no zone is further from UTC.
func clockOn(day time.Time, zone *time.Location) clock {
	c := clock{zone: zone}
	t, last := day.Add(-26*time.Hour).In(zone), day.Add(50*time.Hour)
	c.offsets = append(c.offsets, offset(t))
	for range 8 { // the clock changes twice a year
		_, end := t.ZoneBounds()
		if end.IsZero() || end.After(last) {
			break
		}
		c.shifts = append(c.shifts, shift{end, offset(t), offset(end.In(zone))})
		t = end.In(zone)
		c.offsets = append(c.offsets, offset(t))
	}
	return c
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// at calls each with the moments at which the clock shows what wall shows in
// UTC: one as a rule, two where it is put back, and where it leaves the time
// out, the moment at which it is put forward.
func (c clock) at(wall time.Time, each func(time.Time)) {
	if len(c.offsets) == 1 {
		each(wall.Add(-c.offsets[0]))
		return
	}
	found := false
	for i, o := range c.offsets {
		at := wall.Add(-o)
		if offset(at.In(c.zone)) == o && !slices.Contains(c.offsets[:i], o) {
			found = true
			each(at)
		}
	}
	for _, s := range c.shifts {
		if !found && !wall.Before(s.at.UTC().Add(s.before)) && wall.Before(s.at.UTC().Add(s.after)) {
			each(s.at)
		}
	}
}
