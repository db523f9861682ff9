package rulesfile

import (
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// window is a time in which nothing is deployed: from, and before until.
type window struct{ From, Until time.Time }

// maxJoined bounds how many windows that follow one upon another are told as
// one. What comes after them is told as the next.
const maxJoined = 100

// Location is the zone of a freeze. The parser takes none that is not known.
func (f *Freeze) Location() *time.Location {
	if f.Zone == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Windows are the window that is open at now, and the next one that opens
// before ahead, where there are such. Windows that touch are one.
func (f *Freeze) Windows(now, ahead time.Time) ([]window, error) {
	if f.Cron == "" {
		from, err := time.Parse(time.RFC3339, f.From)
		if err != nil {
			return nil, fmt.Errorf("its beginning %q is no time", words.Clip(f.From))
		}
		until, err := time.Parse(time.RFC3339, f.Until)
		if err != nil {
			return nil, fmt.Errorf("its end %q is no time", words.Clip(f.Until))
		}
		if !now.Before(until) || !from.Before(ahead) {
			return nil, nil
		}
		return []window{{from, until}}, nil
	}
	s, err := parseCron(f.Cron)
	if err != nil {
		return nil, err
	}
	lasts, err := time.ParseDuration(f.Lasts)
	if err != nil || lasts <= 0 {
		return nil, fmt.Errorf("how long it lasts, %q, is no duration", words.Clip(f.Lasts))
	}
	zone := f.Location()
	var out []window
	after := now
	if from, ok := s.last(now, now.Add(-lasts), zone); ok {
		w := s.join(from, lasts, ahead, zone)
		out, after = append(out, w), w.Until
	}
	if from, ok := s.next(after, ahead, zone); ok {
		out = append(out, s.join(from, lasts, ahead, zone))
	}
	return out, nil
}

// join is the window that begins at from, with those that begin before it ends.
func (s schedule) join(from time.Time, lasts time.Duration, ahead time.Time, zone *time.Location) window {
	w := window{from, from.Add(lasts)}
	for range maxJoined {
		if !w.Until.Before(ahead) {
			break
		}
		// The last one that begins within it carries it furthest.
		last, ok := s.last(w.Until, w.Until.Add(-lasts), zone)
		if !ok {
			break
		}
		end := last.Add(lasts)
		if !end.After(w.Until) {
			break
		}
		w.Until = end
	}
	return w
}

// FreezeAhead is how far ahead a freeze is told: a deployment is answered before.
const FreezeAhead = gate.HoldLimit + 48*time.Hour
