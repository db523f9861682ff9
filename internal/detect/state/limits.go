package state

import (
	"path"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// limit reports a number that limits no more, and whether it is one.
func (c *comparison) limit(was, is *setting, detail string) bool {
	w, v := measured(is), words()
	from, to, ok := amounts(was, is)
	if !ok || c.program() && !v.grave.any(w) {
		return false
	}
	about := c.about(is)
	valued := about.identity || about.agents
	switch {
	case v.least.any(w) && !hasMax(w) && to < from && to*2 <= from:
		valued = valued || to == 0 || v.grave.any(w)
	case v.most.any(w) && to >= 10*from && from > 0 && !tokens(w):
	default:
		return false
	}
	switch {
	case valued && v.limited.any(w):
		c.add(kindLimit, is, detail)
	case about.identity && !c.where.declared:
		c.add(kindLooser, is, detail)
	}
	return true
}

// measured are the words of a number's key, and of what it stands in where that
// says no more than that it is one.
func measured(s *setting) []string {
	w := split(s.key())
	if len(w) == 1 && (w[0] == "count" || w[0] == "value" || w[0] == "minimum" || w[0] == "min" || w[0] == "number") {
		for i := len(s.keys) - 2; i >= 0 && i >= len(s.keys)-4; i-- {
			w = append(w, split(s.keys[i])...)
		}
	}
	if len(s.keys) > 1 {
		if above := split(s.keys[len(s.keys)-2]); spans.any(above) {
			w = append(w, above...)
		}
	}
	return w
}

// spans are tables of how long things live: ttl.access_token.
var spans = class{"ttl": true, "lifetime": true, "lifespan": true, "lifetimes": true, "expiry": true, "expiration": true}

// amounts are the numbers of a setting before and after, where both are some.
func amounts(was, is *setting) (from, to float64, ok bool) {
	from, ok = amount(was.value)
	to, also := amount(is.value)
	return from, to, ok && also && from != to
}

func hasMax(w []string) bool {
	for _, x := range w {
		if x == "max" || x == "maximum" {
			return true
		}
	}
	return false
}

// tokens of a model are no tokens that let in.
func tokens(w []string) bool {
	for _, x := range w {
		if x == "tokens" {
			return true
		}
	}
	return false
}

var quantity = pattern.Of(`^(?i)\s*P?T?(\d{1,15}(?:[_.]\d+)*)[\s.]*(ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|` +
	`months?|y|years?)?(?:0s|0m0s)?\s*$`)

// amount is a number, of seconds where it has a unit of time.
func amount(v string) (float64, bool) {
	m := quantity().FindStringSubmatch(v)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "_", ""), 64)
	if err != nil {
		return 0, false
	}
	unit := strings.ToLower(m[2])
	switch {
	case unit == "":
		return n, true
	case unit == "ms":
		return n / 1000, true
	case strings.HasPrefix(unit, "mo"):
		return n * 30 * 86400, true
	}
	by := map[byte]float64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400, 'y': 365 * 86400}
	return n * by[unit[0]], true
}

var repositoryAt = pattern.Of(`(?i)(?:github\.com[/:]|github:|gitlab\.com[/:]|codeberg\.org/)([\w.-]{1,60})/([\w.-]{1,100})`)

var described = pattern.Of(`(?i)homepage|repository|bugs|issues|badge|docs|author|changelog|sponsor|license|contact|"url"|sources?:|icon`)

// forks finds what was taken from one account and is taken, under the same name,
// from another.
func (c *comparison) forks(gone, come []change.Line) {
	if len(gone) > 2000 || len(come) > 2000 || c.format == frontText {
		return
	}
	owners := map[string]string{}
	for _, l := range gone {
		for _, m := range repositoryAt().FindAllStringSubmatch(l.Text, 20) {
			if !described().MatchString(l.Text) {
				owners[repositoryName(m[2])] = strings.ToLower(m[1])
			}
		}
	}
	if len(owners) == 0 {
		return
	}
	for _, l := range come {
		for _, m := range repositoryAt().FindAllStringSubmatch(l.Text, 20) {
			owner, old := strings.ToLower(m[1]), owners[repositoryName(m[2])]
			if old != "" && old != owner && !described().MatchString(l.Text) && !strings.Contains(strings.ToLower(c.file.Before.Body), owner+"/") {
				c.report.Add(detect.Observation{Kind: kindForked, Line: l.Number, Object: m[2], Detail: old + " to " + owner})
			}
		}
	}
}

func repositoryName(s string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimRight(s, ".")), ".git")
}

var address = pattern.Of(`^(?:https?|wss?)://([^/:\s]+)`)

// elsewhere says whether what an agent is served by, or code is taken from, is at
// another's now.
func (c *comparison) elsewhere(was, is *setting) bool {
	about := c.where
	from, to := address().FindStringSubmatch(was.value), address().FindStringSubmatch(is.value)
	if from == nil || to == nil || domain(from[1]) == domain(to[1]) {
		return false
	}
	w := split(is.key())
	return (about.agents || supplied(c.file.Path)) &&
		class{"url": true, "registry": true, "endpoint": true, "server": true, "uri": true, "serverurl": true, "httpurl": true,
			"repository": true, "index": true}.any(w)
}

// supplied says whether a file says where code that is run is taken from.
func supplied(p string) bool {
	switch strings.ToLower(path.Base(p)) {
	case "chart.yaml", ".npmrc", "pip.conf", "nuget.config", ".yarnrc.yml", ".condarc", "helmfile.yaml", "galaxy.yml":
		return true
	}
	return false
}

// domain is the part of a host's name that is bought.
func domain(host string) string {
	parts := strings.Split(strings.ToLower(host), ".")
	return strings.Join(parts[max(len(parts)-2, 0):], ".")
}
