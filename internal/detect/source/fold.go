package source

import "strings"

var signs = strings.NewReplacer("_", "", "-", "", "!", "", "?", "", ".", "", "$", "")

// Fold is a name as programs and settings of all languages write it: in small
// letters, without the signs between its words. A name longer than people write is
// none.
func Fold(name string) string {
	if len(name) > 80 {
		return ""
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			if name == "$" {
				return name
			}
			return strings.ToLower(signs.Replace(name))
		}
	}
	return name
}
