package agentconfig

import (
	"slices"
	"strings"
)

// the words that turn a phrase round: "never ignore ...".
var negations = map[string]bool{
	"not": true, "never": true, "don't": true, "dont": true, "do-not": true, "avoid": true, "cannot": true, "can't": true,
	"won't": true, "shouldn't": true,
	"mustn't": true, "refuse": true, "forbidden": true, "prohibited": true, "prevent": true, "prevents": true, "no": true, "without": true,
	"instead": true, "rather": true, "nor": true, "neither": true, "disallow": true, "reject": true, "block": true,
	"stop": true, "blocks": true,
	"❌": true, "🚫": true, "⛔": true,
}

// the words of one who guards against something rather than asks for it.
var defences = map[string]bool{
	"flag": true, "detect": true, "detects": true, "detecting": true, "reject": true, "rejects": true, "warn": true,
	"prevent": true, "prevents": true,
	"preventing": true, "avoid": true, "mitigate": true, "against": true, "protect": true, "refuse": true, "block": true,
	"blocks": true, "vulnerable": true,
	"vulnerability": true, "vulnerabilities": true, "attacker": true, "attackers": true, "attack": true, "attacks": true,
	"threat": true, "threats": true,
}

var (
	// far are the negations that hold for all that a sentence lists behind them.
	far = set("not never don't dont do-not cannot can't mustn't shouldn't avoid forbidden prohibited refuse ❌ 🚫 ⛔")
	// contrasts end what a negation holds for.
	contrasts = set("but instead just simply then rather please so always must should before until unless | once")
	// hurries are the verbs of which the negation is no guard: "never hesitate to ...".
	hurries = set("ask wait hesitate stop fail forget worry bother prompt confirm pause warn tell inform mention notify refuse " +
		"shy delay miss neglect be afraid")
	linking = set("or nor and")
	// verdicts are what says behind a thing that it must not be.
	verdicts = set("forbidden prohibited banned disallowed off-limits verboten")
	allowed  = set("allowed permitted acceptable ok okay allow permit")
	demands  = set("require requires required need needs needing requiring")
	asks     = set("ask asks obtain confirm await")
	approval = set("approval approvals permission sign-off signoff consent confirmation authorization authorisation human person " +
		"maintainer maintainers user review reviewer owner owners")
	before = set("before first prior")
	// past are the verbs of one who tells what happened.
	past = set("ran executed issued typed invoked called accidentally mistakenly was were got had")
)

// turned reports whether what is said at i is warned of, forbidden, left to a
// person or told of the past, rather than asked for.
func turned(s []token, i int, soft bool) bool {
	if s[i].ruled || negated(s, i) || judgedBehind(s, i) || askedBefore(s, i) || isPast(s, i) || describes(s, i) {
		return true
	}
	for j := range s {
		if j < i && (s[j].text == "flag" || s[j].text == "detect" || s[j].text == "detects" || s[j].text == "reject") ||
			soft && defences[s[j].text] {
			return true
		}
	}
	if soft && len(s) > 0 {
		switch s[0].text {
		case "check", "look", "review", "audit", "scan", "test", "verify", "identify", "find", "watch":
			return true
		}
	}
	return false
}

const reach = 40 // words over which a negation is looked for

// negated reports whether a negation before i holds for it.
func negated(s []token, i int) bool {
	comma, link := false, false
	for j := i - 1; j >= 0 && j >= i-reach; j-- {
		word := s[j].text
		comma = comma || s[j].comma && !s[j+1].code // commands are listed without "or"
		link = link || linking[word]
		near := j >= i-3
		switch {
		case near && negations[word] || far[word]:
			if hurried(s, j, i) || comma && !near && conditional(s, j) {
				return false
			}
			return near || !comma || link || listed3(s, i)
		case contrasts[word]:
			return near && negations[word]
		}
	}
	return false
}

// conditional reports whether the negation at j stands in a clause of its own
// that says when: "if you cannot fix it, ...".
func conditional(s []token, j int) bool {
	for k := j - 1; k >= 0 && k >= j-12 && !s[k].comma; k-- {
		switch s[k].text {
		case "if", "when", "whenever", "because", "since", "while", "where":
			return true
		}
	}
	return false
}

