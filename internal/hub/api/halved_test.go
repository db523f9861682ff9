package api

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestHalved: each is asked for until it is answered by itself or in a part, in
// order, and what is too much by itself is the error.
func TestHalved(t *testing.T) {
	tooBig := &gate.Error{Code: "github_unavailable", Err: errTooMuch}
	for most := 1; most <= 9; most++ {
		var got []int
		err := Halved([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}, func(part []int) error {
			if len(part) > most {
				return tooBig
			}
			got = append(got, part...)
			return nil
		})
		if err != nil || fmt.Sprint(got) != "[0 1 2 3 4 5 6 7 8]" {
			t.Errorf("at most %d: %v, %v", most, got, err)
		}
	}
	asked := 0
	if err := Halved(make([]int, 100), func([]int) error { asked++; return tooBig }); err != tooBig || asked > 8 {
		t.Errorf("%v after %d", err, asked)
	}
}
