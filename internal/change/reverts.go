package change

import (
	"slices"
	"strconv"
	"strings"
)

// Bounds of what is read and found.
const (
	maxRevertText    = 64 << 10 // bytes of one text: what GitHub takes as a body
	maxRevertCommits = 250
	maxReverts       = 50
	maxReference     = 300 // bytes of a name or an address
)

// Reverts lists the pull requests of the same repository that c says it takes
// back, by number, in order, each once; at most 50. It reads what GitHub's
// button and git write: "Reverts owner/name#12" in the body or in a commit's
// message, and `Revert "Title (#12)"` or `Revert "Merge pull request #12 from
// branch"` as the title or a message's first line. A commit that names only
// the SHA of what it takes back tells no number and is not found.
//
// All of it is text that anybody could write. It may make rules stricter and
// keep them from being relaxed; it proves nothing.
func Reverts(c *Change) []int {
	r := &reverts{repository: c.Repository, own: c.Number}
	r.title(c.Title)
	r.text(c.Body)
	for i := range c.Commits[:min(len(c.Commits), maxRevertCommits)] {
		first, _, _ := strings.Cut(c.Commits[i].Message, "\n")
		r.title(first)
		r.text(c.Commits[i].Message)
	}
	slices.Sort(r.found)
	return r.found
}

type reverts struct {
	repository string
	own        int
	found      []int
}

func (r *reverts) add(repository, number string) {
	n, err := strconv.Atoi(number)
	if err != nil || n <= 0 || n == r.own || len(r.found) >= maxReverts || slices.Contains(r.found, n) {
		return
	}
	if repository == "" || strings.EqualFold(repository, r.repository) {
		r.found = append(r.found, n)
	}
}

// title reads `Revert "Title (#12)" (#15)`: what stands after the last quote is
// the number of the revert itself.
func (r *reverts) title(s string) {
	s = strings.TrimSpace(s[:min(len(s), maxRevertText)])
	inner, ok := strings.CutPrefix(s, `Revert "`)
	if !ok {
		return
	}
	if end := strings.LastIndexByte(inner, '"'); end >= 0 {
		inner = inner[:end]
	}
	inner = strings.TrimRight(inner, `"`) // of a revert that was itself reverted
	if merged, ok := strings.CutPrefix(inner, "Merge pull request #"); ok {
		if number, rest := digits(merged); strings.HasPrefix(rest, " from ") {
			r.add("", number)
		}
	} else if open := strings.LastIndex(inner, "(#"); open >= 0 {
		if number, rest := digits(inner[open+len("(#"):]); rest == ")" {
			r.add("", number)
		}
	}
}

// text looks for the word "revert", in any of its forms, before a pull request
// or a list of them. It goes over the text once.
func (r *reverts) text(s string) {
	s = strings.ToLower(s[:min(len(s), maxRevertText)])
	for len(r.found) < maxReverts {
		at := strings.Index(s, "revert")
		if at < 0 {
			return
		}
		begins := at == 0 || !isWord(s[at-1])
		s = s[at+len("revert"):]
		if !begins {
			continue
		}
		rest, ok := skipWords(s)
		for ok {
			var repository, number string
			if repository, number, rest, ok = pullRef(rest); !ok {
				break
			}
			r.add(repository, number)
			s = rest
			rest, ok = skipAnd(rest)
		}
	}
}

// skipWords skips "s", "ed" or "ing" and what may stand before a number: "the",
// "PR", "pull request". ok is false where it is another word.
func skipWords(s string) (rest string, ok bool) {
	for _, ending := range []string{"s", "ed", "ing"} {
		if after, found := strings.CutPrefix(s, ending); found {
			s = after
			break
		}
	}
	s = strings.TrimPrefix(s, ":")
	if s, ok = skipSpace(s); !ok {
		return s, false
	}
	for _, word := range []string{"the", "pr", "pull", "request"} {
		if after, found := strings.CutPrefix(s, word); found {
			if after, spaced := skipSpace(after); spaced {
				s = after
			}
		}
	}
	return s, true
}

// skipAnd skips what stands between two of a list: ",", "and", ", and", "&".
func skipAnd(s string) (rest string, ok bool) {
	s, _ = skipSpace(s)
	for _, between := range []string{",", "and ", "&"} {
		if after, found := strings.CutPrefix(s, between); found {
			s, _ = skipSpace(after)
			ok = true
		}
	}
	return s, ok
}

// pullRef reads a pull request at the beginning of s: owner/name#12, #12, or
// its address. The repository is empty where it is not named.
func pullRef(s string) (repository, number, rest string, ok bool) {
	between := "#"
	for _, scheme := range []string{"https://", "http://"} {
		if after, found := strings.CutPrefix(s, scheme); found {
			host := strings.IndexByte(after[:min(len(after), maxReference)], '/')
			s, between = after[host+1:], "/pull/"
			break
		}
	}
	repository, _, ok = strings.Cut(s[:min(len(s), maxReference)], between)
	if !ok || repository != "" && !isRepository(repository) || repository == "" && between != "#" {
		return "", "", s, false
	}
	number, rest = digits(s[len(repository)+len(between):])
	ok = number != "" && (rest == "" || !isWord(rest[0]))
	return repository, number, rest, ok
}

func isRepository(s string) bool {
	owner, name, ok := strings.Cut(s, "/")
	other := func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) && r != '-' && r != '.' }
	return ok && owner != "" && name != "" && !strings.ContainsFunc(owner, other) && !strings.ContainsFunc(name, other)
}

// digits cuts a number of at most nine digits off the beginning of s.
func digits(s string) (number, rest string) {
	n := 0
	for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n], s[n:]
}

// skipSpace skips a few spaces and line ends, and says whether there were any.
func skipSpace(s string) (rest string, ok bool) {
	n := 0
	for n < len(s) && n < 8 && strings.IndexByte(" \t\r\n", s[n]) >= 0 {
		n++
	}
	return s[n:], n > 0
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