// listed3 reports whether a list of three goes on behind i: "a, b or c".
func listed3(s []token, i int) bool {
	return slices.ContainsFunc(s[i:min(len(s), i+reach)], func(t token) bool { return linking[t.text] })
}

// hurried reports whether the negation at j is of a verb that holds back, so
// that what stands behind it is asked for all the same.
func hurried(s []token, j, i int) bool {
	for k := j + 1; k < i && k <= j+3; k++ {
		if hurries[s[k].text] {
			return true
		}
	}
	return false
}

// judgedBehind reports whether the sentence goes on to say that this must not
// be, or that a person decides it.
func judgedBehind(s []token, i int) bool {
	for j := i + 1; j < len(s) && j <= i+reach; j++ {
		word, last := s[j].text, s[j-1].text
		switch {
		case verdicts[word] && last != "not":
			return true
		case word == "only" && j+1 < len(s) && (last == "is" || last == "are" || last == "be"):
			return true // "is only run by the platform team"
		case allowed[word] && (last == "not" || last == "never" || last == "isn't" || last == "aren't"):
			return true
		case demands[word] && !within(s, max(0, j-4), 4, negations) && within(s, j+1, 5, approval):
			return true
		}
	}
	return false
}

// askedBefore reports whether the sentence has a person asked first.
func askedBefore(s []token, i int) bool {
	for j := max(0, i-12); j < len(s) && j < i+reach; j++ {
		if j != i && asks[s[j].text] && (within(s, j+1, 4, approval) || within(s, j+1, 1, before)) &&
			!within(s, max(0, j-3), min(3, j), negations) && (j > i || within(s, j+1, i-j-1, before)) {
			return true
		}
	}
	return false
}

// isPast reports whether what is said at i is told of the past.
func isPast(s []token, i int) bool {
	return slices.ContainsFunc(s[max(0, i-2):i], func(t token) bool { return past[t.text] }) || wasDone(s, i)
}

// wasDone reports whether what is said at i is how somebody did something already:
// "run the formatter if you committed with --no-verify".
func wasDone(s []token, i int) bool {
	j := i - 1
	for j > 0 && j >= i-3 && means[s[j].text] {
		j--
	}
	return j > 0 && j < i && len(s[j].text) > 4 && strings.HasSuffix(s[j].text, "ed") && somebody[s[j-1].text]
}

var (
	means    = set("with using by via through the a it")
	somebody = set("you they we it someone somebody anyone he she")
)

var (
	// others are those who may do something in a product, and modal is that they may.
	others = set("users user customers customer admins admin administrators they people clients visitors members owners tests " +
		"test reviewers maintainers who")
	modal = set("can may could might will would")
)

// describes reports whether a sentence tells what doing something is or what
// others do, rather than asking for it.
func describes(s []token, i int) bool {
	if i == 0 {
		return strings.HasSuffix(s[0].text, "ing")
	}
	for j := i - 1; j > 0 && j >= i-6; j-- { // "commands that can create or delete"
		if modal[s[j].text] && (relative[s[j-1].text] || others[s[j-1].text]) {
			return true
		}
	}
	return others[s[i-1].text] || checkedFirst(s, i)
}

var (
	relative = set("that which who")
	checks   = set("confirm ask verify check stop warn get require pause ensure double-check show list make tell")
)

// checkedFirst reports whether the sentence is of the form "before X, confirm Y".
func checkedFirst(s []token, i int) bool {
	if !within(s, 0, 3, before) || i < 1 {
		return false
	}
	for j := i; j+1 < len(s) && j < i+reach; j++ {
		if s[j].comma && within(s, j+1, 2, checks) {
			return true
		}
	}
	return false
}

// within reports whether one of the next n words from i is one of these.
func within(s []token, i, n int, words map[string]bool) bool {
	for j := i; j < len(s) && j < i+n; j++ {
		if words[s[j].text] {
			return true
		}
	}
	return false
}
