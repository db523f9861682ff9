// Package deed reads from names alone what is done to what: a verb beside an
// object, in the grammar that command lines, cmdlets and libraries share
// (databases delete, delete-database, Remove-ADUser, dropCollection). It is for
// those that no table knows.
//
// A verb counts where its object stands beside it. What a word is worth is data
// (words.go); what a deed comes to, with flags and places, is for who asks.
package deed

import (
	"slices"
	"strings"
	"unicode"
)

// Act is what a verb does.
type Act uint8

// The acts.
const (
	Destroys Act = iota + 1 // what it is done to is gone
	Stops                   // what it is done to works no longer
)

// Worth is what an object is worth to those who have it.
type Worth uint8

// The worths, from little to much.
const (
	Some  Worth = iota + 1 // it can be made again, with work
	Grave                  // nothing holds it but itself
	Way                    // it is the way back: copies, snapshots, logs of a store
	Guard                  // it watches or keeps out
)

// Deed is what a name says.
type Deed struct {
	Act    Act
	Worth  Worth
	Verb   string
	Object string
	At     int // index of the verb among the words
}

// near is how many words may stand between a verb and its object:
// "database instance delete".
const near = 1

// Of reads words as Split gives them: the first verb that has an object.
func Of(words []string) (Deed, bool) {
	for i, w := range words {
		act := verbs[w]
		if act == 0 {
			continue
		}
		for far := 1; far <= near+1; far++ {
			for _, k := range [...]int{i + far, i - far} {
				if k < 0 || k >= len(words) {
					continue
				}
				if worth := worthOf(act, words[k]); worth != 0 {
					return Deed{Act: act, Worth: worth, Verb: w, Object: words[k], At: i}, true
				}
			}
		}
	}
	return Deed{}, false
}

// Name reads the words of one name that begins with its verb, however far its object
// stands from it: DisableRecoveryBackupProtection.
func Name(words []string) (Deed, bool) {
	if len(words) == 0 || verbs[words[0]] == 0 {
		return Deed{}, false
	}
	for _, w := range words[1:] {
		if worth := worthOf(verbs[words[0]], w); worth != 0 {
			return Deed{Act: verbs[words[0]], Worth: worth, Verb: words[0], Object: w}, true
		}
	}
	return Deed{}, false
}

// Whole reads words for a verb that is of all there is, whatever it is done to:
// "wipe". It is less sure than Of.
func Whole(words []string) (Deed, bool) {
	for i, w := range words {
		if whole[w] {
			return Deed{Act: Destroys, Worth: Grave, Verb: w, Object: "all", At: i}, true
		}
	}
	return Deed{}, false
}

// worthOf is what an object is worth to who loses it that way.
func worthOf(act Act, word string) Worth {
	worth := objects[word]
	if act == Stops && worth != Way && worth != Guard {
		return 0
	}
	return worth
}

// Innocent says that a word is a verb of another sort: what stands behind it is
// what that is done to.
func Innocent(word string) bool { return innocent[word] }

// Split cuts a name into its words, in lower case and in the singular:
// "DeleteDBClusters" is delete, db, cluster.
func Split(name string) []string {
	var out []string
	if len(name) > 200 {
		name = name[:200]
	}
	runes := []rune(name)
	from := 0
	cut := func(to int) {
		if to > from {
			out = append(out, singular(strings.ToLower(string(runes[from:to]))))
		}
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			from = i + 1
		case unicode.IsUpper(r) && i > from && begins(runes, i):
			cut(i)
			from = i
		}
	}
	cut(len(runes))
	return out
}

// begins says that a capital begins a word: it follows a small letter, or is the
// last of several.
func begins(runes []rune, i int) bool {
	before := runes[i-1]
	return !unicode.IsUpper(before) || i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// singular takes the ending of a plural off where that gives a word that is known.
func singular(word string) string {
	if objects[word] != 0 || verbs[word] != 0 {
		return word
	}
	for _, end := range [...]struct{ of, to string }{{"ies", "y"}, {"es", ""}, {"s", ""}, {"ices", "ex"}} {
		if stem, ok := strings.CutSuffix(word, end.of); ok && objects[stem+end.to] != 0 {
			return stem + end.to
		}
	}
	return word
}

// Verb says that a word is one of the verbs that are looked for.
func Verb(word string) bool { return verbs[word] != 0 }

// Verbs are what a text must hold a part of to say a deed: the verbs that are long
// enough to say something by themselves.
func Verbs() []string {
	var out []string
	for v := range verbs {
		if len(v) > 3 {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}
