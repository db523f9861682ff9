// Package bound stops readers that a text was made to keep busy.
//
// A reader counts what it does beyond one pass, in bytes or tokens and never in
// time, so that the same text always comes to the same end. What passes its
// bound could not be read, which is a finding and never a pass.
package bound

import "fmt"

// Exceeded says which bound a text passed: the rest of "it could not be read:".
type Exceeded string

func (e Exceeded) Error() string { return string(e) }

// Error is the bound that a text passed, for readers that return it.
func Error(format string, args ...any) error { return Exceeded(fmt.Sprintf(format, args...)) }

// Stop ends the reading. Whoever runs a reader catches it.
func Stop(why string) { panic(Exceeded(why)) }

// Catch runs f and returns why it was stopped, nil where it came to its end.
// What else f panics with goes on.
func Catch(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case Exceeded:
			err = e
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// Waste counts the bytes that a reader looked at for nothing: an ending that is
// not there. The zero value is ready.
type Waste int

// perByte is how often each byte of a text may be looked at for nothing, and
// spare what short texts may cost beyond that.
const (
	perByte = 32
	spare   = 1 << 16
)

// Add counts n bytes and stops the reading of a text of size bytes that wastes
// too many.
func (w *Waste) Add(n, size int) {
	if *w += Waste(n); int(*w) > perByte*size+spare {
		Stop("too many quotes or comments begin in it that nothing ends")
	}
}
