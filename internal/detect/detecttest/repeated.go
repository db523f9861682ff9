package detecttest

import (
	"strconv"
	"strings"
)

// Repeated is a text of at most size bytes made of one unit, in which § is a
// counter so that no two are the same. One unit stands there even if it is longer.
func Repeated(unit string, size int) string {
	if !strings.Contains(unit, "§") {
		return strings.Repeat(unit, max(1, size/max(1, len(unit))))
	}
	var b strings.Builder
	for i := 0; ; i++ {
		next := strings.ReplaceAll(unit, "§", strconv.Itoa(i))
		if i > 0 && b.Len()+len(next) > size {
			return b.String()
		}
		b.WriteString(next)
	}
}
