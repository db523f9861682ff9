package backup

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// unit is what matters of a timer of systemd.
type timerUnit struct {
	triggers []firing // when it is due
	starts   string   // the unit it starts; "" for the one of its own name
	enabled  bool     // whether something may start it with the machine
	install  int      // the line that says so
}

// timer compares a timer of systemd.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
func timer(f *change.File, r *detect.Report) {
	if !about(f.Path) && !speaks().MatchString(f.Before.Body) {
		return
	}
	was, is := readTimer(f.Before.Body), readTimer(f.After.Body)
	due := func(t timerUnit) bool {
		for _, one := range t.triggers {
			if one.runs != 0 {
				return true
			}
		}
		return false
	}
	switch {
	case due(was) && !due(is):
		o := detect.Observation{Kind: kindPaused, Removed: true, Line: was.triggers[0].line, Object: was.triggers[0].says,
			Detail: "the timer is never due"}
		if len(is.triggers) > 0 {
			o.Removed, o.Line, o.Object = false, is.triggers[0].line, is.triggers[0].says
		}
		r.Add(o)
	case was.enabled && !is.enabled:
		r.Add(detect.Observation{Kind: kindPaused, Removed: true, Line: was.install, Object: "[Install]", Detail: "nothing starts the timer"})
	case len(was.triggers) == 1 && len(is.triggers) == 1:
		compareRuns(r, was.triggers[0], is.triggers[0])
	}
	if was.starts != is.starts && is.starts != "" && !speaks().MatchString(is.starts) {
		r.Add(detect.Observation{Kind: kindOff, Line: 1, Object: is.starts, Detail: "the timer starts another unit"})
	}
}

func readTimer(body string) timerUnit {
	var t timerUnit
	section, n := "", 0
	for line := range strings.Lines(body) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.ToLower(line)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch {
		case section == "[install]" && (key == "wantedby" || key == "requiredby"):
			t.enabled, t.install = value != "", n
		case key == "unit":
			t.starts = value
		case key == "oncalendar" && value == "":
			t.triggers = nil // an empty value takes back all before it
		case key == "oncalendar":
			t.triggers = append(t.triggers, firing{value, n, calendar(value)})
		case strings.HasPrefix(key, "on") && strings.HasSuffix(key, "sec") && value != "":
			t.triggers = append(t.triggers, firing{value, n, -1})
		}
	}
	return t
}

// calendar is how often a year a calendar event of systemd is due: 0 for never
// and for a single day, -1 where it cannot be told.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html
func calendar(says string) float64 {
	says = strings.ToLower(says)
	if n, ok := named[says]; ok {
		return n
	}
	for word := range strings.FieldsSeq(says) {
		parts := strings.Split(word, "-")
		if strings.Contains(word, ":") || len(parts) < 2 || strings.ContainsAny(word, "~/") {
			continue
		}
		if len(parts) == 3 {
			if _, err := strconv.Atoi(parts[0]); err == nil {
				return 0 // one day of one year
			}
			parts = parts[1:]
		}
		month, errM := strconv.Atoi(parts[0])
		day, errD := strconv.Atoi(parts[1])
		switch {
		case errM == nil && errD == nil && (month < 1 || month > 12 || day > length(month)):
			return 0
		case errM == nil && errD == nil:
			return 1
		case errD == nil && day <= 31:
			return 12
		}
	}
	return -1
}
