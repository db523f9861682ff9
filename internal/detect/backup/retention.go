package backup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// keep matches a setting of how long or how many copies are kept, with its
// value and unit.
var keep = pattern.Of(`(?i)((?:--)?[\w.-]*(?:retention|keep[_-]?(?:last|latest|hourly|daily|weekly|monthly|` +
	`yearly|annual|within|days?|count|full)|minimum[_-]redundancy|` +
	`min[_-]count|backup[_-]?(?:keep|retain|count|copies|ttl|days)[\w-]*|max[_-]?backups?|` +
	`snapshots?[_-](?:to[_-])?(?:keep|retain)\w*|retain[_-]?(?:days|count)?|recovery[_-]window[\w-]*|` +
	`expire[_-]?(?:days|after)|daystokeep|\bttl)[\w.-]*)["']?\]?\s*(?:[:=]|\s)\s*["']?(\d{1,6})\s*([a-z]{0,7})`)

// setting is one value of how much is kept.
type setting struct {
	key   string
	hours float64 // or a count, where no unit stands
	text  string
	line  int
}

// settings lists what a text says is kept, by key in order.
func settings(body, path string) map[string][]setting {
	out := map[string][]setting{}
	general := about(path)
	n := 0
	for line := range strings.Lines(body) {
		n++
		if len(line) > 2000 || !hasKeep(line) {
			continue
		}
		t := strings.TrimSpace(line)
		if strings.HasPrefix(t, "#") || strings.HasPrefix(t, "//") {
			continue
		}
		for _, m := range keep().FindAllStringSubmatch(line, 20) {
			key := strings.ToLower(m[1])
			if !general && !strings.Contains(key, "backup") && !strings.Contains(key, "snapshot") && !strings.Contains(key, "recovery") {
				continue
			}
			if hours, ok := age(m[2] + m[3]); ok && len(out) < 1000 {
				out[key] = append(out[key], setting{key, hours, m[2] + m[3], n})
			}
		}
	}
	return out
}

// age reads a number with its unit: hours, or a count where no unit stands.
func age(s string) (float64, bool) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	v, err := strconv.ParseFloat(digits, 64)
	return v * unit(strings.TrimSpace(s[len(digits):])), err == nil
}

// hasKeep is a cheap look before the expression.
func hasKeep(line string) bool {
	for i := 0; i+4 <= len(line); i++ {
		switch line[i] | 0x20 {
		case 'r', 'k', 'm', 't', 's', 'e', 'd', 'b':
			w := strings.ToLower(line[i : i+4])
			if w == "rete" || w == "keep" || w == "max_" || w == "max-" || strings.HasPrefix(w, "ttl") || w == "reta" ||
				w == "snap" || w == "reco" || w == "expi" || w == "days" || w == "back" || w == "mini" || w == "min_" {
				return true
			}
		}
	}
	return false
}

func unit(s string) float64 {
	switch strings.ToLower(s) {
	case "h", "hour", "hours":
		return 1
	case "d", "day", "days":
		return 24
	case "w", "week", "weeks":
		return 24 * 7
	case "month", "months", "mo":
		return 24 * 30
	case "y", "year", "years":
		return 24 * 365
	case "m", "min", "minutes":
		return 1.0 / 60
	case "s", "sec", "seconds":
		return 1.0 / 3600
	}
	return 1
}

// retention reports settings that keep less than before.
func retention(f *change.File, r *detect.Report) {
	if f.After.State != change.Loaded || f.Before.State != change.Loaded {
		return
	}
	before := settings(f.Before.Body, f.Path)
	if len(before) == 0 {
		return
	}
	after := settings(f.After.Body, f.Path)
	for _, key := range sortedKeys(before) {
		was, is := before[key], after[key]
		for i := range min(len(was), len(is)) {
			if is[i].hours < was[i].hours {
				kind := kindRetention
				if is[i].hours == 0 {
					kind = kindOff
				}
				r.Add(detect.Observation{Kind: kind, Line: is[i].line, Object: key,
					Detail: fmt.Sprintf("%s to %s", was[i].text, is[i].text)})
			}
		}
	}
}
