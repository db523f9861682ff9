package state

// sense says whether a setting guards by being on (1), opens by it (-1), or
// neither, and whether what it guards is valued most.
func (c *comparison) sense(s *setting) (sense int, grave bool) {
	w, v, last := subject(s), words(), split(s.key())
	if v.thing.any(last) || c.program() && len(last) < 2 {
		return 0, false
	}
	about := c.about(s)
	if c.program() {
		about = context{}
	}
	grave = v.grave.any(w)
	sense = pointing(w)
	switch {
	case sense < 0:
		return sense, grave || about.agents || v.outright.any(w) || about.identity
	case sense == 0 || len(last) == 1 && (last[0] == "required" || last[0] == "validate") || v.against.any(w) && v.opener.any(w):
		return sense, grave // a field of a form, mostly
	}
	return sense, grave || about.agents || about.identity
}

// pointing is 1 for words of what guards by being on, -1 for what opens by it.
func pointing(w []string) int {
	v := words()
	negated := negates(w)
	switch {
	case v.against.any(w) && v.opener.any(w), negated && v.hazard.any(w), reads(w):
		return 1
	case negated && v.guard.any(w), !negated && v.opener.any(w), v.allowing.any(w) && v.hazard.any(w) && len(w) > 1:
		return -1
	case negated, !v.guard.any(w):
		return 0
	}
	return 1
}

// reads says of words that they let read and no more.
func reads(w []string) bool {
	return class{"read": true, "non": true}.any(w) && class{"only": true, "destructive": true}.any(w)
}

// negates says whether what is named is left out where it is on.
func negates(w []string) bool {
	return class{"skip": true, "skips": true, "bypass": true, "disable": true, "disabled": true, "disables": true, "ignore": true,
		"noverify": true, "no": true, "without": true}.any(w)
}

// rank is 2 for a value that protects, 0 for one that permits, 1 for one of
// which it is not known, -1 for none.
func rank(value string, sense int) int {
	v := plainly(value)
	on, off := isOn(v), isOff(v)
	strict, loose := words().strict[v], words().loose[v]
	switch {
	case v == "":
		return -1
	case sense < 0 && on, sense > 0 && off, sense > 0 && loose && !on, words().boundless[v]:
		return 0
	case sense < 0 && off, sense > 0 && on, sense > 0 && strict:
		return 2
	}
	return 1
}
